"""A pipeline that learns: sets, the lifter's own reference, corrections and what is said of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import STIFF, with_back
from builders.learning import GOOD_SET, SCORER, VIEW_DEG, a_learning_pipeline
from builders.observations import a_set
from builders.pipelines import some_parts
from builders.steps import cues_of, cues_of_reps, partials_of, reps_of
from builders.stick_figure import bends

from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Observation
from livecoach.decisions import assembly
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import FIRST_REPS
from livecoach.decisions.pipeline import Pipeline
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set
from livecoach.run.coached import replay


def coached(observations: Sequence[Observation], pipeline: Pipeline | None = None) -> list[Step]:
    pipeline = pipeline or a_learning_pipeline()
    return list(replay(pipeline, observations))


def after(first: Sequence[Observation], *others: Sequence[Observation]) -> list[Observation]:
    found = list(first)
    for more in others:
        from_s = found[-1].t_s + 1 / 30
        found += [replace(o, t_s=o.t_s + from_s, index=len(found) + i) for i, o in enumerate(more)]
    return found


def standing(seconds: float) -> list[Observation]:
    """The lifter stands, with straight legs and hanging arms."""
    return a_set(np.zeros(round(30 * seconds)), lift="deadlift", view_deg=VIEW_DEG)


def reps(count: int, deepest_deg: tuple[float, float, float] | None = None, seed: int = 5) -> list[Observation]:
    curve = bends(reps=count, rest=1.0, pause_s=STILL_S)
    return with_back(a_set(curve, lift="deadlift", view_deg=VIEW_DEG, seed=seed, deepest_deg=deepest_deg))


STILL_S = 1.5
"""On the floor between reps: another figure must not be in the margin before one."""


@pytest.fixture(scope="module")
def good() -> list[Step]:
    """Steps of the six good deadlifts."""
    return coached(GOOD_SET)


# Learning


def test_a_lifter_hears_once_that_the_reference_is_known(good):
    """With or after the rep that settles the reference; not who is known from the start."""
    kinds = [cue.kind for cue in cues_of(good)]
    assert kinds.count("learned") == 1
    assert kinds.index("learned") >= [i for i, kind in enumerate(kinds) if kind == "counted_rep"][FIRST_REPS - 1]
    monday = [replace(one.window, set_name="monday 1") for step in good for one in step.events_of(RepCompleted)]
    known = coached(reps(2), a_learning_pipeline(LifterJudge(SCORER, kept=monday)))
    assert {rep.reference for rep in reps_of(known)} == {"own"}
    assert "learned" not in [cue.kind for cue in cues_of(known)]


def test_a_lifter_who_comes_back_does_not_hear_again_that_the_reference_is_known():
    """Though she faces the camera before she turns to the bar, where it knows nothing of her."""
    judge, others = LifterJudge(SCORER), a_learning_pipeline()
    assert "learned" in [cue.kind for cue in cues_of(coached(GOOD_SET, a_learning_pipeline(judge)))]
    coached(reps(2), others)
    second = Pipeline([some_parts("deadlift", judge)], chosen_exercise="deadlift", pose="lite", log=others.log)
    facing = a_set(np.zeros(90), lift="deadlift", view_deg=0.0)
    assert "learned" not in [cue.kind for cue in cues_of(coached(after(facing, reps(2)), second))]


# Corrections


def test_a_fault_is_named_corrected_and_acknowledged():
    """Straight legs: said once, then the number for as long as it is quiet; "fixed" on the first rep without them; each
    number is that in the set. Where nothing says what is good, "good" is never spoken."""
    seen = after(GOOD_SET, reps(2, STIFF), reps(2))
    steps = coached(seen)
    verdicts = [rep.verdict for rep in reps_of(steps)]
    assert verdicts == ["good"] * 6 + ["anomalous"] * 2 + ["good"] * 2
    assert all("stiff_legged" in [fault.name for fault in rep.faults] for rep in reps_of(steps)[6:8])
    cues = cues_of_reps(steps)
    assert [cue.kind for cue in cues] == ["counted_rep"] * 6 + ["anomalous_rep"] * 2 + ["fixed", "counted_rep"]
    corrections = {fault.cue for fault in SCORER.faults.table.faults.values()}
    assert cues[6].say in corrections
    assert cues[6].say == cues[6].text
    assert (cues[7].text, cues[7].say) == (cues[6].text, "8")
    assert (cues[8].text, cues[8].say, cues[9].say) == ("fixed", "9", "10")
    assert [cue.kind for cue in cues_of(steps)].count("learned") == 1


def test_a_pull_that_is_not_lowered_is_measured_and_corrected():
    """Five good ones, then straight legs and the bar stays up until the camera stops."""
    curve = bends(reps=1, rest=1.0, pause_s=STILL_S)
    up = np.concatenate([curve[: len(curve) // 2], np.zeros(8)])
    last = a_set(up, lift="deadlift", view_deg=VIEW_DEG, seed=7, deepest_deg=STIFF)
    steps = coached(after(GOOD_SET, last))
    (partial,) = partials_of(steps)
    assert partial.reason == "no_lowering"
    assert "stiff_legged" in [fault.name for fault in partial.faults]
    assert steps[-1].cue.kind == "anomalous_rep"
    assert steps[-1].cue.rep is None
    assert len(reps_of(steps)) == 6


# Sets


@pytest.mark.parametrize(("of_second", "is_cut"), [(2, False), (1, True)])
def test_a_set_that_is_over_has_a_summary_until_the_next_one_begins(of_second, is_cut):
    """The lifter stands: reps, good ones, pace; the next set begins by itself, and counts from 1, also if its only rep
    is found when the camera stops."""
    observations = after(reps(3), standing(30)[::3], reps(of_second, seed=9))
    last_s = observations[-1].t_s - is_cut * (STILL_S + 0.1)
    steps = coached([o for o in observations if o.t_s <= last_s])
    at = [i for i, step in enumerate(steps) if step.rep]
    numbers = [1, 2, 3, *range(1, of_second + 1)]
    assert (at[-1] == len(steps) - 1) == is_cut
    assert [steps[i].set.count for i in at] == numbers
    assert [steps[i].rep.index for i in at] == [*range(1, 4 + of_second)]
    assert [cue.text for cue in cues_of_reps(steps)] == [f"{number}" for number in numbers]
    over = next(i for i in range(at[2], len(steps)) if steps[i].set.summary)
    assert not steps[over].set.is_under_way
    assert all(step.set.summary is steps[over].set.summary for step in steps[over : at[3]])
    assert all(step.set.is_under_way and step.set.summary is None for step in steps[at[3] : -1])
    summaries = (steps[over].set.summary, steps[-1].set.summary)
    assert [(s.index, s.reps, s.good, s.alike) for s in summaries] == [(1, 3, 0, 3), (2, of_second, 0, of_second)]
    assert summaries[0].concentric_s == pytest.approx(1.0, abs=0.2)
    told = [cue.text for cue in cues_of(steps) if cue.kind == "set_over"]
    assert told == ["3 reps, alike", "2 reps, like your first set"][: 1 if is_cut else 2]


def test_a_snatch_is_judged_while_it_is_held_and_teaches_when_it_is_lowered():
    """One verdict a rep, with what a way up shows of it; the lifter's reference grows all the same."""
    tokens = parse_tokens("walkin,good*3", "snatch")
    made = random_set(3, SetRequest(exercise="snatch", tokens=tokens, fps=15, view_deg=40, lost=0, graded=False))
    run = list(replay(assembly.load("snatch").make_pipeline(), made.observations))
    judged = [(step.observation.t_s, rep) for step in run for rep in step.reps]
    assert [rep.name for _, rep in judged] == ["1/1", "1/2", "1/3"]
    for (judged_s, rep), true in zip(judged, made.reps, strict=True):
        assert true.turn_s < judged_s < true.turn_s + 1.0
        assert (rep.pace.eccentric_s, judged_s) == (None, pytest.approx(rep.end_s))
    assert [cue.say for cue in cues_of(run) if cue.kind == "counted_rep"] == ["1", "2", "3"]
    assert max(step.set.learning.have for step in run[:-1] if step.set.learning is not None) == 3
