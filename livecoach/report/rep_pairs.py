"""Two reps side by side at the same moment: a rep, and the lifter's own typical one."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.curves.rep_curve import POINTS
from livecoach.report.content import SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.report.lifter_figure import Crop, LifterFigure, crop_of, draw_figure
from livecoach.report.pictures import ClipHalf, ReportPictures
from livecoach.report.plots import RepPlots
from livecoach.report.priority import Priority
from livecoach.report.typical_rep import matching_points, observation_at, time_at, typical_rep
from livecoach.report.words import MARK, capital
from livecoach.types import Fault, RepWindow

MOST_STILLS = 24
"""Pairs of stills in one report, half a megabyte together; the reps after that have drawn figures. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
    """One of the two."""

    caption: str
    mark: str
    figure: LifterFigure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepPair:
    """Two reps at one moment; the second is None where there is no good one."""

    title: str
    of: SessionRep | None
    first: ComparedRep
    second: ComparedRep | None
    then: KeyMoment
    """Which moment of the first one it is."""
    clip: str | None = None
    """Both, moving, as a data: URI."""
    filmed: bool = False
    """There are pictures, not only drawn figures."""


class Comparisons:
    """Sets reps of one session beside each other."""

    def __init__(
        self, reps: Sequence[SessionRep], drawn: RepPlots, pictures: ReportPictures, called: Mapping[int, str]
    ) -> None:
        """called: index of a rep → what it is called."""
        self._reps, self._drawn, self._pictures, self._called = reps, drawn, pictures, called
        self._stills = 0

    def shown_first(self, first: Priority) -> RepPair | None:
        """The two reps that show best what to fix first; of good ones the most and the least typical."""
        if first.shown is not None:
            fault = first.faults[0].at_worst if first.faults else None
            return self._duo(first.shown, typical_rep(first.shown, self._reps), fault, clip=True)
        good = [one for one in self._reps if one.rep.verdict == "good" and one.rep.score is not None and one.window]
        if first.kind != "good" or not good:
            return None
        best = min(good, key=lambda one: one.rep.score or 0.0)
        least = max(good, key=lambda one: one.rep.score or 0.0)
        return self._duo(least, None if least is best else best, None, clip=True)

    def beside_typical(self, lifted: SessionRep) -> RepPair | None:
        """A rep beside the lifter's own typical one; None where nothing was seen of it."""
        return self._duo(lifted, typical_rep(lifted, self._reps), None, clip=False)

    def _duo(
        self, lifted: SessionRep, other: SessionRep | RepWindow | None, fault: Fault | None, *, clip: bool
    ) -> RepPair | None:
        """fault: of the rep, the one that is told of; None: the one that the rep is told for."""
        then = self._drawn.moment(lifted, fault)
        if lifted.window is None or then is None:
            return None
        beside = other.window if isinstance(other, SessionRep) else other
        ours = isinstance(other, SessionRep)
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
        points = (
            same if beside is None else matching_points(*(self._drawn.height(kept) for kept in (lifted.window, beside)))
        )
        if beside is not None and crop_beside is not None:
            then_s = time_at(float(points[point]), beside)
            second = self._shown(beside, then_s, crop_beside, other, filmed=ours)
        if first is None:
            return None
        halves = [ClipHalf(window=lifted.window, crop=crop, points=same, joints=joints)]
        if beside is not None and crop_beside is not None:
            halves.append(ClipHalf(window=beside, crop=crop_beside, points=points, filmed=ours))
        self._stills += 1
        return RepPair(
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
        of: SessionRep | RepWindow | None,
        *,
        joints: Collection[str] = (),
        filmed: bool = True,
    ) -> ComparedRep | None:
        seen = observation_at(window, at_s)
        if seen is None:
            return None
        picture = self._pictures.still(seen, crop) if filmed and self._stills < MOST_STILLS else None
        if isinstance(of, SessionRep) and of.rep.verdict != "anomalous":
            joints = ()
        if isinstance(of, SessionRep):
            caption, mark = capital(self._called[of.rep.index]), MARK[of.rep.verdict]
        else:
            caption, mark = "Your good rep of another day", MARK["good"]
        share = f"{at_s - window.start_s:.1f} s into the rep"
        marked = ", ".join(name.replace("_", " ") for name in joints)
        told = f"{caption}, {share}" + (f"; marked: {marked}" if marked else "")
        drawn = draw_figure(seen, crop, told, joints=joints, picture=picture)
        return ComparedRep(caption=f"{caption}, {share}", mark=mark, figure=drawn)
