"""Opens pages in the browser, where there is a screen for one."""

import os
import sys
import webbrowser
from pathlib import Path

from livecoach.cli.output import echo


def has_screen() -> bool:
    """Return whether a browser would have a screen to open on. Elsewhere than on Linux there always is one."""
    if not sys.platform.startswith("linux"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def open_page(path: Path) -> None:
    """Open a page in the browser, and print its path; where there is no browser, say so."""
    echo(path)
    # Without a screen, `webbrowser` would start a browser for text in this terminal.
    if not has_screen() or not webbrowser.open(path.resolve().as_uri()):
        echo("livecoach: no browser here; open this file in one", err=True)
