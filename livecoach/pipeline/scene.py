"""The analysis of one observation for any exercise: the body, its visibility, where the camera stands."""

from dataclasses import dataclass

from livecoach.frame import visibility
from livecoach.frame.body import Body, body
from livecoach.frame.view import ViewEstimate
from livecoach.types import Notice, NoticeKind, Observation, View


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameAnalysis:
    number: int  # of the observation in its run, from 0
    observation: Observation
    body: Body | None
    whole: bool  # the whole body is in the picture
    view: View | None  # by all observations so far
    notices: tuple[Notice, ...]  # those that begin or end with the observation


class Scene:
    def __init__(self) -> None:
        self._view = ViewEstimate()
        self._warnings = visibility.Warnings()
        self._count = 0

    @property
    def warning(self) -> str | None:
        return self._warnings.text

    @property
    def problem(self) -> NoticeKind | None:
        return self._warnings.active

    def step(self, observation: Observation) -> FrameAnalysis:
        """Times do not fall."""
        lifter = body(observation)
        now = visibility.visibility_problem(observation, lifter)
        notices = self._warnings.step(
            observation.t_s, now, None if now is None else visibility.problem_text(now, observation)
        )
        if lifter is not None:
            self._view.step(lifter, observation)
        self._count += 1
        return FrameAnalysis(
            number=self._count - 1,
            observation=observation,
            body=lifter,
            whole=lifter is not None and lifter.inside >= visibility.INSIDE,
            view=self._view.view,
            notices=notices,
        )
