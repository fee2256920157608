"""The commands that make, measure and explain the models: `livecoach lab`."""

import click

from livecoach.cli.options import Group, Later

LAB = (
    Later("observe", "observe", "Store the observations of a video."),
    Later("synth", "synth", "Make sets of a synthetic lifter with known ground truth."),
    Later("annotate", "lab_annotate", "Mark stages and good reps in a window."),
    Later("dataset", "lab_dataset", "Make a dataset from recordings."),
    Later("explore", "lab_evaluate", "Plot the reps of a dataset by PCA and t-SNE."),
    Later("train", "lab_train", "Train the models of an exercise, and other networks."),
    Later("evaluate", "lab_evaluate", "Judge a model on reps whose label is known."),
    Later("measure", "lab_measure", "Measure how well livecoach counts and judges."),
    Later("bench", "bench", "Measure the speed of livecoach on this machine."),
)


@click.group(cls=Group, later=LAB)
def lab() -> None:
    """Make, measure and explain models."""
