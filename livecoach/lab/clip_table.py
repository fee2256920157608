"""Tell a folder of clips whose exercise is known from a dataset of reps, without loading either."""

from pathlib import Path

TABLE = "recognition.csv"


def is_labelled(folder: Path) -> bool:
    """Return whether a folder is one of clips whose exercise is known."""
    return (folder / TABLE).is_file()
