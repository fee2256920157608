"""Make the JSON Schemas in the package and docs/formats.md, from the classes that write the documents.

python scripts/make_formats.py            # a test fails if a file is out of date
"""

import json
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from livecoach.batch.batch_summary import COLUMNS
from livecoach.core.documents import Analyses, Analysis, Event, SessionsDocument, ShownSession
from livecoach.core.documents.analysis import LenientDocument, StrictDocument
from livecoach.core.documents.history import HistoryDocument
from livecoach.decisions.coaching.rep_figures import FORMS
from livecoach.lab.dataset import Reps, StageFrames
from livecoach.records.profile import RepHeader

ROOT = Path(__file__).resolve().parents[1]
SCHEMAS = ROOT / "livecoach" / "assets" / "schemas"
PAGE = ROOT / "docs" / "formats.md"
INTRODUCTION = """# Formats

This page is for people who write programs that read livecoach's files. `python scripts/make_formats.py` makes it from
the classes in `livecoach/core/documents/` and `livecoach/core/types/`. The JSON Schemas are in
`livecoach/assets/schemas/`.

All times are in seconds from the first frame. Names that end in `_deg`, `_ms`, `_s` or `_px` state their unit. Numbers
are rounded to four decimals. Let your program ignore fields that it does not know: a later version with the same
`schema` number may have more fields.

Files name two verdicts differently from the texts that people see: `anomalous` is *to check*, or *bad* if a person
called it so, and `unsure` is *not judged*.
"""
KINDS: dict[str, Any] = {
    "analysis": Analysis | Analyses,
    "events": Event,
    "history": HistoryDocument,
    "sessions": SessionsDocument,
    "session": ShownSession,
}
TITLES = {
    "analysis": (
        "`livecoach analyze --json`",
        "The result of one video is an `Analysis`, and the result of several videos is an `Analyses`. If a single "
        "video fails, livecoach writes nothing, and its exit status says why.",
    ),
    "events": (
        "`--events`",
        "Each line is a JSON object. `latency_ms` is a number only where frames arrive in real time: in a live run, "
        "and in a replay without `--fast`.",
    ),
    "history": (
        "`livecoach history --json`",
        "A `HistoryDocument` contains the figures of all sessions that count, by exercise and profile.",
    ),
    "sessions": (
        "`livecoach sessions list --json`",
        "A `SessionsDocument` contains, for each session, its `session.json`, its reps, and its size on the disk.",
    ),
    "session": (
        "`livecoach sessions show --json`",
        "A `ShownSession` contains everything about a session. Its `about` is the content of `session.json`.",
    ),
}

PROFILES = """## Files of a profile

Each file `profiles/<profile>/<exercise>/*.rep` in the user's data folder, which `livecoach doctor` names, contains a
rep. Such a file is a sequence of records, each `length (uint32) | CRC-32 (uint32) | payload`, little endian. The first
payload is a `RepHeader` in JSON. Every other payload is an observation in MessagePack, as `livecoach lab observe`
writes observations."""

TABLES = """## Tables of `livecoach analyze`

`--out` writes these tables as CSV, and also as Parquet if pyarrow is installed. Unknown values are empty cells. In CSV,
the names of several faults are separated by "; "."""
OF_TABLE = {"recordings": ("FramesDocument", "SourceDocument"), "reps": ("Rep", "Pace"), "faults": ("Fault", "Rep")}
"""Classes in `Analysis` with fields that are columns of a table, by the name of the table."""
COLUMN: dict[str, str] = {
    "recording": "Path of the recording.",
    "state": "done; damaged: a part can't be read; or failed.",
    "recognised_sure": "Whether the exercise was recognised for sure; empty if you named the exercise.",
    "recognised_probability": "Probability of the recognised exercise, 0…1.",
    **dict.fromkeys(FORMS, "Number of reps with this verdict."),
    "reps": "Number of reps that count.",
    "wall_s": "Duration of the analysis.",
    "rep": "Number of the rep in the recording, from 1: `index` of `Rep`.",
    "counts_as": "Verdict that counts: of the reference that judged the rep, or of the standard.",
    "faults": "Names of the rep's faults, the primary fault first.",
    "kind": "failed: the recording can't be read or analysed; crashed; or hung.",
    "message": "The reason, in one line.",
}
"""Description, by name, of each column that is no field of these classes, or means something else in a table."""


def table(name: str, classes: dict[str, Any]) -> str:
    """Return a Markdown table of the columns of a table of `livecoach analyze`; `classes` has `Analysis`' schemas."""
    lines = [f"### {name}", "", "| column | type | what |", "| --- | --- | --- |"]
    fields: dict[str, str] = {}
    for of_class in reversed(OF_TABLE.get(name, ())):
        fields |= {field: content.get("description", "") for field, content in classes[of_class]["properties"].items()}
    own = COLUMN if name != "reps" else {key: text for key, text in COLUMN.items() if key not in FORMS}
    for column, kind in COLUMNS[name].items():
        what = (own | {"exercise": "Name of the exercise."}).get(column) or fields[column]
        lines.append(f"| `{column}` | {kind.rstrip('_0123456789')} | {what} |".replace("\n", " "))
    return "\n".join(lines)


ANNOTATION = """## Annotation

`livecoach lab annotate set1.mp4` writes these files beside the film, and `livecoach lab dataset` reads them.

`set1.annotation.csv` has a row for each marked frame, in the order of the frames: `class` (`up`, `down` or `neutral`),
`x1`, `y1`, `z1`, `v1` to `x33`, `y33`, `z33`, `v33` (BlazePose's landmarks: place as a share of the picture's width and
height, depth, visibility), `frame` (its number, from 0) and `t_s` (its time). A row belongs to the frame with exactly
these landmarks, in `set1.obs`. The dissertation's files lack the last two columns, and are read as well.

`set1.annotation.json` holds the labels of reps: `format` (1), `recording` (the film's name), and `reps`, each with
`frame`, `at_s` (its time) and `label` (`good`, `bad` or the name of a fault). A label goes to the rep that is in
progress then.

The ground truth of a synthetic set (`set.json` beside `set.obs` or `set.mp4`) takes the place of both if they are
missing: faults and severities of reps, and the stages of frames whose stage is certain."""
DATASET = """## Dataset

`livecoach lab dataset` makes such a folder. `dataset.json` holds `format` (2), `exercise`, `synthetic`, `reps` and
`frames` (their numbers), `digest` (SHA-256 of all arrays), `seed` (of the split), `parts` (lifter → `train`, `valid` or
`test`) and `sources` (name, lifter, pose model and digests of each recording, and in `notes` what was left out).
`reps.npz` holds the arrays; `numpy.load` reads it. With `--table` the reps are a CSV or Parquet table, too.

No recording is brought to a common frame rate: livecoach counts and measures at the rate of each recording. The 16
moments of a trajectory are interpolated between frames, and a measure that needs a higher frame rate is NaN. `measures`
and `stages` are of single frames."""
ARRAYS = {
    "trajectories": (
        "n, 16, 17, 3",
        "joints at 8 moments of the way out and 8 back: x forward, y left, z up from mid-hip, in torso lengths; NaN "
        "where the pose model gives none",
    ),
    "readings": (
        "n, 2 + 2 M",
        "logarithms of the seconds out and back; the exercise's M measures in the world, and in the picture",
    ),
    "azimuths_deg": ("n", "estimated azimuth of the camera: 0 in front, 180 behind"),
    "fronts": ("n", "leg that is in front; empty where none is"),
    "labels": ("n", "`good`, names of faults joined by +, another name of a bad rep, or empty: not labelled"),
    "severities": ("n, faults", "true severity of each fault, 0 to 1, negative for the other side; NaN: not measured"),
    "lifters": ("n", "lifter"),
    "sets": ("n", "set, unique among all recordings"),
    "sources": ("n", "recording"),
    "times_s": ("n, 3", "start, turn and end in the time of the recording"),
    "measures": ("m, measures", "body measures of a marked frame"),
    "stages": ("m", "its stage: 0 down, 1 up, 2 neutral"),
    "frame_lifters": ("m", "its lifter"),
}
"""Axes (n reps, m frames) and content of each array of a dataset, by its name."""


def dataset_section() -> str:
    """Return the section about datasets; raise KeyError for an array that ARRAYS does not describe."""
    names = [field.name for kind in (Reps, StageFrames) for field in fields(kind)]
    rows = [f"| `{name}` | {ARRAYS[name][0]} | {ARRAYS[name][1]} |" for name in names]
    return "\n".join([DATASET, "", "| array | axes | what |", "| --- | --- | --- |", *rows])


def type_of(field: dict[str, Any]) -> str:
    """Return the type of a field in Markdown, from the field's JSON Schema."""
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
    """Return the section about a class, with a table of its fields; `classes` are the schemas that fields refer to."""
    lines = [f"### {name}", "", definition.get("description", ""), "", "| field | type | what |", "| --- | --- | --- |"]
    for field, content in definition["properties"].items():
        # pydantic omits the description of a field whose default is of another class: the class's description is used.
        of_class = classes.get(content.get("$ref", "").split("/")[-1], {}).get("description", "")
        what = content.get("description", of_class).replace("\n", " ").replace("|", "\\|")
        lines.append(f"| `{field}` | {type_of(content)} | {what} |")
    return "\n".join(lines)


def page(schemas: dict[str, dict[str, Any]]) -> str:
    """Return the page about all formats, which describes each class once."""
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
    header = {name: value for name, value in described_schema(RepHeader).items() if name != "$defs"}
    parts += [TABLES, *(table(name, schemas["analysis"]["$defs"]) for name in COLUMNS)]
    parts += [PROFILES, section("RepHeader", header, {}), ANNOTATION, dataset_section()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def described_schema(kind: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type, with the docstrings under its fields as their descriptions.

    This changes the configuration of the documents' classes, which do not ask for descriptions themselves: reading
    docstrings from the source takes a third of the time in which livecoach starts.
    """
    for document in (StrictDocument, LenientDocument, RepHeader):
        document.__pydantic_config__["use_attribute_docstrings"] = True
    return TypeAdapter(kind).json_schema()


def files() -> dict[Path, str]:
    """Return the expected content of each file, by its path."""
    schemas = {kind: described_schema(KINDS[kind]) for kind in TITLES}
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
