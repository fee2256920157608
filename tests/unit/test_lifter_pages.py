"""A page of a session is of one lifter: nothing of another one's stands on it but the link to that page."""

import csv
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from builders.evenings import a_home
from builders.reports import Read, a_squat_session, an_evening, opened, squatted, wrong
from builders.sessions import a_document, at
from hypothesis import assume, example, given
from hypothesis import strategies as st

from livecoach.cli.sessions import session_detail_lines
from livecoach.core.documents import PlanEvent, SetEndEvent
from livecoach.core.errors import SessionError
from livecoach.core.language import format_duration
from livecoach.core.types import SetLog, SetPlan
from livecoach.pages.addresses import report_file_name, report_link
from livecoach.pages.history import reading, session_index
from livecoach.pages.history.history_page import history_document, render_history
from livecoach.pages.history.reading import load_past
from livecoach.pages.history.session_index import load_indexed_sessions
from livecoach.pages.home.session_search import sessions_page
from livecoach.pages.report.report_page import make_report
from livecoach.pages.report.session_cards import session_title
from livecoach.records.session import layout
from livecoach.records.session.amending import change_set_log, move_set
from livecoach.records.session.exporting import reps_table
from livecoach.records.session.listing import read_whole_session
from livecoach.records.session.opening import find_rep, find_set
from livecoach.records.session.rep_choice import parse_reps
from livecoach.records.session.workout_csv import format_sets_csv, list_counted_sets

NAMES = st.text(min_size=1, max_size=60).filter(lambda name: name.isprintable())


def of_two(sessions: Path) -> Path:
    """Ada did deadlifts with 120 kg, and Ben squats."""
    folder = an_evening(sessions, exercises=("deadlift", "squat"))
    change_set_log(opened(folder), 1, lambda _: SetLog(load_kg=120.0, rpe=9.0, note="belt"))
    return folder


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A session that no test changes."""
    with a_home() as sessions:
        yield of_two(sessions)


@pytest.fixture
def changed(sessions: Path) -> Path:
    return of_two(sessions)


@cache
def page_of(folder: Path, lifter: str | None, **how: object) -> Read:
    return Read(make_report(folder, pytest.fail, lifter=lifter, **how))


HERS, HIS = ("120 kg", "RPE 9", "belt", "Deadlift", "Set 2, rep 1"), ("Leant forward", "Squat", "lost from sight")


def test_a_page_shows_a_single_lifters_sets_reps_loads_faults_and_partial_reps(folder):
    ada, ben = page_of(folder, "ada").words, page_of(folder, "ben").words
    assert "ada · 3 reps · 2 sets" in ada
    assert "ben · 2 reps · 1 set" in ben
    assert [what for what in HERS if what not in ada] == [what for what in HERS if what in ben] == []
    assert [what for what in HIS if what not in ben] == [what for what in HIS if what in ada] == []
    assert "ben" not in ada.split()


def test_an_old_fault_that_is_back_stands_on_the_page_of_the_lifter_who_has_it(sessions):
    """By this lifter's earlier sessions, whoever else has the fault."""
    bad, good = [wrong(1), wrong(2), wrong(3)], [squatted(1), squatted(2), squatted(3)]
    for day, reps in ((1, bad), (2, good), (3, bad)):
        a_squat_session(sessions, reps, started=at(2026, 3, day), profile="ada")
    for day, reps in ((4, good), (5, bad)):
        a_squat_session(sessions, reps, started=at(2026, 3, day), profile="ben")
    *_, hers, _, his = [make_report(one, pytest.fail) for one in sorted(sessions.iterdir())]
    told = "An old fault is back: leant forward, in 3 of 3\xa0reps."
    assert (told in hers, told in his) == (True, False)


def test_an_old_fault_is_back_by_the_index_alone_and_whatever_a_copy_of_a_recording_shows(sessions, monkeypatch):
    """Three thousand earlier sessions take two seconds to read."""
    bad, good = [wrong(1), wrong(2), wrong(3)], [squatted(1), squatted(2), squatted(3)]
    for day, reps, live in ((1, bad, True), (2, good, True), (3, bad, False), (4, bad, True)):
        source = replace(a_document().source, live=live)
        a_squat_session(sessions, reps, started=at(2026, 3, day), profile="ada", source=source)
    load_indexed_sessions()
    for module in (session_index, reading):
        monkeypatch.setattr(module, "read_session", pytest.fail)
    assert "An old fault is back" in make_report(max(sessions.iterdir()), pytest.fail)


def test_a_written_page_must_be_of_somebody(folder):
    for nobody in (None, "cleo", "-"):
        with pytest.raises(SessionError, match="with one of these: ada, ben"):
            page_of(folder, nobody)


def test_a_served_page_links_the_other_lifters_and_is_the_first_lifters_if_nobody_is_named(folder):
    for name in (None, "cleo", "ada"):
        page = page_of(folder, name, served="home")
        assert "ada · 3 reps" in page.words
        assert f"{folder.name}.html?profile=ben" in page.having("href")
        assert "Also in this session: ben" in page.words
    assert "This also deletes the sets of ben in it." in page.words


def test_a_set_is_moved_where_it_stands_to_a_profile_that_there_is(changed, monkeypatch):
    monkeypatch.setattr("livecoach.pages.offered.list_profile_names", lambda also: ("ada", "Jörg", *also))
    page = page_of(changed, "ben", served="home")
    assert f"{changed.name}/2/lifter" in page.having("action")
    assert "profile" in [fields.get("name") for tag, fields in page.tags if tag == "select"]
    assert f"{changed.name}/1/lifter" not in page.having("action")
    chosen = [fields["value"] for tag, fields in page.tags if tag == "option" and "selected" in fields]
    assert "ben" in chosen
    assert {"Jörg", "ada", "ben"} <= set(page.having("value"))
    with layout.lock_session(changed):
        assert page_of(changed, "ben", served="phone").having("action") == [], "while it is recorded"


def test_forms_and_commands_of_a_page_are_about_the_reps_of_its_lifter(folder):
    for lifter in ("ada", "ben"):
        assert f"Profile {lifter} then keeps them" in page_of(folder, lifter, served="home").words
    actions = page_of(folder, "ben", served="home").having("action")
    assert [f"{folder.name}/{rep}" in actions for rep in ("2/1", "1/1")] == [True, False]
    assert f"livecoach sessions correct {folder.name}:1/1@ben bad" in page_of(folder, "ben").words
    assert f"livecoach sessions sets {folder.name}:1@ben --load" in page_of(folder, "ben").words


def test_a_single_lifter_is_not_asked_who_did_a_set(changed):
    for number in (1, 3):
        move_set(opened(changed), number, "me")
    move_set(opened(changed), 2, "me")
    page = page_of(changed, None, served="home")
    assert not any(action.endswith("/lifter") for action in page.having("action"))
    assert "Also in this session" not in page.words
    assert "This also deletes" not in page.words


def test_the_summary_at_the_frame_of_a_change_is_of_who_lifted(sessions):
    """The change ends the set under way, at the same frame."""
    told = SetEndEvent(t_s=7.15, summary=None)
    session = opened(an_evening(sessions, more=[told]))
    assert told in session.select_lifter("ada").events
    assert told not in session.select_lifter("ben").events


def test_each_lifter_of_a_session_has_a_card_with_the_own_figures(folder):
    page = Read(sessions_page({}))
    hers, his = page.words.index("· ada"), page.words.index("· ben")
    assert "3 good" in page.words[hers:his]
    assert "120 kg" in page.words[hers:his]
    assert "120 kg" not in page.words[his:]
    assert "1 to check" in page.words[his:]
    assert {report_link(folder.name, name) for name in ("ada", "ben")} <= set(page.having("href"))
    ids = page.having("id")
    assert len(ids) == len(set(ids))
    assert "This also deletes the sets of ben in it." in page.words
    assert session_title(opened(folder)) == "Deadlift, Squat · Sun, 1 Mar 2026, 18:30 · ada, ben"


def test_history_links_the_report_of_its_lifter(folder):
    document = history_document(load_past(), opened(folder).day)
    served = Read(render_history(document, served=True)).having("href")
    linked = {link.split("#")[0] for link in served if link.startswith(folder.name)}
    assert linked == {report_link(folder.name, name) for name in ("ada", "ben")}


@given(session=NAMES, lifter=NAMES)
@example(session="a/b?c#d%41", lifter="../&=+%2e ü")
def test_a_served_address_leads_to_its_session_and_lifter(session, lifter):
    at = urlsplit(report_link(session, lifter))
    assert "/" not in at.path
    assert unquote(at.path) == f"{session}.html"
    assert parse_qs(at.query) == {"profile": [lifter]}


@given(session=st.text("ab1.-", min_size=1, max_size=200), lifters=st.lists(NAMES, unique=True, min_size=2, max_size=2))
@example(session="a" * 200, lifters=["ü" * 40, "ü" * 39])
@example(session="a", lifters=["../b", "b"])
def test_a_written_page_has_a_name_of_its_own_that_is_possible_everywhere(session, lifters):
    assume(session.strip(" .") == session)
    files = [report_file_name(session, one) for one in lifters] + [report_file_name(session)]
    assert len(set(files)) == 3
    assert all(len(file.encode()) < 255 for file in files)
    assert not any(set(file) & set('/\\:*?"<>|') for file in files)


def test_done_sets_stand_beside_the_planned_sets(sessions):
    """In report and history, by the lifter's own plan of that day. Sets that are alike stand together."""
    plan = (SetPlan(sets=1, reps=3, load_kg=120.0), SetPlan(sets=2, reps=1, load_kg=90.0, rest_s=60.0))
    said = [PlanEvent(t_s=n / 10, exercise="squat", plans=now, frame=n) for n, now in enumerate(((plan[0],), plan))]
    folder = an_evening(sessions, more=said)
    for number, load_kg in ((1, 120.0), (3, 90.0)):
        change_set_log(opened(folder), number, lambda _, load_kg=load_kg: SetLog(load_kg=load_kg))
    beside = "Planned: 1 × 3, 120 kg; 2 × 1, 90 kg. Done: 1 × 2, 120 kg; 1 × 1, 90 kg."
    history = Read(render_history(history_document(load_past(), date(2026, 3, 2), profile="ada"), served=True)).words
    assert beside in history
    assert beside in page_of(folder, "ada").words
    assert "Planned" not in page_of(folder, "ben").words


def test_the_history_names_the_command_for_a_report_with_its_lifter(sessions):
    an_evening(sessions, name="first")
    folder = an_evening(sessions, name="second")
    history = render_history(history_document(load_past(), date(2026, 3, 2), profile="ada"))
    assert f"livecoach report {folder.name} --profile ada<" in history
    move_set(opened(folder), 2, "ada")
    history = render_history(history_document(load_past(), date(2026, 3, 2), profile="ada"))
    assert f"livecoach report {folder.name}<" in history


def test_a_lifter_counts_the_own_sets_and_reps(folder):
    """Ada's second set is the session's third one."""
    ada, ben = page_of(folder, "ada").words, page_of(folder, "ben").words
    assert "Set 1 at" in ada
    assert "Set 2 at" in ada
    names = [f"Set {number}, rep 1" for number in (1, 2, 3)]
    assert [name for name in names if name in ada] == names[:2]
    assert [name for name in names if name in ben] == names[:1]
    assert "of the session" not in ada + ben
    lines = list(session_detail_lines(read_whole_session(folder)))
    heads = [line.partition(" · ")[::2] for line in lines if " reps: " in line or " rep: " in line]
    sets = [(name, rest.split(" ")[0]) for name, rest in heads if name.startswith("set")]
    assert sets == [("set 1", "ada"), ("set 1", "ben"), ("set 2", "ada")]
    assert any(line.startswith("set 1 · ada: ") and "120 kg" in line for line in lines), lines


def test_the_numbers_follow_a_set_that_is_moved(changed):
    move_set(opened(changed), 1, "ben")
    names = [(event.rep.set, event.rep.name) for event in opened(changed).rep_events]
    assert list(dict.fromkeys(names)) == [(1, "1/1"), (1, "1/2"), (2, "2/1"), (2, "2/2"), (3, "1/1")]


@pytest.mark.parametrize(
    ("named", "place"), [("2/1", (3, 1)), ("1/1@ada", (1, 1)), ("1/2@ben", (2, 2)), ("2/1@ada", (3, 1))]
)
def test_a_rep_is_named_as_its_lifter_counts(folder, named, place):
    session = opened(folder)
    assert find_rep(session, parse_reps(named)[0]).rep.set_and_number == place
    assert find_set(session, parse_reps(named)[0]).number == place[0]


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("1/1", "ada, ben each have a set 1. Write {name}:1@ada or {name}:1/1@ada to say whose."),
        ("2/1@ben", "there is no set 2; the last set is 1."),
        ("3/1", "there is no set 3; the last set is 2."),
        ("1/1@cleo", "there is no set 1; cleo has none."),
    ],
)
def test_a_name_that_fits_several_or_none_is_refused(folder, named, said):
    with pytest.raises(SessionError) as refused:
        find_rep(opened(folder), parse_reps(named)[0])
    assert str(refused.value) == f"{folder.name}: {said.format(name=folder.name)}"


def test_the_rest_before_a_set_is_the_lifters_own(folder):
    """From the end of the lifter's set before, whoever lifted between: in the report, the tables and the JSON."""
    ends = {event.rep.set: event.rep.end_s for event in opened(folder).corrected_reps}
    starts = {event.rep.set: event.rep.start_s for event in reversed(opened(folder).corrected_reps)}
    rest_s = starts[3] - ends[1]
    assert rest_s > starts[3] - starts[2] > 0
    assert [one.rest_s for one in opened(folder).sets] == [None, None, rest_s]
    assert read_whole_session(folder).rests_s == {3: pytest.approx(rest_s, abs=1e-4)}
    table = reps_table([opened(folder)])
    column = [row[table.columns.index("rest_s")] for row in table.rows]
    assert column == [None] * 4 + [pytest.approx(rest_s, abs=1e-4)]
    log = csv.DictReader(format_sets_csv(list_counted_sets(opened(folder)), "csv").splitlines())
    assert [(one["set"], one["rest_s"]) for one in log] == [("1", ""), ("1", ""), ("2", f"{rest_s:.1f}")]
    words = page_of(folder, "ada").words.split("Set by set")[1]
    assert " ".join(words.split()[:4]) == "Set Load Rest Reps"
    assert re.search(rf" 1 120 kg – 2 .* 2 – {format_duration(rest_s)} 1 ", words)
