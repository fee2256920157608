"""A live run whose question after the first set is answered by a raised hand, and the replay of its session."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from builders.command import SQUAT_OBSERVATIONS, run, write_settings
from builders.observations import a_header
from builders.raised_hands import DOWN, RIGHT_UP, Hands, hands_over_time
from builders.simulated_live import Lifted, lifted, observations

from livecoach.core.documents import codec
from livecoach.core.types import Observation

SQUATS = observations(SQUAT_OBSERVATIONS, times=3)[::2]
REST_S = 22.0
"""After which a set is over without a rep."""


def _with_rest(*hands: tuple[Hands, float]) -> Iterator[Observation]:
    yield from SQUATS
    last = SQUATS[-1]
    for one in hands_over_time((DOWN, REST_S), *hands, (DOWN, 2.0), fps=10.0):
        size = {"width_px": last.width_px, "height_px": last.height_px}
        yield replace(one, t_s=last.t_s + 0.1 + one.t_s, index=last.index + 1 + round(10 * one.t_s), **size)


def answered(home: Path, *hands: tuple[Hands, float], settings: str = "") -> Lifted:
    if settings:
        write_settings(home, settings)
    done = lifted(home, _with_rest(*hands), "--exercise", "squat", "--profile", "anna")
    assert done.status == 0, done.said
    return done


def labels(done: Lifted) -> Sequence[str]:
    return [event["label"] for event in done.of("correction")]


def test_a_raised_hand_says_what_the_key_says_and_a_replay_does_the_same(tmp_path):
    """Once for each rep that is asked for, however long the hand stays up. The answer is an event of the session, which
    a replay takes again without looking at the hand."""
    done = answered(tmp_path, (RIGHT_UP, 4.0))
    assert len(labels(done)) >= 3
    assert set(labels(done)) == {"good"}
    assert len({event["rep"] for event in done.of("correction")}) == len(labels(done))
    outcome = run("replay", "last", "--compare", home=tmp_path)
    assert re.search(r"identical to the live session, byte for byte: \d+ reps, \d+ cues", outcome.stdout)


def test_a_setting_leaves_the_answer_to_the_keys(tmp_path):
    assert labels(answered(tmp_path, (RIGHT_UP, 3.0), settings="answer_by_hand: false\n")) == []


def test_a_hand_in_a_recording_that_is_run_fast_answers_nothing(tmp_path):
    recording = tmp_path / "rest.obs"
    with codec.ObservationWriter(recording, a_header(width_px=480, height_px=360)) as writer:
        for one in _with_rest((RIGHT_UP, 4.0)):
            writer.write(one)
    outcome = run("replay", recording, "--exercise", "squat", "--fast", "--events", "-", home=tmp_path)
    events = [json.loads(line) for line in outcome.stdout.splitlines() if line.startswith("{")]
    assert sum(event["event"] == "rep" for event in events) >= 3
    assert not any(event["event"] == "correction" for event in events)
