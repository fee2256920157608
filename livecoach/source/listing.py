"""Which cameras the system lists, without opening one."""

from pathlib import Path


def listed_cameras(platform: str, folder: Path = Path("/dev")) -> tuple[int, ...] | None:
    """Return the numbers of the cameras that the system lists; None where they can only be found by opening them.

    platform: as in `sys.platform`. A camera may have several numbers on Linux, of which only some deliver pictures.
    """
    if not platform.startswith("linux"):
        return None
    numbers = (path.name.removeprefix("video") for path in folder.glob("video*"))
    return tuple(sorted(int(number) for number in numbers if number.isdecimal()))
