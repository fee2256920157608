"""Shows the end screen: the result of a run in the window, until a key or a click; a key opens the report.

The end screen comes when the session is complete on the disk, so nothing is lost if the process ends meanwhile. If the
process hangs, for instance because of the disk, the end screen comes without waiting longer.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from livecoach.feedback.window import Window
from livecoach.run.process import say

if TYPE_CHECKING:
    from livecoach.feedback.summary_panel import SummaryRow

LOOK_S = 0.1  # Interval at which to check whether the lifter has left on the phone
DEAF_S = 0.5  # Time for which keys are ignored after the page has appeared: they were meant for the run. Our choice
UNATTENDED_S, ELSEWHERE_S = 600.0, 60.0
"""Longest times that the end screen stays: after an end that nobody at the window asked for, such as the end of a film
in a script; and while the lifter reads the report on the phone, or if the process hangs. Our choice."""
OPENING = "the report opens"


class HomeProcess:
    """A process of `livecoach home`, which makes pages without slowing down a run.

    The process continues after this process while a page is open in the browser.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None

    def open(self, page: str = "") -> None:
        """Open the page of the home server with the path `page` in the browser; by default the home page.

        The process is started if it is not running. If the process is just ending, no page opens.
        """
        if self._child is None or self._child.poll() is not None:
            from livecoach.core.own_process import NEW_GROUP  # takes long, and few runs need it

            # Standard output may hold events.
            self._child = subprocess.Popen(
                [sys.executable, "-m", "livecoach", "home", "--asked-by-stdin"],
                stdin=subprocess.PIPE,
                bufsize=0,  # A page that the process no longer reads must not be written again at `close`
                start_new_session=True,  # Ctrl-C ends only the run
                creationflags=NEW_GROUP,
                stdout=sys.stderr,
                stderr=sys.stderr,
            )
        assert self._child.stdin is not None
        with suppress(OSError):  # It has just ended
            self._child.stdin.write(f"{page}\n".encode())

    def close(self) -> None:
        """Let the process end as soon as no page is open."""
        if self._child is not None and self._child.stdin is not None:
            self._child.stdin.close()


class EndScreen:
    """The screen with the result of a run. The run sets the content, and the command then shows the screen."""

    def __init__(self, window: Window, clock: Callable[[], float] = time.monotonic) -> None:
        self._window, self._clock = window, clock
        self.clear()

    def clear(self) -> None:
        """Clear the content of the end screen, so that the next run can set other content."""
        self.title = self.error = ""  # Outcome of the session, and the error that ended the run; empty for none
        self.rows: Sequence[SummaryRow] = ()
        self.report: str | None = None  # Page of the session's report; None if no session was kept

    @property
    def is_window_shown(self) -> bool:
        """Whether the window has shown a canvas since the window was opened or last hidden."""
        return self._window.is_shown

    @property
    def can_be_shown(self) -> bool:
        """Whether the window can show the end screen: it has a display, which answers, and has not been closed."""
        return self._window.failure_reason() is None and not self._window.closed and not self._window.lost

    def show(
        self,
        open_page: Callable[[str], object],
        *,
        start_screen_follows: bool = False,
        poll_ended: Callable[[], bool] | None = None,
        most_s: float = UNATTENDED_S,
    ) -> bool:
        """Show the end screen until a key or a click, clear its content, and return whether livecoach ends.

        The end screen also ends, and livecoach with it, if the lifter closes the window or leaves on the phone, or
        after `most_s`. If the window's display is lost, but the start screen is to follow, livecoach goes on. The key R
        opens the report, if there is a report, and the end screen stays. If livecoach ends, the window is hidden.

        Args:
            open_page: Opens a page of the home server in the browser.
            start_screen_follows: Whether the start screen follows, unless the lifter leaves.
            poll_ended: Returns whether the lifter has ended the session on the phone; None without a phone.
        """
        labels, leave = ({}, "Any key: end") if self.report is None else ({"report": "R: report"}, "Any other key: end")
        labels |= {"on": "Enter: start screen", "leave": "Q: end"} if start_screen_follows else {"leave": leave}
        self._draw(labels)
        since_s, press = self._clock(), None
        while press in (None, "report"):
            if press == "report":
                open_page(str(self.report))
                self._draw({**labels, "report": OPENING})
            press = self._pressed(labels, awake=self._clock() - since_s > DEAF_S)
            if not self.can_be_shown or (poll_ended is not None and poll_ended()) or self._clock() - since_s > most_s:
                # The start screen reports a lost window.
                press = "on" if start_screen_follows and self._window.lost else "leave"
        if press == "leave":
            self._window.hide()
        self.clear()
        return press == "leave"

    def report_error(self, line: str) -> None:
        """Print the error that ends the run, and show the error on the end screen."""
        say(line)
        self.error = line

    def leave(self, status: int) -> None:
        """Show the end screen for at most ELSEWHERE_S, then end the process with an exit status, without cleaning up.

        Call this if a thread of the process hangs. The call does not return.
        """
        try:
            self.show(HomeProcess().open, most_s=ELSEWHERE_S)
        finally:
            os._exit(status)

    def _draw(self, labels: Mapping[str, str]) -> None:
        from livecoach.feedback import end_page

        portrait = self._window.is_portrait
        self._window.show(end_page.draw_end_page(self.title, self.rows, labels, self.error, portrait=portrait))

    def _pressed(self, labels: Mapping[str, str], *, awake: bool) -> str | None:
        """Return the button of the first key or click since the last call; None without a press, or if not awake."""
        from livecoach.feedback import end_page

        places = end_page.button_boxes(labels, portrait=self._window.is_portrait)
        other = "on" if "on" in labels else "leave"
        of_key = {"r": "report" if "report" in labels else other, "q": "leave", "escape": "leave"}
        pressed = [of_key.get(key.lower(), other) for key in self._window.take_keys(LOOK_S)]
        for x, y in self._window.take_clicks():
            at = (name for name, box in places.items() if box.x <= x < box.right and box.y <= y < box.bottom)
            pressed.append(next(at, other))
        return pressed[0] if pressed and awake else None
