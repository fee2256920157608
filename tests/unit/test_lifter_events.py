"""What the lifter said of a session: kept beside the verdicts, repeated by a replay, safe from damage elsewhere."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from builders.observations import an_observation
from builders.sessions import a_session, contents, some_reps
from builders.steps import a_rep
from builders.systems import mode_of
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from livecoach.core import documents
from livecoach.core.documents import CorrectionEvent, ExerciseEvent, RepEvent, SetLogEvent, to_json
from livecoach.core.errors import OutputError
from livecoach.core.types import Correction, Recognition, SetLog
from livecoach.records.session import layout
from livecoach.records.session.amending import correct_reps, select_reps_to_correct
from livecoach.records.session.lifter_events import LifterEvents, append_events, current_logs
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

EVENT = TypeAdapter(SetLogEvent)


def an_event(of_set: int = 1, frame: int | None = None, **what: object) -> SetLogEvent:
    return SetLogEvent(t_s=2.0, set=of_set, frame=frame, **what)  # type: ignore[arg-type]


def test_the_last_log_event_of_a_set_counts_as_a_whole():
    """What it leaves out is not known; a set of which everything was taken back is as one never logged."""
    events = [an_event(1, load_kg=100.0, rpe=8.0), an_event(2, load_kg=60.0), an_event(1, load_kg=102.5), an_event(2)]
    assert current_logs(events) == {1: SetLog(load_kg=102.5)}


@pytest.mark.parametrize(
    "changes",
    [
        *({"load_kg": load_kg} for load_kg in (-1, 0, 1e9)),
        *({"rpe": rpe} for rpe in (0, 11)),
        *({"note": note} for note in ("two\nlines", "\x1b[2J", "x" * 201, " ")),
        {"set": 0},
    ],
)
def test_damaged_log_is_refused(changes):
    with pytest.raises(ValidationError):
        EVENT.validate_python({**json.loads(to_json(an_event(load_kg=100.0))), **changes})


def a_choice(frame: int, name: str = "squat", *, chosen: bool = True) -> ExerciseEvent:
    recognised = Recognition(name=name, probability=0.5, alternatives=())
    return ExerciseEvent(t_s=frame / 30, exercise=name, recognised=recognised, chosen=chosen, frame=frame)


def test_a_live_input_is_due_once_after_its_frame_or_the_next_existing_frame():
    """What was recognised is no choice; what was said after the session is never due."""
    first, second, third = a_choice(5), event(frame=5), event(3.0, frame=9)
    said = LifterEvents([first, a_choice(3, chosen=False), second, third, event(6.0)])
    frames = [an_observation(index=frame, t_s=frame / 30) for frame in (4, 7, 8, 9, 20)]
    assert [said.pop_due_events(frame) for frame in frames] == [[], [first, second], [], [third], []]


GOOD, BAD, NONE = Correction(label="good"), Correction(label="bad"), Correction(label="no-rep")
KNEES = Correction(label="bad", fault="knee_cave")
LABELS = st.sampled_from(["good", "bad", "no-rep", None])


def event(start_s: float = 0.0, label: str | None = "good", **changes: object) -> CorrectionEvent:
    return CorrectionEvent(t_s=start_s + 2, rep=1, start_s=start_s, label=label, **changes)  # type: ignore[arg-type]


def opened(folder: Path) -> tuple[Session, list[str]]:
    said: list[str] = []
    return open_session(folder, said.append), said


def rep_of(folder: Path, number: int = 1) -> RepEvent:
    return opened(folder)[0].corrected_reps[number - 1]


@pytest.fixture
def folder(tmp_path) -> Path:
    """A session of three good reps."""
    return a_session(tmp_path, reps=some_reps(3), profile=None)


# What counts


def test_only_a_bad_rep_has_a_fault():
    with pytest.raises(ValueError, match="only a bad rep"):
        event(label="good", fault="knee_cave")


# The file


@given(
    said=st.lists(
        st.tuples(st.floats(0, 1e4), LABELS, st.none() | st.integers(0, 10**6), st.sampled_from([None, "entered"])),
        max_size=20,
    ),
    torn=st.binary(max_size=40).filter(lambda some: b"\n" not in some),
)
@example(said=[(0.0, "good", None, None)], torn=b" ")
@settings(max_examples=40)
def test_appended_events_are_read_again_whatever_stood_at_the_end_of_the_file(tmp_path_factory, said, torn):
    """A line that was cut off before costs itself, be it a space alone. Each event is on the disk at once."""
    folder = a_session(tmp_path_factory.mktemp("sessions"))
    (folder / layout.CORRECTIONS).write_bytes(torn)
    events = [event(start_s, label, frame=frame, reference=ref) for start_s, label, frame, ref in said]
    flushed = list[int]()
    with pytest.MonkeyPatch.context() as disk:
        disk.setattr("os.fsync", flushed.append)
        for one in events:
            append_events(folder / layout.CORRECTIONS, one)
    assert len(flushed) == len(events)
    session, told = opened(folder)
    assert [documents.to_json(one) for one in session.corrections] == [documents.to_json(one) for one in events]
    assert len(told) == bool(torn and events)


# Correcting a session that is over


def test_the_verdict_stays_and_the_correction_lies_beside_it(folder):
    before = contents(folder)
    done = correct_reps(opened(folder)[0], [rep_of(folder, 2)], KNEES)[0]
    after = contents(folder)
    (line,) = after.pop(layout.CORRECTIONS).splitlines()
    assert after == before
    told = json.loads(line)
    assert (told["rep"], told["label"], told["fault"], told["frame"]) == (2, "bad", "knee_cave", None)
    assert (done.rep.set_and_number, done.before, done.rep.correction) == ((1, 2), None, KNEES)
    assert mode_of(folder / layout.CORRECTIONS) == 0o600
    there = contents(folder)
    assert not correct_reps(opened(folder)[0], [rep_of(folder, 2)], KNEES)[0].has_changed
    assert contents(folder) == there


def test_a_later_correction_counts_and_tells_what_it_replaces(folder):
    session = opened(folder)[0]
    correct_reps(session, [rep_of(folder)], BAD)
    done = [correct_reps(session, [rep_of(folder)], said)[0] for said in (NONE, None, None, None)]
    assert [one.before for one in done] == [BAD, NONE, BAD, None]
    assert [one.rep.correction for one in done] == [NONE, BAD, None, None]
    assert [one.has_changed for one in done] == [True, True, True, False]


def test_a_correction_that_cannot_be_written_is_reported(folder):
    session = opened(folder)[0]
    of = rep_of(folder)
    (folder / layout.CORRECTIONS).mkdir()
    with pytest.raises(OutputError, match=r"corrections\.jsonl: can't be written"):
        correct_reps(session, [of], BAD)


# Correcting several reps

CORRECTIONS = st.sampled_from([GOOD, BAD, NONE, KNEES])
CHOICE = st.sets(st.integers(1, 4), min_size=1).map(sorted)
EARLIER = st.lists(st.tuples(st.integers(1, 4), CORRECTIONS | st.none()), max_size=8)


@pytest.fixture(scope="module")
def four(tmp_path_factory) -> Path:
    """A session of four reps."""
    return a_session(tmp_path_factory.mktemp("sessions"), reps=some_reps(4), profile=None)


def after(folder: Path, earlier: list[tuple[int, Correction | None]]) -> list[Correction | None]:
    """Leave only these earlier corrections in a session, and return what stands."""
    (folder / layout.CORRECTIONS).unlink(missing_ok=True)
    for number, said in earlier:
        correct_reps(opened(folder)[0], [rep_of(folder, number)], said)
    return standing(folder)


def standing(folder: Path) -> list[Correction | None]:
    return [event.rep.correction for event in opened(folder)[0].corrected_reps]


def correct_range(folder: Path, numbers: list[int], said: Correction | None) -> list[bool]:
    """Correct reps together, and return whether each has changed."""
    done = correct_reps(opened(folder)[0], [rep_of(folder, number) for number in numbers], said)
    assert [one.rep.number for one in done] == numbers
    return [one.has_changed for one in done]


@given(earlier=EARLIER, numbers=CHOICE, said=CORRECTIONS)
def test_reps_corrected_together_stand_as_if_each_was_corrected_alone(four, earlier, numbers, said):
    before = after(four, earlier)
    for number in numbers:
        correct_reps(opened(four)[0], [rep_of(four, number)], said)
    alone = standing(four)
    after(four, earlier)
    changed = correct_range(four, numbers, said)
    assert standing(four) == alone
    assert changed == [before[number - 1] != said for number in numbers]


@given(earlier=EARLIER, numbers=CHOICE, said=CORRECTIONS)
def test_undoing_a_correction_of_several_reps_gives_what_was_before(four, earlier, numbers, said):
    """Also of those that were so already. A correction that changes none of them stores nothing."""
    before, there = after(four, earlier), contents(four)
    if any(correct_range(four, numbers, said)):
        correct_range(four, numbers, None)
        assert standing(four) == before
    else:
        assert contents(four) == there


def test_undo_undoes_only_the_last_correction(four):
    """An earlier correction of another kind stays, also where the whole set is named."""
    after(four, [(1, NONE), (2, BAD)])
    for correction in (GOOD, None):
        session = opened(four)[0]
        reps, *_ = select_reps_to_correct(session, session.corrected_reps, correction)
        correct_reps(session, reps, correction)
        if correction is GOOD:
            assert standing(four) == [NONE, BAD, GOOD, GOOD]
    assert standing(four) == [NONE, BAD, None, None]
    correct_range(four, [1, 2, 3, 4], None)
    assert standing(four) == [NONE, None, None, None]


@pytest.mark.parametrize(
    ("own", "of_set", "after_all"), [(GOOD, BAD, [BAD, GOOD, BAD, BAD]), (BAD, GOOD, [GOOD, BAD, GOOD, GOOD])]
)
def test_an_own_correction_outlasts_that_its_set_was_corrected_alike(four, own, of_set, after_all):
    """The set's correction was undone, so the rep's own correction stands again."""
    after(four, [(2, own)])
    for correction in (own, None, of_set):
        session = opened(four)[0]
        reps, *_ = select_reps_to_correct(session, session.corrected_reps, correction)
        correct_reps(session, reps, correction)
    assert standing(four) == after_all


@pytest.mark.parametrize(
    ("verdicts", "chosen", "odd"),
    [
        ("good good good anomalous", [1, 2, 3], 1),
        ("good unsure good anomalous", [1, 3], 2),
        ("good anomalous anomalous anomalous", [1, 2, 3, 4], 0),
        ("unsure unsure", [1, 2], 0),
    ],
)
def test_a_set_that_is_called_good_leaves_out_reps_that_differ(tmp_path, verdicts, chosen, odd):
    """Where most of them differ, it is rather the reference that is wrong. All of a bad set are bad."""
    reps = [replace(rep, verdict=verdict) for rep, verdict in zip(some_reps(4), verdicts.split(), strict=False)]
    session, _ = opened(a_session(tmp_path, reps=reps))
    for correction, of in ((GOOD, (chosen, 0, odd)), (BAD, ([rep.number for rep in reps], 0, 0))):
        selected, *others = select_reps_to_correct(session, session.corrected_reps, correction)
        assert ([event.rep.number for event in selected], *others) == of


def test_a_correction_of_several_reps_that_is_cut_off_leaves_a_readable_part(four):
    after(four, [])
    correct_range(four, [1, 2, 3], GOOD)
    whole = (four / layout.CORRECTIONS).read_bytes()
    ends = [line.end() for line in re.finditer(b"\n", whole)]
    for length in (*range(0, len(whole), 9), *ends[:-1], *(end - 1 for end in ends)):
        (four / layout.CORRECTIONS).write_bytes(whole[:length])
        kept = whole[:length].count(b"\n")
        assert standing(four) == [GOOD] * kept + [None] * (4 - kept)
        correct_reps(opened(four)[0], [rep_of(four, 4)], BAD)
        assert standing(four)[3] == BAD


# What a rep counts as


def test_a_correction_decides_the_verdict_the_count_and_the_faults_of_a_rep():
    rep = a_rep(verdict="anomalous")
    said = {one: replace(rep, correction=one) for one in (None, GOOD, BAD, NONE, KNEES)}
    verdicts = {None: "anomalous", GOOD: "good", BAD: "anomalous", KNEES: "anomalous"}
    assert {one: said[one].standing_verdict for one in verdicts} == verdicts
    assert [one.counts for one in said.values()] == [True, True, True, False, True]
    assert said[KNEES].fault_names == ("knee_cave",)
    counted = said[GOOD].as_counted()
    assert (counted.verdict, said[GOOD].verdict) == ("good", "anomalous")
    assert counted.as_counted() is counted, "a history asks for it ten times a rep"
