"""Sessions from elsewhere: nothing is believed."""

import errno
import json
import os
import re
import stat
import zipfile
from pathlib import Path

import pytest
from builders.kept_reps import a_kept_rep
from builders.sessions import a_session, at, contents

from livecoach.core.errors import OutputError, SessionError
from livecoach.records.plan import Plan, PlannedSets, write_plan
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.session import importing, layout
from livecoach.records.session.exporting import write_zip
from livecoach.records.session.importing import import_profiles, import_session, open_import
from livecoach.records.session.opening import open_session

pytestmark = pytest.mark.usefixtures("sessions")

NAME = "2026-03-01_18-30-00-squat"


@pytest.fixture
def good(tmp_path):
    """A session of another machine."""
    (tmp_path / "elsewhere").mkdir()
    return a_session(tmp_path / "elsewhere", reference=2, session="2026-03-01T17:30:00Z")


def a_zip(path: Path, files: "dict[str, bytes] | list[tuple[str | zipfile.ZipInfo, bytes]]") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return path


def zipped(folder: Path, path: Path) -> Path:
    return a_zip(path, {f"{folder.name}/{name}": content for name, content in contents(folder).items()})


def take_all(origin: Path) -> list[bool]:
    with open_import(origin) as found:
        return [import_session(session) for session in found.sessions]


def assert_refused(sessions: Path, origin: Path, said: str) -> None:
    """Nothing stays of it."""
    with pytest.raises(SessionError, match=said):
        take_all(origin)
    assert list(sessions.iterdir()) == []


@pytest.mark.skipif(os.name == "nt", reason="POSIX devices")
@pytest.mark.parametrize("device", ["/dev/zero", "pipe"])
def test_a_pipe_and_a_device_are_not_imported(tmp_path, device):
    """A zip is looked for at the end of a file."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SessionError, match="pipe or a device"), open_import(tmp_path / device):
        pass


def test_a_folder_is_copied_by_hand(sessions, good):
    with pytest.raises(SessionError, match=re.escape(f"is a folder. Copy a session's folder to {sessions}")):
        take_all(good)


def test_an_import_leaves_sessions_that_are_there_as_they_are(sessions, good, tmp_path):
    mine = a_session(sessions, reps=5, session="2026-03-01T17:30:00Z")
    before = contents(mine)
    assert take_all(zipped(good, tmp_path / "x.zip")) == [False]
    assert contents(mine) == before
    assert len(list(sessions.iterdir())) == 1


@pytest.mark.parametrize("recording", ["another film", "2026-03-01T23:30:00Z"])  # The day of a film, another time zone
def test_another_recording_of_the_same_time_gets_a_name_of_its_own_once(sessions, good, tmp_path, recording):
    other = a_session(sessions, session=recording)
    assert [take_all(zipped(good, tmp_path / "x.zip")) for _ in "ab"] == [[True], [False]]
    assert sorted(folder.name for folder in sessions.iterdir()) == [NAME, f"{NAME}.2"]
    other.rename(sessions / "2026-03-01_12-00-00-squat")
    assert take_all(zipped(good, tmp_path / "x.zip")) == [False], "though its name is free again"


def test_other_files_are_left_out_and_named(sessions, good, tmp_path):
    (good / "note.txt").write_text("mine")
    with open_import(zipped(good, tmp_path / "x.zip")) as found:
        assert found.foreign_files == [f"{NAME}/note.txt"]
        assert import_session(found.sessions[0])
    assert "note.txt" not in contents(sessions / NAME)


def a_link() -> zipfile.ZipInfo:
    link = zipfile.ZipInfo(f"{NAME}/video.mp4")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    return link


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("../session.json", "unsafe entry"),
        (f"{NAME}/../../x", "unsafe entry"),
        (f"/tmp/{NAME}/session.json", "unsafe entry"),
        (f"{NAME}//session.json", "unsafe entry"),
        (f"C:{NAME}/session.json", "unsafe entry"),
        (f"..\\{NAME}\\session.json", "unsafe entry"),
        (a_link(), "unsafe entry"),
        (f"{NAME}/session.json", "twice"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_an_entry_that_no_export_has_spoils_the_whole_zip(sessions, good, tmp_path, entry, said):
    """A name that leads out, a link that would be followed, and a file twice: which one is looked at, and which one is
    written, must not differ."""
    origin = zipped(good, tmp_path / "x.zip")
    with zipfile.ZipFile(origin, "a") as archive:
        archive.writestr(entry, b"{}")
    assert_refused(sessions, origin, said)


def test_a_zip_bomb_is_not_unpacked(sessions, good, tmp_path):
    """A zip that would become far more than it is."""
    origin = zipped(good, tmp_path / "x.zip")
    with zipfile.ZipFile(origin, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(f"{NAME}/video.mp4", "w") as file:
        for _ in range(100):
            file.write(bytes(1 << 20))
    assert_refused(sessions, origin, "nothing is imported")


def test_a_file_that_lies_about_its_size_is_not_imported(sessions, tmp_path):
    """A bomb that says it has ten bytes: no more is read of it, and nothing of it stays."""
    origin = a_zip(tmp_path / "x.zip", {f"{NAME}/{layout.OBSERVATIONS}": bytes(1 << 20)})
    size, said = (1 << 20).to_bytes(4, "little"), (10).to_bytes(4, "little")
    content = origin.read_bytes()
    assert content.count(size) == 2
    origin.write_bytes(content.replace(size, said))
    assert_refused(sessions, origin, r"observations.obs can't be read")


def incoming(folder: Path, sizes_bytes: dict[str, int]) -> importing.IncomingSession:
    """A session with files of some sizes, none of which is there."""
    inside = zipfile.Path(a_zip(folder / "x.zip", {}), NAME + "/")
    return importing.IncomingSession(origin=folder, name=NAME, folder=inside, sizes_bytes=sizes_bytes)


def test_an_import_without_room_on_the_disk_leaves_nothing(sessions, good, tmp_path, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("livecoach.records.session.importing.shutil.copyfileobj", full)
    with pytest.raises(OutputError, match=r"can't be written \(No space left on device\)\. Free some space"):
        take_all(zipped(good, tmp_path / "x.zip"))
    assert list(sessions.iterdir()) == []


def test_a_newer_session_is_not_imported(sessions, good, tmp_path):
    document = json.loads((good / layout.DOCUMENT).read_text())
    (good / layout.DOCUMENT).write_text(json.dumps({**document, "version": 99}))
    with open_import(zipped(good, tmp_path / "x.zip")) as found, pytest.raises(SessionError, match="Update"):
        import_session(found.sessions[0])
    assert list(sessions.iterdir()) == []


def test_a_damaged_session_that_can_be_read_is_imported(sessions, good, tmp_path):
    (good / layout.DOCUMENT).write_text("{")
    assert take_all(zipped(good, tmp_path / "x.zip")) == [True]
    assert contents(sessions / NAME) == contents(good)


def test_a_session_that_is_damaged_beyond_reading_is_not_imported(sessions, good, tmp_path):
    (good / layout.DOCUMENT).write_text("{")
    (good / layout.EVENTS).write_text("")
    assert_refused(sessions, zipped(good, tmp_path / "x.zip"), "too damaged to be read")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"no zip at all", b"PK\x05\x06" + bytes(18)])
def test_a_file_that_is_no_zip_is_reported(sessions, tmp_path, content):
    path = tmp_path / "ein Zip für mich.zip"
    path.write_bytes(content)
    assert_refused(sessions, path, "ein Zip für mich")


def test_a_file_that_is_too_large_to_read_is_refused_before_it_is_copied(sessions, tmp_path):
    """It says which file, and how large it may be."""
    for file in ("session.json", "reps.jsonl", "reference/000.rep"):
        with pytest.raises(SessionError, match=rf"{NAME}/{file} is larger than \d+ MB, so the session is not imported"):
            import_session(incoming(tmp_path, {file: 1 << 30}))
    assert not sessions.exists() or list(sessions.iterdir()) == []


def test_more_own_reps_than_any_session_has_are_refused(tmp_path):
    """Sixty thousand small files kept a command busy for minutes."""
    sizes_bytes = {f"reference/{number}.rep": 100 for number in range(60_000)}
    with pytest.raises(SessionError, match=r"has 60000 reps in reference/; no session has more than 2000"):
        import_session(incoming(tmp_path, sizes_bytes))


def test_damaged_lines_of_a_session_are_counted_when_it_is_imported(good, tmp_path):
    """Number by number: infinite, missing, far too large, or none at all."""
    rep = (good / layout.REPS).read_text()
    hostile = [rep.replace('"start_s": 0.0', f'"start_s": {bad}') for bad in ("1e999", "NaN", "null", "1e300", '"x"')]
    assert rep not in hostile
    (good / layout.REPS).write_text(rep + "".join(hostile) + '{"a":' * 5000 + "1" + "}" * 5000 + "\n")
    said: list[str] = []
    with open_import(zipped(good, tmp_path / "x.zip")) as found:
        assert import_session(found.sessions[0], said.append)
    assert said == [f"{NAME}: reps.jsonl: 6 damaged lines left out; the rest is read"]


def test_profiles_come_along_and_replace_nothing(sessions, good, tmp_path):
    """What is no file of a profile stays out: another name, another exercise, a place elsewhere."""
    rep = a_kept_rep(lift="squat", exercise="squat")
    Profile("Jörg", pytest.fail).keep_reps([rep], session="gone", began=at(2026, 2, 1))
    write_plan("anna", Plan(sets=(PlannedSets(exercise="squat", sets=3, reps=5),)))
    Profile("zoe", pytest.fail).create_folder()
    profiles = sessions.parent / "profiles"
    before = contents(profiles)
    names = [name for name in before if name.endswith((".rep", ".yaml"))]
    assert len(names) == 2
    with (tmp_path / "all.zip").open("wb") as file:
        session = open_session(good, pytest.fail)
        write_zip([session], file, tmp_path / "part", video=False, tables=False, profiles=True)
    with zipfile.ZipFile(tmp_path / "all.zip", "a") as archive:
        for name in ("anna/x.yaml", "anna/curl/1.rep", "-x/plan.yaml", "plan.yaml", "anna/squat/a/b.rep"):
            archive.writestr(f"profiles/{name}", b"x")
    (profiles / "anna" / "plan.yaml").write_text("mine")
    (profiles / "zoe").rmdir()
    next(profiles.rglob("*.rep")).unlink()
    with open_import(tmp_path / "all.zip") as found:
        assert len(found.foreign_files) == 5
        assert import_profiles(found) == 2
    assert "zoe" in list_profile_names(), "also a lifter of whom nothing else is known"
    assert {name: content for name, content in contents(profiles).items() if not name.endswith(".lock")} == {
        **{name: before[name] for name in names},
        "anna/plan.yaml": b"mine",
    }


def test_more_files_of_profiles_than_any_export_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(importing, "MOST_PROFILE_FILES", 1)
    many = a_zip(tmp_path / "x.zip", {f"profiles/{name}/height_cm": b"180" for name in "ab"})
    with pytest.raises(SessionError, match="has 2 files of profiles"), open_import(many):
        pass
