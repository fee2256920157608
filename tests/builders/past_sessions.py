"""Builders of what history counts: sessions and reps as they are read, without files."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from builders.sessions import a_document, at
from builders.steps import a_pace as a_full_pace
from builders.steps import a_rep
from livecoach.core.documents import AUTO, Event, RecordedSource
from livecoach.core.types import Fault, Pace, Rep, SetLog
from livecoach.decisions.coaching.last_time import LastTime
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session


def a_last_time(**changes: object) -> LastTime:
    """Return a last time of squats whose knees came in."""
    fields: dict[str, object] = {"exercise": "squat", "title": "Squat", "fault": "knee_cave", "cue": "knees out"}
    fields |= {"load_kg": 100.0, "sets": 3, "reps": 5, "rest_s": 180.0}
    return LastTime(**{**fields, **changes})  # type: ignore[arg-type]


def a_pace(**changes: object) -> Pace:
    """Return the pace of a rep with a second down and almost one up, in torso lengths."""
    fields = {"eccentric_s": 1.0, "pause_s": 0.2, "concentric_s": 0.8, "speed": 1.0, "travel": 0.9}
    return a_full_pace(**{**fields, **changes})


def a_past_rep(**changes: object) -> Rep:
    """Return a good first rep. faults: their names."""
    faults = tuple(Fault.named_by_person(name, 1.0) for name in changes.pop("faults", ()))  # type: ignore[attr-defined]
    return a_rep(**{"number": 1, "set": 1, "pace": a_pace(), "faults": faults, "exercise": "squat", **changes})


def reps_of(verdicts: str, of_set: int = 1) -> tuple[Rep, ...]:
    """Return reps by letters: "gga?" stands for good, good, anomalous, not judged."""
    words = {"g": "good", "a": "anomalous", "?": "unsure"}
    return tuple(a_past_rep(number=n + 1, set=of_set, verdict=words[one]) for n, one in enumerate(verdicts))


def sets_of(
    reps: Sequence[Rep],
    logs: Mapping[int, SetLog],
    creases_cm: Sequence[float] = (),
    exercise: str | None = None,
    profile: str | None = None,
) -> tuple[SessionSet, ...]:
    """Return the sets of some reps, in order. creases_cm: of the first set. exercise: of all reps; by default their
    own. profile: of the lifter."""
    sets = []
    for (number, name), own in groupby(reps, lambda rep: (rep.set, exercise or rep.exercise)):
        sets.append(
            SessionSet(
                number=number or 1,
                profile=profile,
                exercise=name or "",
                reps=tuple(own),
                log=logs.get(number or 1, SetLog()),
                creases_cm=() if sets else tuple(creases_cm),
            )
        )
    return tuple(sets)


def a_past_session(
    started: datetime | None = None,
    *,
    reps: Sequence[Rep] | None = None,
    logs: Mapping[int, SetLog] | None = None,
    creases_cm: Sequence[float] = (),
    name: str | None = None,
    too_shallow: int = 0,
    live: bool = True,
    events: Sequence[Event] = (),
    **about: Any,
) -> Session:
    """Return a session in which anna did one squat. about: fields of its session.json."""
    started = started or at(2026, 3, 4)
    about = {"started": started.isoformat(), "session": f"camera 0:{started.isoformat()}", **about}
    source = RecordedSource(name="camera 0", width=640, height=480, fps=30.0, live=live)
    document = a_document(source=source, **about)
    exercise = None if document.exercise == AUTO else document.exercise
    sets = sets_of(reps_of("g") if reps is None else reps, logs or {}, creases_cm, exercise, document.profile)
    done = tuple(dict.fromkeys(one.exercise or AUTO for one in sets))
    folder = Path(name or f"{started:%Y-%m-%d_%H-%M-%S}-squat")
    return Session(folder=folder, about=document, say=pytest.fail).with_values(
        sets=sets,
        exercises=done or (() if exercise is None else (exercise,)),
        is_cut_off=False,
        shallow_count=too_shallow,
        events=tuple(events),
    )
