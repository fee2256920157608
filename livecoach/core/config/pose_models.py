"""Lists the names and files of the pose models.

This module is not in livecoach.perception.pose, because importing that package loads the libraries of the models.
"""

import re
from pathlib import Path

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError

TASK = ".task"  # suffix of BlazePose's files
ONNX = "onnx:"  # prefix for the path of the user's own ONNX file

MOVENET = "movenet"
FILES = {
    "lite": f"pose_landmarker_lite{TASK}",
    "full": f"pose_landmarker_full{TASK}",
    MOVENET: "movenet_thunder_f16.tflite",
}
"""Name of each shipped model → its file in models/pose/."""
NAMES = tuple(FILES)  # names of the shipped models
BLAZEPOSE = tuple(name for name, file in FILES.items() if file.endswith(TASK))  # names of BlazePose's models

PATTERN = f"^({'|'.join(map(re.escape, NAMES))}|{ONNX}.+|.+{re.escape(TASK)})$"  # regular expression of valid names
CHOICE = f"{', '.join(NAMES[:-1])} or {NAMES[-1]}"  # the names of the shipped models in words
IN_SHORT = f"{', '.join(NAMES)}, the path of a {TASK} file, or {ONNX}FILE"
"""The valid names in words, for the help and settings.yaml."""


def check_name(name: str) -> str:
    """Check a pose model's name, and return it unchanged. Raises ValueError if the name is not valid."""
    if not re.fullmatch(PATTERN, name):
        raise ValueError(f"expected {IN_SHORT}, got {name!r}")
    return name


def model_file(model: str) -> Path:
    """Return the path of a pose model's file, which need not exist. Raises ModelError if the name is unknown."""
    if model in NAMES:
        return models_dir() / "pose" / FILES[model]
    if model.startswith(ONNX) or Path(model).suffix == TASK:
        return Path(model.removeprefix(ONNX)).expanduser()
    raise ModelError(
        f"pose model {model!r}: choose {CHOICE}, or give the path of a {TASK} file, or {ONNX} and the "
        "path of an ONNX file."
    )
