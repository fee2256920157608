"""Shared parts of the command lines of the scripts in this folder."""

import argparse
import sys
from collections.abc import Callable

from livecoach.core.errors import LivecoachError


def parser(about: str) -> argparse.ArgumentParser:
    """Return the parser of a command line, with a help that shows the module's docstring unchanged."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def positive(text: str) -> int:
    """Parse the value of an option, a whole number of 1 or more."""
    return _at_least(text, 1)


def not_negative(text: str) -> int:
    """Parse the value of an option, a whole number of 0 or more."""
    return _at_least(text, 0)


def _at_least(text: str, least: int) -> int:
    if not text.isdecimal() or int(text) < least:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of {least} or more")
    return int(text)


def run(main: Callable[[], None]) -> None:
    """Run a script, and report a user's error in one line."""
    try:
        main()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        sys.exit(err.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
