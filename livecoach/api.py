"""Lets programs analyse a recording, watch a camera, and judge joints that they find: `analyze`, `watch`, `Coach`.

They open no window, play no sound and write no file outside the cache folder, unless an argument asks for it.
"""

import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from livecoach.capture import Source
from livecoach.core import landmark
from livecoach.core.config import Settings, load_settings, local_time
from livecoach.core.config.exercise import find_exercise_name
from livecoach.core.config.files import is_any_of, protected_files
from livecoach.core.config.paths import sessions_dir
from livecoach.core.documents import AUTO, Analysis, WarningEvent
from livecoach.core.errors import ConfigError, OutputError, SessionError
from livecoach.core.language import translate
from livecoach.core.step import Step
from livecoach.core.types import Observation, Rep, ignore
from livecoach.core.types.bounds import FILMED_FPS, MOST_PX, check_number, check_texts, check_types
from livecoach.decisions import assembly
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import SessionState
from livecoach.perception.pose import Pose
from livecoach.perception.pose.estimators import open_estimator
from livecoach.perception.pose.pose_lifter import BODY, ORDERS, Keypoints, WorldLandmarkNetwork, order_keypoints
from livecoach.perception.pose.top_down import CERTAIN, make_pose
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile, identify_live_run
from livecoach.records.rejudging import claim_session_of_film
from livecoach.records.session import layout
from livecoach.records.session.events import EventStream
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.opening import find_session_unless_file
from livecoach.records.session.rep_choice import RepChoice
from livecoach.records.session.upkeep import delete_session
from livecoach.run import every_frame
from livecoach.run.coached import CoachedRun, make_run
from livecoach.run.doubts import LEAST_SEEN
from livecoach.run.feed import CAMERA_BACK, CAMERA_LOST, every_frame_feed, live_feed_opener, process_feed
from livecoach.run.opened_recording import Recording, choose_exercise, open_with_estimator, session_settings
from livecoach.run.parts import Lifter, Part, PartMaker, learn_from_session, lifter_of_profile, lifter_of_session
from livecoach.run.process import report_wait, say
from livecoach.run.run_options import RunOptions
from livecoach.run.session_recording import make_session_document, make_session_start, record_session
from livecoach.run.summary import FASTEST_POSE

MOST = 1e9  # Largest coordinate or score: the squares of larger numbers overflow, and the smoothed state stays NaN
LIGHT = 0.5  # Brightness of pictures that livecoach does not see: neither dark nor glaring
OnStep = Callable[[np.ndarray | None, Step, SessionState], object]
"""A function that is called with the picture of a frame, (height, width, 3) uint8 BGR, or None without a picture; with
the step of the frame; and with the state of the session."""
AnySource: TypeAlias = str | Path | int | Source
"""A video, a folder of pictures, stored observations or a session by its path; a session by its name; a camera by its
number; a stream by its URL; or a source that is open already."""
SECOND_POSE = "full"
"""Pose model for films in which the fastest model finds no rep (docs/figures.md, "Recognition")."""


def analyze(
    source: AnySource,
    exercise: str | None = None,
    *,
    profile: str | None = None,
    learn: bool = False,
    settings: Settings | None = None,
    model: str | Path | None = None,
    annotated: str | Path | None = None,
    record: bool = False,
    sessions_in: str | Path | None = None,
    until_s: float = math.inf,
    on_step: OnStep = ignore,
    reps: RepChoice | None = None,
    filmed_at_fps: float | None = None,
    looks_again: bool = True,
    day: date | None = None,
) -> Analysis:
    """Count and judge the reps of a recording from every frame, or of a camera from the newest frames.

    If no rep is completed in a film that shows a person, the film is analysed again with the pose model "full", unless
    the settings name another pose model than "lite". The second result replaces the first result.

    Args:
        source: The recording or the camera.
        exercise: Name of the exercise; None for the session's exercise or, if there is none, to recognise the exercise.
        profile: Profile with the good reps for comparison; None for no profile.
        learn: Whether the recording becomes a session, from which the profile learns.
        settings: Settings; None for the user's settings. If the source is a session and `profile` is None, the values
            that affect verdicts then come from the session.
        model: Folder of the user's own model; None for the shipped model.
        annotated: MP4 file for the annotated video; None to write no video.
        record: Whether the recording becomes a session with a video. A film without a completed rep becomes no session.
        sessions_in: Folder in which the recording becomes a session, even without `learn` and `record`; None for the
            user's sessions.
        until_s: Time at which to stop, in seconds from the first frame; required for a camera or a stream.
        on_step: Called with each step. The last step comes with the last picture again, and a second analysis of a film
            begins with the first picture again.
        reps: Reps of a session that the result contains; None for all reps.
        filmed_at_fps: Frame rate of the camera, for a film in slow motion; None for the rate in the file.
        looks_again: Whether a film without a rep is analysed again.
        day: Day on which a film was made, for a film without a date; None for the day of the file's last change.

    Returns:
        The result. `frames.lost` and `warnings` describe the damage of a damaged video. `session` names the session
        that was analysed, or that the recording became; it is None without a session.

    Raises:
        LivecoachError: The recording can't be read, an argument is invalid, or a file can't be written.
        TypeError: The source is neither a path, a number, a URL nor a Source, or the settings are no Settings.
    """
    check_types("a path", str | Path, annotated=annotated, sessions_in=sessions_in)
    check_types("a date", date, day=day)
    _check_choices(profile, until_s, filmed_at_fps, learn=learn)
    lines: list[str] = []  # About the session, and about what the profile learned
    is_known = False  # Whether the film is already a session, which must not be deleted
    held, folder = ExitStack(), None if sessions_in is None else Path(sessions_in)

    lock = cache(partial(_lock_film, held, source))  # Only once, although the film may be analysed a second time

    def analyze_once(used: Settings | None) -> Analysis:
        """Analyse the source once, and write the annotated video and the session that are wanted."""
        nonlocal is_known
        lines.clear()
        with ExitStack() as stack:
            opens = partial(
                _open_recording,
                stack,
                source,
                pictures=annotated is not None,
                reps=reps,
                filmed_at_fps=filmed_at_fps,
                day=day,
            )
            ready = _prepare(source, opens, exercise, profile, used, model, learn=learn)
            recording, info = ready.recording, ready.recording.feed.info
            if info.live and math.isinf(until_s):
                raise ConfigError(f"{info.name}: has no end. Say until when with until_s, or watch it.")
            sinks = [on_step]
            if annotated is not None:
                _check_replaces_no_source(Path(annotated), source, recording)
                coach = ready.coach
                overlay = Overlay(mirror=False, title=coach.title or "", titles=coach.titles, prompts=False)
                video = every_frame.AnnotatedVideo(Path(annotated), overlay, info.fps)
                sinks.append(stack.enter_context(video).add)
            session = None
            if recording.session is None and (learn or record or sessions_in is not None):
                if not info.live:
                    lock(recording.identity)
                options = RunOptions(settings=ready.settings, records=True, video=record, sessions_in=folder)
                session, keep = _kept_session(stack, options, ready, lines.append)
                is_known = keep is ignore and session is not None
                sinks.append(keep)
            result = every_frame.analyze(
                recording,
                ready.coach,
                ready.first.pipeline,
                profile=profile or (recording.profiles[0] if len(recording.profiles) == 1 else None),
                on_step=lambda *step: [sink(*step) for sink in sinks],
                parts=ready.parts,
                until_s=until_s,
            )
        learners = () if profile is None or sessions_in is not None else (profile,)
        for learned in learn_from_session(learners, session).values():
            lines.extend(learned)
        if session is not None and session.is_dir():  # A session without a rep is deleted
            result = replace(result, session=session.name)
        return result

    try:
        result = analyze_once(settings)
        is_film = isinstance(source, str | Path) and not _is_live(source)
        if looks_again and is_film and not is_known and _may_gain(result):
            if result.session is not None:
                delete_session((folder or sessions_dir()) / result.session)
            result = analyze_once(replace(_used_settings(settings, {"rotate": AUTO}), pose=SECOND_POSE))
    finally:
        held.close()
        for line in lines:
            say(line)
    return result


def _check_choices(profile: str | None, until_s: float, filmed_at_fps: float | None, *, learn: bool) -> None:
    """Raise TypeError or ConfigError for a choice of `analyze` that is not possible."""
    if learn and profile is None:
        raise ConfigError("learn: nobody is named who learns. Name a profile, too.")
    check_number("until_s", until_s, "seconds from the first frame, 0 or more", 0, math.inf)
    if filmed_at_fps is not None:
        check_number("filmed_at_fps", filmed_at_fps, "{} to {} pictures a second".format(*FILMED_FPS), *FILMED_FPS)


def _used_settings(settings: Settings | None, overrides: Mapping[str, object]) -> Settings:
    """Return settings, or for None the user's settings with `overrides`. Raises TypeError for anything but Settings."""
    if settings is None:
        return load_settings(overrides)
    if not isinstance(settings, Settings):
        kind = type(settings).__name__
        raise TypeError(f"settings: expected Settings, got {kind}. `livecoach.load_settings` makes them of a dict.")
    return settings


def _lock_film(held: ExitStack, source: AnySource, film: str) -> None:
    """Keep other processes from making a session of a film until `held` is closed; report a long wait."""
    with report_wait(f"{source}: another livecoach analyses it. This one waits until that has ended."):
        held.enter_context(layout.lock_film(film))


def _check_replaces_no_source(annotated: Path, source: AnySource, recording: Recording) -> None:
    """Raise OutputError if the annotated video would replace the recording, or a file in the recording's folder."""
    sources = [Path(source)] if isinstance(source, str | Path) and not _is_live(source) else []
    if recording.session is not None:
        sources.append(recording.session.folder)
    if is_any_of(annotated, protected_files(sources)):
        raise OutputError(f"{annotated}: is the recording itself. Choose another place for the annotated video.")


def _is_live(source: AnySource) -> bool:
    """Return whether a source is a camera's number or the URL of a stream."""
    return isinstance(source, int) or (isinstance(source, str) and "://" in source)


def _may_gain(first: Analysis) -> bool:
    """Return whether a second analysis, with SECOND_POSE, may find a rep in a film in which FASTEST_POSE found none."""
    is_film = first.timing.pose_ms_p50 is not None
    is_fastest = first.model.pose == FASTEST_POSE
    return is_film and is_fastest and not first.reps and first.frames.with_pose >= LEAST_SEEN * first.frames.read


def watch(
    source: AnySource,
    exercise: str | None = None,
    *,
    profile: str | None = None,
    settings: Settings | None = None,
    model: str | Path | None = None,
) -> Iterator[Step]:
    """Watch a camera or a recording: yield the step of each frame, and then the step that finishes the last set.

    A camera or stream is watched live: pictures that come during the processing of a picture are dropped. If the camera
    is lost, a step reports the loss, and the camera is opened again. Every frame of a recording or session is watched,
    and the commands in a session are steps, too. Leaving the loop closes the source, unless the source was open before.
    No session is kept.

    Args:
        exercise: Name of the exercise; None for the session's exercise or, if there is none, to recognise the exercise.
        profile: Profile with the good reps for comparison; None for no profile.
        settings: Settings; None for the user's settings. If the source is a session and `profile` is None, the values
            that affect verdicts then come from the session.
        model: Folder of the user's own model; None for the shipped model.

    Raises:
        LivecoachError: The source can't be read, or an argument is invalid.
        TypeError: The source is neither a path, a number, a URL nor a Source, or the settings are no Settings.
    """
    with ExitStack() as stack:
        ready = _prepare(source, partial(_open_recording, stack, source), exercise, profile, settings, model)
        observer = stack.enter_context(closing(assembly.make_observer(ready.recording.estimator)))
        run, is_lost = make_run(ready.first.pipeline, ready.recording.events, ready.parts), False
        for processed in process_feed(ready.recording.feed.results, observer.observe, run, RunMetrics()):
            if processed.result.lost != is_lost and run.last is not None:
                is_lost = processed.result.lost
                t_s, text = run.last.observation.t_s, CAMERA_LOST if is_lost else CAMERA_BACK
                warning = WarningEvent(t_s=t_s, warning="camera_lost", active=is_lost, text=text)
                yield replace(run.last, events=(warning,), cue=None)
            if processed.step is not None:
                yield processed.step
        yield from run.finish()


class Coach:
    """Counts and judges the reps of a lifter, frame by frame, from joints that another program finds."""

    def __init__(
        self, exercise: str | None = None, *, width_px: int, height_px: int, settings: Settings | None = None
    ) -> None:
        """Load the models, for pictures of a size in pixels.

        Args:
            exercise: Name of the exercise; None to recognise the exercise.
            settings: Settings; None for the user's settings.

        Raises:
            LivecoachError: The exercise is unknown, or the settings or a model can't be used.
            TypeError: An argument has another type.
            ValueError: The size is not above 0, or too large.
        """
        check_texts(exercise=exercise)
        check_types("pixels", int | float | np.number, width_px=width_px, height_px=height_px)
        if not (1 <= width_px <= MOST_PX and 1 <= height_px <= MOST_PX):
            raise ValueError(f"width_px, height_px: expected 1 to {MOST_PX} pixels, got {width_px}, {height_px}")
        settings = _used_settings(settings, {})
        parts = PartMaker(settings, "joints")
        first = parts.begin(AUTO if exercise is None else find_exercise_name(exercise), Lifter(), settings.standards)
        self._run, self._world_network = CoachedRun(first, standards=settings.standards), WorldLandmarkNetwork()
        self._size_px = width_px, height_px
        self._last: tuple[float, int] = -math.inf, -1  # Time and index of the last frame
        self._joints_px = np.full((landmark.COUNT, 2), np.nan)  # Place at which each joint was last seen

    def step(
        self, t_s: float, joints_px: ArrayLike | None, scores: ArrayLike | None = None, world_m: ArrayLike | None = None
    ) -> Step:
        """Process the next frame, and return its step.

        Nobody counts as seen until each joint from shoulders to ankles has been seen. From then on, a joint that is not
        seen stays where it was last seen.

        Args:
            t_s: Time of the frame, in seconds; not before the time of the previous frame.
            joints_px: (K, 2) joints in the picture, x to the right and y down, in pixels; NaN where a joint is not
                seen, None while nobody is seen. The joints are BlazePose's 33, COCO's 17 or Halpe's 26, in the model's
                order.
            scores: (K,) confidence of each joint, 0 to 1; None for 1 where a joint is seen.
            world_m: (33, 3) BlazePose's world landmarks, in metres. They are estimated if `world_m` is None, or has
                NaN at a joint from shoulders to ankles.

        Raises:
            TypeError: The time is no number.
            ValueError: An array has another shape or no numbers, or the time is not finite or before the time of the
                previous frame.
        """
        check_types("seconds", int | float | np.number, t_s=t_s)
        if not math.isfinite(t_s):
            raise ValueError(f"t_s: expected seconds, got {t_s}")
        if t_s < self._last[0]:
            raise ValueError(f"t_s: {t_s} is before the last frame, at {self._last[0]}")
        self._last = t_s, self._last[1] + 1
        pose = None if joints_px is None else self._pose(joints_px, scores, world_m)
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
        """Finish the rep and the set under way, and return the last step; None before the first frame."""
        return next(iter(self._run.finish()), None)

    def _pose(self, joints_px: ArrayLike, scores: ArrayLike | None, world_m: ArrayLike | None) -> Pose | None:
        """Return the pose, with unseen joints at their last place; None until each joint of the body has been seen."""
        xy_px = _array("joints_px", joints_px, *((count, 2) for count in (landmark.COUNT, *ORDERS)))
        sure = np.ones(len(xy_px)) if scores is None else _array("scores", scores, (len(xy_px),))
        sure = np.where(np.isfinite(xy_px).all(1) & np.isfinite(sure), sure.clip(0.0, 1.0), 0.0)
        is_blazepose = len(xy_px) == landmark.COUNT
        found = Keypoints(xy_px=xy_px, scores=sure) if is_blazepose else order_keypoints(xy_px, sure)
        self._joints_px = np.where(np.isfinite(found.xy_px), found.xy_px, self._joints_px)
        if not np.isfinite(self._joints_px[list(BODY)]).all():
            return None
        found = replace(found, xy_px=self._joints_px)
        world = None if world_m is None else _array("world_m", world_m, (landmark.COUNT, 3)).astype(np.float32)
        if world is None or not np.isfinite(world[list(BODY)]).all():
            world = self._world_network.estimate_world(found.xy_px, found.known)
        return make_pose(found, world, self._size_px, 1.0 if is_blazepose else CERTAIN)


def _array(name: str, values: ArrayLike, *shapes: tuple[int, ...]) -> np.ndarray:
    """Return values as floats of one of the shapes; NaN for infinite values, and for any that would overflow."""
    wanted = " or ".join(map(str, shapes))
    try:
        array = np.array(values, float)
    except (TypeError, ValueError) as err:  # A text, or rows of different lengths
        raise ValueError(f"{name}: expected numbers, {wanted}: {err}") from err
    if array.shape not in shapes:
        raise ValueError(f"{name}: expected {wanted}, got {array.shape}")
    return np.where(np.abs(array) < MOST, array, np.nan)


@dataclass(frozen=True, kw_only=True)
class _Ready:
    recording: Recording
    settings: Settings
    coach: assembly.CoachingModels
    first: Part
    parts: PartMaker | None  # Begins the parts of a session that has several parts; None for any other recording
    profile: str | None  # Name of the profile; None without a profile


def _prepare(
    source: AnySource,
    opens: Callable[[Settings], Recording],
    exercise: str | None,
    profile: str | None,
    settings: Settings | None,
    model: str | Path | None,
    *,
    learn: bool = False,
) -> _Ready:
    check_texts(exercise=exercise, profile=profile)
    check_types("a path", str | Path, model=model)
    used = _used_settings(settings, {} if _is_live(source) else {"rotate": AUTO})
    known = None if profile is None else Profile(profile, say)
    if known is not None:
        known.check_new()
    recording = opens(used)
    recorded = recording.session
    if recorded is not None and known is None and settings is None:
        used = session_settings(recorded.about, used, ())
    used = used if profile is None else replace(used, learn=learn)
    recorded_as = AUTO if recorded is None else recorded.about.exercise
    exercise = choose_exercise(recording) if exercise is None else find_exercise_name(exercise)
    if recorded is not None and exercise != recorded_as:
        say(f"{recorded.name}: recorded as {recorded_as}, processed as {exercise}")
    again = recorded if recorded is not None and recorded.part_events else None
    if again is not None and (known is not None or exercise != again.about.exercise):
        raise SessionError(
            f"{again.name}: its lifter or exercise changes, and each part is judged as it was. "
            "Leave out profile and exercise."
        )
    parts = PartMaker(used, recording.pose, replays=again, model=None if model is None else Path(model))
    lifter = Lifter() if recorded is None else lifter_of_session(recorded)
    if known is not None:
        lifter = lifter_of_profile(LifterReferences(known, say, recording.filmed_at, recording.identity))
    return _Ready(
        recording=recording,
        settings=used,
        coach=parts.load_coach(exercise),
        first=parts.begin(exercise, lifter, used.standards),
        parts=None if again is None else parts,
        profile=None if known is None else known.name,
    )


def _open_recording(
    stack: ExitStack,
    source: AnySource,
    settings: Settings,
    *,
    pictures: bool = False,
    reps: RepChoice | None = None,
    filmed_at_fps: float | None = None,
    day: date | None = None,
) -> Recording:
    """Open a source with a pose estimator; `stack` closes the source, unless it was open before."""
    if isinstance(source, Path) or (isinstance(source, str) and not _is_live(source)):
        if not str(source):
            raise ConfigError("source: is empty. Name a video, a folder of pictures, a session, a camera or a stream.")
        path = Path(source) if os.path.exists(source) else find_session_unless_file(Path(source)) or Path(source)
        return open_with_estimator(
            stack,
            path,
            settings.pose,
            reps,
            pictures=pictures,
            filmed_at_fps=filmed_at_fps,
            turn_deg=settings.turn_deg,
            day=day,
        )
    if isinstance(source, str | int):
        feed = live_feed_opener(stack, replace(settings, camera=source), ahead=False)(stack)
    elif hasattr(source, "read") and hasattr(source, "info"):
        feed = every_frame_feed(stack, source)
    else:
        raise TypeError(f"source: expected a path, a number, a URL or a Source, got {type(source).__name__}")
    estimator = open_estimator(settings.pose, settings.pose_threads, settings.turn_deg)
    return Recording(
        feed=feed,
        estimator=estimator,
        pose=estimator.name,
        pose_sha256=estimator.sha256,
        identity=identify_live_run(),
        synthetic=False,
    )


def _kept_session(
    stack: ExitStack, options: RunOptions, ready: _Ready, report: Callable[[str], object]
) -> tuple[Path | None, OnStep]:
    """Begin the session that a film becomes; return its folder, and a function that records a picture with its step.

    If the film is a session of the lifter or of nobody already, its folder is returned, and nothing is recorded, unless
    the options name another folder for the session.
    """
    recording, info = ready.recording, ready.recording.feed.info
    is_new = info.live or options.sessions_in is not None
    before = None if is_new else claim_session_of_film(recording.identity, ready.profile)
    if before is not None:
        say(
            f"{info.name}: is session {before.name} already, and teaches no second time. "
            f"`livecoach sessions delete {before.name}` lets it be recorded anew."
        )
        return before.folder, ignore
    lifter, synthetic = ready.first.lifter, recording.synthetic
    options = replace(options, lifter=lifter, session=recording.identity, synthetic=synthetic)
    about = make_session_document(options, info, ready.coach, recording.pose, recording.pose_sha256)
    if recording.filmed_at is not None:
        about = replace(about, started=local_time.to_local(recording.filmed_at).isoformat(timespec="seconds"))
    reference = [path for path, _ in ready.first.reference]
    recording_of = record_session(
        options, about, reference, lambda line: report(translate(line)), deletes_cut=not info.live
    )
    recorder = stack.enter_context(recording_of)
    if recorder is None:
        return None, ignore
    events, metrics = EventStream(recorder.add_event, make_session_start(about)), RunMetrics()
    stack.callback(lambda: events.send_end(metrics, reps))
    last: int | None = None
    reps: Sequence[Rep] = ()

    def keep(picture: np.ndarray | None, step: Step, state: SessionState) -> None:
        """Record a step with its picture."""
        nonlocal last, reps
        reps = state.reps
        if step.observation.index != last:  # The last step has the same frame as the step before it
            last = step.observation.index
            metrics.add_observation(step.observation)
            recorder.add_observation(step.observation, picture)
        events.send_step(step, None)

    return recorder.folder, keep
