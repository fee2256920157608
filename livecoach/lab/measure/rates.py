"""Is a clip counted the same at every frame rate? Clips are thinned by time, and counted again."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from livecoach.lab.counting import count, shipped
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.counts import CountedClip, observed
from livecoach.lab.measure.table import Cell, Progress, Share, Table
from livecoach.types import Observation

RATES = (60, 30, 24, 15)
"""Pictures a second."""
LEAST_THINNED = 0.95
"""Share of a clip's own rate up to which it is thinned: 30 of 29.97 are all of it."""


class Thinned(NamedTuple):
    """The counts of one clip at one rate, one for each phase."""

    clip: CountedClip
    rate: int
    own: int
    """Count of the whole clip."""
    counts: tuple[int, ...]

    @property
    def same(self) -> bool:
        """Whether each is as that of the whole clip."""
        return all(count == self.own for count in self.counts)


def rate_of(observations: Sequence[Observation]) -> float:
    """Return a clip's own rate, pictures a second; 0 for one of less than two pictures."""
    apart_s = np.diff([one.t_s for one in observations])
    return 1.0 / float(np.median(apart_s)) if len(apart_s) and np.median(apart_s) > 0 else 0.0


def thinned(observations: Sequence[Observation], rate: float, phase: float = 0.0) -> list[Observation]:
    """Return the first observation of each tick of a clock of this rate.

    phase: 0 to 1, share of a tick that is over when the clip begins. Such a tick gives no observation.
    """
    first_s = observations[0].t_s if observations else 0.0
    kept, last = [], 0 if phase else -1
    for one in observations:
        tick = math.floor((one.t_s - first_s) * rate + phase + 1e-6)
        if tick > last:
            kept.append(one)
            last = tick
    return kept


def phases(own_rate: float, rate: float) -> list[float]:
    """Return the phases at which a clip of its own rate is thinned: as many as pictures it has for each one kept."""
    number = math.ceil(LEAST_THINNED * own_rate / rate)
    return [k / number for k in range(number)]


def measure(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count each clip at each rate that is below its own, in every phase."""
    found: list[Thinned] = []
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name} at every rate", number / len(clips))
        found += _of_clip(clip, observed(clip, cache, pose))
    return [_different(found), _summary(found)]


def _of_clip(clip: CountedClip, observations: Sequence[Observation]) -> list[Thinned]:
    parts, own_rate = shipped(clip.exercise), rate_of(observations)
    own = len(count(observations, *parts))
    return [
        Thinned(clip, rate, own, tuple(len(count(thinned(observations, rate, phase), *parts)) for phase in at))
        for rate in RATES
        if rate < LEAST_THINNED * own_rate
        for at in [phases(own_rate, rate)]
    ]


def _different(found: Sequence[Thinned]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.clip.path.name, one.clip.group, one.clip.reps, one.own, one.rate, ", ".join(map(str, one.counts)))
        for one in found
        if not one.same
    ]
    columns = ("clip", "group", "reps", "counted", "pictures a second", "counted, by phase")
    return Table(title="Clips that are counted otherwise when they are thinned", columns=columns, rows=tuple(rows))


def _summary(found: Sequence[Thinned]) -> Table:
    groups = {group: [one for one in found if one.clip.group == group] for group in {one.clip.group for one in found}}
    return Table(
        title="Pairs of clip and rate that have the clip's own count in every phase",
        columns=("group", *map(str, RATES), "all"),
        rows=tuple((group, *_shares(of_group)) for group, of_group in [*sorted(groups.items()), ("all", found)]),
    )


def _shares(found: Sequence[Thinned]) -> list[Cell]:
    of_rates = [[one for one in found if one.rate == rate] for rate in RATES]
    return [Share(sum(one.same for one in some), len(some)) for some in [*of_rates, found]]
