"""The networks of others are those that were published, NOTICE tells whose they are, and the bill of materials of a
release names what is locked and what ships."""

import hashlib
import json
import re
import zipfile

import pytest

from livecoach import __version__
from livecoach.core.config.paths import PACKAGE

ROOT = PACKAGE.parent
POSE = ROOT / "models" / "pose"
BILL = ROOT / "requirements" / "sbom.cdx.json"
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


@pytest.fixture(scope="module")
def bill():
    if not BILL.is_file():
        pytest.skip("not a checkout")
    return json.loads(BILL.read_text())


@pytest.fixture(scope="module")
def components(bill):
    return bill["components"]


def test_the_bill_of_materials_is_of_the_last_version_in_the_changelog(bill):
    """`scripts/release` takes the version's section for its notes."""
    told = re.search(r"^## (\d\S*) \(", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert told is not None
    assert (bill["metadata"]["component"]["version"], told[1]) == (__version__, __version__), "run scripts/lock"


def test_packages_of_the_bill_of_materials_are_those_of_the_lock(components):
    locked = set(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / "test.txt").read_text(), re.MULTILINE))
    packages = {(one["name"], one["version"]) for one in components if one["type"] == "library"}
    assert {"numpy", "av", "aiohttp", "pyarrow"} <= {name for name, _ in packages}
    assert packages <= locked, "run scripts/lock"


def test_every_network_that_ships_has_its_digest(components):
    named = {one["name"]: one["hashes"][0]["content"] for one in components if one["type"] == "machine-learning-model"}
    ship = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("*.task", "*.tflite", "*.npz")
        for path in (ROOT / "models").rglob(kind)
    }
    assert named == ship, "run python scripts/make_sbom.py"
