"""How livecoach was installed, and the command that adds packages to that installation.

livecoach is in no package index: a command that gives its name alone would find nothing there, or another project. pip
notes where a package came from in direct_url.json (PEP 610).
"""

import json
import shlex
import shutil
import sys
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from livecoach.config.paths import PACKAGE

NAME = "livecoach"


def install_command(extra: str) -> str:
    """Return the command that installs the packages of an extra (train, synth, onnx) for this livecoach."""
    return f"{_pip()} install {' '.join(map(shlex.quote, requirement(extra, _origin(), PACKAGE.parent)))}"


def requirement(extra: str, origin: dict[str, Any] | None, beside: Path) -> tuple[str, ...]:
    """Return the arguments of `pip install` for an extra.

    origin: content of direct_url.json; None where there is none. beside: folder that contains the package.
    """
    if origin is None:
        is_clone = (beside / "pyproject.toml").is_file()
        return _of_clone(extra, beside, editable=True) if is_clone else (f"{NAME}[{extra}]",)
    url = str(origin.get("url", ""))
    path = Path(unquote(urlsplit(url).path))
    if "dir_info" in origin:
        return _of_clone(extra, path, editable=bool(origin["dir_info"].get("editable")))
    if "vcs_info" in origin:
        vcs = origin["vcs_info"]
        return (f"{NAME}[{extra}] @ {vcs['vcs']}+{url}@{vcs['commit_id']}",)
    return (f"{path}[{extra}]",) if url.startswith("file:") else (f"{NAME}[{extra}] @ {url}",)


def _of_clone(extra: str, folder: Path, *, editable: bool) -> tuple[str, ...]:
    place = "." if folder == Path.cwd() else str(folder)
    return (*(["-e"] if editable else []), f"{place}[{extra}]")


def _pip() -> str:
    """Return `pip` where the shell finds the one of this Python, otherwise the command that runs it."""
    found = shutil.which("pip")
    own = found is not None and Path(found).parent == Path(sys.executable).parent
    return "pip" if own else f"{shlex.quote(sys.executable)} -m pip"


def _origin() -> dict[str, Any] | None:
    try:
        text = metadata.distribution(NAME).read_text("direct_url.json")
        origin = None if text is None else json.loads(text)
    except (metadata.PackageNotFoundError, OSError, ValueError):
        return None
    return origin if isinstance(origin, dict) else None
