"""Faults in live runs, one of each kind; several at the same time.

    MjpegCamera (threads of this process) ──pictures──▶ livecoach live ──events, lines──▶ Trial: checks
                                                               ▲
                              private X and sound servers, a small disk, signals

Each trial has a home of its own, which is deleted afterwards.
"""

import os
import random
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest
from builders.systems import not_on_windows
from live_trials.fault_trial import FPS, BrokenOff, Check, Trial, signals_not_ignored
from live_trials.faults import FAULTS

from livecoach.lab.tools.stand_ins import demo_loop

pytestmark = not_on_windows("a run is ended by signals, which Windows lacks")
SEED = os.environ.get("LIVECOACH_FAULTS_SEED", "1")
"""Of the random moments."""
AT_ONCE = 7
"""Nearly all of a trial's time is the camera's."""


@pytest.fixture(scope="module")
def checks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Check]]:
    """What was found of each fault that can be injected here."""
    loop, above = demo_loop(FPS), tmp_path_factory.mktemp("faults")

    def tried(name: str) -> list[Check]:
        folder = above / name
        folder.mkdir()
        trial = Trial(folder, loop, random.Random(f"{SEED} {name}"))
        with closing(trial), trial.camera, suppress(BrokenOff):  # the check that failed is among the checks
            FAULTS[name].inject(trial)
        return trial.checks

    names = [name for name in FAULTS if not FAULTS[name].missing()]
    with signals_not_ignored(), ThreadPoolExecutor(AT_ONCE) as pool:
        return dict(zip(names, pool.map(tried, names), strict=True))


@pytest.mark.parametrize("name", FAULTS)
def test_what_must_hold_holds(checks: dict[str, list[Check]], name: str) -> None:
    missing = FAULTS[name].missing()
    if missing is not None:
        pytest.skip(missing)
    assert checks[name]
    failed = [check for check in checks[name] if not check.held]
    assert [check for check in failed if not check.timed] == []
    if failed:
        pytest.skip(f"too busy: {', '.join(check.what for check in failed)}")
