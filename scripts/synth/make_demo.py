"""Render the demo clip and the tests' clips, each with its truth.

    python scripts/synth/make_demo.py            # writes livecoach/assets/demo.* and tests/clips/*

demo.mp4: a deadlift set with one bad rep; seed, view and strength are chosen so that the view shows its faults and
livecoach finds them. tests/clips: squat_2.mp4 (two reps), deadlift_portrait_vfr.mp4 (portrait, a camera that loses
frames), nobody.mp4 (an empty room). The files are the same every time on one machine; OpenGL drivers differ in the last
bit of a pixel.
"""

from pathlib import Path

from command import parser, run

from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.picture.render import Renderer
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.synth.synthetic_set import SetSettings, draw_appearance, make_set, write_video
from livecoach.lab.truth import write_truth
from livecoach.records.session.video import open_video

ROOT = Path(__file__).resolve().parents[2]
ASSETS, TESTS = Path("livecoach/assets"), Path("tests/clips")
DEMO = SetSettings(
    exercise="deadlift",
    tokens=parse_tokens("idle:1,good,good,good,hitch.on_thighs:0.6,good,idle:1"),
    seed=32,
    body="m05",
    camera=VirtualCamera(azimuth_deg=50, distance_m=3.4, fov_deg=42),
    crf=25,
)
SQUAT = SetSettings(
    exercise="squat",
    tokens=parse_tokens("good,good,idle:1"),
    seed=6,
    body="m19",
    camera=VirtualCamera(azimuth_deg=30, distance_m=3.4, fov_deg=42, width_px=480, height_px=360),
    crf=26,
)
PORTRAIT = SetSettings(
    exercise="deadlift",
    tokens=parse_tokens("idle:1,good,good,idle:1"),
    seed=7,
    body="f30",
    camera=VirtualCamera(azimuth_deg=-30, distance_m=4.2, fov_deg=46, width_px=360, height_px=640),
    lost=0.3,
    crf=26,
)
NOBODY = SetSettings(
    exercise="squat",
    tokens=parse_tokens("idle:2"),
    seed=4,
    body="m19",
    camera=VirtualCamera(distance_m=3.4, width_px=480, height_px=360),
    crf=26,
)


def write_empty_room(settings: SetSettings, seconds: float, path: Path) -> None:
    """Write a clip of a room without a person, and its truth, which has no reps."""
    camera, look = settings.camera, draw_appearance(settings, 0)
    frames = round(seconds * camera.fps)
    with (
        open_video(path, *camera.size_px, camera.fps, crf=settings.crf) as video,
        Renderer(camera, look.room, look.sensor, []) as renderer,
    ):
        for i in range(frames):
            video.write(renderer.draw(i))
    nobody = {"exercise": None, "reps": [], "events": [], "seed": settings.seed, "fps": camera.fps}
    size = {"width": camera.width_px, "height": camera.height_px, "frames": frames}
    write_truth(path.with_suffix(".json"), nobody | size)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--out", type=Path, default=ROOT, help="folder to write below (default: this checkout)")
    out = options.parse_args().out
    write_video(make_set(DEMO), out / ASSETS / "demo.mp4", landmarks=False)
    write_video(make_set(SQUAT), out / TESTS / "squat_2.mp4", landmarks=False)
    write_video(make_set(PORTRAIT), out / TESTS / "deadlift_portrait_vfr.mp4", landmarks=False)
    write_empty_room(NOBODY, 2.0, out / TESTS / "nobody.mp4")
    for path in sorted([*(out / ASSETS).glob("*.mp4"), *(out / TESTS).glob("*.mp4")]):
        print(f"{path.relative_to(out)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    run(main)
