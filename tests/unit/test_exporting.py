"""Sessions in a zip, and out of it again; their videos with something covered."""

import shutil
import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from builders.observations import a_squat
from builders.sessions import a_session, at, contents, sessions_of
from builders.systems import mode_of
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.config import files
from livecoach.core.errors import SessionError
from livecoach.records.session import exporting, layout
from livecoach.records.session.importing import import_session, open_import
from livecoach.records.session.opening import open_session
from livecoach.records.session.video import SessionPictures

names = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=60).filter(layout.is_portable_name)
"""All that a session may be called."""


def an_export(folders: list[Path], target: Path, *, video=True, tables=False, cover=None) -> Path:
    """A zip of sessions."""
    opened = [open_session(folder, pytest.fail) for folder in folders]
    exporting.check_exportable(opened)
    with target.open("wb") as file:
        exporting.write_zip(opened, file, target.with_suffix(".other"), video=video, tables=tables, mask=cover)
    return target


@given(names)
@settings(max_examples=25)
def test_an_exported_session_is_imported_byte_for_byte(name):
    """Whatever the session is called; and it is for its owner alone."""
    with TemporaryDirectory() as here, pytest.MonkeyPatch.context() as patch:
        patch.setenv("LIVECOACH_HOME", here)
        folder = a_session(Path(here), name=f"{name}", observations=a_squat()[:5], reference=2)
        with open_import(an_export([folder], Path(here, "x.zip"), tables=("csv",))) as found:
            assert [import_session(session) for session in found.sessions] == [True]
            assert found.foreign_files == []
        (taken,) = sessions_of(Path(here)).iterdir()
        assert taken.name == name
        assert contents(taken) == contents(folder)
        assert {mode_of(path) for path in (taken, *taken.rglob("*"))} <= {0o600, 0o700}


def test_several_sessions_are_exported_into_one_zip_with_common_tables(tmp_path):
    folders = [a_session(tmp_path, started=at(2026, 3, day)) for day in (1, 2)]
    with zipfile.ZipFile(an_export(folders, tmp_path / "x.zip", tables=True)) as archive:
        found = set(archive.namelist())
        reps = archive.read("tables/reps.csv").decode()
    assert {name for name in found if name.startswith("tables/")} == {
        f"tables/{name}.csv" for name in ("reps", "observations")
    }
    assert {name.split("/")[0] for name in found} == {"tables", *(folder.name for folder in folders)}
    assert all(f"\n{folder.name}," in reps for folder in folders)


def test_an_export_without_video_lacks_the_video_alone(tmp_path):
    folder = a_session(tmp_path, video=True)
    with zipfile.ZipFile(an_export([folder], tmp_path / "x.zip", video=False)) as archive:
        assert {f"{folder.name}/{name}" for name in contents(folder)} - set(archive.namelist()) == {
            f"{folder.name}/{layout.VIDEO}"
        }


def test_pictures_are_covered_in_the_zip_and_not_in_the_session(tmp_path):
    """The session itself stays as it is, and no other file lies about."""
    folder = a_session(tmp_path, observations=a_squat()[:10], video=True)
    before = contents(folder)
    target = an_export([folder], tmp_path / "x.zip", cover=lambda picture, _: np.full_like(picture, 230))
    assert contents(folder) == before
    assert {path.name for path in tmp_path.iterdir()} == {folder.name, "x.zip"}
    with zipfile.ZipFile(target) as archive:
        (tmp_path / "out.mp4").write_bytes(archive.read(f"{folder.name}/video.mp4"))
    pictures = [picture for _, picture in SessionPictures(tmp_path / "out.mp4").read_pictures()]
    assert len(pictures) == 10
    assert min(picture.mean() for picture in pictures) > 220
    shutil.rmtree(folder)
    with zipfile.ZipFile(target) as archive:
        archive.extractall(tmp_path)
    assert open_session(folder, print).video_damage is None


def test_an_export_holds_nothing_but_a_sessions_own_files(tmp_path):
    """No note that lies in the folder, and nothing that a link leads to."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    folder = a_session(tmp_path, reference=1)
    (folder / "note.txt").write_text("mine")
    (folder / layout.VIDEO).symlink_to(secret)
    (folder / layout.REFERENCE / "001.rep").symlink_to(secret)
    (folder / layout.LOG).unlink()
    (folder / layout.LOG).symlink_to(secret)
    assert not {"note.txt", layout.VIDEO, layout.LOG, "reference/001.rep"} & set(layout.session_file_sizes(folder))


def test_sessions_that_cannot_go_into_one_zip_are_reported(tmp_path):
    """Half of a session that is being recorded would be kept; of two of one name, one would be lost."""
    (tmp_path / "other").mkdir()
    folder = a_session(tmp_path, cut_off=True)
    with layout.lock_session(folder), pytest.raises(SessionError, match="is still being recorded or analysed"):
        an_export([folder], tmp_path / "x.zip")
    with pytest.raises(SessionError, match="two of the sessions have this name"):
        an_export([folder, a_session(tmp_path / "other")], tmp_path / "x.zip")


@pytest.mark.parametrize(
    "name", ["a:b", "..", "last", "tables", "profiles", "set ", "a\\b", "x" * 201, "tab\there", ".hidden", "\ud800"]
)
def test_a_name_that_not_every_system_allows_is_not_portable(name):
    assert not layout.is_portable_name(name)


def covered_pictures(folder, cover) -> list[tuple[float, np.ndarray]]:
    session = open_session(folder, lambda _: None)
    target = folder.parent / "covered.mp4"
    with files.open_new_private(target, buffering=0) as file:
        exporting.write_masked_video(session, file, cover)
    with closing(SessionPictures(target)) as pictures:
        return list(pictures.read_pictures())


def test_each_picture_is_covered_by_its_own_observation(tmp_path):
    """At the time that it had, to the microsecond."""
    seen = a_squat()[:40]
    folder = a_session(tmp_path, observations=seen, video=True)
    asked = []

    def cover(picture, observation):
        asked.append((round(float(picture.mean())), observation.index))
        return np.full_like(picture, 200)

    pictures = covered_pictures(folder, cover)
    assert [t_s for t_s, _ in pictures] == pytest.approx([o.t_s for o in seen], abs=1e-6)
    assert all(abs(float(picture.mean()) - 200) < 5 for _, picture in pictures)
    assert [index for _, index in asked] == [o.index for o in seen]
    assert all(abs(grey - (40 + index)) <= 4 for grey, index in asked)


def test_a_picture_whose_observation_is_damaged_is_covered_without_landmarks(tmp_path):
    """The cover decides what to do with a picture that nobody looked at; it is not given another's landmarks."""
    folder = a_session(tmp_path, observations=a_squat()[:20], video=True)
    path = folder / layout.OBSERVATIONS
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    known = []
    covered_pictures(folder, lambda picture, seen: (known.append(seen.landmarks is not None), picture)[1])
    assert (len(known), sum(known)) == (20, 19)
