"""The networks of others are those that were published, and NOTICE tells whose they are."""

import hashlib
import json
import zipfile

import pytest

from livecoach.config.paths import PACKAGE

ROOT = PACKAGE.parent
POSE = ROOT / "models" / "pose"
DIGESTS = json.loads((POSE / "digests.json").read_text())
SHIPPED = sorted(path.name for path in POSE.iterdir() if path.suffix == ".task" or "movenet" in path.name)


@pytest.mark.parametrize("name", SHIPPED)
def test_a_network_of_others_is_as_it_was_made_from_what_they_published(name: str) -> None:
    """The scripts that make them compare with the same digests."""
    assert hashlib.sha256((POSE / name).read_bytes()).hexdigest() == DIGESTS[name]


def test_the_bundles_hold_one_detector() -> None:
    detectors = set()
    for name in SHIPPED:
        if name.endswith(".task"):
            with zipfile.ZipFile(POSE / name) as bundle:
                detectors.add(hashlib.sha256(bundle.read("pose_detector.tflite")).hexdigest())
    assert len(detectors) == 1


@pytest.mark.parametrize(
    ("what", "licence"),
    [
        ("BlazePose", "Apache License"),
        ("MoveNet", "Apache License"),
        ("Anny", "Apache License"),
        ("espeak-ng", "GNU General Public License, version 3"),
    ],
)
def test_the_notice_names_the_licence_of_each_work_of_others(what: str, licence: str) -> None:
    paragraphs = [" ".join(text.split()) for text in (ROOT / "NOTICE").read_text(encoding="utf-8").split("\n\n")]
    assert any(what in text and licence in text for text in paragraphs)
