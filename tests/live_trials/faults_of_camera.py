"""Faults of the camera: it dies, stalls, sends garbage, or changes its size."""

import signal
import struct

import numpy as np

from live_trials.fault_trial import INTERRUPTED, Fault, Trial
from livecoach.tools.camera import jpeg, part

SENT_S = 1.2
"""How long each kind of nonsense is sent."""
PAST_LIMIT_S = 4.0
"""Longer than the limits after which a stream counts as lost."""


def jpeg_claiming_size(picture: bytes, width_px: int, height_px: int) -> bytes:
    """Return a baseline JPEG whose header claims another size."""
    at = picture.index(b"\xff\xc0") + 5  # marker of the frame, length, precision
    return picture[:at] + struct.pack(">HH", height_px, width_px) + picture[at + 4 :]


def _dies(trial: Trial) -> None:
    run = trial.lifting()
    trial.camera.kill()
    trial.warns(run, "camera_lost")
    since = len(run.events)
    trial.camera.start()
    trial.warns(run, "camera_lost", active=False, since=since)
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _stalls(trial: Trial) -> None:
    run = trial.lifting()
    trial.camera.stall()
    trial.warns(run, "camera_lost")
    since = len(run.events)
    trial.camera.resume()
    trial.warns(run, "camera_lost", active=False, since=since)
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _stays_away(trial: Trial) -> None:
    run = trial.lifting()
    trial.camera.kill()
    trial.warns(run, "camera_lost")
    trial.wait(PAST_LIMIT_S)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _garbage(trial: Trial) -> None:
    run = trial.lifting()
    noise = trial.randomness.randbytes
    broken = jpeg(np.full((240, 320, 3), 90, np.uint8))

    def damaged(number: int) -> bytes:
        at = 200 + number % 400
        return part(broken[:at] + noise(40) + broken[at + 40 :])

    kinds = (lambda _: noise(4000), lambda _: part(noise(4000)), damaged, lambda _: part(b""))
    for kind in kinds:
        trial.camera.replace(kind)
        trial.wait(SENT_S)
    trial.camera.resume()
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _resized(trial: Trial) -> None:
    run = trial.lifting()
    for size in ((480, 360), (640, 360), (320, 240)):
        trial.camera.resize(*size)
        trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _absurd(trial: Trial) -> None:
    run = trial.lifting()
    plain = jpeg(np.full((240, 320, 3), 90, np.uint8))
    absurd = (
        jpeg_claiming_size(plain, 65500, 65500),
        jpeg_claiming_size(plain, 40000, 8),
        jpeg(np.zeros((16, 33000, 3), np.uint8)),
        jpeg(np.zeros((1, 1, 3), np.uint8)),
    )
    for picture in absurd:
        _send_only(trial, part(picture))
    trial.camera.resume()
    trial.counts_on(run)
    trial.ends(run, signal.SIGINT, INTERRUPTED)


def _send_only(trial: Trial, sent: bytes) -> None:
    """Send these bytes instead of the pictures for a while."""
    trial.camera.replace(lambda _: sent)
    trial.wait(SENT_S)


FAULTS = (
    Fault(
        name="camera-dies",
        what="the camera's connection is cut and refused, and then accepted again",
        promise="says so, goes on with the same set when the camera is back",
        inject=_dies,
    ),
    Fault(
        name="camera-stays-away",
        what="the camera is gone, and Ctrl-C comes before it is back",
        promise="ends at once, with all reps",
        inject=_stays_away,
    ),
    Fault(
        name="camera-stalls",
        what="the camera keeps the connection and sends nothing",
        promise="says so, goes on when pictures come",
        inject=_stalls,
    ),
    Fault(
        name="camera-garbage",
        what="the camera sends noise, pictures of noise, damaged and empty pictures",
        promise="goes on when pictures come",
        inject=_garbage,
    ),
    Fault(
        name="camera-resized",
        what="the camera changes size and shape in mid-stream",
        promise="reps count at each size",
        inject=_resized,
    ),
    Fault(
        name="camera-absurd",
        what="the camera sends pictures of 65500×65500, 40000×8, 33000×16 and 1×1 pixels",
        promise="does not decode them, goes on when pictures come",
        inject=_absurd,
    ),
)
"""In the order of the report."""
