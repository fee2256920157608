"""The page about Python: its examples run in order, on the shipped clip, and print what the page shows.

What the pose model saw in the clip takes its place, but for the example that sets the pose model.
"""

import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

from builders.command import DEMO, DEMO_OBSERVATIONS
from builders.videos import cut

PAGE = Path(__file__).resolve().parents[2] / "docs" / "python.md"
EXAMPLE = re.compile(r"^```python\n(.*?)^```(?:\n\n^```text\n(.*?)^```)?", re.MULTILINE | re.DOTALL)


class Table(dict[str, list[object]]):
    """Stands in for a data frame where pandas is not installed."""

    def __init__(self, rows: list[dict[str, object]], columns: list[str]) -> None:
        super().__init__({column: [row[column] for row in rows] for column in columns})

    def __getitem__(self, columns: list[str]) -> list[list[object]]:  # type: ignore[override]
        return [self.get(column, []) for column in columns]


def test_the_examples_print_what_the_page_shows(tmp_path, data_home, monkeypatch, capsys):
    del data_home
    monkeypatch.chdir(tmp_path)
    cut(DEMO, Path("set.mp4"), 0.0, 0.2)
    shutil.copy(DEMO_OBSERVATIONS, "set.obs")
    if find_spec("pandas") is None:
        monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=Table))
    names: dict[str, object] = {}
    examples = EXAMPLE.findall(PAGE.read_text(encoding="utf-8"))
    assert len(examples) > 3
    for code, shown in examples:
        exec(code if '"pose"' in code else code.replace("set.mp4", "set.obs"), names)
        printed = capsys.readouterr().out
        assert printed == shown or not shown, code
    assert sorted(path.name for path in tmp_path.iterdir()) == ["set.mp4", "set.obs"]
