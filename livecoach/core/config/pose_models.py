"""The names of the pose models, for the setting, the help, the doctor and `livecoach.perception.pose.opening`.

They are here and not in livecoach.perception.pose, so that naming a model loads none.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from livecoach.core.config.paths import models_dir
from livecoach.core.errors import ModelError

TASK = ".task"  # ending of the files that hold BlazePose
MEDIAPIPE = "mediapipe-"  # beginning of the name of a model that MediaPipe runs
ONNX = "onnx:"  # beginning of the name of an ONNX file of the user's

MOVENET = "movenet"
FILES = {
    "lite": f"pose_landmarker_lite{TASK}",
    "full": f"pose_landmarker_full{TASK}",
    MOVENET: "movenet_thunder_f16.tflite",
}
"""Name of each model that ships → its file in models/pose/."""
SHIPPED = tuple(FILES)
BLAZEPOSE = tuple(name for name, file in FILES.items() if file.endswith(TASK))
REFERENCES = tuple(f"{MEDIAPIPE}{name}" for name in BLAZEPOSE)  # BlazePose by MediaPipe
NAMES = (*SHIPPED, *REFERENCES)

PATTERN = f"^({'|'.join(map(re.escape, NAMES))}|{ONNX}.+|.+{re.escape(TASK)})$"  # every valid name of a model
IN_SHORT = f"{', '.join(NAMES)}, the path of a {TASK} file, or {ONNX}FILE"
"""The same in the words of the help and settings.yaml."""


def checked(name: str) -> str:
    """The name of a model. Raises ValueError for any other text."""
    if not re.fullmatch(PATTERN, name):
        raise ValueError(f"expected {IN_SHORT}, got {name!r}")
    return name


def file_of(model: str) -> Path:
    """The file of a model. Raises ModelError for an unknown name."""
    if model.startswith(ONNX):
        return Path(model.removeprefix(ONNX)).expanduser()
    own = model.removeprefix(MEDIAPIPE)
    if model in NAMES:
        return models_dir() / "pose" / FILES[own]
    if Path(own).suffix == TASK:
        return Path(own).expanduser()
    raise ModelError(
        f"pose model {model!r}: choose {listed(SHIPPED)} (or {listed(REFERENCES)}), or give the path of a {TASK} file, "
        f"or {ONNX} and the path of an ONNX file."
    )


def listed(names: Sequence[str], last: str = "or") -> str:
    """At least two names as a list in words: "lite, full or movenet"."""
    return f"{', '.join(names[:-1])} {last} {names[-1]}"
