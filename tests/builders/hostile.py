"""Damage to stored files, as hypothesis draws it: bytes flipped, cut, swapped and enlarged, and values that livecoach
would not write, under checksums that are right. It knows livecoach's records, JSON, YAML, CSV and .npz.

    damaged(contents(folder), [Damage(file="reps.jsonl", kind="value", at=0.3, value=math.inf)])

`cases` says how many cases a test runs: a share of 200, or of as many as LIVECOACH_FUZZ says.
"""

import io
import json
import math
import os
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgpack
import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

WANTED = int(os.environ.get("LIVECOACH_FUZZ", "200"))
"""Cases of all such tests together."""


def cases(share: float) -> settings:
    """Return the settings of a test that runs a share of all cases: the same ones each time, unless more are wanted."""
    return settings(max_examples=max(1, round(share * WANTED)), database=None, suppress_health_check=list(HealthCheck))


Kind = Literal["flip", "cut", "swap", "enlarge", "value", "drop", "deep", "line"]
KINDS: tuple[Kind, ...] = ("flip", "cut", "swap", "enlarge", "value", "value", "value", "value", "drop", "deep", "line")
LARGEST_BYTES = 16 << 20
"""Largest file that is enlarged twentyfold: three such changes of a file would make 8,000 of it."""
DEEP = 3000
"""Levels of nesting: more than Python's recursion allows."""
HOSTILE: tuple[Any, ...] = (
    math.inf,
    -math.inf,
    math.nan,
    None,
    True,
    0,
    -1,
    1e308,
    -1e308,
    1e-320,
    2**31,
    2**63,
    -(2**63),
    10**30,
    0.5,
    "",
    "text",
    "1",
    "\x1b]0;pwned\x07\x1b[2J",
    "\u202egnp.txt\u2066",
    "a\nb\r\x9b31m",
    "x" * 5000,
    "\ud800",
    "9999-12-31T23:59:59+00:00",
    "0001-01-01T00:00:00+14:00",
    "2026-01-01T00:00:00",
    "../../../etc/passwd",
    "squat",
    "auto",
    "good",
    "{{ 7 * 7 }}<script>alert(1)</script>[red]",
    b"",
    b"\x00" * 462,
    b"\x00\x80" * 231,
    b"\xff" * 38,
    [],
    [[]],
    {},
    {"a": {}},
    [1e308] * 40,
    ["x"] * 2000,
)
"""Values of wrong types and sizes, and texts that a terminal, a page or a path would take for something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One change of one file. `at`: where in the file, 0…1."""

    file: str
    kind: Kind
    at: float
    value: Any = None


def damages(files: Sequence[str]) -> st.SearchStrategy[list[Damage]]:
    """Return one to three changes of these files."""
    one = st.builds(
        Damage,
        file=st.sampled_from(sorted(files)),
        kind=st.sampled_from(KINDS),
        at=st.floats(0, 1, exclude_max=True),
        value=st.sampled_from(HOSTILE),
    )
    return st.lists(one, min_size=1, max_size=3)


def damaged(files: Mapping[str, bytes], changes: Sequence[Damage]) -> dict[str, bytes]:
    """Return the files, changed."""
    found = dict(files)
    for change in changes:
        found[change.file] = _changed(found, change)
    return found


def _changed(files: Mapping[str, bytes], change: Damage) -> bytes:
    content, position = files[change.file], int(change.at * len(files[change.file]))
    if change.kind == "flip":
        turned = bytes(byte ^ 0x55 for byte in content[position : position + 1])
        return content[:position] + turned + content[position + 1 :]
    if change.kind == "cut":
        return content[:position]
    if change.kind == "swap":
        names = sorted(files)
        return files[names[int(change.at * len(names))]]
    if change.kind == "enlarge":
        more = content * 20 if len(content) < LARGEST_BYTES // 20 else b""
        return content + (more if change.at < 0.5 else bytes(200_000))
    inside = {".obs": _records, ".rep": _records, ".npz": _arrays}.get(change.file[-4:], _text)
    return inside(content, change)


def _text(content: bytes, change: Damage) -> bytes:
    """Return JSON of which one value is changed, or text of which one line is."""
    if change.kind in ("value", "drop"):
        try:
            return _json(_edited(json.loads(content), change.at, change))
        except (ValueError, RecursionError):
            pass  # lines, of JSON or of other text
    return _lines(content, change)


def _arrays(content: bytes, change: Damage) -> bytes:
    """Return a .npz file of which one array is changed in a number, in its type or in its shape, or is missing."""
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except Exception:  # numpy raises a dozen classes; the file is damaged, and that will do
        return content
    if not arrays:
        return content
    name = sorted(arrays)[int(change.at * len(arrays))]
    inside = change.at * len(arrays) % 1
    value, array = change.value, arrays.pop(name)
    if change.kind == "deep":
        arrays[name] = array[None]
    elif change.kind == "line" or (change.kind == "value" and not isinstance(value, (int, float))):
        made = np.array(repr(value) if isinstance(value, (list, dict, type(None))) else value)
        arrays[name] = made.astype(str) if made.dtype.kind == "O" else made
    elif change.kind == "value" and array.size:
        wide = array.astype(float) if array.dtype.kind in "iuf" else array.astype("U9")
        wide.flat[int(inside * array.size)] = value
        arrays[name] = wide
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _lines(content: bytes, change: Damage) -> bytes:
    """Return lines of which one is changed: a value of its JSON, the value behind its YAML key, or a cell."""
    lines = content.split(b"\n")
    number = int(change.at * max(1, len(lines) - 1))
    inside = change.at * max(1, len(lines) - 1) % 1
    if change.kind == "deep":
        lines[number] = b'{"a":' * DEEP + b"1" + b"}" * DEEP
    elif change.kind == "line":
        lines[number] = _json(change.value)
    else:
        try:
            lines[number] = _json(_edited(json.loads(lines[number]), inside, change))
        except (ValueError, RecursionError):
            between = b": " if b": " in lines[number] else b","
            cells = lines[number].split(between)
            cells[-1 if between == b": " else int(inside * len(cells))] = _json(change.value)
            lines[number] = between.join(cells)
    return b"\n".join(lines)


def _json(value: Any) -> bytes:
    """Return JSON, with numbers that are no JSON written as a hostile program would."""
    return json.dumps(value, default=repr).replace("Infinity", "1e999").encode()


def _edited(value: Any, at: float, change: Damage) -> Any:
    """Return plain values of which one, the same for the same `at`, is replaced or dropped."""
    places = list(_places(value))
    if not places:
        return change.value
    holder, key = places[int(at * len(places))]
    if change.kind == "drop" and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = change.value
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, one in list(inside):
        found.append((value, key))
        found += _places(one)
    return found


def _records(content: bytes, change: Damage) -> bytes:
    """Return checksummed records of which one is changed; its checksum is right."""
    payloads, position = [], 0
    while position + 8 <= len(content):
        (length,) = struct.unpack_from("<I", content, position)
        payloads.append(content[position + 8 : position + 8 + length])
        position += 8 + length
    if not payloads:
        return content
    # Half of the changes are of the header: there is one of it, and hundreds of observations.
    number = 0 if change.at < 0.5 else int((change.at - 0.5) * 2 * len(payloads))
    payloads[number] = _payload(payloads[number], change)
    return b"".join(struct.pack("<II", len(one), zlib.crc32(one)) + one for one in payloads)


def _payload(payload: bytes, change: Damage) -> bytes:
    if change.kind == "deep":
        return b"\x91" * DEEP + b"\xc0"
    if change.kind == "line":
        return _packed(change.value)
    at = change.at * 997 % 1
    try:
        if payload.startswith(b"{"):
            return _json(_edited(json.loads(payload), at, change))
        return _packed(_edited(msgpack.unpackb(payload), at, change))
    except (ValueError, RecursionError):
        return payload[: len(payload) // 2]


def _packed(value: Any) -> bytes:
    try:
        packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    except OverflowError:  # wider than MessagePack's numbers
        return b"\xcf" + b"\xff" * 8
    return packed
