"""Where livecoach's own files are, and where the user's go.

A checkout keeps `models/` and `configs/` beside the package, a wheel carries them inside it. XDG_CONFIG_HOME and
XDG_DATA_HOME are obeyed where the platform does; livecoach has no variables of its own.
"""

from pathlib import Path

import platformdirs

from livecoach.errors import LivecoachError

SESSION_LOCK = "recording"
"""File in the folder of a session that is being recorded, or was cut off (session.layout)."""
SESSION_HIDDEN = ".livecoach-"
"""How folders begin that are no sessions yet, or any more."""
PACKAGE = Path(__file__).resolve().parent.parent


def models_dir() -> Path:
    """The shipped models: one folder for each exercise, and `pose`."""
    return _shipped("models")


def configs_dir() -> Path:
    """The shipped YAML: `settings.yaml` and `exercises/`."""
    return _shipped("configs")


def assets_dir() -> Path:
    """The shipped sounds and pictures."""
    return _shipped("assets")


def user_config_file() -> Path:
    """The user's settings file, which need not exist."""
    # No author's folder above it: on Windows it would be livecoach\livecoach.
    return Path(platformdirs.user_config_dir("livecoach", appauthor=False)) / "settings.yaml"


def user_data_dir() -> Path:
    """The folder of the user's sessions and profiles, which need not exist."""
    return Path(platformdirs.user_data_dir("livecoach", appauthor=False))


def profiles_dir() -> Path:
    """The folder of the lifters' profiles, which need not exist."""
    return user_data_dir() / "profiles"


def sessions_dir() -> Path:
    """The folder of recorded sessions, which need not exist."""
    return user_data_dir() / "sessions"


def make_private(folder: Path) -> None:
    """Make a folder inside the user's data folder; it, and those above that are missing, for their owner alone.

    Raises OSError.
    """
    data = user_data_dir()
    data.parent.mkdir(parents=True, exist_ok=True)
    for place in (data, *(data / part for part in reversed(folder.relative_to(data).parents) if part.name), folder):
        place.mkdir(mode=0o700, exist_ok=True)


def _shipped(name: str) -> Path:
    places = [PACKAGE]
    # Beside an installed package lies whatever else is in site-packages: a `models` there is not ours.
    if (PACKAGE.parent / "pyproject.toml").is_file():
        places.append(PACKAGE.parent)
    for place in places:
        if (place / name).is_dir():
            return place / name
    raise LivecoachError(f"{PACKAGE / name}: folder is missing, the installation is damaged. Reinstall livecoach.")
