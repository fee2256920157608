"""Make the JSON Schemas in the package and docs/formats.md, from the classes that write the documents.

python scripts/make_formats.py            # a test fails where they are out of date

"""

import json
import sys
from pathlib import Path
from typing import Any

from livecoach.batch.summary import COLUMNS
from livecoach.core.documents import described_schema, json_schema
from livecoach.decisions.coaching.figures import FORMS
from livecoach.records.profile import RepHeader

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "livecoach" / "assets" / "schemas"
PAGE = ROOT / "docs" / "formats.md"
INTRODUCTION = """# Formats

Made by `python scripts/make_formats.py` from the classes in `livecoach/core/documents/` and `livecoach/core/types/`;
the JSON Schemas lie in `livecoach/assets/schemas/`. Times are seconds from the first frame, names that end in `_deg`,
`_ms`, `_s` and `_px` carry their unit, and numbers are rounded to four decimals. A reader should pass over fields that
it does not know: there may be more of them in a later version with the same `schema` number.

The verdicts have other names here than for people: `anomalous` is *to check*, and `unsure` is *not judged*.
"""
TITLES = {
    "analysis": (
        "`livecoach analyze --json`",
        "One `Analysis` for one video; `Analyses` for several. One video that fails writes nothing, and exits with 1.",
    ),
    "events": (
        "`--events`",
        "One JSON object a line. `latency_ms` is set where frames arrive by themselves: live, and in paced replay.",
    ),
    "history": (
        "`livecoach history --json`",
        "One `HistoryDocument`: all sessions that count, by exercise and profile, with their figures.",
    ),
    "sessions": (
        "`livecoach sessions list --json`",
        "One `SessionsDocument`: each session by its `session.json` and its reps, and what it takes on the disk.",
    ),
    "session": (
        "`livecoach sessions show --json`",
        "One `ShownSession`: all of a session. Its `about` is what `session.json` holds.",
    ),
}

PROFILES = """## Files of a profile

`profiles/<profile>/<exercise>/*.rep` in the user's data folder (`livecoach doctor` says where it is), one rep a file. A
file is a sequence of records, each `length (uint32) | CRC-32 (uint32) | payload`, little endian. The first payload is a
`RepHeader` in JSON, every other one an observation in MessagePack, as `livecoach lab observe` writes it."""

TABLES = """## Tables of `livecoach analyze`

`--csv` writes the table `reps`, `--out` all four, as CSV, and as Parquet where pyarrow is installed. Cells of what is
not known are empty; in CSV, names of several faults are separated by "; "."""
OF_TABLE = {"recordings": ("FramesDocument", "SourceDocument"), "reps": ("Rep", "Pace"), "faults": ("Fault", "Rep")}
"""Table → classes of `Analysis` whose fields are its columns."""
COLUMN = {
    "recording": "Path of the recording.",
    "state": "done; damaged: a part can't be read; or failed.",
    "worker": "Which worker of a cluster analysed it.",
    "recognised_sure": "Whether the exercise was recognised for sure; empty if it was named.",
    "recognised_probability": "Probability of the recognised exercise, 0…1.",
    **dict.fromkeys(FORMS, "Number of reps that count as this."),
    "reps": "Number of reps that count.",
    "wall_s": "How long the analysis took.",
    "rep": "Number of the rep in the recording, from 1: `index` of `Rep`.",
    "counts_as": "What the rep counts as: its verdict by the reference that judged it, and by the standard.",
    "faults": "Names of its faults, the main one first.",
    "kind": "failed: it can't be read or analysed; crashed; or hung.",
    "message": "Why, in a line.",
}
"""Column that is no field of these classes, or another one in a table → what it holds."""


def table(name: str, classes: dict[str, Any]) -> str:
    """Return a table of `livecoach analyze` as a table of its columns. classes: those of `Analysis`."""
    lines = [f"### {name}", "", "| column | type | what |", "| --- | --- | --- |"]
    fields = {}
    for of_class in reversed(OF_TABLE.get(name, ())):
        fields |= {field: content.get("description", "") for field, content in classes[of_class]["properties"].items()}
    own = COLUMN if name != "reps" else {key: text for key, text in COLUMN.items() if key not in FORMS}
    for column, kind in COLUMNS[name].items():
        what = (own | {"exercise": "Name of the exercise."}).get(column) or fields[column]
        lines.append(f"| `{column}` | {kind.rstrip('_0123456789')} | {what} |".replace("\n", " "))
    return "\n".join(lines)


def type_of(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return f"[{(name := field['$ref'].split('/')[-1])}](#{name.lower()})"
    if "const" in field:
        return f"`{json.dumps(field['const'])}`"
    if "enum" in field:
        return " \\| ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(type_of(option) for option in field["anyOf"])
    if field.get("type") == "array":
        fixed = ", ".join(type_of(item) for item in field.get("prefixItems", ()))
        return f"({fixed})" if fixed else f"list of {type_of(field['items'])}"
    return str(field.get("type", "any"))


def section(name: str, definition: dict[str, Any], classes: dict[str, Any]) -> str:
    """Return one class as a table of its fields. classes: those that its fields may have."""
    lines = [f"### {name}", "", definition.get("description", ""), "", "| field | type | what |", "| --- | --- | --- |"]
    for field, content in definition["properties"].items():
        # pydantic leaves out what describes a field with a default of another class: that class is described.
        of_class = classes.get(content.get("$ref", "").split("/")[-1], {}).get("description", "")
        what = content.get("description", of_class).replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{field}` | {type_of(content)} | {what} |")
    return "\n".join(lines)


def page(schemas: dict[str, dict[str, Any]]) -> str:
    """Return the page of all formats; it lists common classes once."""
    parts, listed = [INTRODUCTION], set()
    for kind, schema in schemas.items():
        title, text = TITLES[kind]
        parts.append(f"## {title}\n\n{text}")
        for name, definition in schema["$defs"].items():
            if name not in listed:
                listed.add(name)
                parts.append(section(name, definition, schema["$defs"]))
        if "title" in schema and "properties" in schema:
            parts.append(section(schema["title"], schema, schema["$defs"]))
    header = {name: value for name, value in described_schema(RepHeader, RepHeader).items() if name != "$defs"}
    parts += [TABLES, *(table(name, schemas["analysis"]["$defs"]) for name in COLUMNS)]
    parts += [PROFILES, section("RepHeader", header, {})]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def files() -> dict[Path, str]:
    """Return path → expected content."""
    schemas = {kind: json_schema(kind) for kind in TITLES}
    made = {
        SCHEMAS / f"{kind}.schema.json": json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
        for kind, schema in schemas.items()
    }
    return {**made, PAGE: page(schemas)}


def main() -> int:
    for path, content in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
