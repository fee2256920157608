"""The phone's parts of a measured run, as `livecoach live --phone` has them."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from livecoach.errors import CameraError
from livecoach.feedback.announce import SoundStyle
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import SoundSink
from livecoach.feedback.voice import Voice
from livecoach.phone.certificates import authority, server_context
from livecoach.phone.link import PhoneLink
from livecoach.phone.server import PhoneServer
from livecoach.phone.sink import PhoneScreen, PhoneSound
from livecoach.phone.source import POLICY, PhoneSource, PhoneTimeline
from livecoach.phone.state import StateBuilder
from livecoach.source.capture import Capture

LOOPBACK = "127.0.0.1"
WAIT_S = 60.0
"""Longest wait for the phone."""


class BenchPhone:
    """A served page, and what belongs to it."""

    def __init__(self, server: PhoneServer, link: PhoneLink) -> None:
        self._server, self._link = server, link
        self._timeline = PhoneTimeline()

    def sound(self, device: SoundSink, voice: Voice, style: SoundStyle) -> PhoneSound:
        """Return what plays cues on a device and on the phone."""
        return PhoneSound(device, self._link, voice, style)

    def screen(self, window: Screen, title: str) -> PhoneScreen:
        """Return what shows steps in a window and on the phone."""
        return PhoneScreen(window, self._link, StateBuilder(title=title, synthetic=True))

    def capture(self, depth: int) -> Capture:
        """Wait for the phone, and read its camera. Raises CameraError where it does not come."""
        if not self._link.wait_for_camera(WAIT_S):
            raise CameraError("the browser did not connect.")
        return Capture(
            lambda: PhoneSource(self._link, self._timeline, self._server.refusals.add), depth=depth, policy=POLICY
        )


@contextmanager
def served_phone(address_file: Path) -> Iterator[BenchPhone]:
    """Serve the page on loopback, and write its address into a file."""
    link = PhoneLink()
    server = PhoneServer(LOOPBACK, 0, server_context(authority(), LOOPBACK), link)
    with closing(server):
        address_file.write_text(server.access.url, encoding="ascii")
        yield BenchPhone(server, link)
