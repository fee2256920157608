"""The commands that examine this machine: doctor and bench."""

from pathlib import Path
from typing import Any

import click

from livecoach.cli.options import Decimal, say
from livecoach.config.pose_models import BLAZEPOSE, NAMES, listed
from livecoach.errors import OutputError


@click.command()
def doctor() -> int:
    """Check what works here, and say how to fix what does not.

    Checks Python, packages, system libraries, models, settings, cameras, screen and sound. The exit status is 0 if
    `livecoach live` could run (a camera aside), 1 if something that it needs is broken.

    Example: livecoach doctor
    """
    from livecoach.tools.doctor import examine, print_findings, works

    findings = examine()
    print_findings(findings)
    return 0 if works(findings) else 1


@click.command()
@click.option(
    "--seconds",
    type=Decimal(2, 3600),
    default=20.0,
    show_default=True,
    metavar="S",
    help="Length of each run; there are four for each pose model, and 18 with --compare. The demo clip takes 20 s.",
)
@click.option(
    "--pose",
    type=click.Choice(NAMES),
    help=f"Pose model; {listed(BLAZEPOSE, 'and')} by default.",
)
@click.option(
    "--compare",
    "baseline",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Compare with another checkout of livecoach: run both alternately, and show the ratio of each pair.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
def bench(seconds: float, pose: str | None, baseline: Path | None, json_file: str | None) -> None:
    """Measure the speed of livecoach on this machine.

    bench runs the demo clip as if live, and compares frame rate, latencies to screen and ear, CPU, memory and start-up
    with the promised figures. Do not use the machine while it runs. The report says what can't be measured here; it
    measures the most where Xvfb, pulseaudio and pulseaudio-utils are installed.

    A machine's speed differs from minute to minute. To see what a change brings, give --compare the folder of a
    checkout without the change. The two run alternately: three pairs for each camera and pose model, 12 minutes in all.

    Example: livecoach lab bench --pose lite --json bench.json
    """
    from livecoach.tools.bench import measure
    from livecoach.tools.bench_pairs import compare, print_comparison
    from livecoach.tools.bench_report import document, print_report

    _check_folder(json_file)
    poses = [pose] if pose else list(BLAZEPOSE)
    if baseline is not None:
        comparison = compare(baseline, poses, seconds, lambda line: say(f"bench: {line}"))
        if json_file != "-":
            print_comparison(comparison)
        _write_json(json_file, comparison)
        return
    report = measure(poses, seconds, lambda line: say(f"bench: {line}"))
    if json_file != "-":
        print_report(report)
    _write_json(json_file, document(report))


def _check_folder(file: str | None) -> None:
    """Raise OutputError if the folder of a file does not exist, before anything is measured."""
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
