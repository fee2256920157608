"""What a stored session may teach: whole reps that were judged, of the wanted lifter and exercise."""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from builders.depth import a_depth
from builders.kept_reps import STIFF, a_kept_rep
from builders.observations import a_squat
from builders.recognition import likely, sure_of
from builders.references import another
from builders.reports import of_set, opened, squatted
from builders.sessions import a_session
from builders.systems import not_on_windows

from livecoach.core.documents import AUTO, CorrectionEvent, Event, ExerciseEvent, LoweredEvent, UsedSettings
from livecoach.core.types import Correction
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, choose_reference_reps
from livecoach.records.knowledge import load_default_scorer
from livecoach.records.session import layout, teaching
from livecoach.records.session.teaching import read_past_session

SEEN = a_squat(reps=4)
REPS = tuple(replace(squatted(number), set=1, number=number) for number in (1, 2, 3))


def taught(sessions: Path, *events: Event, reps: Sequence = REPS, **about: object) -> Sequence[PastRep]:
    told = [*events, *(of_set(rep, set_name="1") for rep in reps)]
    folder = a_session(sessions, reps=0, observations=SEEN, events=told, **about)
    return read_past_session(opened(folder), "anna", "squat").reps


def test_a_rep_reaches_from_a_second_before_it_to_a_second_after_it(sessions):
    """The margin that measures of the floor need."""
    second = taught(sessions)[1].read()
    assert second.observations[0].t_s == pytest.approx(second.start_s - 1, abs=0.04)
    assert second.observations[-1].t_s == pytest.approx(second.end_s + 1, abs=0.04)


def test_of_a_rep_that_counted_at_its_turn_the_whole_teaches_once_the_bar_was_put_down(sessions):
    """One that was held until the end teaches nothing."""
    held, lowered = (replace(rep, end_s=rep.turn_s) for rep in REPS[:2])
    whole = REPS[2]
    down = LoweredEvent(t_s=6.4, start_s=lowered.start_s, end_s=6.4)
    reps = taught(sessions, down, reps=(held, lowered, whole))
    assert [(rep.start_s, rep.read().end_s) for rep in reps] == [(lowered.start_s, 6.4), (whole.start_s, whole.end_s)]


@not_on_windows("no named pipes")
def test_a_pipe_in_the_place_of_the_observations_does_not_hold_up_the_next_verdict(sessions):
    (rep, *_) = taught(sessions)
    (path,) = sessions.rglob(layout.OBSERVATIONS)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(pytest.fail.Exception, match="it is a pipe or a device, not a file"):
        rep.read()


def test_a_rep_that_is_too_long_for_a_file_teaches_nothing(sessions, monkeypatch):
    """A film in slow motion may show a very slow rep in more frames than are read again."""
    monkeypatch.setattr(teaching, "MOST_OBSERVATIONS", 50)
    with pytest.raises(pytest.fail.Exception, match="64 frames of a rep, more than 50; rep 1/1 teaches nothing"):
        taught(sessions)[0].read()


def test_a_session_that_is_not_to_be_learned_from_teaches_nothing(sessions):
    """As `--no-learn` has it, whatever was confirmed in it."""
    good = CorrectionEvent(t_s=9.0, rep=1, start_s=REPS[0].start_s, label="good", frame=270)
    settings = UsedSettings(false_alarms=0.02, learn=False, height_cm=None)
    assert taught(sessions, good, settings=settings) == []


def test_a_rep_that_was_not_judged_teaches_nothing(sessions):
    unsure = replace(REPS[1], verdict="unsure", score=None, unsure="legs hidden")
    assert [rep.start_s for rep in taught(sessions, reps=(REPS[0], unsure))] == [REPS[0].start_s]


@pytest.mark.parametrize(
    ("names", "certain"),
    [((likely("squat"),), [False, False]), ((likely("squat"), sure_of("squat")), [True, True])],
    ids=["never known", "known in the end"],
)
def test_a_rep_is_certain_if_its_exercise_was_recognised_for_sure(sessions, names, certain):
    told = [
        ExerciseEvent(t_s=1.0 + 6.0 * n, exercise="squat", recognised=name, open=not name.sure, frame=30 + 180 * n)
        for n, name in enumerate(names)
    ]
    assert [rep.is_certain for rep in taught(sessions, *told, reps=REPS[:2], exercise=AUTO)] == certain


def test_a_correction_makes_its_whole_set_certain(sessions):
    told = ExerciseEvent(t_s=1.0, exercise="squat", recognised=likely("squat"), open=True, frame=30)
    bad = CorrectionEvent(t_s=9.0, rep=1, start_s=REPS[0].start_s, label="bad", frame=270)
    assert [rep.is_certain for rep in taught(sessions, told, bad, exercise=AUTO)] == [True] * 3


@pytest.mark.parametrize(("called_good", "missed"), [(False, [True, True, False]), (True, [False, False, False])])
def test_a_rep_that_missed_depth_is_known_as_such_unless_it_is_called_good(sessions, called_good, missed):
    high = [replace(rep, standards=(a_depth(11.0, "missed"),)) for rep in REPS[:2]]
    reps = taught(sessions, reps=(*high, REPS[2]))
    if called_good:
        reps = [replace(rep, correction=Correction(label="good")) for rep in reps]
    known = choose_reference_reps([PastSession(reps=reps, is_kept=True)], load_default_scorer("squat"))
    assert [rep.window.misses_standard for rep in known] == missed


@pytest.mark.parametrize("deep_first", [False, True])
def test_too_shallow_reps_are_a_first_reference_only_without_others(sessions, deep_first):
    """Whatever the order of the films."""
    high = [replace(rep, standards=(a_depth(11.0, "missed"),)) for rep in REPS]
    deep, shallow = (
        PastSession(reps=taught(sessions, reps=reps, name=f"2026-03-01_18-30-00-squat{end}"))
        for reps, end in ((REPS, ""), (high, ".2"))
    )
    scorer = load_default_scorer("squat")
    known = choose_reference_reps([deep, shallow] if deep_first else [shallow, deep], scorer)
    assert [item.rep for item in known if item.evidence == "first"] == [*deep.reps]
    assert [item.rep for item in choose_reference_reps([shallow], scorer)] == [*shallow.reps]


@pytest.mark.parametrize(("window", "counts"), [(another(9), True), (a_kept_rep(deepest_deg=STIFF), False)])
def test_a_single_confirmed_rep_counts_if_it_is_like_the_others_of_its_view(sessions, window, counts):
    rep = taught(sessions)[0]
    kept = PastSession(reps=[replace(rep, read=partial(another, number)) for number in range(4)], is_kept=True)
    called_good = PastSession(reps=[replace(rep, correction=Correction(label="good"), read=lambda: window)])
    known = choose_reference_reps([kept, called_good], load_default_scorer("deadlift"))
    assert [item.evidence for item in known] == ["kept"] * 4 + ["confirmed"] * counts


def test_a_later_session_adds_its_last_reps_until_the_view_has_enough(sessions, monkeypatch):
    monkeypatch.setattr("livecoach.decisions.judging.reference_reps.MOST_OF_A_VIEW", 4)
    names = (f"2026-03-01_18-30-00-squat{end}" for end in ("", ".2"))
    first, later = (PastSession(reps=taught(sessions, name=name)) for name in names)
    known = choose_reference_reps([first, later], load_default_scorer("squat"))
    assert [item.rep for item in known] == [*first.reps, later.reps[-1]]
