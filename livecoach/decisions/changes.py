"""Reports the exercise, view, hint, stage and state of learning as events when they change."""

from collections.abc import Iterator

from livecoach.core.documents import ExerciseEvent, HintEvent, LearningEvent, StageEvent, ViewEvent
from livecoach.core.step import CurrentSet
from livecoach.core.types import Hint, Learning, Observation, Recognition, StageName, StageReading, View

VIEW_CHANGE_DEG = 10.0
"""Smallest change of the azimuth, in degrees, that is reported if the view has another name. Our choice."""
FAR_DEG = 15.0  # Smallest change of the azimuth, in degrees, that is always reported: a reference covers no more
SURER = 2.0  # Factor by which the view's uncertainty must fall or grow to be reported. Our choice.


class Changes:
    """Yields events for changes of exercise, view, hint, stage and learning since the last event of the same kind."""

    def __init__(self, before: "Changes | None" = None) -> None:
        """Begin a part of a run, after the part of `before`; the exercise and the learning are reported again."""
        self._exercise: tuple[str, bool] | None = None  # Name, and whether it is open
        self._learning: Learning | None = None
        self._stage: StageName | None = None if before is None else before._stage
        self._view: View | None = None if before is None else before._view
        self._hint: Hint | None = None if before is None else before._hint

    def exercise_events(
        self,
        current_set: CurrentSet,
        recognition: Recognition | None,
        observation: Observation,
        *,
        chosen: bool = False,
    ) -> Iterator[ExerciseEvent]:
        """Yield an event if the exercise has changed or has become certain, or if the lifter has just chosen it.

        Nothing is yielded while the exercise or its recognition is unknown (None).
        """
        if current_set.exercise is None or recognition is None:
            return
        known = current_set.exercise, current_set.is_open
        if known != self._exercise or chosen:
            self._exercise = known
            yield ExerciseEvent(
                t_s=observation.t_s,
                exercise=current_set.exercise,
                recognised=recognition,
                chosen=chosen,
                open=current_set.is_open,
                frame=observation.index,
            )

    def view_events(self, view: View | None, t_s: float) -> Iterator[ViewEvent]:
        """Yield an event if the view has become known, or if its azimuth or uncertainty has clearly changed."""
        if view is not None and (self._view is None or _has_changed(self._view, view)):
            self._view = view
            yield ViewEvent(t_s=t_s, view=view)

    def hint_events(self, hint: Hint | None, t_s: float) -> Iterator[HintEvent]:
        """Yield an event if the hint has changed; None stands for no hint."""
        if hint != self._hint:
            self._hint = hint
            yield HintEvent(t_s=t_s, hint=hint)

    def stage_events(self, stage: StageReading | None, t_s: float) -> Iterator[StageEvent]:
        """Yield an event if the stage of the lift has changed; an unknown stage is no change."""
        if stage is not None and stage.stage != self._stage:
            self._stage = stage.stage
            yield StageEvent(t_s=t_s, stage=stage.stage, probability=stage.probability)

    def learning_events(self, learning: Learning | None, t_s: float) -> Iterator[LearningEvent]:
        """Yield an event if the state of learning has become known, or has changed; no event for None."""
        if learning is not None and learning != self._learning:
            self._learning = learning
            yield LearningEvent(t_s=t_s, have=learning.have, wanted=learning.wanted, known=learning.is_settled)


def _has_changed(before: View, now: View) -> bool:
    turned_deg = abs((now.azimuth_deg - before.azimuth_deg + 180) % 360 - 180)
    surer, less_sure = sorted((now.uncertainty_deg, before.uncertainty_deg))
    return (
        turned_deg >= FAR_DEG
        or (now.name != before.name and turned_deg >= VIEW_CHANGE_DEG)
        or less_sure >= SURER * surer > 0
    )
