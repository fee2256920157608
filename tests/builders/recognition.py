"""A recogniser that is told when to be sure of what, sets joined to one source, and pipelines that recognise them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from builders.depth import a_depth_model
from builders.lifts import of_stretches
from builders.observations import SETS, a_set, a_sighting, a_squat
from builders.pipelines import EXERCISES, FakeJudge, Judging, some_parts
from builders.stick_figure import Lift, a_stick_figure
from livecoach.core import landmark
from livecoach.core.types import LikelyExercise, Observation, Recognition
from livecoach.core.types.reps import DEFAULT_STANDARDS
from livecoach.decisions.counting.evidence import LiftEvidence
from livecoach.decisions.pipeline import Pipeline
from livecoach.decisions.recognition.recogniser import BELIEVED
from livecoach.decisions.rep.depth import Referee
from livecoach.perception.body.body import Body

NONE = Recognition(name=None, probability=0.9, sure=False)
FPS = 15.0
"""Frames a second of the sets and breaks here: enough to count by, and quick."""


def sure_of(name: str) -> Recognition:
    """Return a recognition that decides."""
    return Recognition(name=name, probability=0.97)


def likely(name: str, probability: float = 0.7) -> Recognition:
    """Return a recognition of what is likelier than all else together, and not sure."""
    return Recognition(name=name, probability=probability, sure=False)


def torn(name: str, other: str) -> Recognition:
    """Return a recognition that does not decide between two."""
    second = LikelyExercise(name=other, probability=0.4)
    return Recognition(name=name, probability=0.45, alternatives=(second,), sure=False)


class ToldRecogniser:
    """Says what it was told from a time on, until it is to forget that."""

    def __init__(self, told: Mapping[float, Recognition], lift_log_odds: float = 0.0) -> None:
        """told: time → what is said from then on."""
        self.lift_log_odds = lift_log_odds
        self._told = dict(sorted(told.items()))
        self._now = NONE
        self.forgot_s: list[float] = []
        self.done: list[str | None] = []
        self._t_s = 0.0

    def step(self, observation: Observation, body: Body | None) -> Recognition:
        del body
        self._t_s = observation.t_s
        while self._told and next(iter(self._told)) <= self._t_s:
            self._now = self._told.pop(next(iter(self._told)))
        return self._now

    def note_rep(self, name: str) -> Recognition:
        if self._now.name == name and self._now.probability >= BELIEVED:
            self._now = replace(self._now, sure=True)
        return self._now

    def note_lift(self, names: Sequence[str]) -> Recognition:
        self._now = likely(names[0])
        return self._now

    def reset(self, done: str | None) -> None:
        self._now = NONE
        self.forgot_s.append(self._t_s)
        self.done.append(done)


def a_recognising_pipeline(
    told: Mapping[float, Recognition],
    judges: Mapping[str, Judging] | None = None,
    *,
    lifts: Mapping[str, LiftEvidence] | None = None,
    pose: str = "",
) -> Pipeline:
    """Return a pipeline of deadlifts and squats. judges: None for those that call every rep good. lifts: exercise →
    which movements are its lifts; None for all that have its stages."""
    judging = judges or {name: FakeJudge(name=name) for name in EXERCISES}
    parts = [some_parts(name, judge, lift=(lifts or {}).get(name)) for name, judge in judging.items()]
    return Pipeline(parts, ToldRecogniser(told), pose=pose)


def lifts_of(begins_s: Sequence[float], *sets: tuple[Lift, int]) -> dict[str, LiftEvidence]:
    """Return what takes the reps of each set for lifts of its own exercise alone. begins_s, sets: as of a_workout."""
    spans = [(name, (begin, begin + 3.2 * reps)) for begin, (name, reps) in zip(begins_s, sets, strict=True)]
    return {name: of_stretches([span for other, span in spans if other == name]) for name in EXERCISES}


def a_break(seconds: float, *, fps: float = FPS) -> list[Observation]:
    """Return somebody who stands with hanging arms, and walks to the side and back in the middle of it."""
    figure, n = a_stick_figure(0.0, lift="deadlift"), round(seconds * fps)
    aside = 0.3 * np.clip(1.5 - np.abs(np.linspace(-3.0, 3.0, n)), 0.0, 1.0)
    return [a_sighting(figure, t_s=i / fps, index=i, feet=(0.5 + float(x), 0.9)) for i, x in enumerate(aside)]


def dips(times: int) -> list[Observation]:
    """Return somebody who stands, and lowers the bar about half of the way, again and again."""
    down = 0.3 * (1 - np.cos(np.arange(0, 2 * np.pi, 0.1)))
    return a_set(np.concatenate([np.zeros(round(2 * FPS)), *[down] * times]), lift="deadlift", fps=FPS, view_deg=60.0)


def some_squats(reps: int) -> list[Observation]:
    """Return a set of good squats."""
    return a_squat(reps=reps, fps=FPS)


def after_one_another(*parts: Sequence[Observation], fps: float = FPS) -> list[Observation]:
    """Return the observations of several sources as those of one."""
    joined: list[Observation] = []
    for part in parts:
        from_s = joined[-1].t_s + 1 / fps if joined else 0.0
        joined += [replace(o, t_s=round(o.t_s + from_s, 6), index=len(joined) + i) for i, o in enumerate(part)]
    return joined


def a_workout(*sets: tuple[Lift, int], rest_s: float = 8.0, fps: float = FPS) -> tuple[list[Observation], list[float]]:
    """Return sets of (lift, reps) with breaks before, between and after them, and when each set begins."""
    parts: list[Sequence[Observation]] = [a_break(rest_s, fps=fps)]
    begins_s = []
    for lift, reps in sets:
        begins_s.append(sum(len(part) for part in parts) / fps)
        parts += [SETS[lift](reps=reps, fps=fps), a_break(rest_s, fps=fps)]
    return after_one_another(*parts, fps=fps), begins_s


def with_plate(seen: Sequence[Observation], rise: float) -> list[Observation]:
    """Return a set with a plate that rises from the floor by so many diameters, and comes down, with the shoulders."""
    diameter = 0.45 * 0.42  # in picture heights, of figures as tall as those of a_sighting
    shoulders = np.array([o.landmarks[list(landmark.SHOULDERS), 1].mean() for o in seen if o.landmarks is not None])
    up = (shoulders.max() - shoulders) / np.ptp(shoulders)
    middle = 0.9 - 0.3 * diameter - rise * diameter * up  # the ankles are a fifth of a diameter above the floor
    plates = (np.array([0.5, y, diameter, 1.0], np.float32) for y in middle.tolist())
    return [replace(o, bar=plate) for o, plate in zip(seen, plates, strict=True)]


def of_high_squats() -> Pipeline:
    """Squats are recognised in each set, and all are 10 cm too high."""
    referee = Referee(DEFAULT_STANDARDS, a_depth_model(10.0), None)
    told = ToldRecogniser({4.0: sure_of("squat"), 21.0: sure_of("squat")})
    return Pipeline([some_parts("squat", referee=referee)], told)
