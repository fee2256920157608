"""Why a rep is counted but not judged."""

LOST_FROM_SIGHT = "lost from sight"  # too many frames show nobody
OUT_OF_PICTURE = "out of the picture"
"""In too many frames, a part of the body is outside the picture, or unclear."""
LEGS_NOT_CLEAR = "legs not clear"
NOT_CLEAR = {"shoulders": "shoulders not clear", "hips": "hips not clear", "knees": "knees not clear"}
"""Group of joints without which nothing is judged → the reason."""
VIEW_UNKNOWN = "view not known"
FROM_BEHIND = "camera behind you"
"""The training data shows nobody from this view."""
TOO_FEW_FRAMES = "too few frames"  # nothing can be measured
TOO_FEW_JOINTS = "too few joints"
NO_HUMAN = "no movement of a lifter"
"""The joints lie where no body can have them."""
REASONS = (
    LOST_FROM_SIGHT,
    OUT_OF_PICTURE,
    LEGS_NOT_CLEAR,
    *NOT_CLEAR.values(),
    VIEW_UNKNOWN,
    FROM_BEHIND,
    TOO_FEW_FRAMES,
    TOO_FEW_JOINTS,
    NO_HUMAN,
)
"""Window and report give advice for each."""
