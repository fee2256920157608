"""A loop of two reps, as a rest shows it."""

from builders.kept_reps import a_kept_rep
from livecoach.feedback.figure_crop import crop_of, cropped
from livecoach.feedback.rep_loop import PHASES, LoopedRep, RepLoop
from livecoach.feedback.skeleton import project


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
