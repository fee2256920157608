"""Two reps side by side at the same moment: a rep, and the lifter's own typical one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.curves.rep_curve import POINTS
from livecoach.report.content import Lifted
from livecoach.report.counterpart import matched, seen_at, time_at, typical
from livecoach.report.figures import Crop, Figure, crop_of, figure
from livecoach.report.first import First
from livecoach.report.moment import Moment
from livecoach.report.plots import Drawn
from livecoach.report.stills import Half, Pictures
from livecoach.report.words import MARK, capital
from livecoach.types import Fault, RepWindow

MOST_STILLS = 24
"""Pairs of stills in one report, half a megabyte together; the reps after that have drawn figures. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shown:
    """One of the two."""

    caption: str
    mark: str
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duo:
    """Two reps at one moment; the second is None where there is no good one."""

    title: str
    of: Lifted | None
    first: Shown
    second: Shown | None
    then: Moment
    """Which moment of the first one it is."""
    clip: str | None = None
    """Both, moving, as a data: URI."""
    filmed: bool = False
    """There are pictures, not only drawn figures."""


class Compared:
    """Sets reps of one session beside each other."""

    def __init__(self, reps: Sequence[Lifted], drawn: Drawn, pictures: Pictures, called: Mapping[int, str]) -> None:
        """called: index of a rep → what it is called."""
        self._reps, self._drawn, self._pictures, self._called = reps, drawn, pictures, called
        self._stills = 0

    def shown_first(self, first: First) -> Duo | None:
        """The two reps that show best what to fix first; of good ones the most and the least typical."""
        if first.shown is not None:
            fault = first.faults[0].at_worst if first.faults else None
            return self._duo(first.shown, typical(first.shown, self._reps), fault, clip=True)
        good = [one for one in self._reps if one.rep.verdict == "good" and one.rep.score is not None and one.window]
        if first.kind != "good" or not good:
            return None
        best = min(good, key=lambda one: one.rep.score or 0.0)
        least = max(good, key=lambda one: one.rep.score or 0.0)
        return self._duo(least, None if least is best else best, None, clip=True)

    def beside_typical(self, lifted: Lifted) -> Duo | None:
        """A rep beside the lifter's own typical one; None where nothing was seen of it."""
        return self._duo(lifted, typical(lifted, self._reps), None, clip=False)

    def _duo(self, lifted: Lifted, other: Lifted | RepWindow | None, fault: Fault | None, *, clip: bool) -> Duo | None:
        """fault: of the rep, the one that is told of; None: the one that the rep is told for."""
        then = self._drawn.moment(lifted, fault)
        if lifted.window is None or then is None:
            return None
        beside = other.window if isinstance(other, Lifted) else other
        ours = isinstance(other, Lifted)
        crop = crop_of([lifted.window, beside] if beside is not None and ours else [lifted.window])
        if crop is None:
            return None
        crop_beside = crop if beside is None or ours else crop_of([beside])
        point = then.point
        # Joints are marked by the fault that the rep is told for.
        joints = lifted.rep.top_joints if fault is None or fault is lifted.rep.faults[0] else ()
        first = self._shown(lifted.window, time_at(point, lifted.window), crop, lifted, joints=joints)
        second = None
        same = np.arange(POINTS, dtype=float)
        points = same if beside is None else matched(*(self._drawn.height(kept) for kept in (lifted.window, beside)))
        if beside is not None and crop_beside is not None:
            then_s = time_at(float(points[point]), beside)
            second = self._shown(beside, then_s, crop_beside, other, filmed=ours)
        if first is None:
            return None
        halves = [Half(window=lifted.window, crop=crop, points=same, joints=joints)]
        if beside is not None and crop_beside is not None:
            halves.append(Half(window=beside, crop=crop_beside, points=points, filmed=ours))
        self._stills += 1
        return Duo(
            title=capital(self._called[lifted.rep.index]),
            of=lifted,
            first=first,
            second=second,
            then=then,
            clip=self._pictures.clip(halves, point) if clip else None,
            filmed=first.figure.picture is not None,
        )

    def _shown(
        self,
        window: RepWindow,
        at_s: float,
        crop: Crop,
        of: Lifted | RepWindow | None,
        *,
        joints: Collection[str] = (),
        filmed: bool = True,
    ) -> Shown | None:
        seen = seen_at(window, at_s)
        if seen is None:
            return None
        picture = self._pictures.still(seen, crop) if filmed and self._stills < MOST_STILLS else None
        if isinstance(of, Lifted) and of.rep.verdict != "anomalous":
            joints = ()
        if isinstance(of, Lifted):
            caption, mark = capital(self._called[of.rep.index]), MARK[of.rep.verdict]
        else:
            caption, mark = "Your good rep of another day", MARK["good"]
        share = f"{at_s - window.start_s:.1f} s into the rep"
        marked = ", ".join(name.replace("_", " ") for name in joints)
        told = f"{caption}, {share}" + (f"; marked: {marked}" if marked else "")
        drawn = figure(seen, crop, told, joints=joints, picture=picture)
        return Shown(caption=f"{caption}, {share}", mark=mark, figure=drawn)
