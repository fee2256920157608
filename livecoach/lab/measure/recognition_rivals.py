"""Every kind of network and rival, trained on the same sets and judged on the same clips of judging bodies."""

from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Progress, Share, Table
from livecoach.lab.recognition.comparing import compare
from livecoach.lab.recognition.kind_names import KIND_NAMES
from livecoach.lab.recognition.making import RecognitionRecipe

SETS, STEPS = 1200, 3000
"""What networks on windows learn from, and in how many steps: less than the shipped one, to save time."""


def measure(cache: Cache, progress: Progress) -> list[Table]:
    """Return the table, split by lifter: no lifter, body or camera of the clips was trained on."""
    found = compare(KIND_NAMES, RecognitionRecipe(sets=SETS, steps=STEPS), cache.folder / "recognition", 1, progress)
    return [
        Table(
            title="Kinds, on synthetic clips of judging bodies",
            columns=("kind", "exercise right", "none right"),
            rows=tuple((one.kind, Share(one.within, one.of_within), Share(one.others, one.of_others)) for one in found),
            notes=("The likeliest counts, sure or not: the papers' networks have no threshold.",),
        )
    ]
