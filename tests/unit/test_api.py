"""The functions for programs: what they accept, what they refuse, and what they leave on the disk."""

import math
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from builders.command import DEMO_OBSERVATIONS, SQUAT_OBSERVATIONS
from builders.reports import a_squat_session, squatted
from builders.simulated_live import observations
from builders.sources import TIMEOUT_S, FakeSource, a_frame, quartered, write_video

import livecoach
from livecoach import api
from livecoach.core.config import exercise as exercises
from livecoach.core.config.paths import models_dir, user_data_dir
from livecoach.core.documents import SetEndEvent, WarningEvent
from livecoach.core.errors import SourceLost
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Frame, UncheckedFault
from livecoach.decisions import assembly
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.pose.pose_lifter import COCO
from livecoach.records.session import layout
from livecoach.run import process

OF_DEMO: dict[str, Any] = {"source": DEMO_OBSERVATIONS}
SETTINGS_WANTED = "settings: expected Settings, got dict. `livecoach.load_settings` makes them of a dict."
VERDICTS = ["good", "good", "good", "anomalous", "good"]


pytestmark = pytest.mark.usefixtures("data_home")


def test_the_package_has_the_names_that_its_types_promise():
    stub = Path(livecoach.__file__).with_suffix(".pyi").read_text()
    assert sorted(re.findall(r" as (\w+)$", stub, re.MULTILINE)) == sorted(livecoach.__all__)
    assert all(getattr(livecoach, name).__name__ == name for name in livecoach.__all__)
    with pytest.raises(AttributeError, match="no attribute 'analyse'"):
        _ = livecoach.analyse  # type: ignore[attr-defined]


def test_importing_the_package_imports_nothing_else():
    """Commands import only what they need."""
    code = "import sys; known = set(sys.modules); import livecoach; print(sorted(set(sys.modules) - known))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['livecoach']"


def test_a_second_look_never_deletes_what_a_film_became_before(monkeypatch):
    monkeypatch.setattr(api, "_may_gain", lambda _: True)
    monkeypatch.setattr(api, "SECOND_POSE", "lite")
    how = {"profile": "anna", "learn": True, "record": True, "day": date(2026, 3, 4)}
    first = livecoach.analyze(SQUAT_OBSERVATIONS, "squat", **how)
    (folder,) = layout.list_folders()
    assert (folder.name, folder.name[:10]) == (first.session, "2026-03-04")
    (folder / layout.LOG).write_text("since")
    assert livecoach.analyze(SQUAT_OBSERVATIONS, "squat", **how).session == first.session
    assert (folder / layout.LOG).read_text() == "since"


def test_a_second_look_that_finds_reps_becomes_the_only_session(monkeypatch):
    """The first look stops before a rep."""
    analyze, until_s = api.every_frame.analyze, iter((1.0, 60.0))
    monkeypatch.setattr(api.every_frame, "analyze", lambda *to, **how: analyze(*to, **how | {"until_s": next(until_s)}))
    monkeypatch.setattr(api, "_may_gain", lambda result: not result.reps)
    found = livecoach.analyze(SQUAT_OBSERVATIONS, "squat", record=True)
    assert (len(found.reps), [folder.name for folder in layout.list_folders()]) == (2, [found.session])


def test_an_analysis_that_waits_for_another_of_the_same_film_says_so(monkeypatch):
    """It may wait for as long as a long film takes."""
    said, free = list[str](), threading.Event()

    @contextmanager
    def lock_that_is_held(_film: str) -> Iterator[None]:
        assert free.wait(TIMEOUT_S)
        yield

    def say(line: str) -> None:
        if "its disk" not in line:  # which, too, may take a hundredth of a second
            said.append(line)
            free.set()

    monkeypatch.setattr(layout, "lock_film", lock_that_is_held)
    monkeypatch.setattr(process, "SILENT_S", 0.01)
    monkeypatch.setattr(process, "say", say)
    assert livecoach.analyze(SQUAT_OBSERVATIONS, "squat", record=True).session is not None
    assert said == [f"{SQUAT_OBSERVATIONS}: another livecoach analyses it. This one waits until that has ended."]


def test_an_analysis_writes_nothing_and_prints_nothing(capfd):
    """A profile judges, and does not learn unless asked."""
    result = livecoach.analyze(DEMO_OBSERVATIONS, "deadlift", profile="anna")
    assert ([rep.verdict for rep in result.reps], result.session) == (VERDICTS, None)
    assert not user_data_dir().exists()
    assert capfd.readouterr().out == ""


def test_a_profile_learns_from_an_analysis_once_and_only_if_asked():
    result = livecoach.analyze(SQUAT_OBSERVATIONS, "squat", profile="anna", learn=True)
    assert result.session is not None
    again = livecoach.analyze(result.session)
    assert again.exercise == "squat"
    assert [rep.verdict for rep in again.reps] == [rep.verdict for rep in result.reps]
    assert (again.session, again.profile) == (result.session, "anna")
    assert livecoach.analyze(SQUAT_OBSERVATIONS, "squat", profile="anna", learn=True).session == result.session


def test_a_film_whose_analysis_is_ended_early_becomes_no_session():
    """It can be analysed anew, and half of it would stand in the way."""

    def end(_picture: object, step: Step, _state: object) -> None:
        if step.observation.t_s > 6.0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        livecoach.analyze(DEMO_OBSERVATIONS, "deadlift", profile="anna", learn=True, on_step=end)
    assert next(layout.scan_folders(), None) is None


def test_an_analysis_stops_at_the_given_time():
    result = livecoach.analyze(DEMO_OBSERVATIONS, "deadlift", until_s=5.4)
    assert (len(result.reps), result.source.duration_s <= 5.4) == (1, True)


def test_a_folder_of_pictures_is_a_recording(tmp_path, monkeypatch):
    (tmp_path / "film").mkdir()
    for number in range(3):
        cv2.imwrite(str(tmp_path / "film" / f"{number}.png"), quartered())
    monkeypatch.chdir(tmp_path)
    result = livecoach.analyze("film")
    assert (result.source.name, result.frames.read, result.source.fps) == ("film", 3, 30.0)


def test_a_source_of_the_program_is_analysed_and_stays_open():
    source = FakeSource([a_frame(number) for number in range(3)])
    assert livecoach.analyze(source, until_s=60.0).frames.read == 3
    assert not source.closed.is_set()


def test_watching_a_recording_gives_the_steps_of_its_analysis():
    """A step for each picture, with the values of events.jsonl, and one that ends the last set."""
    steps = list(livecoach.watch(DEMO_OBSERVATIONS, "deadlift"))
    assert len(steps) == len(observations(DEMO_OBSERVATIONS)) + 1
    events = [event for step in steps for event in step.events]
    assert [event.rep.verdict for event in events if isinstance(event, RepCompleted)] == VERDICTS
    assert [event.summary.reps for event in events if isinstance(event, SetEndEvent) and event.summary] == [5]
    assert all(len(repr(event)) < 10_000 for event in events)


class Reopened:
    """A camera that can be opened again and again, with other pictures each time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *scripts: Sequence[Frame | Exception]) -> None:
        self.opened = [FakeSource(script) for script in scripts]
        left = iter(self.opened)
        monkeypatch.setattr("livecoach.run.feed.open_picture_source", lambda *_, **__: next(left))
        usual = livecoach.load_settings({"pose": "lite"})
        self.settings = replace(usual, capture=replace(usual.capture, reconnect_first_s=0.01, stall_s=TIMEOUT_S))


@pytest.mark.parametrize("source", [0, "rtsp://192.168.1.20/live"])
def test_leaving_the_loop_closes_the_camera(monkeypatch, source: str | int):
    waits = threading.Event()
    camera = Reopened(monkeypatch, [*map(a_frame, range(3)), waits])
    for step in livecoach.watch(source, settings=camera.settings):
        assert step.set.count == 0
        break
    waits.set()
    assert camera.opened[0].closed.wait(TIMEOUT_S)


def test_a_stream_is_never_watched_a_second_time(monkeypatch):
    """A second look finds other pictures."""
    monkeypatch.setattr(api, "_may_gain", lambda _: True)
    camera = Reopened(monkeypatch, [a_frame(0, 9.0)], [a_frame(0, 9.0)])
    livecoach.analyze("rtsp://192.168.1.20/live", settings=camera.settings, until_s=5.0)
    assert [source.closed.is_set() for source in camera.opened] == [True, False]


def test_a_lost_camera_is_an_event_and_opened_again(monkeypatch):
    is_seen = threading.Event()
    camera = Reopened(monkeypatch, [a_frame(0), is_seen, SourceLost("unplugged")], [a_frame(1)])
    warnings = []
    for step in livecoach.watch(0, settings=camera.settings):
        is_seen.set()
        warnings += [event for event in step.events if isinstance(event, WarningEvent)]
    assert [event.active for event in warnings if event.warning == "camera_lost"] == [True, False]


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: livecoach.analyze("gone.mp4"), "gone.mp4: no such file. Check the path."),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, "sqat"), "exercise 'sqat': unknown. Did you mean 'squat'?"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, learn=True), "learn: nobody is named who learns."),
        (lambda: livecoach.analyze(FakeSource([a_frame(0)])), "has no end. Say until when with until_s"),
        (lambda: livecoach.analyze(""), "source: is empty. Name a video, a folder of pictures, a session"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, until_s=math.nan), "until_s: expected seconds from the first"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, until_s=-1.0), "0 or more, got -1.0"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, filmed_at_fps=math.nan), "filmed_at_fps: expected 1 to 1000"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, filmed_at_fps=0), "filmed_at_fps: expected 1 to 1000"),
        (lambda: livecoach.analyze(DEMO_OBSERVATIONS, filmed_at_fps=240), "or filmed_at_fps in Python."),
        (lambda: livecoach.analyze(Path(__file__).parent), "unit: holds no picture. Put pictures into the folder, or"),
        (lambda: next(livecoach.watch("gone.mp4")), "gone.mp4: no such file. Check the path."),
        (lambda: livecoach.Coach("sqat", width_px=640, height_px=480), "Did you mean 'squat'?"),
    ],
)
def test_an_error_that_a_user_can_put_right_has_one_line(call: Callable[[], object], says: str):
    with pytest.raises(livecoach.LivecoachError) as refused:
        call()
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


def test_an_exercise_with_a_fault_that_is_not_trained_yet_is_judged_without_it(monkeypatch, caplog):
    table = load_faults("deadlift")
    new = {"new": replace(table.faults["hitch"], words="something new")}
    monkeypatch.setattr(assembly, "load_faults", lambda _: replace(table, faults=new | table.faults))
    caplog.set_level("INFO")
    result = livecoach.analyze(DEMO_OBSERVATIONS, "deadlift")
    assert [rep.verdict for rep in result.reps] == VERDICTS
    assert [fault.name for fault in result.reps[3].faults] == ["hitch"]
    assert UncheckedFault(name="new", reason="training") in result.reps[0].not_visible
    assert "something new. Run `livecoach lab train scorer deadlift`." in caplog.text


def test_the_model_of_another_exercise_is_refused():
    with pytest.raises(livecoach.LivecoachError, match="is a model of deadlift, not of squat"):
        assembly.load_exercise("squat", folder=models_dir() / "deadlift")


def test_a_model_of_your_own_judges_each_exercise_that_shares_the_model(monkeypatch, tmp_path):
    """It does not judge the other exercises of a run."""
    own, load_rules = tmp_path / "own", exercises.load
    shutil.copytree(models_dir() / "deadlift", own)
    shares = replace(load_rules("romanian_deadlift"), model="deadlift")
    monkeypatch.setattr(exercises, "load", lambda name: shares if name == shares.name else load_rules(name))
    names = ("deadlift", shares.name, "squat")
    folders = [assembly.load(name, folder=own).exercises[name].folder for name in names]
    assert folders == [own, own, models_dir() / "squat"]


def test_a_data_frame_without_pandas_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(livecoach.LivecoachError, match="`pip install pandas`"):
        livecoach.analyze(DEMO_OBSERVATIONS, "deadlift", until_s=1.0).to_dataframe()


@pytest.mark.parametrize("form", ["BlazePose with world landmarks", "BlazePose", "COCO"])
def test_a_coach_judges_joints_of_another_pose_model(form: str):
    """Joints that are not seen for a moment are where they were."""
    seen = observations(DEMO_OBSERVATIONS)
    coach = livecoach.Coach(width_px=seen[0].width_px, height_px=seen[0].height_px)
    steps = []
    for number, observation in enumerate(seen):
        assert observation.landmarks is not None
        joints_px, scores = observation.points_px.copy(), observation.landmarks[:, 3]
        world_m = observation.world if "world" in form else None
        if number % 50 == 49:
            joints_px[15] = np.nan  # the left wrist
        at = COCO if form == "COCO" else range(33)
        steps.append(coach.step(observation.t_s, joints_px[list(at)], scores[list(at)], world_m))
    steps.append(coach.finish())
    assert [rep.verdict for step in steps if step is not None for rep in step.reps] == VERDICTS


def test_a_coach_sees_nobody_until_the_whole_body_was_seen():
    coach = livecoach.Coach("squat", width_px=640, height_px=480)
    assert coach.finish() is None
    for joints_px in (None, np.full((17, 2), np.nan)):
        assert coach.step(0.0, joints_px).observation.landmarks is None


@pytest.mark.parametrize(
    ("t_s", "joints_px", "says"),
    [
        (0.9, None, "t_s: 0.9 is before the last frame, at 1.0"),
        (float("nan"), None, "t_s: expected seconds, got nan"),
        (float("inf"), None, "t_s: expected seconds, got inf"),
        (1.1, np.zeros((16, 2)), r"joints_px: expected \(33, 2\) or \(17, 2\) or \(26, 2\), got \(16, 2\)"),
        (1.1, np.zeros((17, 3)), r"got \(17, 3\)"),
        (1.1, [[1.0, 2.0], [3.0]], r"joints_px: expected numbers, \(33, 2\) or .*inhomogeneous"),
        (1.1, [["left", "knee"]] * 17, r"joints_px: expected numbers, \(33, 2\) or .*'left'"),
    ],
)
def test_a_coach_refuses_a_value_that_is_no_frame(t_s: float, joints_px: np.ndarray | None, says: str):
    coach = livecoach.Coach("squat", width_px=640, height_px=480)
    coach.step(1.0, None)
    with pytest.raises(ValueError, match=says):
        coach.step(t_s, joints_px)


def test_a_frame_of_absurd_joints_leaves_no_trace_in_the_frames_after_it():
    """Some pose models return any number for a joint that is out of the picture."""
    seen = observations(SQUAT_OBSERVATIONS)
    coaches = [livecoach.Coach("squat", width_px=seen[0].width_px, height_px=seen[0].height_px) for _ in range(2)]
    reps = []
    for coach, absurd in zip(coaches, (np.nan, 1e300), strict=True):
        for number, observation in enumerate(seen):
            joints_px = np.full((33, 2), absurd) if number == 30 else observation.points_px
            coach.step(observation.t_s, joints_px, None, observation.world)
        reps.append(coach.finish())
    assert reps[0] is not None
    assert reps[1] is not None
    assert reps[0].set.index == 1
    assert reps[0].set.summary is not None
    assert repr(reps[1].set) == repr(reps[0].set)


def test_a_coach_refuses_arrays_that_do_not_fit():
    for width_px in (0, math.inf, math.nan):
        with pytest.raises(ValueError, match=f"width_px, height_px: expected 1 to 32767 pixels, got {width_px}, 480"):
            livecoach.Coach("squat", width_px=width_px, height_px=480)  # type: ignore[arg-type]
    coach = livecoach.Coach("squat", width_px=640, height_px=480)
    joints_px = np.arange(34.0).reshape(17, 2)
    with pytest.raises(ValueError, match=r"scores: expected \(17,\), got \(3,\)"):
        coach.step(0.0, joints_px, [1, 1, 1])
    with pytest.raises(ValueError, match=r"world_m: expected \(33, 3\), got \(17, 3\)"):
        coach.step(0.0, joints_px, None, np.zeros((17, 3)))


@pytest.mark.parametrize("is_session", [False, True])
def test_an_annotated_video_never_replaces_the_recording(tmp_path, is_session):
    film = write_video(tmp_path / "set.mp4", times_ms=[0, 33, 66])
    if is_session:
        session = a_squat_session(tmp_path, [squatted(1)])
        film = film.rename(session / "video.mp4")
    before = film.read_bytes()
    with pytest.raises(livecoach.LivecoachError, match="is the recording itself"):
        livecoach.analyze(film.parent if is_session else film, "squat", annotated=film, looks_again=False)
    assert film.read_bytes() == before


def test_a_model_may_be_named_by_a_text():
    with pytest.raises(livecoach.LivecoachError, match=r"nowhere.model\.json: is missing"):
        livecoach.analyze(SQUAT_OBSERVATIONS, "squat", model="nowhere")


def test_an_error_in_settings_of_a_program_names_no_command_line():
    with pytest.raises(livecoach.LivecoachError, match=r"^height: unknown key"):
        livecoach.load_settings({"height": 178})


@pytest.mark.parametrize(
    ("call", "how", "says"),
    [
        (livecoach.analyze, {"source": 0.5}, "source: expected a path, a number, a URL or a Source, got float"),
        (livecoach.analyze, OF_DEMO | {"exercise": 3}, "exercise: expected a text, got int"),
        (livecoach.analyze, OF_DEMO | {"profile": 3}, "profile: expected a text, got int"),
        (livecoach.analyze, OF_DEMO | {"until_s": "5"}, "until_s: expected seconds from the first frame, .* got '5'"),
        (livecoach.analyze, OF_DEMO | {"settings": {"pose": "lite"}}, SETTINGS_WANTED),
        (livecoach.analyze, OF_DEMO | {"model": 3}, "model: expected a path, got int"),
        (livecoach.analyze, OF_DEMO | {"annotated": 3}, "annotated: expected a path, got int"),
        (livecoach.analyze, OF_DEMO | {"sessions_in": 3}, "sessions_in: expected a path, got int"),
        (livecoach.analyze, OF_DEMO | {"day": "2026-11-27"}, "day: expected a date, got str"),
        (livecoach.watch, OF_DEMO | {"settings": {}}, SETTINGS_WANTED),
        (livecoach.Coach, {"width_px": 640, "height_px": 480, "settings": {}}, SETTINGS_WANTED),
        (livecoach.Coach, {"width_px": "640", "height_px": 480}, "width_px: expected pixels, got str"),
        (livecoach.load_settings, {"overrides": None}, "overrides: expected a dict of keys and values, got NoneType"),
        (livecoach.load_settings, {"overrides": {5: 1}}, "overrides: expected keys such as 'sound.volume', got 5"),
    ],
)
def test_an_argument_of_another_type_is_refused_by_its_name(call: Callable[..., Any], how: dict[str, Any], says: str):
    with pytest.raises(TypeError, match=says):
        next(call(**how))


def test_sessions_go_into_a_folder_that_is_named_by_a_text(tmp_path):
    result = livecoach.analyze(SQUAT_OBSERVATIONS, "squat", sessions_in=str(tmp_path))
    assert result.session is not None
    assert (tmp_path / result.session).is_dir()
