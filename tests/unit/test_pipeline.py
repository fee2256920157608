"""From observations to steps: counts, verdicts, cues, warnings; the same every time."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.lifts import from_the_third_on
from builders.observations import SETS, a_deadlift, a_set, a_sighting, a_squat, an_observation, hidden
from builders.pipelines import EXERCISES, FakeJudge, a_pipeline, steps_of
from builders.recognition import FPS, a_break, after_one_another
from builders.steps import a_fault, cues_of, cues_of_reps, partials_of, reps_of, warnings_of
from builders.stick_figure import a_stick_figure, bends

from livecoach.core import landmark
from livecoach.core.types import Cue, MovementTimes, Observation, RepWindow
from livecoach.decisions.exercise_run import FrameHistory
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import EndedSet
from livecoach.decisions.pipeline import Scene
from livecoach.decisions.rep.measured import PICTURES_MISSING
from livecoach.perception.body.visibility import WARNING_TEXTS
from livecoach.records.knowledge import load_default_scorer


def outside(observations: Sequence[Observation], from_s: float, to_s: float) -> list[Observation]:
    """The observations, with the ankles below the picture in those between two times."""
    return [_lowered(o) if from_s <= o.t_s < to_s else o for o in observations]


def _lowered(observation: Observation) -> Observation:
    landmarks = observation.landmarks.copy()
    landmarks[list(landmark.ANKLES), 1] = 1.05
    return replace(observation, landmarks=landmarks)


# A camera that has changed


@pytest.mark.parametrize("reps", [2, 3])
def test_a_changed_camera_is_said_from_the_second_rep_to_the_next_or_to_the_end_of_the_set(reps, monkeypatch):
    judge = FakeJudge()
    monkeypatch.setattr(judge, "camera_warning", lambda: "come closer" if len(judge.windows) == 2 else None)
    steps = steps_of(a_deadlift(reps=reps), judge=judge)
    begins, ends = (step for step in steps if warnings_of([step]))
    assert [(event.warning, event.active) for event in warnings_of([begins, ends])] == [
        ("camera_changed", True),
        ("camera_changed", False),
    ]
    assert [rep.number for rep in reps_of([begins])] == [2]
    assert [rep.number for rep in reps_of([ends])] == [3] * (reps == 3)
    assert (begins.place.warning, ends.place.warning) == ("come closer", None)


# Nobody to be judged


@pytest.mark.parametrize(
    ("of_rep", "before_s", "gap_s", "unsure"),
    [(0.5, 0.3, 0.6, True), (0.5, 0.15, 0.3, False), (0.0, 2.5, 2.5, True), (-0.3, 2.0, 2.0, False)],
)
def test_a_rep_with_a_gap_in_it_is_not_judged(of_rep, before_s, gap_s, unsure):
    """It counts, as far as it was seen. Nobody saw the beginning of one that begins with the first picture after a gap.
    of_rep: share of the last rep at which the gap lies, from so long before it."""
    pull = a_deadlift(reps=3)
    rep = reps_of(steps_of(pull))[-1]
    from_s = rep.start_s + of_rep * (rep.end_s - rep.start_s) - before_s
    gap = [one for one in pull if not from_s < one.t_s < from_s + gap_s]
    last = reps_of(steps_of(gap))[-1]
    assert last.end_s == pytest.approx(rep.end_s, abs=0.1)
    assert last.unsure == (PICTURES_MISSING if unsure else None)


def test_pictures_that_are_missing_after_a_rep_are_no_gap_in_it():
    scene, frames = Scene(), FrameHistory(60.0)
    for index, t_s in enumerate((0.0, 0.5, 1.0, 3.0)):
        frames.add(scene.step(an_observation(t_s=t_s, index=index)))
    times, of_rep = MovementTimes(0.0, 0.5, 1.0), {"set_name": "1", "pose": "lite", "exercise": "deadlift"}
    assert frames.cut_rep(times, range(4), None, **of_rep).gap_s == 0.5


def test_empty_room_has_no_rep_and_one_warning():
    room = [an_observation(t_s=i / 30, index=i, nobody=True) for i in range(300)]
    steps = steps_of(room)
    assert [(event.warning, event.active) for event in warnings_of(steps)] == [("no_person", True)]
    assert [cue.kind for cue in cues_of(steps)] == ["warning"]
    assert steps[-1].place.warning == WARNING_TEXTS["no_person"]
    assert all(s.stage is None and s.rep is None and s.place.view is None for s in steps)
    assert not partials_of(steps)
    assert steps[-1].set.count == 0


def test_lifter_half_outside_is_told_and_the_warning_ends():
    figure = a_stick_figure(0.0)
    near = [a_sighting(figure, t_s=i / 30, index=i, feet=(0.5, 1.2)) for i in range(60)]
    far = [a_sighting(figure, t_s=i / 30, index=i) for i in range(60, 120)]
    steps = steps_of(near + far)
    assert [(event.warning, event.active) for event in warnings_of(steps)] == [
        ("out_of_frame", True),
        ("out_of_frame", False),
    ]
    assert steps[50].place.warning == "step back: feet are cut off"
    assert steps[-1].place.warning is None
    assert reps_of(steps) == []


def test_standing_lifter_has_no_rep_and_is_ready_once():
    for name in EXERCISES:
        steps = steps_of(a_set(np.zeros(150), lift=name, fps=15.0), name)
        assert (reps_of(steps), steps[-1].set.count) == ([], 0)
        assert [cue.kind for cue in cues_of(steps)] == ["ready"]
        assert steps[-2].stage.stage == "up"
        assert steps[-2].place.warning is None


def test_stage_and_progress_of_a_lost_lifter_are_none():
    steps = steps_of(hidden(a_squat(reps=2), 4.0, 99), "squat")
    assert steps[-2].stage is None
    assert steps[-2].set.count == 1


# Counter and verdicts


@pytest.mark.parametrize("name", EXERCISES)
@pytest.mark.parametrize(("fps", "view_deg"), [(12, 35), (24, 0), (60, -90)])
def test_good_reps_are_counted_and_told(name, fps, view_deg):
    judge = FakeJudge(name=name)
    steps = steps_of(SETS[name](reps=3, fps=fps, view_deg=view_deg), name, judge)
    reps = reps_of(steps)
    assert [(rep.index, rep.verdict, rep.score, rep.threshold) for rep in reps] == [
        (i, "good", 0.4, 1.0) for i in (1, 2, 3)
    ]
    assert all(rep.start_s < rep.turn_s < rep.end_s for rep in reps)
    assert all(rep.confidence == 1.0 and rep.top_joints == () and rep.unsure is None for rep in reps)
    assert [(c.kind, c.text, c.say, c.rep) for c in cues_of_reps(steps)] == [
        ("good_rep", str(i), str(i), i) for i in (1, 2, 3)
    ]
    assert [s.set.count for s in steps if s.rep] == [1, 2, 3]
    assert not partials_of(steps)
    assert [(one.set_name, one.number, one.exercise) for one in judge.windows] == [("1", i, name) for i in (1, 2, 3)]
    assert all(one.observations[0].t_s < one.start_s < one.turn_s < one.end_s for one in judge.windows)


def test_anomalous_rep_is_told_with_its_cue_and_joints():
    steps = steps_of(a_deadlift(reps=3), judge=FakeJudge(0.9, 1.4, 1.0))
    assert [rep.verdict for rep in reps_of(steps)] == ["good", "anomalous", "good"]
    second = reps_of(steps)[1]
    assert second.top_joints == ("left_knee", "nose")
    phrase = EXERCISES["deadlift"].anomaly_cue
    assert [(c.kind, c.text, c.say, c.rep) for c in cues_of_reps(steps)][1] == ("anomalous_rep", phrase, phrase, 2)


def test_rep_that_was_partly_lost_is_counted_and_not_judged():
    judge = FakeJudge(9.0)
    steps = steps_of(hidden(a_deadlift(reps=1), 1.6, 2.3), judge=judge)
    (rep,) = reps_of(steps)
    assert (rep.verdict, rep.score, rep.unsure) == ("unsure", None, "lost from sight")
    assert rep.confidence == pytest.approx(1 - 21 / 67, abs=0.05)
    assert judge.windows == []
    assert cues_of_reps(steps) == [Cue(kind="unjudged_rep", text="not judged: lost from sight", rep=1, say="1")]


def test_rep_at_the_edge_of_the_picture_is_counted_and_not_judged():
    """Feet outside: landmarks there are guesses, so there is no verdict."""
    (rep,) = reps_of(steps_of(outside(a_squat(), 1.2, 2.4), "squat", FakeJudge(9.0, name="squat")))
    assert (rep.verdict, rep.score, rep.unsure) == ("unsure", None, "out of the picture")


def test_single_lost_frames_do_not_keep_a_rep_from_being_judged():
    """One frame in ten without a pose is usual."""
    lost = [replace(o, landmarks=None, world=None) if o.index % 10 == 5 else o for o in a_deadlift(reps=2)]
    reps = reps_of(steps_of(lost))
    assert [rep.verdict for rep in reps] == ["good", "good"]
    assert all(0.85 < rep.confidence < 0.95 for rep in reps)


# The end of the source


@pytest.mark.parametrize(("lifter", "asked"), [("ada", [1]), (None, [])])
def test_by_its_first_rep_alone_a_set_tells_who_lifts(lifter, asked):
    """Without a lifter at hand there is nobody to be compared with."""

    class Looking(FakeJudge):
        def is_other_body(self, window: RepWindow) -> bool:
            looked_at.append(window.number)
            return False

    looked_at: list[int] = []
    pipeline = a_pipeline("squat", Looking(name="squat"))
    pipeline.log.lifter = lifter
    assert len(reps_of([pipeline.step(seen) for seen in a_squat(reps=3)])) == 3
    assert looked_at == asked


def test_a_squat_that_is_too_shallow_is_told_at_once_and_in_the_summary_of_its_set():
    depths = np.interp(np.arange(330), (30, 60, 90, 150, 180, 210, 270, 300, 329), (0, 1, 0, 0, 0.3, 0, 0, 0, 0))
    steps = steps_of(a_set(depths, lift="squat"), name="squat")
    assert [cue.text for cue in cues_of(steps) if cue.kind in ("good_rep", "unjudged_rep")] == [
        "1",
        "too shallow: not counted",
    ]
    assert [partial.reason for partial in partials_of(steps)] == ["shallow"]
    assert "1 too shallow: not counted" in steps[-1].set.summary.notes
    assert steps[-1].set.summary.reps == 1


def stands_up(*, lowers: bool) -> list[Observation]:
    """Two reps; then the lifter stands up and stays so for eight seconds, after which the bar may come down."""
    fps = 30
    up = np.concatenate([np.linspace(1, 0, fps), np.zeros(8 * fps), np.linspace(0, 1, fps), np.ones(fps)])
    return a_set(np.concatenate([bends(reps=2, rest=1.0), up if lowers else up[: -2 * fps]]), lift="deadlift")


def test_a_lifter_who_stands_up_after_the_set_rests():
    """Nothing shows a rep under way once standing has ended the set, although nobody knows yet that it is none."""
    steps = steps_of(stands_up(lowers=False))
    over = next(at for at, step in enumerate(steps) if step.set.summary is not None)
    assert steps[over - 1].progress is not None
    assert steps[over].observation.t_s < steps[-1].observation.t_s - 2
    assert {step.progress for step in steps[over:]} == {None}


@pytest.mark.parametrize("rest_s", [2.0, 8.0])
def test_a_set_that_goes_on_after_a_breath_is_judged_and_summed_up_as_one_set(rest_s):
    """A breath of eight seconds ends the set, until its next rep begins."""
    half = a_squat(reps=4, fps=FPS, seed=1)
    told = steps_of(after_one_another(a_break(3.0), half, a_break(rest_s), half, a_break(8.0)), "squat", Noting())
    reps = reps_of(told)
    assert [(rep.set, rep.number, rep.reference, rep.verdict) for rep in reps] == [
        (1, number, "none", "good") for number in range(1, 9)
    ]
    summaries = list(dict.fromkeys(step.set.summary for step in told if step.set.summary))
    assert [(summary.reps, summary.notes) for summary in summaries][-1] == (8, ("a note",))
    assert len(summaries) == (2 if rest_s > 5 else 1)


class Noting(LifterJudge):
    """Makes a note on each set."""

    def __init__(self) -> None:
        super().__init__(load_default_scorer("squat"))

    def end_set(self) -> EndedSet:
        return super().end_set()._replace(notes=("a note",))


def test_a_bar_held_so_long_that_the_set_ended_still_makes_a_rep_when_it_is_lowered():
    steps = steps_of(stands_up(lowers=True))
    assert [(rep.set, rep.number) for rep in reps_of(steps)] == [(1, 1), (1, 2), (1, 3)]


# The room of decisions

HEAVY = {"cv2", "mediapipe", "ai_edge_litert", "av", "sounddevice", "sklearn", "scipy"}
OURS_WITH_THREADS = {f"livecoach.{name}" for name in ("capture.capture", "feedback", "records.session", "run.loop")}


def test_decisions_need_no_pixels_runtime_or_threads():
    code = "import sys, livecoach.decisions.pipeline; print(*(name for name, module in sys.modules.items() if module))"
    listed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240)
    loaded = set(listed.stdout.split())
    assert "livecoach.decisions.counting.counter" in loaded
    assert not loaded & (HEAVY | OURS_WITH_THREADS)


def test_a_rep_under_way_is_lost_when_nobody_is_seen_for_long():
    """The partial rep is told while nobody is seen, not when somebody comes back; the end finds nothing more."""
    seen = a_deadlift(reps=1)
    top = seen[: len(seen) * 6 // 10]
    empty = [an_observation(nobody=True, index=len(top) + i, t_s=top[-1].t_s + (i + 1) / 15) for i in range(15 * 30)]
    pipeline = a_pipeline("deadlift")
    steps = [pipeline.step(observation) for observation in (*top, *empty)]
    told = partials_of(steps)
    assert [partial.reason for partial in told] == ["lost"]
    assert steps[-1].progress is None
    assert pipeline.finish().rep is None


def test_a_lifter_who_stops_on_the_way_back_gives_the_rep_up(monkeypatch):
    """Hands on the knees for half a minute: a partial rep, and no crash when the lifter moves again. It is sure so late
    that no correction is said any more."""
    monkeypatch.setattr(FakeJudge, "judge_partial", lambda *_: (a_fault("forward_lean"),))
    squat = a_squat(reps=1)
    deepest = min(range(len(squat)), key=lambda i: -squat[i].landmarks[23, 1])
    middle = (squat[deepest].landmarks[23, 1] + squat[0].landmarks[23, 1]) / 2
    halfway = next(o for o in squat[deepest:] if o.landmarks[23, 1] < middle - 0.02)
    stays = [replace(halfway, index=halfway.index + i, t_s=halfway.t_s + i / 15) for i in range(15 * 30)]
    after = [replace(o, index=o.index + len(stays), t_s=o.t_s + 30) for o in squat[halfway.index + 1 :]]
    pipeline = a_pipeline("squat")
    steps = [pipeline.step(o) for o in (*squat[: halfway.index], *stays, *after)]
    assert [partial.reason for partial in partials_of(steps)] == ["no_return"]
    assert not [cue for cue in cues_of(steps) if cue.kind == "anomalous_rep"]
    assert not [step.rep for step in steps if step.rep]


# Reps that are in doubt until others like them have come


def test_earlier_reps_are_told_with_the_one_that_settles_them_and_only_that_one_is_said():
    """Of five deadlifts, the first two are in doubt for a while; the second is a bad one."""
    pipeline = a_pipeline("deadlift", FakeJudge(0.4, 1.4, 0.4), lift=from_the_third_on())
    steps = [*map(pipeline.step, a_deadlift(reps=5)), pipeline.finish()]
    first, *others = (step for step in steps if step.reps)
    told = [[(rep.index, rep.verdict, rep.late) for rep in step.reps] for step in (first, *others)]
    first_three = [(1, "good", True), (2, "anomalous", True), (3, "good", False)]
    assert told == [first_three, [(4, "good", False)], [(5, "good", False)]]
    assert (first.cue.text, first.cue.say, first.set.count, first.set.is_under_way) == ("3", "3", 3, True)
    assert [step.cue.text for step in steps if step.cue is not None and step.cue.rep is not None] == ["3", "4", "5"]
