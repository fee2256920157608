"""Recordings of a batch are found in folders, each costs itself only, and what is done is known by what made it."""

import json
import os
import signal
import subprocess
import sys
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from builders.analyses import an_analysis
from builders.command import CLIPS, SQUAT_OBSERVATIONS
from builders.sessions import a_session
from builders.sources import write_video
from builders.systems import mode_of
from builders.videos import cut

from livecoach.batch import running
from livecoach.batch.batch_summary import render_summary, summarise_batch, write_tables
from livecoach.batch.running import MOST_LIMIT_S, Task, TaskOutcome, run_tasks
from livecoach.cli import analyst
from livecoach.cli.batch_folder import RESULTS, BatchFolder, expand_folders, recording_key, time_limit_s
from livecoach.core.errors import OutputError, SourceError

CLIP = CLIPS / "nobody.mp4"


def a_task(recording: str, limit_s: float = 600.0) -> Task:
    return Task(key=ascii(recording), recording=recording, options=(), limit_s=limit_s)


def test_an_unforeseen_failure_costs_one_recording(tmp_path: Path) -> None:
    """A name that no process can be given; a limit above the 24 days that a system call waits at most is none."""
    names = ["a\0b.mp4", "\ud800.mp4"]
    tasks = [*map(a_task, names), a_task(str(tmp_path / "none.mp4"), limit_s=1e308)]
    outcomes = {outcome.recording: outcome for outcome in run_tasks(tasks, 2)}
    for name in names if sys.platform != "win32" else names[:1]:  # Windows gives a process the other name, too
        assert "could not be analysed" in (outcomes[name].message or "")
    other = outcomes[tasks[2].recording]
    assert (other.kind, other.message) == ("failed", "no such file. Check the path.")


def test_a_process_that_has_started_analyses_the_next_recording_too(tmp_path: Path) -> None:
    """One that had a bad recording is not used again. What a recording gives does not depend on those before it."""
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    clip = cut(CLIP, tmp_path / "clip.mp4", 0.0, 0.3)
    tasks = [a_task(str(recording)) for recording in (clip, clip, empty, clip)]
    analysts = running.AnalystPool()
    outcomes, processes = [], []
    for task in tasks:
        outcomes.append(running.run_task(task, analysts))
        processes.append([process.pid for process in analysts.waiting[False]])
    analysts.close()
    assert [outcome.kind for outcome in outcomes] == [None, None, "failed", None]
    documents = [{**json.loads(outcome.document), "timing": None} for outcome in outcomes if outcome.document]
    assert documents == documents[:1] * 3
    assert processes[0] == processes[1] != processes[3]
    assert processes[2] == []


def test_a_process_with_the_users_settings_analyses_no_recording_that_is_to_have_the_shipped_ones() -> None:
    analysts = running.AnalystPool()
    tasks = [replace(a_task(str(SQUAT_OBSERVATIONS)), uses_user_settings=uses) for uses in (True, False, True)]
    assert [running.run_task(task, analysts).kind for task in tasks] == [None] * 3
    waiting = {uses: len(processes) for uses, processes in analysts.waiting.items()}
    analysts.close()
    assert waiting == {True: 1, False: 1}


def test_half_an_answer_of_a_process_counts_as_no_answer() -> None:
    half = "import sys; sys.stdin.readline(); sys.stdout.write('[0, \"{'); sys.stdout.flush(); sys.exit(3)"
    with subprocess.Popen([sys.executable, "-c", half], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert running.run_in_analyst(process, ["analyze"]) == (3, "", "")


@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["POSIX", "Windows"])
def test_an_answer_is_read_whatever_ends_its_lines(line_end: str) -> None:
    """Shares and answers: Python ends the lines of a text file as its system does."""
    answers = "".join(f"{line}{line_end}" for line in ("0.5", '[4, "", "no such file"]'))
    shares: list[float] = []
    write = f"sys.stdout.buffer.write({answers.encode()!r}); sys.stdout.flush()"
    command = f"import sys; sys.stdin.readline(); {write}; sys.stdin.readline()"
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert running.run_in_analyst(process, ["analyze"], shares.append) == (4, "", "no such file")
    assert shares == [0.5]


def test_a_command_goes_on_when_its_share_is_noted(tmp_path: Path) -> None:
    """So a batch can pause it."""
    noted = tmp_path / "noted"
    command = (
        "import json, pathlib, sys; sys.stdin.readline(); print(0.5, flush=True); sys.stdin.readline();"
        f"print(json.dumps([0, str(pathlib.Path({str(noted)!r}).exists()), '']))"
    )
    with subprocess.Popen([sys.executable, "-c", command], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert running.run_in_analyst(process, ["analyze"], lambda _: noted.touch()) == (0, "True", "")


def test_the_limit_of_a_video_has_bounds_whatever_its_header_claims(tmp_path: Path) -> None:
    path = write_video(tmp_path / "long.mkv", times_ms=(0, 111_600_000))
    assert time_limit_s(path) == MOST_LIMIT_S


def test_a_name_in_another_encoding_is_summed_up(tmp_path: Path) -> None:
    """It can be neither in a table nor on a page as it is."""
    tables = pytest.importorskip("pyarrow.parquet", reason="pyarrow, of the extra parquet, is not installed")
    folder = BatchFolder(tmp_path)
    with folder.open():
        folder.store(TaskOutcome(key="a", recording="/archive/\udcff\x1b.mp4", kind="failed", message="cut"))
    known = folder.read_outcome("a")
    assert known is not None
    write_tables(tmp_path, [known])
    render_summary(summarise_batch([known]), 0).encode()
    assert tables.read_table(tmp_path / "errors.parquet")["recording"].to_pylist() == ["/archive/\ufffd\ufffd.mp4"]


@pytest.fixture
def archive(tmp_path):
    for name in ("b.MP4", "a.mov", "notes.md", "deep/er/c.webm", "deep/d.obs", ".hidden/e.mp4", "deep/.f.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_a_folder_is_searched_with_those_below_it_and_a_loop_of_links_ends(archive):
    os.symlink(archive, archive / "deep" / "loop")
    found = [path.relative_to(archive).as_posix() for path in expand_folders([archive])]
    assert found == ["a.mov", "b.MP4", "deep/d.obs", "deep/er/c.webm"]


def test_a_session_in_a_folder_is_one_recording(archive):
    (archive / "deep" / "er" / "observations.obs").touch()  # which makes no session of the folder
    session = a_session(archive / "deep", video=True)
    found = [path.relative_to(archive).as_posix() for path in expand_folders([archive])]
    others = ["a.mov", "b.MP4", "deep/d.obs", "deep/er/c.webm", "deep/er/observations.obs"]
    assert found == sorted([*others, f"deep/{session.name}"])


def test_a_folder_of_pictures_alone_is_one_recording(archive, tmp_path):
    (archive / "deep" / "1.jpg").touch()
    assert archive / "deep" not in expand_folders([archive / "deep"])
    (tmp_path / "film").mkdir()
    (tmp_path / "film" / "1.jpg").touch()
    assert list(expand_folders([tmp_path / "film"])) == [tmp_path / "film"]


def test_a_folder_without_a_recording_is_reported(archive):
    assert list(expand_folders([archive / "notes.md"])) == [archive / "notes.md"]
    (archive / ".hidden" / "e.mp4").unlink()
    with pytest.raises(SourceError, match=r"\.hidden: neither a session nor a folder with recordings"):
        list(expand_folders([archive / ".hidden"]))


DONE = TaskOutcome(key="k1", recording="/videos/a.mp4", document=an_analysis(), wall_s=1.5)


def test_a_stored_outcome_is_read_again(tmp_path):
    with BatchFolder(tmp_path / "out").open() as folder:
        folder.store(DONE)
        folder.store(replace(DONE, key="k2", document=None, kind="hung", message="not done after 3 s."))
        assert folder.read_outcome("k1") == DONE
        failed = folder.read_outcome("k2")
        assert failed is not None
        assert (failed.kind, failed.message) == ("hung", "not done after 3 s.")
        assert folder.read_outcome("k3") is None


def test_only_its_owner_can_read_a_batch_folder(tmp_path):
    with BatchFolder(tmp_path / "out").open() as folder:
        folder.store(DONE)
        (result,) = (folder.path / RESULTS).iterdir()
        assert mode_of(result) == 0o600
        assert mode_of(folder.path) == 0o700


@pytest.mark.parametrize(("place", "says"), [("out", "another batch"), ("file/out", "can't be written")])
def test_a_folder_of_another_batch_or_that_can_not_be_written_is_reported(tmp_path, place, says):
    (tmp_path / "file").touch()
    with BatchFolder(tmp_path / "out").open(), pytest.raises(OutputError, match=says):
        BatchFolder(tmp_path / place).open().__enter__()


def test_a_key_changes_with_the_recording_and_the_options(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"one")
    first = recording_key(video, ())
    assert recording_key(video, ()) == first
    assert recording_key(video, ("--pose=full",)) != first
    video.write_bytes(b"other")
    assert recording_key(video, ()) != first
    second = recording_key(video, ())
    os.utime(video, (time.time() + 5, time.time() + 5))
    assert recording_key(video, ()) != second
    video.unlink()
    assert recording_key(video, ()) not in {first, second}


DYING = """#!{python}
import json, os, sys
for line in sys.stdin:
    name, tried = json.loads(line)[1], os.path.exists({mark!r})
    open({mark!r}, "w").close()
    if name == "dies.mp4" or name == "ended.mp4" and not tried:
        os.kill(os.getpid(), 9)
    print(json.dumps([0, "{{}}", ""]), flush=True)
"""
"""A process of an analyst that a recording ends always, another one only the first time."""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_a_recording_whose_process_ends_without_an_answer_is_done_once_more(tmp_path, monkeypatch):
    script = tmp_path / "analyst"
    script.write_text(DYING.format(python=sys.executable, mark=str(tmp_path / "tried")))
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    ended, dies = run_tasks([a_task("ended.mp4"), a_task("dies.mp4")], 1)
    assert (ended.kind, ended.document) == (None, "{}")
    assert (dies.kind, dies.message) == ("crashed", "its process ended by signal 9 (SIGKILL).")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes")
def test_a_recording_that_ctrl_c_ends_is_not_done_once_more(tmp_path, monkeypatch):
    """Also where the process is taken while the others are being ended."""
    begun, script = tmp_path / "begun", tmp_path / "analyst"
    os.mkfifo(begun)
    script.write_text(f"#!/bin/sh\nread line\necho begun > {begun}\nexec sleep 600\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    analysts = running.AnalystPool()
    with ThreadPoolExecutor(1) as pool:
        outcome = pool.submit(running.run_task, a_task("a.mp4"), analysts)
        assert begun.read_text() == "begun\n"
        analysts.close()
    assert outcome.result().kind == "crashed"
    assert running.run_task(a_task("b.mp4"), analysts).kind == "crashed"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_ctrl_c_ends_a_process_although_the_shell_ignores_it():
    """Shells ignore it for jobs in the background. A killed process would leave a session that looks cut off."""
    analysts, before = running.AnalystPool(), signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        outcome = running.run_task(a_task(str(CLIP)), analysts, lambda _: analysts.close())
    finally:
        signal.signal(signal.SIGINT, before)
    assert (outcome.kind, outcome.status) == ("failed", 130)


def test_what_a_command_leaves_in_cycles_is_freed_before_the_next_command(monkeypatch):
    """Otherwise, the pictures of each film stay: a process of forty films had 3 GB."""
    left = []

    def ran(_: object) -> int:
        class Cycle:
            def __init__(self) -> None:
                self.itself = self

        left.append(weakref.ref(Cycle()))
        return 0

    monkeypatch.setattr(analyst, "call_command", ran)
    assert analyst._run_command([]) == (0, "", "")
    assert left[0]() is None
