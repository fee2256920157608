"""Make the film of the README and the site: start screen, set, fault, rest, next set, report, phone; and its stills.

    python scripts/make_film.py [FOLDER]      # FOLDER: where to write, by default docs/film/

The window's pictures come from a run over the rendered set of `scripts/make_moments.py`, the report from the same set,
and the phone's pictures, in docs/phone/, from `scripts/make_phone_pictures.py`. Nobody is filmed. The script needs
Chromium and the packages of `test`.
"""

import argparse
import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import make_moments
import numpy as np
from make_moments import AWAY_S, FPS, ROOT, STOOD_S, Take, coached, filmed, observed, save, start_screens

sys.path.insert(0, str(ROOT / "tests"))

from builders.browser import browser, opened

from livecoach.capture.opencv import cv2
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.shapes import DUSK
from livecoach.records.session.video import open_video

FILM, SIZE_PX = "livecoach.mp4", (960, 540)
CRF = 27
HELD_S, PHONE_S = 4.0, 3.5
"""Time for which the film holds the start screen once the lifter stands, and the top of the report; and time for each
picture of the phone."""
RESTED_S, LEFT_OUT_S = 18.0, 7.0  # Length of the rest with an empty room, and of its beginning, which the film omits
PAN_PX_S = 90.0
MOST_PANNED_PX = 2200  # Height of the part of the report that the film pans over, down to the overview of the set
PHONE = ("before_a_set", "ready", "good_rep", "anomalous_rep", "set_over", "rest_over")
STILLS_S = {"start": 9.0, "set": 21.4, "fault": 24.6, "rest": 38.0}  # Times in the film of the window's stills
STILL_PX = 640


def on_canvas(picture: np.ndarray) -> np.ndarray:
    """Return a canvas of the film's size with a picture in its middle, as large as fits."""
    canvas = np.full((SIZE_PX[1], SIZE_PX[0], 3), DUSK, np.uint8)
    scale = min(SIZE_PX[0] / picture.shape[1], SIZE_PX[1] / picture.shape[0])
    w, h = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    x, y = (SIZE_PX[0] - w) // 2, (SIZE_PX[1] - h) // 2
    canvas[y : y + h, x : x + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)
    return canvas


def hold(picture: np.ndarray, seconds: float) -> Iterator[np.ndarray]:
    for _ in range(round(seconds * FPS)):
        yield picture


def window(video: Path) -> Iterator[np.ndarray]:
    """Yield the pictures of the window: the start screen until the lifter stands, then the run."""
    for screen in start_screens(video, STOOD_S):
        shown = on_canvas(screen)
        yield shown
    yield from hold(shown, HELD_S)
    seen = observed(video, Take())
    away = next(number for number, observation in enumerate(seen) if observation.t_s >= AWAY_S + 1)
    resting = [replace(seen[away - 1], t_s=seen[away - 1].t_s + n / FPS) for n in range(1, round(RESTED_S * FPS))]
    coach, watched = coached(Take("deadlift", answered=True), [*seen[:away], *resting, *seen[away:]])
    overlay = Overlay(mirror=True, title=coach.title or "", titles=coach.titles, synthetic=True)
    frames, picture = filmed(video, Take()), None
    for number, (step, status) in enumerate(watched):
        if not away <= number < away + len(resting):
            picture = next(frames).picture
        canvas = overlay.draw(picture, step, status)
        t_s = step.observation.t_s
        if t_s > STOOD_S and not AWAY_S < t_s < AWAY_S + LEFT_OUT_S:
            yield on_canvas(canvas)


def report(video: Path) -> np.ndarray:
    """Return a picture of the report of the set in a video, from the top of its page."""
    with TemporaryDirectory() as folder:
        home = {**os.environ, "LIVECOACH_HOME": folder}
        page = Path(folder) / "report.html"
        for command in (
            ("replay", video, "--fast", "--exercise", "deadlift", "--record"),
            ("report", "last", "--out", page),
        ):
            subprocess.run([sys.executable, "-m", "livecoach", *map(str, command)], env=home, check=True)
        return asyncio.run(_photograph(page))


async def _photograph(page: Path) -> np.ndarray:
    shot = page.with_suffix(".png")
    with browser() as tools:
        async with opened(tools, page.as_uri()) as shown:
            await shown.shape(SIZE_PX[0], SIZE_PX[1] + MOST_PANNED_PX)
            await shown.screenshot(shot)
    picture = cv2.imread(str(shot))
    assert picture is not None
    return cv2.resize(picture, (SIZE_PX[0], SIZE_PX[1] + MOST_PANNED_PX), interpolation=cv2.INTER_AREA)


def panned(page: np.ndarray) -> Iterator[np.ndarray]:
    yield from hold(page[: SIZE_PX[1]], HELD_S)
    for number in range(round(MOST_PANNED_PX / PAN_PX_S * FPS)):
        top = round(number * PAN_PX_S / FPS)
        yield page[top : top + SIZE_PX[1]]


def phone() -> Iterator[np.ndarray]:
    for name in PHONE:
        picture = cv2.imread(str(ROOT / "docs" / "phone" / f"{name}-landscape.jpg"))
        assert picture is not None
        yield from hold(on_canvas(picture), PHONE_S)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "film", metavar="FOLDER")
    options.add_argument("--clips", type=Path, default=ROOT / "build" / "moments", help="where clips are kept")
    arguments = options.parse_args()
    video = make_moments.clip("landscape", arguments.clips)
    page, stills = report(video), {round(at_s * FPS): name for name, at_s in STILLS_S.items()}
    parts = {"window": window(video), "report": panned(page), "phone": phone()}
    with open_video(arguments.folder / FILM, *SIZE_PX, FPS, crf=CRF, preset="slow") as film:
        for part, pictures in parts.items():
            for number, picture in enumerate(pictures):
                film.write(picture)
                name = stills.get(number) if part == "window" else part if not number else None
                if name is not None:
                    save(picture, STILL_PX, arguments.folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
