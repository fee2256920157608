"""One session of several lifters and exercises: each change begins a part of it."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from builders.command import analysed, run, run_well
from builders.observations import a_deadlift, a_header, a_squat
from builders.recognition import FPS, a_break, after_one_another

from livecoach.capture.capture import CaptureResult
from livecoach.core.config import exercise, load_settings, override_values
from livecoach.core.documents import SetProfileEvent, codec, to_json, to_plain
from livecoach.core.errors import OutputError
from livecoach.core.step import Step
from livecoach.core.types import Correction, Frame, Observation, Plans, SetPlan, SourceInfo
from livecoach.decisions import assembly
from livecoach.decisions.coaching.last_time import LastTime, LastTimes
from livecoach.feedback.screen import Action, ChosenSetting, EnteredText, ReassignedSet, RepCorrection, UserInput
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.sound import SoundSink
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.records.knowledge import CachedRep, LifterReferences
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.lifter_events import append_events
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.run import wiring
from livecoach.run.feed import FrameFeed
from livecoach.run.parts import Lifter, PartChoice, lifter_of_profile
from livecoach.run.replay import replay_session
from livecoach.run.run_options import RunOptions
from livecoach.run.set_logger import LoadOfNextSet

REST = a_break(12.0)
SQUATS, DEADLIFTS = a_squat(reps=5, fps=FPS), a_deadlift(reps=3, fps=FPS)
LIFTED = (REST, DEADLIFTS, REST, SQUATS, REST, SQUATS, REST, SQUATS, REST)
"""Ada's deadlifts and squats, Ben's squats, and Ada's squats again."""
NEW = "dora", "emil"
CHANGES = ("exercise", "squat"), ("profile", "ben"), ("profile", "ada")
KNEES = LastTime(
    exercise="squat", title="Squat", fault="knees_in", cue="knees out", load_kg=None, sets=1, reps=5, rest_s=None
)
PLANS = {"squat": (SetPlan(sets=2, reps=5, load_kg=80.0, rest_s=9.0),)}


def before_set(number: int) -> int:
    """Frame in the rest before a set, from 2 on."""
    return sum(map(len, LIFTED[: 2 * number - 1])) - 40


class Remote:
    """A phone's remote: frame → what is pressed after it, or after the next one that is looked at."""

    def __init__(self, pressed: dict[int, Sequence[UserInput | Callable[[SessionState], UserInput]]]) -> None:
        self._pressed = pressed
        self.shown: list[tuple[Step, SessionState]] = []
        self.offered: list[tuple[str, ...]] = []
        self.ran: wiring.RunResult | None = None
        self.read: list[str] = []  # profiles
        self.chosen: list[PartChoice] = []

    def make_sound(self, *_: object, **__: object) -> SoundSink:
        return SoundSink()

    def make_screen(self, *_: object) -> "Remote":
        return self

    def parse_new_profile(self, text: str) -> str:
        return text

    def offer(self, settings: object, _: object, lifted: Sequence[str] = ()) -> None:
        self.offered.append((settings.exercise, settings.profile, *lifted))

    def show(self, _: object, step: Step, status: SessionState, __: float | None) -> bool:
        self.shown.append((step, status))
        return True

    def take_requests(self) -> Sequence[UserInput]:
        due = [frame for frame in self._pressed if self.shown and frame <= self.shown[-1][0].observation.index]
        pressed = self._pressed.pop(min(due)) if due else ()
        return [one(self.shown[-1][1]) if callable(one) else one for one in pressed]


def an_evening(
    pressed: dict[int, Sequence[UserInput | Callable[[SessionState], UserInput]]],
    plans: Mapping[str, Plans] = MappingProxyType({}),
    lifted: Sequence[Sequence[Observation]] = LIFTED,
    lasts: LastTimes | None = None,
    **options: object,
) -> Remote:
    """Run over what was lifted, as ada with deadlifts. plans: by profile. lasts: of everybody."""
    remote, seen = Remote(pressed), [codec.round_observation(one) for one in after_one_another(*lifted)]
    header = a_header(fps=FPS)
    info = SourceInfo(name="camera 0", width_px=640, height_px=480, fps=FPS, live=True)
    frames = (
        CaptureResult(
            frame=Frame(index=one.index, t_s=one.t_s, picture=None, observation=one), dropped=0, lost=False, ended=False
        )
        for one in seen
    )

    def lifter_of(name: str) -> Lifter:
        remote.read.append(name)
        known = lifter_of_profile(LifterReferences(Profile(name, pytest.fail), pytest.fail, recording="tonight"))
        return replace(known, last_times={**find_last_times(name), **(lasts or {})}, plans=plans.get(name, {}))

    run = RunOptions(
        settings=override_values(load_settings({}), {"exercise": "deadlift", "profile": "ada"}),
        lifter=lifter_of("ada"),
        lifter_of=lifter_of,
        on_choice=remote.chosen.append,
        session="tonight",
        records=True,
        silent=True,
        phone=remote,
        **options,
    )
    remote.ran = wiring.run(run, lambda _: FrameFeed(info=info, results=frames, pause=bool), header)
    return remote


@pytest.fixture(scope="module", autouse=True)
def at_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVECOACH_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def evening(at_home: None) -> Remote:  # noqa: ARG001 (it lies there)
    """Ada has planned her squats, and chosen three deadlifts on the start screen."""
    pressed = {before_set(n + 2): [ChosenSetting(*change)] for n, change in enumerate(CHANGES)}
    pressed[before_set(2)] = [Action.EXERCISE]
    pressed[before_set(2) + 1] = [EnteredText("rpe", "8")]
    pressed[before_set(3) + 1] = [EnteredText("load", "60")]
    pressed[before_set(4) + 1] = [lambda status: RepCorrection(Correction(label="bad"), status.reps[-1].start_s)]
    return an_evening(
        pressed,
        plans={"ada": PLANS},
        lasts={"squat": KNEES},
        first_part=PartChoice(plan=SetPlan(reps=3, load_kg=100.0)),
        ask=lambda *_: PartChoice(exercise="squat", load=LoadOfNextSet(85.0, "squat")),
    )


@pytest.fixture(scope="module")
def session(evening: Remote) -> Session:  # noqa: ARG001 (which records it)
    (folder,) = layout.scan_folders()
    return open_session(folder, pytest.fail)


def test_an_evening_of_two_lifters_is_one_session_with_a_part_for_each_change(session):
    assert [(part.exercise, part.profile) for part in session.part_events] == [
        ("squat", "ada"),
        ("squat", "ben"),
        ("squat", "ada"),
    ]
    assert [(one.number, one.profile, one.exercise, len(one.reps)) for one in session.sets] == [
        (1, "ada", "deadlift", 3),
        (2, "ada", "squat", 5),
        (3, "ben", "squat", 5),
        (4, "ada", "squat", 5),
    ]
    assert [event.rep.index for event in session.rep_events] == [*range(1, 19)]
    assert layout.list_unfinished_folders() == []


def test_a_lifter_is_judged_by_own_reps_and_by_nobody_elses(session):
    """Ben's first set is beside nobody's; Ada's second one beside her first, as if nobody had come between."""
    first, second = (session.rep_events[place].against for place in (8, 13))
    assert first == ()
    assert {own.set for own in second} == {"2"}


def test_rests_sets_and_loads_are_each_lifters_own(evening, session):
    def at(frame: int) -> tuple[Step, SessionState]:
        return next(one for one in evening.shown if one[0].observation.index >= frame + 20)

    def rest_s(frame: int) -> float | None:
        step, status = at(frame)
        return status.progress.rest_s(step.observation.t_s)

    assert rest_s(before_set(3)) is None  # Ben has not lifted yet
    assert rest_s(before_set(4)) > 20.0  # Ada rests since her set before Ben's
    numbers = [at(before_set(n))[1].progress for n in (2, 3, 4)]
    assert [(one.set_number, one.plan_set) for one in numbers] == [(2, 1), (1, 1), (3, 2)]
    assert [at(before_set(n))[1].profile for n in (2, 3, 4)] == ["ada", "ben", "ada"]
    assert {number: (log.load_kg, log.rpe) for number, log in session.set_logs.items()} == {
        1: (100.0, 8.0),  # of the set before, although the exercise had changed
        2: (85.0, None),  # chosen with the exercise, which had another plan
        3: (60.0, None),
        4: (85.0, None),
    }


def test_reps_and_sets_are_named_as_their_lifter_counts(evening, session):
    rests = {(status.profile, one.caption) for _, status in evening.shown if status.loop for one in status.loop.reps}
    assert {caption.partition(",")[0] for who, caption in rests if who == "ben"} <= {"Set 1", "Your best rep"}
    assert ("ben", "Set 1") in {(who, caption.partition(",")[0]) for who, caption in rests}
    _, last = evening.shown[-1]
    assert [one[:2] + one[3:4] for one in last.sets] == [(1, 1, "ada"), (2, 2, "ada"), (3, 1, "ben"), (4, 3, "ada")]
    assert {(event.rep.set, event.rep.own_set) for event in session.rep_events} == {
        (1, None),
        (2, None),
        (3, 1),
        (4, 3),
    }
    assert [one.lifter_set_number for one in session.sets] == [1, 2, 1, 3]


def test_a_rep_of_the_part_before_can_be_corrected_by_its_name_and_teaches_nothing(session):
    (said,) = session.corrections
    assert (said.rep, said.label) == (13, "bad")
    assert session.sets[2].reps[-1].correction.label == "bad"
    assert {(one.set, one.number) for one in known_of("ben")} == {(3, number) for number in range(1, 5)}


def test_the_remote_offers_what_is_in_use_and_the_sessions_lifters_first(evening):
    assert evening.offered == [("squat", "ada", "ada"), ("squat", "ben", "ada", "ben"), ("squat", "ada", "ada", "ben")]
    assert evening.ran.profiles == ["ada", "ben"]
    assert [(choice.exercise, choice.profile) for choice in evening.chosen] == [
        ("squat", None),
        (None, "ben"),
        (None, "ada"),
    ]


def known_of(name: str) -> tuple[CachedRep, ...]:
    return LifterReferences(Profile(name, pytest.fail), pytest.fail).find_reference("squat", "lite")


def sets_known_of(*names: str) -> dict[str, set[int]]:
    return {name: {one.set for one in known_of(name)} for name in names}


@pytest.mark.usefixtures("session")
def test_each_profile_learns_the_sets_of_its_own_lifter():
    known = sets_known_of("ada", "ben")
    assert known["ada"]
    assert known["ada"] <= {2, 4}
    assert known["ben"] == {3}


def test_a_session_of_parts_is_analysed_part_by_part_as_it_was_judged(session, tmp_path):
    found = analysed(session.folder, home=tmp_path)

    def judged(rep: dict[str, Any]) -> tuple[object, ...]:
        return tuple(rep[name] for name in ("exercise", "set", "number", "verdict", "score", "reference"))

    assert [judged(rep) for rep in found["reps"]] == [judged(to_plain(one.rep)) for one in session.rep_events]
    assert (found["profile"], found["exercise"]) == (None, "squat")
    for words in (("--profile", "ada"), ("--exercise", "squat")):
        refused = run("analyze", session.folder, *words, home=tmp_path)
        assert refused.returncode == 4
        assert "Leave out profile and exercise." in refused.stderr
        assert "Traceback" not in refused.stderr


def test_the_question_about_a_lifters_set_names_the_lifter(session, tmp_path):
    done = run_well("analyze", f"{session.folder}:1@ada", home=tmp_path)
    assert f"`livecoach sessions correct {session.folder}:1@ada good`" in done.stdout


def test_a_dataset_has_the_sets_of_one_lifter(session, tmp_path):
    made = ("--exercise", "squat", "--out", tmp_path / "squats")
    refused = run("lab", "dataset", session.folder, *made, home=tmp_path)
    assert refused.returncode == 4
    assert f"of several lifters, ada and ben. Name the sets of one, as in {session.name}:1@ada." in refused.stderr
    taken = run_well("lab", "dataset", f"{session.folder}:3", *made, home=tmp_path)
    assert "5 reps" in taken.stdout
    assert "ada" in taken.stdout


def test_a_plan_is_the_lifters_own(evening):
    plans = {(status.profile, status.progress.plan.reps) for _, status in evening.shown}
    assert plans == {("ada", 3), ("ada", 5), ("ben", None)}
    before = next(status for step, status in evening.shown if step.observation.index >= before_set(4) + 20)
    assert (before.progress.plan_set, before.progress.plan.sets, before.load) == (2, 2, "85 kg")


def test_each_lifter_is_reminded_before_the_own_first_set_of_an_exercise_alone(evening):
    before = [
        next(now for step, now in evening.shown if step.observation.index >= before_set(n) + 20) for n in (2, 3, 4)
    ]
    assert [(status.profile, status.earlier.reminder) for status in before] == [
        ("ada", "last time: knees out"),
        ("ben", "last time: knees out"),
        ("ada", ""),
    ]


def test_the_plan_of_each_part_is_recorded(session):
    assert [(one.number, one.profile, one.planned) for one in session.sets] == [
        (1, "ada", (SetPlan(reps=3, load_kg=100.0),)),
        (2, "ada", PLANS["squat"]),
        (3, "ben", ()),
        (4, "ada", PLANS["squat"]),
    ]


def test_a_session_of_parts_is_replayed_to_the_byte_with_the_plans_of_then(session, tmp_path, capsys):
    settings, lines = override_values(load_settings({}), {"exercise": "deadlift"}), tmp_path / "events.jsonl"
    options = RunOptions(settings=settings, events=str(lines))
    replay_session(session, options, None, {}, speed=None, compare=False)
    assert "identical to the live session, byte for byte: 18 reps" in capsys.readouterr().out
    again = [one for line in lines.read_text().splitlines() if (one := json.loads(line))["event"] == "plan"]
    assert [(one["exercise"], one["plans"][0]["reps"]) for one in again] == [("deadlift", 3), ("squat", 5)]


@pytest.mark.usefixtures("session")
def test_a_set_under_the_wrong_name_is_moved_to_its_lifter_in_the_run(capsys):
    """Who was not there before: number, log, rest and reference follow at once, the profiles when they are written. The
    replay is the same to the byte, whatever set that is none was given to somebody in its file."""
    lifted = (REST, SQUATS, REST, SQUATS, REST, SQUATS, REST)
    after = [sum(map(len, lifted[:n])) for n in (2, 4, 6)]
    pressed = {20: [ChosenSetting("exercise", "squat"), ChosenSetting("profile", "dora")]}  # between two pictures
    pressed |= {24: [EnteredText("load", "60")], **{frame: [Action.END_SET] for frame in after}}
    pressed |= {after[1] + 100: [ReassignedSet("emil", 1)], after[2] + 100: [ReassignedSet("emil")]}
    pressed[after[2] + 160] = [ChosenSetting("profile", "emil")]
    known = {*layout.scan_folders()}
    remote = an_evening(pressed, lifted=lifted)
    (folder,) = {*layout.scan_folders()} - known
    moved = open_session(folder, pytest.fail)
    done = [(one.profile, one.lifter_set_number, one.log.load_kg) for one in moved.sets]
    assert done == [("emil", 1, 60.0), ("dora", 1, 60.0), ("emil", 2, None)]
    assert {own.set for own in moved.recorded_reps[-1].against} == {"2"}
    assert {own.set for own in moved.rep_events[-1].against} == {"1"}, "judged again, by the set of the right lifter"
    notes = dict.fromkeys(status.device.note for _, status in remote.shown if status.device.note)
    assert {"set 1: emil", "set 2: emil"} <= {*notes}
    assert not any(status.device.can_pause for _, status in remote.shown)
    before, last = remote.shown[0], remote.shown[-1]
    assert (before[1].profile, last[1].profile) == ("ada", "emil")
    assert (last[1].progress.set_number, [one.profile for one in last[1].sets]) == (3, ["emil", "dora", "emil"])
    assert last[1].progress.rest_s(last[0].observation.t_s) < len(REST) / FPS + 1
    known = sets_known_of(*NEW)
    assert known["dora"] <= {2}
    assert 1 in known["emil"]
    assert 2 not in known["emil"]
    append_events(folder / layout.SETS, SetProfileEvent(t_s=1.0, set=9, profile="nobody", frame=30))
    options = RunOptions(settings=override_values(load_settings({}), {"exercise": "deadlift"}))
    replay_session(replace(moved), options, None, {}, speed=None, compare=False)
    assert "identical to the live session, byte for byte: 15 reps" in capsys.readouterr().out


def test_a_lifter_who_only_got_a_set_learns_when_the_run_ends(capsys):
    pressed = {20: [ChosenSetting("exercise", "squat")], len(REST + SQUATS) + 150: [ReassignedSet("fay")]}
    an_evening(pressed, lifted=(REST, SQUATS, REST))
    assert "profile fay knows" in capsys.readouterr().out


def test_a_failure_before_the_run_begins_is_reported_as_it_is(monkeypatch):
    feed = FrameFeed(
        info=SourceInfo(name="a file", width_px=640, height_px=480, fps=25.0, live=False), results=(), pause=bool
    )

    def full(*_: object, **__: object) -> ExitStack:
        raise OutputError("the disk is full")

    monkeypatch.setattr(wiring.session_recording, "record_session", full)
    options = RunOptions(settings=load_settings({}), records=True, silent=True)
    with pytest.raises(OutputError, match="the disk is full"):
        wiring.run(options, lambda _: feed, a_header(fps=FPS))


def test_a_start_loads_each_exercise_once(monkeypatch):
    loaded: list[str] = []
    load = assembly.load_exercise
    monkeypatch.setattr(
        assembly, "load_exercise", lambda name, *args, **how: loaded.append(name) or load(name, *args, **how)
    )
    with ExitStack() as stack:
        wiring.PreparedRun(stack, RunOptions(settings=load_settings({}), silent=True), a_header(fps=FPS))
    assert sorted(loaded) == sorted(exercise.names())


def test_the_summary_shows_the_verdicts_that_the_end_of_the_session_has_changed(monkeypatch, capsys):
    def judge_anew(_: object, session: Path) -> Mapping[str, Sequence[str]]:
        first, *_ = open_session(session, pytest.fail).run_reps
        rep = replace(first.rep, verdict="anomalous", score=2.0)
        (session / layout.JUDGED).write_text(to_json(replace(first, rep=rep)) + "\n", encoding="utf-8")
        return {}

    monkeypatch.setattr(wiring, "learn_from_session", judge_anew)
    an_evening({}, lifted=(REST, DEADLIFTS, REST))
    assert "set 1 · 3 reps: 2 alike, 1 different" in capsys.readouterr().out


def test_a_set_in_whose_first_rep_the_lifter_was_named_is_stored_as_this_lifters():
    lifted = REST, DEADLIFTS, a_break(25.0), DEADLIFTS, REST
    in_first_rep = sum(map(len, lifted[:3])) + round(1.5 * FPS)
    ran = an_evening({in_first_rep: [ChosenSetting("profile", "ben")]}, lifted=lifted)
    live = [(of.number, of.profile) for of in ran.shown[-1][1].sets]
    stored = open_session(ran.ran.session, pytest.fail)
    assert live == [(of.number, of.profile) for of in stored.sets] == [(1, "ada"), (2, "ben")]
    (part,) = stored.part_events
    assert stored.sets[1].reps[0].start_s < part.t_s
