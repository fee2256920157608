"""Changes to the steps and the state of a run that show a moment that the clip does not have."""

from collections.abc import Callable
from dataclasses import replace

from livecoach.coaching.cues import warning
from livecoach.coaching.set_progress import SetPlan
from livecoach.feedback.display_state import RunStatus
from livecoach.frame.visibility import HINTS
from livecoach.judging.unsure import LEGS_NOT_CLEAR
from livecoach.run.loop import LOST
from livecoach.run.workout import SetLogger
from livecoach.types import Cue, Fault, PartialRep, Rep, Step

Change = Callable[[Step], Step]
ChangeOfStatus = Callable[[RunStatus], RunStatus]
DOUBTED = ("deadlift", "romanian_deadlift")
ARMS = ("left_elbow", "right_elbow", "left_wrist", "right_wrist")
COMPANY_FROM_S = 149.0
"""Time at which somebody else has been in the picture for 2.5 s."""
BENT_ARMS = Fault(
    name="bent_arms",
    severity=0.9,
    at_s=0.0,
    phase="lift_off",
    measure=96.0,
    ref=140.0,
    margin=12.0,
    unit="deg",
    text="arms bent: elbows 96°, your good reps 140°",
)


def as_it_was(step: Step) -> Step:
    """Change nothing."""
    return step


def as_it_stood(status: RunStatus) -> RunStatus:
    """Change nothing."""
    return status


def doubtful(step: Step) -> Step:
    """Leave the name of the set's exercise open."""
    return replace(step, is_open=True, question=() if step.summary is None else DOUBTED)


def again(step: Step) -> Step:
    """Give the sixth rep the fault of the fifth."""
    if step.rep is None:
        return step
    rep = replace(step.rep, verdict="anomalous", faults=(BENT_ARMS,), top_joints=ARMS)
    cue = Cue(kind="anomalous_rep", text="arms straight", rep=rep.index, say=str(rep.number), why=BENT_ARMS.text)
    return replace(step, rep=rep, cue=cue)


def not_judged(step: Step) -> Step:
    """Take the verdict of a rep away."""
    if step.rep is None:
        return step
    rep: Rep = replace(step.rep, verdict="unsure", unsure=LEGS_NOT_CLEAR, score=None, faults=(), top_joints=())
    cue = Cue(kind="unjudged_rep", text=f"not judged: {LEGS_NOT_CLEAR}", rep=rep.index, say=str(rep.number))
    return replace(step, rep=rep, cue=cue)


def half(step: Step) -> Step:
    """Turn a rep into half a rep, which does not count."""
    count = min(step.count, 5)
    if step.rep is None or step.count == count:
        return replace(step, count=count)
    cue = Cue(kind="unjudged_rep", text="half a rep: not counted", rep=None, say=None)
    partial = PartialRep(start_s=step.rep.start_s, reason="short")
    return replace(step, rep=None, partial=partial, cue=cue, count=count)


def slower(status: RunStatus) -> RunStatus:
    """Let the last rep be slower than the plan allows."""
    if status.progress is None:
        return status
    plan = SetPlan(sets=3, reps=8, stop_at_loss=0.2)
    return replace(status, progress=replace(status.progress, plan=plan, loss=0.24))


def typing(status: RunStatus) -> RunStatus:
    """Type a load."""
    sets = SetLogger(lambda _: None, "metric")
    sets.begin_typing("load", "102.5")
    return replace(status, load=sets.load, note=sets.typed)


def two_people(step: Step) -> Step:
    """Warn of the second person, who stands there."""
    return replace(step, warning=HINTS["two_people"]) if step.observation.t_s > COMPANY_FROM_S else step


def lost(step: Step) -> Step:
    """Lose the camera."""
    return replace(step, rep=None, cue=warning(LOST.text), warning=LOST.text)
