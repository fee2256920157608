"""A loop of two reps, as a rest shows it."""

from dataclasses import replace

import numpy as np

from builders.depth import a_depth
from builders.kept_reps import a_kept_rep
from livecoach.decisions.rep.curves import POINTS
from livecoach.feedback.depth_line import DepthLine
from livecoach.feedback.rep_loop import LOOP_PICTURES, LoopedRep, RepLoop
from livecoach.feedback.two_reps import HEIGHT, PairedRep, find_crop


def of_pair(rep: LoopedRep, **changes: object) -> LoopedRep:
    """Return the rep with changes of its half."""
    return replace(rep, paired=replace(rep.paired, **changes))  # type: ignore[arg-type]


def with_figures(rep: LoopedRep, phases: range = range(10), **changes: object) -> LoopedRep:
    """Return the rep with the same changes in each of some pictures."""
    figures = [
        replace(one, **changes) if one is not None and phase in phases else one  # type: ignore[arg-type]
        for phase, one in enumerate(rep.figures)
    ]
    return replace(rep, figures=tuple(figures))


def with_a_line(loop: RepLoop) -> RepLoop:
    """Return a loop whose first rep was deep enough, with the line at the top of the knee around the bottom."""
    xy = np.array([[0.2, 0.7], [0.8, 0.7], [0.4, 0.75]])
    line = DepthLine(t_s=2.0, result=a_depth(-3.0, "met"), under_knee_cm=0.0, xy=xy)
    first = with_figures(of_pair(loop.reps[0], line=line), range(10, 20), line=xy * (loop.reps[0].width, HEIGHT))
    return replace(loop, reps=(first, *loop.reps[1:]))


def a_loop(**changes: object) -> RepLoop:
    """Return a rep that leant forward beside a good one, which moves alike. It begins at 5 s and pauses at 12."""
    kept = a_kept_rep(lift="squat")
    crop = find_crop(kept.rep_observations)
    assert crop is not None
    good = PairedRep(window=kept, crop=crop, points=np.arange(POINTS, dtype=float))
    figures = tuple(good.figure_at(point) for point in np.linspace(0, POINTS - 1, LOOP_PICTURES))
    leant = replace(good, form="anomalous", joints=("left_hip",))
    reps = tuple(
        LoopedRep(caption=caption, paired=of, figures=figures)
        for caption, of in (("Set 1, rep 4", leant), ("Set 1, rep 2", good))
    )
    drill = "Do 8 goblet squats with a dumbbell at your chest, elbows inside your knees."
    fields: dict[str, object] = {"reps": reps, "cue": "Stay tall", "change": "52°, your good reps 41°", "drill": drill}
    return RepLoop(**{**fields, "stops_at": 12, "began_s": 5.0, **changes})  # type: ignore[arg-type]
