"""The command that measures the speed of livecoach: bench."""

from pathlib import Path
from typing import Any

import click

from livecoach.cli.options import say
from livecoach.errors import OutputError


def _progress(line: str) -> None:
    say(f"bench: {line}")


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(2, 3600),
    default=20.0,
    show_default=True,
    metavar="S",
    help="Length of each run; there are two for each pose model. The demo clip and its five reps take 20 s.",
)
@click.option(
    "--pose",
    type=click.Choice(["lite", "full", "movenet", "mediapipe-lite", "mediapipe-full"]),
    help="Pose model; lite and full by default.",
)
@click.option("--phone", is_flag=True, help="Measure a phone as camera and screen instead.")
@click.option(
    "--compare",
    nargs=2,
    metavar="A B",
    help="Compare two commits, or two settings (pose=NAME, pose_threads=N), in turn: A B A B …",
)
@click.option(
    "--rounds",
    type=click.IntRange(2, 20),
    default=5,
    show_default=True,
    metavar="N",
    help="Runs of each side with --compare.",
)
@click.option("--rival", is_flag=True, help="Measure a frame done the way of the dissertation too, in a column.")
@click.option("--growth", is_flag=True, help="Measure how cost grows with length and with own reps instead.")
@click.option("--picture", metavar="FILE", help="Draw what a frame costs by stage, as SVG.")
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
def bench(  # noqa: PLR0913, PLR0917 - click hands over each option
    seconds: float,
    pose: str | None,
    phone: bool,
    compare: tuple[str, str] | None,
    rounds: int,
    rival: bool,
    growth: bool,
    picture: str | None,
    json_file: str | None,
) -> None:
    """Measure the speed of livecoach on this machine.

    bench runs the demo clip as if live, and compares frame rate, latencies to screen and ear, CPU, memory and start-up
    with the promised figures. Do not use the machine meanwhile. The report says what can't be measured here; with Xvfb,
    pulseaudio and pulseaudio-utils it measures the most.

    --phone measures `livecoach live --phone` instead: a headless Chromium on this machine is the phone, and its camera
    shows the demo clip.

    --rival does the clip's frames the way of the dissertation that livecoach began with (pose twice, a random forest
    twice, one thread), which needs MediaPipe and scikit-learn.

    --growth runs an hour of observations through the decisions as fast as it goes, and up to 500 own reps.

    --compare runs two commits of a clone, or two settings, in turn, and tells how they differ, with 95 % intervals.

    Example: livecoach bench --pose lite --json bench.json
    """
    kinds = (("--phone", phone), ("--compare", compare), ("--growth", growth))
    chosen = [name for name, given in kinds if given]
    if chosen and (rival or picture):
        chosen.append("--rival" if rival else "--picture")
    if len(chosen) > 1:
        raise click.UsageError(f"{' and '.join(chosen)} measure different things. Give one of them.")
    _check_folder(json_file)
    _check_folder(picture)
    if compare is not None:
        _compare(compare, rounds, seconds, pose or "lite", json_file)
    elif growth:
        _growth(pose or "lite", json_file)
    elif phone:
        _phone(seconds, pose or "lite", json_file)
    else:
        _measure(seconds, [pose] if pose else ["lite", "full"], rival, picture, json_file)


def _measure(seconds: float, poses: list[str], rival: bool, picture: str | None, json_file: str | None) -> None:
    from livecoach.tools import bench_picture
    from livecoach.tools.bench import measure
    from livecoach.tools.bench_report import document, print_report

    report = measure(poses, seconds, _progress, rival=rival)
    if json_file != "-":
        print_report(report)
    if picture is not None:
        _write(picture, bench_picture.picture(report.lanes, report.machine))
    _write_json(json_file, document(report))


def _phone(seconds: float, pose: str, json_file: str | None) -> None:
    from livecoach.cli.phone import check_packages

    check_packages()
    from livecoach.tools.bench_phone import measure_phone
    from livecoach.tools.bench_report import document, print_report

    report = measure_phone([pose], seconds, _progress)
    if json_file != "-":
        print_report(report)
    _write_json(json_file, document(report))


def _compare(names: tuple[str, str], rounds: int, seconds: float, pose: str, json_file: str | None) -> None:
    from livecoach.tools.bench_compare import compare
    from livecoach.tools.bench_compare_report import document, print_comparison
    from livecoach.tools.bench_sides import side

    first, second = names
    comparison = compare((side(first, pose), side(second, pose)), rounds=rounds, seconds=seconds, say=_progress)
    if json_file != "-":
        print_comparison(comparison)
    _write_json(json_file, document(comparison))


def _growth(pose: str, json_file: str | None) -> None:
    from livecoach.tools.bench_growth import run_growth
    from livecoach.tools.bench_growth_report import GrowthDocument, print_growth
    from livecoach.tools.machine import this_machine

    _progress(f"pose {pose}: an hour of observations, then up to 500 own reps; takes a few minutes")
    told = GrowthDocument(schema=1, machine=this_machine(), pose=pose, growth=run_growth(pose))
    if json_file != "-":
        print_growth(told)
    _write_json(json_file, told)


def _check_folder(file: str | None) -> None:
    """Raise OutputError where the folder of a file does not exist, before anything is measured."""
    if file not in (None, "-") and not Path(str(file)).absolute().parent.is_dir():
        raise OutputError(f"{file}: its folder does not exist. Choose another place.")


def _write_json(file: str | None, document: Any) -> None:
    from livecoach import documents

    if file == "-":
        click.echo(documents.to_json(document))
    elif file is not None:
        _write(file, documents.to_json(document) + "\n")


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except OSError as err:
        raise OutputError(f"{file}: can't be written ({err.strerror}). Choose another place.") from err
