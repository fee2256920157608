"""The commands that examine this machine: doctor and bench."""

from pathlib import Path

import click

from livecoach.cli.options import PATH, Decimal
from livecoach.cli.output import check_writable, json_output
from livecoach.core.config.pose_models import BLAZEPOSE, NAMES, listed
from livecoach.run.process import say


@click.command()
def doctor() -> int:
    """Check what works here, and say how to fix what does not.

    Checks Python, packages, system libraries, models, settings, cameras, screen and sound. The exit status is 0 if
    `livecoach live` could run (a camera aside), 1 if something that it needs is broken.

    Example: livecoach doctor
    """
    from livecoach.lab.tools.doctor import examine, print_findings, works

    findings = examine()
    print_findings(findings)
    return 0 if works(findings) else 1


@click.command()
@click.option(
    "--seconds",
    type=Decimal(2, 3600),
    default=20.0,
    metavar="S",
    help="Length of each run; there are three for each pose model, and 18 with --compare.",
)
@click.option("--pose", type=click.Choice(NAMES), help=f"Pose model; {listed(BLAZEPOSE, 'and')} by default.")
@click.option(
    "--compare",
    "baseline",
    type=PATH,
    metavar="DIR",
    help="Compare with another checkout of livecoach: run both alternately, and show the ratio of each pair.",
)
@click.option("--json", "json_file", metavar="FILE", help="Write the figures as JSON; - for standard output.")
def bench(seconds: float, pose: str | None, baseline: Path | None, json_file: str | None) -> None:
    """Measure the speed of livecoach on this machine.

    bench runs `livecoach live` before a simulated camera, which shows two reps again and again, a lifter who stands
    still, and an empty place. It measures frame rate, latencies, processor time, memory and the start; an hour
    (--seconds 3600) shows whether memory grows. Do not use the machine while it runs. Where there is no display, Xvfb
    stands for one; processor time and memory are measured on Linux alone.

    A machine's speed differs from minute to minute. To see what a change brings, give --compare the folder of a
    checkout without the change. The two run alternately: three pairs for each kind of run and pose model.

    Example: livecoach lab bench --pose lite --json bench.json
    """
    from livecoach.core import documents
    from livecoach.lab.tools.bench import measure, print_table

    check_writable(json_file, "--json")
    poses = [pose] if pose else list(BLAZEPOSE)
    document = measure(poses, seconds, baseline, lambda line: say(f"bench: {line}"))
    if json_file != "-":
        print_table(document)
    if json_file is not None:
        json_output(documents.to_json(document), json_file)
