"""The cards of sessions: what a card says, which reports are out of date, and what the page of them may load."""

import os
import re
from pathlib import Path

import pytest
from builders.past_sessions import a_past_rep, a_past_session, reps_of
from builders.reports import a_squat_session, opened, squatted, wrong
from builders.sessions import at

from livecoach.core.documents import AUTO
from livecoach.core.types import Correction, SetLog
from livecoach.pages.home.session_search import sessions_page
from livecoach.pages.report.session_cards import draw_thumbnail, session_card
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session

DAY = at(2026, 3, 4)


def a_folder(sessions: Path, **how: object) -> Path:
    return a_squat_session(sessions, [squatted(1)], **how)


def test_card_says_when_who_and_how_it_went():
    leant = a_past_rep(verdict="anomalous", faults=("forward_lean",))
    card = session_card(a_past_session(DAY, reps=(*reps_of("gg?"), leant, leant)), None)
    assert (card["title"], card["when"], card["who"]) == ("Squat", "Wed, 4 Mar 2026, 18:30", "anna")
    assert [(number, words) for _, number, words in card["counts"]] == [(2, "good"), (2, "to check"), (1, "not judged")]
    assert card["line"] == "To fix first: “stay tall”, in 2 of 4 reps that could be checked"


def test_a_rep_that_a_person_called_bad_is_not_to_check():
    card = session_card(a_past_session(DAY, reps=(*reps_of("g"), a_past_rep(correction=Correction(label="bad")))))
    assert [words for *_, words in card["counts"]] == ["good", "bad"]
    assert card["line"] == "1 rep marked bad by you"


def test_card_of_several_exercises_names_what_to_fix_of_each():
    """A fault of an exercise that is no longer installed has no cue: its name stands for it."""
    squat = a_past_rep(verdict="anomalous", faults=("shallow",), exercise="squat")
    curl = a_past_rep(verdict="anomalous", faults=("elbows_moved",), exercise="curl")
    both = a_past_session(DAY, exercise=AUTO, reps=(squat, curl, a_past_rep(exercise="deadlift")))
    told = "To fix first: Squat: “a little deeper”, in 1 of 1 rep; Curl: “elbows moved”, in 1 of 1 rep"
    assert session_card(both)["line"] == told


@pytest.mark.parametrize(
    ("reps", "line"), [("gg", "No fault was seen"), ("", "No reps"), ("??", "No rep could be judged")]
)
def test_card_without_a_fault_says_so(reps, line):
    assert session_card(a_past_session(DAY, exercise=AUTO, reps=()))["title"] == ""
    assert session_card(a_past_session(DAY, reps=reps_of(reps)))["line"] == line


def test_card_of_a_film_that_is_being_analysed_says_so(sessions):
    folder = a_squat_session(sessions, [])
    with layout.lock_session(folder):
        assert session_card(open_session(folder, pytest.fail))["title"] == "Still being recorded"
    assert session_card(open_session(folder, pytest.fail))["line"] == "No reps"


def test_card_tells_the_loads():
    logs = {1: SetLog(load_kg=60.0), 2: SetLog(load_kg=102.5)}
    session = a_past_session(DAY, reps=(*reps_of("gg", 1), *reps_of("gga", 2)), logs=logs)
    assert session_card(session)["loads"] == "60 kg to 102.5 kg"


def test_stamp_of_a_session_changes_with_what_its_report_shows(sessions):
    """A correction, or what was logged of a set later: also within one tick of the clock."""
    folder = a_folder(sessions)
    before = layout.session_stamp(folder)
    assert layout.session_stamp(folder) == before
    (folder / layout.SETS).write_text("{}\n")
    os.utime(folder / layout.SETS, ns=(0, 0))
    logged = layout.session_stamp(folder)
    (folder / layout.SETS).write_text("{}\n{}\n")
    os.utime(folder / layout.SETS, ns=(0, 0))
    assert len({before, logged, layout.session_stamp(folder)}) == 3


def test_thumbnail_is_drawn_without_a_video_and_cut_out_of_it_otherwise(sessions):
    drawn = draw_thumbnail(open_session(a_folder(sessions), pytest.fail))
    assert drawn.cropped.body.bones
    assert drawn.picture is None
    filmed = draw_thumbnail(open_session(a_folder(sessions, started=at(2026, 3, 2), video=True), pytest.fail))
    assert filmed.picture.startswith("data:image/jpeg")
    assert (drawn.width, drawn.height) == (filmed.width, filmed.height)


def test_session_in_which_nobody_was_detected_has_no_thumbnail(sessions):
    from builders.observations import an_observation

    nobody = [an_observation(t_s=i / 30, index=i, nobody=True) for i in range(5)]
    folder = a_folder(sessions, observations=nobody)
    assert draw_thumbnail(open_session(folder, pytest.fail)) is None


def test_the_page_of_sessions_links_reports_and_loads_nothing_from_elsewhere(sessions):
    a_folder(sessions, profile="<b>", name="a b")
    page = sessions_page({})
    assert 'href="a%20b.html?profile=%3Cb%3E"' in page
    assert 'src="a%20b/1/1.svg"' in page
    assert "<b>" not in page
    assert re.findall("<script[^>]*>", page) == ['<script src="forms.js">']
    assert not re.search(r"https?://", page)


def test_a_session_is_pictured_by_its_first_good_rep(tmp_path):
    session = opened(a_squat_session(tmp_path, [wrong(1), squatted(2), squatted(3)]))
    assert str(draw_thumbnail(session).name) == "set 1, rep 2"
