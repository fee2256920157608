"""Several commands at once that read the same file, change it and write it: nothing of any of them is lost."""

import signal
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from builders.command import begun, run, running, surroundings
from builders.mjpeg_server import two_squats
from builders.reports import a_squat_session, squatted
from builders.sessions import contents

from livecoach.core.config.files import lock_folder, remove_unfinished_files, write_private_text
from livecoach.core.config.paths import sessions_dir, user_config_file
from livecoach.core.config.settings import save_settings
from livecoach.core.errors import OutputError
from livecoach.core.types import Correction, SetLog
from livecoach.records.session.amending import change_set_log, correct_reps
from livecoach.records.session.opening import open_session

VALUES = {"camera": "3", "exercise": "squat", "sound.volume": "0.25"}


def test_settings_that_processes_set_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    with ExitStack() as stack:
        running = [stack.enter_context(begun("config", "set", *one, home=tmp_path)) for one in VALUES.items()]
        assert [process.end().returncode for process in running] == [0, 0, 0]
    listed = run("config", "list", home=tmp_path).stdout
    for key, value in VALUES.items():
        assert value in next(line for line in listed.splitlines() if key in line)


def test_two_live_runs_of_a_lifter_at_once_are_two_sessions(tmp_path: Path) -> None:
    """They begin in the same second, so that only a fraction of it tells their recordings apart."""
    with two_squats(fps=15) as camera, ExitStack() as stack:
        words = ("live", "--camera", camera.url, "--no-window", "--mute", "--events", "-", "--exercise", "squat")
        said = [tmp_path / "first", tmp_path / "second"]
        both = [stack.enter_context(running(*words, home=tmp_path, stderr=stderr)) for stderr in said]
        for run_of_two in both:
            run_of_two.event(lambda event: event["event"] == "rep")
            run_of_two.process.send_signal(signal.SIGINT)
        assert [run_of_two.end() for run_of_two in both] == [130, 130]
    sessions = [open_session(folder, pytest.fail) for folder in (tmp_path / "data" / "sessions").iterdir()]
    assert len({session.about.session for session in sessions if session.rep_events}) == 2
    assert all("Traceback" not in stderr.read_text() for stderr in said)


CHANGES: dict[str, Callable[[Path], object]] = {
    "settings": lambda _: save_settings({"units": "imperial"}),
    "a correction": lambda session: correct_reps(
        open_session(session, pytest.fail), [open_session(session, pytest.fail).rep_events[0]], Correction(label="bad")
    ),
    "the log of a set": lambda session: change_set_log(
        open_session(session, pytest.fail), 1, lambda log: replace(log, rpe=8.0)
    ),
}


@pytest.mark.parametrize("what", CHANGES)
def test_processes_that_change_a_file_wait_for_each_other(
    what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is written while another process may have read the file and not written it yet."""
    for name, value in surroundings(tmp_path).items():
        monkeypatch.setenv(name, value)
    sessions_dir().mkdir(parents=True)
    session = a_squat_session(sessions_dir(), [squatted(1)])
    user_config_file().parent.mkdir(parents=True)
    monkeypatch.setattr("livecoach.core.config.files.BUSY_S", 0.01)
    with ExitStack() as others:
        for folder in (sessions_dir(), user_config_file().parent):
            others.enter_context(lock_folder(folder))
        before = contents(tmp_path)
        with pytest.raises(OutputError, match="another livecoach is changing it"):
            CHANGES[what](session)
        assert contents(tmp_path) == before


def test_a_file_left_by_a_killed_process_is_removed(tmp_path: Path) -> None:
    left, of_another, other = (tmp_path / name for name in (".a.json.part", ".b.json.part", "a.part"))
    for file in (left, of_another, other):
        file.write_text("half")
    write_private_text(tmp_path / "a.json", "whole")
    assert {file.name for file in tmp_path.iterdir()} == {"a.json", ".b.json.part", "a.part"}
    remove_unfinished_files(tmp_path)
    assert {file.name for file in tmp_path.iterdir()} == {"a.json", "a.part"}


def test_a_set_log_is_changed_as_it_is_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not what the command read when it began: another one may have written meanwhile."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    sessions_dir().mkdir(parents=True)
    folder = a_squat_session(sessions_dir(), [squatted(1)])
    early = open_session(folder, pytest.fail)
    assert early.set_logs == {}
    change_set_log(open_session(folder, pytest.fail), 1, lambda log: replace(log, load_kg=100.0))
    change_set_log(early, 1, lambda log: replace(log, rpe=8.0))
    assert open_session(folder, pytest.fail).set_logs[1] == SetLog(load_kg=100.0, rpe=8.0)
