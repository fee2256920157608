"""Render the demo clip and the tests' clips, each with its truth.

    python scripts/synth/make_demo.py            # writes livecoach/assets/demo.* and tests/clips/*

demo.mp4: a deadlift set with one clear fault, large enough for the first scorer to detect (seed and view are chosen so
that it does). tests/clips: squat_2.mp4 (two reps), deadlift_portrait_vfr.mp4 (portrait, a camera that loses frames),
nobody.mp4 (an empty room). The files are the same every time on one machine; OpenGL drivers differ in the last bit of a
pixel.
"""

from pathlib import Path

from command import parser, run

from livecoach.lab.synth.camera import VirtualCamera
from livecoach.lab.synth.clip import ClipSettings, make_clip, write_clip, write_empty_room
from livecoach.lab.synth.motion.tokens import parse

ROOT = Path(__file__).resolve().parents[2]
ASSETS, TESTS = Path("livecoach/assets"), Path("tests/clips")
DEMO = ClipSettings(
    exercise="deadlift",
    tokens=parse("idle:1,good,good,good,hitch.on_thighs:1+bent_arms.curl:1,good,idle:1"),
    seed=32,
    body="m05",
    camera=VirtualCamera(azimuth_deg=50, distance_m=3.4, fov_deg=42),
    crf=25,
)
SQUAT = ClipSettings(
    exercise="squat",
    tokens=parse("good,good,idle:1"),
    seed=6,
    body="m19",
    camera=VirtualCamera(azimuth_deg=30, distance_m=3.4, fov_deg=42, width_px=480, height_px=360),
    crf=26,
)
PORTRAIT = ClipSettings(
    exercise="deadlift",
    tokens=parse("idle:1,good,good,idle:1"),
    seed=7,
    body="f30",
    camera=VirtualCamera(azimuth_deg=-30, distance_m=4.2, fov_deg=46, width_px=360, height_px=640),
    lost=0.3,
    crf=26,
)
NOBODY = ClipSettings(
    exercise="squat",
    tokens=parse("idle:2"),
    seed=4,
    body="m19",
    camera=VirtualCamera(distance_m=3.4, width_px=480, height_px=360),
    crf=26,
)


def main() -> None:
    options = parser(__doc__)
    options.add_argument("--out", type=Path, default=ROOT, help="folder to write below (default: this checkout)")
    out = options.parse_args().out
    write_clip(make_clip(DEMO), out / ASSETS / "demo.mp4", landmarks=False)
    write_clip(make_clip(SQUAT), out / TESTS / "squat_2.mp4", landmarks=False)
    write_clip(make_clip(PORTRAIT), out / TESTS / "deadlift_portrait_vfr.mp4", landmarks=False)
    write_empty_room(NOBODY, 2.0, out / TESTS / "nobody.mp4")
    for path in sorted([*(out / ASSETS).glob("*.mp4"), *(out / TESTS).glob("*.mp4")]):
        print(f"{path.relative_to(out)}: {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    run(main)
