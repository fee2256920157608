"""The commands that look at this machine: doctor, bench, soak, faults."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from livecoach.cli.options import say
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
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
def bench(seconds: float, pose: str | None, json_file: str | None) -> None:
    """Measure the speed of livecoach on this machine.

    bench runs the demo clip as if live, and compares frame rate, latencies to screen and ear, CPU, memory and start-up
    with the promised figures. Do not use the machine meanwhile. The report says what can't be measured here; it
    measures the most where Xvfb, pulseaudio and pulseaudio-utils are installed.

    Example: livecoach bench --pose lite --json bench.json
    """
    from livecoach.tools.bench import measure
    from livecoach.tools.bench_report import document, print_report

    _check_folder(json_file)
    report = measure([pose] if pose else ["lite", "full"], seconds, lambda line: say(f"bench: {line}"))
    if json_file != "-":
        print_report(report)
    _write_json(json_file, document(report))


def _complete_fault(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    from livecoach.tools.fault_injection import FAULTS

    return [name for name in FAULTS if name.startswith(begun)]


def _check_faults(_context: click.Context, _option: click.Parameter, names: Sequence[str]) -> tuple[str, ...]:
    if os.name == "nt":
        raise OutputError("faults needs signals that Windows lacks. Run it on Linux.")
    from livecoach.tools.fault_injection import FAULTS

    for name in names:
        if name not in FAULTS:
            raise click.BadParameter(f"{name}: no such fault. Give one of {', '.join(FAULTS)}.")
    return tuple(name for name in FAULTS if not names or name in names)


@click.command()
@click.option(
    "--only",
    "names",
    multiple=True,
    metavar="NAME",
    callback=_check_faults,
    shell_complete=_complete_fault,
    help="Inject this fault only; may be given several times.",
)
@click.option("--times", type=click.IntRange(1, 1000), default=1, metavar="N", help="Inject each fault N times.")
@click.option("--seed", type=click.IntRange(0), default=0, metavar="N", help="Seed of the random moments.")
@click.option(
    "--jobs", type=click.IntRange(1, 16), default=1, metavar="N", help="Inject N faults at once, each into its own run."
)
@click.option("--json", "json_file", metavar="FILE", help="Write all checks as JSON; - for standard output.")
def faults(names: tuple[str, ...], times: int, seed: int, jobs: int, json_file: str | None) -> int:
    """Inject faults into live runs, and check what must hold.

    Each fault is injected into a `livecoach live` of its own, with a simulated camera and an empty home: the camera
    dies, stalls or sends garbage, the sound server or the display dies, the disk fills, the processor is taken away,
    signals come at random moments. The table says what held. A fault that can't be injected here is skipped, with the
    reason. The exit status is 1 if something did not hold. Your sessions and settings are not touched. All faults take
    about five minutes on a quiet machine, and one with --jobs 6.

    Example: livecoach faults --only camera-dies --times 3
    """
    from rich.console import Console

    from livecoach.tools.fault_injection import document, inject, table

    _check_folder(json_file)
    results = []
    for result in inject(names, times=times, seed=seed, at_once=jobs):
        say(f"faults: {result.fault.name}: {result.outcome}")
        results.append(result)
    if json_file != "-":
        Console(highlight=False).print(table(results))
    _write_json(json_file, document(results, seed))
    return 1 if any(result.outcome == "failed" for result in results) else 0


@click.command()
@click.option("--minutes", type=click.FloatRange(0.2, 24 * 60), default=60.0, metavar="N", help="Length of the set.")
@click.option("--fps", type=click.FloatRange(5, 30), default=30.0, metavar="N", help="Frames per second of the camera.")
@click.option("--json", "json_file", metavar="FILE", help="Write figures and series as JSON; - for standard output.")
@click.option("--picture", metavar="FILE", help="Draw memory, frames and latency over time, as SVG.")
def soak(minutes: float, fps: float, json_file: str | None, picture: str | None) -> int:
    """Run one endless set, and watch memory, frames and latency.

    The set lasts as long as you say, in real time, with window and sound where the machine has them. The exit status is
    1 if memory grows by more than 50 MiB after it has settled, more than 1 % of the frames are dropped, the 95th
    percentile of the latency is above 50 ms, or fewer than 95 % of the reps are counted. Do not use the machine
    meanwhile.

    Example: livecoach soak --minutes 60 --json soak.json --picture soak.svg
    """
    from rich.console import Console

    from livecoach.tools import soak_report
    from livecoach.tools.soak import lift

    for file in (json_file, picture):
        _check_folder(file)
    trace = lift(minutes, fps=fps, say=lambda line: say(f"soak: {line}"))
    document = soak_report.document(trace, minutes=minutes, fps=fps)
    if json_file != "-":
        Console(highlight=False).print(soak_report.table(document))
    _write_json(json_file, document)
    if picture is not None:
        _write(picture, soak_report.picture(document) + "\n")
    return 1 if any(one.held is False for one in document.figures) else 0


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
