"""A loop of two reps, as a rest shows it."""

from dataclasses import replace

import numpy as np

from builders.depth import a_depth
from builders.kept_reps import a_kept_rep
from livecoach.feedback.depth_line import DepthLine
from livecoach.feedback.figure_crop import HEIGHT, crop_of, cropped
from livecoach.feedback.rep_loop import PHASES, LoopedLine, LoopedRep, RepLoop
from livecoach.feedback.skeleton import project


def with_a_line(loop: RepLoop) -> RepLoop:
    """Return a loop whose first rep was deep enough, with the line at the top of the knee around the bottom."""
    xy = np.array([[0.2, 0.7], [0.8, 0.7], [0.4, 0.75]])
    line = DepthLine(t_s=2.0, result=a_depth(-3.0, "met"), under_knee_cm=0.0, xy=xy)
    shown = tuple(10 <= phase < 20 for phase in range(PHASES))
    looped = LoopedLine(line=line, xy=xy * (loop.reps[0].width, HEIGHT), shown=shown)
    return replace(loop, reps=(replace(loop.reps[0], line=looped), *loop.reps[1:]))


def a_loop(**changes: object) -> RepLoop:
    """Return a rep that leant forward beside a good one, which moves alike. It begins at 5 s and pauses at 12."""
    kept = a_kept_rep(lift="squat")
    crop = crop_of([kept])
    assert crop is not None
    seen = kept.inside[:: len(kept.inside) // PHASES][:PHASES]
    bodies = tuple(
        cropped(body, crop) for o in seen if (body := project(o, o.width_px, o.height_px, mirror=False)) is not None
    )
    width = crop.shown_width
    reps = (
        LoopedRep(caption="Rep 1/4", good=False, width=width, bodies=bodies, joints=("left_hip",)),
        LoopedRep(caption="Rep 1/2", good=True, width=width, bodies=bodies),
    )
    drill = "Do 8 goblet squats with a dumbbell at your chest, elbows inside your knees."
    fields: dict[str, object] = {"reps": reps, "cue": "Stay tall", "change": "52°, your good reps 41°", "drill": drill}
    return RepLoop(**{**fields, "stops_at": 12, "began_s": 5.0, **changes})  # type: ignore[arg-type]
