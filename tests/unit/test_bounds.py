"""Work is bounded whatever a file says, and no terminal obeys what stands in it."""

import io
import json
import os
import tracemalloc
import zlib
from contextlib import closing, nullcontext, suppress
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from builders.observations import a_header
from builders.sessions import a_session

from livecoach.capture.file import FrameTimes
from livecoach.cli.output import atomic_write, check_writable, echo
from livecoach.core import documents
from livecoach.core.config import Settings, files, read_yaml
from livecoach.core.config.files import read_limited
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, LivecoachError, OutputError, SessionError, SourceError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import check_line, is_device_name, to_printable
from livecoach.lab.truth import write_truth
from livecoach.records.profile import Profile
from livecoach.records.session import layout, stored
from livecoach.records.session.importing import open_import
from livecoach.records.session.opening import find_session, open_session
from livecoach.records.session.video import FragmentedVideo, SessionPictures
from livecoach.run.process import say

HOSTILE = "set\x1b]0;owned\x07 \x9b2J \u202egpj.exe \ud800\nlivecoach: all is well"


@pytest.mark.parametrize("text", ["Bench\u00a0press", "ベンチ\u3000プレス", "Knie\u00adbeuge"])
def test_a_line_of_text_may_hold_any_space_and_a_soft_hyphen(text):
    assert check_line(text) == text


@pytest.fixture
def session(tmp_path, monkeypatch) -> Path:
    """A session with two own reps of before."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    return a_session(tmp_path, reference=2)


def test_a_text_from_elsewhere_is_one_line_that_prints():
    assert to_printable(HOSTILE).isprintable()
    assert to_printable(HOSTILE).count("\ufffd") == 5
    for text in ("Jörg", "スクワット", "80 kg × 5", "ünïcode – “yes”"):
        assert to_printable(text) == text


@pytest.mark.parametrize("name", ["CON", "Nul.txt", "prn .csv", "LPT9.tar.gz", "COM\u00b9", "conout$", "nul."])
def test_the_name_of_a_device_in_windows_is_refused_for_profiles_sessions_and_files(name, tmp_path):
    """Neither to a profile, nor to a session from elsewhere, nor to a file that is written; names like it are fine."""
    assert is_device_name(name)
    assert not layout.is_portable_name(name)
    with pytest.raises(ConfigError, match=r"device in Windows|expected a name"):
        Profile(name, pytest.fail)
    with pytest.raises(OutputError, match=r"is the name of a device in Windows\. Choose another name with --out"):
        check_writable(tmp_path / name, "--out")
    for like in (f"x{name}", f"my {name}", "console", "com", "com10", "lpt0", "nullo.txt", "auxiliary"):
        assert not is_device_name(like)


def test_a_printed_name_has_neither_control_characters_nor_line_breaks(capsys):
    say(HOSTILE)
    echo(f"{HOSTILE}\nsecond line")
    shown = capsys.readouterr()
    assert shown.err.count("\n") == 1
    assert (shown.err + shown.out).replace("\n", "").isprintable()


def test_a_line_to_a_closed_standard_error_is_no_error(monkeypatch):
    """Whoever read standard error is gone; a set goes on without."""
    theirs, ours = os.pipe()
    os.close(theirs)
    with open(ours, "w") as stderr:
        monkeypatch.setattr("sys.stderr", stderr)
        say("the set goes on")
        with suppress(OSError):
            stderr.close()  # which tries again


def test_texts_of_a_session_are_harmless_when_it_is_read(session):
    path = session / layout.DOCUMENT
    about, hostile = json.loads(path.read_text()), HOSTILE.replace("\ud800", "")
    path.write_text(json.dumps({**about, "profile": hostile, "source": {**about["source"], "name": hostile}}))
    found = open_session(session, ignore).about
    assert found.profile == found.source.name == to_printable(hostile)
    assert documents.to_json(found).isprintable()


@pytest.mark.parametrize(
    ("where", "field", "value"),
    [
        ("end", "duration_s", 1e300),
        ("end", "reps", -1),
        ("end", "exercises", ["squat"] * 100_000),
        ("end", "stopped", "DEEP"),
        (None, "started", "9999-12-31T23:59:59+00:00"),
        (None, "started", "0001-01-01T00:00:00+14:00"),
        (None, "started", "2026-03-01T18:30:00"),
    ],
)
def test_a_session_json_out_of_bounds_is_damaged(session, where, field, value):
    """It is said, and what the session is the other files tell. Of what is nested deeply, Python's own parser gives up
    with an error that nobody expects; a time may be before and after all calendars, or without its distance from
    UTC."""
    path = session / layout.DOCUMENT
    about = json.loads(path.read_text())
    (about[where] if where else about)[field] = value
    path.write_text(json.dumps(about).replace('"DEEP"', '{"a":' * 100_000))
    said: list[str] = []
    found = open_session(session, said.append)
    assert (found.about.exercise, found.start_time.year) == ("squat", 2026)
    assert said == [f"{path}: is damaged; it is rebuilt from the other files"]


def test_own_reps_are_read_up_to_a_size(session, monkeypatch):
    size_bytes = (session / layout.REFERENCE / "000.rep").stat().st_size
    monkeypatch.setattr(stored, "MOST_REFERENCE_BYTES", size_bytes)
    said: list[str] = []
    assert len(open_session(session, said.append).reference_reps) == 1
    assert said == [f"{session / layout.REFERENCE}: larger than 0 MB; the rest is left out"]


def test_reps_are_read_up_to_a_number(session, monkeypatch):
    monkeypatch.setattr(stored, "MOST_REPS", 3)
    path = session / layout.REPS
    path.write_bytes(path.read_bytes() * 10)
    said: list[str] = []
    assert len(open_session(session, said.append).rep_events) == 3
    assert said == [f"{path}: more than 3 reps; the others are left out"]


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    path = tmp_path / "x"
    path.write_bytes(bytes(2049))
    assert len(read_limited(path, 2049)) == 2049
    with pytest.raises(OSError, match="larger than 2 kB"):
        read_limited(path, 2048)


def test_a_small_file_takes_little_memory_whatever_its_limit(tmp_path):
    """Windows keeps what was allocated: an analysis that read 25 models, limit 512 MB, took 8 GB."""
    path = tmp_path / "small"
    path.write_bytes(bytes(2049))
    tracemalloc.start()
    try:
        assert len(read_limited(path, 512 << 20)) == 2049
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(("number", "tries"), [(5, 3), (32, 3), (None, 1)])
def test_a_file_that_another_program_has_open_is_removed_once_it_is_closed(number, tries):
    """On Windows, whose errors have a number; anything else that is not permitted is raised at once."""
    refused, calls = PermissionError("in use"), []
    refused.winerror = number  # type: ignore[attr-defined]

    def change() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise refused

    with pytest.raises(PermissionError) if tries < 3 else nullcontext():
        files.remove_file(SimpleNamespace(unlink=lambda **_: change()))  # type: ignore[arg-type]
    assert len(calls) == tries


def test_a_huge_settings_file_is_refused_at_once(tmp_path):
    """Two hundred thousand keys took 22 s."""
    path = tmp_path / "settings.yaml"
    path.write_text("".join(f"key{n}: 1\n" for n in range(200_000)))
    with pytest.raises(ConfigError, match=r"can't be read \(larger than 128 kB\)"):
        read_yaml(path, Settings)


def test_the_search_for_a_record_behind_damage_is_bounded(monkeypatch):
    """Bytes that look like the beginning of a record everywhere would have a checksum made at each of them."""
    summed, crc32_of = [], zlib.crc32

    def crc32(content: bytes) -> int:
        summed.append(len(content))
        return crc32_of(content)

    monkeypatch.setattr(codec.zlib, "crc32", crc32)
    monkeypatch.setattr(codec, "_MOST_SUMMED", 1 << 20)
    content = codec.make_record(codec.encode_header(a_header())) + b"\0\xff\0\0" * 100_000
    assert len(list(codec.read_records(io.BytesIO(content), lambda _: None))) == 1
    assert sum(summed) < 2 << 20


def test_pictures_larger_than_any_cameras_are_not_decoded(tmp_path):
    """A report of 8K took minutes."""
    path = tmp_path / layout.VIDEO
    with files.open_new_private(path, buffering=0) as file:
        video = FragmentedVideo(file, 4160, 1040, 30.0)
        video.write(np.zeros((1040, 4160, 3), np.uint8), 0.0)
        video.finish()
    with pytest.raises(SourceError, match="4160×1040 pixels; no session has more than 4096 a side"):
        closing(SessionPictures(path)).__enter__()


def test_a_link_in_the_place_of_an_unfinished_file_is_not_followed(tmp_path):
    """Whoever may write to the folder could have put it there. The truth of a clip is written beside it."""
    victim = tmp_path / "victim"
    victim.write_text("mine")
    for name in ("out.json", "clip.json"):
        (tmp_path / f".{name}.part").symlink_to(victim)
    with atomic_write(tmp_path / "out.json", "--out") as part:
        part.write_text("{}")
    write_truth(tmp_path / "clip.json", {"reps": []})
    assert (victim.read_text(), (tmp_path / "out.json").read_text()) == ("mine", "{}")


def test_a_loop_of_links_is_no_session(tmp_path, session):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(SessionError):
        open_session(find_session(str(loop)), ignore)
    with pytest.raises(LivecoachError) as error, open_import(loop):
        pass
    assert str(error.value).isprintable()
    (session / layout.REPS).unlink()
    (session / layout.REPS).symlink_to(layout.REPS)
    said: list[str] = []
    assert open_session(session, said.append).rep_events == ()
    assert len(said) == 1


def test_a_video_whose_times_leap_by_months_is_refused():
    """Nothing later can store such a time."""
    times = FrameTimes(30.0, Path("set.mkv"))
    assert times.next_time_s(0, Fraction(1)) == 0.0
    with pytest.raises(SourceError, match=r"set.mkv: a frame is said to come after 231 days: its times are damaged"):
        times.next_time_s(20_000_000, Fraction(1))
