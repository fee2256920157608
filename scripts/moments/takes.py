"""The clips as livecoach processes them: observations, steps, and the lifter's progress at each step."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from livecoach import assembly
from livecoach.coaching.set_progress import PlanFollower, SetPlan, SetProgress
from livecoach.documents import AUTO
from livecoach.documents.codec import ObservationWriter, header_of
from livecoach.feedback.rep_loop import RepLoop
from livecoach.pose.opening import open_estimator
from livecoach.run.every_frame import steps
from livecoach.run.rest_replay import RestReplay
from livecoach.source import frames
from livecoach.source.file import VideoFile
from livecoach.source.stored import StoredObservations
from livecoach.types import Frame, Observation, Step
from moments.clips import clip

POSE = "lite"
KEPT = {"landscape": 0.7, "portrait": 0.6}
"""Shape → share of the picture's width and height that a camera too near keeps, from the middle of the upper edge."""
PLAN = SetPlan(sets=3, rest_s=120.0)
AWAY_S, REST_S = 29.2, 110.0
"""Time in the clip at which the lifter is out of the picture, and length of the rest that the clip omits there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A part of the clip, as a camera frames it and a run judges it."""

    name: str
    from_s: float = 0.0
    to_s: float = float("inf")
    cuts_feet: bool = False
    """Whether the camera is too near to show the feet."""
    exercise: str = AUTO
    """Name of the given exercise; "auto" where it is recognised."""


WHOLE = Take(name="whole")
GIVEN = Take(name="whole", exercise="deadlift")
ANOTHER_GIVEN = Take(name="whole", exercise="squat")
STOOD = Take(name="stood", from_s=3.6, to_s=6.6)
CUT_OFF = Take(name="cut_off", from_s=3.2, to_s=6.4, cuts_feet=True)


@dataclass(frozen=True)
class Filmed:
    """A take in one shape."""

    take: Take
    shape: str
    folder: Path
    """Folder that keeps clips and observations for later runs."""

    def frames(self) -> Iterator[Frame]:
        """Yield its frames. Raises OutputError and SourceError where the clip can't be written or read."""
        with closing(VideoFile(clip(self.shape, self.folder))) as source:
            for frame in frames(source):
                if self.take.from_s <= frame.t_s <= self.take.to_s:
                    yield replace(frame, picture=self._framed(frame.picture), t_s=_with_rest(frame.t_s))

    def _framed(self, picture: np.ndarray | None) -> np.ndarray | None:
        if picture is None or not self.take.cuts_feet:
            return picture
        height, width = (round(side * KEPT[self.shape]) for side in picture.shape[:2])
        left = (picture.shape[1] - width) // 2
        return np.ascontiguousarray(picture[:height, left : left + width])

    @cached_property
    def observations(self) -> list[Observation]:
        """The observations, from the folder where it has them."""
        framed = self.take if self.take.cuts_feet else WHOLE
        path = self.folder / f"{self.shape}-{framed.name}.obs"
        if not path.exists():
            part = path.with_suffix(".part")
            Filmed(framed, self.shape, self.folder)._observe(part)
            part.rename(path)
        with closing(StoredObservations(path)) as stored:
            observed = [frame.observation for frame in frames(stored) if frame.observation is not None]
        return [one for one in observed if self.take.from_s <= one.t_s <= self.take.to_s]

    def _observe(self, path: Path) -> None:
        with closing(open_estimator(POSE)) as estimator, closing(VideoFile(clip(self.shape, self.folder))) as source:
            header = header_of(source.info, pose_model=estimator.name, pose_sha256=estimator.sha256, synthetic=True)
            observer = assembly.observer(estimator)
            with ObservationWriter(path, header) as writer:
                for frame in self.frames():
                    writer.write(observer.observe(frame))

    @cached_property
    def coach(self) -> assembly.RunCoach:
        """The loaded exercises that judge it."""
        return assembly.load_run(self.take.exercise)

    @cached_property
    def steps(self) -> list[tuple[Step, SetProgress, RepLoop | None]]:
        """The step of each frame, with the lifter's progress and what the rest loops."""
        pipeline = self.coach.pipeline(pose=POSE)
        plan, rests = PlanFollower(PLAN), RestReplay(self.coach.coaches)
        made = [(step, plan.step(step)[0]) for step in steps(pipeline, self.observations)]
        return [
            (step, progress, rests.step(step, progress)) for step, progress in made[:-1]
        ]  # the last ends the source


def _with_rest(t_s: float) -> float:
    """Return the time of a frame, with the rest that the clip omits."""
    return t_s + REST_S * (t_s >= AWAY_S)
