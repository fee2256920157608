"""Profiles: what is kept comes back equal, for its owner alone; what is damaged costs no other rep."""

import errno
import math
import os
import stat
import threading
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders.observations import a_deadlift, a_header, an_observation
from builders.steps import a_rep, a_step, a_view
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from livecoach.core.config import paths
from livecoach.core.config.files import locked
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError
from livecoach.core.types import Corrected, Observation, RepWindow, View
from livecoach.core.types.bounds import PROFILE_NAME
from livecoach.records import profile as profile_module
from livecoach.records import profile_writer
from livecoach.records.profile import MOST_OF_A_VIEW, Profile, by_view, profile_names, session_of_recording
from livecoach.records.profile_writer import ProfileWriter

MONDAY = datetime(2026, 11, 16, 18, 30, tzinfo=UTC)
SEEN = tuple(codec.rounded(o) for o in a_deadlift()[:10])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, in a folder of this test, not there yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path


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


def reps_of(profile: Profile, exercise: str, **wanted: str) -> list[RepWindow]:
    return [rep for _, rep in profile.reference(exercise, **wanted)]


def starts(profile: Profile, exercise: str = "deadlift") -> list[float]:
    return [rep.start_s for rep in reps_of(profile, exercise, pose="lite")]


def files(folder: Path) -> list[Path]:
    """All but the lock."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != ".lock")


def as_told(rep: RepWindow) -> tuple[object, ...]:
    """All of a rep, as values that can be compared."""
    return (
        [codec.encode(o) for o in rep.observations],
        (rep.start_s, rep.turn_s, rep.end_s, rep.view, rep.set_name, rep.pose),
    )


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
        observations=tuple(codec.rounded(o) for o in seen),
        start_s=start_s,
        turn_s=turn_s,
        end_s=end_s,
        view=view,
        set_name=draw(READABLE),
        pose=draw(READABLE),
        exercise="deadlift",
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rep=kept_reps())
def test_a_rep_comes_back_as_it_was_kept(rep):
    """All that was seen of it to the byte; its set's name says the session too."""
    profile = a_profile()
    profile.forget(None)
    profile.keep([rep], "monday")
    (again,) = reps_of(a_profile(), "deadlift", pose=rep.pose)
    assert as_told(again) == as_told(replace(rep, set_name=f"monday {rep.set_name}"))


def test_only_the_owner_may_look():
    """Files and folders, from the data folder down."""
    a_profile().keep(several(2), "monday")
    data = paths.user_data_dir()
    modes = {stat.S_IMODE(path.stat().st_mode) for path in (data, *data.rglob("*")) if path.is_dir()}
    assert modes == {0o700}
    assert {stat.S_IMODE(path.stat().st_mode) for path in data.rglob("*") if path.is_file()} == {0o600}


def test_exercises_and_profiles_are_apart():
    """Each has its own reps."""
    a_profile("anna").keep([a_kept_rep(1.0)], "monday")
    a_profile("anna").keep([a_kept_rep(2.0, exercise="squat")], "monday")
    a_profile("ben").keep([a_kept_rep(3.0, exercise="squat")], "monday")
    assert profile_names() == ("anna", "ben")
    assert a_profile("anna").exercises() == ("deadlift", "squat")
    assert (starts(a_profile("anna")), starts(a_profile("ben"), "squat")) == ([1.0], [3.0])


@pytest.mark.parametrize("name", ["a", "Anna", "anna-2", "_", "0", "a" * 40, "Jörg Müller", "O'Brien Jr", "小明"])
def test_names_of_profiles(name):
    """As people have them."""
    profile = a_profile(name)
    profile.keep([a_kept_rep()], "monday")
    assert profile_names() == (name,)


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../me", "a/b", "a\\b", " a", "a ", "-anna", "a" * 41, "a\n", "a:b", "a.", ".a", "a\0", "/etc"],
)
def test_a_name_that_would_lead_elsewhere_is_refused(name):
    """Before anything is read; in one line."""
    with pytest.raises(ConfigError) as caught:
        a_profile(name)
    assert str(caught.value).isprintable()
    assert PROFILE_NAME in str(caught.value)


def test_two_spellings_of_an_umlaut_name_one_profile():
    """Some systems type ü as u and two dots."""
    assert a_profile("Ju\u0308rgen").folder == a_profile("J\u00fcrgen").folder


@given(name=st.text())
def test_a_profile_lies_right_inside_the_folder_of_profiles(name):
    """Whatever it is called, or it is refused."""
    try:
        profile = Profile(name, print)
    except ConfigError:
        return
    assert profile.folder.parent == paths.profiles_dir()
    assert profile.folder.name == unicodedata.normalize("NFC", name)


def test_the_first_session_and_the_newest_of_a_view_stay():
    """At most twenty; the oldest of later sessions go, and what has no room is not counted as kept."""
    profile = a_profile()
    kept = [profile.keep([rep], f"session {number // 10}") for number, rep in enumerate(several(MOST_OF_A_VIEW + 3))]
    assert starts(profile) == [4.0 * i for i in (*range(10), *range(13, MOST_OF_A_VIEW + 3))]
    assert sum(kept) == MOST_OF_A_VIEW + 3
    profile.keep(several(MOST_OF_A_VIEW, chosen=True), "said")
    assert profile.keep(several(3), "later") == 0


def test_of_a_profile_with_thousands_of_files_a_few_are_read():
    """Somebody has copied them there; the newest twenty of the view are what the next rep would leave."""
    profile = a_profile()
    profile.keep(several(MOST_OF_A_VIEW), "monday")
    (first, *_) = profile.entries("deadlift")
    for number in range(1000):
        first.path.with_name(f"20250101T000000{number:06d}-1-00.rep").write_bytes(first.path.read_bytes())
    read = profile.reference("deadlift", pose="lite")
    assert len(read) == MOST_OF_A_VIEW
    assert len(profile.entries("deadlift")) == MOST_OF_A_VIEW + 1000


def test_what_the_lifter_called_good_stays_before_the_first_session():
    """A later word counts more than what was learned; the oldest of it goes last."""
    profile = a_profile()
    profile.keep(several(10), "first")
    profile.keep(several(12, chosen=True), "chosen")
    profile.keep(several(5), "later")
    said = [(entry.header.session, entry.header.said_good) for entry in profile.entries("deadlift")]
    assert said == [("first", False)] * 8 + [("chosen", True)] * 12


def test_a_rep_comes_back_with_who_chose_it_and_when():
    """A stored rep that is called good later is chosen from then on, and is no new one."""
    profile = a_profile()
    profile.keep(several(2), "monday")
    assert profile.keep([a_kept_rep(4.0, chosen=True)], "monday") == 0
    assert [(rep.start_s, rep.chosen) for rep in reps_of(profile, "deadlift", pose="lite")] == [
        (0.0, False),
        (4.0, True),
    ]
    assert profile.keep(several(2), "monday") == 0
    assert {rep.day for rep in reps_of(profile, "deadlift", pose="lite")} == {MONDAY.astimezone().date().isoformat()}


def test_another_view_takes_no_room():
    """From the side there are twenty more; it does not matter which side is seen."""
    profile = a_profile()
    for azimuth_deg in (40.0, 90.0, 175.0, -175.0):
        profile.keep(several(12, azimuth_deg=azimuth_deg), str(azimuth_deg))
    views = [[entry.header.view.azimuth_deg for entry in group] for group in by_view(profile.entries("deadlift"))]
    assert sorted((min(view), max(view), len(view)) for view in views) == [
        (-175.0, 175.0, 20),
        (40.0, 40.0, 12),
        (90.0, 90.0, 12),
    ]


def test_a_recording_that_is_run_again_is_not_learned_twice():
    """The same rep stays as it is, even where other frames were dropped; another recording's is added."""
    profile = a_profile()
    profile.keep(several(3), "set1.mp4:ab")
    profile.keep([a_kept_rep(4.1)], "set1.mp4:ab")
    profile.keep([a_kept_rep(4.1)], "set2.mp4:cd")
    assert sorted(starts(profile)) == [0.0, 4.0, 4.1, 8.0]


def test_no_recording_is_judged_by_what_was_learned_from_it():
    """Else it would give other events each time."""
    profile = a_profile()
    profile.keep([a_kept_rep(1.0)], "set1.mp4:ab")
    profile.keep([a_kept_rep(2.0)], "set2.mp4:cd")
    assert [rep.start_s for rep in reps_of(profile, "deadlift", pose="lite", excluding_session="set1.mp4:ab")] == [2.0]


def test_what_another_pose_model_has_seen_is_not_used():
    """It sees bodies otherwise; that is said once, with what to do."""
    profile = a_profile()
    profile.keep(several(2, pose="full"), "monday")
    profile.keep(several(3), "tuesday")
    said: list[str] = []
    profile = a_profile(say=said.append)
    assert len(reps_of(profile, "deadlift", pose="lite")) == len(reps_of(profile, "deadlift", pose="lite")) == 3
    assert said == [
        "profile anna, deadlift: 2 of 5 reps are from pose model full, not lite, and are ignored. "
        "Use --pose full, or lift with lite."
    ]


def test_a_forgotten_profile_is_gone():
    """With its folder, also where the last exercise was forgotten; and copies that earlier versions kept to undo. It
    says how many reps it had; another exercise stays."""
    for exercise in (None, "deadlift"):
        profile = a_profile()
        profile.keep(several(2), "monday")
        (profile.folder / ".undo" / "20261116").mkdir(parents=True)
        (profile.folder / ".undo" / "20261116" / "1.rep").touch()
        profile.keep(several(3, exercise="squat"), "monday")
        assert profile.forget("squat") == 3
        assert profile.exercises() == ("deadlift",)
        assert profile.forget(exercise) == 2
        assert profile.is_new
        assert profile_names() == ()


def flipped(content: bytes) -> bytes:
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


NO_HEADER = "not a stored rep, or its header is damaged"
DAMAGE = {
    "empty": (lambda _: b"", NO_HEADER),
    "cut in an observation": (lambda content: content[:-5], "truncated: 9 of 10 observations are left"),
    "cut in the header": (lambda content: content[:30], NO_HEADER),
    "a bit is another": (flipped, "damaged record at byte"),
    "a picture": (lambda _: b"\x89PNG\r\n\x1a\n" * 10, "damaged record at byte 0"),
    "stored observations": (lambda _: codec.record(codec.encode_header(a_header())), NO_HEADER),
    "newer": (
        lambda _: codec.record(b'{"format": "livecoach-kept-rep", "version": 2, "more": 1}'),
        "written by a newer livecoach (version 2 of the format)",
    ),
    "not of the header's kind": (lambda _: codec.record(b'{"format": "livecoach-kept-rep", "version": 1}'), NO_HEADER),
}


@pytest.mark.parametrize(("damage", "reason"), DAMAGE.values(), ids=DAMAGE.keys())
def test_a_damaged_file_costs_one_rep(damage, reason):
    """It is named once, with what to do; the others are there."""
    a_profile().keep(several(3), "monday")
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
    """The disk fails for a moment: the rep is there the next time."""
    a_profile().keep(several(1), "monday")
    said: list[str] = []
    profile = a_profile(say=said.append)
    with monkeypatch.context() as failing:
        failing.setattr(profile_module, "open_regular", raises(errno.EIO))
        assert starts(profile) == []
    assert starts(profile) == [0.0]
    (file,) = files(paths.profiles_dir())
    assert said == [f"{file}: can't be read (Input/output error). The rep is left out; try again later."]


def raises(number: int) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    return fail


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 1, exclude_max=True), byte=st.integers(0, 255))
def test_no_damage_to_a_file_is_taken_for_a_rep(at, byte):
    """Whatever byte is changed, the rep comes back equal or is left out."""
    a_profile().forget(None)
    a_profile().keep([a_kept_rep(observations=SEEN[:2])], "monday")
    (kept,) = reps_of(a_profile(), "deadlift", pose="lite")
    (file,) = files(paths.profiles_dir())
    content = bytearray(file.read_bytes())
    content[math.floor(at * len(content))] = byte
    file.write_bytes(content)
    said: list[str] = []
    read = reps_of(a_profile(say=said.append), "deadlift", pose="lite")
    assert (len(read), len(said)) in {(1, 0), (0, 1)}
    assert all(as_told(rep) == as_told(kept) for rep in read)


def test_other_files_are_passed_over():
    """What a file manager leaves, and a file that was being written when the power went."""
    profile = a_profile(say=pytest.fail)
    profile.keep(several(1), "monday")
    for name in (".DS_Store", ".x.part", "notes.txt"):
        (profile.folder / "deadlift" / name).write_text("?")
    (profile.folder / "notes.txt").write_text("?")
    assert len(reps_of(profile, "deadlift", pose="lite")) == 1
    assert profile.exercises() == ("deadlift",)


def test_what_is_learned_is_stored_while_another_process_keeps_the_profile_locked(monkeypatch):
    """It may be stopped, and the end of a set does not wait for it. The surplus goes the next time; what needs the lock
    says who has it, and gives no advice about space."""
    monkeypatch.setattr(profile_module, "NO_LOCK_S", 0.01)
    monkeypatch.setattr(profile_module, "BUSY_S", 0.01)
    a_profile().keep(several(MOST_OF_A_VIEW), "monday")
    with locked(paths.profiles_dir()):
        assert a_profile().keep(several(2), "tuesday") == 2
        assert a_profile().remove_rep(a_kept_rep(), "monday") == 1
        with pytest.raises(OutputError, match=r"another livecoach is changing it; try again\).$"):
            a_profile().forget(None)
    assert len(a_profile().entries("deadlift")) == MOST_OF_A_VIEW + 1
    a_profile().keep(several(1), "wednesday")
    assert len(a_profile().entries("deadlift")) == MOST_OF_A_VIEW


def test_what_a_killed_process_left_unfinished_is_removed():
    """With the next change of the profile, of whatever exercise."""
    profile = a_profile()
    profile.keep(several(1, exercise="squat"), "monday")
    left = profile.folder / "squat" / ".x.part"
    left.write_text("half a rep")
    profile.keep(several(1), "monday")
    assert not left.exists()


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """The disk can be full for a while."""
    full = False

    def fsync(_handle: int) -> None:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")

    def set_full(now: bool) -> None:
        nonlocal full
        full = now

    monkeypatch.setattr(os, "fsync", fsync)
    return set_full


def test_a_full_disk_leaves_what_was_there_and_nothing_half_done(full_disk):
    """The old reps are whole; no part of the new one lies beside them."""
    profile = a_profile()
    profile.keep(several(2), "monday")
    before = files(paths.profiles_dir())
    full_disk(True)
    with pytest.raises(OutputError, match=r"profiles/anna: can't be changed \(No space left on device\)\. Free some"):
        profile.keep(several(2), "tuesday")
    assert files(paths.profiles_dir()) == before


def test_the_same_recording_has_the_same_session_wherever_it_lies(tmp_path):
    """By its name and what is in it; a name that is no Unicode is no obstacle."""
    here, there, other = tmp_path / "set.mp4", tmp_path / "away" / "set.mp4", tmp_path / "other.mp4"
    there.parent.mkdir()
    here.write_bytes(b"video")
    there.write_bytes(b"video")
    other.write_bytes(b"another")
    assert session_of_recording(here, "set.mp4") == session_of_recording(there, "set.mp4")
    assert session_of_recording(here, "set.mp4") != session_of_recording(other, "set.mp4")
    assert session_of_recording(here, "caf\udce9.mp4").startswith("caf?.mp4:")


class TestKeeper:
    def test_a_set_that_is_over_is_kept(self):
        """Not before: during a set there is no time to write."""
        profile = a_profile()
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True, learned=tuple(several(3))))
        keeper.step(a_step(in_set=True))
        assert starts(profile) == []
        keeper.step(a_step(set_over=True))
        keeper.wait()
        assert starts(profile) == [0.0, 4.0, 8.0]
        assert keeper.kept == 3

    def test_each_rep_is_kept_under_its_own_exercise(self):
        """A run may hold several; a correction may concern an earlier one than that of the set under way."""
        profile, (pull, squat) = a_profile(), (a_kept_rep(1.0), a_kept_rep(9.0, exercise="squat"))
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True, learned=(pull, squat)))
        keeper.step(a_step(set_over=True))
        keeper.wait()
        assert [len(profile.entries(name)) for name in ("deadlift", "squat")] == [1, 1]
        said = Corrected(rep=a_rep(), before=None)
        keeper.step(a_step(exercise="squat", corrected=said, forgotten=(pull,)))
        keeper.wait()
        assert (profile.exercises(), keeper.kept) == (("squat",), 1)

    def test_the_end_of_the_run_is_the_end_of_a_set(self):
        """Ctrl-C in the middle of one loses nothing; what is kept is not kept again."""
        profile = a_profile()
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True, learned=(a_kept_rep(),)))
        keeper.close()
        keeper.close()
        assert (starts(profile), keeper.kept) == ([1.0], 1)

    def test_a_run_that_learns_nothing_makes_no_profile(self):
        """Not even a folder."""
        profile = a_profile()
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True))
        keeper.step(a_step(set_over=True))
        keeper.close()
        assert profile.is_new

    def test_a_full_disk_is_said_once_and_tried_again(self, full_disk):
        """The set goes on; what was learned is kept once there is room."""
        profile, said = a_profile(), []
        keeper = ProfileWriter(profile, "monday", said.append)
        full_disk(True)
        for start_s in (0.0, 4.0):
            keeper.step(a_step(in_set=True, learned=(a_kept_rep(start_s),)))
            keeper.step(a_step(set_over=True))
        keeper.wait()
        assert keeper.kept == 0
        full_disk(False)
        keeper.close()
        assert (starts(profile), keeper.kept) == ([0.0, 4.0], 2)
        (line,) = said
        assert line.startswith("profile anna: not updated: ")

    def test_a_rep_that_is_forgotten_before_it_was_kept_is_never_written(self):
        """A bad rep of the set under way."""
        profile, reps = a_profile(), several(3)
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True, learned=tuple(reps)))
        keeper.step(a_step(in_set=True, forgotten=(reps[1],)))
        keeper.close()
        assert (starts(profile), keeper.kept) == ([0.0, 8.0], 2)

    def test_a_rep_that_somebody_corrects_after_the_set_is_kept_or_removed_at_once(self):
        """There is time to write; taking it back keeps it again, and other sessions' reps stay."""
        profile, reps = a_profile(), several(3)
        profile.keep(reps, "sunday")
        keeper = ProfileWriter(profile, "monday", print)
        keeper.step(a_step(in_set=True, learned=tuple(reps)))
        keeper.step(a_step(set_over=True))
        keeper.wait()
        said = Corrected(rep=a_rep(), before=None)
        keeper.step(a_step(corrected=said, forgotten=(reps[1],)))
        keeper.wait()
        assert (starts(profile).count(4.0), keeper.kept) == (1, 2)
        keeper.step(a_step(corrected=said, learned=(reps[1],)))
        keeper.wait()
        assert (starts(profile).count(4.0), keeper.kept) == (2, 3)

    def test_what_can_not_be_forgotten_is_said_and_tried_again(self, monkeypatch):
        """Where the folder can't be written, say."""
        profile, said = a_profile(), []
        rep = a_kept_rep()
        profile.keep([rep], "monday")
        keeper = ProfileWriter(profile, "monday", said.append)
        with monkeypatch.context() as at_first:
            at_first.setattr(Path, "unlink", _refused)
            keeper.step(a_step(corrected=Corrected(rep=a_rep(), before=None), forgotten=(rep,)))
            keeper.wait()
        assert len(starts(profile)) == 1
        (line,) = said
        assert line.startswith("profile anna: not updated: ")
        keeper.close()
        assert starts(profile) == []

    def test_a_disk_that_hangs_keeps_no_step_waiting(self, monkeypatch):
        """Not even at the end of the next set; once it answers, all is kept."""
        answers = threading.Event()
        monkeypatch.setattr(os, "fsync", lambda _: answers.wait())
        profile = a_profile()
        keeper = ProfileWriter(profile, "monday", print)
        for start_s in (0.0, 4.0):
            keeper.step(a_step(in_set=True, learned=(a_kept_rep(start_s),)))
            keeper.step(a_step(set_over=True))
        assert starts(profile) == []
        answers.set()
        keeper.close()
        assert (starts(profile), keeper.kept) == ([0.0, 4.0], 2)

    def test_a_disk_that_never_answers_is_said_at_the_end(self, monkeypatch):
        """The run ends."""
        answers, said = threading.Event(), []
        monkeypatch.setattr(os, "fsync", lambda _: answers.wait())
        keeper = ProfileWriter(a_profile(), "monday", said.append)
        keeper.step(a_step(in_set=True, learned=(a_kept_rep(),)))
        with monkeypatch.context() as impatient:
            impatient.setattr(profile_writer, "CLOSE_S", 0.01)
            keeper.close()
        answers.set()
        keeper.wait()
        assert said == ["profile anna: not updated: the disk does not answer"]


def _refused(*_: object, **__: object) -> None:
    raise PermissionError(errno.EACCES, "Permission denied")
