"""Finds the body, its visibility and the camera's view in each observation, and cuts reps out of the newest frames."""

import math
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, takewhile

from livecoach.core.documents import WarningEvent
from livecoach.core.types import MovementTimes, Observation, RepWindow, View
from livecoach.core.types.observation import MARGIN_S
from livecoach.perception.body import visibility
from livecoach.perception.body.body import Body, find_body
from livecoach.perception.body.view import ViewEstimator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FrameAnalysis:
    """What is known about a frame: the observation, the body, the view, and the warnings that begin or end."""

    observation: Observation
    body: Body | None  # None if nobody is in view
    view: View | None  # View estimated from all observations so far; None until the lifter was visible for long enough
    warnings: tuple[WarningEvent, ...]  # Warnings that begin or end with the observation
    legs_hidden: bool  # Whether a plate has hidden the legs for a while


class Scene:
    """Finds the body, its visibility and the camera's view in the observations of a source."""

    def __init__(self) -> None:
        self._view = ViewEstimator()
        self.warnings = visibility.Warnings()
        self._plates, self._motion = visibility.LegsBehindPlate(), visibility.FastCameraMotion()
        self._turn_deg: int | None = None  # turn of the latest picture
        self._turned_s = -math.inf  # when the turn last changed
        self._roll_deg, self._levelled_s = 0.0, -math.inf  # angle by which bodies are levelled, and since when

    def step(self, observation: Observation, *, in_rep: bool = False) -> FrameAnalysis:
        """Analyse the next observation. Indices must rise from one observation to the next, and times must not fall.

        Args:
            in_rep: Whether a rep is under way. The angle by which bodies are levelled then stays the same.
        """
        lifter = find_body(observation, self._roll_deg)
        now = visibility.visibility_problem(observation, lifter)
        moves = self._motion.step(observation)
        if self._turn_deg not in (None, observation.turn_deg):
            self._turned_s = observation.t_s
        self._turn_deg = observation.turn_deg
        if observation.t_s - self._turned_s < visibility.TURNED_S:
            now = "turned"
        elif now is None and (moves or observation.shows_motion_badly):
            now = "moves" if moves else "not_clear"
        elif now is None and observation.t_s - self._levelled_s < visibility.TURNED_S:
            now = "leans"
        text = None if now is None else visibility.problem_text(now, observation, self._roll_deg)
        warnings = self.warnings.step(observation.t_s, now, text)
        view = None if lifter is None else self._view.step(lifter, observation)
        if view is not None and not in_rep and view.roll_deg != self._roll_deg:
            before_deg, self._roll_deg = self._roll_deg, view.roll_deg or 0.0
            if abs(before_deg) < visibility.LEANS_DEG <= abs(self._roll_deg):
                self._levelled_s = observation.t_s
        return FrameAnalysis(
            observation=observation,
            body=lifter,
            view=self._view.view,
            warnings=warnings,
            legs_hidden=self._plates.step(observation, lifter),
        )


BEGINS_S = 0.1  # Time in seconds that must be seen before a rep to know its beginning. Our choice.
MOST_KEPT = 5400
"""Most frames kept of a set whose exercise is open (27 MB, three minutes at 30 Hz). A longer set keeps its exercise."""


class FrameHistory:
    """The newest analysed frames of a source, out of which reps are cut.

    If the exercise turns out to be another, the other exercise counts some of these frames anew: the frames after the
    last counted rep and, until a recognised exercise of the set is settled, the set's earlier frames.
    """

    def __init__(self, longest_s: float) -> None:
        """Start without frames. Frames are kept for at least `longest_s`, as long as a rep may be in doubt."""
        self._longest_s = longest_s
        self._newest: deque[FrameAnalysis] = deque()
        self._since = 0  # index of the first frame after the last rep that counts
        self._before: list[FrameAnalysis] = []
        self.recountable_reps = 0  # number of counted reps that another exercise may count anew

    @property
    def last_frame(self) -> FrameAnalysis | None:
        """The newest frame; None before the first frame."""
        return self._newest[-1] if self._newest else None

    @property
    def is_full(self) -> bool:
        """Whether more than MOST_KEPT frames of counted reps are kept, so that the set must keep its exercise."""
        return len(self._before) > MOST_KEPT

    def add(self, frame: FrameAnalysis) -> None:
        """Add the newest frame, and drop the frames that are too old."""
        self._newest.append(frame)
        while frame.observation.t_s - self._newest[0].observation.t_s > self._longest_s:
            self._newest.popleft()

    def frames_after_reps(self, first: int) -> list[FrameAnalysis]:
        """Return the kept frames after the last counted rep, from the frame with the index `first` on."""
        return _frames_from(max(first, self._since), reversed(self._newest))

    def recountable_frames(self, first: int) -> list[FrameAnalysis]:
        """Return the frames that another exercise may count anew, from the index `first` on.

        These are the frames after the last counted rep and, since the last call of `forget`, of counted reps.
        """
        return _frames_from(first, chain(reversed(self.frames_after_reps(first)), reversed(self._before)))

    def note_counted(self, reps: int, end_s: float) -> None:
        """Note that a number of reps have counted: their frames belong to no further rep of the same exercise.

        Frames after `end_s`, at which the last of these reps ended, can belong to the next rep.
        """
        self.recountable_reps += reps
        done = [*takewhile(lambda frame: frame.observation.t_s <= end_s, self.frames_after_reps(0))]
        self._before += done
        if done:
            self._since = done[-1].observation.index + 1

    def restore(self) -> None:
        """Make the kept frames of the set uncounted again, so that another exercise counts these frames anew."""
        older = [frame for frame in self._before if frame.observation.index < self._newest[0].observation.index]
        self._newest.extendleft(reversed(older))
        self._since = self._before[0].observation.index if self._before else self._since
        self.forget()

    def take_over(self, before: "FrameHistory") -> None:
        """Continue another history, in which all frames of the set count as uncounted. The other is used no more."""
        before.restore()
        self._newest, self._since = before._newest, before._since

    def forget(self) -> None:
        """Forget the frames of counted reps, so that no other exercise counts them anew."""
        self._before.clear()
        self.recountable_reps = 0

    def cut_rep(
        self, times: MovementTimes, within: range, view: View | None, *, set_name: str, pose: str, exercise: str
    ) -> RepWindow:
        """Cut the observations of a rep, with a margin of MARGIN_S at both ends, out of the frames that are still kept.

        Args:
            within: Indices of the frames in which the exercise has looked for reps. Other frames are left out.
            view: View of the rep; None if unknown.
        """
        start_s, _, end_s = times
        near, are_whole, gap_s, later_s = list[Observation](), list[bool](), 0.0, -math.inf
        for frame in reversed(self._newest):
            t_s = frame.observation.t_s
            if later_s > start_s - BEGINS_S and t_s < end_s:
                gap_s = max(gap_s, later_s - t_s)
            if t_s < start_s - MARGIN_S:
                break
            if frame.observation.index in within and t_s <= end_s + MARGIN_S:
                near.append(frame.observation)
                if start_s <= t_s <= end_s:
                    are_whole.append(frame.body is not None and frame.body.share_inside >= visibility.INSIDE)
            later_s = t_s
        return RepWindow(
            observations=tuple(reversed(near)),
            **times._asdict(),
            view=view,
            set_name=set_name,
            pose=pose,
            exercise=exercise,
            confidence=sum(are_whole) / max(len(are_whole), 1),
            gap_s=gap_s,
        )


def _frames_from(first: int, backwards: Iterable[FrameAnalysis]) -> list[FrameAnalysis]:
    return [*takewhile(lambda frame: frame.observation.index >= first, backwards)][::-1]
