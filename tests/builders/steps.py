"""Steps of the pipeline, and the values that they carry."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TypeVar

from builders.observations import an_observation
from livecoach.core.documents import PartialRepEvent, SetEndEvent, SetStartEvent, WarningEvent
from livecoach.core.step import RepCompleted, Step, StepEvent
from livecoach.core.types import Cue, Fault, Observation, Pace, PartialRep, Rep, SetSummary, View
from livecoach.core.types.reps import Conditions
from livecoach.feedback.session_state import SessionState

Whole = TypeVar("Whole", Step, SessionState)


def a_rep(**changes: object) -> Rep:
    """Return a good first rep."""
    fields = {
        "index": 1,
        "start_s": 0.0,
        "turn_s": 1.0,
        "end_s": 2.0,
        "verdict": "good",
        "score": 0.4,
        "threshold": 1.0,
        "confidence": 1.0,
        "reference": "own",
        "exercise": "squat",
        "set": 1,
        "number": changes.get("index", 1),
    }
    return Rep(**{**fields, **changes})  # type: ignore[arg-type]


def a_fault(name: str = "hips_early", **changes: object) -> Fault:
    """Return a fault: hips that rose first in the middle of the first rep, unless the changes say otherwise."""
    fields: dict[str, object] = {
        "severity": 0.5,
        "at_s": 1.0,
        "phase": "knee_pass",
        "measure": 11.0,
        "ref": 2.0,
        "margin": 6.0,
        "unit": "deg",
        "text": "hips rose first: chest tipped 11°, your good reps 2°",
    }
    return Fault(name=name, **{**fields, **changes})  # type: ignore[arg-type]


def a_pace(**changes: object) -> Pace:
    """Return the pace of a rep of two seconds, measured in torso lengths."""
    fields: dict[str, object] = {
        "concentric_s": 0.8,
        "pause_s": 0.1,
        "eccentric_s": 1.1,
        "speed": 0.9,
        "speed_unit": "torso/s",
        "travel": 1.0,
        "travel_unit": "torso",
        "velocity_loss": 0.0,
    }
    return Pace(**{**fields, **changes})  # type: ignore[arg-type]


def a_view(azimuth_deg: float = 40.0, name: str = "oblique", uncertainty_deg: float = 6.0) -> View:
    """Return a view, from the front left by default. azimuth_deg: 0 in front, 90 at the lifter's left side."""
    return View(name=name, azimuth_deg=azimuth_deg, uncertainty_deg=uncertainty_deg, roll_deg=0.0)  # type: ignore[arg-type]


def a_set_summary(**changes: object) -> SetSummary:
    """Return the summary of a first set of eight good reps whose pace is not known."""
    fields: dict[str, object] = {
        **dict.fromkeys(SetSummary.__dataclass_fields__),
        "index": 1,
        "reps": 8,
        "good": 8,
        "anomalous": 0,
        "unsure": 0,
        "fault_reps": 0,
        "notes": (),
        "marked": 0,
        "bad": 0,
        "alike": 0,
        "different": 0,
    }
    return SetSummary(**{**fields, **changes})  # type: ignore[arg-type]


def a_full_set_summary(**changes: object) -> SetSummary:
    """Return the summary of a first set of eight reps, one of them with a fault, whose pace is known."""
    fields: dict[str, object] = {
        "good": 7,
        "anomalous": 1,
        "fault": "hips_early",
        "fault_cue": "hips and chest together",
        "fault_reps": 1,
        "eccentric_s": 1.8,
        "pause_s": 0.4,
        "concentric_s": 1.2,
        "speed": 0.45,
        "speed_unit": "m/s",
        "velocity_loss": 0.12,
        "best": 3,
        "slowest": 8,
        "fastest": 2,
        "exercise": "deadlift",
        "conditions": Conditions(roll_deg=4.0, lifter_px=420.0, jitter=0.002, brightness=0.5, fps=30.0),
    }
    return a_set_summary(**{**fields, **changes})


def a_step(*events: StepEvent, observation: Observation | None = None, rep: Rep | None = None, **state: object) -> Step:
    """Return the step of a frame in which nothing happens, unless events say so.

    Args:
        events: What becomes true.
        observation: The observation; an empty one by default.
        rep: A rep that is completed.
        state: Fields of the step, its set, its place and its questions, by name.
    """
    completed = () if rep is None else (RepCompleted(rep=rep),)
    return with_state(Step(observation=observation or an_observation(), events=(*events, *completed)), **state)


def with_state(step: Step, **changes: object) -> Step:
    """Return a step with other fields of itself, its set, its place and its questions, by name."""
    return _with_parts(step, ("set", "place", "questions"), changes)


def a_session_state(**fields: object) -> SessionState:
    """Return the state of a session of which nothing else is known; the fields are those of `with_session`."""
    return with_session(SessionState(), **fields)


def with_session(state: SessionState, **changes: object) -> SessionState:
    """Return the state of a session with other fields of itself, its device and its notes, by name."""
    return _with_parts(state, ("device", "earlier"), changes)


def _with_parts(whole: Whole, parts: Sequence[str], changes: dict[str, object]) -> Whole:
    for name in parts:
        part = getattr(whole, name)
        of_part = {field: changes.pop(field) for field in part.__dataclass_fields__ if field in changes}
        whole = replace(whole, **{name: replace(part, **of_part)})  # type: ignore[type-var]
    return replace(whole, **changes)  # type: ignore[type-var]


def partials_of(steps: Iterable[Step]) -> list[PartialRep]:
    """Return the partial reps of these steps."""
    return [event.partial_rep for step in steps for event in step.events_of(PartialRepEvent)]


def warnings_of(steps: Iterable[Step]) -> list[WarningEvent]:
    """Return the warnings that began or ended in these steps."""
    return [event for step in steps for event in step.events_of(WarningEvent)]


def sets_of(steps: Iterable[Step]) -> tuple[int, int]:
    """Return the number of sets that began in these steps, and of those that ended."""
    counts = Counter(type(event) for step in steps for event in step.events)
    return counts[SetStartEvent], counts[SetEndEvent]


def completed_in(steps: Iterable[Step]) -> list[RepCompleted]:
    """Return the completed reps of these steps, late ones included, with their observations."""
    return [event for step in steps for event in step.events_of(RepCompleted)]


def reps_of(steps: Iterable[Step]) -> list[Rep]:
    """Return the reps that were completed in these steps."""
    return [step.rep for step in steps if step.rep is not None]


def cues_of(steps: Iterable[Step]) -> list[Cue]:
    """Return the cues that were given in these steps."""
    return [step.cue for step in steps if step.cue is not None]


def cues_of_reps(steps: Iterable[Step]) -> list[Cue]:
    """Return the cues about reps, without those about sets, warnings and where the lifter stands."""
    return [cue for cue in cues_of(steps) if cue.rep is not None]
