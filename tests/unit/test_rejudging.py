"""Reps that were judged by nothing confirmed are judged anew once others are confirmed."""

from collections import Counter
from dataclasses import replace

import pytest
from builders.evenings import a_home, a_journal, a_lifted_set, journal_bytes, write
from builders.home_server import Visitor, at_home
from builders.sessions import at

from livecoach.core.types import Correction
from livecoach.records.profile import Profile
from livecoach.records.rejudging import rejudge_exercises
from livecoach.records.session import amending
from livecoach.records.session.stored import Session

FAULTY, GOOD = a_lifted_set(4, "knee_dominant:0.9*5"), a_lifted_set(4, "good*5")


def verdicts(session: Session) -> Counter[str]:
    return Counter(event.rep.standing_verdict for event in replace(session).corrected_reps)


@pytest.fixture
def evening():
    """Five faulty reps first, which taught the lifter's reference, and five good ones a day later."""
    with a_home() as sessions:
        written = [
            write(sessions, journal_bytes(a_journal(seen)), began=at(2026, 3, day))
            for day, seen in ((1, FAULTY), (2, GOOD))
        ]
        yield written


def test_a_faulty_first_set_is_flagged_once_a_good_one_is_confirmed(evening):
    faulty, good = evening
    assert verdicts(faulty)["good"] == 5
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    assert faulty.name in rejudge_exercises("anna", print)
    assert verdicts(faulty)["anomalous"] >= 4  # the last one is at the limit beside this confirmed set
    assert verdicts(good) == {"good": 5}
    assert {event.rep.reference for event in replace(faulty).rep_events} == {"own"}


def test_what_was_recorded_stays_for_replays(evening):
    faulty, good = evening
    before = faulty.recorded_reps
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_exercises("anna", print)
    assert replace(faulty).recorded_reps == before


def test_a_confirmation_that_is_taken_back_brings_the_verdicts_back(evening):
    faulty, good = evening
    before = verdicts(faulty), verdicts(good)
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_exercises("anna", print)
    amending.correct_reps(replace(good), good.rep_events, None)
    rejudge_exercises("anna", print)
    assert (verdicts(faulty), verdicts(good)) == before


@pytest.mark.usefixtures("evening")
def test_nothing_changes_while_nothing_is_confirmed():
    assert rejudge_exercises("anna", print) == []


def test_a_rep_that_somebody_has_corrected_keeps_that_word(evening):
    faulty, good = evening
    amending.correct_rep(faulty, faulty.rep_events[0], Correction(label="no-rep"))
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_exercises("anna", print)
    assert not replace(faulty).corrected_reps[0].rep.counts
    assert [event.rep.verdict for event in replace(faulty).corrected_reps][:4] == ["good", *["anomalous"] * 3]


@pytest.mark.parametrize("keeps", [{}, {"keep": "on"}])
def test_an_undone_deletion_brings_the_verdicts_back(evening, keeps):
    """The reps that were kept are only in the session again."""
    faulty, good = evening
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_exercises("anna", print)
    before = verdicts(faulty)

    async def scene(visitor: Visitor) -> None:
        assert (await visitor.post(f"{good.name}/delete", **keeps))[0] == 200
        assert (verdicts(faulty) == before) == bool(keeps)
        assert (await visitor.post(f"{good.name}/undelete"))[0] == 200

    at_home(scene)
    assert verdicts(faulty) == before
    assert list(Profile("anna", print).list_kept_reps(good.exercises[0])) == []


def test_judged_anew_twice_is_judged_anew_once(evening):
    _, good = evening
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_exercises("anna", print)
    assert rejudge_exercises("anna", print) == []
