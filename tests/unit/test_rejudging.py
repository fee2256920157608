"""Reps that were judged by nothing confirmed, or by another's reps, are judged anew."""

import sys
from collections import Counter
from dataclasses import replace

import pytest
from builders.evenings import a_home, a_journal, a_lifted_set, journal_bytes, write
from builders.home_server import Visitor, at_home, at_home_page
from builders.reports import a_squat_session, an_evening, opened
from builders.sessions import at
from builders.steps import a_rep

from livecoach.cli import cli
from livecoach.core.documents import SetEndEvent
from livecoach.core.types import Correction
from livecoach.decisions.coaching.rep_figures import count_forms, counts_in_words
from livecoach.decisions.coaching.set_summary import summarise_set
from livecoach.pages.tools.files_page import import_file
from livecoach.records import rejudging
from livecoach.records.knowledge import count_contributed_reps, prepare_deletion
from livecoach.records.profile import Profile
from livecoach.records.rejudging import claim_session_of_film, rejudge_lifters, rejudge_profile
from livecoach.records.session import amending, layout
from livecoach.records.session.exporting import write_zip
from livecoach.records.session.opening import read_document
from livecoach.records.session.session_set import summarise_session_set
from livecoach.records.session.stored import Session
from livecoach.run import parts


def verdicts(session: Session) -> Counter[str]:
    return Counter(event.rep.standing_verdict for event in replace(session).corrected_reps)


@pytest.fixture(scope="module")
def journals():
    return [journal_bytes(a_journal(a_lifted_set(52, text))) for text in ("knee_dominant:0.9*5", "good*5")]


@pytest.fixture
def evening(journals):
    """Five faulty reps first, which taught the lifter's reference, and five good ones a day later."""
    with a_home() as sessions:
        yield [write(sessions, content, began=at(2026, 3, day)) for day, content in enumerate(journals, 1)]


def test_a_faulty_first_set_is_flagged_once_a_good_one_is_confirmed(evening):
    faulty, good = evening
    assert rejudge_profile("anna", print) == [], "no set is confirmed"
    assert verdicts(faulty)["good"] == 5
    recorded = faulty.recorded_reps
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    assert faulty.name in rejudge_profile("anna", print)
    assert verdicts(faulty)["anomalous"] >= 4  # the last one is at the limit beside this confirmed set
    against = {own.set for event in replace(faulty).rep_events for own in event.against}
    assert against == {f"{good.about.session} 1"}, "a report names no rep that did not judge"
    assert verdicts(good) == {"good": 5}
    assert {event.rep.reference for event in replace(faulty).rep_events} == {"own"}
    assert replace(faulty).recorded_reps == recorded, "for replays"
    assert rejudge_profile("anna", print) == [], "judged anew once"


def test_a_set_that_was_confirmed_before_a_run_was_killed_judges_earlier_reps_too(evening, monkeypatch, capsys):
    """The next command does what the end of the run would have done, even if the session was closed already."""
    faulty, good = evening
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    (good.folder / layout.RECORDING_MARK).touch()  # As the recorder leaves it
    with monkeypatch.context() as patched:
        patched.setattr(parts, "rejudge_profile", lambda *_: sys.exit())
        with pytest.raises(SystemExit):
            parts.learn_from_session(["anna"], good.folder)
    cli.main(["exercises"], standalone_mode=False)
    assert "cut off" not in capsys.readouterr().err
    assert not {layout.RECORDING_MARK, layout.LOCK_FILE} & {path.name for path in good.folder.iterdir()}
    assert verdicts(faulty)["anomalous"] >= 4
    assert Profile("anna", print).folder.is_dir()


def test_a_session_whose_end_could_not_be_written_is_closed_by_the_next_command(evening):
    _, good = evening
    layout.write_document(good.folder, replace(good.about, end=None))
    (good.folder / layout.RECORDING_MARK).touch()
    parts.learn_from_session(["anna"], good.folder)
    assert layout.list_unfinished_folders() == [good.folder]


@pytest.mark.parametrize("newest", [2, 1])
def test_a_confirmation_that_is_taken_back_brings_the_verdicts_back(evening, monkeypatch, newest):
    """Those of an old session, too, which nothing judges again that is confirmed now."""
    faulty, good = evening
    before = verdicts(faulty), verdicts(good)
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_profile("anna", print)
    monkeypatch.setattr(rejudging, "MOST_SESSIONS", newest)
    amending.correct_reps(replace(good), good.rep_events, None)
    rejudge_profile("anna", print)
    assert (verdicts(faulty), verdicts(good)) == before


def test_reps_that_were_like_an_unconfirmed_set_are_good_or_to_check_once_it_is_confirmed(sessions):
    """The later set was compared with those very reps, before anybody had confirmed them."""
    lifted = a_lifted_set(52, "good*5,let_go,idle:30,hips_early:1*4")
    session = write(sessions, journal_bytes(a_journal(lifted)), began=at(2026, 3, 1))
    before = forms(session)
    assert set(before) == {"alike", "different"}
    amending.correct_reps(session, session.rep_events[:5], Correction(label="good"))
    rejudge_profile("anna", print)
    assert set(forms(session)) == {"good", "anomalous"}
    amending.correct_reps(session, session.rep_events[:5], None)
    rejudge_profile("anna", print)
    assert forms(session) == before


def test_a_rep_that_somebody_has_corrected_keeps_that_word(evening):
    faulty, good = evening
    amending.correct_reps(faulty, [faulty.rep_events[0]], Correction(label="no-rep"))
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_profile("anna", print)
    assert not replace(faulty).corrected_reps[0].rep.counts
    assert [event.rep.verdict for event in replace(faulty).corrected_reps][:4] == ["good", *["anomalous"] * 3]


@at_home_page
async def test_the_words_of_an_undo_count_the_new_verdicts(visitor, evening):
    faulty, good = evening
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    amending.correct_reps(faulty, faulty.rep_events, Correction(label="good"))
    said = (await visitor.post(f"{faulty.name}/1/reps", label="undo"))[1]
    counts = counts_in_words(count_forms([event.rep for event in replace(faulty).corrected_reps]))
    assert said == f"Set 1: undone for 5 reps. Now: {', '.join(counts)}."
    assert "to check" in said


@pytest.mark.parametrize("keeps", [{}, {"keep": "on"}])
def test_an_undone_deletion_brings_the_verdicts_back(evening, keeps):
    """The reps that were kept are only in the session again."""
    faulty, good = evening
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    rejudge_profile("anna", print)
    before = verdicts(faulty)

    async def scene(visitor: Visitor) -> None:
        assert (await visitor.post(f"{good.name}/delete", **keeps))[0] == 200
        assert (verdicts(faulty) == before) == bool(keeps)
        assert (await visitor.post(f"{good.name}/undelete"))[0] == 200

    at_home(scene)
    assert verdicts(faulty) == before
    assert list(Profile("anna", print).list_kept_reps(good.exercises[0])) == []


def forms(session: Session) -> Counter[str]:
    return Counter(event.rep.form for event in replace(session).corrected_reps)


def test_a_moved_set_is_judged_by_the_reps_of_the_lifter_who_has_it_now(sessions, journals):
    """Good reps of another lifter make no rep good. A set that comes back has its verdicts back."""
    write(sessions, journals[1], began=at(2026, 3, 1))
    faulty = write(sessions, journals[0], began=at(2026, 3, 2), profile="ben")
    assert forms(faulty) == {"alike": 5}
    amending.move_set(faulty, 1, "anna")
    assert rejudge_lifters(faulty, print) == [faulty.name]
    assert forms(faulty)["anomalous"] >= 4
    assert {event.rep.reference for event in replace(faulty).rep_events} == {"own"}
    for other in ("cara", None):
        amending.move_set(replace(faulty), 1, other)
        assert rejudge_lifters(faulty, print) == ([faulty.name] if other else []), "as for nobody"
        assert forms(faulty) == {"alike": 5}
        against = replace(faulty).rep_events[-1].against
        assert [own.set for own in against] == ["1"] * 4, "the earlier reps of the set itself"
    amending.move_set(replace(faulty), 1, "ben")
    assert rejudge_lifters(faulty, print) == [faulty.name]
    assert replace(faulty).rep_events == faulty.recorded_reps


def test_a_set_that_is_given_in_an_old_session_is_judged_again_too(sessions, journals, monkeypatch):
    monkeypatch.setattr(rejudging, "MOST_SESSIONS", 1)
    write(sessions, journals[1], began=at(2026, 3, 1))
    faulty = write(sessions, journals[0], began=at(2026, 3, 2), profile="ben")
    write(sessions, journals[1], began=at(2026, 3, 3))
    amending.move_set(faulty, 1, "anna")
    assert faulty.name in rejudge_lifters(faulty, print)
    assert forms(faulty)["anomalous"] >= 4


def test_reps_that_are_forgotten_judge_no_session_any_more(sessions, journals):
    faulty = write(sessions, journals[0], began=at(2026, 3, 1))
    before, good = forms(faulty), write(sessions, journals[1], began=at(2026, 3, 2))
    amending.correct_reps(good, good.rep_events, Correction(label="good"))
    assert rejudge_lifters(good, print) == [faulty.name]
    cli(["config", "profiles", "forget", "anna", "--exercise", "deadlift", "--yes"], standalone_mode=False)
    assert forms(faulty) == before


def test_a_film_of_nobody_that_comes_again_for_a_lifter_is_judged_by_the_lifters_reps(sessions, journals):
    write(sessions, journals[1], began=at(2026, 3, 1))
    faulty = write(sessions, journals[0], began=at(2026, 3, 2), profile=None)
    about = read_document(faulty.folder / layout.DOCUMENT)
    film = replace(about, source=replace(about.source, live=False))
    layout.write_document(faulty.folder, film)
    assert claim_session_of_film(film.session, None).profiles == (None,)
    assert claim_session_of_film(film.session, "anna").name == faulty.name
    assert forms(faulty)["anomalous"] >= 4


def test_imported_sessions_judge_those_that_are_here_as_where_they_come_from(journals, tmp_path):
    with a_home() as sessions:
        good = write(sessions, journals[1], began=at(2026, 3, 2))
        amending.correct_reps(good, good.rep_events, Correction(label="good"))
        with (tmp_path / "all.zip").open("wb") as file:
            write_zip([replace(good)], file, tmp_path / "part", video=False, tables=False)
    with a_home() as sessions:
        faulty = write(sessions, journals[0], began=at(2026, 3, 1))
        assert import_file(tmp_path / "all.zip", "me", None, pytest.fail, print, pytest.fail) == 0
        assert forms(faulty)["anomalous"] >= 4


def test_a_confirmation_leaves_the_moved_sets_of_another_lifter_as_they_are(sessions, journals):
    write(sessions, journals[1], began=at(2026, 3, 1))
    faulty = write(sessions, journals[0], began=at(2026, 3, 2), profile="ben")
    amending.move_set(faulty, 1, "anna")
    rejudge_lifters(faulty, print)
    before = forms(faulty)
    assert rejudge_profile("ben", print) == rejudge_profile("anna", print) == []
    assert forms(faulty) == before


def test_a_moved_set_that_was_not_judged_again_is_not_called_good(sessions):
    """As in a session of an earlier version. Notes that compare it with another lifter's reps are left out, too."""
    notes = ("1 half rep: not counted", "camera moved too far: judged by this set alone")
    ended = SetEndEvent(t_s=9.0, summary=replace(summarise_set(1, [], {}, notes), notes=notes))
    folder = an_evening(sessions, more=(ended,))
    amending.move_set(opened(folder), 1, "ben")
    moved, *_ = opened(folder).sets
    assert {rep.form for rep in moved.reps} == {"alike"}
    assert {rep.form for rep in opened(folder).sets[2].reps} == {"good"}
    assert [str(note) for note in summarise_session_set(moved, opened(folder).events).notes] == [notes[0]]


def test_a_session_of_a_name_that_no_profile_can_have_can_be_corrected_and_deleted(sessions):
    """An imported session may contain such a name: it leads to no profile."""
    folder = a_squat_session(sessions, [a_rep()], profile="../ada")
    assert rejudge_lifters(opened(folder), pytest.fail) == []
    assert count_contributed_reps(folder, pytest.fail) == {}
    for keeps in (True, False):
        prepare_deletion(folder, pytest.fail, keeps=keeps)
