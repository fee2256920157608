"""Draw the pictures of docs/moments.md and write that page: the lifter's view at every moment of a set.

    python scripts/make_moments.py [FOLDER]      # FOLDER: where to write, by default docs/

A synthetic lifter does two sets, filmed in landscape and in portrait; pose, pipeline and window are those of a live
run. Where the sets lack a moment, the steps are changed. Clips and observations are kept in build/moments for later
runs (--clips names another folder). Needs the packages of `synth`, and EGL; on two cores it takes some minutes.
"""

import argparse
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from moments.clips import CAMERAS
from moments.drawing import canvases, save, start_screen
from moments.moments import MOMENTS, Moment
from moments.page import page
from moments.takes import WHOLE, Filmed, Take

from livecoach.errors import LivecoachError

ROOT = Path(__file__).resolve().parents[1]
PREVIEWED_S = 4.5
"""Time of the frame on the start screen."""
SESSION, LIFTED = r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d", "2026-01-05_18-30-00"
"""Pattern of a session's name, and its fixed substitute, so that the page is the same every time."""


def draw(shape: str, clips: Path, pictures: Path) -> None:
    """Write the pictures of all moments in one shape."""
    for take, moments in by_take():
        for moment, canvas in canvases(Filmed(take, shape, clips), moments):
            save(canvas, shape, pictures / f"{moment.name}-{shape}.jpg")
    frame = next(frame for frame in Filmed(WHOLE, shape, clips).frames() if frame.t_s >= PREVIEWED_S)
    assert frame.picture is not None
    save(start_screen(frame.picture), "landscape", pictures / f"start_screen-{shape}.jpg")


def by_take() -> Iterator[tuple[Take, list[Moment]]]:
    """Yield each take with its moments, so that each is read once."""
    taken = [(moment.take, moment) for moment in MOMENTS if moment.take is not None]
    for take, group in groupby(sorted(taken, key=lambda one: (one[0].name, one[0].exercise)), key=lambda one: one[0]):
        yield take, [moment for _, moment in group]


def last_words(observations: Path) -> str:
    """Return the terminal's last lines of a run, here over stored observations, but worded as for a camera."""
    command = [
        sys.executable,
        "-m",
        "livecoach",
        "replay",
        str(observations),
        "--fast",
        "--record",
        "--profile",
        "anna",
    ]
    with TemporaryDirectory() as home:
        own = {name: f"{home}/{name}" for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME")}
        environment = {**os.environ, **own, "LANGUAGE": "en"}
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT, env=environment)
    where = next(line for line in done.stderr.splitlines() if line.startswith("livecoach: session:"))
    said = f"{done.stdout.strip()}\n{where}".replace(own["XDG_DATA_HOME"], "~/.local/share")
    return re.sub(SESSION, LIFTED, said.replace("landscape.mp4", "camera 0", 1))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs", metavar="FOLDER")
    options.add_argument("--clips", type=Path, default=ROOT / "build" / "moments", help="where clips are kept")
    given = options.parse_args()
    pictures = given.folder / "moments"
    pictures.mkdir(parents=True, exist_ok=True)
    for shape in CAMERAS:
        draw(shape, given.clips, pictures)
    words = last_words(given.clips / f"landscape-{WHOLE.name}.obs")
    experience = (ROOT / "docs" / "experience.md").read_text(encoding="utf-8")
    (given.folder / "moments.md").write_text(page(experience, words), encoding="utf-8")
    written = sorted(pictures.glob("*.jpg"))
    print(
        f"{given.folder / 'moments.md'}: {len(written)} pictures, {sum(p.stat().st_size for p in written) / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    try:
        main()
    except LivecoachError as err:
        print(f"error: {err}", file=sys.stderr)
        sys.exit(err.exit_code)
