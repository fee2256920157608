"""The messages of the page, and what is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livecoach.phone.protocol import (
    LONGEST_TEXT,
    Clock,
    Hello,
    ProtocolError,
    RemoteAction,
    parse_frame,
    parse_text,
    stamped,
)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=8,
)
FIELDS = st.fixed_dictionaries(
    {"type": st.sampled_from(["hello", "clock", "action"]) | ANYTHING},
    optional={
        "role": st.sampled_from(["camera", "watch"]) | ANYTHING,
        "width": ANYTHING,
        "height": ANYTHING,
        "sent_ms": ANYTHING,
        "name": st.sampled_from(["quit", "load", "rpe", "note", "rest"]) | ANYTHING,
        "value": ANYTHING,
    },
)


def parse(**fields: object) -> object:
    return parse_text(json.dumps(fields))


def test_a_greeting() -> None:
    assert parse(type="hello", role="camera", width=640, height=480) == Hello("camera", 640, 480)


def test_a_question_for_the_time() -> None:
    assert parse(type="clock", sent_ms=12.5) == Clock(12.5)


@pytest.mark.parametrize("name", ["quit", "mute", "good", "bad", "no-rep", "undo", "start-set", "end-set", "choose-1"])
def test_a_press_of_the_remote(name: str) -> None:
    assert parse(type="action", name=name, value=None) == RemoteAction(name)  # type: ignore[arg-type]


@pytest.mark.parametrize(("value", "text"), [("102.5", "102.5"), (" 80 ", "80"), (80, "80"), (7.5, "7.5")])
def test_a_number_of_the_remote(value: object, text: str) -> None:
    assert parse(type="action", name="load", value=value) == RemoteAction("load", text)


@pytest.mark.parametrize("name", ["exercise", "profile"])
def test_a_choice_of_the_remote(name: str) -> None:
    assert parse(type="action", name=name, value="anna") == RemoteAction(name, "anna")  # type: ignore[arg-type]


def test_a_note_of_the_remote() -> None:
    assert parse(type="action", name="note", value="grip slipped") == RemoteAction("note", "grip slipped")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("load", ""),
        ("load", "1e9"),
        ("load", "1234567"),
        ("load", True),
        ("rpe", "eight"),
        ("rest", None),
        ("rest", float("nan")),
        ("note", "two\nlines"),
        ("exercise", None),
        ("profile", "x" * 200),
        ("note", "long" * 200),
        ("shutdown", ""),
        (["quit"], ""),
    ],
)
def test_what_is_no_action(name: object, value: object) -> None:
    with pytest.raises(ProtocolError):
        parse(type="action", name=name, value=value)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "[]", "null", "{", '{"type":"hello"}', "[" * 4000, "1" * 4000, 9 * LONGEST_TEXT * " "],
)
def test_what_is_no_message(text: str) -> None:
    with pytest.raises(ProtocolError):
        parse_text(text)


@given(st.text() | FIELDS.map(json.dumps))
def test_hostile_text_raises_nothing_else(text: str) -> None:
    try:
        parse_text(text)
    except ProtocolError:
        return


@given(st.binary(max_size=64))
def test_hostile_bytes_raise_nothing_else(data: bytes) -> None:
    try:
        parse_frame(data)
    except ProtocolError:
        return


def test_a_frame_has_the_time_of_its_capture() -> None:
    frame = parse_frame(stamped(1234.5, b"jpeg"))
    assert (frame.captured_ms, frame.jpeg) == (1234.5, b"jpeg")


@pytest.mark.parametrize("captured_ms", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_frame_of_no_possible_time_is_refused(captured_ms: float) -> None:
    with pytest.raises(ProtocolError):
        parse_frame(stamped(captured_ms, b"jpeg"))
