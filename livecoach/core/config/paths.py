"""The folders of livecoach's own files and of the user's, and how livecoach was installed.

A checkout keeps `models/` and `configs/` beside the package, a wheel carries them inside it. XDG_CONFIG_HOME and
XDG_DATA_HOME apply on platforms that use them; livecoach has no environment variables of its own.

livecoach is in no package index: a command with its name alone would install nothing, or another project. pip notes the
origin of a package in direct_url.json (PEP 610).
"""

import json
import shlex
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import platformdirs

from livecoach.core.config.files import FOLDER_MODE, make_kept_folder
from livecoach.core.errors import ConfigError, LivecoachError

SESSION_LOCK = "recording"
"""File in the folder of a session that is being recorded, or whose recording was cut off (session.layout)."""
SESSION_HIDDEN = ".livecoach-"  # prefix of folders that are not yet sessions, or no longer are
PACKAGE = Path(__file__).resolve().parents[2]
NAME = "livecoach"


def models_dir() -> Path:
    """The folder of the shipped models, which holds one folder for each exercise, `pose` and `bar`."""
    return _shipped("models")


def configs_dir() -> Path:
    """The folder of the shipped YAML: `settings.yaml` and `exercises/`."""
    return _shipped("configs")


def assets_dir() -> Path:
    return _shipped("assets")


def user_config_file() -> Path:
    """The path of the user's settings file, which need not exist."""
    return _of_user(platformdirs.user_config_dir) / "settings.yaml"


def user_data_dir() -> Path:
    """The folder of the user's sessions and profiles, which need not exist."""
    return _of_user(platformdirs.user_data_dir)


def user_cache_dir() -> Path:
    """The folder of files that livecoach can recreate, which need not exist."""
    return _of_user(platformdirs.user_cache_dir)


def _of_user(find: Callable[..., str]) -> Path:
    try:
        # Without appauthor=False the path on Windows would end in livecoach\livecoach.
        return Path(find("livecoach", appauthor=False))
    except RuntimeError as err:  # as for a user of a container who has no account
        raise ConfigError("no home folder is known. Set HOME to the full path of a folder.") from err


def profiles_dir() -> Path:
    """The folder of the lifters' profiles, which need not exist."""
    return user_data_dir() / "profiles"


def sessions_dir() -> Path:
    """The folder of recorded sessions, which need not exist."""
    return user_data_dir() / "sessions"


def make_private(folder: Path) -> None:
    """Make a folder in the user's data folder, and those above it, readable by their owner alone. Raises OSError."""
    data = user_data_dir()
    for place in [above for above in reversed(data.parents) if not above.is_dir()]:
        make_kept_folder(place, 0o777)
    for place in (data, *(data / part for part in reversed(folder.relative_to(data).parents) if part.name), folder):
        make_kept_folder(place, FOLDER_MODE)


def _shipped(name: str) -> Path:
    places = [PACKAGE]
    # In site-packages, the neighbours of an installed package are other packages: a `models` there is not ours.
    if (PACKAGE.parent / "pyproject.toml").is_file():
        places.append(PACKAGE.parent)
    for place in places:
        if (place / name).is_dir():
            return place / name
    raise LivecoachError(f"{PACKAGE / name}: folder is missing, the installation is damaged. Reinstall livecoach.")


def install_command(extra: str) -> str:
    """The command that installs the packages of an extra (train, synth, onnx) for this livecoach."""
    return f"{pip()} install {' '.join(map(shlex.quote, requirement(extra, _origin(), PACKAGE.parent)))}"


def requirement(extra: str, origin: dict[str, Any] | None, beside: Path) -> tuple[str, ...]:
    """The arguments of `pip install` for an extra. origin: content of direct_url.json. beside: the package's folder."""
    if origin is None and (beside / "pyproject.toml").is_file():  # a clone that runs without being installed
        origin = {"url": beside.as_uri(), "dir_info": {"editable": True}}
    if origin is None:
        return (f"{NAME}[{extra}]",)
    url = str(origin.get("url", ""))
    if origin.get("dir_info", {}).get("editable"):
        folder = Path(unquote(urlsplit(url).path))
        return "-e", f"{'.' if folder == Path.cwd() else folder}[{extra}]"
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return (f"{NAME}[{extra}] @ {url}",)


def pip() -> str:
    """`pip` where that is this Python's in the shell, otherwise the command that runs it."""
    there = shutil.which("pip")
    own = there is not None and Path(there).parent == Path(sys.executable).parent
    return "pip" if own else f"{shlex.quote(sys.executable)} -m pip"


def _origin() -> dict[str, Any] | None:
    from importlib import metadata  # takes 10 ms, which few processes need

    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
        origin = None if text is None else json.loads(text)
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return None
    return origin if isinstance(origin, dict) else None
