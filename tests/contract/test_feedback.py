"""What every sound sink keeps to. A new one is found by listing, and fails here until it has a builder."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import get_args

import numpy as np
import pytest

import livecoach.feedback
import livecoach.phone
from livecoach.core.types import Cue, CueKind
from livecoach.feedback.sound import NoSoundDeviceError, Sound, SoundDevice, SoundSink
from livecoach.feedback.voice import load_voice
from livecoach.phone.link import PhoneLink
from livecoach.phone.sink import PhoneSound

CUES = [
    Cue(kind="good_rep", text="1", rep=1, say="1"),
    Cue(kind="counted_rep", text="2", rep=2, say="2"),
    Cue(kind="anomalous_rep", text="check that one", rep=2, say="check that one"),
    Cue(kind="unjudged_rep", text="not judged", rep=3, say="3"),
    Cue(kind="fixed", text="fixed", rep=4, say="good"),
    Cue(kind="ready", text="ready", rep=None, say="ready"),
    Cue(kind="recognised", text="Squat", rep=None, say="squat"),
    Cue(kind="learned", text="reference ready", rep=None, say=None),
    Cue(kind="set_over", text="8 reps, 7 good", rep=None, say="8 reps, 7 good"),
    Cue(kind="warning", text="too dark: add light", rep=None, say=None),
    Cue(kind="stop", text="8", rep=8, say="8, stop"),
    Cue(kind="rested", text="rest over", rep=None, say=None),
]


def kinds_of_sinks() -> list[str]:
    names = set()
    for room in (livecoach.feedback, livecoach.phone):
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            for name, found in inspect.getmembers(importlib.import_module(module.name), inspect.isclass):
                if issubclass(found, SoundSink) and not name.startswith("_"):
                    names.add(name)
    return sorted(names)


class NoDevice(SoundDevice):
    """A machine without a sound device."""

    def open(self, _: Callable[[int], np.ndarray]) -> None:
        raise NoSoundDeviceError("there is none")

    def is_active(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing is open."""


SINKS: dict[str, Callable[[], SoundSink]] = {
    "SoundSink": SoundSink,
    "Sound": lambda: Sound(load_voice(), device=NoDevice()),
    "PhoneSound": lambda: PhoneSound(PhoneLink(), load_voice(), muted=False),
}


@pytest.fixture(params=kinds_of_sinks())
def sink(request) -> Iterator[SoundSink]:
    assert request.param in SINKS, f"give {request.param} a builder in {__file__}"
    made = SINKS[request.param]()
    yield made
    made.close()


@pytest.mark.parametrize("cue", CUES, ids=lambda cue: cue.kind)
def test_a_sink_takes_every_cue(sink: SoundSink, cue: Cue) -> None:
    """Without a device too, and before it has begun: cues are for now or never, never an error."""
    assert {one.kind for one in CUES} == set(get_args(CueKind))
    sink.play(cue)
    sink.start()
    sink.play(cue)


def test_a_change_of_a_sinks_status_is_told_once(sink: SoundSink) -> None:
    sink.start()
    sink.close()
    assert all(line and "\n" not in line for line in sink.take_status_changes())
    assert sink.take_status_changes() == []


def test_a_sink_may_be_closed_twice(sink: SoundSink) -> None:
    sink.close()
    sink.close()
