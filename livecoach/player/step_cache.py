"""The steps of a session in any order: each is made once, as far as somebody has looked, and kept small."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from livecoach.documents import codec
from livecoach.pipeline import Pipeline
from livecoach.session.corrections import RecordedCorrections
from livecoach.types import Observation, Step, nobody


class StepCache:
    """What a pipeline says of each observation of a source, and in the end of what is left, at the last one."""

    def __init__(
        self,
        payloads: Iterable[bytes],
        pipeline: Pipeline,
        told: Callable[[Step], object],
        due: RecordedCorrections | None = None,
    ) -> None:
        """payloads: observations, as `codec` encodes them. told: takes each step once, in their order. due: what was
        said of reps when they were recorded."""
        self._pipeline, self._told, self._due = pipeline, told, due or RecordedCorrections()
        # As bytes: an hour of observations takes 60 MB so, and 400 as arrays.
        self._payloads = list(payloads)
        self._steps: list[Step] = []
        self.times_s = [codec.peek(payload).t_s for payload in self._payloads]

    def __len__(self) -> int:
        return len(self._payloads)

    def __getitem__(self, index: int) -> Step:
        """The step of an observation; those before it are made first. The last one has the end of its set in it."""
        while len(self._steps) <= index:
            self._make_next()
        return replace(self._steps[index], observation=self._observation(index))

    def make(self, index: int, most: int) -> bool:
        """Make what is missing up to a step, `most` of them at a time; whether that one is there now."""
        for _ in range(min(most, index + 1 - len(self._steps))):
            self._make_next()
        return len(self._steps) > index

    def before(self, index: int, seconds: float) -> Iterator[Step]:
        """The steps of the last seconds before one, the oldest first."""
        first = index
        while first > 0 and self.times_s[index] - self.times_s[first - 1] <= seconds:
            first -= 1
        return (self[n] for n in range(first, index))

    def _observation(self, index: int) -> Observation:
        return codec.decode(self._payloads[index])

    def _make_next(self) -> None:
        index = len(self._steps)
        observation = self._observation(index)
        step = self._pipeline.step(observation)
        self._told(step)
        for said in self._due.after(observation):
            corrected = self._pipeline.correct(said.correction, said.start_s)
            if corrected is not None:
                self._told(corrected)
                step = _corrected(step, corrected)
        if index == len(self) - 1:
            last = self._pipeline.finish(observation)
            self._told(last)
            step = _joined(step, last)
        # What was seen is had again from the bytes; what was learned is not needed any more.
        self._steps.append(
            replace(step, observation=_NOTHING, window=None, learned=(), forgotten=(), against=(), earlier=())
        )


def _corrected(step: Step, after: Step) -> Step:
    """The frame with what somebody said after it."""
    news = {"rep": step.rep, "cue": step.cue, "partial": step.partial, "notices": step.notices}
    return replace(after, **news)  # type: ignore[arg-type]


def _joined(step: Step, last: Step) -> Step:
    """The last frame with what the end of the source adds to it."""
    return replace(
        last,
        stage=step.stage,
        rep=last.rep or step.rep,
        cue=last.cue or step.cue,
        partial=last.partial or step.partial,
        notices=step.notices,
        corrected=step.corrected,
    )


_NOTHING = nobody()
