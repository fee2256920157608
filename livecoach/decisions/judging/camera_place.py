"""Finds good places of the camera for an exercise, and the faults that the present place hides."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from livecoach.core.types import View
from livecoach.core.types.message import Message, join_texts
from livecoach.core.types.reps import UNSEEN_FAULTS
from livecoach.decisions.judging.fault_model import LEAST_EFFECT, VIEW_OFF_DEG, FaultModel
from livecoach.decisions.rep.depth import can_measure_depth
from livecoach.decisions.rep.view_normalised import LEAST_SINE
from livecoach.perception.body.visibility import LEG_GROUPS

FARTHEST_DEG = 105.0  # Largest azimuth from which a rep is judged: the training data shows no lifters from behind
NEARLY_ALL = 0.9  # Least share of the faults and paths shown by the best azimuth, at a good azimuth. Our choice.
CHANCE_DEG = 2 * VIEW_OFF_DEG  # Width up to which a span of azimuths is ignored: a camera hits it only by chance
MOST_NAMED = 3  # Most hidden faults or paths in a line: more would not fit in the window. Our choice.
BEHIND = "reps are not judged from behind"  # The only drawback of a camera behind the lifter
DEPTH, BAR_PATH = "depth", "path of the bar"  # Words, as keys of `CameraPlaces.seen_from`


@dataclass(frozen=True, kw_only=True)  # without slots: what follows from its fields is cached
class CameraPlaces:
    """The azimuths from which a camera shows the faults of an exercise, the depth of its reps, and the bar's path."""

    seen_from: dict[str, tuple[range, ...]]
    """Words for a fault, for depth or for the bar's path, in order of importance → the spans of azimuths that show this
    item, in whole degrees on either side: 0 in front, 90 at the side. No span if no view shows it."""
    shown_by_legs: tuple[str, ...]  # Words for depth, and for faults that knees, ankles or feet show

    @cached_property
    def _unseen(self) -> tuple[tuple[str, ...], ...]:
        """The words of `seen_from` that each whole degree, 0…180, hides, without words that only narrow spans show."""
        wide = [
            (words, spans) for words, spans in self.seen_from.items() if max(map(len, spans), default=0) > CHANCE_DEG
        ]
        return tuple(
            tuple(words for words, spans in wide if not any(at in span for span in spans)) for at in range(181)
        )

    @cached_property
    def good_azimuths_deg(self) -> tuple[int, int]:
        """The widest span of good azimuths, as its first and its last whole degree.

        At a good azimuth, the number of items of `seen_from` that are not hidden (`hidden_items`) is at least 90 %
        (NEARLY_ALL) of the largest such number.
        """
        shown = [len(self.seen_from) - len(self._unseen[azimuth]) for azimuth in _AZIMUTHS_DEG]
        good = _spans(azimuth for azimuth in _AZIMUTHS_DEG if shown[azimuth] >= NEARLY_ALL * max(shown))
        widest = max(good, key=len)
        return widest[0], widest[-1]

    def hidden_items(self, azimuth_deg: float) -> tuple[str, ...]:
        """Return the words of the items of `seen_from` that an azimuth hides, except items of narrow spans alone."""
        return self._unseen[round(abs(azimuth_deg))]

    def drawbacks(self, view: View | None, *, legs_hidden: bool) -> tuple[str, ...]:
        """Return lines about what the camera's place and, if `legs_hidden`, the plates hide.

        If the view is unknown (None), only the plates hide anything. From behind the lifter, the only line is BEHIND.
        """
        if view is not None and abs(view.azimuth_deg) > FARTHEST_DEG:
            return (BEHIND,)
        hidden = () if view is None else self.hidden_items(view.azimuth_deg)
        return _drawback_lines(hidden, self.shown_by_legs if legs_hidden else None)


@lru_cache(32)  # a search takes 5 ms, and is repeated for each lifter and report
def find_camera_places(model: FaultModel, *, depth: bool) -> CameraPlaces:
    """Find the azimuths that show each fault of an exercise and the bar's path; with `depth`, also the reps' depth."""
    effects = [model.effects(float(azimuth)) for azimuth in _AZIMUTHS_DEG]
    seen_from = {DEPTH: _spans(filter(can_measure_depth, _AZIMUTHS_DEG))} if depth else {}
    shown_by_legs = [DEPTH] if depth else []
    for name, fault in model.table.faults.items():
        shown = () if fault.hidden else [azimuth for azimuth in _AZIMUTHS_DEG if effects[azimuth][name] >= LEAST_EFFECT]
        seen_from[fault.words] = _spans(shown)
        if shown and any(group in LEG_GROUPS for group in fault.joints):
            shown_by_legs.append(fault.words)
    seen_from[BAR_PATH] = _spans(azimuth for azimuth in _AZIMUTHS_DEG if np.sin(np.radians(azimuth)) >= LEAST_SINE)
    return CameraPlaces(seen_from=seen_from, shown_by_legs=tuple(shown_by_legs))


@lru_cache(maxsize=64)  # the lines are needed for each picture, and stay the same while the lifter stands still
def _drawback_lines(unseen: tuple[str, ...], shown_by_legs: tuple[str, ...] | None) -> tuple[str, ...]:
    """Return lines about hidden items and, unless `shown_by_legs` is None, about plates that hide the legs."""
    lines: list[str] = [Message(UNSEEN_FAULTS, text=_list(unseen))] if unseen else []
    behind_plates = [words for words in shown_by_legs or () if words not in unseen]
    if behind_plates:
        lines.append(Message("the plates hide your legs; perhaps not visible: {text}", text=_list(behind_plates)))
    elif shown_by_legs is not None:
        lines.append("the plates hide your legs: some reps may go unjudged")
    return tuple(lines)


_AZIMUTHS_DEG = range(int(FARTHEST_DEG) + 1)


def _spans(degrees: Iterable[int]) -> tuple[range, ...]:
    spans: list[range] = []
    for at in degrees:
        begin = spans.pop().start if spans and spans[-1].stop == at else at
        spans.append(range(begin, at + 1))
    return tuple(spans)


def _list(things: Iterable[str]) -> str:
    every = [*things]
    if len(every) <= MOST_NAMED:
        return join_texts(", ", *every)
    named = every[: MOST_NAMED - 1]
    return Message("{text} and {n} more", text=join_texts(", ", *named), n=len(every) - len(named))
