"""What a power cut leaves on a disk, at any moment of a command that strace has watched.

    calls = traced_calls(trace, below=home)      # of a command run behind TRACE
    for cut in even_cuts(calls, 200):
        disk = Disk(home)
        for call in calls[:cut]:
            disk.apply(call)
        disk.leave("strict", folder)

`leave` writes what is left, in one of three ways (LEFT): "strict" keeps only what was given to the disk, of names as of
contents; "names" keeps all names, of which files may be empty; "zeros" keeps the lengths too, as file systems that
write the data later do.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest

from builders.command import TIMEOUT_S

Left = Literal["strict", "names", "zeros"]
LEFT: tuple[Left, ...] = ("strict", "names", "zeros")
CALLS = (
    "openat,write,pwrite64,lseek,ftruncate,rename,renameat,renameat2,link,linkat,unlink,unlinkat,mkdir,mkdirat,rmdir"
)
TRACE = ("strace", "-f", "--seccomp-bpf", "-y", "-xx", "-ttt", "-s", "4000000", "-e", f"trace={CALLS},fsync,fdatasync")
LINE = re.compile(r"(?P<thread>\d+) +(?P<at_s>[\d.]+) (?P<rest>.*)")
CALL = re.compile(r"(?P<name>\w+)\((?P<arguments>.*)\) += (?P<result>-?\d+)")
QUOTED = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
OPENED = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})+)>")


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "true"], capture_output=True, check=False, timeout=TIMEOUT_S).returncode == 0


needs_strace = pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of the system that succeeded and may change the disk, by its end."""

    name: str
    at_s: float
    paths: tuple[str, ...]
    """The path of the open file; otherwise those given."""
    content: bytes = b""
    number: int = 0
    """Where a write or a cut of the length goes; what a write took otherwise."""
    creates: bool = False
    empties: bool = False


def traced_calls(trace: Path, below: Path) -> list[Call]:
    """The calls that are about a folder and what is below it, in their order."""
    begun: dict[str, str] = {}
    found = []
    for line in trace.read_text(encoding="ascii").splitlines():
        parts = LINE.fullmatch(line)
        if parts is None:
            continue
        thread, rest = parts["thread"], parts["rest"]
        if rest.endswith("<unfinished ...>"):
            begun[thread] = rest.removesuffix("<unfinished ...>")
            continue
        if rest.startswith("<... "):
            rest = begun.pop(thread, "").rstrip() + rest.partition("resumed>")[2]
        call = _call(rest, float(parts["at_s"]))
        if (
            call is not None
            and call.paths
            and all(f"{path}{os.sep}".startswith(f"{below}{os.sep}") for path in call.paths)
        ):
            found.append(call)
    return found


def _call(text: str, at_s: float) -> Call | None:
    parts = CALL.match(text)
    if parts is None or parts["result"].startswith("-"):
        return None
    name, arguments, result = parts["name"], parts["arguments"], int(parts["result"])
    strings = [bytes.fromhex(one.replace("\\x", "")) for one in QUOTED.findall(arguments)]
    if name in {"write", "pwrite64", "lseek", "ftruncate", "fsync", "fdatasync"}:
        opened = OPENED.match(arguments)
        if opened is None:
            return None
        path = bytes.fromhex(opened[1].replace("\\x", "")).decode()
        if name == "write":
            return Call(name=name, at_s=at_s, paths=(path,), content=strings[0][:result])
        last = arguments.rpartition(",")[2].strip()
        number = result if name == "lseek" else int(last) if last.isdigit() else 0
        content = strings[0][:result] if name == "pwrite64" else b""
        return Call(name=name, at_s=at_s, paths=(path,), content=content, number=number)
    if name == "openat" and "O_CREAT" not in arguments and "O_TRUNC" not in arguments:
        return None
    return Call(
        name=name,
        at_s=at_s,
        paths=tuple(one.decode() for one in strings),
        creates="O_CREAT" in arguments,
        empties="O_TRUNC" in arguments,
    )


def even_cuts(calls: Sequence[Call], count: int) -> Iterator[int]:
    """Numbers of calls after which the power goes, evenly spread, up to the last."""
    return iter(sorted({round(len(calls) * (number + 1) / count) for number in range(count)}))


@dataclass(slots=True)
class _Content:
    """The content of a file, and what of it was given to the disk."""

    now: bytearray = field(default_factory=bytearray)
    kept: bytes = b""
    waits_since_s: float | None = None
    """Time of the oldest write that was not given to the disk."""
    at: int = 0
    """Where the next write goes: each of these files has one writer."""


class Disk:
    """The files below a folder, as the program sees them and as the disk has them."""

    def __init__(self, below: Path) -> None:
        """below: a folder that is there and stays."""
        self._below = str(below)
        self._names: dict[str, _Content | None] = {}
        self._kept: dict[str, _Content | None] = {}

    def apply(self, call: Call) -> None:
        """Change the disk as a call does."""
        path = call.paths[-1]
        if call.name in {"mkdir", "mkdirat"}:
            self._names[path] = None
        elif call.name in {"unlink", "unlinkat", "rmdir"}:
            self._names.pop(path, None)
        elif call.name.startswith("rename"):
            self._names[path] = self._names.pop(call.paths[0])
        elif call.name.startswith("link"):
            self._names[path] = self._names[call.paths[0]]
        elif call.name in {"fsync", "fdatasync"} and self._names.get(path) is None:
            self._keep_names(path)
        elif call.name == "openat":
            self._opened(call)
        else:
            self._changed(self._file(path), call)

    def waiting_s(self, at_s: float, name: str) -> float:
        """How long the oldest write to the files of a name waits to be given to the disk; 0 where all was."""
        since = [
            file.waits_since_s
            for path, file in self._names.items()
            if file is not None and file.waits_since_s is not None and os.path.basename(path) == name
        ]
        return at_s - min(since) if since else 0.0

    def leave(self, how: Left, folder: Path) -> None:
        """Write what a power cut leaves now into a folder."""
        names = self._kept if how == "strict" else self._names
        for path in sorted(names):
            if not self._has_all_above(path, names):
                continue
            place, file = folder / os.path.relpath(path, self._below), names[path]
            if file is None:
                place.mkdir(parents=True)
            else:
                lost = max(0, len(file.now) - len(file.kept)) if how == "zeros" else 0
                place.write_bytes(file.kept + bytes(lost))

    def _has_all_above(self, path: str, names: dict[str, _Content | None]) -> bool:
        above = os.path.dirname(path)
        return above == self._below or (above in names and self._has_all_above(above, names))

    def _file(self, path: str) -> _Content:
        file = self._names[path]
        assert file is not None, path
        return file

    def _opened(self, call: Call) -> None:
        file = self._names.get(call.paths[-1])
        if file is None:
            file = self._names[call.paths[-1]] = _Content()
        file.at = 0
        if call.empties:
            del file.now[:]

    def _changed(self, file: _Content, call: Call) -> None:
        if call.name in {"fsync", "fdatasync"}:
            file.kept, file.waits_since_s = bytes(file.now), None
            return
        if call.name == "lseek":
            file.at = call.number
            return
        if file.waits_since_s is None:
            file.waits_since_s = call.at_s
        if call.name == "ftruncate":
            file.now[call.number :] = bytes(max(0, call.number - len(file.now)))
            return
        begin = call.number if call.name == "pwrite64" else file.at
        file.now[begin : begin + len(call.content)] = call.content
        if call.name == "write":
            file.at += len(call.content)

    def _keep_names(self, folder: str) -> None:
        others = {path: file for path, file in self._kept.items() if os.path.dirname(path) != folder}
        self._kept = others | {path: file for path, file in self._names.items() if os.path.dirname(path) == folder}
