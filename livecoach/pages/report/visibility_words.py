"""Explains which faults could not be checked and which reps could not be judged, and where to place the camera."""

import functools
import math
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from livecoach.core.config import exercise
from livecoach.core.documents import Event, PartEvent, WarningEvent
from livecoach.core.language import as_message, format_duration
from livecoach.core.step import RepCompleted
from livecoach.core.types import Rep, View, WarningKind
from livecoach.core.types.message import Message, join_texts
from livecoach.decisions.coaching.rep_figures import unseen_fault_reasons
from livecoach.decisions.judging.fault_model import CameraPlaces, FaultModel, find_camera_places
from livecoach.decisions.judging.verdict import BY_VIEW
from livecoach.decisions.judging.wording import fault_words
from livecoach.decisions.rep import measured
from livecoach.pages.report.report_words import camera_place, describe_unchecked, rep_names
from livecoach.perception.body.placement import turn_hint

STEP_DEG = 5  # Smallest distance between camera positions that are drawn separately, in degrees
_SHOWN_FROM = {
    True: "Most faults show from {n} to {n2}° on either side of the front.",
    False: "A rep shows best from {n} to {n2}° on either side of the front.",
}
"""Message that names the best camera positions, by whether the exercise has faults."""
RADIUS = 62  # Radius of the circle of camera positions, in a viewBox of 160 by 160
_MIDDLE = 80  # Both coordinates of the centre of the viewBox
OF_PART: tuple[WarningKind, ...] = ("other_exercise", "camera_changed", "nothing_counted")
"""Warnings that end when another part of the session begins; up to version 3.0.0, no event reports this end."""
HINTS = {
    measured.LOST_FROM_SIGHT: (
        "Keep your whole body in the picture for the whole set, with nobody between you and the camera."
    ),
    measured.OUT_OF_PICTURE: "Move the camera back, or step back, until head, feet and hands stay in the picture.",
    measured.LEGS_NOT_CLEAR: "Move the camera closer, add light, and keep the space in front of your legs clear.",
    measured.FROM_BEHIND: "Put the camera in front of you or at your side: too little is visible from behind.",
    measured.PICTURES_MISSING: (
        "For a moment no picture came: check the camera's cable or Wi-Fi, and close other programs."
    ),
    measured.TOO_FEW_FRAMES: "Add light and close other programs: judging needs more frames per second.",
    measured.VIEW_UNKNOWN: "Before a set, stand still for a moment with your whole body in the picture.",
    measured.TOO_DARK: "Add light: it was too dark to see your joints as exactly as in your good reps.",
    measured.TOO_COARSE: "Take a sharper or larger picture: joints were seen less exactly than in your good reps.",
    measured.TOO_FAR: "Come closer, or move the camera closer: too few pixels show you.",
    measured.LOOKS_UP: "Raise the camera, or move it back: it looks up at you more than in your good reps.",
    measured.LOOKS_DOWN: "Lower the camera: it looks down at you more than in your good reps.",
    measured.MOVED: "Put the camera where it was: it sees you turned, or leaning, unlike in your good reps.",
    measured.ON_ITS_SIDE: "Turn the camera, or the video, until you stand upright in the picture.",
    measured.NO_HUMAN: (
        "Stand alone in the picture, with your whole body in it: the joints were found where no body has them."
    ),
    measured.TOO_FEW_JOINTS: "Keep your whole body in the picture, and the space in front of you clear.",
}
"""Hint for each reason why a rep was not judged. For other reasons, which are jumping or hidden joints, the advice is
JOINTS_HINT."""
JOINTS_HINT = "Keep the space in front of you clear, add light, and put the camera at the height of your hips."


def describe_unchecked_faults(reps: Sequence[RepCompleted], model: FaultModel) -> list[tuple[str, Sequence[str]]]:
    """Describe why faults could not be checked in judged reps: each reason, with the faults and their numbers of reps.

    A fault is listed only under its most common reason.
    """
    judged = sum(entry.counted.verdict != "unsure" for entry in reps)
    placed = any(entry.view is not None for entry in reps)
    faults, seen_from = model.table.faults, _places(model).seen_from
    hidden: dict[str, list[str]] = {}
    for name, reasons in unseen_fault_reasons([entry.counted for entry in reps]).items():
        words, reason = _count_words(name, reasons.total(), judged, model), reasons.most_common(1)[0][0]
        why = describe_unchecked(reason)
        if reason == BY_VIEW and not placed:
            why = "The camera position is unknown"
        elif reason == BY_VIEW and name in faults and (azimuths := _azimuths(seen_from[faults[name].words])):
            words = Message("{text}: visible from {text2}", text=words, text2=azimuths)
        hidden.setdefault(why, []).append(words)
    return [*hidden.items()]


def _places(model: FaultModel) -> CameraPlaces:
    return find_camera_places(model, depth="depth" in exercise.load(model.table.exercise).standards)


def _azimuths(spans: Sequence[range]) -> str:
    """Describe spans of azimuths, such as "20 to 60° and 90°"; 0° is in front, 90° at the side."""
    single, span_words = "{n}°", "{n} to {n2}°"
    texts = [
        Message(span_words, n=span[0], n2=span[-1]) if len(span) > 1 else Message(single, n=span[0]) for span in spans
    ]
    both = "{text} and {text2}"
    return functools.reduce(lambda first, second: Message(both, text=first, text2=second), texts) if texts else ""


def describe_unjudged_reps(reps: Sequence[RepCompleted]) -> list[tuple[str, str, str]]:
    """Return each reason why reps were counted but not judged, the names of these reps, and a hint on the remedy."""
    by_reason: dict[str, list[Rep]] = {}
    for entry in reps:
        if entry.counted.verdict == "unsure":
            by_reason.setdefault(entry.counted.unsure or "not known why", []).append(entry.counted)
    return [(why, rep_names(hidden), HINTS.get(why, JOINTS_HINT)) for why, hidden in by_reason.items()]


def describe_warnings(events: Sequence[Event]) -> tuple[str, ...]:
    """Describe each warning of a session: how often it was raised, and how long it lasted in total.

    A warning that has not ended lasts until the last event, or until another part begins if it is in OF_PART.
    """
    lasted: dict[str, list[float]] = defaultdict(list)
    began: dict[str, WarningEvent] = {}
    for event in (event for event in events if isinstance(event, WarningEvent | PartEvent)):
        if isinstance(event, WarningEvent) and event.active:
            began.setdefault(event.warning, event)
            continue
        for kind in OF_PART if isinstance(event, PartEvent) else (event.warning,):
            if (first := began.pop(kind, None)) is not None:
                lasted[first.text].append(event.t_s - first.t_s)
    for first in began.values():
        lasted[first.text].append(max(event.t_s for event in events) - first.t_s)
    lines = []
    for warned, times in lasted.items():
        text = as_message(warned)
        if isinstance(text, Message) and text.id == "this looks like {text}: press e":  # a page has no keys
            text = Message("this looks like {text}", **text.arguments)
        often = "once, {time} min" if len(times) == 1 else "{n} times, {time} min in total"
        lasted_for = Message(often, n=len(times), time=format_duration(sum(times)))
        lines.append(join_texts(": ", Message("“{text}”", text=text), lasted_for))
    return tuple(lines)


def camera_fields(views: Sequence[View], model: FaultModel, fault_names: Sequence[str] = ()) -> dict[str, Any]:
    """Return the fields of the report's camera section: where the camera stood, and where it should stand.

    Args:
        views: Views from which the reps were seen; empty if unknown.
        fault_names: Names of the reps' faults. A camera may stay if it shows a fault that the best place hides.
    """
    table, places = model.table, _places(model)
    low, high = places.good_azimuths_deg
    shows = "most faults" if table.faults else "a rep best"
    show = "most faults show" if table.faults else "a rep shows best"
    where = {"n": low, "n2": high}
    kept = {round(view.azimuth_deg / STEP_DEG) * STEP_DEG: view for view in views}
    hints = {
        "stood": Message(
            "The camera position is unknown: before a set, stand still for a moment with your whole body in the "
            "picture."
        ),
        "hint": Message(
            "Put it at {n} to {n2}° from straight in front of you, on either side, at the height of your hips and "
            "about three metres away, so that head, feet and hands stay in the picture: {text} from there.",
            text=show,
            **where,
        ),
        "places": [_camera_point(view.azimuth_deg) for view in kept.values()],
        "wedges": [_wedge(side * low, side * high) for side in (1, -1)],
        "words": Message("Where to put the camera, from above."),
        "shows": shows,
    }
    if views:
        middle = sorted(views, key=lambda view: view.azimuth_deg)[len(views) // 2]
        stood = Message("The camera stood {text}.", text=camera_place(middle))
        words = Message("From above: {text}", text=stood), Message(_SHOWN_FROM[bool(table.faults)], **where)
        hints |= {"stood": stood, "words": join_texts(" ", *words)}
        if turn_hint(middle, (low, high)) is None:
            hints["hint"] = Message("That is a good place: {text} from {n} to {n2}°.", text=show, **where)
        else:
            elsewhere, here = places.hidden_items(low), places.hidden_items(middle.azimuth_deg)
            known = [table.faults[name].words for name in fault_names if name in table.faults]
            shown = [words for words in known if words in elsewhere and words not in here]
            if shown:
                stay = "Stay there to fix this: {text}. Most other faults show from {n} to {n2}°."
                hints["hint"] = Message(stay, text=join_texts(", ", *shown), **where)
    return hints


def _count_words(name: str, count: int, of: int, model: FaultModel) -> str:
    words = fault_words(name, model.table.exercise)
    counted = "{text} (in 1 rep)" if count == 1 else "{text} (in {n} reps)"
    return words if count == of else Message(counted, text=words, n=count)


def _camera_point(azimuth_deg: float, radius: float = RADIUS) -> tuple[float, float]:
    """Return a camera position in a drawing from above. The lifter faces down, with the left side at the right."""
    angle = math.radians(azimuth_deg)
    return round(_MIDDLE + radius * math.sin(angle), 1), round(_MIDDLE + radius * math.cos(angle), 1)


def _wedge(from_deg: float, to_deg: float) -> str:
    (x1, y1), (x2, y2) = _camera_point(from_deg, RADIUS + 8), _camera_point(to_deg, RADIUS + 8)
    sweep = int(to_deg <= from_deg)
    return f"M{_MIDDLE} {_MIDDLE}L{x1} {y1}A{RADIUS + 8} {RADIUS + 8} 0 0 {sweep} {x2} {y2}Z"
