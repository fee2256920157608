"""Names of the numbers that describe a movement, and which of them say what of it."""

from typing import Literal

from livecoach.form import course

Group = Literal["arms", "lean", "pace"]
"""What a lift model may look at or not: hands and arms, the trunk's lean, how long the movement takes. Legs, hips, feet
and place it always looks at."""
# fmt: off
NAMED = (
    "log_s", "log_out_s", "log_back_s", "log_top_s", "log_rise_s", "log_fall_s", "span", "start_level",
    "end_level", "ends_apart", "gap", "speed_out", "speed_back", "even_out", "even_back", "feet_shift",
    "feet_wander", "ankle_range", "ankle_jitter", "wrist_jitter", "scale_change", "sway_top", "lateral",
    "stance", "path", "path_apart", "hang_dev", "hang_std", "hang_top_std", "across_std", "across_move",
    "across_top_std", "hands_low", "hands_turn", "hands_move", "hands_std", "arm_mid", "arm_turn", "arm_std",
    "tilt_ends", "tilt_least", "tilt_turn", "tilt_change", "tilt_mid", "tilt_move", "world_tilt_ends",
    "world_tilt_turn", "world_tilt_change", "knees_differ", "hips_differ", "elbow_mid", "elbow_worst",
    "elbow_turn", "elbow_low", "elbow_std", "wrist_off", "wrist_change", "wrist_over_hip", "knee_low",
    "knee_apart", "knee_turn", "knee_back", "hip_low", "hip_apart", "hip_turn", "hip_back", "lean_low",
    "lean_apart", "lean_turn", "lean_back", "wrist_low", "wrist_apart", "wrist_turn", "wrist_back", "turning",
    "turned_by", "turning_top", "front_turn", "front_low", "front_mid", "front_shoulder",
)
"""Names of a movement's own numbers, as the functions below give them."""
# fmt: on
OWN = (*NAMED, *(f"{what}_{channel}" for what in ("speed", "spread") for channel in course.STEADY))
PACE = ("log_s", "log_out_s", "log_back_s", "log_top_s", "log_rise_s", "log_fall_s", "speed_out", "speed_back")
ARMS = ("wrist", "path", "hang", "across", "hands", "arm", "tilt", "world_tilt", "elbow", "front")
"""First words of names."""
CHANNELS: dict[Group, frozenset[int]] = {
    "arms": frozenset((*range(3, 19), 22)),
    "lean": frozenset((2,)),
    "pace": frozenset(),
}
"""Channels of a course that belong to a group."""


def group_of(name: str) -> Group | None:
    """Of one of OWN; None where it belongs to what is always looked at."""
    what, _, last = name.rpartition("_")
    if what in ("speed", "spread") and last.isdigit():
        return next((group for group, channels in CHANNELS.items() if int(last) in channels), None)
    if name in PACE:
        return "pace"
    if name.startswith("lean_"):
        return "lean"
    return "arms" if name.startswith(tuple(f"{word}_" for word in ARMS)) or name in ARMS else None
