"""Finds the folders of livecoach's files and of the user's files, and the command that installs more of livecoach.

A checkout has `models/` and `configs/` next to the package, a wheel inside the package. The user's files are in the
usual folders of the system, or all in the folder that the environment variable LIVECOACH_HOME names.

livecoach is in no package index, so `pip install livecoach` would install nothing, or another project. pip notes the
origin of a package in direct_url.json (PEP 610).

The path of the user's files is unknown if LIVECOACH_HOME is a relative path, or the system knows no home folder: then
functions for the user's files raise ConfigError. Functions for livecoach's own files raise LivecoachError if the
installation is damaged.
"""

import json
import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from livecoach.core.config.files import FOLDER_MODE, make_lasting_folder
from livecoach.core.errors import ConfigError, LivecoachError

SESSION_LOCK = "recording"
"""Name of the file that marks the folder of a session while it is recorded, and after the recording was cut off."""
SESSION_INDEX = "sessions-{version}.json"  # file of the figures of all sessions, in the cache folder
SESSION_HIDDEN = ".livecoach-"  # prefix of folders that are not yet, or no longer, sessions
PACKAGE = Path(__file__).resolve().parents[2]  # folder of the package
NAME = "livecoach"  # name of the package, of its distribution and of its folders
HOME_VARIABLE = "LIVECOACH_HOME"  # environment variable: folder of the settings, the sessions and all other user files


def models_dir() -> Path:
    """Return the folder of the shipped models. Raises LivecoachError if the folder is missing.

    The folder contains the folders of the exercises' models, of the pose models (`pose`) and of the bar's networks
    (`bar`).
    """
    return _shipped("models")


def configs_dir() -> Path:
    """Return the folder of the shipped settings and exercises. Raises LivecoachError if the folder is missing."""
    return _shipped("configs")


def assets_dir() -> Path:
    """Return the folder of pictures, sounds, texts and schemas. Raises LivecoachError if the folder is missing."""
    return _shipped("assets")


def user_config_file() -> Path:
    """Return the path of the user's settings file, which need not exist. Raises ConfigError if its path is unknown."""
    return _user_folder("config") / "settings.yaml"


def user_data_dir() -> Path:
    """Return the folder of the user's data, which need not exist. Raises ConfigError if its path is unknown."""
    return _user_folder("data")


def user_cache_dir() -> Path:
    """Return livecoach's cache folder of the user, which need not exist. Raises ConfigError if its path is unknown."""
    return _user_folder("cache")


def _user_folder(kind: str) -> Path:
    if home := os.environ.get(HOME_VARIABLE):
        if not os.path.isabs(home):
            raise ConfigError(f"{HOME_VARIABLE}={home}: must be the full path of a folder.")
        return Path(home, kind)
    try:
        # Without appauthor=False the path on Windows would end in livecoach\livecoach.
        return Path(getattr(platformdirs, f"user_{kind}_dir")("livecoach", appauthor=False))
    except RuntimeError as err:  # for example, a user without an account in a container
        raise ConfigError("no home folder is known. Set HOME to the full path of a folder.") from err


def profiles_dir() -> Path:
    """Return the folder of the lifters' profiles, which need not exist. Raises ConfigError if its path is unknown."""
    return user_data_dir() / "profiles"


def sessions_dir() -> Path:
    """Return the folder of recorded sessions, which need not exist. Raises ConfigError if its path is unknown."""
    return user_data_dir() / "sessions"


def make_private_data_folder(folder: Path) -> None:
    """Make a folder in the user's data folder, for its owner alone.

    The data folder and the folders between are made for their owner alone, too. The umask decides on folders above the
    data folder. An existing folder keeps its mode.

    Raises:
        ConfigError: The path of the data folder is unknown.
        OSError: A folder can't be made.
        ValueError: The folder is not in the data folder.
    """
    data = user_data_dir()
    for place in [above for above in reversed(data.parents) if not above.is_dir()]:
        make_lasting_folder(place, 0o777)
    for place in (data, *(data / part for part in reversed(folder.relative_to(data).parents) if part.name), folder):
        make_lasting_folder(place, FOLDER_MODE)


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
    """Return the command that installs an extra, a set of optional packages such as "onnx", for this livecoach."""
    return f"{pip_command()} install {' '.join(map(quote_shell_word, pip_arguments(extra, _origin(), PACKAGE.parent)))}"


def quote_shell_word(word: str, platform: str = sys.platform) -> str:
    """Quote a word for the system's shell if necessary.

    Args:
        word: An argument of a command; on Windows, without double quotes, which no name of a file contains.
        platform: Name of the system, as in sys.platform.
    """
    quoted = shlex.quote(word)
    return f'"{word}"' if platform == "win32" and quoted != word else quoted


def pip_arguments(extra: str, origin: dict[str, Any] | None, parent: Path) -> tuple[str, ...]:
    """Return the arguments of `pip install` for livecoach with an extra, a set of optional packages.

    Args:
        origin: Content of direct_url.json; None without such a file.
        parent: Folder that contains the package.
    """
    if origin is None and (parent / "pyproject.toml").is_file():  # a clone that runs without being installed
        origin = {"url": parent.as_uri(), "dir_info": {"editable": True}}
    if origin is None:
        return (f"{NAME}[{extra}]",)
    url = str(origin.get("url", ""))
    if origin.get("dir_info", {}).get("editable"):
        from urllib.request import url2pathname  # takes long, and errors and help texts alone need it

        folder = Path(url2pathname(urlsplit(url).path))
        return "-e", f"{'.' if folder == Path.cwd() else folder}[{extra}]"
    if "vcs_info" in origin:
        url = f"{origin['vcs_info']['vcs']}+{url}@{origin['vcs_info']['commit_id']}"
    return (f"{NAME}[{extra}] @ {url}",)


def pip_command() -> str:
    """Return the command that runs this Python's pip: `pip` if the shell finds that pip, otherwise `PYTHON -m pip`."""
    found = shutil.which("pip")
    own = found is not None and Path(found).parent == Path(sys.executable).parent
    return "pip" if own else f"{quote_shell_word(sys.executable)} -m pip"


def _origin() -> dict[str, Any] | None:
    from importlib import metadata  # takes 10 ms, which few processes need

    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
        return None if text is None else json.loads(text)
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return None
