"""`livecoach faults`: the quick and sure ones, done to live runs."""

import pytest
from builders.warm_process import WarmProcess

from livecoach.tools.faults import FaultResult, inject


@pytest.fixture(scope="module")
def results() -> dict[str, FaultResult]:
    names = ("camera-dies", "camera-absurd", "data-deleted", "sigkill")
    return {result.fault.name: result for result in inject(names, times=1, seed=1, launch=WarmProcess)}


@pytest.mark.parametrize("name", ["camera-dies", "camera-absurd", "data-deleted", "sigkill"])
def test_what_must_hold_holds(results, name):
    """Counting, exit status, what is said, and the session. How long the end takes is for the command alone."""
    checks = [check for checks in results[name].trials for check in checks if not check.what.startswith("ended within")]
    assert [check for check in checks if not check.held] == []
    assert "a rep is counted before" in {check.what for check in checks}
