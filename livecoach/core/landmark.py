"""Lists BlazePose's 33 landmarks: their order and the bones between them (MediaPipe Pose documentation)."""

import numpy as np

# fmt: off
NAMES = (
    "nose",
    "left_eye_inner", "left_eye", "left_eye_outer", "right_eye_inner", "right_eye", "right_eye_outer",
    "left_ear", "right_ear", "mouth_left", "mouth_right",
    "left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist",
    "left_pinky", "right_pinky", "left_index", "right_index", "left_thumb", "right_thumb",
    "left_hip", "right_hip", "left_knee", "right_knee", "left_ankle", "right_ankle",
    "left_heel", "right_heel", "left_foot_index", "right_foot_index",
)
# fmt: on

COUNT = len(NAMES)

SHOULDERS = (11, 12)
ELBOWS = (13, 14)
WRISTS = (15, 16)
HIPS = (23, 24)
KNEES = (25, 26)
ANKLES = (27, 28)
HEELS = (29, 30)
TOES = (31, 32)
"""Indices of the toes in NAMES. Each constant from SHOULDERS to TOES has the left index, then the right index."""
JOINTS = np.array([SHOULDERS, ELBOWS, WRISTS, HIPS, KNEES, ANKLES])
"""(6, 2) indices of the joints from shoulder to ankle, left and right."""
CORE = np.array([*SHOULDERS, *HIPS, *KNEES, *ANKLES])  # joints that show where a body is, without the arms

STATIONS = np.linspace(0.05, 0.95, 19)
"""Places at which the back's edge is measured, as shares of the line through mid-hip and mid-shoulder, which extends
beyond both (`Observation.back`)."""

OTHER_SIDE = tuple(
    NAMES.index(name.replace("left", "R").replace("right", "left").replace("R", "right")) for name in NAMES
)
"""Index of each landmark's counterpart on the other side of the body."""

# fmt: off
BONES = (
    (11, 12), (11, 13), (13, 15), (12, 14), (14, 16),  # shoulders and arms
    (11, 23), (12, 24), (23, 24), (23, 25), (25, 27), (24, 26), (26, 28),  # trunk and legs
    (27, 29), (29, 31), (27, 31), (28, 30), (30, 32), (28, 32),  # feet
)
# fmt: on
"""Pairs of landmarks that are connected by a line in the picture."""
