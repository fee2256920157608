"""The values that flow from source to window, all frozen. docs/design.md shows where they flow.

Times called `t_s` are seconds of the source's own time, which is 0 at its first frame. Image coordinates: x to the
right, y down, both 0…1 across the picture. World coordinates: metres, x to the picture's right, y down, z away from the
camera, origin between the hips.
"""

from livecoach.core.types.feedback import (
    Corrected,
    Cue,
    CueKind,
    Hint,
    HintKind,
    JudgedRep,
    Learning,
    LikelyExercise,
    Notice,
    NoticeKind,
    Recognition,
    ReferenceChange,
    SetSummary,
    Step,
)
from livecoach.core.types.observation import (
    Frame,
    Observation,
    SourceInfo,
    StageName,
    StageReading,
    View,
    ViewName,
    nobody,
)
from livecoach.core.types.reps import (
    Correction,
    Fault,
    Label,
    MeasuredFrom,
    NotVisible,
    Pace,
    PartialReason,
    PartialRep,
    Rep,
    RepWindow,
    SetLog,
    SetMark,
    SpeedUnit,
    StandardResult,
    Standards,
    Times,
    Verdict,
    Why,
)


def ignore(*_: object) -> None:
    """The callback for callers that want none."""
