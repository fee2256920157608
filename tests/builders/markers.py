"""Recorded movements made up by hand, in the format of UI-PRMD: markers on somebody who squats."""

from pathlib import Path

import numpy as np

from livecoach.lab.train.real_motion import FILE, UNKNOWN_MM

FRAMES = 80
STANDING_M = {
    "ASI": (0.1, 0.13, 0.95),
    "PSI": (-0.1, 0.06, 0.97),
    "SHO": (0.0, 0.2, 1.45),
    "ELB": (0.0, 0.28, 1.15),
    "WRA": (0.03, 0.3, 0.9),
    "WRB": (-0.03, 0.3, 0.9),
    "FIN": (0.0, 0.3, 0.82),
    "FHD": (0.1, 0.07, 1.65),
    "BHD": (-0.1, 0.07, 1.65),
    "KNE": (0.02, 0.15, 0.5),
    "ANK": (0.0, 0.13, 0.08),
    "HEE": (-0.06, 0.12, 0.03),
    "TOE": (0.14, 0.14, 0.03),
}
"""Marker without its side → metres forward, left and up."""
STILL = ("ANK", "HEE", "TOE")


def a_squat(deep_m: float = 0.4, height: float = 1.0, facing_deg: float = 0.0) -> dict[str, np.ndarray]:
    """Markers (FRAMES, 3) of somebody who bends the knees once."""
    down = deep_m * np.sin(np.linspace(0, np.pi, FRAMES)) ** 2
    share = {"KNE": np.array([0.6, 0.0, -0.25])} | dict.fromkeys(STILL, np.zeros(3))
    c, s = np.cos(np.radians(facing_deg)), np.sin(np.radians(facing_deg))
    about = np.array([[c, s, 0], [-s, c, 0], [0, 0, 1]])
    return {
        f"{side}{name}": (height * np.array(at) * (1, sign, 1) + down[:, None] * share.get(name, np.array([0, 0, -1])))
        @ about
        for name, at in STANDING_M.items()
        for side, sign in (("L", 1), ("R", -1))
    }


def write_markers(folder: Path, recorded: dict[str, dict[str, np.ndarray]], *, gap: bool = False) -> Path:
    """Write markers by the name of each recording, as UI-PRMD is kept. gap: one marker is lost for some frames."""
    names = [*next(iter(recorded.values()))]
    mm = [np.round(1000 * np.stack([one[name] for name in names], 1)).astype(np.int16) for one in recorded.values()]
    if gap:
        mm[0][20:30, names.index("LKNE")] = UNKNOWN_MM
    np.savez(
        folder / FILE,
        markers=np.array(names),
        names=np.array([*recorded]),
        lengths=np.array([len(one) for one in mm]),
        mm=np.concatenate(mm),
    )
    return folder
