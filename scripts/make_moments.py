"""Draw the pictures of docs/experience.md: what the lifter sees at the moments of a set.

    python scripts/make_moments.py [FOLDER]      # FOLDER: where to write, by default docs/moments

A synthetic lifter does two sets, filmed in landscape and in portrait; pose, pipeline and window are those of a live
run. The clips are kept in build/moments for later runs (--clips names another folder). The script needs the packages of
`synth`, and EGL; on two cores it takes some minutes.
"""

import argparse
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.core.documents import AUTO
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Cue, Frame, Observation, Rep, RepWindow, SetPlan
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.coaching.set_progress import PlanFollower
from livecoach.decisions.rep.measured import LEGS_NOT_CLEAR
from livecoach.feedback import end_page
from livecoach.feedback.camera_floor import FloorPlan
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import DeviceState, SessionState
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.synth.synthetic_set import SetSettings, make_set, write_video
from livecoach.perception.pose.estimators import open_estimator
from livecoach.run import start, summary
from livecoach.run.coached import replay
from livecoach.run.rest_replay import RestReplay

ROOT = Path(__file__).resolve().parents[1]
FPS = 15.0  # a low frame rate, because drawing a frame takes most of the time
SET = parse_tokens("walkin,idle:2,good*4,hips_early.shoot:1,good,walkout,walkin,good,stands_beside,idle:5")
CAMERAS = {
    "landscape": VirtualCamera(azimuth_deg=50, distance_m=3.4, fov_deg=42, width_px=1280, height_px=720, fps=FPS),
    "portrait": VirtualCamera(azimuth_deg=50, distance_m=3.8, fov_deg=54, width_px=720, height_px=1280, fps=FPS),
}
WIDTHS_PX = {"landscape": 640, "portrait": 480}
KEPT = {"landscape": 0.7, "portrait": 0.6}
"""Share of the picture's width and height that a camera shows if it is too near, below the upper edge's middle."""
MOST_BYTES = 30_000
QUALITIES = range(90, 25, -5)
PLAN = SetPlan(sets=3, rest_s=120.0)
AWAY_S, REST_S = 29.2, 110.0
"""Time in the clip at which the lifter is out of the picture, and length of the rest that the clip omits there."""
STOOD_S, RESTED_S, LOOKED_S = 6.1, 144.6, 143.4
"""Times at which the lifter has stood at the bar, long enough to read "ready"; is back for the second set; and near the
end of the rest, where "ready" is left out so that the loop has room."""
BEFORE_S = 4.0  # time of the run that is drawn before a moment: longer than anything but a summary stays on screen
STATUS = SessionState(profile="anna", load="100 kg", device=DeviceState(muted=False))
MENU = start.StartMenu(
    (
        start.Row("exercise", dict.fromkeys(("Recognise it", "Deadlift", "Squat")), 1),
        start.Row("profile", dict.fromkeys(("me", "anna")), 1),
        start.Row("camera", dict.fromkeys(("camera 0", "camera 1"))),
    ),
    {"Start": "start", "Sessions and reports": "sessions"},
    3,
)


class Take(NamedTuple):
    """A part of the clip, as a camera frames it and a run judges it."""

    exercise: str = AUTO
    from_s: float = 0.0
    to_s: float = float("inf")
    cuts_feet: bool = False  # whether the camera is too near to show the feet
    answered: bool = False
    """Whether the lifter has called the first reps good, and therefore sees the reps of the set in the rest."""
    is_known: bool = False  # whether good reps of the lifter are known from an earlier day


class Moment(NamedTuple):
    """A moment of a run, of which a picture is drawn."""

    when: Callable[[Step], bool]  # returns whether a step is the moment; the first such step counts
    after_s: float = 0.6  # time from the moment to the step in the picture
    take: Take = Take()
    change: Callable[[Step], Step] = lambda step: step  # change to the steps, where the clip has no such moment
    is_end: bool = False  # whether the run has ended, and the window shows the page at its end


def _not_judged(step: Step) -> Step:
    """Return a step with its rep, if any, as not judged."""
    if step.rep is None:
        return step
    rep = replace(step.rep, verdict="unsure", unsure=LEGS_NOT_CLEAR, score=None, faults=(), top_joints=())
    cue = Cue(kind="unjudged_rep", text=f"not judged: {LEGS_NOT_CLEAR}", rep=rep.index, say=str(rep.number))
    return replace(step, events=(RepCompleted(rep=rep),), cue=cue)


def _rep(number: int) -> Callable[[Step], bool]:
    """Return a function that returns whether a step completes the rep of a number in the first set."""
    return lambda step: step.rep is not None and step.rep.set_and_number == (1, number)


def _cue(kind: str) -> Callable[[Step], bool]:
    return lambda step: step.cue is not None and step.cue.kind == kind


def _at(t_s: float) -> Callable[[Step], bool]:
    return lambda step: step.observation.t_s >= t_s


def _is_in_second_set(step: Step) -> bool:
    return step.set.is_under_way and step.set.index == 2


MOMENTS = {
    "at_rest": Moment(_at(STOOD_S), 0.0, Take("deadlift")),
    "rest_over": Moment(_at(RESTED_S), 0.0),
    "before_a_set": Moment(
        lambda step: step.place.warning is not None or step.place.hint is not None,
        take=Take(from_s=3.2, to_s=6.4, cuts_feet=True),
    ),
    "ready": Moment(_cue("ready"), take=Take(from_s=3.6, to_s=6.6)),
    "not_known": Moment(lambda step: step.observation.t_s > STOOD_S and step.set.exercise is None, 0.0),
    "setting_up": Moment(_at(7.4), 0.0),
    "under_way": Moment(lambda step: step.set.count == 2 and step.progress is not None and step.progress > 0.6, 0.0),
    "recognised": Moment(lambda step: step.set.exercise is not None and not step.set.is_tentative, 0.4),
    "learning": Moment(_rep(2)),
    "reference_ready": Moment(_cue("learned"), 0.0),
    "good_rep": Moment(_rep(3), take=Take("deadlift", is_known=True)),
    "anomalous_rep": Moment(_rep(5)),
    "not_judged": Moment(_rep(3), change=_not_judged),
    "late_reps": Moment(_is_in_second_set),
    "fixed": Moment(_cue("fixed")),
    "another_exercise": Moment(lambda step: step.looks_like is not None, take=Take("squat")),
    "set_over": Moment(lambda step: step.set.summary is not None, 1.0),
    "looking": Moment(_at(LOOKED_S), 0.0, Take(answered=True), lambda step: replace(step, cue=None)),
    "next_set": Moment(_is_in_second_set, 3.0),
    "session_over": Moment(_is_in_second_set, is_end=True),
}
"""Moments by the beginning of the names of their pictures."""


def clip(shape: str, folder: Path) -> Path:
    """Return the video of the set in a shape, a key of CAMERAS, from `folder`; render a missing video."""
    path = folder / f"{shape}.mp4"
    if not path.with_suffix(".json").exists():  # the truth is written last
        folder.mkdir(parents=True, exist_ok=True)
        settings = SetSettings(exercise="deadlift", tokens=SET, seed=32, body="m05", camera=CAMERAS[shape])
        write_video(make_set(settings), path, landmarks=False)
    return path


def filmed(video: Path, take: Take) -> Iterator[Frame]:
    """Yield the frames of a take, with times that include the rest that the clip omits."""
    with closing(VideoFile(video)) as source:
        for frame in iter(source.read, None):
            if take.from_s <= frame.t_s <= take.to_s:
                picture = frame.picture
                if take.cuts_feet and picture is not None:
                    height, width = (round(side * KEPT[video.stem]) for side in picture.shape[:2])
                    left = (picture.shape[1] - width) // 2
                    picture = np.ascontiguousarray(picture[:height, left : left + width])
                yield replace(frame, picture=picture, t_s=frame.t_s + REST_S * (frame.t_s >= AWAY_S))


@cache
def observed(video: Path, take: Take) -> list[Observation]:
    """Return the observations of the frames of a take."""
    observer = assembly.make_observer(open_estimator("lite"))
    return [observer.observe(frame) for frame in filmed(video, take)]


def coached(take: Take, whole: Iterable[Observation]) -> tuple[CoachingModels, list[tuple[Step, SessionState]]]:
    """Return the models of a run over the observations of a take, and each step with the state of the session."""
    coach = assembly.load(take.exercise)
    plan, rests = PlanFollower(PLAN), RestReplay(coach.exercises)
    whole, known = list(whole), list[RepWindow]()
    if take.is_known:
        first_steps = replay(coach.make_pipeline(pose="lite"), whole)
        judged = [event for step in first_steps for event in step.events_of(RepCompleted)]
        good = [event.window for event in judged if event.rep.verdict == "good" and event.window is not None]
        known = [replace(window, set_name="Monday 1") for window in good]
    pipeline, every, reps = coach.make_pipeline(known, pose="lite"), list[Step](), list[Sequence[Rep]]()
    for step in replay(pipeline, whole):
        every.append(step)
        reps.append(pipeline.log.reps)
    every.pop()  # the end
    if take.answered:
        every = [replace(step, questions=replace(step.questions, reference_s=())) for step in every]
    progress = [plan.step(step)[0] for step in every]
    loops = [*map(rests.step, every, progress, reps)]
    states = [replace(STATUS, progress=now, loop=loop) for now, loop in zip(progress, loops, strict=True)]
    return coach, [*zip(every, states, strict=True)]


def draw(video: Path, take: Take, moments: dict[str, Moment]) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the name and the picture of each moment of a take; raise ValueError if the clip has no such moment."""
    coach, watched = coached(take, observed(video, take._replace(exercise=AUTO, answered=False, is_known=False)))
    every = [step for step, _ in watched]
    for name, moment in moments.items():
        if moment.is_end:
            yield name, end_page_of(every, portrait=video.stem == "portrait")
            continue
        at = next((number for number, step in enumerate(every) if moment.when(step)), None)
        if at is None:
            raise ValueError(f"{name}: {video} has no such moment")
        shown_s = every[at].observation.t_s + moment.after_s
        first, last = (_nearest(every, t_s) for t_s in (shown_s - BEFORE_S, shown_s))
        overlay = Overlay(mirror=True, title=coach.title or "", titles=coach.titles, synthetic=True)
        for number, frame in enumerate(filmed(video, take)):
            if first <= number <= last:
                step, status = watched[number]
                canvas = overlay.draw(frame.picture, moment.change(step), status)
        yield name, canvas


def start_screens(video: Path, to_s: float) -> Iterator[np.ndarray]:
    """Yield the start screen for each frame until `to_s`."""
    pipeline, display = assembly.load("deadlift").make_pipeline(pose="lite"), DisplayState(learns=False)
    for frame, seen in zip(filmed(video, Take(to_s=to_s)), observed(video, Take()), strict=False):
        step = pipeline.step(seen)
        display.update(step, SessionState())
        stand = FloorPlan(pipeline.camera_places, step, display.message)
        yield start.draw_menu(MENU, frame.picture, portrait=video.stem == "portrait", floor_plan=stand)


def end_page_of(steps: Iterable[Step], *, portrait: bool) -> np.ndarray:
    """Return the page at the end of a run, from the run's steps."""
    reps: list[Rep] = []
    for step in steps:
        reps = [*step.drop_withdrawn(reps), *step.reps]
    rows = [*summary.exercise_rows(reps, {rep.set: STATUS.load or "" for rep in reps}, summary.ALONE)]
    labels = {"report": "R: report", "leave": "Any other key: end"}
    return end_page.draw_end_page(summary.KEPT, rows, labels, portrait=portrait)


def _nearest(every: Sequence[Step], t_s: float) -> int:
    return min(range(len(every)), key=lambda number: abs(every[number].observation.t_s - t_s))


def save(canvas: np.ndarray, width_px: int, path: Path) -> None:
    """Write a canvas as a JPEG of a width, in the best quality of QUALITIES with at most MOST_BYTES."""
    height_px = round(canvas.shape[0] * width_px / canvas.shape[1])
    small = cv2.resize(canvas, (width_px, height_px), interpolation=cv2.INTER_AREA)
    coded = (cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, q])[1].tobytes() for q in QUALITIES)
    path.write_bytes(next(jpeg for jpeg in coded if len(jpeg) <= MOST_BYTES))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("folder", type=Path, nargs="?", default=ROOT / "docs" / "moments", metavar="FOLDER")
    options.add_argument("--clips", type=Path, default=ROOT / "build" / "moments", help="where clips are kept")
    arguments = options.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for shape in CAMERAS:
        video = clip(shape, arguments.clips)
        for take in dict.fromkeys(moment.take for moment in MOMENTS.values()):
            of_take = {name: moment for name, moment in MOMENTS.items() if moment.take == take}
            for name, canvas in draw(video, take, of_take):
                save(canvas, WIDTHS_PX[shape], arguments.folder / f"{name}-{shape}.jpg")
        *_, screen = start_screens(video, STOOD_S)
        save(screen, WIDTHS_PX[shape], arguments.folder / f"start_screen-{shape}.jpg")


if __name__ == "__main__":
    main()
