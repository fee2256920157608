"""Learns the encoder: a linear metric in which good reps of a lifter are near and faulty reps far.

A set's first good reps define a mean and a width; every other rep of the set is some number of widths away. Training
seeks the number of widths that best divides good from faulty reps, by a logistic loss on the logarithm of the distance.
It begins at the plain distance, which weighs all numbers equally, and a ridge keeps the metric near that distance:
held-out sets of real lifters are judged best by a metric that learned little (docs/lessons.md).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.core.types import ignore
from livecoach.decisions.judging.reference import align_trajectories, column_medians
from livecoach.decisions.judging.scorer import encoder_input
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab.dataset import Reps

LEAST_OWN = 2  # Least number of reference reps
NUMBERS = int(np.prod(TRAJECTORY_SHAPE))  # Count of numbers in a trajectory


class ComparedSet(NamedTuple):
    """A set's reference and judged reps, all with the same front leg. N is NUMBERS, and M the number of measures."""

    reference: np.ndarray  # (n, N) trajectories of the reference reps, aligned by rotation, less their mean
    judged: np.ndarray  # (m, N) trajectories of the judged reps, aligned by rotation, less the reference's mean
    judged_rows: np.ndarray  # (m,) indices of the judged reps in `Reps`, from 0
    readings: np.ndarray  # (m, 2 + 2 M) readings of the judged reps, less the reference's medians; NaN if unknown


def compared_sets(reps: Reps, own: int, everybody: np.ndarray) -> Iterator[ComparedSet]:
    """Yield each set with at least LEAST_OWN good reps and another rep; the first good reps are its reference.

    Reps with different front legs are separate sets.

    Args:
        own: Greatest number of good reps in the reference.
        everybody: Mean trajectory of all lifters, TRAJECTORY_SHAPE, for joints that all reference reps lack.
    """
    for first, rest in split_reference(reps, own):
        if len(first) < LEAST_OWN:
            continue
        own_points, mean = align_trajectories(reps.trajectories[first].astype(float), everybody)
        judged = np.stack([encoder_input(points, mean) for points in reps.trajectories[rest].astype(float)])
        yield ComparedSet(
            reference=(own_points - mean).reshape(len(first), -1),
            judged=(judged - mean).reshape(len(rest), -1),
            judged_rows=rest,
            readings=reps.readings[rest] - column_medians(reps.readings[first]),
        )


def split_reference(reps: Reps, most_own: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield, for each set, the indices from 0 of its first good reps, at most `most_own`, and of its other reps.

    Reps with different front legs are separate sets. Sets need no good rep, but sets without other reps are left out.
    """
    keys = np.char.add(np.char.add(reps.sets.astype(str), "|"), reps.fronts.astype(str))
    for key in dict.fromkeys(keys.tolist()):
        rows = np.flatnonzero(keys == key)
        first = rows[reps.good[rows]][:most_own]
        if len(first) < len(rows):
            yield first, rows[~np.isin(rows, first)]


def everybody_mean(reps: Reps) -> np.ndarray:
    """Return the mean over lifters of their mean good reps, TRAJECTORY_SHAPE; 0 for a joint that no good rep shows."""
    means = []
    for lifter in dict.fromkeys(reps.lifters.tolist()):
        points = reps.trajectories[(reps.lifters == lifter) & reps.good].astype(float)
        if len(points):
            means.append(np.nanmean(points, axis=0))
    return np.nan_to_num(np.nanmean(means, axis=0))


LATENT = 128
"""Length of a latent. With 64 or all numbers, real sets are judged as well; with 16, a tenth of the hits is lost."""
RIDGE = 10.0  # Weight of the squared distance from the plain metric, chosen on real sets of held-out lifters
STEEPNESS = 6.0  # Steepness of the logistic loss, for each factor e of the distance
STEPS, RATE = 250, 3e-3  # Number of steps of Adam (Kingma and Ba, 2015), and their size
LEAST = 1e-12  # Least squared distance and width, which prevents a division by 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Metric:
    """A linear map from trajectories to latents, whose distances tell faulty reps from good ones, and back."""

    basis: np.ndarray  # (LATENT, NUMBERS) orthonormal directions in which reps differ
    weights: np.ndarray  # (LATENT, LATENT) learned map from coordinates in the basis to latents

    @property
    def encoder(self) -> np.ndarray:
        """Matrix from a trajectory to its latent in torso lengths, (LATENT, NUMBERS)."""
        return self.weights @ self.basis / np.sqrt(NUMBERS)

    @property
    def decoder(self) -> np.ndarray:
        """Matrix from a latent to the part of its trajectory that the basis spans, (NUMBERS, LATENT)."""
        return self.basis.T @ np.linalg.inv(self.weights) * np.sqrt(NUMBERS)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MetricSets:
    """The sets from which a metric is learned, with the labels of their judged reps."""

    sets: Sequence[ComparedSet]
    good: Sequence[np.ndarray]  # For each set, whether each judged rep is good, (m,) bool
    bad: Sequence[np.ndarray]  # For each set, whether each judged rep is surely faulty, (m,) bool
    weight: float = 1.0  # Weight of each rep


def principal_basis(parts: Sequence[MetricSets]) -> np.ndarray:
    """Return the principal directions of reps' differences from the mean of their reference, (LATENT, NUMBERS)."""
    scatter = np.zeros((NUMBERS, NUMBERS))
    for part in parts:
        for of_set in part.sets:
            scatter += part.weight * (of_set.judged.T @ of_set.judged + of_set.reference.T @ of_set.reference)
    return np.linalg.eigh(scatter)[1][:, : -LATENT - 1 : -1].T


def learn_metric(parts: Sequence[MetricSets], report: Callable[[float, float], object] = ignore) -> Metric:
    """Learn a metric in which good reps are near the reference of their set, and faulty reps far.

    Args:
        parts: Groups of sets, at least one.
        report: Called after each step with the finished share, 0…1, and the loss.
    """
    basis = principal_basis(parts)
    task = _Task(parts, basis)
    weights, threshold = np.eye(LATENT), 0.5
    first, second = np.zeros(LATENT * LATENT + 1), np.zeros(LATENT * LATENT + 1)
    for step in range(1, STEPS + 1):
        of_weights, of_threshold, loss = task.gradient(weights, threshold)
        off = weights - np.eye(LATENT)
        report(step / STEPS, loss + RIDGE / LATENT * float((off**2).sum()))
        of_weights += 2 * RIDGE / LATENT * off
        slope = np.append(of_weights.ravel(), of_threshold)
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        change = RATE * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        weights, threshold = weights - change[:-1].reshape(LATENT, LATENT), threshold - change[-1]
    return Metric(basis=basis, weights=weights)


class _Task:
    """The training set in the coordinates of the basis: S sets, n reference reps and m judged reps."""

    def __init__(self, parts: Sequence[MetricSets], basis: np.ndarray) -> None:
        columns = list[tuple[np.ndarray, ...]]()
        for part in parts:
            for of_set, good, bad in zip(part.sets, part.good, part.bad, strict=True):
                number, count, wanted = len(columns), len(of_set.reference), good | bad
                of_own = (
                    of_set.reference @ basis.T,
                    np.full(count, number),
                    np.full(count, (1 + 1 / count) / (count - 1)),  # their sum is the squared width
                )
                of_judged = of_set.judged[wanted] @ basis.T, np.full(wanted.sum(), number)
                columns.append((*of_own, *of_judged, bad[wanted], np.full(wanted.sum(), part.weight)))
        self._sets = len(columns)
        self._own, self._of_own, self._own_share, self._judged, self._of_judged, faulty, counted = (
            np.concatenate(rows) for rows in zip(*columns, strict=True)
        )
        self._sign = np.where(faulty, -1.0, 1.0)
        # Good and faulty reps get equal weights in total, whatever their numbers.
        self._count = counted / np.where(self._sign > 0, counted[self._sign > 0].sum(), counted[self._sign < 0].sum())

    def gradient(self, weights: np.ndarray, threshold: float) -> tuple[np.ndarray, float, float]:
        """Return the gradient of the loss with respect to the weights and to the threshold, and the loss.

        Args:
            threshold: Logarithm of the distance, in widths, that separates good from faulty reps.
        """
        own, judged = self._own @ weights.T, self._judged @ weights.T
        squares = np.maximum((judged**2).sum(1), LEAST)
        widths = np.bincount(self._of_own, self._own_share * (own**2).sum(1), self._sets)
        widths = np.maximum(widths, LEAST)
        off = self._sign * ((np.log(squares) - np.log(widths[self._of_judged])) / 2 - threshold)
        pull = self._count * self._sign * STEEPNESS / (1 + np.exp(-np.clip(STEEPNESS * off, -50, 50)))
        of_width = np.bincount(self._of_judged, pull, self._sets) / widths
        outward = (judged * (pull / squares)[:, None]).T @ self._judged
        inward = (own * (self._own_share * of_width[self._of_own])[:, None]).T @ self._own
        loss = float((self._count * np.logaddexp(0, STEEPNESS * off)).sum())
        return outward - inward, -float(pull.sum()), loss
