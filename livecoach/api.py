"""Lets programs analyse recordings: `livecoach.analyze`, which the command line uses, too.

Nothing opens a window, plays a sound or writes a file unless an argument asks for it.
"""

import math
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from livecoach.capture import Source
from livecoach.capture.picture_sources import open_picture_source
from livecoach.capture.timeline import LiveTimeline
from livecoach.core import landmark
from livecoach.core.config import Settings, load_settings
from livecoach.core.config.exercise import resolve
from livecoach.core.documents import AUTO, Analysis
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.step import Step
from livecoach.core.types import Observation, ignore
from livecoach.decisions import assembly
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import SessionState
from livecoach.perception.pose import Pose
from livecoach.perception.pose.estimators import open_estimator
from livecoach.perception.pose.pose_lifter import BODY, ORDERS, Keypoints, PoseLifter, keypoints
from livecoach.perception.pose.top_down import CERTAIN, pose_of
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.opening import session_named
from livecoach.run import every_frame
from livecoach.run.coached import CoachedRun
from livecoach.run.opened_recording import Recording, opened_recording, settings_then
from livecoach.run.options import RunOptions
from livecoach.run.parts import NOBODY_KNOWN, Lifter, Part, Parts, lifter_of_profile, lifter_of_session, taught_lines
from livecoach.run.process import say
from livecoach.run.session_recording import describe, recorded_session, session_start

LIGHT = 0.5  # Brightness of pictures that livecoach does not see: neither dark nor glaring
OnStep = Callable[[np.ndarray | None, Step, SessionState], object]
"""Takes the picture, which is None for stored observations, the step of a frame, and the state of the session."""
AnySource: TypeAlias = str | Path | int | Source | Recording
"""A video, a folder of pictures, stored observations or a session by its path; a session by its name; a camera by its
number; a stream by its URL; or a source that is open already."""


def analyze(
    source: AnySource,
    exercise: str | None = None,
    *,
    profile: str | None = None,
    learn: bool = False,
    settings: Settings | None = None,
    model: Path | None = None,
    annotated: str | Path | None = None,
    record: bool = False,
    sessions_in: Path | None = None,
    until_s: float = math.inf,
    on_step: OnStep = ignore,
) -> Analysis:
    """Count and judge the reps of a recording, from every frame.

    Args:
        source: The recording.
        exercise: Name of the exercise; None for the exercise of the session, or to recognise it.
        profile: Profile with the good reps that judge the reps; None for none.
        learn: Whether the recording becomes a session, from which the profile learns.
        settings: Settings; None for the user's, and for a session those with which it was recorded.
        model: Folder of the user's own model; None for the shipped model.
        annotated: MP4 file for the annotated video; None for none.
        record: Whether the recording becomes a session with a video.
        sessions_in: Folder for that session, which is then kept in any case; None for the user's sessions.
        until_s: Time at which to stop, in seconds from the first frame. A camera needs it.
        on_step: Called with each picture, its step and the state of the session; the last step comes with the last
            picture again.

    Returns:
        The result. `frames.lost` and `warnings` tell what could not be read of a damaged video.

    Raises:
        LivecoachError: The recording can't be read, an argument is invalid, or a file can't be written.
    """
    if learn and profile is None:
        raise ConfigError("learn: nobody is named who learns. Name a profile, too.")
    knowledge = None if profile is None else Knowledge(_checked_profile(profile), say)
    with ExitStack() as stack:
        used = settings or load_settings({"rotate": AUTO})
        recording = _opened(stack, source, used, pictures=annotated is not None)
        recorded = recording.recorded
        if recorded is not None and knowledge is None and settings is None:
            used = settings_then(recorded.about, used, ())
        if recording.source.info.live and math.isinf(until_s):
            raise ConfigError(f"{recording.source.info.name}: has no end. Say until when with until_s, or watch it.")
        used = used if profile is None else replace(used, learn=learn)
        exercise = (AUTO if recorded is None else recorded.about.exercise) if exercise is None else resolve(exercise)
        again = recorded if recorded is not None and recorded.part_events else None
        if again is not None and (knowledge is not None or exercise != again.about.exercise):
            raise SessionError(
                f"{again.name}: its lifter or exercise changes, and each part is judged as it was. "
                "Leave out profile and exercise."
            )
        parts = Parts(used, recording.pose, replays=again, model=model)
        coach = parts.coach(exercise)
        first = parts.begin(exercise, _lifter_of(knowledge, recording), used.standards)
        sinks = [on_step]
        if annotated is not None:
            overlay = Overlay(mirror=False, title=coach.title or "", titles=coach.titles)
            video = every_frame.AnnotatedVideo(Path(annotated), overlay, recording.source.info.fps)
            sinks.append(stack.enter_context(video).add)
        session = None
        if recorded is None and (learn or record or sessions_in is not None):
            options = RunOptions(settings=used, records=True, video=record, sessions_in=sessions_in)
            session, keep = _kept_session(stack, options, recording, coach, first, knowledge)
            sinks.append(keep)
        result = every_frame.analyze(
            recording,
            coach,
            first.pipeline,
            profile=profile or (recording.profiles[0] if len(recording.profiles) == 1 else None),
            on_step=lambda *step: [sink(*step) for sink in sinks],
            parts=None if again is None else parts,
            until_s=until_s,
        )
    for line in () if profile is None else taught_lines(profile, session):
        say(line)
    if session is not None and session.is_dir():  # A session without a rep is deleted
        result = replace(result, session=session.name)
    return result


class Coach:
    """Counts and judges the reps of a lifter whose joints another program finds, frame by frame."""

    def __init__(
        self, exercise: str | None = None, *, width_px: int, height_px: int, settings: Settings | None = None
    ) -> None:
        """Start before the first frame.

        Args:
            exercise: Name of the exercise; None to recognise it.
            width_px: Width of the pictures.
            height_px: Height of the pictures.
            settings: Settings; None for the user's.

        Raises:
            LivecoachError: The exercise is unknown, or a model can't be used.
        """
        settings = settings or load_settings({})
        parts = Parts(settings, "joints")
        first = parts.begin(AUTO if exercise is None else resolve(exercise), NOBODY_KNOWN, settings.standards)
        self._run, self._lifter = CoachedRun(first, standards=settings.standards), PoseLifter()
        self._size_px = width_px, height_px
        self._last: tuple[float, int] = -math.inf, -1  # Time and number of the last frame
        self._joints_px = np.full((landmark.COUNT, 2), np.nan)  # Where each joint was seen last

    def step(
        self,
        t_s: float,
        joints_px: ArrayLike | None,
        scores: ArrayLike | None = None,
        world_m: ArrayLike | None = None,
    ) -> Step:
        """Return the step of the next frame.

        Args:
            t_s: Time of the frame, in seconds; not before that of the last frame.
            joints_px: (K, 2) joints in the picture, x to the right and y down, in pixels; NaN where a joint is not
                seen, None while nobody is. They are BlazePose's 33, COCO's 17 or Halpe's 26, in their order.
            scores: (K,) how sure each joint is, 0 to 1; None for 1 where a joint is seen.
            world_m: (33, 3) BlazePose's world landmarks, in metres; None to estimate them.

        Raises:
            ValueError: An array has another shape, or the time is before that of the last frame.
        """
        if not t_s >= self._last[0]:
            raise ValueError(f"t_s: {t_s} is before the last frame, at {self._last[0]}")
        self._last = t_s, self._last[1] + 1
        pose = None if joints_px is None else self._pose(np.array(joints_px, float), scores, world_m)
        observation = Observation(
            index=self._last[1],
            t_s=t_s,
            landmarks=None if pose is None else pose.landmarks,
            world=None if pose is None else pose.world,
            people=int(pose is not None),
            brightness=LIGHT,
            width_px=self._size_px[0],
            height_px=self._size_px[1],
            dropped=0,
        )
        return self._run.process(observation)

    def finish(self) -> Step | None:
        """Finish the rep and the set under way, and return the last step; None before any frame."""
        return next(iter(self._run.finish()), None)

    def _pose(self, joints_px: np.ndarray, scores: ArrayLike | None, world_m: ArrayLike | None) -> Pose | None:
        """Return the pose, with joints that are not seen where they were last; None before all of the body was seen."""
        count = len(joints_px)
        if joints_px.shape != (count, 2) or count not in (landmark.COUNT, *ORDERS):
            raise ValueError(f"joints_px: expected (33, 2), (26, 2) or (17, 2), got {joints_px.shape}")
        is_seen = np.isfinite(joints_px).all(1)
        sure = np.where(is_seen, 1.0 if scores is None else np.asarray(scores, float), 0.0)
        is_blazepose = count == landmark.COUNT
        found = Keypoints(xy_px=joints_px, scores=sure) if is_blazepose else keypoints(joints_px, sure)
        self._joints_px = np.where(np.isfinite(found.xy_px), found.xy_px, self._joints_px)
        if not np.isfinite(self._joints_px[list(BODY)]).all():
            return None
        found = replace(found, xy_px=self._joints_px)
        world = self._lifter.lift(found.xy_px, found.known) if world_m is None else np.asarray(world_m, np.float32)
        return pose_of(found, world, self._size_px, 1.0 if is_blazepose else CERTAIN)


def _checked_profile(name: str) -> Profile:
    profile = Profile(name, say)
    profile.check_new()
    return profile


def _opened(stack: ExitStack, source: AnySource, settings: Settings, *, pictures: bool) -> Recording:
    """Open a source, which `stack` closes unless it was open before."""
    if isinstance(source, Recording):
        return source
    if isinstance(source, Path) or (isinstance(source, str) and "://" not in source):
        path = Path(source) if os.path.exists(source) else session_named(Path(source)) or Path(source)
        return opened_recording(stack, path, settings.pose, pictures=pictures, turn_deg=settings.turn_deg)
    if isinstance(source, str | int):
        other_hosts = settings.capture.other_hosts
        source = open_picture_source(source, timeline=LiveTimeline(), other_hosts=other_hosts)
        stack.callback(source.close)
    estimator = open_estimator(settings.pose, settings.pose_threads, settings.turn_deg)
    stack.callback(estimator.close)
    return Recording(
        source=source,
        estimator=estimator,
        pose=estimator.name,
        pose_sha256=estimator.sha256,
        session=f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        synthetic=False,
    )


def _lifter_of(knowledge: Knowledge | None, recording: Recording) -> Lifter:
    """Return the lifter of a profile, or, without a profile, as known when the session began."""
    if knowledge is not None:
        return lifter_of_profile(knowledge, recording.session)
    return NOBODY_KNOWN if recording.recorded is None else lifter_of_session(recording.recorded)


def _kept_session(
    stack: ExitStack,
    options: RunOptions,
    recording: Recording,
    coach: assembly.CoachingModels,
    first: Part,
    knowledge: Knowledge | None,
) -> tuple[Path | None, OnStep]:
    """Begin the session that a film becomes.

    Args:
        stack: Ends the session.
        options: Options of the session, without those that follow from the other arguments.
        recording: The film.
        coach: Models of the exercise.
        first: First part of the analysis.
        knowledge: Knowledge about the profile's lifter; None without a profile.

    Returns:
        The folder of the session, and a function that records a picture with its step. If the film is a session of the
        lifter already, the folder is that of the session, and nothing is recorded.
    """
    known = () if knowledge is None else knowledge.sessions
    before = next((session for session in known if session.about.session == recording.session), None)
    if before is not None:
        say(
            f"{recording.source.info.name}: is session {before.name} already, and teaches no second time. "
            f"`livecoach sessions delete {before.name}` lets it be recorded anew."
        )
        return before.folder, ignore
    lifter, synthetic = first.lifter_in_run.lifter, recording.synthetic
    options = replace(options, lifter=lifter, session=recording.session, synthetic=synthetic)
    about = describe(options, recording.source.info, coach, recording.pose, recording.pose_sha256)
    reference = [path for path, _ in first.reference]
    recorder = stack.enter_context(recorded_session(options, about, reference, say))
    if recorder is None:
        return None, ignore
    events, tally = EventStream(recorder.event, session_start(about)), RunMetrics()
    stack.callback(lambda: events.end(tally))
    last: int | None = None

    def keep(picture: np.ndarray | None, step: Step, _: SessionState) -> None:
        """Record a step with its picture."""
        nonlocal last
        if step.observation.index != last:  # The last step has the same frame as the step before it
            last = step.observation.index
            tally.add(step.observation)
            recorder.observation(step.observation, picture)
        events.step(step, None)

    return recorder.folder, keep
