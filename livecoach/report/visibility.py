"""What could not be judged or seen, why, and how to place the camera so that it can next time."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from livecoach.documents import Event, WarningEvent
from livecoach.frame.placement import turn
from livecoach.judging.judge import LEAST_EFFECT
from livecoach.judging.own_referee import FROM_BEHIND, TOO_FEW_FRAMES, VIEW_UNKNOWN
from livecoach.judging.population import FARTHEST_DEG, Population
from livecoach.judging.referee import NO_VIEW, NOT_JUDGED
from livecoach.report.content import SessionRep
from livecoach.report.words import plural
from livecoach.types import View

STEP_DEG = 5
"""Between the places of a camera that are tried."""
FRAME_RATE, UNKNOWN, NO_PLACE = "frame_rate", "unknown", "place"
NOWHERE = "Not to be seen from anywhere yet: the estimate of the joints is too rough for it"
REASONS = {
    FRAME_RATE: "Too few frames a second",
    UNKNOWN: "Could not be measured, or too little was known of you",
    NO_PLACE: "Nobody knows where the camera stood",
}
RADIUS = 62
"""Of the circle of the drawing on which cameras stand, in a square of 160."""
_MIDDLE = 80
ADVICE = {
    "lost from sight": "Keep all of you in the picture for the whole set, with nobody between you and the camera.",
    "out of the picture": "Move the camera back, or step back, until head, feet and hands stay in the picture.",
    "legs not clear": "Put the camera nearer, make it lighter, and let nothing stand before your legs.",
    FROM_BEHIND: "Put the camera before you or at your side: from behind too little is seen.",
    TOO_FEW_FRAMES: "Make it lighter, and let nothing else run on the computer: more frames a second are needed.",
    VIEW_UNKNOWN: "Before a set stand still for a moment, all of you in the picture.",
}
"""Why a rep was not judged → what helps. All else is joints that jump or hide."""
JOINTS_ADVICE = "Let nothing stand before you, make it lighter, and put the camera at the height of your hips."


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedFaults:
    """Faults that were not looked for, for one reason."""

    why: str
    faults: tuple[str, ...]
    """What they show, with where they could be seen from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnjudgedReps:
    """Reps that were counted and not judged, for one reason."""

    why: str
    reps: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAdvice:
    """Where it stood, and where it should."""

    stood: str
    advice: str
    places: tuple[tuple[float, float], ...]
    """Where it stood, on the drawing."""
    wedges: tuple[str, ...]
    """From where most is seen, SVG's `d`."""
    words: str


def unchecked_faults(reps: Sequence[SessionRep], population: Population) -> tuple[UncheckedFaults, ...]:
    """Faults that were not looked for in some of the reps that were judged, by reason."""
    judged = [lifted for lifted in reps if lifted.rep.verdict != "unsure"]
    found: dict[str, dict[str, int]] = {}
    for lifted in judged:
        for fault in lifted.rep.not_visible:
            if fault.reason != NOT_JUDGED:
                reason = NO_PLACE if fault.reason == NO_VIEW and lifted.view is None else fault.reason
                of_reason = found.setdefault(reason, {})
                of_reason[fault.name] = of_reason.get(fault.name, 0) + 1
    from_where = visible_from(population)
    out: list[UncheckedFaults] = []
    for reason, counts in found.items():
        told = {name: _of(name, count, len(judged), population) for name, count in counts.items()}
        if reason != NO_VIEW:
            out.append(UncheckedFaults(why=_reason(reason), faults=tuple(told.values())))
            continue
        seen = tuple(f"{told[n]}: seen from {from_where[n]}" for n in counts if from_where.get(n))
        never = tuple(told[n] for n in counts if not from_where.get(n))
        if seen:
            out.append(UncheckedFaults(why="Not to be seen from where the camera stood", faults=seen))
        if never:
            out.append(UncheckedFaults(why=NOWHERE, faults=never))
    return tuple(out)


def visible_from(population: Population) -> dict[str, str]:
    """Fault → the azimuths it is looked for from, in words; empty for none. 0 is in front, 90 at the side."""
    places = range(0, int(FARTHEST_DEG) + 1, STEP_DEG)
    effects = [population.effects(float(place)) for place in places]
    told = {}
    for name in population.table.faults:
        runs: list[list[int]] = []
        for place, of_place in zip(places, effects, strict=True):
            if of_place.get(name, 0.0) < LEAST_EFFECT:
                continue
            if runs and runs[-1][1] == place - STEP_DEG:
                runs[-1][1] = place
            else:
                runs.append([place, place])
        told[name] = " and ".join(f"{low}°" if low == high else f"{low} to {high}°" for low, high in runs)
    return told


def unjudged_reps(reps: Sequence[SessionRep], called: Sequence[str]) -> tuple[UnjudgedReps, ...]:
    """Reps that were counted and not judged. called: what each of the reps is called."""
    found: dict[str, list[str]] = {}
    for lifted, name in zip(reps, called, strict=True):
        if lifted.rep.verdict == "unsure":
            found.setdefault(lifted.rep.unsure or "not known why", []).append(name)
    return tuple(
        UnjudgedReps(why=why, reps="; ".join(names), advice=ADVICE.get(why, JOINTS_ADVICE))
        for why, names in found.items()
    )


def warnings(events: Sequence[Event]) -> tuple[str, ...]:
    """What was in the way of seeing the lifter, how often and for how long."""
    lasted: dict[str, list[float]] = {}
    began: dict[str, tuple[float, str]] = {}
    last_s = 0.0
    for event in events:
        last_s = max(last_s, event.t_s)
        if not isinstance(event, WarningEvent):
            continue
        if event.active and event.warning not in began:
            began[event.warning] = event.t_s, event.text
        elif not event.active and event.warning in began:
            since_s, text = began.pop(event.warning)
            lasted.setdefault(text, []).append(event.t_s - since_s)
    for since_s, text in began.values():
        lasted.setdefault(text, []).append(last_s - since_s)
    return tuple(f"“{text}”: {plural(len(times), 'time')}, {sum(times):.0f} s in all" for text, times in lasted.items())


def camera_advice(views: Sequence[View], wanted_deg: tuple[float, float]) -> CameraAdvice:
    """views: from where the reps were seen. wanted_deg: from where most faults are, on either side."""
    low, high = wanted_deg
    best = (
        f"Put it at {low:.0f} to {high:.0f}° from straight in front of you, on either side, at the height of your hips "
        "and about three metres away, so that head, feet and hands stay in the picture: most is seen from there."
    )
    wedges = tuple(_wedge(side * low, side * high) for side in (1, -1))
    if not views:
        stood = "Nobody knows where the camera stood: before a set stand still for a moment, all of you in the picture."
        return CameraAdvice(
            stood=stood, advice=best, places=(), wedges=wedges, words="Where to put the camera, from above."
        )
    middle = sorted(views, key=lambda view: view.azimuth_deg)[len(views) // 2]
    off = turn(middle, wanted_deg)
    stood = f"The camera stood {_place(middle)}."
    advice = f"That is a good place: from {low:.0f} to {high:.0f}° most is seen." if off is None else f"{best}"
    kept = {round(view.azimuth_deg / STEP_DEG) * STEP_DEG: view for view in views}
    return CameraAdvice(
        stood=stood,
        advice=advice,
        places=tuple(_at(view.azimuth_deg) for view in kept.values()),
        wedges=wedges,
        words=f"From above: {stood} Most is seen from {low:.0f} to {high:.0f}° on either side of the front.",
    )


def _of(name: str, count: int, of: int, population: Population) -> str:
    known = population.table.faults.get(name)
    words = known.words if known is not None else name.replace("_", " ")
    return words if count == of else f"{words} (in {plural(count, 'rep')})"


def _reason(reason: str) -> str:
    joints = reason.replace("_", " ").capitalize()
    return REASONS.get(reason, f"{joints} not seen well: hidden, out of the picture, or unsteady")


def _place(view: View) -> str:
    azimuth, side = abs(view.azimuth_deg), "left" if view.azimuth_deg > 0 else "right"
    sure = f"(±{view.uncertainty_deg:.0f}°)"
    if azimuth < 10:
        return f"in front of you, {azimuth:.0f}° {sure}"
    return f"at {azimuth:.0f}° {sure} from your front, on your {side}"


def _at(azimuth_deg: float, radius: float = RADIUS) -> tuple[float, float]:
    """On the drawing, which looks down on a lifter who faces its lower edge: his left is at its right."""
    angle = math.radians(azimuth_deg)
    return round(_MIDDLE + radius * math.sin(angle), 1), round(_MIDDLE + radius * math.cos(angle), 1)


def _wedge(from_deg: float, to_deg: float) -> str:
    (x1, y1), (x2, y2) = _at(from_deg, RADIUS + 8), _at(to_deg, RADIUS + 8)
    sweep = 0 if to_deg > from_deg else 1
    return f"M{_MIDDLE} {_MIDDLE}L{x1} {y1}A{RADIUS + 8} {RADIUS + 8} 0 0 {sweep} {x2} {y2}Z"
