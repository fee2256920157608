"""The labelled reps of the real clips with what was seen in them, those that the pipeline does not judge too."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from real_reps import Label, data_folder, labelled_clips, observations
from width import found_reps

from livecoach.config.exercise import Exercise
from livecoach.types import Observation, Rep


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRep:
    """A rep of a real clip."""

    clip: str
    origin: str
    """Repository that the clip comes from."""
    label: Label
    rep: Rep
    """Its score is None where the pipeline would not judge it."""
    observations: Sequence[Observation]
    """Of the whole clip."""


def labelled_reps(exercise: Exercise, cache: Path, model: str) -> Iterator[LabelledRep]:
    """The reps of the exercise's clips whose label is known, as the pipeline finds them."""
    for clip in labelled_clips(exercise):
        seen = observations(data_folder() / clip.name, cache, model)
        for rep in found_reps(seen, exercise):
            label = clip.label(rep)
            if label is not None:
                yield LabelledRep(clip=clip.name, origin=clip.origin, label=label, rep=rep, observations=seen)
