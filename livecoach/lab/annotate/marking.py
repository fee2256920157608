"""Converts between a recording's annotation and the window's state, which numbers frames by position."""

from collections.abc import Sequence

from livecoach.lab.annotate.state import AnnotationState, FrameMark
from livecoach.lab.annotation import Annotation, RepMark
from livecoach.types import Observation


def initial_state(
    observations: Sequence[Observation], annotation: Annotation, faults: tuple[str, ...]
) -> AnnotationState:
    """Return the initial state, positioned after the last marked frame."""
    stages = tuple(annotation.stages.get(seen.index) for seen in observations)
    place = {seen.index: n for n, seen in enumerate(observations)}
    reps = tuple(FrameMark(frame=place[m.frame], label=m.label) for m in annotation.reps)
    last = max((n for n, stage in enumerate(stages) if stage is not None), default=-1)
    return AnnotationState(
        seen=tuple(seen.landmarks is not None for seen in observations),
        faults=faults,
        stages=stages,
        reps=tuple(sorted(reps, key=lambda mark: mark.frame)),
        at=min(last + 1, len(stages) - 1),
        note="? shows the keys" if last < 0 else f"continuing from frame {last + 1}",
    )


def to_annotation(state: AnnotationState, observations: Sequence[Observation]) -> Annotation:
    """Convert the state to an annotation."""
    return Annotation(
        stages={seen.index: stage for seen, stage in zip(observations, state.stages, strict=True) if stage is not None},
        reps=tuple(
            RepMark(frame=observations[m.frame].index, at_s=observations[m.frame].t_s, label=m.label)
            for m in state.reps
        ),
    )
