"""Make the film of the README and the site: start screen, set, fault, rest, next set, report, phone; and its stills.

    python scripts/make_film.py [FOLDER]      # FOLDER: where to write, by default docs/film/

The window's pictures are those of a run over the rendered set of `scripts/make_moments.py`; the report is that of the
same set; the phone's are those of `scripts/make_phone_pictures.py`, in docs/phone/. Nobody is filmed. Needs Chromium
and the packages of `synth` and `dev`.
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
"""How long the start screen, when the lifter stands, and the head of the report are held; and each picture of the
phone."""
RESTED_S, LEFT_OUT_S = 18.0, 7.0  # of the empty room in the rest, and of its beginning, which the film leaves out
PAN_PX_S = 90.0
MOST_PANNED_PX = 2200  # of the report: what to fix first, the two reps that show it, and how the set went
PHONE = ("before_a_set", "ready", "good_rep", "anomalous_rep", "set_over", "rest_over")
STILLS_S = {"start": 9.0, "set": 21.4, "fault": 24.6, "rest": 38.0}  # still of the window → its time in the film
STILL_PX = 640


def on_canvas(picture: np.ndarray) -> np.ndarray:
    """The picture, as large as fits, in the middle."""
    canvas = np.full((SIZE_PX[1], SIZE_PX[0], 3), DUSK, np.uint8)
    scale = min(SIZE_PX[0] / picture.shape[1], SIZE_PX[1] / picture.shape[0])
    w, h = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    x, y = (SIZE_PX[0] - w) // 2, (SIZE_PX[1] - h) // 2
    canvas[y : y + h, x : x + w] = cv2.resize(picture, (w, h), interpolation=cv2.INTER_AREA)
    return canvas


def held(picture: np.ndarray, seconds: float) -> Iterator[np.ndarray]:
    for _ in range(round(seconds * FPS)):
        yield picture


def window(video: Path) -> Iterator[np.ndarray]:
    """The start screen until the lifter stands, then the run."""
    for screen in start_screens(video, STOOD_S):
        shown = on_canvas(screen)
        yield shown
    yield from held(shown, HELD_S)
    seen = observed(video, Take())
    away = next(number for number, one in enumerate(seen) if one.t_s >= AWAY_S + 1)
    resting = [replace(seen[away - 1], t_s=seen[away - 1].t_s + n / FPS) for n in range(1, round(RESTED_S * FPS))]
    coach, told = coached(Take("deadlift", answered=True), [*seen[:away], *resting, *seen[away:]])
    overlay = Overlay(mirror=True, title=coach.title or "", titles=coach.titles, synthetic=True)
    frames, picture = filmed(video, Take()), None
    for number, (step, status) in enumerate(told):
        if not away <= number < away + len(resting):
            picture = next(frames).picture
        canvas = overlay.draw(picture, step, status)
        t_s = step.observation.t_s
        if t_s > STOOD_S and not AWAY_S < t_s < AWAY_S + LEFT_OUT_S:
            yield on_canvas(canvas)


def report(video: Path) -> np.ndarray:
    """Its page of the same set, from the top."""
    with TemporaryDirectory() as folder:
        home = {**os.environ, "LIVECOACH_HOME": folder}
        page = Path(folder) / "report.html"
        for command in (
            ("replay", video, "--fast", "--exercise", "deadlift", "--record"),
            ("report", "last", "--out", page),
        ):
            subprocess.run([sys.executable, "-m", "livecoach", *map(str, command)], env=home, check=True)
        return asyncio.run(_photographed(page))


async def _photographed(page: Path) -> np.ndarray:
    shot = page.with_suffix(".png")
    with browser() as tools:
        async with opened(tools, page.as_uri()) as shown:
            await shown.shape(SIZE_PX[0], SIZE_PX[1] + MOST_PANNED_PX)
            await shown.screenshot(shot)
    picture = cv2.imread(str(shot))
    assert picture is not None
    return cv2.resize(picture, (SIZE_PX[0], SIZE_PX[1] + MOST_PANNED_PX), interpolation=cv2.INTER_AREA)


def panned(page: np.ndarray) -> Iterator[np.ndarray]:
    yield from held(page[: SIZE_PX[1]], HELD_S)
    for number in range(round(MOST_PANNED_PX / PAN_PX_S * FPS)):
        top = round(number * PAN_PX_S / FPS)
        yield page[top : top + SIZE_PX[1]]


def phone() -> Iterator[np.ndarray]:
    for name in PHONE:
        picture = cv2.imread(str(ROOT / "docs" / "phone" / f"{name}-landscape.jpg"))
        assert picture is not None
        yield from held(on_canvas(picture), PHONE_S)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "film", metavar="FOLDER")
    options.add_argument("--clips", type=Path, default=ROOT / "build" / "moments", help="where clips are kept")
    given = options.parse_args()
    video = make_moments.clip("landscape", given.clips)
    page, stills = report(video), {round(at_s * FPS): name for name, at_s in STILLS_S.items()}
    parts = {"window": window(video), "report": panned(page), "phone": phone()}
    with open_video(given.folder / FILM, *SIZE_PX, FPS, crf=CRF, preset="slow") as film:
        for part, pictures in parts.items():
            for number, picture in enumerate(pictures):
                film.write(picture)
                name = stills.get(number) if part == "window" else part if not number else None
                if name is not None:
                    save(picture, STILL_PX, given.folder / f"{name}.jpg")


if __name__ == "__main__":
    main()
