"""Compares two commits or settings: runs them in turn (A B A B …), so that a busy machine slows both alike."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, stdev

from livecoach.config.paths import assets_dir
from livecoach.tools.bench import clip_truth, measured_run, servers
from livecoach.tools.bench_figures import CLIP, BenchFigure, MeasuredValue
from livecoach.tools.bench_sides import Side, code_of, environment
from livecoach.tools.bench_trace import RunRequest
from livecoach.tools.machine import Machine, this_machine

MOST_ROUNDS = 20
STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093),
)
""".975 quantiles of Student's t for 1 to 19 degrees of freedom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One figure on both sides."""

    figure: BenchFigure
    first: float
    """Mean over the rounds."""
    second: float
    low: float
    """Lower end of the 95 % interval of second - first."""
    high: float

    @property
    def difference(self) -> float:
        """How much larger the second side is."""
        return self.second - self.first

    @property
    def certain(self) -> bool:
        """Whether the interval excludes 0."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Both sides, with the machine and the conditions."""

    machine: Machine
    sides: tuple[Side, Side]
    rounds: int
    seconds: float
    """Duration of each run."""
    window: str
    sound: str
    differences: tuple[Difference, ...]


def compare(sides: tuple[Side, Side], *, rounds: int, seconds: float, say: Callable[[str], object]) -> Comparison:
    """Run both sides in turn. rounds: runs of each, 2 to MOST_ROUNDS. say: receives progress lines.

    Raises LivecoachError if a commit can't be checked out or a run fails.
    """
    machine, clip = this_machine(), assets_dir() / "demo.mp4"
    truth = clip_truth(assets_dir() / "demo.json")
    found: tuple[list[Mapping[str, MeasuredValue]], ...] = ([], [])
    with ExitStack() as stack:
        trees = [stack.enter_context(code_of(one)) for one in sides]
        place = stack.enter_context(servers(say))
        for number in range(rounds):
            for one, tree, values in zip(sides, trees, found, strict=True):
                say(f"round {number + 1} of {rounds}: {one.name}, {seconds:g} s")
                request = RunRequest(
                    camera="clip",
                    place=str(clip),
                    pose=one.pose,
                    pose_threads=one.pose_threads,
                    seconds=seconds,
                    window=not place.no_window,
                )
                values.append(measured_run(request, CLIP, place, truth, environment(place.env, tree), tree)[0])
        return Comparison(
            machine=machine,
            sides=sides,
            rounds=rounds,
            seconds=seconds,
            window=place.window,
            sound=place.sound,
            differences=differences(*found),
        )


def differences(
    first: Sequence[Mapping[str, MeasuredValue]], second: Sequence[Mapping[str, MeasuredValue]]
) -> tuple[Difference, ...]:
    """Return the difference of each figure that every run measured. first, second: the runs of each side, by round."""
    shown = []
    for figure in CLIP:
        pairs = [(a[figure.key].value, b[figure.key].value) for a, b in zip(first, second, strict=True)]
        known = [(a, b) for a, b in pairs if a is not None and b is not None]
        if len(known) == len(pairs):
            low, high = interval([b - a for a, b in known])
            mean_a, mean_b = fmean(a for a, _ in known), fmean(b for _, b in known)
            shown.append(Difference(figure=figure, first=mean_a, second=mean_b, low=low, high=high))
    return tuple(shown)


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean of 2 to MOST_ROUNDS values (Student's t)."""
    half = STUDENT[len(values) - 2] * stdev(values) / sqrt(len(values))
    return fmean(values) - half, fmean(values) + half
