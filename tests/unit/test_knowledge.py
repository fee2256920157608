"""What is known of a lifter follows from the sessions alone. Each equality compares every rep of the reference, to the
byte."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders.evenings import EXERCISE, Mark, a_home, a_journal, a_lifted_set, journal_bytes, what_is_known, write
from builders.sessions import at
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.config import paths
from livecoach.core.documents import DECIMALS, CorrectionEvent, RepEvent, codec
from livecoach.core.errors import SessionError
from livecoach.core.types import Correction
from livecoach.decisions.judging import reference_reps
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile
from livecoach.records.session import amending, exporting, importing, upkeep
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import read_past_session

GOOD, OTHER = a_lifted_set(52), a_lifted_set(52, "good*4,knee_dominant:0.9*2")
SETS = (GOOD, OTHER)
labels = st.sampled_from(["good", "bad", "no-rep", None])
marks = st.lists(st.builds(Mark, frame=st.integers(40, len(GOOD) - 1), rep=st.integers(1, 5), label=labels), max_size=3)
a_few = settings(max_examples=4)


def day(number: int) -> datetime:
    return at(2026, 3, 1) + timedelta(days=number)


@cache
def recorded(of_set: int) -> list[tuple[str, bytes]]:
    """Return what a recorder writes of one of the sets."""
    return journal_bytes(a_journal(SETS[of_set]))


def lived(sessions: Path, sets: Sequence[int], profile: str = "anna") -> list[Session]:
    """Write an evening for each set, on one day after the other."""
    return [write(sessions, recorded(one), began=day(n), profile=profile) for n, one in enumerate(sets)]


@cache
def known_after(*sets: int) -> list[tuple[object, ...]]:
    """Return what is known once these evenings have been lived."""
    with a_home() as sessions:
        lived(sessions, sets)
        return what_is_known("anna")


def numbers(profile: str = "anna") -> list[int]:
    """Return the numbers of the reps in a lifter's reference."""
    return [number for _, _, _, number, *_ in what_is_known(profile)]


evenings = st.lists(st.integers(0, len(SETS) - 1), min_size=1, max_size=2)


@a_few
@given(st.floats(0.2, 1), st.lists(st.integers(0, 10**6), max_size=40), marks)
def test_a_run_killed_at_any_byte_teaches_what_a_run_that_ended_there_does(share, cuts, said):
    """A kill leaves the files as far as they were written; the run that ended there saw the same frames.

    Corrections are written before the frames after which they came: those without their frame are made afterwards.
    """
    appended = journal_bytes(a_journal(GOOD, tuple(said), ends=False), cuts)
    left = int(share * sum(len(content) for _, content in appended))
    cut = []
    for name, content in appended:
        cut.append((name, content[: max(left, 0)]))
        left -= len(content)
    with a_home() as sessions:
        killed = write(sessions, cut, began=day(0), ended=False)
        seen = len(list(killed.read_observations()))
        last_s = round(killed.ending.duration_s, DECIMALS)
        whole = {event.rep.start_s for event in killed.rep_events if event.t_s <= last_s}
        heard = killed.corrections
        (killed.folder / "recording").touch()
        upkeep.close_cut_off_sessions(print)
        after_kill = what_is_known("anna")
    with a_home() as sessions:
        ended = write(sessions, journal_bytes(a_journal(GOOD[:seen], tuple(said))), began=day(0))
        reps = {event.rep.start_s: event for event in ended.rep_events}
        for event in heard:
            if event.frame >= seen and event.start_s in whole:
                amending.correct_reps(ended, [reps[event.start_s]], event.correction)
        assert what_is_known("anna") == after_kill


@a_few
@given(marks, evenings)
def test_a_correction_teaches_the_same_live_as_afterwards(said, others):
    journal = a_journal(GOOD, tuple(said))
    with a_home() as sessions:
        lived(sessions, others)
        write(sessions, journal_bytes(journal), began=day(9))
        live = what_is_known("anna")
    with a_home() as sessions:
        lived(sessions, others)
        session = write(sessions, recorded(0), began=day(9))
        reps = {event.rep.start_s: event for event in session.rep_events}
        for event in (item for item in journal if isinstance(item, CorrectionEvent)):
            amending.correct_reps(session, [reps[round(event.start_s, 4)]], event.correction)
        assert what_is_known("anna") == live


@a_few
@given(evenings, st.integers(0, 2))
def test_a_deleted_session_teaches_nothing(sets, gone):
    gone %= len(sets)
    with a_home() as sessions:
        written = lived(sessions, sets)
        what_is_known("anna")
        upkeep.delete_session(written[gone].folder)
        left = what_is_known("anna")
    with a_home() as sessions:
        shutil.rmtree(lived(sessions, sets)[gone].folder)
        assert what_is_known("anna") == left


@a_few
@given(evenings, st.integers(0, 2))
def test_a_set_that_was_moved_teaches_as_if_its_new_lifter_had_lifted_it(sets, moved):
    moved %= len(sets)
    with a_home() as sessions:
        written = lived(sessions, sets)
        what_is_known("anna")
        amending.move_set(written[moved], 1, "ben")
        given_away, received = what_is_known("anna"), what_is_known("ben")
    with a_home() as sessions:
        folder = lived(sessions, sets)[moved].folder
        shutil.rmtree(folder)
        write(sessions, recorded(sets[moved]), began=day(moved), profile="ben")
        assert (what_is_known("anna"), what_is_known("ben")) == (given_away, received)


def test_imported_sessions_teach_as_sessions_recorded_here():
    with a_home() as sessions, TemporaryDirectory() as place:
        written = lived(sessions, [0, 1, 0])
        archive = Path(place, "all.zip")
        with archive.open("wb") as file:
            exporting.write_zip(written, file, Path(place, "part"), video=False, tables=False)
        with a_home():
            with importing.open_import(archive) as contents:
                for session in reversed(contents.sessions):
                    importing.import_session(session)
            assert what_is_known("anna") == known_after(0, 1, 0)


def test_a_renamed_profile_knows_what_it_knew(sessions):
    written = lived(sessions, [0, 1, 0])
    before = what_is_known("anna")
    amending.rename_profile(Profile("anna", print), "eve", written)
    assert what_is_known("eve") == before
    assert what_is_known("anna") == []


@a_few
@given(st.permutations([0, 1, 2]), evenings)
def test_the_order_in_which_sessions_were_recorded_or_imported_does_not_matter(order, sets):
    sets = [*sets, 0, 0][:3]
    with a_home() as sessions:
        for number in order:
            write(sessions, recorded(sets[number]), began=day(number))
        assert what_is_known("anna") == known_after(*sets)


def test_sessions_are_ordered_by_universal_time(sessions):
    """An evening in Tokyo comes before a night in New York that began nine seconds later, whatever local clocks say."""
    tokyo = datetime(2026, 3, 1, 18, 30, tzinfo=timezone(timedelta(hours=9)))
    new_york = datetime(2026, 3, 1, 4, 30, 9, tzinfo=timezone(timedelta(hours=-5)))
    for began in (new_york, tokyo):
        write(sessions, recorded(0), began=began)
    starts = [session.start_time for session in LifterReferences(Profile("anna", print), print).sessions]
    assert starts == [tokyo, new_york]


def test_a_deleted_cache_is_computed_again(sessions):
    lived(sessions, [0, 0])
    what_is_known("anna")
    shutil.rmtree(paths.user_cache_dir())
    assert what_is_known("anna") == known_after(0, 0)


def test_a_damaged_cache_is_made_anew(sessions):
    lived(sessions, [0])
    before = what_is_known("anna")
    for name, content in ("index.json", "{"), ("002.rep", ""):
        (damaged,) = paths.user_cache_dir().rglob(name)
        damaged.write_text(content)
        read = LifterReferences(Profile("anna", print), print).read_reference(EXERCISE, "lite")
        assert [rep.number for _, rep in read] == numbers()
        assert what_is_known("anna") == before


def test_a_damaged_rep_in_the_cache_keeps_no_session_from_being_deleted(sessions):
    (session,) = lived(sessions, [0])
    before = numbers()
    (damaged,) = paths.user_cache_dir().rglob("002.rep")
    damaged.write_bytes(damaged.read_bytes()[:-9])
    LifterReferences(Profile("anna", print), print).keep_reps(session)
    upkeep.delete_session(session.folder)
    assert numbers() == before


def test_a_cached_reference_whose_removal_was_interrupted_is_made_anew(sessions):
    lived(sessions, [0])
    before = what_is_known("anna")
    (index,) = paths.user_cache_dir().rglob("index.json")
    index.unlink()
    assert what_is_known("anna") == before
    assert index.exists()


def test_a_cache_that_can_not_be_written_costs_nothing_but_time(sessions):
    lived(sessions, [0])
    paths.user_cache_dir().touch()
    knowledge = LifterReferences(Profile("anna", print), print)
    for _ in range(2):  # as of two parts of a run
        assert [rep.number for _, rep in knowledge.read_reference(EXERCISE, "lite")] == numbers()


def test_damaged_observations_of_a_rep_cost_no_other_rep(sessions):
    session = lived(sessions, [0])[0]
    before = seen_of_reps(session)
    path = session.folder / "observations.obs"
    content = path.read_bytes()
    in_third = next(seen.index for seen in GOOD if seen.t_s > session.rep_events[2].rep.turn_s)
    at_byte = codec.record_starts(content)[1 + in_third]
    path.write_bytes(content[:at_byte] + bytes(400) + content[at_byte + 400 :])
    after = seen_of_reps(session)
    assert set(after[2]) < set(before[2])
    assert after[:2] + after[3:] == before[:2] + before[3:]


def test_a_session_that_is_deleted_while_its_reps_are_read_teaches_nothing(sessions):
    (session,) = lived(sessions, [0])
    first, *others = read_past_session(session, "anna", EXERCISE).reps
    assert first.read() is not None
    shutil.rmtree(session.folder)
    assert [rep.read() for rep in others] == [None] * 4


def seen_of_reps(session: Session) -> list[list[bytes]]:
    """Return what was seen of each rep that may teach."""
    windows = [rep.read() for rep in read_past_session(replace(session), "anna", EXERCISE).reps]
    return [[codec.encode(seen) for seen in window.observations] for window in windows]


def test_the_last_rep_teaches_on_confirmation_where_the_recording_ended_with_it(sessions):
    """Somebody who cut the recording there would not have it."""
    last = next(item for item in reversed(a_journal(GOOD)) if isinstance(item, RepEvent))
    journal = a_journal(tuple(seen for seen in GOOD if seen.t_s <= last.t_s))
    session = write(sessions, journal_bytes(journal), began=day(0))
    assert numbers() == [1, 2, 3, 4]
    amending.correct_reps(session, [session.rep_events[-1]], Correction(label="good"))
    assert numbers()[-1] == 5


def test_a_rep_marked_bad_after_the_set_was_given_away_is_left_out_for_its_owner(sessions):
    session = lived(sessions, [0])[0]
    amending.move_set(session, 1, "ben")
    session = replace(session)
    amending.correct_reps(session, [session.rep_events[1]], Correction(label="bad"))
    assert numbers("ben") == [1, 3, 4, 5]
    assert numbers("anna") == []


def test_forgotten_reps_are_known_no_more_until_somebody_confirms_them(sessions):
    session = lived(sessions, [0])[0]
    knowledge = LifterReferences(Profile("anna", print), print)
    knowledge.forget_reps([one for one in knowledge.find_reference(EXERCISE, "lite") if one.number == 2])
    assert numbers() == [1, 3, 4, 5]
    assert {event.rep.form for event in replace(session).corrected_reps} == {"alike"}, "forgotten is not good"
    amending.correct_reps(replace(session), [session.rep_events[1]], Correction(label="bad"))
    undone = amending.correct_reps(replace(session), [session.rep_events[1]], None)[0]
    assert (undone.rep.correction, undone.undone) == (None, True)
    amending.correct_reps(replace(session), [session.rep_events[1]], Correction(label="good"))
    assert [(number, why) for _, _, _, number, _, why, _ in what_is_known("anna") if number == 2] == [(2, "confirmed")]


def test_a_set_that_judges_alone_leaves_no_confirmed_rep_to_come_back(sessions, monkeypatch):
    """Neither those that the bound on a view's reps keeps out of the reference until others are forgotten."""
    monkeypatch.setattr(reference_reps, "MOST_OF_A_VIEW", 6)
    first, second, third = lived(sessions, [0, 0, 0])
    for session in (first, second):
        amending.correct_reps(session, session.corrected_reps, Correction(label="good"))
    knowledge = LifterReferences(Profile("anna", print), print)
    knowledge.use_set_as_reference(third, 1)
    assert {of for of, *_ in what_is_known("anna")} == {third.name}


def test_a_set_with_a_single_good_rep_does_not_judge_alone(sessions):
    """Reps of it that were flagged would be known as good beside that rep, once all others are forgotten."""
    first, second = lived(sessions, [0, 1])
    amending.correct_reps(first, first.corrected_reps, Correction(label="good"))
    amending.correct_reps(second, second.corrected_reps[1:], Correction(label="bad"))
    before = what_is_known("anna")
    knowledge = LifterReferences(Profile("anna", print), print)
    with pytest.raises(SessionError, match="A single good rep"):
        knowledge.use_set_as_reference(replace(second), 1)
    assert what_is_known("anna") == before


def test_a_forgotten_exercise_begins_anew_with_the_next_session(sessions):
    lived(sessions, [0])
    Profile("anna", print, utc_now=lambda: day(5)).forget_sessions(EXERCISE)
    assert what_is_known("anna") == []
    write(sessions, recorded(0), began=day(6))
    assert what_is_known("anna")


def test_of_a_forgotten_session_reps_are_known_again_once_somebody_calls_them_good(sessions):
    session, later = lived(sessions, [0, 1])
    amending.correct_reps(session, session.corrected_reps[:1], Correction(label="good"))
    amending.correct_reps(later, later.corrected_reps[1:4], Correction(label="good"))
    Profile("anna", print, utc_now=lambda: day(5)).forget_sessions(EXERCISE)
    for numbers in ([1, 2], [3]):
        amending.correct_reps(later, [later.corrected_reps[n - 1] for n in numbers], Correction(label="good"))
        known = [(of, number, why) for of, _, _, number, _, why, _ in what_is_known("anna")]
        assert known == [(later.name, number, "confirmed") for number in range(1, numbers[-1] + 1)]
    Profile("anna", print).forget_sessions(None)
    assert what_is_known("anna") == []


def test_a_session_of_a_clock_that_was_ahead_is_forgotten_too(sessions):
    """This holds for the sessions of each pose model."""
    document = lived(sessions, [0, 1])[0].folder / "session.json"
    document.write_text(document.read_text().replace('"lite"', '"full"'))
    assert LifterReferences(Profile("anna", print), print).find_reference(EXERCISE, "full")
    LifterReferences(Profile("anna", print, utc_now=lambda: day(0)), print).forget_exercise(EXERCISE)
    assert what_is_known("anna") == []
    assert not LifterReferences(Profile("anna", print), print).find_reference(EXERCISE, "full")


def undo_everything(session: Session) -> None:
    for _ in range(2):
        amending.correct_reps(session, session.corrected_reps, None)


def redate(session: Session) -> None:
    amending.change_start_time(session, day(8))


def move_to_anna(session: Session) -> None:
    for name in ("ben", "anna"):
        amending.move_set(session, 1, name)


def count_anew(session: Session) -> None:
    (event, *_) = session.rep_events
    amending.replace_reps(session, 1, [replace(event, rep=replace(event.rep, start_s=event.rep.start_s + 0.01))] * 4)


def delete_but_keep(session: Session) -> None:
    LifterReferences(Profile("anna", print), print).keep_reps(session)
    upkeep.delete_session(session.folder)


@pytest.mark.parametrize(
    "change",
    [undo_everything, redate, move_to_anna, count_anew, delete_but_keep],
    ids=lambda it: it.__name__,
)
def test_no_rep_that_was_forgotten_judges_again_whatever_is_changed_afterwards(sessions, change):
    """This holds for the sessions that a clock dated before and after the command, and for sets of other lifters."""
    written = [*lived(sessions, [0, 0, 1]), write(sessions, recorded(0), began=day(4), profile="ben")]
    amending.correct_reps(written[1], written[1].corrected_reps, Correction(label="bad"))
    LifterReferences(Profile("anna", print, utc_now=lambda: day(1)), print).forget_exercise(EXERCISE)
    for session in written:
        change(session)
    assert what_is_known("anna") == []


def test_a_rep_is_recalled_and_forgotten_whatever_the_clock_was_at_the_last_time(sessions):
    (session,) = lived(sessions, [0])
    Profile("anna", print, utc_now=lambda: day(9999)).forget_sessions(EXERCISE)
    amending.correct_reps(session, session.corrected_reps[1:3], Correction(label="good"))
    assert numbers() == [2, 3]
    Profile("anna", print).forget_sessions(EXERCISE)
    assert numbers() == []


def test_the_reps_of_a_deleted_session_can_be_kept(sessions):
    session = lived(sessions, [0])[0]
    before = numbers()
    LifterReferences(Profile("anna", print), print).keep_reps(session)
    upkeep.delete_session(session.folder)
    assert [(number, why) for _, _, _, number, _, why, _ in what_is_known("anna")] == [(one, "kept") for one in before]
