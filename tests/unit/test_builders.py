"""What several tests use is in tests/builders, and is plainly named there."""

import re
from pathlib import Path

from builders.steps import a_full_set_summary, a_set_summary

TESTS = Path(__file__).parents[1]
MODULES = sorted(TESTS.rglob("*.py"))


def imported(module: Path) -> list[str]:
    """Full names of the modules that a module imports."""
    return re.findall(r"^ *(?:from|import) ([\w.]+)", module.read_text(encoding="utf-8"), re.M)


def test_no_test_module_is_imported_by_another():
    """A test may then be moved, renamed or removed without a look at the others."""
    names = {module: [name.split(".")[-1] for name in imported(module)] for module in MODULES}
    assert [str(module) for module, of in names.items() if any(n.startswith(("test_", "conftest")) for n in of)] == []


def test_only_builders_and_trials_of_the_program_stand_beside_the_tests():
    """All other modules are tests, or set some up."""
    others = [path for path in MODULES if not path.name.startswith("test_") and path.name != "conftest.py"]
    assert {path.parent.name for path in others} == {"builders", "live_trials"}


def test_a_set_of_which_all_is_known_differs_from_a_set_of_which_nothing_is_known():
    """So that what is said of a set is tested with each of its fields."""
    plain, full = a_set_summary(), a_full_set_summary()
    always = {"index", "reps", "unsure", "notes", "marked", "alike", "different", "reference"}
    assert {name for name in plain.__slots__ if getattr(plain, name) == getattr(full, name)} == always
