"""What `livecoach analyze` writes of a recording."""

from livecoach.core.documents import Analysis, FramesDocument, ModelDocument, SourceDocument, TimingDocument, to_json


def an_analysis(**changes: object) -> str:
    """Return the JSON document of a recording without reps."""
    fields: dict[str, object] = {
        "source": SourceDocument(name="a.mp4", frames=100, fps=10.0, width=64, height=48, duration_s=10.0),
        "exercise": "squat",
        "profile": None,
        "view": None,
        "reps": (),
        "partial_reps": (),
        "frames": FramesDocument(read=100, with_pose=90, dropped=0),
        "timing": TimingDocument(pose_ms_p50=None, step_ms_p50=None, step_ms_p95=None, wall_s=1.0),
        "model": ModelDocument(name="squat", version="1", sha256="2" * 64, synthetic=True, pose="lite"),
    }
    return to_json(Analysis(**{**fields, **changes}))  # type: ignore[arg-type]
