"""Hostile input as hypothesis draws it, and the promise that livecoach makes of all of it.

Damage to files: bytes flipped, cut, overwritten, swapped and enlarged, and values that livecoach would not write, under
checksums that are right. It knows livecoach's records, JSON, YAML, CSV and .npz.

    damaged(contents(folder), [Damage(file="reps.jsonl", kind="value", at=0.3, value=math.inf)])

What comes over the network: `http_answers`, `picture_streams`, `rtsp_answers`, `phone_texts`, `phone_pictures`.

`held` checks the promise, and a `Door` checks it for all that reads files of one kind. `cases` says how many cases a
test runs: a share of 200, or of as many as LIVECOACH_FUZZ says.
"""

import io
import json
import math
import os
import struct
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders.web_camera import a_jpeg, a_part
from livecoach.core.errors import LivecoachError

WANTED = int(os.environ.get("LIVECOACH_FUZZ", "200"))
"""Cases of all such tests together."""


def cases(share: float) -> settings:
    """Return the settings of a test that runs a share of all cases: the same ones each time, unless more are wanted."""
    return settings(max_examples=max(1, round(share * WANTED)), database=None, suppress_health_check=list(HealthCheck))


LONGEST_S = 20.0
"""Processor time that any reader may take: of the slowest, a report, many times what the whole files take."""
MOST_BYTES = 3 << 30
"""Memory that any reader may ask for beyond what the process has; threads of decoders ask for a good part of it."""


@contextmanager
def held(folder: Path | None = None, kept: str = "**/*") -> Iterator[None]:
    """Check that what is done within the block ends, or raises a user's error of one line.

    It takes bounded time and memory, prints nothing that a terminal obeys, and changes no file that is in the folder.

    Args:
        folder: Folder that has to stay as it is; None for none.
        kept: Pattern of the files that have to stay.
    """

    def stored() -> Files:
        return {} if folder is None else {str(path): path.read_bytes() for path in folder.glob(kept) if path.is_file()}

    before, shown, start_s = stored(), io.StringIO(), time.process_time()
    try:
        with redirect_stdout(shown), _bounded_memory():
            yield
    except LivecoachError as err:
        assert str(err).isprintable(), repr(err)  # noqa: PT017 (most input is read)
    assert time.process_time() - start_s < LONGEST_S
    assert shown.getvalue().replace("\n", "").isprintable(), ascii(shown.getvalue())
    assert before.items() <= stored().items()


@contextmanager
def _bounded_memory() -> Iterator[None]:
    try:
        import resource

        has_bytes = 4096 * int(Path("/proc/self/statm").read_text().split()[0])
    except (ImportError, OSError):  # only Linux bounds it
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (has_bytes + MOST_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


Kind = Literal["flip", "cut", "smear", "swap", "enlarge", "value", "drop", "deep", "line"]
KINDS: tuple[Kind, ...] = ("flip", "cut", "smear", "swap", "enlarge", *(4 * ("value",)), "drop", "deep", "line")
LARGEST_BYTES = 16 << 20
"""Largest file that is enlarged twentyfold: three such changes of a file would make 8,000 of it."""
DEEP = 3000
"""Levels of nesting: more than Python's recursion allows."""
HOSTILE: tuple[Any, ...] = (
    math.inf, -math.inf, math.nan, None, True, 0, -1, 1e308, -1e308, 1e-320, 2**31, 2**63, -(2**63), 10**30, 0.5, "",
    "text", "1", "\x1b]0;pwned\x07\x1b[2J", "\u202egnp.txt\u2066", "a\nb\r\x9b31m", "x" * 5000, "\ud800",
    "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-01-01T00:00:00", "../../../etc/passwd", "squat",
    "auto", "good", "{{ 7 * 7 }}<script>alert(1)</script>[red]", b"", b"\x00" * 462, b"\x00\x80" * 231, b"\xff" * 38,
    [], [[]], {}, {"a": {}}, [1e308] * 40, ["x"] * 2000,
)  # fmt: skip
"""Values of wrong types and sizes, and texts that a terminal, a page or a path would take for something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """One change of one file. `at`: where in the file, 0…1."""

    file: str
    kind: Kind
    at: float
    value: Any = None


Files = Mapping[str, bytes]
Reader = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Files of one kind, and all that reads them."""

    files: Callable[[], Files]
    readers: Callable[[Path], Iterable[Reader]]
    """Given the folder that holds the files, which is the user's data folder and configuration too."""
    share: float
    """Of all cases."""
    readers_a_case: int | None = None
    """Readers that a case tries, others for other damage; None for all of them."""
    sealed: Callable[[Files], Files] = dict
    """Makes what is damaged pass for whole."""
    kept: str = "**/*"
    """Files that no reader may change."""

    def hold(self) -> None:
        """Check that whole files are read, and the promise for as many damages as are wanted."""
        with on_disk(self.files()) as folder:
            for read in self.readers(folder):
                read()

        @cases(self.share)
        @given(changes=damages(sorted(self.files())))
        def hold(changes: list[Damage]) -> None:
            with on_disk(self.sealed(damaged(self.files(), changes))) as folder:
                self._read(folder, changes[0].at)

        hold()

    def _read(self, folder: Path, at: float) -> None:
        readers: Sequence[Reader] = ()
        with held(folder, self.kept):
            readers = tuple(self.readers(folder))
        count = len(readers) if self.readers_a_case is None else self.readers_a_case
        first = int(at * 997 * len(readers))
        for number in range(count if readers else 0):
            with held(folder, self.kept):
                readers[(first + 5 * number) % len(readers)]()


@contextmanager
def on_disk(files: Files) -> Iterator[Path]:
    """Give a folder with the files, which is the user's data folder and configuration."""
    with TemporaryDirectory() as place, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVECOACH_HOME", place)
        for name, content in files.items():
            path = Path(place, name)
            path.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
            path.write_bytes(content)
            path.chmod(0o600)
        yield Path(place)


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


def damaged(files: Files, changes: Sequence[Damage]) -> dict[str, bytes]:
    """Return the files, changed."""
    found = dict(files)
    for change in changes:
        found[change.file] = _changed(found, change)
    return found


def _changed(files: Files, change: Damage) -> bytes:
    content, position = files[change.file], int(change.at * len(files[change.file]))
    if change.kind == "flip":
        turned = bytes(byte ^ 0x55 for byte in content[position : position + 1])
        return content[:position] + turned + content[position + 1 :]
    if change.kind == "cut":
        return content[:position]
    inside = _INSIDE.get(Path(change.file).suffix, _smeared)
    if change.kind == "smear":
        return _smeared(content, change)
    if change.kind == "swap":
        names = sorted(files)
        return files[names[int(change.at * len(names))]]
    if change.kind == "enlarge":
        more = content * 20 if len(content) < LARGEST_BYTES // 20 else b""
        return content + (more if change.at < 0.5 else bytes(200_000))
    return inside(content, change)


def _smeared(content: bytes, change: Damage) -> bytes:
    """Return the bytes with up to 400 of them overwritten by one value."""
    position, count = int(change.at * len(content)), 1 + int(change.at * 9973) % 400
    over = bytes([(0x00, 0xFF, 0x7F, 0x80)[count % 4]]) * count
    return content[:position] + over[: len(content) - position] + content[position + count :]


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


_INSIDE = {".obs": _records, ".rep": _records, ".npz": _arrays} | dict.fromkeys(
    (".json", ".jsonl", ".yaml", ".csv", ".log", ".txt"), _text
)
"""Ending of a file's name → what changes a value in it; files of any other kind are smeared."""


# What comes over the network

PLACES = (
    "http://[::1", "http://[", "//[", "http://a:b/", "http://a:99999/", "http://\x00/", "http://" + "a" * 70 + ".test/",
    "http://\udcff/", "http://é‥/", "http://⒈/", "/é", "", "?", "#", "rtsp://[", "rtsp://a:b/", "file:///etc/passwd",
    "http:///", "//", "/\x7f", "http://127.0.0.1:1/", "HTTP://127.0.0.1:0/", "http://127.0.0.1/\r\n b", "javascript:1",
)  # fmt: skip
"""Addresses that lead nowhere, in ways that parsers of addresses and names differ on."""
_TYPES = (
    "multipart/x-mixed-replace; boundary=frame", "multipart/x-mixed-replace; boundary=", "multipart/x-mixed-replace",
    "multipart/x-mixed-replace; boundary*=nix'x'%ff", "multipart/x-mixed-replace; boundary*0*=a; boundary*9999999=b",
    'multipart/x-mixed-replace; boundary="', "multipart/x-mixed-replace; boundary=\x80\xff", ";", "/", "image/jpeg",
    "text/html", "video/mp2t", "application/vnd.apple.mpegurl", "video/x-motion-jpeg", "",
)  # fmt: skip
_CHALLENGES = (
    "Basic", "Basic realm=", "Digest", "Digest realm=", "Digest realm=,nonce=", 'Digest realm="a",nonce="b",qop=',
    'Digest realm="a",nonce="b",algorithm=', 'Digest realm="a",nonce="b",algorithm=SHA-512,qop="auth-int"',
    'Digest =,"', "Digest nonce", "\xff", "Negotiate", 'Digest realm="a",nonce="b",qop="auth",opaque="c"',
)  # fmt: skip
_BODIES = (
    b"", b"\x00" * 3000, a_part(a_jpeg()), a_part(a_jpeg())[:-400], b"--frame\r\nContent-Length: -1\r\n\r\nabc",
    b"--frame\r\nContent-Length: 99999999999999999999\r\n\r\n", b"--frame\r\nX-Timestamp: 1e999\r\n\r\n" + a_jpeg(),
    b"#EXTM3U\n#EXTINF:1,\nhttp://[\n", b"#EXTM3U\n#EXTINF:1,\n\xff\xfe\n", b"5\r\nabcde\r\nzz\r\n", b"-1\r\n",
    b"\xff" * 9, b"f" * 70_000, b"G" + bytes(187) + b"G" + bytes(187),
)  # fmt: skip
_CODES = ("200", "200", "200", "301", "302", "307", "401", "404", "500", "99", "1000", "-1", "²", "1" * 5000, "")
_DESCRIPTIONS = ("", "v=0\r\nm=video 0 RTP/AVP 26\r\n", "v=0\r\nm=video 99999 RTP/AVP 96\r\na=rtpmap:96 H264/0\r\n")


@st.composite
def broken(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> bytes:
    """Bytes, some of them with a few others in them, or cut."""
    data = bytearray(draw(whole))
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 8]))):
        if data:
            data[draw(st.integers(0, len(data) - 1))] = draw(st.sampled_from([0, 0xFF]) | st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.integers(0, 9)) == 0 else data)


def _head(*lines: str, end: str = "\r\n") -> bytes:
    return "".join(line + end for line in lines).encode("utf-8", "surrogateescape")


@st.composite
def http_answers(draw: st.DrawFn) -> bytes:
    """An answer with some of what cameras get wrong."""
    version = draw(st.sampled_from(["HTTP/1.0", "HTTP/1.1", "HTTP/9", "", "RTSP/1.0"]))
    lines = [
        f"{version} {draw(st.sampled_from(_CODES))} {draw(st.sampled_from(['OK', '', 'x' * 300, chr(27) + '[2J']))}"
    ]
    for name, values in (("Location", PLACES), ("Content-Type", _TYPES), ("WWW-Authenticate", _CHALLENGES)):
        lines += [f"{name}: {draw(st.sampled_from(values))}"] * draw(st.integers(0, 2))
    more = ("Transfer-Encoding: chunked", "Content-Length: 10", "Content-Length: -5", "a")
    lines += draw(st.lists(st.sampled_from(more), max_size=1))
    return _head(*lines, "") + b"".join(draw(st.lists(st.sampled_from(_BODIES), max_size=2)))


@st.composite
def picture_streams(draw: st.DrawFn) -> bytes:
    """A stream of pictures, some parts of which are none."""

    def part() -> bytes:
        picture = draw(broken(st.sampled_from([a_jpeg(), a_jpeg()[:-200], b"", b"GIF89a", b"--frame\r\n\r\n"])))
        length = draw(st.sampled_from([len(picture), 0, 1, len(picture) - 1, len(picture) + 9, 10**9, -1]))
        head = draw(st.sampled_from([[f"Content-Length: {length}"], [], [f"X-Timestamp: {length}"]]))
        mark = draw(st.sampled_from(["--frame", "--frame", "----frame", "--frame--", "frame", ""]))
        return _head(mark, *head, "", end=draw(st.sampled_from(["\r\n", "\n"]))) + picture + b"\r\n"

    boundary = draw(st.sampled_from(["frame", "frame", "--frame", '"frame"', "", "-"]))
    flood = draw(st.sampled_from([b"", b"", b"", b"--frame\r\n\r\n" * 20_000]))
    head = _head("HTTP/1.0 200 OK", f"Content-Type: multipart/x-mixed-replace; boundary={boundary}", "")
    return head + flood + b"".join(part() for _ in range(draw(st.integers(0, 7))))


@st.composite
def rtsp_answers(draw: st.DrawFn) -> bytes:
    """An answer to the first request of RTSP."""
    description = draw(st.sampled_from(_DESCRIPTIONS))
    names = st.sampled_from(["Location", "location", "Content-Base"])
    return (
        _head(
            f"RTSP/1.0 {draw(st.sampled_from(_CODES))} {draw(st.sampled_from(['OK', '']))}",
            f"CSeq: {draw(st.sampled_from(['1', '-1', 'x']))}",
            *(f"{draw(names)}: {draw(st.sampled_from(PLACES))}" for _ in range(draw(st.integers(0, 1)))),
            "Content-Type: application/sdp",
            f"Content-Length: {draw(st.sampled_from([len(description), 0, -1, 10**12]))}",
            "",
        )
        + description.encode()
    )


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(10**400),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(st.text(max_size=5), parts, max_size=3),
    max_leaves=8,
)
"""Any value that JSON, or Python's reader of JSON, has."""


def phone_texts(names: Sequence[str]) -> st.SearchStrategy[str]:
    """Texts that are about as the phone's page sends them, or nothing like it. names: of its actions."""
    fields = st.fixed_dictionaries(
        {"type": st.sampled_from(["hello", "clock", "action"]) | ANYTHING},
        optional={
            "role": st.sampled_from(["camera", "watch"]) | ANYTHING,
            "name": st.sampled_from(names) | ANYTHING,
            **dict.fromkeys(("sent_ms", "value", "set", "width", "height"), ANYTHING),
        },
    )
    nested = st.sampled_from([10, 4000, 200_000]).map(lambda count: "[" * count)
    return fields.map(json.dumps) | st.text('[]{}",:0e-\\u\x00é𝄞', max_size=200) | st.text() | nested


def phone_pictures(jpeg: bytes) -> st.SearchStrategy[bytes]:
    """Binary messages: a picture that is mostly damaged, with a time that may be none, or other bytes."""
    stamps = st.sampled_from([0.0, 1.0, -1.0, 1e300, math.nan, math.inf])
    return st.binary(max_size=300) | st.builds(
        lambda stamp, picture: struct.pack("<d", stamp) + picture, stamps, broken(st.just(jpeg))
    )
