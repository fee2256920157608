"""A phone's camera that shows films: a lifter who goes on while the page is gone, and stands still between sets."""

import json
from base64 import b64encode
from pathlib import Path

from builders.browser import Page
from builders.command import CLIPS
from builders.videos import pictures_of
from livecoach.capture.opencv import cv2

SQUATS = CLIPS / "squat_2.mp4"
FPS = 30
OPENS_MS = 700
"""A phone's camera takes about as long to open."""
_CAMERA = """
(() => {
  const films = %s, fps = %d, blobs = {};
  const bytes = (text) => Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  const first = { name: Object.keys(films)[0], since: null };
  const now = () => JSON.parse(localStorage.getItem("film")) || first;
  window.film = {
    show: (name) => localStorage.setItem("film", JSON.stringify({ name, since: Date.now() })),
    rest: () => localStorage.setItem("film", JSON.stringify({ name: now().name, since: null })),
    at: () => (now().since === null ? 0 : (Date.now() - now().since) * fps / 1000),
  };
  const canvas = document.createElement("canvas"), ink = canvas.getContext("2d");
  const draw = async () => {
    const { name } = now(), film = films[name], place = Math.floor(window.film.at()) %% film.length;
    const blob = (blobs[`${name} ${place}`] ||= new Blob([bytes(film[place])], { type: "image/jpeg" }));
    const picture = await createImageBitmap(blob);
    if (canvas.width !== picture.width) Object.assign(canvas, { width: picture.width, height: picture.height });
    ink.drawImage(picture, 0, 0);
    setTimeout(draw, 1000 / fps - (Date.now() %% (1000 / fps)));
  };
  navigator.mediaDevices.getUserMedia = async () => {
    await new Promise((done) => setTimeout(done, %d));
    if (!canvas.width) await draw();
    draw();
    return canvas.captureStream(fps);
  };
})();
"""


def a_film(clip: Path) -> list[str]:
    """Its pictures, as JPEG in base 64."""
    jpegs = (cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 70]) for _, picture in pictures_of(clip))
    return [b64encode(jpeg.tobytes()).decode() for _, jpeg in jpegs]


async def give_camera(page: Page, films: dict[str, list[str]]) -> None:
    """Let the page's camera show these films from its next load on, the first one standing still. `film.show(name)` in
    the page lets one run, again and again; `film.rest()` shows its first picture."""
    await page.call("Browser.grantPermissions", permissions=["videoCapture"])
    source = _CAMERA % (json.dumps(films), FPS, OPENS_MS)
    await page.call("Page.addScriptToEvaluateOnNewDocument", source=source)
