"""The folders of livecoach's own files and of the user's.

A checkout keeps `models/` and `configs/` beside the package, a wheel carries them inside it. XDG_CONFIG_HOME and
XDG_DATA_HOME apply on platforms that use them; livecoach has no environment variables of its own.
"""

from pathlib import Path

import platformdirs

from livecoach.errors import LivecoachError

SESSION_LOCK = "recording"
"""File in the folder of a session that is being recorded, or whose recording was cut off (session.layout)."""
SESSION_HIDDEN = ".livecoach-"
"""Prefix of folders that are not yet sessions, or no longer."""
PACKAGE = Path(__file__).resolve().parent.parent


def models_dir() -> Path:
    """Return the folder of the shipped models, which holds one folder for each exercise, `pose` and `bar`."""
    return _shipped("models")


def configs_dir() -> Path:
    """Return the folder of the shipped YAML: `settings.yaml` and `exercises/`."""
    return _shipped("configs")


def assets_dir() -> Path:
    """Return the folder of the shipped sounds and pictures."""
    return _shipped("assets")


def user_config_file() -> Path:
    """Return the path of the user's settings file, which need not exist."""
    # Without appauthor=False the path on Windows would end in livecoach\livecoach.
    return Path(platformdirs.user_config_dir("livecoach", appauthor=False)) / "settings.yaml"


def user_data_dir() -> Path:
    """Return the folder of the user's sessions and profiles, which need not exist."""
    return Path(platformdirs.user_data_dir("livecoach", appauthor=False))


def user_cache_dir() -> Path:
    """Return the folder of files that livecoach can recreate, which need not exist."""
    return Path(platformdirs.user_cache_dir("livecoach", appauthor=False))


def profiles_dir() -> Path:
    """Return the folder of the lifters' profiles, which need not exist."""
    return user_data_dir() / "profiles"


def sessions_dir() -> Path:
    """Return the folder of recorded sessions, which need not exist."""
    return user_data_dir() / "sessions"


def pages_dir() -> Path:
    """Return the folder of the home page and of the reports that it links, which need not exist."""
    return user_data_dir() / "pages"


def make_private(folder: Path) -> None:
    """Make a folder inside the user's data folder, and the missing ones above it, readable by their owner alone.

    Raises OSError.
    """
    data = user_data_dir()
    data.parent.mkdir(parents=True, exist_ok=True)
    for place in (data, *(data / part for part in reversed(folder.relative_to(data).parents) if part.name), folder):
        place.mkdir(mode=0o700, exist_ok=True)


def _shipped(name: str) -> Path:
    places = [PACKAGE]
    # In site-packages, the neighbours of an installed package are other packages: a `models` there is not ours.
    if (PACKAGE.parent / "pyproject.toml").is_file():
        places.append(PACKAGE.parent)
    for place in places:
        if (place / name).is_dir():
            return place / name
    raise LivecoachError(f"{PACKAGE / name}: folder is missing, the installation is damaged. Reinstall livecoach.")
