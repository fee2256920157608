"""What the scripts of this folder have in common."""

import argparse
import sys
from collections.abc import Callable

from livecoach.errors import LivecoachError


def parser(about: str) -> argparse.ArgumentParser:
    """A command line that shows the module's docstring as it stands."""
    return argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)


def run(main: Callable[[], None]) -> None:
    """Run a script: what the user can do something about is told in one line."""
    try:
        main()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        sys.exit(err.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
