"""The commands of the synthetic lifter: synth render, synth motion."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livecoach.cli.lab_options import needs_packages
from livecoach.cli.options import PATH, SEED, FloatParam, combine_options, exercise_option
from livecoach.cli.output import check_writable
from livecoach.core.errors import ConfigError, OutputError

if TYPE_CHECKING:
    from livecoach.lab.synth.motion.tokens import Token

LEAST_PX, MOST_PX = 32, 4096  # Least and greatest width and height of a picture


@click.group()
@needs_packages("synth")
def synth() -> None:
    """Make sets of a synthetic lifter with known ground truth."""


def _size(_context: click.Context, _option: click.Parameter, text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    width, cross, height = text.partition("x")
    if not (cross and width.isdecimal() and height.isdecimal()):
        raise click.BadParameter(f"{text!r}: expected width x height in pixels, for example 640x480")
    if not LEAST_PX <= min(int(width), int(height)) <= max(int(width), int(height)) <= MOST_PX:
        raise click.BadParameter(f"{text!r}: expected {LEAST_PX} to {MOST_PX} pixels each way")
    return int(width), int(height)


set_options = combine_options(
    exercise_option("Exercise; livecoach/lab/synth/motion/lifts.py has all.", default="deadlift"),
    click.option(
        "--set",
        "items",
        metavar="ITEMS",
        help="Reps in order: good*5,rounded_back:0.7,hips_early:0.5 (docs/models.md).",
    ),
    click.option(
        "--view",
        "view_deg",
        type=FloatParam(-180, 180),
        metavar="DEG",
        help="Place of the camera: 0 in front, 90 at the lifter's left side, -90 at the right, 180 behind.",
    ),
    click.option("--body", metavar="B", help="Body: f01 to f32 or m01 to m32."),
    click.option("--seed", type=SEED, default=0, metavar="N", help="Seed of all values that you do not choose."),
    click.option("--fps", type=FloatParam(5, 240), metavar="F", help="Frames a second."),
    click.option("--size", "size_px", callback=_size, metavar="WxH", help="Size of the picture in pixels, as 640x480."),
)
"""Options of both commands. The seed determines all values that are not chosen."""


@synth.command()
@set_options
@click.option("--out", required=True, type=PATH, metavar="FILE", help="Video to write (.mp4).")
def render(out: Path, exercise: str, items: str | None, **values: Any) -> None:
    """Render a set to a video, with its ground truth (.json) beside it.

    The ground truth holds every rep's frames, faults and measured severities, and every landmark of every frame. The
    seed determines all other values: the same options give the same ground truth, bit for bit.

    Example: livecoach lab synth render --exercise deadlift --set "good*5,rounded_back:0.7" --view 35 --out clip.mp4
    """
    from livecoach.lab.synth.synthetic_set import make_set, write_video
    from livecoach.lab.synth.synthetic_sets import random_settings

    _check_out(out)
    seed, body, view = values["seed"], values["body"], values["view_deg"]
    wishes = {name: values[name] for name in ("size_px", "fps") if values[name] is not None}
    wishes |= {} if body is None else {"bodies": (body,)}
    wishes |= {} if view is None else {"view_deg": view}
    clip = make_set(random_settings(seed, exercise, _tokens(items, exercise, seed), **wishes))
    frames = write_video(clip, out, request={"exercise": exercise, "set": items, **values})
    seconds = len(clip.movement.landmarks) / clip.settings.camera.fps
    click.echo(f"{out}: {len(clip.reps)} reps, {frames} frames, {seconds:.1f} s, synthetic; ground truth beside it")


@synth.command()
@set_options
@click.option("--out", required=True, type=PATH, metavar="FILE", help="Observations to write.")
def motion(out: Path, exercise: str, items: str | None, **values: Any) -> None:
    """Write the observations that a pose estimator would make of a set.

    Nothing is rendered. replay and analyze accept the file instead of a video. The ground truth (.json) is beside it.

    Example: livecoach lab synth motion --exercise squat --set "good*3,shallow:0.6" --view 45 --out set.obs
    """
    from livecoach.lab.synth.synthetic_set import write_observations
    from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

    _check_out(out)
    wanted = SetRequest(
        exercise=exercise,
        body=values["body"],
        fps=values["fps"],
        view_deg=values["view_deg"],
        tokens=None if items is None else _tokens(items, exercise, 0),
        size_px=values["size_px"],
    )
    made = random_set(values["seed"], wanted)
    write_observations(made, out, {"exercise": exercise, "set": items, **values})
    counts = f"{len(made.reps)} reps, {len(made.observations)} observations"
    click.echo(f"{out}: {counts}, synthetic; ground truth beside it")


def _tokens(items: str | None, exercise: str, seed: int) -> "tuple[Token, ...]":
    import numpy as np

    from livecoach.lab.synth.motion.lifts import find_lift
    from livecoach.lab.synth.motion.tokens import parse_tokens, random_tokens

    find_lift(exercise)
    return random_tokens(np.random.default_rng(seed), exercise) if items is None else parse_tokens(items, exercise)


def _check_out(out: Path) -> None:
    check_writable(out, "--out")
    truth = out.with_suffix(".json")
    if truth == out:
        raise ConfigError(f"{out}: the ground truth gets this name. Choose another ending, such as .mp4 or .obs.")
    if truth.exists() and not out.exists():
        raise OutputError(f"{truth}: exists, and does not belong to {out.name}. Choose another name with --out.")
    check_writable(truth, "--out")
