"""What `pip install .` brings is enough for all but the lab, and for the clips that the lab has made."""

import subprocess
import sys
from pathlib import Path

ROOM = Path(__file__).resolve().parents[2] / "livecoach"
EXTRAS = ("scipy", "sklearn", "torch", "moderngl", "pyarrow", "onnxruntime")
"""What the extras of pyproject.toml bring: without them, each of these is not to be found."""
IMPORT_ALL = f"""
import importlib, sys
sys.modules.update(dict.fromkeys({EXTRAS!r}))
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_every_module_outside_of_the_lab_imports_without_an_extra():
    """`livecoach demo` reads what is true of its clip; the doctor says what works here."""
    modules = [".".join(("livecoach", *file.relative_to(ROOM).with_suffix("").parts)) for file in ROOM.rglob("*.py")]
    product = [name for name in modules if not name.startswith("livecoach.lab") and not name.endswith("__main__")]
    given = [*sorted(product), "livecoach.lab.truth", "livecoach.lab.tools.doctor"]
    done = subprocess.run([sys.executable, "-c", IMPORT_ALL, *given], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
