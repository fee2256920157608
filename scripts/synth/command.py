"""What the scripts of this folder have in common."""

import argparse
import sys
from collections.abc import Callable

from livecoach.errors import LivecoachError


def parser(about: str) -> argparse.ArgumentParser:
    """A command line that shows the module's docstring as it stands."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def positive(text: str) -> int:
    """An option's value: 1 or more."""
    return _at_least(text, 1)


def not_negative(text: str) -> int:
    """An option's value: 0 or more."""
    return _at_least(text, 0)


def _at_least(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of {least} or more")
    return int(text)


def run(main: Callable[[], None]) -> None:
    """Run a script: what the user can do something about is told in one line."""
    try:
        main()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        sys.exit(err.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
