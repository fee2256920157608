"""The commands that examine this machine: doctor and bench."""

from typing import TYPE_CHECKING, Annotated

import click

from livecoach.cli.lab_options import Measurement
from livecoach.cli.options import FloatParam
from livecoach.core.config.pose_models import BLAZEPOSE, NAMES

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Table
    from livecoach.lab.processes import ReportProgress


@click.command()
def doctor() -> int:
    """Check what works here, and say how to fix what does not.

    doctor checks Python, packages, system libraries, models, settings, cameras, screen and sound. The exit status is 0
    if `livecoach live` could run, even without a camera, and 1 if something that it needs is missing or broken.

    Example: livecoach doctor
    """
    from livecoach.lab.tools.doctor import can_run_live, examine_installation, print_findings

    findings = examine_installation()
    print_findings(findings)
    return 0 if can_run_live(findings) else 1


class BenchMeasurement(Measurement):
    """Measure the speed of livecoach on this machine.

    bench runs `livecoach live` with a simulated camera three times for each pose model: with two reps again and again,
    with a lifter who stands still, and with an empty place. It measures frame rate, latencies, processor time, memory
    and the start; an hour (--seconds 3600) shows whether memory grows. Do not use the machine while it runs. Without a
    display, bench uses Xvfb. It measures processor time and memory only on Linux.

    A machine's speed differs from minute to minute. To see the effect of a change, run bench alternately in this and in
    another checkout, and compare neighbouring runs.

    Example: livecoach lab bench --pose lite --json bench.json
    """

    seconds: Annotated[float, {"type": FloatParam(2, 3600), "metavar": "S"}] = 20.0
    """Length of each run; there are three for each pose model."""
    pose: Annotated[str | None, {"type": click.Choice(NAMES)}] = None
    """Pose model; lite and full by default."""

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        from livecoach.lab.tools.benchmark import measure_speed

        return measure_speed([self.pose] if self.pose else BLAZEPOSE, self.seconds, progress)


bench = BenchMeasurement.make_command()
