"""Words for angles that deviate: of joints, and of a trunk that tips or leans."""

from livecoach.judging.deviation import Deviation, Style, beside

STRAIGHT_DEG = 180.0


def angle(joint: str = "") -> Style:
    """Word a joint's angle; at most 180°, because 182° means nothing to a reader."""

    def style(off: Deviation) -> str:
        ref = min(off.ref, STRAIGHT_DEG) if off.value < STRAIGHT_DEG else off.ref
        return beside(Deviation(off.value, ref, off.own, off.height_cm), 0, "°", f"{joint} " if joint else "")

    return style


def tipped(off: Deviation) -> str:
    """Word how far the trunk tips forward while the hips rise; below 0 the chest rises with them."""
    value, ref = round(off.value), round(off.ref)
    if value > 0 and ref >= 0:
        return f"chest tipped {value}°, {off.name} {ref}°"
    return f"chest {_down(value)}, {off.name} {_down(ref)}"


def _down(angle_deg: int) -> str:
    return f"{abs(angle_deg)}° {'down' if angle_deg > 0 else 'up'}"


def top_of_hips(off: Deviation) -> str:
    """Word the hips' angle at the top: past the reference the lifter leans back, short of it the hips are still
    bent."""
    return f"{off.change:.0f}° farther {off.than}" if off.change > 0 else angle("hips")(off)


def bend_of_knees(off: Deviation) -> str:
    """Word by how much more or less the knees are bent."""
    return f"knees bent {abs(off.change):.0f}° {'less' if off.change > 0 else 'more'} {off.than}"


def bend_of_hips(off: Deviation) -> str:
    """Word by how much more or less the hips are bent."""
    return f"hips bent {abs(off.change):.0f}° {'less' if off.change > 0 else 'more'} {off.than}"


def leant_back(off: Deviation) -> str:
    """Word the lean of a trunk, which is below 0 where it leans back."""
    return f"{abs(off.change):.0f}° {'farther back' if off.change < 0 else 'less far back'} {off.than}"
