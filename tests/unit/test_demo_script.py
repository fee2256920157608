"""`scripts/demo` tells what to do next, whatever options the demo got."""

import shutil
import subprocess
from pathlib import Path

import pytest
from builders.systems import not_on_windows

pytestmark = not_on_windows("Windows has scripts/demo.cmd")
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "demo"


@pytest.fixture
def clone(tmp_path):
    """A clone whose set-up does nothing, and whose Python prints its arguments and ends with status $STATUS."""
    for path, text in (("scripts/setup", ""), (".venv/bin/python", 'echo "$@"; exit "$STATUS"')):
        file = tmp_path / path
        file.parent.mkdir(parents=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    shutil.copy(SCRIPT, tmp_path / "scripts" / "demo")
    return tmp_path


def run(clone: Path, status: int) -> "subprocess.CompletedProcess[str]":
    words, variables = [clone / "scripts" / "demo", "--mute"], {"STATUS": str(status), "PATH": "/usr/bin:/bin"}
    return subprocess.run(words, env=variables, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("status", [0, 130])
def test_the_demo_ends_with_the_next_step(clone, status):
    """After Ctrl-C too; standard output is the demo's alone."""
    done = run(clone, status)
    assert (done.returncode, done.stdout) == (status, "-m livecoach demo --mute\n")
    assert done.stderr.index("source .venv/bin/activate") < done.stderr.index("livecoach live")


def test_a_demo_that_failed_has_the_last_word(clone):
    done = run(clone, 6)
    assert (done.returncode, done.stderr) == (6, "")
