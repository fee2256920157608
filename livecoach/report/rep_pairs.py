"""Pairs of reps shown side by side at the same moment: a rep and the lifter's own typical rep."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach.curves import POINTS
from livecoach.feedback.back_line import BackLine
from livecoach.feedback.figure_crop import crops_beside
from livecoach.judging.primary import SHALLOW
from livecoach.key_moment import KeyMoment, matching_points, observation_at, time_at, typical_rep
from livecoach.report.content import SessionRep
from livecoach.report.pictures import ClipHalf, LifterFigure, ReportPictures, draw_figure
from livecoach.report.plots import RepPlots
from livecoach.report.words import MARK, Priority
from livecoach.types import Fault, RepWindow
from livecoach.types.message import Message, capital, in_words, joined

MOST_STILLS = 24
"""Most pairs of stills in one report, about half a megabyte; later reps get drawn figures. Our choice."""
STILL_S = 0.2
"""A still shows the line at the top of the knee this near to the bottom: the lifter does not come to it. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
    """One rep of a pair: its caption and its picture."""

    name: str
    """Its name alone."""
    caption: str
    mark: str
    figure: LifterFigure


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepPair:
    """Two reps at the same moment; `second` is None if there is no good rep to compare with."""

    title: str
    of: SessionRep | None
    first: ComparedRep
    second: ComparedRep | None
    then: KeyMoment
    """The moment of the first rep that is shown."""
    clip: str | None = None
    """Video of both reps as a data: URI."""
    filmed: bool = False
    """Whether video frames are shown rather than drawn figures only."""

    @property
    def legend(self) -> str:
        """Explains the line at the top of the knee; empty where no figure has it."""
        shown = (one.figure.line for one in (self.first, self.second) if one is not None)
        return next((line.legend for line in shown if line is not None), "")


def clip_halves(
    entry: SessionRep,
    other: SessionRep | RepWindow | None,
    plots: RepPlots,
    joints: Collection[str],
    fault: Fault | None = None,
) -> list[ClipHalf]:
    """Return the halves of a clip: a rep and, if there is one, the rep beside it; empty if nobody is visible.

    entry: a rep with observations. other: a rep of this session, or one of the lifter's own from another day, which has
    no pictures. joints: names of the joints to mark. fault: the fault of the rep to show; None for its primary fault.
    """
    window = entry.window
    if window is None:
        return []
    ours = isinstance(other, SessionRep)
    beside = other.window if isinstance(other, SessionRep) else other
    line = other.line if isinstance(other, SessionRep) else None
    crop, crop_beside = crops_beside(window, beside, one_camera=ours)
    if crop is None:
        return []
    points = np.arange(POINTS, dtype=float)
    good, of_back = entry.rep.verdict == "good", plots.of_back(entry, fault)
    joints = () if of_back else joints  # the line of the back takes their place
    back = BackLine(window, of_back) if of_back else None
    halves = [ClipHalf(window=window, crop=crop, points=points, joints=joints, line=entry.line, back=back, good=good)]
    if beside is not None and crop_beside is not None:
        points = matching_points(plots.height(window), plots.height(beside))
        back = BackLine(beside, of_back) if of_back else None
        halves.append(ClipHalf(window=beside, crop=crop_beside, points=points, filmed=ours, line=line, back=back))
    return halves


class Comparisons:
    """Pairs the reps of one session with typical reps."""

    def __init__(
        self, reps: Sequence[SessionRep], plots: RepPlots, pictures: ReportPictures, rep_names: Mapping[int, str]
    ) -> None:
        """rep_names: index of a rep → its display name."""
        self._reps, self._plots, self._pictures, self._rep_names = reps, plots, pictures, rep_names
        self._stills = 0

    def priority_pair(self, first: Priority) -> RepPair | None:
        """Return the pair that best shows what to fix first; if all reps are good, the least and the most typical."""
        if first.shown is not None:
            fault = first.faults[0].at_worst if first.faults else None
            return self._pair(first.shown, self._typical(first.shown, fault), fault, clip=True)
        good = [one for one in self._reps if one.rep.verdict == "good" and one.rep.score is not None and one.window]
        if first.kind != "good" or not good:
            return None
        best = min(good, key=lambda one: (not one.rep.is_exemplary, one.rep.score or 0.0))
        least = max(good, key=lambda one: one.rep.score or 0.0)
        return self._pair(least, None if least is best else best, None, clip=True)

    def beside_typical(self, entry: SessionRep) -> RepPair | None:
        """Pair a rep with the lifter's own typical rep; None without observations of the rep."""
        return self._pair(entry, self._typical(entry, None), None, clip=False)

    def _typical(self, entry: SessionRep, fault: Fault | None) -> SessionRep | RepWindow | None:
        of_depth = fault is not None and fault.name == SHALLOW
        return typical_rep(entry, self._reps, lambda kept: self._plots.shows(entry, fault, kept), of_depth=of_depth)

    def _pair(
        self, entry: SessionRep, other: SessionRep | RepWindow | None, fault: Fault | None, *, clip: bool
    ) -> RepPair | None:
        """fault: the fault of the rep to show; None for its primary fault."""
        then = self._plots.moment(entry, fault)
        if entry.window is None or then is None:
            return None
        point = then.point
        # The marked joints belong to the primary fault.
        joints = entry.rep.top_joints if fault is None or fault in entry.rep.faults[:1] else ()
        halves = clip_halves(entry, other, self._plots, joints, fault)
        if not halves:
            return None
        first = self._shown(halves[0], time_at(point, entry.window), entry)
        second = None
        for half in halves[1:]:
            then_s = time_at(float(half.points[point]), half.window)
            second = self._shown(half, then_s, other)
        if first is None:
            return None
        self._stills += 1
        return RepPair(
            title=capital(self._rep_names[entry.rep.index]),
            of=entry,
            first=first,
            second=second,
            then=then,
            clip=self._pictures.clip(halves, point) if clip else None,
            filmed=first.figure.picture is not None,
        )

    def _shown(self, half: ClipHalf, at_s: float, of: SessionRep | RepWindow | None) -> ComparedRep | None:
        """Show one rep at a moment. half: what is shown of it."""
        observation = observation_at(half.window, at_s)
        if observation is None:
            return None
        crop, joints = half.crop, half.joints
        picture = self._pictures.still(observation, crop) if half.filmed and self._stills < MOST_STILLS else None
        if isinstance(of, SessionRep) and of.rep.verdict != "anomalous":
            joints = ()
        if isinstance(of, SessionRep):
            high = of.rep.verdict == "good" and not of.rep.is_exemplary
            caption, mark = capital(self._rep_names[of.rep.index]), MARK["anomalous" if high else of.rep.verdict]
        else:
            caption, mark = Message("Your good rep from another day"), MARK["good"]
        line = of.line if isinstance(of, SessionRep) else None
        if line is not None and not line.is_shown(observation.t_s, STILL_S):
            line = None
        share = Message("{n} s into the rep", n=f"{at_s - half.window.start_s:.1f}")
        caption_at = joined(", ", caption, share, "" if line is None else line.result.words)
        marked = joined(", ", *(in_words(name) for name in joints))
        alternative = joined("; ", caption_at, marked and Message("marked: {text}", text=marked))
        plots = draw_figure(observation, crop, alternative, joints=joints, picture=picture, line=line, back=half.back)
        return ComparedRep(name=caption, caption=caption_at, mark=mark, figure=plots)
