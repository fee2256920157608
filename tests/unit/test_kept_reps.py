"""Reps that outlive their session, as profiles of version 2.0.0 hold them, stay known."""

import shutil
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from builders.evenings import EXERCISE, a_home, a_journal, a_lifted_set, journal_bytes, what_is_known, write
from builders.sessions import at

from livecoach.core.types import Correction
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile, read_rep
from livecoach.records.session import amending

GOOD, FAULTY = a_lifted_set(6, "good*5"), a_lifted_set(6, "knee_dominant:0.9*5")


@pytest.fixture
def profile():
    """Anna's profile with the reps of a good session, which still exists."""
    with a_home() as sessions:
        session = write(sessions, journal_bytes(a_journal(GOOD)), began=at(2026, 3, 1))
        anna = Profile("anna", print)
        known = LifterReferences(anna, print).find_reference(EXERCISE, "lite")
        began = session.start_time.astimezone(UTC)
        anna.keep_reps([read_rep(one.path) for one in known], session=session.about.session, began=began)
        yield anna, session, sessions


def evidence() -> set[str]:
    return {why for *_, why, _ in what_is_known("anna")}


def test_reps_that_a_profile_keeps_count_once_while_their_session_exists(profile):
    _, session, _ = profile
    assert evidence() == {"first"}
    amending.correct_reps(session, session.rep_events, Correction(label="bad"))
    assert what_is_known("anna") == []


def test_kept_reps_of_a_deleted_session_are_known_and_judge_later_reps(profile):
    _, session, sessions = profile
    shutil.rmtree(session.folder)
    assert evidence() == {"kept"}
    write(sessions, journal_bytes(a_journal(FAULTY)), began=at(2026, 3, 2))
    assert evidence() == {"kept"}, "faulty reps of a later session join them"


def test_neither_a_later_session_nor_its_kept_reps_judge_an_earlier_recording(profile):
    anna, session, _ = profile
    for folder in (session.folder, None):
        untils = [session.start_time + timedelta(seconds=seconds) for seconds in (-1, 0)]
        known = [LifterReferences(anna, print, until).find_reference(EXERCISE, "lite") for until in untils]
        assert [bool(reps) for reps in known] == [False, True]
        if folder is not None:
            shutil.rmtree(folder)


def test_kept_reps_that_somebody_called_good_judge_alone(profile):
    anna, session, sessions = profile
    shutil.rmtree(session.folder)
    windows = [read_rep(entry.path) for entry in anna.list_kept_reps(EXERCISE)]
    anna.delete_kept_reps(session.about.session)
    began = at(2026, 3, 1).astimezone(UTC)
    anna.keep_reps([replace(window, chosen=True) for window in windows], session="gone", began=began)
    write(sessions, journal_bytes(a_journal(FAULTY)), began=at(2026, 2, 1))
    assert evidence() == {"confirmed"}


def test_a_single_kept_rep_can_be_forgotten_for_good(profile):
    anna, session, _ = profile
    shutil.rmtree(session.folder)
    knowledge = LifterReferences(anna, print)
    known = knowledge.find_reference(EXERCISE, "lite")
    knowledge.forget_reps(known[:1])
    assert len(what_is_known("anna")) == len(known) - 1
