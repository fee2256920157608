"""Profiles: a rep that outlives its session comes back equal, for its owner alone; a damaged one costs no other."""

import errno
import math
import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from builders.observations import a_deadlift, a_header, an_observation
from builders.steps import a_view
from builders.systems import mode_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecoach.core.config import paths
from livecoach.core.config.files import lock_folder
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError
from livecoach.core.types import Observation, RepWindow, View
from livecoach.core.types.bounds import PROFILE_NAME
from livecoach.records import profile as profile_module
from livecoach.records.profile import (
    MOST_OBSERVATIONS,
    Profile,
    identify_recording,
    list_profile_names,
    read_rep,
    write_rep,
)

pytestmark = pytest.mark.usefixtures("data_home")

MONDAY = datetime(2026, 11, 16, 18, 30, tzinfo=UTC)
SEEN = tuple(codec.round_observation(o) for o in a_deadlift()[:10])


def a_kept_rep(
    start_s: float = 1.0, *, azimuth_deg: float = 40.0, observations: Sequence[Observation] = SEEN, **changes: object
) -> RepWindow:
    """Two seconds of a deadlift."""
    rep = RepWindow(
        observations=tuple(observations),
        start_s=start_s,
        turn_s=start_s + 1.0,
        end_s=start_s + 2.0,
        view=a_view(azimuth_deg),
        set_name="1",
        pose="lite",
        exercise="deadlift",
        number=1,
    )
    return replace(rep, **changes)


def several(count: int, **changes: object) -> list[RepWindow]:
    return [a_kept_rep(4.0 * i, **changes) for i in range(count)]


class Calendar:
    """A clock that is read once a minute."""

    def __init__(self) -> None:
        self.now = MONDAY

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


def a_profile(name: str = "anna", say: Callable[[str], object] = print) -> Profile:
    return Profile(name, say, utc_now=Calendar())


def keep(reps: Sequence[RepWindow], name: str = "anna") -> Profile:
    """Keep reps of Monday's session, which is to be deleted."""
    profile = a_profile(name)
    profile.keep_reps(reps, session="monday", began=MONDAY)
    return profile


def reps_of(profile: Profile, exercise: str = "deadlift") -> list[RepWindow]:
    return [rep for entry in profile.list_kept_reps(exercise) if (rep := profile.read_kept_rep(entry)) is not None]


def starts(profile: Profile, exercise: str = "deadlift") -> list[float]:
    return [rep.start_s for rep in reps_of(profile, exercise)]


def test_a_rep_that_could_not_be_read_again_is_not_written(tmp_path):
    seen = (an_observation(t_s=0.0, nobody=True),)
    write = partial(write_rep, session="monday", began=MONDAY)
    write(tmp_path / "longest.rep", a_kept_rep(observations=seen * MOST_OBSERVATIONS))
    assert len(read_rep(tmp_path / "longest.rep").observations) == MOST_OBSERVATIONS
    with pytest.raises(ValueError, match="less than or equal to 10000"):
        write(tmp_path / "longer.rep", a_kept_rep(observations=seen * (MOST_OBSERVATIONS + 1)))
    assert not (tmp_path / "longer.rep").exists()


def files(folder: Path) -> list[Path]:
    """All but the lock."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def as_values(rep: RepWindow) -> tuple[object, ...]:
    """All of a rep, as values that can be compared."""
    about = rep.start_s, rep.turn_s, rep.end_s, rep.view, rep.set_name, rep.pose, rep.chosen, rep.misses_standard
    return [codec.encode(o) for o in rep.observations], about


FINITE = st.floats(-1e7, 1e7)
READABLE = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=500)


@st.composite
def kept_reps(draw: st.DrawFn) -> RepWindow:
    """Whatever a pipeline may have seen: nobody in some frames, any times, any names."""
    start_s, turn_s, end_s = sorted(draw(st.tuples(FINITE, FINITE, FINITE)))
    azimuth_deg = draw(st.floats(-180, 180))
    view = View(name=draw(st.sampled_from(["front", "rear"])), azimuth_deg=azimuth_deg, uncertainty_deg=draw(FINITE))
    seen = [an_observation(t_s=t, nobody=n) for t, n in draw(st.lists(st.tuples(FINITE, st.booleans()), min_size=1))]
    return RepWindow(
        observations=tuple(codec.round_observation(o) for o in seen),
        start_s=start_s,
        turn_s=turn_s,
        end_s=end_s,
        view=view,
        set_name=draw(READABLE),
        pose=draw(READABLE),
        exercise="deadlift",
        chosen=draw(st.booleans()),
        misses_standard=draw(st.booleans()),
        number=draw(st.integers(1, 999)),
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rep=kept_reps())
def test_a_rep_comes_back_as_it_was_kept(rep):
    a_profile().forget_sessions(None)
    keep([rep])
    (again,) = reps_of(a_profile())
    assert as_values(again) == as_values(rep)
    assert again.day == MONDAY.astimezone().date().isoformat()


def test_only_the_owner_may_read_a_profile():
    keep(several(2))
    data = paths.user_data_dir()
    modes = {mode_of(path) for path in (data, *data.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {mode_of(path) for path in data.rglob("*") if path.is_file()} == {0o600}


def test_reps_are_kept_apart_by_exercise_and_profile():
    keep([a_kept_rep(1.0), a_kept_rep(2.0, exercise="squat")], "anna")
    keep([a_kept_rep(3.0, exercise="squat")], "ben")
    assert list_profile_names() == ("anna", "ben")
    assert a_profile("anna").list_exercises() == ("deadlift", "squat")
    assert (starts(a_profile("anna")), starts(a_profile("ben"), "squat")) == ([1.0], [3.0])


@pytest.mark.parametrize("name", ["a", "Anna", "anna-2", "_", "0", "a" * 40, "Jörg Müller", "O'Brien Jr", "小明"])
def test_a_profile_is_listed_by_the_name_it_was_given(name):
    a_profile(name).create_folder()
    assert list_profile_names() == (name,)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../me", "a/b", "a\\b", " a", "a ", "-anna", "a" * 41, "a\n", "a:b", "a.", ".a", "a\0", "/etc"],
)
def test_a_name_that_would_lead_elsewhere_is_refused(name):
    with pytest.raises(ConfigError) as caught:
        a_profile(name)
    assert str(caught.value).isprintable()
    assert PROFILE_NAME in str(caught.value)


def test_two_spellings_of_an_umlaut_name_one_profile():
    """Some systems type ü as u and two dots."""
    assert a_profile("Ju\u0308rgen").folder == a_profile("J\u00fcrgen").folder


@given(name=st.text())
def test_a_profile_lies_right_inside_the_folder_of_profiles(name):
    try:
        profile = Profile(name, print)
    except ConfigError:
        return
    assert profile.folder.parent == paths.profiles_dir()
    assert profile.folder.name == unicodedata.normalize("NFC", name)


def test_the_kept_reps_of_a_session_can_be_deleted_together_or_one_by_one():
    profile = keep([*several(2), a_kept_rep(8.0, exercise="squat")])
    profile.keep_reps(several(3), session="tuesday", began=MONDAY)
    profile.delete_kept_reps("tuesday", 4.0)
    assert sorted(starts(profile)) == [0.0, 0.0, 4.0, 8.0]
    profile.delete_kept_reps("monday")
    assert (starts(profile), profile.list_exercises()) == ([0.0, 8.0], ("deadlift",))


def test_forgotten_reps_are_no_longer_stored_and_older_sessions_teach_nothing():
    """Of one exercise, or of all with whatever else lies in the folder; it lasts, and each has its own time."""
    profile = keep([*several(2), a_kept_rep(exercise="squat")])
    (profile.folder / "plan.yaml").touch()
    profile.forget_sessions("squat")
    of_squat = a_profile().read_forgotten("squat").until
    assert of_squat > MONDAY
    assert (profile.list_exercises(), a_profile().read_forgotten("deadlift").until) == (("deadlift",), None)
    profile.forget_sessions(None)
    assert [path.name for path in files(profile.folder)] == ["forgotten.json"]
    assert a_profile().read_forgotten("squat").until == a_profile().read_forgotten("deadlift").until > of_squat


@pytest.mark.parametrize(
    "content", ["{", '{"squat": "yesterday"}', '{"squat": "2026-01-01T00:00:00"}', "[]", "x" * 70_000]
)
def test_a_damaged_note_of_what_is_forgotten_is_reported_once(content):
    profile = a_profile(say=(said := []).append)
    profile.create_folder()
    (profile.folder / "forgotten.json").write_text(content)
    assert profile.read_forgotten("squat").until is profile.read_forgotten("squat").until is None
    (line,) = said
    assert line.startswith(f"{profile.folder / 'forgotten.json'}: can't be read")


NO_HEADER = "not a stored rep, or its header is damaged"
DAMAGE = {
    "empty": (lambda _: b"", NO_HEADER),
    "cut in an observation": (lambda content: content[:-5], "truncated: 9 of 10 observations are left"),
    "cut in the header": (lambda content: content[:30], NO_HEADER),
    "a bit is another": (
        lambda content: content[:-20] + bytes([content[-20] ^ 1]) + content[-19:],
        "damaged record at byte",
    ),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" * 10, "damaged record at byte 0"),
    "stored observations": (lambda _: codec.make_record(codec.encode_header(a_header())), NO_HEADER),
    "newer": (
        lambda _: codec.make_record(b'{"format": "livecoach-kept-rep", "version": 2, "more": 1}'),
        "written by a newer livecoach (version 2 of the format)",
    ),
    "not of the header's kind": (
        lambda _: codec.make_record(b'{"format": "livecoach-kept-rep", "version": 1}'),
        NO_HEADER,
    ),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_costs_one_rep(damage, reason):
    keep(several(3))
    file = files(paths.profiles_dir())[1]
    file.write_bytes(damage(file.read_bytes()))
    said: list[str] = []
    profile = a_profile(say=said.append)
    assert starts(profile) == starts(profile) == [0.0, 8.0]
    (line,) = said
    do = "update livecoach" if "newer" in reason else "if it stays so, delete the file"
    assert line.startswith(f"{file}: {reason}")
    assert line.endswith(f". The rep is left out; {do}.")


def test_a_rep_that_can_not_be_read_for_now_is_not_to_be_deleted(monkeypatch):
    keep(several(1))
    said: list[str] = []
    profile = a_profile(say=said.append)
    with monkeypatch.context() as failing:
        failing.setattr(profile_module.files, "open_regular", raises(errno.EIO))
        assert starts(profile) == []
    assert starts(profile) == [0.0]
    (file,) = files(paths.profiles_dir())
    assert said == [f"{file}: can't be read (Input/output error). The rep is left out; try again later."]


def raises(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_no_damage_to_a_file_is_taken_for_a_rep(at, byte):
    a_profile().forget_sessions(None)
    profile = keep([a_kept_rep(observations=SEEN[:2])])
    (kept,) = reps_of(profile)
    (file,) = files(profile.folder / "deadlift")
    content = bytearray(file.read_bytes())
    content[math.floor(at * len(content))] = byte
    file.write_bytes(content)
    said: list[str] = []
    read = reps_of(a_profile(say=said.append))
    assert (len(read), len(said)) in {(1, 0), (0, 1)}
    assert all(as_values(rep) == as_values(kept) for rep in read)


def test_files_of_others_in_a_profile_are_passed_over():
    """What a file manager leaves, and a file that was being written when the power went."""
    keep(several(1))
    profile = a_profile(say=pytest.fail)
    for name in (".DS_Store", ".x.part", "notes.txt"):
        (profile.folder / "deadlift" / name).write_text("?")
    (profile.folder / "notes.txt").write_text("?")
    assert len(reps_of(profile)) == 1
    assert profile.list_exercises() == ("deadlift",)


def test_an_unfinished_file_of_a_killed_process_is_removed():
    """With the next change of the profile, of whatever exercise."""
    profile = keep(several(1, exercise="squat"))
    left = profile.folder / "squat" / ".x.part"
    left.write_text("half a rep")
    keep(several(1))
    assert not left.exists()


def test_a_full_disk_leaves_the_kept_reps_and_no_unfinished_file(monkeypatch):
    keep(several(2))
    before = files(paths.profiles_dir())
    monkeypatch.setattr(os, "fsync", raises(errno.ENOSPC))
    with pytest.raises(OutputError, match=r"anna: can't be changed \(No space left on device\)\. Free some"):
        keep(several(2))
    assert files(paths.profiles_dir()) == before


def test_a_profile_that_another_process_is_changing_is_not_changed(monkeypatch):
    """It says who has it, and gives no advice about space."""
    monkeypatch.setattr("livecoach.core.config.files.BUSY_S", 0.01)
    profile, eve = keep(several(2)), Profile("eve", print)
    for change in (lambda: profile.forget_sessions(None), lambda: keep(several(2)), lambda: profile.rename(eve)):
        with (
            lock_folder(paths.profiles_dir()),
            pytest.raises(OutputError, match=r"another livecoach is changing it; try again\).$"),
        ):
            change()
    assert len(starts(profile)) == 2


def test_the_same_recording_has_the_same_session_wherever_it_lies(tmp_path):
    """By its name and what is in it; a name that is no Unicode is no obstacle."""
    here, there, other = tmp_path / "set.mp4", tmp_path / "away" / "set.mp4", tmp_path / "other.mp4"
    there.parent.mkdir()
    here.write_bytes(b"video")
    there.write_bytes(b"video")
    other.write_bytes(b"another")
    assert identify_recording(here, "set.mp4") == identify_recording(there, "set.mp4")
    assert identify_recording(here, "set.mp4") != identify_recording(other, "set.mp4")
    assert identify_recording(here, "caf\udce9.mp4").startswith("caf?.mp4:")
