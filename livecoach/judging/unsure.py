"""Why a rep is counted but not judged."""

LOST_FROM_SIGHT = "lost from sight"
"""In too many frames there was nobody."""
OUT_OF_PICTURE = "out of the picture"
"""In too many frames a part of the body was outside the picture, or unclear."""
LEGS_NOT_CLEAR = "legs not clear"
NOT_CLEAR = {"shoulders": "shoulders not clear", "hips": "hips not clear", "knees": "knees not clear"}
"""Joints without which nothing is judged, by group of livecoach.frame.visibility → the reason."""
VIEW_UNKNOWN = "view not known"
FROM_BEHIND = "camera behind you"
"""The training data has nobody from this view."""
TOO_FEW_FRAMES = "too few frames"
"""Nothing can be measured."""
TOO_FEW_JOINTS = "too few joints"
NO_HUMAN = "no movement of a lifter"
"""The joints are where no body has them."""
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
"""All of them. Window and report tell for each what to do about it."""
