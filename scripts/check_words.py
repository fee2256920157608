"""Check that names and docstrings can be read by somebody who does not know the code.

    python scripts/check_words.py [FOLDER]    # the package by default; exits with 1 if anything is found

A module and a class have a name that no other module or class of the package has. A public docstring begins with a
sentence that stands alone, and explains parameters under `Args:`. A public definition of more than five lines has a
docstring, unless it overrides or stands inside another function. A name has a noun in place of a pronoun.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "livecoach"
LONG = 5  # Most lines of a public definition without a docstring
PRONOUNS = {"one", "ones", "whose", "beside"}
VERBS = {"told", "tell", "tells", "said", "says", "given", "begun", "taken", "gone"}  # In place of a noun
TERMS = re.compile(r"one_rep_max|said_good")  # A term of the field, and keys of files
FRAGMENT = re.compile(
    r"(of|as|by|with|without|for|from|in|on|at|to|between|before|after|while|than|its|their|it|they|and|or|but|so"
    r"|nothing|none|those|same|like)\b",
    re.IGNORECASE,
)
PARAMETER = re.compile(r"(?:^|(?<=[.;] )|(?<=\n))\s*([a-z_][a-z0-9_]*(?:, [a-z_][a-z0-9_]*)*): [a-zA-Z]")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definitions(node: ast.AST) -> Iterator[Definition]:
    """Yield the public definitions of a module and of its classes."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from definitions(child)


def unclear_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the names with a pronoun or a verb in place of a noun, each with its line."""
    for node in ast.walk(tree):
        name = getattr(node, "id", None) if isinstance(getattr(node, "ctx", None), ast.Store) else None
        name = node.arg if isinstance(node, ast.arg) else name
        name = node.name if isinstance(node, Definition) else name
        if name and (PRONOUNS | VERBS) & set(TERMS.sub("", name).strip("_").split("_")):
            yield getattr(node, "lineno", 0), f"{name}: name what it is, with a noun"


def unclear_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield each fault in the docstrings of public definitions, with its line."""
    derived = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.bases]
    for node in definitions(tree):
        text, length = ast.get_docstring(node), (node.end_lineno or node.lineno) - node.lineno + 1
        if text is None and length > LONG and not any(node in child.body for child in derived):
            yield node.lineno, f"{node.name}: say in a docstring what it does"
        elif text and FRAGMENT.match(text):
            yield node.lineno, f"{node.name}: begin the docstring with a whole sentence"
        elif text and PARAMETER.search(text) and "Args:" not in text and "Attributes:" not in text:
            yield node.lineno, f"{node.name}: explain parameters under Args:"


def findings(package: Path) -> Iterator[str]:
    """Yield a line about each name and each docstring of a package that is unclear."""
    places = defaultdict[str, list[str]](list)
    for path in sorted(package.rglob("*.py")):
        where, tree = path.relative_to(package.parent), ast.parse(path.read_text(encoding="utf-8"))
        if not path.stem.startswith("__"):
            places[f"module {path.stem}"].append(str(where))
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[f"class {node.name}"].append(f"{where}:{node.lineno}")
        for line, what in (*unclear_names(tree), *unclear_docstrings(tree)):
            yield f"{where}:{line}: {what}"
    for name, found in places.items():
        if len(found) > 1:
            yield f"{name}: the name is used {len(found)} times: {', '.join(found)}"


def main() -> int:
    """Print the findings, and return the exit status."""
    found = [*findings(Path(sys.argv[1]) if len(sys.argv) > 1 else PACKAGE)]
    print("\n".join(found))
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
