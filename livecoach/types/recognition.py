"""What the lifter seems to be doing, among the exercises that are told apart."""

from dataclasses import dataclass

from livecoach.types.bounds import Name, Number


@dataclass(frozen=True, slots=True, kw_only=True)
class LikelyExercise:
    """An exercise that the movement could be."""

    name: Name
    """Name of the exercise."""
    probability: Number
    """Probability of the exercise, 0…1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """What the latest movement looks like."""

    name: str | None
    """Name of the likeliest exercise; None where none of the exercises is likelier than any of them."""
    probability: float
    """Probability of `name`, 0…1; where that is None, the probability that it is none of the exercises."""
    alternatives: tuple[LikelyExercise, ...] = ()
    """The exercises that come next, likeliest first; at most two."""
    sure: bool = False
    """Whether `name` is likely enough to decide by."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Names of the two likeliest exercises, to choose from; empty where one is sure, or none is likely."""
        if self.name is None or self.sure or not self.alternatives:
            return ()
        return self.name, self.alternatives[0].name
