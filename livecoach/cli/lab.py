"""The commands that make data, train models and measure livecoach: `livecoach lab`."""

import click

from livecoach.cli.options import LazyCommand, OrderedGroup

LAB = (
    LazyCommand("observe", "observe", "Store the observations of a video."),
    LazyCommand("synth", "synth", "Make sets of a synthetic lifter with known ground truth."),
    LazyCommand("annotate", "lab_annotate", "Mark the stages of frames and label reps in a window."),
    LazyCommand("dataset", "lab_dataset", "Make a dataset from recordings."),
    LazyCommand("explore", "lab_evaluate", "Plot the reps of a dataset by PCA and t-SNE."),
    LazyCommand("train", "lab_train", "Train the models of an exercise, and other networks."),
    LazyCommand("evaluate", "lab_evaluate", "Measure how well a model judges labelled reps."),
    LazyCommand("measure", "lab_measure", "Measure how well livecoach counts and judges."),
    LazyCommand("bench", "bench", "Measure the speed of livecoach on this machine."),
)


@click.group(cls=OrderedGroup, later=LAB)
def lab() -> None:
    """Make data, train models, and measure how livecoach works."""
