"""What comes from the network: messages, pictures, their rate and their clock."""

import json

import cv2
import numpy as np
import pytest
from builders.phone_connection import stamped
from builders.sources import FakeClock

from livecoach.capture.timeline import LiveTimeline
from livecoach.core.config import load_settings
from livecoach.core.errors import CameraError, SourceLost
from livecoach.core.types import Correction, Frame
from livecoach.feedback.screen import (
    Action,
    ChosenSetting,
    ChosenStandard,
    EnteredText,
    ReassignedSet,
    RepCorrection,
    SetCorrection,
)
from livecoach.phone import link
from livecoach.phone.connections import PhoneClock
from livecoach.phone.link import LATE_S, ArrivedJpeg, PhoneLink, PhoneSource
from livecoach.phone.protocol import LONGEST_TEXT, LONGEST_VALUES, ProtocolError, RateLimit, parse_frame, parse_text


def parse(**fields: object) -> object:
    return parse_text(json.dumps(fields))


PRESSES = ("end-session", "mute", "good", "bad", "no-rep", "undo", "start-set", "end-set", "choose-1", "choose-2")
VALUES = (("102.5", "102.5"), (" 80 ", "80"), ("220 lb", "220 lb"), (80, "80"), (7.5, "7.5"))


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"type": "hello", "role": "camera", "width": 640, "height": 480}, "camera"),
        ({"type": "clock", "sent_ms": 12.5}, 12.5),
        *(({"type": "action", "name": name, "value": None}, Action(name)) for name in PRESSES),
        *(({"type": "action", "name": "load", "value": value}, EnteredText("load", text)) for value, text in VALUES),
        ({"type": "action", "name": "profile", "value": "anna"}, ChosenSetting("profile", "anna")),
        ({"type": "action", "name": "undo", "value": 7.25}, RepCorrection(None, 7.25)),
        ({"type": "action", "name": "bad", "value": 7.25}, RepCorrection(Correction(label="bad"), 7.25)),
        ({"type": "action", "name": "good", "set": 3}, SetCorrection(Correction(label="good"), 3)),
        ({"type": "action", "name": "undo", "set": 3}, SetCorrection(None, 3)),
        ({"type": "action", "name": "mute", "set": 3}, Action.MUTE),
        ({"type": "action", "name": "new-profile", "value": "Bo"}, EnteredText("profile", "Bo")),
        ({"type": "action", "name": "depth", "value": "below"}, ChosenStandard(depth="below")),
        ({"type": "action", "name": "depth", "value": "35"}, ChosenStandard(depth=35.0)),
        ({"type": "action", "name": "count", "value": "standard"}, ChosenStandard(count="standard")),
        ({"type": "action", "name": "rpe", "value": "8,5"}, EnteredText("rpe", "8,5")),
        ({"type": "action", "name": "note", "value": "slow", "set": 3}, EnteredText("note", "slow", 3)),
        ({"type": "action", "name": "whose", "value": "Bo", "set": 3}, ReassignedSet("Bo", 3)),
        ({"type": "action", "name": "load", "value": "60", "set": 3}, EnteredText("load", "60")),
        *(
            (
                {"type": "action", "name": name, "value": LONGEST_VALUES[name] * "1"},
                EnteredText(name, LONGEST_VALUES[name] * "1"),
            )
            for name in ("load", "set-load", "rest", "rpe", "note")
        ),
    ],
)
def test_each_message_of_the_page_is_read_as_its_action(fields: dict[str, object], message: object) -> None:
    assert parse(**fields) == message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("load", ""),
        ("load", "1" * 21),
        ("rest", "2\nmin"),
        ("rpe", "1e9"),
        ("bad", "../x"),
        ("bad", -1.0),
        ("load", True),
        ("rpe", "eight"),
        ("rest", None),
        ("rpe", float("nan")),
        ("load", 10**400),
        ("note", "two\nlines"),
        ("exercise", None),
        ("profile", "x" * 200),
        ("note", "long" * 200),
        ("shutdown", ""),
        (["end-session"], ""),
    ],
)
def test_an_invalid_action_is_refused(name: object, value: object) -> None:
    with pytest.raises(ProtocolError):
        parse(type="action", name=name, value=value)


@pytest.mark.parametrize("of_set", [0, -1, 1.5, True, "1", 10**12, [1]])
def test_an_invalid_number_of_a_set_is_refused(of_set: object) -> None:
    for action in ({"name": "rpe", "value": "8"}, {"name": "good"}):
        with pytest.raises(ProtocolError):
            parse(type="action", set=of_set, **action)


@pytest.mark.parametrize(
    "text", ["", "hello", "[]", "null", "{", '{"type":"hello"}', "[" * 4000, "1" * 4000, 9 * LONGEST_TEXT * " "]
)
def test_a_text_that_is_no_message_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_text(text)


def test_a_message_is_read_up_to_its_longest() -> None:
    message = '{"type":"clock","sent_ms":0}'
    assert parse_text(message.ljust(LONGEST_TEXT)) == 0.0
    with pytest.raises(ProtocolError, match="too long"):
        parse_text(message.ljust(LONGEST_TEXT + 1))


def test_a_frame_has_the_time_of_its_capture() -> None:
    assert parse_frame(stamped(1234.5, b"jpeg")) == (1234.5, b"jpeg")


@pytest.mark.parametrize("captured_ms", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_frame_of_no_possible_time_is_refused(captured_ms: float) -> None:
    with pytest.raises(ProtocolError):
        parse_frame(stamped(captured_ms, b"jpeg"))


def a_jpeg(width: int = 64, height: int = 48, *options: int) -> bytes:
    return cv2.imencode(".jpg", np.full((height, width, 3), 90, np.uint8), list(options))[1].tobytes()


def test_the_rate_is_limited_after_a_burst() -> None:
    limit = RateLimit(most_hz=10, burst=3)
    assert [limit.admit(0.0) for _ in range(4)] == [True, True, True, False]
    assert limit.admit(0.1)
    assert not limit.admit(0.1)


def test_a_capture_time_is_mapped_to_our_clock_and_never_later_than_its_arrival() -> None:
    """The phone's clock is 100 s behind; the network takes 20 ms each way, and once 200 ms."""
    clock = PhoneClock()
    for sent_s, way_s in ((1.0, 0.2), (3.0, 0.02), (5.0, 0.1)):
        clock.add_reading(sent_s * 1000, 100 + sent_s + way_s)
        clock.add_round_trip(way_s + 0.02)
    assert clock.to_local_s(6_000, arrived_s=106.3) == pytest.approx(106.0)
    assert clock.to_local_s(50_000, arrived_s=107) == 107
    assert PhoneClock().to_local_s(50_000, arrived_s=101) == 101


def test_a_clock_that_stood_still_is_learned_anew() -> None:
    """A phone that slept for a minute delivers no frames that look a minute old."""
    clock = PhoneClock()
    clock.add_reading(1_000, 101)
    clock.add_reading(2_000, 162)
    assert clock.to_local_s(2_100, arrived_s=162.12) == pytest.approx(162.1)


class Phone:
    """A phone that is connected, whose first picture was read, and what happened to its pictures."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.link = PhoneLink(self.clock)
        self.link.set_connected(True)
        self.answered = 0
        self.refused: list[str] = []
        self.timeline = LiveTimeline()
        self.first = self.read_from_the_start()

    def send(self, age_s: float = 0.0, jpeg: bytes | None = None) -> None:
        self.link.put_picture(ArrivedJpeg(a_jpeg() if jpeg is None else jpeg, self.clock.now_s - age_s, self.answer))

    def answer(self) -> None:
        self.answered += 1

    def read_from_the_start(self) -> Frame:
        self.send()
        self.source = PhoneSource(self.link, self.timeline, self.refused.append)
        return self.source.read()


@pytest.fixture
def phone() -> Phone:
    return Phone()


def test_a_frame_has_its_capture_time(phone: Phone) -> None:
    info = phone.source.info
    assert (info.width_px, info.height_px, info.live) == (64, 48, True)
    phone.clock.now_s += 0.5
    phone.send(age_s=0.1)
    second = phone.source.read()
    assert (phone.first.index, phone.first.t_s, second.index) == (0, 0.0, 1)
    assert second.t_s == pytest.approx(0.4)


def test_only_the_newest_frame_is_given_and_each_frame_is_answered(phone: Phone) -> None:
    for width in (32, 40, 48):
        phone.send(jpeg=a_jpeg(width))
    newest = phone.source.read()
    assert newest.picture.shape[1] == 48
    assert phone.answered == 4
    assert (newest.index, newest.skipped) == (3, 2), "those that it replaced are told as left out"


def test_a_picture_that_nobody_looks_at_is_not_decoded(phone: Phone) -> None:
    """At rest few are looked at. The phone is answered and the picture numbered all the same."""
    phone.timeline.skip_until_s = 0.2

    def send_the_next() -> None:
        phone.clock.now_s += 0.5
        phone.send()

    phone.link.put_picture(ArrivedJpeg(b"no JPEG", phone.clock.now_s, send_the_next))
    frame = phone.source.read()
    assert (frame.index, phone.answered, phone.refused) == (2, 2, [])


def test_the_times_of_frames_never_fall(phone: Phone) -> None:
    phone.clock.now_s += 0.5
    phone.send()
    phone.clock.now_s += 0.1
    before = phone.source.read()
    phone.send(age_s=0.4)
    assert phone.source.read().t_s == before.t_s


def test_a_phone_that_leaves_is_lost_and_comes_back(phone: Phone) -> None:
    phone.link.set_connected(False)
    assert phone.link.camera_state == "lost"
    with pytest.raises(SourceLost):
        phone.source.read()
    phone.clock.now_s += 10
    phone.link.set_connected(True)
    back = phone.read_from_the_start()
    assert (back.index, back.t_s, back.skipped) == (1, 10.0, 0)


def test_a_phone_that_is_connected_and_silent_is_lost(phone: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that sleeps keeps its connection. The capture gives up a read later than the source does."""
    assert link.SILENT_S < link.adapt_to_phone(load_settings({}).capture).stall_s <= 3.0
    monkeypatch.setattr(link, "SILENT_S", 0.01)
    with pytest.raises(SourceLost):
        phone.source.read()
    assert phone.link.camera_state == "connected"


def test_without_a_phone_no_camera_opens() -> None:
    with pytest.raises(CameraError, match="no phone"):
        PhoneSource(PhoneLink(), LiveTimeline(), print, wait_s=0.001)


def test_late_and_broken_pictures_are_left_out(phone: Phone) -> None:
    """They are answered, so that the phone sends the next one."""
    phone.send(age_s=2 * LATE_S)
    large, small = a_jpeg(4000, 4000), a_jpeg()
    of_many_scans = small[:-2] + 100 * b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x00" + b"\xff\xd9"
    newest, following = (
        phone.link.take_newest_picture,
        [small[:40] + b"?" * 40, b"\xff\xd8", large, of_many_scans, a_jpeg(40, 40)],
    )

    def taken(timeout_s: float) -> ArrivedJpeg | None:
        """After the picture that waits come broken ones, two that are too much work, and a good one."""
        arrived = newest(timeout_s)
        if following:
            phone.send(jpeg=following.pop(0))
        return arrived

    phone.link.take_newest_picture = taken  # type: ignore[method-assign]
    seen = phone.source.read()
    assert seen.picture.shape == (40, 40, 3)
    assert (seen.index, seen.skipped) == (6, 5), "they count as left out"
    assert phone.refused == ["a picture that can't be decoded"] * 4
    assert phone.answered == 7
