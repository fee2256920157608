"""Faults of what the machine provides: sound, display, clock, processor."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

from livecoach.run.watchdog import EXIT_STATUS
from livecoach.tools.children import end
from livecoach.tools.faults_camera import silent_server
from livecoach.tools.faults_of_camera import INTERRUPTED
from livecoach.tools.faults_run import Running
from livecoach.tools.faults_trial import FPS, Fault, Trial, cores
from livecoach.tools.null_sink import NullSink, missing_programs, null_sink
from livecoach.tools.virtual_screen import VirtualScreen, virtual_screen, xvfb_missing

HEARD = ("--no-window",)
LATER_S = 10.0
"""Longest that a hung sound server may delay the first picture, beside its limit of 2 s the noise of a busy machine."""
SHOWN_S = 20.0
"""Longest wait for the window's picture, of a program that has counted a rep already. At load 8 on two cores Qt never
paints one new window in seven."""
TAKEN_S = 6.0
STOPPED_S = 3.0
NEW_MS = 1500.0
"""Oldest picture by which a rep is counted after a stop of 3 s. A quiet machine needs 30 ms. Our choice."""
TERMINATED = 143


def _no_sound_server() -> str | None:
    missing = missing_programs()
    return f"{', '.join(missing)} is not installed (Debian: pulseaudio, pulseaudio-utils)" if missing else None


def _sound_dies(trial: Trial) -> None:
    with null_sink() as sink:
        run = trial.lifting(*HEARD, env=trial.env | _address(sink), silent=False)
        sink.kill()
        trial.says(run, "sound")
        trial.counts_on(run)
        said = len(run.said)
        sink.start()
        back = run.line("sound is back", "sound device is back", "plays again", "cues are heard")
        trial.check("says that sound is back", back, back or "; ".join(run.said[said:]))
        trial.counts_on(run)
        trial.ends(run, signal.SIGINT, INTERRUPTED)


def _sound_freezes(trial: Trial) -> None:
    with null_sink() as sink:
        run = trial.lifting(*HEARD, env=trial.env | _address(sink), silent=False)
        with sink.frozen():
            trial.counts_on(run)
            trial.ends(run, signal.SIGINT, INTERRUPTED)


def _sound_hangs(trial: Trial) -> None:
    sink = NullSink(trial.folder)
    quiet_s = _first_event_s(trial, trial.env | _address(sink))
    place = trial.folder / "run" / "pulse"
    place.mkdir()
    with silent_server(place / "native"):
        hung_s = _first_event_s(trial, trial.env | _address(sink))
        found = f"{hung_s:.1f} s; {quiet_s:.1f} s without a server"
        later = f"starts at most {LATER_S:g} s later than without a server"
        trial.check(later, hung_s - quiet_s <= LATER_S, found, timed=True)


def _first_event_s(trial: Trial, env: dict[str, str]) -> float:
    """Start a run, return how long its first event took, and end it."""
    began_s = time.monotonic()
    run = trial.start(*HEARD, env=env, silent=False)
    event = run.event(lambda _: True)
    took_s = time.monotonic() - began_s
    trial.must("starts", event, f"{took_s:.1f} s")
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)
    return took_s


def _address(sink: NullSink) -> dict[str, str]:
    """Return the variables that lead to the private server; the home stays that of the trial."""
    names = ("PULSE_SERVER", "PULSE_CLIENTCONFIG", "ALSA_CONFIG_PATH", "XDG_RUNTIME_DIR")
    return {name: sink.env[name] for name in names}


def _no_display() -> str | None:
    return "Xvfb is not installed (Debian: xvfb)" if xvfb_missing() else None


def _display_dies(trial: Trial) -> None:
    with virtual_screen() as screen:
        run = _shown(trial, screen)
        screen.kill()
    trial.says(run, "display", "window", "screen")
    trial.counts_on(run)
    trial.ends(run, signal.SIGTERM, TERMINATED)


def _display_freezes(trial: Trial) -> None:
    with virtual_screen() as screen:
        run = _shown(trial, screen)
        with screen.frozen():
            trial.says(run, "the window does not answer")
            status = run.end(None).status
    trial.check(f"exit status {EXIT_STATUS}", status == EXIT_STATUS, f"status {status}")
    trial.check_no_traceback(run)
    trial.check_session(run.reps)


def _shown(trial: Trial, screen: VirtualScreen) -> Running:
    """Return a run that has counted a rep and shows its picture. Raises BrokenOff."""
    run = trial.lifting("--mute", env=trial.env | {"DISPLAY": screen.display}, silent=False)
    give_up_s = time.monotonic() + SHOWN_S
    while not screen.shows_picture() and time.monotonic() < give_up_s:
        trial.wait(0.1)
    trial.must("the window shows the picture", screen.shows_picture(), "; ".join(run.said), timed=True)
    return run


def _no_clock() -> str:
    return "setting the clock would change it for every program of this machine"


def _stopped(trial: Trial) -> None:
    run = trial.lifting()
    run.process.send_signal(signal.SIGSTOP)
    trial.wait(STOPPED_S)
    run.process.send_signal(signal.SIGCONT)
    rep = trial.counts_on(run)
    age_ms = None if rep is None else rep["latency_ms"]
    trial.check("its picture was new", age_ms is not None and age_ms <= NEW_MS, f"{age_ms} ms", timed=True)
    trial.ends(run, signal.SIGINT, INTERRUPTED)
    left_out = run.events[-1].get("frames", {}).get("dropped", 0)
    # From three seconds on, a camera that gives no picture counts as lost, and its old pictures are not waited for.
    lost = any(event.get("warning") == "camera_lost" for event in run.events)
    trial.check("says what it left out", lost or left_out >= STOPPED_S * FPS / 2, f"{left_out} frames", timed=True)


def _taken(trial: Trial) -> None:
    run = trial.lifting()
    with _busy(2 * cores()):
        trial.wait(TAKEN_S)
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


@contextlib.contextmanager
def _busy(programs: int) -> Iterator[None]:
    """Keep the processor busy with so many programs."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(programs)]
    try:
        yield
    finally:
        for other in others:
            end(other)


FAULTS = (
    Fault(
        name="sound-dies",
        what="the sound server is killed, and started again",
        promise="says both in a line, reps count meanwhile",
        inject=_sound_dies,
        missing=_no_sound_server,
    ),
    Fault(
        name="sound-freezes",
        what="the sound server is stopped in mid-set",
        promise="reps count, and the run ends in order",
        inject=_sound_freezes,
        missing=_no_sound_server,
    ),
    Fault(
        name="sound-hangs",
        what="the sound server accepts connections and never answers, from the start",
        promise="starts without it",
        inject=_sound_hangs,
    ),
    Fault(
        name="display-dies",
        what="the X server is killed",
        promise="the set goes on without a window, the session is kept",
        inject=_display_dies,
        missing=_no_display,
    ),
    Fault(
        name="display-freezes",
        what="the X server is stopped",
        promise="says so after 20 s and ends in order, with all reps",
        inject=_display_freezes,
        missing=_no_display,
    ),
    Fault(
        name="clock-jumps",
        what="the clock of the system is set",
        promise="nothing depends on it but names and dates",
        inject=_stopped,
        missing=_no_clock,
    ),
    Fault(
        name="processor-stopped",
        what=f"the process is stopped for {STOPPED_S:g} s",
        promise="goes on with the newest picture, says what it left out",
        inject=_stopped,
    ),
    Fault(
        name="processor-taken",
        what=f"two busy programs for each core run for {TAKEN_S:g} s",
        promise="goes on, ends in order",
        inject=_taken,
    ),
)
"""The faults of what the machine provides."""
