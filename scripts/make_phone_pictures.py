"""Draw the pictures of docs/phone.md: the phone's page at each moment, in landscape and in portrait; and its icon.

    python scripts/make_phone_pictures.py [FOLDER]      # FOLDER: where to write, by default docs/phone/

Headless Chromium opens the page, its camera shows a synthetic clip, and the page receives each state. The script needs
Chromium and the packages of `test`.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from builders.browser import Page, browser, opened  # noqa: E402 - the tests' browser
from builders.command import CLIPS, DEMO  # noqa: E402
from builders.phone_server import PhoneServer, a_message, a_state, served  # noqa: E402
from builders.phone_set import a_camera_clip  # noqa: E402

from livecoach.capture.opencv import cv2  # noqa: E402
from livecoach.decisions.assembly import load  # noqa: E402
from livecoach.feedback.camera_floor import camera_sectors  # noqa: E402

QUALITY = 80
ICONS, ICON_PX = ROOT / "livecoach" / "assets" / "phone", 180  # folder of the icon, and its largest size on an iPhone
FILMED = 20  # number of pictures that the page sends before it is drawn: by then the lifter is in the picture
DRAWN_MS = 250  # time for the page to draw a state in another shape


@dataclass(frozen=True)
class Shape:
    """A shape of the phone's screen, and the clip that the phone's camera shows."""

    name: str
    width: int
    height: int
    clip: Path


LANDSCAPE = Shape("landscape", 844, 390, DEMO)
PORTRAIT = Shape("portrait", 390, 844, CLIPS / "deadlift_portrait_vfr.mp4")

SUMMARY = {"lines": ["6 reps, 5 good", "1 rep: arms straight", "tired: last reps 42% slower"]}
IN_SET: dict[str, Any] = {"in_set": True, "synthetic": True}
BESIDE = "arms bent: elbows 89°, your good reps 140°"
FLOOR = {"ring": list(camera_sectors(load("deadlift").make_pipeline().camera_places)), "azimuth": 45}
AFTER_A_SET: dict[str, Any] = {
    "set": "next: set 3 of 3",
    "count": 6,
    "rest_target_s": 120,
    "summary": SUMMARY,
    "last_set": {"number": 2, "name": "anna, set 2", "answer": None},
    "sets": [[2, 2, "100 kg", "anna", None]],
    "reps": [[9.5, 2, 6, "tick"]],
    "synthetic": True,
}
MOMENTS: dict[str, dict[str, Any]] = {
    "before_a_set": a_state(
        message=a_message("hint", "step back", "feet are cut off", "up"), floor=FLOOR, synthetic=True
    ),
    "ready": a_state(message=a_message("hint", "ready", shape="tick"), floor=FLOOR, synthetic=True),
    "at_rest": a_state(costs=["back rounded: not seen from here"], floor=FLOOR, synthetic=True),
    "good_rep": a_state(**IN_SET, count=3, verdict="good", progress=0.4),
    "anomalous_rep": a_state(
        **IN_SET, count=5, verdict="anomalous", progress=0.2, message=a_message("alarm", "arms straight", BESIDE)
    ),
    "not_judged": a_state(
        **IN_SET,
        count=3,
        verdict="unsure",
        progress=0,
        message=a_message("unjudged", "not judged: legs not clear", "move the camera closer"),
    ),
    "choice": a_state(
        exercise=None,
        choices=["Deadlift", "Romanian deadlift"],
        message=a_message("choice", "Deadlift? 1\nRomanian deadlift? 2", "press 1 or 2"),
        synthetic=True,
    ),
    "set_over": a_state(**AFTER_A_SET, rest_s=57, session_s=80),
    "rest_over": a_state(**AFTER_A_SET, rest_s=122, session_s=145),
    "camera_lost": a_state(**IN_SET, count=4, camera="lost", message=a_message("warning", "camera lost: trying again")),
}
OFFER = {
    "type": "options",
    "exercise": "deadlift",
    "exercises": [{"name": "auto", "title": "Recognise it"}, {"name": "deadlift", "title": "Deadlift"}],
    "profile": "anna",
    "profiles": ["anna", "bea"],
    "load_unit": "kg",
}
LIGHT = ("set_over",)  # moments that are shown in light colours


async def draw(page: Page, shape: Shape, moment: str, folder: Path) -> None:
    """Write the picture of the page at a moment, in a shape."""
    await page.shape(shape.width, shape.height, "light" if moment in LIGHT else "dark")
    await page.js(f"new Promise((done) => setTimeout(done, {DRAWN_MS}))")
    with TemporaryDirectory() as place:
        drawn = Path(place) / "drawn.png"
        await page.screenshot(drawn)
        picture = cv2.imread(str(drawn))
        assert picture is not None, "the browser has drawn it"
    cv2.imwrite(str(folder / f"{moment}-{shape.name}.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])


async def draw_all(tools: str, shape: Shape, folder: Path) -> None:
    """Write the pictures of all moments in one shape."""
    async with served() as server, opened(tools, server.url) as page:
        await draw(page, shape, "start", folder)
        await page.shape(shape.width, shape.height)
        await page.tap("#start")
        await server.until(lambda: len(server.frames) > FILMED)
        for name, state in MOMENTS.items():
            await show(server, page, state)
            await draw(page, shape, name, folder)
        await show(server, page, MOMENTS["set_over"])
        await server.send(OFFER)
        await page.until("at('lifters').children.length === 3")
        await page.tap("#open-remote")
        await draw(page, shape, "remote", folder)


async def draw_icon(tools: str) -> None:
    """Draw the icon of an iPhone's home screen, which takes no SVG."""
    async with opened(tools, (ICONS / "icon.svg").as_uri()) as page:
        await page.shape(ICON_PX, ICON_PX)
        await page.screenshot(ICONS / "icon.png")


async def show(server: PhoneServer, page: Page, state: dict[str, Any]) -> None:
    """Send a state to the page, and wait until the state has arrived."""
    await server.send(state)
    await page.until(f"state.count === {state['count']} && state.session_s === {state['session_s']}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "phone", metavar="FOLDER")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for shape in (LANDSCAPE, PORTRAIT):
        with TemporaryDirectory() as place, browser(a_camera_clip(Path(place), shape.clip).path) as tools:
            asyncio.run(draw_all(tools, shape, arguments.folder))
    with browser() as tools:
        asyncio.run(draw_icon(tools))


if __name__ == "__main__":
    main()
