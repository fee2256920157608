"""Runs tests in forked processes: what they import, and collecting them, takes its time once.

Each process takes a module of tests from a pipe, runs it, and takes the next one. What pytest tells its plugins there
it tells once more where the tests were collected.
"""

import os
import random
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from multiprocessing.connection import Connection, Pipe, wait

import pytest

from builders import warm_process

Modules = Sequence[Sequence[pytest.Item]]
_NUMBER_BYTES = 2


class ForkedTests:
    """A plugin of pytest, which runs the modules in their order."""

    def __init__(self, processes: int) -> None:
        self._processes = processes

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed or session.config.option.collectonly or not hasattr(os, "fork"):
            return None
        modules: dict[object, list[pytest.Item]] = {}
        for item in session.items:
            modules.setdefault(item.path, []).append(item)
        untaken, numbers = os.pipe()
        os.write(numbers, b"".join(number.to_bytes(_NUMBER_BYTES, "big") for number in range(len(modules))))
        os.close(numbers)
        # One for all.
        warm_process.start()
        session.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        running: dict[Connection, tuple[int, str]] = {}
        try:
            for number in range(self._processes):
                ours, theirs = Pipe(duplex=False)
                child = os.fork()
                if child == 0:
                    os._exit(_run_taken(session, [*modules.values()], untaken, theirs, number))
                theirs.close()
                running[ours] = child, "the first test"
            while running:
                for said in wait([*running]):
                    _pass_on(session, running, said)  # type: ignore[arg-type]
        finally:
            for child, _ in running.values():
                os.kill(child, signal.SIGKILL)
        return True


def _pass_on(session: pytest.Session, running: dict[Connection, tuple[int, str]], said: Connection) -> None:
    """Tell the plugins here what a process says. running: its number, and the test that it runs."""
    child, test = running[said]
    try:
        told = said.recv()
    except EOFError:
        pytest.exit(f"a process that ran tests has ended in {test}", 1)
    if told is None:
        os.waitpid(running.pop(said)[0], 0)
        return
    name, values = told
    hooks = session.config.hook
    if name == "pytest_warning_recorded":
        hooks.pytest_warning_recorded.call_historic(kwargs=values)
        return
    if name == "pytest_runtest_logstart":
        running[said] = child, values["nodeid"]
    elif name == "pytest_runtest_logreport":
        values = {"report": hooks.pytest_report_from_serializable(config=session.config, data=values["report"])}
    getattr(hooks, name)(**values)
    if session.shouldfail:
        raise session.Failed(session.shouldfail)


def _run_taken(session: pytest.Session, modules: Modules, untaken: int, said: Connection, number: int) -> int:
    """Run the modules that no other process takes; 0 if nothing but tests failed."""
    config = session.config
    try:
        place = config._tmp_path_factory.getbasetemp() / f"{number}"  # type: ignore[attr-defined]
        (place / "home").mkdir(0o700, parents=True)
        config._tmp_path_factory._basetemp = place  # type: ignore[attr-defined]
        os.environ["LIVECOACH_HOME"] = str(place / "home")
        random.seed()
        capture = config.pluginmanager.getplugin("capturemanager")
        capture.stop_global_capturing()  # into a file that all of these processes would share
        capture.start_global_capturing()
        capture.suspend_global_capture()
        config.pluginmanager.unregister(name="terminalreporter")
        config.pluginmanager.register(_Teller(config, said))
        while taken := os.read(untaken, _NUMBER_BYTES):
            items = modules[int.from_bytes(taken, "big")]
            for item, following in zip(items, [*items[1:], None], strict=True):
                config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        said.send(None)
    except BaseException:
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0


class _Teller:
    """Tells what pytest tells its plugins."""

    def __init__(self, config: pytest.Config, said: Connection) -> None:
        self._config, self._said = config, said

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._said.send(("pytest_runtest_logstart", {"nodeid": nodeid, "location": location}))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._said.send(("pytest_runtest_logreport", {"report": data}))

    def pytest_runtest_logfinish(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        self._said.send(("pytest_runtest_logfinish", {"nodeid": nodeid, "location": location}))

    def pytest_warning_recorded(
        self, warning_message: warnings.WarningMessage, when: str, nodeid: str, location: tuple[str, int, str] | None
    ) -> None:
        about = warning_message.filename, warning_message.lineno
        told = warnings.WarningMessage(str(warning_message.message), UserWarning, *about)
        values = {"warning_message": told, "when": when, "nodeid": nodeid, "location": location}
        self._said.send(("pytest_warning_recorded", values))
