"""The commands that try to break livecoach on this machine: faults, soak."""

import os
from collections.abc import Sequence
from pathlib import Path

import click

from livecoach.cli.options import say
from livecoach.errors import OutputError


def _complete_fault(_context: click.Context, _option: click.Parameter, begun: str) -> list[str]:
    from livecoach.tools.faults import FAULTS

    return [name for name in FAULTS if name.startswith(begun)]


def _check_faults(_context: click.Context, _option: click.Parameter, names: Sequence[str]) -> tuple[str, ...]:
    if os.name == "nt":
        raise OutputError("faults needs signals that Windows lacks. Run it on Linux.")
    from livecoach.tools.faults import FAULTS

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

    Each fault is done to a `livecoach live` of its own, with a simulated camera and an empty home: the camera dies,
    stalls or sends garbage, the sound server or the display dies, the disk fills, the processor is taken away, signals
    come at random moments. The table says what held; what can't be injected here is skipped and says why. The exit
    status is 1 if something did not hold. Your sessions and settings are not touched. All faults take about five
    minutes on a quiet machine, and one with --jobs 6.

    Example: livecoach faults --only camera-dies --times 3
    """
    from rich.console import Console

    from livecoach import documents
    from livecoach.tools.faults import inject
    from livecoach.tools.faults_report import document, table

    _check_folder(json_file)
    results = []
    for result in inject(names, times=times, seed=seed, at_once=jobs):
        say(f"faults: {result.fault.name}: {result.outcome}")
        results.append(result)
    if json_file != "-":
        Console(highlight=False).print(table(results))
    if json_file is not None:
        _write(json_file, documents.to_json(document(results, seed)))
    return 1 if any(result.outcome == "failed" for result in results) else 0


@click.command()
@click.option("--minutes", type=click.FloatRange(0.2, 24 * 60), default=60.0, metavar="N", help="Length of the set.")
@click.option("--fps", type=click.FloatRange(5, 30), default=30.0, metavar="N", help="Pictures a second of the camera.")
@click.option("--json", "json_file", metavar="FILE", help="Write figures and series as JSON; - for standard output.")
@click.option("--picture", metavar="FILE", help="Draw memory, frames and latency over time, as SVG.")
def soak(minutes: float, fps: float, json_file: str | None, picture: str | None) -> int:
    """Run one endless set, and watch memory, frames and latency.

    The set takes as long as you say, in real time, with window and sound where the machine has them, as bench does. The
    exit status is 1 if memory grows by more than 50 MiB after it has settled, more than 1 % of the frames are dropped,
    the 95th percentile of the latency is above 50 ms, or fewer than 95 % of the reps are counted. Do not use the
    machine meanwhile.

    Example: livecoach soak --minutes 60 --json soak.json --picture soak.svg
    """
    from rich.console import Console

    from livecoach import documents
    from livecoach.tools import soak_report
    from livecoach.tools.soak import soak as lift

    for file in (json_file, picture):
        _check_folder(file)
    trace = lift(minutes, fps=fps, say=lambda line: say(f"soak: {line}"))
    told = soak_report.document(trace, minutes=minutes, fps=fps)
    if json_file != "-":
        Console(highlight=False).print(soak_report.table(told))
    if json_file is not None:
        _write(json_file, documents.to_json(told))
    if picture is not None:
        _write(picture, soak_report.picture(told))
    return 1 if any(one.held is False for one in told.figures) else 0


def _check_folder(file: str | None) -> None:
    if file is not None and file != "-" and not Path(file).absolute().parent.is_dir():
        raise OutputError(f"{file}: its folder does not exist. Choose another place.")


def _write(file: str, text: str) -> None:
    """Write a text to a file, or to standard output."""
    if file == "-":
        click.echo(text)
        return
    try:
        Path(file).write_text(text + "\n", encoding="utf-8")
    except OSError as err:
        raise OutputError(f"{file}: can't be written ({err.strerror}). Choose another place.") from err


COMMANDS = (soak, faults)
