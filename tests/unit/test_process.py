"""No message is lost, whatever libraries do to file descriptor 2; signals and a loop that hangs end it in order."""

import gc
import os
import platform
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command import command, run, surroundings
from builders.systems import END_SIGNALS

from livecoach.cli import command_process
from livecoach.cli.command_process import LIBRARIES, call_command
from livecoach.core.config.paths import PACKAGE
from livecoach.run.process import EXIT_STATUS, HANGS_AFTER, line_printer, suspend_garbage_collection, watch_loop

MESSAGES = """
import os, sys
from livecoach.cli.command_process import prepare_streams
prepare_streams(native={native})
os.write(2, b"INFO: a library speaks\\n")
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 2)  # as sounddevice does while it looks for devices
print("where the session lies", file=sys.stderr)
"""


@pytest.mark.parametrize(("native", "heard"), [(False, ""), (True, "INFO: a library speaks\n")])
def test_a_redirected_descriptor_takes_no_message_along(native: bool, heard: str) -> None:
    """Standard error holds the message; what libraries say there is heard with --debug only."""
    said = outcome(MESSAGES.format(native=native)).stderr
    assert said.startswith(heard)
    assert native or said == "where the session lies\n"


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize("closed", ["1>&-", "0<&- 1>&- 2>&-"])
def test_a_command_without_standard_streams_does_its_work(closed: str, tmp_path: Path) -> None:
    """As under a service that closes them: the files that it opens do not take their places."""
    words = ["sh", "-c", f'exec "$@" {closed}', "sh", *command("config", "set", "language", "de")]
    done = subprocess.run(words, env=surroundings(tmp_path), capture_output=True, check=False)
    assert done.returncode == 0
    assert "language: de" in (tmp_path / "config" / "settings.yaml").read_text(encoding="utf-8")


HEAPS = """
import ctypes, threading
from livecoach.run.process import share_heap
{limit}
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
together = threading.Barrier(12)
def take():
    together.wait()
    libc.malloc(1000)
    together.wait()
threads = [threading.Thread(target=take) for _ in range(12)]
for one in threads: one.start()
for one in threads: one.join()
told = ctypes.c_void_p(libc.fdopen(1, b"w"))
libc.malloc_info(0, told)
libc.fflush(told)
"""


def test_garbage_is_collected_again_after_imports() -> None:
    with suspend_garbage_collection():
        assert not gc.isenabled()
    assert gc.isenabled()


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library")
def test_threads_share_a_heap_so_that_memory_does_not_rise_from_run_to_run() -> None:
    """By default, nearly each thread has one of its own."""

    def heaps(limit: str) -> int:
        return outcome(HEAPS.format(limit=limit)).stdout.count("<heap nr=")

    assert heaps("share_heap()") == 1 < heaps("")


WITHOUT_NULL = """
import os, sys
os.devnull = "/nowhere/null"
sys.argv[0] = "livecoach"
from livecoach.__main__ import main
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="a POSIX shell")
@pytest.mark.parametrize(
    ("how", "says"),
    [
        ('exec "$@" doctor', "/nowhere/null: can't be used (No such file or directory). "),
        ('exec "$@" config list 0<&-', "/nowhere/null: can't be used (No such file or directory). "),
        ('exec "$@" config list > /dev/full', "standard output: can't be written"),
    ],
)
def test_a_machine_without_a_null_device_is_reported(how: str, says: str, tmp_path: Path) -> None:
    """In one line: no child process can be started, no stream that is closed led elsewhere, and what a full disk does
    not take has nowhere to go."""
    words = ["sh", "-c", how, "sh", sys.executable, "-c", WITHOUT_NULL]
    done = subprocess.run(words, env=surroundings(tmp_path), capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.startswith(f"livecoach: {says}")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("words", [["report", "a\nb"], ["sessions", "import", "a\n\x1b[31mb"], ["config", "get", "\n"]])
def test_an_error_is_one_line_whatever_name_it_quotes(words: list[str], tmp_path: Path) -> None:
    done = run(*words, home=tmp_path)
    assert done.stderr.startswith("livecoach: ")
    assert done.stderr.removesuffix("\n").isprintable()


WRONG_WORDS = [
    ["doctor", "\x1b[31mx"],
    ["live", "--rest", "\x1b]0;x\x07"],
    ["doctor", "a\nb"],
    ["live", "--rest", "a\nb"],
]


@pytest.mark.parametrize("words", WRONG_WORDS)
def test_a_wrong_command_line_is_quoted_without_what_a_terminal_obeys(words: list[str], tmp_path: Path) -> None:
    done = run(*words, home=tmp_path)
    assert done.returncode == 2
    assert all(line.isprintable() for line in done.stderr.splitlines())
    assert done.stderr.splitlines()[-1].startswith("Error: ")


ON_A_FULL_DISK = """
import resource, sys, tempfile
from livecoach.cli.command_process import call_command
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
sys.exit(call_command(tempfile.mkdtemp))
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX limits")
def test_a_disk_without_room_for_a_temporary_file_is_reported() -> None:
    """A report makes one."""
    done = outcome(ON_A_FULL_DISK)
    assert done.returncode == 1
    assert done.stderr.startswith("livecoach: no folder to work in (No usable temporary directory found in ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("to_stderr", [False, True])
def test_a_line_is_printed_without_markup_or_wrapping(to_stderr, monkeypatch, capsys) -> None:
    """Names may hold brackets and colons; a terminal wraps a long line itself, and a file holds the line whole."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    line = "[bold]anna[/bold] :car: " + "not deep enough in 5 reps " * 9
    line_printer(to_stderr=to_stderr)(line)
    assert capsys.readouterr() == (("", f"{line}\n") if to_stderr else (f"{line}\n", ""))


@pytest.mark.skipif(os.name == "nt", reason="the current folder can't be removed there")
def test_a_current_folder_that_was_removed_is_reported(tmp_path, monkeypatch, capsys):
    """Names of files are relative to it."""
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert call_command(Path.cwd) == 1
    assert "Change to another one with cd" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (ImportError("libGL.so.1: cannot open shared object file: No such file"), "libGL.so.1: cannot open"),
        (MemoryError(), "no memory is left"),
    ],
)
def test_a_lack_of_a_library_or_memory_is_told(error: Exception, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """As on a machine where only the Python packages were installed."""

    def done() -> None:
        raise error

    assert call_command(done) == 1
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("system", "advice"),
    [("linux", "apt-get install"), ("win32", "Visual C++ Redistributable"), ("darwin", "Install livecoach again.")],
)
def test_a_missing_library_ends_with_advice_for_the_system(system, advice, monkeypatch, capsys):
    def done() -> None:
        raise ImportError("DLL load failed while importing _core")

    monkeypatch.setattr(command_process.sys, "platform", system)
    assert call_command(done) == 1
    said = capsys.readouterr().err
    assert advice in said
    assert ("apt" in said) == (system == "linux")


def test_the_libraries_that_an_error_names_are_those_of_the_guide() -> None:
    assert LIBRARIES.removeprefix("sudo ") in (PACKAGE.parent / "docs" / "first-set.md").read_text()


WHILE_IMPORTING = """
import signal, sys
class Interrupts:
    def find_spec(self, name, path=None, target=None):
        if name == "livecoach.cli":
            signal.raise_signal({number})
sys.meta_path.insert(0, Interrupts())
from livecoach.__main__ import main
main()
"""
AFTER_THE_COMMAND = """
import signal, threading
from livecoach import __main__, cli
cli.main = lambda: signal.signal({number}, lambda *_: None)
threading.Thread(target=threading.Event().wait, args=(60,)).start()
threading._register_atexit(signal.raise_signal, {number})
__main__.main()
"""
HANDLED = """
import signal, sys
from contextlib import ExitStack, suppress
from livecoach.cli.command_process import call_command
from livecoach.run import process
from livecoach.run.process import defer_signals, handle_signals, obey_deferred_signal, until_interrupted
handle_signals()
"""
IN_A_COMMAND = f"""{HANDLED}
try:
    signal.raise_signal({{number}})
finally:
    print("the session is finished", flush=True)
"""
IN_NATIVE_CODE = f"""{HANDLED}
def native():
    try:
        signal.raise_signal({{number}})
    except BaseException as err:
        raise RuntimeError(repr(err)) from None
sys.exit(call_command(native))
"""
WHILE_ENDING = f"""{HANDLED}
def run():
    with ExitStack() as stack:
        stack.callback(obey_deferred_signal)
        stack.callback(print, "the session is finished", flush=True)
        stack.callback(signal.raise_signal, {{number}})
        stack.callback(defer_signals)
        {{how}}
    print("what comes after the run", flush=True)
sys.exit(call_command(run))
"""
AS_A_RUN_BEGINS = f"""{HANDLED}
install = signal.signal
def installed(number, handler):
    before = install(number, handler)
    signal.signal = install
    signal.raise_signal({{number}})
    return before
def run():
    with ExitStack() as stack:
        signal.signal = installed
        for _ in until_interrupted(stack, [1, 2]):
            print("a frame", flush=True)
sys.exit(call_command(run))
"""
LOST_BEFORE_A_RUN = f"""{HANDLED}
def run():
    with suppress(BaseException):
        signal.raise_signal({{number}})
    with ExitStack() as stack:
        for _ in until_interrupted(stack, [1, 2]):
            print("a frame", flush=True)
sys.exit(call_command(run))
"""
IN_A_FRAME = f"""{HANDLED}
def run():
    with ExitStack() as stack:
        for _ in until_interrupted(stack, [1, 2]):
            signal.raise_signal({{number}})
            print("whole", flush=True)
            signal.raise_signal({{number}})
            print("and again", flush=True)
            process.PATIENCE_S = 0.0
            {{later}}
sys.exit(call_command(run))
"""
IN_A_RUN = f"""{HANDLED}
with ExitStack() as stack:
    for _ in until_interrupted(stack, [1, 2]):
        signal.raise_signal({{number}})
"""
AFTER_THE_LAST_FRAME = f"""{HANDLED}
def run():
    with ExitStack() as stack:
        stack.callback(obey_deferred_signal)
        list(until_interrupted(stack, [1, 2]))
        signal.raise_signal({{number}})
        print("the session is finished", flush=True)
    print("what comes after the run", flush=True)
sys.exit(call_command(run))
"""
ENDED = {number: 128 + number for number in END_SIGNALS}


def outcome(code: str, number: int = 0, before=None) -> subprocess.CompletedProcess[str]:
    """What Python makes of this code. number: of the signal in it. before: called in its process."""
    words = [sys.executable, "-c", code.replace("{number}", str(int(number)))]
    return subprocess.run(words, capture_output=True, text=True, check=False, preexec_fn=before)


FINISHED = "the session is finished\n"
OBEYED = {
    # The imports take a second, and one that is interrupted would print a traceback.
    "during start": (WHILE_IMPORTING, ENDED, ""),
    "in a command": (IN_A_COMMAND, END_SIGNALS[1:], FINISHED),
    # While the process waits for the last words of a run
    "after the command": (AFTER_THE_COMMAND, ENDED, ""),
    # As pydantic does with whatever interrupts it while it builds a schema
    "in code that makes another error of it": (IN_NATIVE_CODE, [signal.SIGTERM], ""),
    # As native code does: one of 36 runs that were interrupted while they began, on a busy machine, went on.
    "swallowed before the first frame": (LOST_BEFORE_A_RUN, [signal.SIGINT, signal.SIGTERM], ""),
    # At the very moment at which it is noted from then on
    "as the run begins to wait for it": (AS_A_RUN_BEGINS, [signal.SIGINT], ""),
    # The window would stay, and wait for a key.
    "after the last frame": (AFTER_THE_LAST_FRAME, ENDED, FINISHED),
    # Nothing of the end is left out, and nothing comes after it: a terminal is closed right after Q, or sends two.
    "while a run ends": (WHILE_ENDING.replace("{how}", "pass"), END_SIGNALS[:1], FINISHED),
    "twice while a run ends": (
        WHILE_ENDING.replace("{how}", "signal.raise_signal({number})"),
        END_SIGNALS[-1:],
        FINISHED,
    ),
}


@pytest.mark.parametrize(
    ("code", "number", "printed"),
    [pytest.param(code, n, out, id=f"{n} {name}") for name, (code, numbers, out) in OBEYED.items() for n in numbers],
)
def test_a_signal_ends_what_has_hardly_begun_and_lets_a_run_end_that_is_over(code, number, printed) -> None:
    done = outcome(code, number)
    assert (done.returncode, done.stdout, done.stderr) == (ENDED[number], printed, "")


@pytest.mark.skipif(os.name == "nt", reason="a process inherits no ignored signals there")
def test_nohup_stays_in_force() -> None:
    """A signal that whoever started livecoach has turned off ends nothing, nor does Ctrl-C in a script's background."""
    codes = WHILE_IMPORTING.replace("main()", ""), IN_A_COMMAND, IN_A_RUN
    for code, number in zip(codes, (signal.SIGINT, signal.SIGHUP, signal.SIGINT), strict=True):
        done = outcome(code, number, lambda ignored=number: signal.signal(ignored, signal.SIG_IGN))
        assert done.returncode == os.EX_OK


@pytest.mark.parametrize("later", ["pass", "signal.raise_signal({number}); print('never')"])
@pytest.mark.parametrize("number", ENDED)
def test_a_signal_ends_a_run_between_two_frames(number, later) -> None:
    """Within a frame it could leave the recorder's lock locked, and the end of the session unwritten. Who presses twice
    changes nothing; who presses again after the run's patience does not wait for the frame."""
    done = outcome(IN_A_FRAME.replace("{later}", later), number)
    assert (done.returncode, done.stdout, done.stderr) == (ENDED[number], "whole\nand again\n", "")


# A loop that hangs is ended in order, and its user is told by what

TICK_S = 0.001
TIMEOUT_S = 120.0


class Ended:
    """What a watchdog did."""

    def __init__(self) -> None:
        self.log: list[object] = []
        self.left = threading.Event()

    def watched(self, turns: list[int] | Iterator[int], tick_s: float = TICK_S) -> Iterator[int]:
        def leave(status: int) -> None:
            self.log.append(status)
            self.left.set()

        return watch_loop(turns, self.log.append, lambda: self.log.append("finished"), leave=leave, tick_s=tick_s)


def test_a_loop_that_hangs_is_named_and_its_session_finished() -> None:
    """Code of the room `records` is the disk; the process is left with an error."""
    ended = Ended()
    hangs = eval("lambda event, limit_s: event.wait(limit_s)", {"__name__": "livecoach.records.session.recorder"})
    for _ in ended.watched([1]):
        assert hangs(ended.left, TIMEOUT_S)
    assert ended.log == ["the disk does not answer. The session ends here.", "finished", EXIT_STATUS]


def test_a_loop_that_turns_is_left_alone() -> None:
    ended = Ended()
    count = 100 * HANGS_AFTER

    def turns() -> Iterator[int]:
        for turn in range(count):
            ended.left.wait(TICK_S)
            yield turn

    assert len(list(ended.watched(turns(), tick_s=50 * TICK_S))) == count
    assert ended.log == []


def test_work_after_the_loop_may_take_its_time() -> None:
    """The end of a session, which waits for the disk."""
    ended = Ended()
    assert list(ended.watched([1, 2])) == [1, 2]
    for thread in threading.enumerate():
        if thread.name == "watchdog":
            thread.join(TIMEOUT_S)
    assert ended.log == []
