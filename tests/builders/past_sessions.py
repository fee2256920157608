"""Builders of what history counts: sessions and reps as they are read, without files."""

from datetime import datetime

from builders.sessions import at
from livecoach.core.types import Fault, Pace
from livecoach.pages.history.reading import PastRep, PastSession


def a_pace(**changes: object) -> Pace:
    """Return the pace of a rep with a second down and almost one up, in torso lengths."""
    fields: dict[str, object] = {
        "eccentric_s": 1.0,
        "pause_s": 0.2,
        "concentric_s": 0.8,
        "speed": 1.0,
        "speed_unit": "torso/s",
        "travel": 0.9,
        "travel_unit": "torso",
        "velocity_loss": 0.0,
    }
    return Pace(**{**fields, **changes})  # type: ignore[arg-type]


def a_past_rep(**changes: object) -> PastRep:
    """Return a good first rep."""
    fields: dict[str, object] = {
        "number": 1,
        "set": 1,
        "verdict": "good",
        "faults": (),
        "end_s": 2.0,
        "pace": a_pace(),
    }
    fields |= changes
    faults = tuple(Fault.named(name, 1.0) for name in fields["faults"])  # type: ignore[attr-defined]
    met = fields["verdict"] == "good" and fields.get("depth") != "missed"
    return PastRep(**{"shortcomings": faults, "exemplary": met, **fields})  # type: ignore[arg-type]


def reps_of(verdicts: str, of_set: int = 1) -> tuple[PastRep, ...]:
    """Return reps by letters: "gga?" stands for good, good, anomalous, not judged."""
    words = {"g": "good", "a": "anomalous", "?": "unsure"}
    return tuple(a_past_rep(number=n + 1, set=of_set, verdict=words[one]) for n, one in enumerate(verdicts))


def a_past_session(started: datetime | None = None, **changes: object) -> PastSession:
    """Return a session in which anna did one squat."""
    started = started or at(2026, 3, 4)
    fields: dict[str, object] = {
        "name": f"{started:%Y-%m-%d_%H-%M-%S}-squat",
        "started": started,
        "exercise": "squat",
        "profile": "anna",
        "session": f"camera 0:{started.isoformat()}",
        "live": True,
        "ended": True,
        "reps": reps_of("g"),
    }
    return PastSession(**{**fields, **changes})  # type: ignore[arg-type]
