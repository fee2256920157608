"""`scripts/setup` installs what is locked, by its digests, and waits for another apt."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from builders.systems import not_on_windows

pytestmark = not_on_windows("it sets Debian up")
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = re.compile(r"^([a-z0-9-]+)==(\S+)", re.MULTILINE)
BUSY = "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 12 (apt-get)"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with the locks, whose Python, uv and apt write down what they are asked for. $TRIES calls of apt fail,
    and calls of the others that hold $FAILS. pip installs uv where it is asked to."""
    asked = 'echo "$(basename "$0") $@" >>"$ASKED"; case "$(basename "$0") $*" in *"$FAILS"*) exit 1;; esac'
    programs = {
        "uv": asked,
        ".venv/bin/python": f'{asked}\nwhile [ $# -gt 1 ]; do if [ "$1" = --target ]; then mkdir "$2/bin"; '
        'cp "$(dirname "$0")/../../uv" "$2/bin"; fi; shift; done',
        "bin/apt-get": 'echo "apt-get $@" >>"$ASKED"\n[ "$(grep -c "^apt-get" "$ASKED")" -gt "$TRIES" ] || '
        '{ echo "$SAYS" >&2; exit 100; }',
        "bin/apt-cache": "echo there",
        "bin/dpkg-query": "exit 1",
        "bin/id": "echo 0",
        "bin/sleep": "",
    }
    for path, text in programs.items():
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)
    (tmp_path / "scripts").mkdir()
    shutil.copy(ROOT / "scripts" / "setup", tmp_path / "scripts" / "setup")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    return tmp_path


def set_up(
    clone: Path, *arguments: str, tries: int = 0, says: str = BUSY, fails: str = "nothing"
) -> tuple["subprocess.CompletedProcess[str]", list[str]]:
    """What the script did, and what Python and apt were asked for."""
    asked = clone / "asked"
    asked.touch()
    words = [clone / "scripts" / "setup", *arguments]
    told = {"ASKED": str(asked), "TRIES": str(tries), "SAYS": says, "FAILS": fails}
    variables = {"PATH": f"{clone}/bin:/usr/bin:/bin", **told}
    done = subprocess.run(words, env=variables, capture_output=True, text=True, check=False)
    return done, asked.read_text().splitlines()


@pytest.mark.parametrize("arguments", [(), ("test",)])
@pytest.mark.parametrize(
    ("fails", "by"), [("nothing", ["uv"]), ("uv pip install", ["uv", "python"]), ("--target", ["python"])]
)
def test_only_locked_packages_are_installed(clone: Path, arguments: tuple[str, ...], fails: str, by: list[str]) -> None:
    """By its digests, and livecoach itself without a package more; by pip where uv can't be had or can't do it."""
    done, asked = set_up(clone, *arguments, fails=fails)
    assert (done.returncode, "not to be had" in done.stderr) == (0, False)
    uv, *packages, livecoach = [line for line in asked if "pip install" in line]
    assert "--require-hashes" in uv
    assert uv.endswith("requirements/uv.txt")
    assert [line.partition(" ")[0] for line in packages] == by
    for line in packages:
        assert "--no-deps --requirement" in line
        assert "--require-hashes" in line
        assert line.endswith(f"/{(*arguments, 'base')[0]}.txt")
    assert "--no-deps" in livecoach
    assert "--editable" in livecoach


def test_an_environment_of_another_checkout_stays_as_it_is(clone: Path) -> None:
    """Where .venv is a link to it, this checkout gets its own. The stand-in for venv --clear empties what it finds."""
    other = (clone / ".venv").rename(clone / "other")
    (other / "installed-test").write_text("/another/checkout\n")
    (clone / ".venv").symlink_to(other)
    python = clone / "bin" / "python3"
    python.write_text('#!/bin/sh\n[ "$1" != -m ] || { mkdir -p .venv; rm -rf .venv/*; cp -r other/bin .venv; }\n')
    python.chmod(0o755)
    done, _ = set_up(clone)
    assert (done.returncode, (clone / ".venv").is_symlink()) == (0, False), done.stderr
    assert {path.name for path in other.iterdir()} == {"bin", "installed-test"}


@pytest.mark.parametrize(
    ("extra", "fails", "says"),
    [
        (("parquet",), "nothing", "parquet.txt does not exist: taking those that pyproject.toml allows"),
        ((), "--require-hashes", "base.txt are not to be had here"),
    ],
)
def test_the_script_says_so_where_packages_are_not_locked_or_not_to_be_had(clone, extra, fails, says) -> None:
    done, asked = set_up(clone, *extra, fails=fails)
    assert f"requirements/{says}" in done.stderr
    assert asked[-1].endswith("--editable .[parquet]" if extra else "--editable .")


def test_the_script_waits_for_another_apt(clone: Path) -> None:
    done, asked = set_up(clone, tries=3)
    assert done.returncode == 0
    assert done.stderr.count("another apt is at work") == 1
    assert [line.split()[1] for line in asked if line.startswith("apt-get")] == 4 * ["update"] + ["install"]


@pytest.mark.parametrize(("says", "calls"), [(BUSY, 61), ("E: no space left", 1)])
def test_an_apt_that_does_not_work_ends_the_script(clone: Path, says: str, calls: int) -> None:
    done, asked = set_up(clone, tries=1000, says=says)
    assert done.returncode == 1
    assert says in done.stderr
    assert sum(line.startswith("apt-get") for line in asked) == calls


def test_the_locked_packages_of_users_are_those_of_the_tests_with_digests() -> None:
    """What a user installs is what the checks ran with; each package has its digests."""
    base, test, uv = ((ROOT / "requirements" / f"{name}.txt").read_text() for name in ("base", "test", "uv"))
    assert dict(PACKAGE.findall(base)).items() <= dict(PACKAGE.findall(test)).items()
    for lock in (base, test, uv):
        packages = re.split(r"\n(?=[a-z0-9])", lock[lock.index("\n", lock.index("scripts/lock")) + 1 :])
        assert all("--hash=sha256:" in package for package in packages)
