"""Signals at random moments."""

import signal
from pathlib import Path

from livecoach.tools.faults_of_camera import INTERRUPTED
from livecoach.tools.faults_of_machine import TERMINATED
from livecoach.tools.faults_trial import EXERCISE, Fault, Trial, last_words

HUNG_UP = 129
AFTER_REP_S = 4.0
START_S = 2.5
"""A signal at the start comes within this time: Python, imports, models, camera."""


def _ended_by(trial: Trial, number: int, status: int) -> None:
    run = trial.lifting()
    known = run.event(lambda event: event["event"] == "learning" and event["known"])
    trial.must("learns the lifter's good reps", known, last_words(run) if known is None else f"{known['have']} reps")
    trial.random_wait(AFTER_REP_S)
    trial.ends(run, number, status)
    stored = len(list(Path(trial.env["XDG_DATA_HOME"]).glob("livecoach/profiles/me/**/*.rep")))
    trial.check("what was learned is stored", stored, f"{stored} reps")


def _killed(trial: Trial, *arguments: str) -> None:
    run = trial.lifting(*arguments)
    trial.random_wait(AFTER_REP_S)
    ending = run.end(signal.SIGKILL)
    trial.check("is killed", ending.status == -signal.SIGKILL, f"status {ending.status}")
    trial.check_session(run.reps, cut_off=True)


def _killed_recording(trial: Trial) -> None:
    _killed(trial, "--record")
    videos = list(Path(trial.env["XDG_DATA_HOME"]).glob("livecoach/sessions/*/video.mp4"))
    reading = trial.command(["analyze", *map(str, videos), "--exercise", EXERCISE, "--json", "analysis.json"])
    trial.check("its video can be read to its end", reading.end(None).status == 0, last_words(reading))


def _at_the_start(trial: Trial, number: int, status: int) -> None:
    run = trial.start()
    at_s = trial.random_wait(START_S)
    ending = run.end(number)
    # Before Python has set up signals, they end the process by themselves.
    held = ending.status in (status, -number)
    trial.check(f"exit status {status}", held, f"status {ending.status}, signal after {at_s:.2f} s")
    trial.check_no_traceback(run)
    again = trial.command(["sessions", "list", "--json", "-"])
    trial.check("sessions can be listed", again.end(None).status == 0, last_words(again))


FAULTS = (
    Fault(
        name="sigint",
        what="Ctrl-C at a random moment of a set",
        promise="ends within 10 s, status 130, reps and what was learned are stored",
        inject=lambda trial: _ended_by(trial, signal.SIGINT, INTERRUPTED),
    ),
    Fault(
        name="sigterm",
        what="SIGTERM at a random moment of a set",
        promise="ends within 10 s, status 143, reps and what was learned are stored",
        inject=lambda trial: _ended_by(trial, signal.SIGTERM, TERMINATED),
    ),
    Fault(
        name="sighup",
        what="SIGHUP (the terminal is closed) at a random moment of a set",
        promise="ends within 10 s, status 129, reps and what was learned are stored",
        inject=lambda trial: _ended_by(trial, signal.SIGHUP, HUNG_UP),
    ),
    Fault(
        name="sigkill",
        what="SIGKILL at a random moment of a set",
        promise="the session can be read, at most the last rep is missing",
        inject=_killed,
    ),
    Fault(
        name="sigkill-recording",
        what="SIGKILL at a random moment of a set whose video is recorded",
        promise="the session can be read, with its video; at most the last rep is missing",
        inject=_killed_recording,
    ),
    Fault(
        name="sigint-at-start",
        what="Ctrl-C at a random moment while livecoach starts",
        promise="status 130, no traceback",
        inject=lambda trial: _at_the_start(trial, signal.SIGINT, INTERRUPTED),
    ),
    Fault(
        name="sigterm-at-start",
        what="SIGTERM at a random moment while livecoach starts",
        promise="status 143, no traceback",
        inject=lambda trial: _at_the_start(trial, signal.SIGTERM, TERMINATED),
    ),
)
"""The faults that are signals."""
