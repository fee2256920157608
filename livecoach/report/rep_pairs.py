"""Pairs of reps shown side by side at the same moment: a rep and the lifter's own typical rep."""

from collections.abc import Sequence
from dataclasses import dataclass

from livecoach.feedback.two_reps import Comparer, PairedRep
from livecoach.key_moment import KeyMoment
from livecoach.report.content import SessionRep
from livecoach.report.pictures import LifterFigure, ReportPictures, draw_figure
from livecoach.report.words import MARK, Priority, rep_name
from livecoach.types import Fault, RepWindow
from livecoach.types.message import Message, capital, in_words, joined

MOST_STILLS = 24
"""Most pairs of stills in one report, about half a megabyte; later reps get drawn figures. Our choice."""
STILL_S = 0.2
"""A still shows the line at the top of the knee this near to the bottom: the lifter does not come to it. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ComparedRep:
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


class Comparisons:
    """Pairs the reps of one session with typical reps."""

    def __init__(self, reps: Sequence[SessionRep], comparer: Comparer, pictures: ReportPictures) -> None:
        self._reps, self._comparer, self._pictures = reps, comparer, pictures
        self._stills = 0

    def priority_pair(self, first: Priority) -> RepPair | None:
        """Return the pair that best shows what to fix first; if all reps are good, the least and the most typical."""
        if first.shown is not None:
            fault = first.faults[0].at_worst if first.faults else None
            return self._pair(first.shown, self._comparer.beside(first.shown, self._reps, fault), fault, clip=True)
        good = [one for one in self._reps if one.rep.verdict == "good" and one.rep.score is not None and one.window]
        if first.kind != "good" or not good:
            return None
        best = min(good, key=lambda one: (not one.rep.is_exemplary, one.rep.score or 0.0))
        least = max(good, key=lambda one: one.rep.score or 0.0)
        return self._pair(least, None if least is best else best, None, clip=True)

    def beside_typical(self, entry: SessionRep) -> RepPair | None:
        """Pair a rep with the lifter's own typical rep; None without observations of the rep."""
        return self._pair(entry, self._comparer.beside(entry, self._reps), None, clip=False)

    def _pair(
        self, entry: SessionRep, other: SessionRep | RepWindow | None, fault: Fault | None, *, clip: bool
    ) -> RepPair | None:
        """fault: the fault of the rep to show; None for its primary fault."""
        then, halves = self._comparer.moment(entry, fault), self._comparer.pair(entry, other, fault)
        if then is None or not halves:
            return None
        shown = [self._shown(half, then.point, of) for half, of in zip(halves, (entry, other), strict=False)]
        first = shown[0]
        if first is None:
            return None
        self._stills += 1
        return RepPair(
            title=capital(rep_name(entry)),
            of=entry,
            first=first,
            second=shown[1] if len(shown) > 1 else None,
            then=then,
            clip=self._pictures.clip(halves, then.point) if clip else None,
            filmed=first.figure.picture is not None,
        )

    def _shown(self, half: PairedRep, point: int, of: SessionRep | RepWindow | None) -> ComparedRep | None:
        """Show one rep. point: the moment, of the first rep's curves. of: whose half it is."""
        moment = half.at(point, STILL_S)
        if moment is None:
            return None
        filmed = half.ours and self._stills < MOST_STILLS
        picture = self._pictures.still(moment.seen, half.crop) if filmed else None
        if isinstance(of, SessionRep):
            high = of.rep.verdict == "good" and not of.rep.is_exemplary
            caption, mark = capital(rep_name(of)), MARK["anomalous" if high else of.rep.verdict]
        else:
            caption, mark = Message("Your good rep from another day"), MARK["good"]
        line = None if moment.line is None else half.line
        share = Message("{n} s into the rep", n=f"{half.time_at(point) - half.window.start_s:.1f}")
        caption_at = joined(", ", caption, share, "" if line is None else line.result.words)
        marked = joined(", ", *(in_words(name) for name in half.joints))
        alternative = joined("; ", caption_at, marked and Message("marked: {text}", text=marked))
        figure = draw_figure(moment, half.crop, alternative, joints=half.joints, picture=picture, line=line)
        return ComparedRep(name=caption, caption=caption_at, mark=mark, figure=figure)
