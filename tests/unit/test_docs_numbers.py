"""The numbers that docs/security.md and docs/reliability.md name are those of the code."""

from math import log2
from pathlib import Path

import pytest
from live_trials.faults import FAULTS

from livecoach.capture import capture, pictures
from livecoach.core.config import Settings, read_yaml
from livecoach.core.config.paths import configs_dir
from livecoach.feedback import sound, window
from livecoach.pages import home_server, listener
from livecoach.phone import access, connections, protocol, server
from livecoach.records.session import recorder, video
from livecoach.run import process

DOCS = Path(__file__).resolve().parents[2] / "docs"
MB = 1_000_000
SHIPPED = read_yaml(configs_dir() / "settings.yaml", Settings)
SENTENCES = {
    "security": (
        f"it has {access.TOKEN_LENGTH} characters, or {int(access.TOKEN_LENGTH * log2(len(access.SIGNS)))} bits",
        "compared in constant time and exchanged for a cookie of 256 bits (`HttpOnly`, `Secure`, `SameSite=Strict`)",
        f"At most {listener.MOST_CONNECTIONS} connections are open, {listener.MOST_OF_ONE} of them of one address",
        f"needs its TLS handshake within {listener.HANDSHAKE_S:g} s",
        f"cut after {listener.IDLE_S:g} s without a complete request",
        f"dropped within {1.5 * server.HEARTBEAT_S:g} s",
        f"nothing is queued for it beyond {connections.MOST_WAITING} messages",
        f"A message has at most {protocol.MOST_BYTES / MB:g} MB",
        f"A picture has at most {protocol.LARGEST_SIDE_PX} × {protocol.MOST_PIXELS // protocol.LARGEST_SIDE_PX} pixels",
        f"at most {protocol.MOST_HZ:g} of them come a second",
        f"A text has at most {protocol.LONGEST_TEXT} characters",
        f"after {connections.MOST_ERRORS} messages that the page does not send, the connection is cut",
        f"when the first one has sent nothing for {connections.SILENT_CAMERA_S:g} s",
        f"A form has at most {home_server.MOST_BYTES >> 10} kB",
        f"up to {pictures.LARGEST_CODED_SIDE_PX} pixels a side and {pictures.MOST_CODED_PIXELS // MB} million in all, "
        f"{pictures.SMALLEST_SIDE_PX} at least, and no side over {pictures.MOST_ELONGATED} times as long",
        f"takes {recorder.MOST_WAITING_BYTES // MB} MB each at most",
        f"A JPEG of over {pictures.MOST_PASSES} headers and scans is not decoded",
        f"valid for {access.LEAF_DAYS} days",
        f"up to {server.REPORT_S:g} s until a phone that answers has the report",
    ),
    "reliability": (
        f"A camera that is silent for {SHIPPED.capture.stall_s:g} s is opened again",
        f"a server that does not answer for {sound.ANSWER_S:g} s",
        f"display does not answer for {window.OPENS_S:g} s is left out",
        f"stops answering later is given up after {window.HANGS_S:g} s",
        f"hangs for {process.HANGS_AFTER * process.TICK_S:g} s ends in order",
        f"draws figures where pictures have over {video.LARGEST_SIDE_PX} pixels a side",
        f"injects {len(FAULTS)} faults",
    ),
}


@pytest.mark.parametrize(
    ("page", "sentence"), [(page, each) for page, sentences in SENTENCES.items() for each in sentences]
)
def test_a_number_is_that_of_the_code(page: str, sentence: str) -> None:
    assert sentence in " ".join((DOCS / f"{page}.md").read_text(encoding="utf-8").split())


def test_what_waits_for_the_pose_model_has_the_bound_of_what_waits_for_the_encoder() -> None:
    assert capture._MOST_BYTES == recorder.MOST_WAITING_BYTES
