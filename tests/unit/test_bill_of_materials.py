"""The bill of materials of a release names what is locked and what ships."""

import hashlib
import json
import re

import pytest

from livecoach.config.paths import PACKAGE

ROOT = PACKAGE.parent
BILL = ROOT / "requirements" / "sbom.cdx.json"

pytestmark = pytest.mark.skipif(not BILL.is_file(), reason="not a checkout")


@pytest.fixture(scope="module")
def components():
    return json.loads(BILL.read_text())["components"]


def test_its_packages_are_those_of_the_lock(components):
    locked = set(re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / "requirements" / "test.txt").read_text(), re.MULTILINE))
    packages = {(one["name"], one["version"]) for one in components if one["type"] == "library"}
    assert {"numpy", "mediapipe", "aiohttp", "distributed"} <= {name for name, _ in packages}
    assert packages <= locked, "run scripts/lock"


def test_every_network_that_ships_has_its_digest(components):
    named = {one["name"]: one["hashes"][0]["content"] for one in components if one["type"] == "machine-learning-model"}
    ship = {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in ("*.task", "*.tflite", "*.npz")
        for path in (ROOT / "models").rglob(kind)
    }
    assert named == ship, "run python scripts/make_sbom.py"
