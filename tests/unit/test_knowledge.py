"""What is known of a lifter follows from the sessions alone. Each equality compares every rep of the reference, to the
byte."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders.evenings import (
    EXERCISE,
    Mark,
    a_home,
    a_journal,
    a_lifted_set,
    journal_bytes,
    what_is_known,
    write,
)
from builders.sessions import at
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.documents import CorrectionEvent, RepEvent
from livecoach.core.types import Correction
from livecoach.records.knowledge import Knowledge
from livecoach.records.profile import Profile
from livecoach.records.session import amending, importing, upkeep
from livecoach.records.session.stored import Session

GOOD, OTHER = a_lifted_set(4), a_lifted_set(4, "good*4,knee_dominant:0.9*2")
SETS = (GOOD, OTHER)
labels = st.sampled_from(["good", "bad", "no-rep", None])
marks = st.lists(st.builds(Mark, frame=st.integers(40, len(GOOD) - 1), rep=st.integers(1, 5), label=labels), max_size=3)
a_few = settings(max_examples=6)


def day(number: int):
    return at(2026, 3, 1) + timedelta(days=number)


def lived(sessions: Path, sets: Sequence[int], profile: str = "anna") -> list[Session]:
    """Write an evening for each set, on one day after the other."""
    journals = [journal_bytes(a_journal(SETS[one])) for one in sets]
    return [write(sessions, journal, began=day(n), profile=profile) for n, journal in enumerate(journals)]


evenings = st.lists(st.integers(0, len(SETS) - 1), min_size=1, max_size=4)


def test_a_good_set_is_known_by_its_reps_and_why():
    with a_home() as sessions:
        lived(sessions, [0])
        known = what_is_known("anna")
    assert {(of_set, why) for _, _, of_set, _, _, why, _ in known} == {(1, "first")}
    assert len(known) >= 3


@a_few
@given(st.floats(0.2, 1), st.lists(st.integers(0, 10**6), max_size=40), marks)
def test_killed_at_any_byte_is_as_ended_there(share, cuts, said):
    """A kill leaves the files as far as they were written; the run that ended there saw the same frames."""
    appended = journal_bytes(a_journal(GOOD, tuple(said), ends=False), cuts)
    left = int(share * sum(len(content) for _, content in appended))
    cut = []
    for name, content in appended:
        cut.append((name, content[: max(left, 0)]))
        left -= len(content)
    with a_home() as sessions:
        killed = write(sessions, cut, began=day(0), ended=False)
        seen = len(list(killed.observations()))
        heard = [event for event in killed.corrections if event.frame is not None]
        (killed.folder / "recording").touch()
        upkeep.close_truncated(print)
        after_kill = what_is_known("anna")
    there = tuple(one for one in said if any(_is_of(event, one) for event in heard))
    with a_home() as sessions:
        write(sessions, journal_bytes(a_journal(GOOD[:seen], there)), began=day(0))
        assert what_is_known("anna") == after_kill


def _is_of(event: CorrectionEvent, mark: Mark) -> bool:
    return event.frame == mark.frame and event.label == mark.label


@a_few
@given(marks, evenings)
def test_corrected_live_is_as_corrected_afterwards(said, others):
    journal = a_journal(GOOD, tuple(said))
    with a_home() as sessions:
        lived(sessions, others)
        write(sessions, journal_bytes(journal), began=day(9))
        live = what_is_known("anna")
    with a_home() as sessions:
        lived(sessions, others)
        session = write(sessions, journal_bytes(a_journal(GOOD)), began=day(9))
        reps = {event.rep.start_s: event for event in session.rep_events}
        for event in (item for item in journal if isinstance(item, CorrectionEvent)):
            amending.correct(session, reps[round(event.start_s, 4)], event.correction)
        assert what_is_known("anna") == live


@a_few
@given(evenings, st.integers(0, 3))
def test_a_deleted_session_is_as_never_lifted(sets, gone):
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
@given(evenings, st.integers(0, 3))
def test_a_set_of_somebody_else_is_as_lifted_by_them(sets, moved):
    moved %= len(sets)
    with a_home() as sessions:
        written = lived(sessions, sets)
        what_is_known("anna")
        amending.move_set(written[moved], 1, "ben")
        given_away, received = what_is_known("anna"), what_is_known("ben")
    with a_home() as sessions:
        folder = lived(sessions, sets)[moved].folder
        shutil.rmtree(folder)
        write(sessions, journal_bytes(a_journal(SETS[sets[moved]])), began=day(moved), profile="ben")
        assert (what_is_known("anna"), what_is_known("ben")) == (given_away, received)


@a_few
@given(evenings)
def test_imported_is_as_recorded_here(sets):
    with a_home() as sessions, TemporaryDirectory() as place:
        written = lived(sessions, sets)
        here, archive = what_is_known("anna"), Path(place, "all.zip")
        EXPORT
        with a_home():
            with importing.open_import(archive) as contents:
                for session in reversed(contents.sessions):
                    importing.import_session(session, print)
            assert what_is_known("anna") == here


@a_few
@given(evenings)
def test_renamed_is_the_same_lifter(sets):
    with a_home() as sessions:
        written = lived(sessions, sets)
        before = what_is_known("anna")
        amending.rename_profile(Profile("anna", print), "eve", written)
        assert what_is_known("eve") == before
        assert what_is_known("anna") == []


@a_few
@given(st.permutations([0, 1, 2]), evenings)
def test_the_order_in_which_sessions_came_to_be_here_does_not_matter(order, sets):
    sets = [*sets, 0, 0][:3]
    with a_home() as sessions:
        lived(sessions, sets)
        in_order = what_is_known("anna")
    with a_home() as sessions:
        for number in order:
            write(sessions, journal_bytes(a_journal(SETS[sets[number]])), began=day(number))
        assert what_is_known("anna") == in_order


def test_the_order_is_that_of_the_clock_of_the_world():
    """An evening in Tokyo comes before one in New York that began nine seconds later, whatever the local clocks say."""
    tokyo, new_york = at(2026, 3, 1, 10), at(2026, 3, 1, 9, 0, 9)
    with a_home() as sessions:
        for began in (new_york, tokyo.astimezone().replace(tzinfo=None).astimezone()):
            write(sessions, journal_bytes(a_journal(GOOD)), began=began)
        starts = [session.started for session in Knowledge(Profile("anna", print), print).sessions]
    assert starts == sorted(starts)


def test_what_the_cache_holds_is_computed_again_after_it_was_deleted():
    with a_home() as sessions:
        lived(sessions, [0, 0])
        before = what_is_known("anna")
        shutil.rmtree(os.environ["XDG_CACHE_HOME"])
        assert what_is_known("anna") == before


def test_a_damaged_cache_is_made_anew():
    with a_home() as sessions:
        lived(sessions, [0])
        before = what_is_known("anna")
        for index in Path(os.environ["XDG_CACHE_HOME"]).rglob("index.json"):
            index.write_text("{")
        assert what_is_known("anna") == before


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_can_not_be_written_costs_nothing_but_time():
    with a_home() as sessions:
        lived(sessions, [0])
        Path(os.environ["XDG_CACHE_HOME"]).touch()
        assert what_is_known("anna")


def test_a_rep_of_a_damaged_stretch_teaches_nothing_and_the_others_do():
    with a_home() as sessions:
        session = lived(sessions, [0])[0]
        before = what_is_known("anna")
        path = session.folder / "observations.obs"
        content = bytearray(path.read_bytes())
        content[len(content) // 2 : len(content) // 2 + 400] = bytes(400)
        path.write_bytes(bytes(content))
        assert 0 < len(what_is_known("anna")) <= len(before)


def test_the_last_rep_teaches_on_confirmation_where_the_recording_ended_with_it():
    """Somebody who cut the recording there would not have it."""
    seen = a_lifted_set(4, "good*5")
    reps = [item for item in a_journal(seen) if isinstance(item, RepEvent)]
    end_s = reps[-1].t_s
    journal = a_journal(tuple(one for one in seen if one.t_s <= end_s))
    with a_home() as sessions:
        session = write(sessions, journal_bytes(journal), began=day(0))
        assert {number for _, _, _, number, *_ in what_is_known("anna")} <= {1, 2, 3, 4}
        amending.correct(session, session.rep_events[-1], Correction(label="good"))
        assert [number for _, _, _, number, *_ in what_is_known("anna")][-1] == 5


def test_a_rep_marked_bad_after_the_set_was_given_away_is_left_out_for_its_owner():
    with a_home() as sessions:
        session = lived(sessions, [0])[0]
        amending.move_set(session, 1, "ben")
        session = replace(session)
        amending.correct(session, session.rep_events[1], Correction(label="bad"))
        numbers = [number for _, _, _, number, *_ in what_is_known("ben")]
        assert numbers
        assert 2 not in numbers
        assert what_is_known("anna") == []


def test_forgotten_reps_are_known_no_more_until_somebody_confirms_them():
    with a_home() as sessions:
        session = lived(sessions, [0])[0]
        knowledge = Knowledge(Profile("anna", print), print)
        knowledge.forget([one for one in knowledge.known(EXERCISE, "lite") if one.number == 2])
        assert 2 not in {number for _, _, _, number, *_ in what_is_known("anna")}
        amending.correct(replace(session), session.rep_events[1], Correction(label="good"))
        assert [(number, why) for _, _, _, number, _, why, _ in what_is_known("anna") if number == 2] == [
            (2, "confirmed")
        ]


def test_a_forgotten_exercise_begins_anew_with_the_next_session():
    with a_home() as sessions:
        lived(sessions, [0])
        Profile("anna", print, utc_now=lambda: day(5)).forget(EXERCISE)
        assert what_is_known("anna") == []
        write(sessions, journal_bytes(a_journal(GOOD)), began=day(6))
        assert what_is_known("anna")


def test_the_reps_of_a_deleted_session_can_be_kept():
    with a_home() as sessions:
        session = lived(sessions, [0])[0]
        before = what_is_known("anna")
        assert Knowledge(Profile("anna", print), print).keep(session) == len(before)
        upkeep.delete_session(session.folder)
        after = what_is_known("anna")
        assert [(number, why) for _, _, _, number, _, why, _ in after] == [
            (number, "kept") for _, _, _, number, *_ in before
        ]
