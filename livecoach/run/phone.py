"""Serves a phone for `livecoach live --phone`, shows its QR code, and connects it to the runs."""

import io
from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import click
import numpy as np
import segno

from livecoach.capture.timeline import LiveTimeline
from livecoach.core.config import Settings
from livecoach.core.errors import CameraError, NoPicture
from livecoach.core.language import translate
from livecoach.core.loads import format_typed_load
from livecoach.core.types.bounds import UNNAMED, check_new_profile_name
from livecoach.core.types.message import Message
from livecoach.decisions.assembly import CoachingModels
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.screen import Action, Screen
from livecoach.feedback.voice import Voice
from livecoach.pages.offered import depth_choices, exercise_choices, has_depth, last_time_of, profile_choices
from livecoach.phone.access import load_identity, make_tls_context, parse_phone_address
from livecoach.phone.link import PhoneLink, PhoneSource, adapt_to_phone
from livecoach.phone.server import PhoneServer
from livecoach.phone.sink import PhoneScreen, PhoneSound, RemoteChoices, idle_fields
from livecoach.run.feed import FrameFeed, newest_feed
from livecoach.run.parts import Lifter
from livecoach.run.process import say

WAIT_S = 0.1  # Longest wait for the phone before the window's keys are checked again
QR_PX = 560  # Largest side of the QR code in the window
SCAN = "scan the QR code with the phone. Its browser warns, because this computer made the certificate itself."
STARTING, CHOOSE_THERE = "starting", "choose on the computer's screen"
QUIET_MODULES = 4  # Width of a QR code's light border, in modules (ISO/IEC 18004)


class PhoneConnection:
    """The connection to a phone during all runs of a command."""

    def __init__(self, server: PhoneServer, link: PhoneLink) -> None:
        self._server, self._link = server, link
        self._window: Screen | None = None
        self._screen: PhoneScreen | None = None  # Screen of the current run
        self._names: set[str] = set()  # Profiles of earlier lifters; a new profile has no folder yet
        self._offered: tuple[str, ...] = ()  # Profiles on the remote
        self._left = False
        self._last: tuple[Path, Sequence[str | None]] | None = None  # Folder and lifters of the newest session

    @property
    def url(self) -> str:
        """Secret address of the page with which a phone becomes the camera and the remote of the runs."""
        return self._server.access.url

    @property
    def qr_code(self) -> np.ndarray:
        """Picture of the QR code of the page's address, (height, width, 3) uint8 BGR."""
        dark = np.array([list(row) for row in segno.make(self.url, micro=False, error="l").matrix], np.uint8)
        grey = np.pad(255 * (1 - dark), QUIET_MODULES, constant_values=255)
        return np.repeat(np.kron(grey, np.ones(2 * (QR_PX // len(grey),), np.uint8))[:, :, None], 3, axis=2)

    def make_sound(self, voice: Voice, *, muted: bool) -> PhoneSound:
        return PhoneSound(self._link, voice, muted=muted)

    def make_screen(
        self, window: Screen | None, coach: CoachingModels, settings: Settings, lifter: Lifter
    ) -> PhoneScreen:
        """Make the phone's screen for a run, show on the phone that the run starts, and offer choices.

        Args:
            window: Window that shows the QR code while the run waits for the phone; None without a window.
        """
        self._window = window
        self.show_line(Message("{text}: starting", text=coach.title) if coach.title else STARTING)
        standing = DisplayState(coach.title or "", coach.titles, learns=settings.learn)
        self._screen = PhoneScreen(self._link, standing)
        self.offer(settings, lifter)
        return self._screen

    def offer(self, settings: Settings, lifter: Lifter, lifted: Sequence[str] = ()) -> None:
        """Offer choices on the phone, with load and rest of the lifter's plan or, without a plan, of the last session.

        The unnamed lifter is offered only as the current lifter, or as a lifter of the session.

        Args:
            settings: Settings with the current exercise and profile.
            lifted: Profiles of the session's lifters, which come first.
        """
        self._names.add(settings.profile)
        names = dict.fromkeys((*lifted, *sorted({*self._names, *profile_choices(settings)})))
        if settings.profile != UNNAMED and UNNAMED not in lifted:
            names.pop(UNNAMED, None)
        self._offered = (*names,)
        planned = lifter.plans.get(settings.exercise)
        known = planned[0] if planned else last_time_of(lifter.last_times, settings.exercise)
        load_kg = None if known is None else known.load_kg
        offer = RemoteChoices(
            exercise=settings.exercise,
            exercises=exercise_choices(),
            profile=settings.profile,
            profiles=self._offered,
            depths=depth_choices(settings) if has_depth(settings.exercise) else {},
            load="" if load_kg is None else format_typed_load(load_kg, settings.units),
            rest_s=None if known is None else known.rest_s,
        )
        self._link.send_offer(offer.fields())
        if self._screen is not None:
            self._screen.offer = offer

    def parse_new_profile(self, text: str) -> str:
        """Return the name of a new profile in a typed text.

        Raises ValueError if the name is invalid, or equals an offered name apart from case and spaces.
        """
        return check_new_profile_name(text, self._offered)

    def open_feed(self, stack: ExitStack, settings: Settings) -> FrameFeed:
        """Wait for the phone and its first picture, and return the feed.

        Raises:
            NoPicture: The phone is connected, but sends no picture.
            click.exceptions.Exit: The lifter leaves, in the window or on the phone, before the phone sends pictures.
        """
        timeline = LiveTimeline()
        while True:
            self._wait()
            try:
                return newest_feed(stack, adapt_to_phone(settings.capture), partial(self._source, timeline), timeline)
            except NoPicture:
                raise
            except CameraError:
                continue  # The phone left before its first picture

    def _wait(self) -> None:
        """Wait for the phone, while the window shows the QR code. Ctrl-C, Q and the remote end the command."""
        shown = False
        while True:
            if self.poll_ended():
                raise click.exceptions.Exit(0)
            if self._link.wait_for_camera(WAIT_S):
                return
            if self._window is None:
                continue
            if not shown:
                shown = True
                self._window.show_texts(
                    "Scan this with the phone.", *connection_instructions(self.url), picture=self.qr_code
                )
            if Action.QUIT in self._window.take_requests():
                raise click.exceptions.Exit(0)

    def poll_ended(self) -> bool:
        """Take the remote's requests, drop all but the end of the session, and return whether the session was ended."""
        self._left |= Action.END_SESSION in self._link.take_requests()
        return self._left

    def open_preview(self, _: str) -> PhoneSource:
        """Open the phone's camera as a source, whatever name is passed; raise CameraError if no picture comes."""
        return self._source(LiveTimeline())

    def show_line(self, text: str = CHOOSE_THERE) -> None:
        """Show a line on a phone that shows no run. The default says that choices are made on the computer."""
        self._link.send_state(idle_fields(text))

    def _source(self, timeline: LiveTimeline) -> PhoneSource:
        return PhoneSource(self._link, timeline, self._server.refusals.add)

    def set_reported_session(self, session: Path, profiles: Sequence[str | None]) -> None:
        """Set the session whose reports, a report for each profile, the phone shows when `close` is called."""
        self._last = session, profiles

    def close(self) -> None:
        """Tell the phone that the session is over, let it show the reports, and stop the server."""
        self._server.close(self._last)


def open_phone(address: str, *, to_stderr: bool) -> PhoneConnection:
    """Serve the page for a phone, and print the QR code of its address. `serve_phone` explains arguments and errors."""
    host, port = parse_phone_address(address)
    link = PhoneLink()
    known_by = load_identity(host)
    server = PhoneServer(host, port, make_tls_context(known_by.certificate), known_by.secret, link)
    connection = PhoneConnection(server, link)
    click.echo(_qr_text(connection.url), err=to_stderr)
    click.echo(connection.url, err=to_stderr)
    say(translate(SCAN))
    if known_by.is_renewed:
        say(
            "the certificate's authority and the address are new: scan the code again, and install authority.pem again."
        )
    say(Message("to watch on another device: {name}", name=server.access.watch_url))
    return connection


def connection_instructions(url: str) -> tuple[str, ...]:
    """Return instructions for connecting a phone to this computer, in paragraphs. `url` is the page's address."""
    return (
        "The phone must be in the same Wi-Fi as this computer. You can also type the address there:",
        url,
        "Its browser warns, because this computer made the certificate itself. Android: tap Advanced, then Proceed. "
        "iPhone: tap Show Details, then visit this website.",
        "Then tap Start camera.",
    )


def _qr_text(url: str) -> str:
    text = io.StringIO()
    segno.make(url, micro=False, error="l").terminal(out=text, compact=True)
    return text.getvalue()
