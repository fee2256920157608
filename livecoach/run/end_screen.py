"""The end screen: what became of a run, in the window until a key or a click, with its report one key away.

It begins when the session is complete on the disk, so whatever ends the process meanwhile loses nothing.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from livecoach.feedback.window import Window

if TYPE_CHECKING:
    from livecoach.feedback.summary_panel import SummaryRow

LOOK_S = 0.1  # between two looks at whether the lifter has left elsewhere
DEAF_S = 0.5  # keys so soon after the page has appeared were meant for the run. Our choice.
UNATTENDED_S, ELSEWHERE_S = 600.0, 60.0
"""How long the page stays at most after an end that nobody at the window asked for, such as that of a film in a script;
and where the lifter reads the report on the phone, or where no signal can end the process. Our choice."""
OPENING = "the report opens"


class HomeProcess:
    """`livecoach home` in a process of its own, so that making a page takes nothing from a run.

    It goes on after us while a page is open in the browser.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def open(self, page: str = "") -> None:
        """Open a page; by default the home page."""
        if self._child is None or self._child.poll() is not None:
            # Standard output may hold events.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "livecoach", "home", "--asked-by-stdin"],
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C ends the run
                stdout=sys.stderr,
                stderr=sys.stderr,
            )
        assert self._child.stdin is not None
        with suppress(OSError):  # it has just ended
            self._child.stdin.write(f"{page}\n".encode())
            self._child.stdin.flush()

    def close(self) -> None:
        """Let the server end when no page is open any more."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


class EndScreen:
    """The end screen of one command. Each run fills it in, and whoever comes after the run shows it."""

    def __init__(self, window: Window, clock: Callable[[], float] = time.monotonic) -> None:
        self._window, self._clock = window, clock
        self.begin()

    def begin(self) -> None:
        """Forget the run before."""
        self.title = self.error = ""  # what became of the session, and what ended the run; empty without either
        self.rows: Sequence[SummaryRow] = ()
        self.report: str | None = None  # page of the session's report; None without a kept session

    @property
    def is_shown(self) -> bool:
        """Whether the window has shown anything that is still there."""
        return self._window.is_shown

    @property
    def is_open(self) -> bool:
        """Whether the window can show the page: it has a screen, and the lifter has not closed it."""
        return self._window.why_not() is None and not self._window.closed and not self._window.lost

    def show(
        self,
        open_page: Callable[[str], object],
        *,
        goes_on: bool = False,
        is_left: Callable[[], bool] | None = None,
        most_s: float = UNATTENDED_S,
    ) -> bool:
        """Show the page until a key or a click; return whether the lifter leaves livecoach, as by closing the window.

        Args:
            open_page: opens a page of the home server in the browser.
            goes_on: whether the start screen follows, unless the lifter leaves.
            is_left: returns whether the lifter has left elsewhere; None without such a place.
            most_s: longest time that the page stays.
        """
        labels = {"on": "Enter: start screen", "leave": "Q: end"} if goes_on else {"leave": "Any key: end"}
        if self.report is not None:
            labels = {"report": "R: report", **labels, "leave": "Q: end" if goes_on else "Any other key: end"}
        self._draw(labels)
        since_s, press = self._clock(), None
        while press in (None, "report"):
            if press == "report":
                open_page(str(self.report))
                self._draw({**labels, "report": OPENING})
            press = self._pressed(labels, awake=self._clock() - since_s > DEAF_S)
            if not self.is_open or (is_left is not None and is_left()) or self._clock() - since_s > most_s:
                press = "on" if goes_on and self._window.lost else "leave"  # the start screen says that it is lost
        if press == "leave":
            self._window.hide()
        self.begin()
        return press == "leave"

    def leave(self, status: int) -> None:
        """Show the page for ELSEWHERE_S at most, and end the process at once: a part of it hangs."""
        try:
            self.show(HomeProcess().open, most_s=ELSEWHERE_S)
        finally:
            os._exit(status)

    def _draw(self, labels: Mapping[str, str]) -> None:
        from livecoach.feedback import end_page

        portrait = self._window.is_portrait
        self._window.show(end_page.draw(self.title, self.rows, labels, self.error, portrait=portrait))

    def _pressed(self, labels: Mapping[str, str], *, awake: bool) -> str | None:
        """Return the button of the first key or click since the last call, if any. awake: whether they count."""
        from livecoach.feedback import end_page

        places = end_page.buttons(labels, portrait=self._window.is_portrait)
        other = "on" if "on" in labels else "leave"
        of_key = {"r": "report" if "report" in labels else other, "q": "leave", "escape": "leave"}
        pressed = [of_key.get(key.lower(), other) for key in self._window.keys(LOOK_S)]
        for x, y in self._window.clicks():
            at = (name for name, box in places.items() if box.x <= x < box.right and box.y <= y < box.bottom)
            pressed.append(next(at, other))
        return pressed[0] if pressed and awake else None
