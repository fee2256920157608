"""The analysis of one observation for any exercise: the body, its visibility, where the camera stands; and the newest
observations, of which a rep's are cut out with a margin."""

from collections import deque
from dataclasses import dataclass

from livecoach.core.types import Notice, Observation, RepWindow, Times, View
from livecoach.core.types.reps import MARGIN_S
from livecoach.perception.body import visibility
from livecoach.perception.body.body import Body, body
from livecoach.perception.body.view import ViewEstimate


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
        self.warnings = visibility.Warnings()
        self._count = 0

    def step(self, observation: Observation) -> FrameAnalysis:
        """Times do not fall."""
        lifter = body(observation)
        now = visibility.visibility_problem(observation, lifter)
        notices = self.warnings.step(
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


MOST_KEPT = 5400
"""Frames of an open set that are kept, 27 MB: three minutes at 30 a second. A longer set keeps its name. Our choice."""


class SetFrames:
    """What another exercise may have to count anew: the frames since the last rep, and those before it of a set whose
    name is open."""

    def __init__(self, longest_s: float) -> None:
        """longest_s: how long frames are kept while no rep counts."""
        self._longest_s = longest_s
        self.recent: deque[FrameAnalysis] = deque()  # since the last rep that counted
        self.before: list[FrameAnalysis] = []
        self.reps = 0  # counted in those before

    @property
    def is_full(self) -> bool:
        return len(self.before) > MOST_KEPT

    def add(self, frame: FrameAnalysis) -> None:
        self.recent.append(frame)
        while frame.observation.t_s - self.recent[0].observation.t_s > self._longest_s:
            self.recent.popleft()

    def counted(self, reps: int, end_s: float) -> None:
        """So many reps count, and the last one ended then."""
        self.reps += reps
        while self.recent and self.recent[0].observation.t_s <= end_s and len(self.recent) > 1:
            self.before.append(self.recent.popleft())

    def restore(self) -> None:
        """No rep has counted."""
        self.recent.extendleft(reversed(self.before))
        self.forget()

    def forget(self) -> None:
        """The reps stay what they are, and so their frames are not needed."""
        self.before.clear()
        self.reps = 0


class RecentObservations:
    """Of one source: as many as the longest rep may need."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._frames: deque[FrameAnalysis] = deque()

    def add(self, frame: FrameAnalysis) -> None:
        self._frames.append(frame)
        while frame.observation.t_s - self._frames[0].observation.t_s > self._longest_s:
            self._frames.popleft()

    def window(self, times: Times, view: View | None, *, set_name: str, pose: str, exercise: str) -> RepWindow:
        start_s, turn_s, end_s = times
        near = [one for one in self._frames if start_s - MARGIN_S <= one.observation.t_s <= end_s + MARGIN_S]
        inside = [one.whole for one in near if start_s <= one.observation.t_s <= end_s]
        return RepWindow(
            observations=tuple(one.observation for one in near),
            start_s=start_s,
            turn_s=turn_s,
            end_s=end_s,
            view=view,
            set_name=set_name,
            pose=pose,
            exercise=exercise,
            confidence=sum(inside) / max(len(inside), 1),
        )
