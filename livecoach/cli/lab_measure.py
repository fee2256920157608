"""The commands that measure livecoach: measure counts, measure form and the like."""

import click

from livecoach.cli import lab_measure_input, lab_measure_recognition, lab_measure_verdict
from livecoach.cli.lab_needs import needs_packages


@click.group()
@needs_packages("train")
def measure() -> None:
    """Measure how well livecoach counts and judges.

    The sets are synthetic, rendered or real.

    Real clips are no part of the project: the environment variable LIVECOACH_DATA names their folder. Shares come with
    95 % Wilson intervals.
    """


for _module in (lab_measure_input, lab_measure_verdict, lab_measure_recognition):
    for _command in _module.COMMANDS:
        measure.add_command(_command)
