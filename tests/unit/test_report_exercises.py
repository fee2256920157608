"""The page of a session with several exercises: a part for each, and a table of them at the top."""

from dataclasses import replace
from pathlib import Path

import pytest
from builders.reports import Read, a_page, a_squat_fault, a_squat_session, of_set, opened, squatted, wrong
from builders.steps import a_pace

from livecoach.core.documents import AUTO, PartialRepEvent, WarningEvent
from livecoach.core.types import PartialRep
from livecoach.decisions.rep.curves import rep_parts
from livecoach.decisions.rep.motion import KINDS
from livecoach.pages.report.content import read_report_content

PACE = a_pace(concentric_s=0.9, eccentric_s=1.2, speed=0.81)
ROUNDED = a_squat_fault("rounded_back", text="back rounded: 6 cm, your good reps 2 cm", unit="torso", at_s=8.4)
BEGUN = (PartialRep(start_s=4.5, reason="short"), PartialRep(start_s=11.0, reason="no_lowering"))
WARNED = WarningEvent(t_s=1.0, warning="too_dark", active=True, text="too dark: add light")


def a_recognised_session(sessions: Path) -> Path:
    """Two squats, the second of which leant forward; then two deadlifts, the first with a round back."""
    done = [
        squatted(1, exercise="squat", pace=PACE),
        wrong(2, exercise="squat", pace=PACE),
        replace(wrong(3, ROUNDED, exercise="deadlift", pace=PACE), set=2, number=1),
        replace(squatted(4, exercise="deadlift", pace=PACE), set=2, number=2),
    ]
    events = [PartialRepEvent(t_s=one.start_s + 1, partial_rep=one) for one in BEGUN]
    told = [of_set(rep, set_name=str(rep.set)) for rep in done]
    return a_squat_session(sessions, told, events=[*events, WARNED], exercise=AUTO)


@pytest.fixture(scope="module")
def page(tmp_path_factory) -> Read:
    return Read(a_page(a_recognised_session(tmp_path_factory.mktemp("sessions"))))


def part(page: Read, title: str, until: str) -> str:
    """The words of an exercise's part."""
    return page.words.split(f"{title} 2 reps · 1 set", 1)[1].split(until, 1)[0]


def test_the_title_and_the_table_of_a_report_name_each_exercise(page):
    assert page.words.count("too dark: add light") == 1
    assert "Squat, Deadlift" in page.words
    top = page.words.split("What you did", 1)[1][:200]
    assert "Good To check What to do next" in top
    assert "Squat 1 2 1 1 “Stay tall”" in top
    assert "Deadlift 1 2 1 1 “" in top
    assert {"#squat", "#deadlift"} <= set(page.having("href"))


def test_each_part_has_its_own_faults_sets_and_reps(page):
    squats, pulls = part(page, "Squat", "Deadlift 2 reps"), part(page, "Deadlift", "Recorded")
    assert "Leant forward in 1 of 2 reps: set 1, rep 2." in squats
    assert "Back rounded in 1 of 2 reps: set 2, rep 1." in pulls
    assert "Set 1 at" in squats
    assert "Set 2 at" in pulls
    assert "Set 1, rep 1" not in pulls
    assert "went down too fast" in squats
    assert "hips low at the start" in pulls
    assert "down 1.2 s, pause at the bottom 0.1 s, up 0.9 s" in squats
    assert "up 0.9 s, pause at the top 0.1 s, down 1.2 s" in pulls


def test_every_link_within_a_report_leads_to_one_place(page):
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    linked = [*page.having("href"), *(f"#{name}" for name in page.having("aria-labelledby"))]
    assert {uri[1:] for uri in linked if uri.startswith("#")} <= set(ids)


def test_a_partial_rep_belongs_to_the_exercise_next_to_it(page, tmp_path):
    gathered = read_report_content(opened(a_recognised_session(tmp_path)))
    assert [gathered.part_of_exercise(name).partials for name in ("squat", "deadlift")] == [BEGUN[:1], BEGUN[1:]]
    assert "too short" in part(page, "Squat", "Deadlift 2 reps")


def test_a_session_in_which_nothing_was_recognised_says_so(tmp_path):
    event = PartialRepEvent(t_s=2.0, partial_rep=PartialRep(start_s=1.0, reason="lost"))
    found = Read(a_page(a_squat_session(tmp_path, [], events=[event], exercise=AUTO)))
    assert "No exercise" in found.words
    assert "No movement in this session was recognised as an exercise." in found.words
    assert "lost from sight on the way" in found.words


def test_a_recognised_session_of_one_exercise_looks_like_a_session_of_a_named_exercise(tmp_path):
    squats = [replace(squatted(n), exercise="squat") for n in (1, 2)]
    found = Read(a_page(a_squat_session(tmp_path, squats, exercise=AUTO)))
    assert "What you did" not in found.words
    assert "Rep by rep" in found.words


@pytest.mark.parametrize("travel", KINDS)
def test_a_rep_is_named_by_how_its_exercise_travels(travel):
    parts = rep_parts(travel, "overhead")
    out = "way up" if KINDS[travel].up_first else "way down"
    assert parts.ways[:2] == (out, "overhead")
    assert parts.ends[0] == parts.ends[2] != parts.ends[1] == "overhead"
