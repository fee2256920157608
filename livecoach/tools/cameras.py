"""Lists the cameras of this machine with what each delivers."""

import sys

from livecoach.errors import CameraError
from livecoach.source.camera import no_camera_text
from livecoach.tools.doctor import Trial
from livecoach.tools.doctor_checks import camera_indices
from livecoach.tools.findings import Finding


def camera_lines() -> list[str]:
    """Return a line for each camera: its number and what it delivers, or why it does not open. Raises CameraError
    where there is none.

    Each camera is opened in a process of its own, because a driver may hang.
    """
    trials = [Trial("camera", "camera", str(index), needed=False) for index in camera_indices(sys.platform)]
    found = [finding for trial in trials for finding in trial.findings()]
    if not found:
        raise CameraError(no_camera_text(sys.platform))
    return [_line(finding) for finding in found]


def _line(finding: Finding) -> str:
    return f"{finding.name}: {finding.found}" if finding.status == "ok" else finding.found
