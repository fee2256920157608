"""Make requirements/sbom.cdx.json, the software bill of materials (CycloneDX) of a release of livecoach.

The bill lists the packages that livecoach needs, with its extras but without packages for developers, at the versions
of the lock, and every neural network that ships, with its digest. A wheel contains the file (PEP 770). `scripts/lock`
runs this script, which needs uv, cyclonedx-bom and the internet.

    python scripts/make_sbom.py
"""

import hashlib
import json
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from livecoach import __version__

ROOT = Path(__file__).resolve().parent.parent
LOCK, SBOM = ROOT / "requirements" / "test.txt", ROOT / "requirements" / "sbom.cdx.json"
EXTRAS = ("onnx", "parquet", "synth")
NETWORKS = ("*.task", "*.tflite", "*.npz")
TOOLS = {"uv": "uv", "cyclonedx_py": "cyclonedx-bom"}  # package of each module that the script runs


def needed_packages() -> str:
    """Return the packages that livecoach itself needs, as a requirements file with the lock's versions and digests."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "runtime.txt"
        extras = [word for extra in EXTRAS for word in ("--extra", extra)]
        options = (
            "--universal --python-version 3.11 --generate-hashes --only-binary :all: --no-annotate --no-header --quiet"
        )
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "pyproject.toml", *extras),
                *("--constraints", str(LOCK), "--override", "requirements/overrides.txt"),
                *(*options.split(), "--output-file", str(out)),
            ],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return out.read_text()


def bill(requirements: str) -> dict[str, Any]:
    """Return the bill of materials of a requirements file, with the neural networks that ship."""
    options = ("--pyproject", str(ROOT / "pyproject.toml"), "--short-PURLs", "--output-reproducible")
    made = subprocess.run(
        [sys.executable, "-m", "cyclonedx_py", "requirements", "-", *options],
        input=requirements,
        capture_output=True,
        text=True,
        check=True,
    )
    document: dict[str, Any] = json.loads(made.stdout)
    for package in document["components"]:
        del package["description"]  # the line of the file, digests and all
    document["components"] += [network_component(path) for path in networks()]
    document["metadata"]["component"]["version"] = __version__
    return document


def networks() -> list[Path]:
    models = ROOT / "models"
    return sorted(path for kind in NETWORKS for path in models.rglob(kind))


def network_component(path: Path) -> dict[str, Any]:
    name = path.relative_to(ROOT).as_posix()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return {
        "type": "machine-learning-model",
        "bom-ref": name,
        "name": name,
        "description": "See NOTICE for its origin.",
        "hashes": [{"alg": "SHA-256", "content": digest}],
    }


if __name__ == "__main__":
    if absent := [package for module, package in TOOLS.items() if find_spec(module) is None]:
        sys.exit(f"{' and '.join(absent)}: not installed. Run {sys.executable} -m pip install {' '.join(absent)}")
    SBOM.write_text(json.dumps(bill(needed_packages()), indent=1, sort_keys=True) + "\n")
