"""The values that flow from source to window, all frozen (see docs/design.md for the way they go).

Times called `t_s` are seconds of the source's own time, 0 at its first frame. Image coordinates: x to the right,
y down, 0…1 of the picture. World coordinates: metres, x to the picture's right, y down, z away from the camera,
origin between the hips.
"""

from livecoach.types.reps import (
    Correction,
    Fault,
    KeptRep,
    Label,
    NotVisible,
    Pace,
    PartialReason,
    PartialRep,
    Rep,
    SpeedUnit,
    Verdict,
    Why,
)
from livecoach.types.seen import Frame, Observation, SourceInfo, StageName, StageReading, View, ViewName, nobody
from livecoach.types.told import (
    Corrected,
    Cue,
    CueKind,
    Hint,
    HintKind,
    Learning,
    Notice,
    NoticeKind,
    ReferenceChange,
    SetSummary,
    Step,
)

__all__ = [
    "Corrected",
    "Correction",
    "Cue",
    "CueKind",
    "Fault",
    "Frame",
    "Hint",
    "HintKind",
    "KeptRep",
    "Label",
    "Learning",
    "NotVisible",
    "Notice",
    "NoticeKind",
    "Observation",
    "Pace",
    "PartialReason",
    "PartialRep",
    "ReferenceChange",
    "Rep",
    "SetSummary",
    "SourceInfo",
    "SpeedUnit",
    "StageName",
    "StageReading",
    "Step",
    "Verdict",
    "View",
    "ViewName",
    "Why",
    "nobody",
]
