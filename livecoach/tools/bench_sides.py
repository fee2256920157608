"""The two sides of `bench --compare`: commits of the checkout, or settings."""

import os
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from livecoach.errors import ConfigError
from livecoach.pose.opening import file_of

CHECKOUT = Path(__file__).parents[2]
THREADS = range(1, 65)
GIT_S = 120.0
"""Longest wait for git, which may check out a commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side of a comparison runs."""

    name: str
    """As the user gave it."""
    pose: str
    pose_threads: int | None = None
    """None for the shipped setting."""
    commit: str | None = None
    """Full hash; None for the code that runs this."""


def side(text: str, pose: str) -> Side:
    """Read a side: `pose=NAME`, `pose_threads=N`, or a commit. pose: model of the sides that name none.

    Raises ConfigError for a setting or commit that does not exist, ModelError for an unknown pose model.
    """
    name, equals, value = text.partition("=")
    if not equals:
        return Side(name=text, pose=pose, commit=_commit(text))
    if name == "pose":
        file_of(value)
        return Side(name=text, pose=value)
    if name == "pose_threads":
        if not value.isdecimal() or int(value) not in THREADS:
            raise ConfigError(f"--compare {text}: give a number from {THREADS[0]} to {THREADS[-1]}.")
        return Side(name=text, pose=pose, pose_threads=int(value))
    raise ConfigError(f"--compare {text}: unknown setting. Give pose=NAME, pose_threads=N, or a commit.")


@contextmanager
def code_of(one: Side) -> Iterator[Path | None]:
    """Check a side's commit out into a temporary folder for as long as the block runs; None if it has no commit."""
    if one.commit is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="livecoach-compare-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--detach", "--quiet", str(tree), one.commit)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def environment(base: Mapping[str, str], code: Path | None) -> dict[str, str]:
    """Return the environment in which Python imports livecoach from `code`; `base` where that is None."""
    if code is None:
        return dict(base)
    return {**base, "PYTHONPATH": os.pathsep.join(filter(None, (str(code), base.get("PYTHONPATH"))))}


def _commit(name: str) -> str:
    if not (CHECKOUT / ".git").exists():
        raise ConfigError(f"--compare {name}: commits need a clone of the repository. Compare settings: pose=NAME.")
    return _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", about=name)


def _git(*arguments: str, about: str = "") -> str:
    """Run git in the checkout and return what it prints. about: the commit that the user gave."""
    command = ["git", "-c", f"core.hooksPath={os.devnull}", "-C", str(CHECKOUT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=GIT_S, check=False)
    except subprocess.TimeoutExpired as err:
        raise ConfigError(
            f"--compare: git {arguments[0]} took more than {GIT_S:g} s. Is the clone on a network?"
        ) from err
    except OSError as err:
        raise ConfigError(f"--compare: git can't be run ({err.strerror}). Install git, or compare settings.") from err
    if done.returncode:
        if about:
            raise ConfigError(f"--compare {about}: no such commit. Give a hash, a branch, or a setting: pose=NAME.")
        raise ConfigError(f"--compare: git {arguments[0]} failed: {(done.stderr.strip().splitlines() or ['?'])[-1]}")
    return done.stdout.strip()
