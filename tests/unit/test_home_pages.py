"""The pages of today and of all sessions, and the index that they read."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from builders.evenings import a_home
from builders.reports import Read, a_squat_session, squatted, wrong
from builders.sessions import a_document, at

from livecoach.core.config import paths
from livecoach.core.documents import PartialRepEvent, SetLogEvent
from livecoach.core.errors import SessionError
from livecoach.core.types import PartialRep, SetLog
from livecoach.pages.history import session_index
from livecoach.pages.history.reading import load_past
from livecoach.pages.history.session_index import IndexedSession, load_indexed_sessions
from livecoach.pages.home.session_search import NEWEST, Search, sessions_page
from livecoach.pages.home.today import lifters_page, today_page
from livecoach.pages.report.report_page import make_report
from livecoach.pages.served_pages import _history_page
from livecoach.records.plan import Plan, PlannedSets, write_plan
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.amending import change_set_log, correct_reps
from livecoach.records.session.opening import open_session
from livecoach.records.session.upkeep import delete_session


def a_session(sessions: Path, day: int, reps: str = "ggg", **how: object) -> Path:
    """A session in March 2026 with good reps ("g") and reps that leant forward ("a"), in one set with 100 kg."""
    done = [(wrong if form == "a" else squatted)(number) for number, form in enumerate(reps, 1)]
    log = SetLogEvent(t_s=0.0, set=1, load_kg=100.0, note=how.pop("note", None))
    return a_squat_session(sessions, done, events=[log], started=at(2026, 3, day), **how)


OF_FILM = {"session": "po_squat003.mp4:ab12cd34", "source": replace(a_document().source, live=False)}


def a_month(sessions: Path) -> list[str]:
    """Names of sessions: anna on two days of a week, and ben a week later."""
    told = [
        (3, {"reps": "gaa", "profile": "anna"}),
        (5, {"profile": "anna", "note": "Belt"}),
        (10, {"profile": "ben", **OF_FILM}),
    ]
    return [a_session(sessions, day, **how).name for day, how in told]


@pytest.fixture
def month(sessions: Path) -> list[str]:
    return a_month(sessions)


@pytest.fixture(scope="module")
def indexed() -> list[IndexedSession]:
    with a_home() as sessions:
        a_month(sessions)
        return list(load_indexed_sessions())


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [2, 1, 0]),
        ({"words": "squat ANNA"}, [1, 0]),
        ({"words": "leant"}, [0]),
        ({"words": "stay tall"}, [0]),
        ({"words": "sQuát ÄNNA"}, [1, 0]),
        ({"words": "belt"}, [1]),
        ({"words": "po_squat003"}, [2]),
        ({"words": "camera"}, []),
        ({"words": "2026-03-10"}, [2]),
        ({"profile": "ben"}, [2]),
        ({"exercise": "deadlift"}, []),
        ({"fault": "leant forward"}, [0]),
        ({"week": "2026-03-08"}, [1, 0]),
        ({"week": "2026-03-05", "words": "belt", "profile": "anna"}, [1]),
        ({"week": "not a day", "page": "²", "other": "x"}, [2, 1, 0]),
    ],
)
def test_sessions_are_found_by_words_lifter_exercise_fault_and_week(indexed, query, found):
    """All words must fit, in any case and with or without accents; a field that no form sends changes nothing."""
    assert [session for session, _ in Search.from_query(query).find(indexed)] == [indexed[place] for place in found]


def test_results_are_shown_by_pages_that_keep_the_search(sessions):
    """A page beyond the last one is the last one."""
    for number in range(NEWEST + 1):
        a_squat_session(sessions, [squatted(1)], started=at(2026, 3, 1, minute=number), profile="anna")
    first, last = (Read(sessions_page({"words": "squat", "page": page})) for page in ("1", "9"))
    assert [page.having("class").count("card") for page in (first, last)] == [NEWEST, 1]
    assert "?words=squat&page=2" in first.having("href")
    assert "?words=squat&page=1" in last.having("href")


def test_only_changed_sessions_are_read_again(month, sessions, monkeypatch):
    """Also by another process; a damaged index is made again."""
    before = load_indexed_sessions()
    read: list[str] = []
    of_folder = session_index.read_session
    monkeypatch.setattr(
        session_index, "read_session", lambda folder, say: read.append(folder.name) or of_folder(folder, say)
    )
    assert load_indexed_sessions() == before
    assert read == []
    change_set_log(open_session(sessions / month[1], pytest.fail), 1, lambda _: SetLog(load_kg=110.0))
    assert load_indexed_sessions()[1].parts[0].session.sets[0].load_kg == 110.0
    assert read == [month[1]]
    (index,) = paths.user_cache_dir().glob("sessions-*.json")
    index.write_text("{")
    assert len(load_indexed_sessions()) == 3
    assert read == [month[1], *month]


def test_a_deleted_session_leaves_no_note_in_the_index(month, sessions):
    load_indexed_sessions()
    (index,) = paths.user_cache_dir().iterdir()
    assert "Belt" in index.read_text()
    delete_session(sessions / month[1])
    assert not index.exists()
    assert [session.name for session in load_indexed_sessions()] == [month[0], month[2]]
    assert "Belt" not in index.read_text()


def words_of(page: str) -> str:
    return Read(page).words.replace("\N{NO-BREAK SPACE}", " ")


def a_day(lifter: str | None = "anna", **how: object) -> str:
    return words_of(today_page(lifter, date(2026, 3, 12), pytest.fail, **how))


@pytest.mark.parametrize(
    ("reps", "line"),
    [
        ("ggg", "Fixed: “stay tall” needed in 0 of 3 reps"),
        ("gag", "Not fixed yet: “stay tall” needed in 1 of 3 reps"),
        ("gg", "Too few reps to say: “stay tall” needed in 0 of 2 reps"),
    ],
)
def test_the_page_of_today_says_whether_the_last_fault_is_fixed(sessions, reps, line):
    a_session(sessions, 3, "gaa", profile="anna")
    assert "“Stay tall”" in a_day()
    a_session(sessions, 10, reps, profile="anna")
    assert line in a_day()


def test_today_shows_the_plan_beside_the_loads_of_last_time_the_week_and_the_bests(month):  # noqa: ARG001
    """Without a plan, the sets of last time; who has nothing yet has an empty week."""
    day = a_day(starts=True)
    assert "Nothing is planned today Squat last time: 1 × 3, 100 kg" in day
    assert "Start a set" in day
    assert "Newest personal bests Squat: " in day
    assert "heaviest good rep: 100 kg · Thu, 5 Mar 2026, 18:30" in day
    assert "Squat · Thu, 5 Mar 2026, 18:30" in day
    write_plan("anna", Plan(sets=(PlannedSets(exercise="squat", sets=3, reps=5, load="105kg"),)))
    assert "Planned today Squat 3 × 5, 105 kg last time: 1 × 3, 100 kg" in a_day()
    weeks_later = words_of(today_page("anna", date(2026, 3, 27), pytest.fail))
    assert "Squat · Thu, 5 Mar 2026, 18:30, 22 days ago" in weeks_later
    that_day = words_of(today_page("anna", date(2026, 3, 5), pytest.fail))
    assert "Squat 3 × 5, 105 kg; 1 of 3 sets done last time" in that_day
    assert "Tue 10 18:30 Squat, 1 set" in a_day("ben")
    assert "Start a set, or drop a film of one." in a_day("me", starts=True)
    assert a_day(None) in {a_day("anna"), a_day("ben")}, "nobody else has sessions"


def test_the_week_leaves_out_exercises_without_a_set(sessions):
    """A film that is being analysed is a session already."""
    a_session(sessions, 9, "ggg", profile="anna")
    a_session(sessions, 10, "", profile="anna")
    assert "Mon 9 18:30 Squat, 1 set Tue 10 Wed 11 Thu 12" in a_day()


def test_trends_ask_for_no_load_that_is_known(sessions):
    """A set that was not good makes no best, whatever its load."""
    a_session(sessions, 3, "aaa", profile="anna")
    page = words_of(_history_page(None, None, None, "home"))
    assert "Personal bests None yet: only a set with a load that is mostly good makes one." in page


def test_a_coach_sees_each_lifter_in_a_row(sessions, month):  # noqa: ARG001
    """With the newest lifter first: last session, how it went, sets of the week, and a trend if there are enough."""
    page = lifters_page(date(2026, 3, 12))
    text = words_of(page)
    Profile("carl", print).create_folder()
    assert "carl No sessions." in words_of(lifters_page(date(2026, 3, 12)))
    ben, anna = text[text.index("ben Squat") : text.index("anna Squat")], text[text.index("anna Squat") :]
    assert "Squat , Tue, 10 Mar 2026, 18:30 No fault was seen 1 set" in ben
    assert "Squat , Thu, 5 Mar 2026, 18:30 No fault was seen 0 sets" in anna
    assert "Good reps: Too few sessions to say whether it changes: 2 of at least 5." in anna
    assert {"./?profile=ben", "history.html?profile=anna"} <= set(Read(page).having("href"))
    a_session(sessions, 11, "aaa", profile="anna")
    lines = words_of(lifters_page(date(2026, 3, 12)))
    assert "anna Squat , Wed, 11 Mar 2026, 18:30 To fix first: “stay tall”, in 3 of 3 reps 1 set" in lines


@pytest.mark.parametrize("live", [False, True])
def test_a_session_that_has_not_ended_is_listed_alone_and_without_results(month, sessions, live):
    """Half a film is no result: Today, Trends and Compare leave it out, and what can't work has no button."""
    half = a_session(sessions, 11, "aa", profile="anna", cut_off=True, source=replace(a_document().source, live=live))
    state = "Still being recorded" if live else "Still being analysed"
    with layout.lock_session(half):
        page = Read(sessions_page({"profile": "anna"}))
        assert (page.words.count(state), page.having("action").count(f"{half.name}/reps")) == (1, 0)
        assert not any(half.name in text for name in ("value", "id") for text in page.having(name))
        assert [entry.name for entry in load_indexed_sessions()] == month
        assert half.name not in (
            today_page("anna", date(2026, 3, 12), pytest.fail) + _history_page(None, "anna", None, "home")
        )
        assert half.name not in {part.name for part in load_past().parts}
        report = Read(make_report(half, pytest.fail, served="home"))
        assert report.having("action") == []
        assert (state in report.words, "tall" in report.words, "No movement" in report.words) == (True, live, False)
        assert ("2 to check" in report.words) is live
        with pytest.raises(SessionError, match="Press g, b or x" if live else "is still being analysed"):
            correct_reps(session := open_session(half, pytest.fail), [session.rep_events[0]], None)
    assert [entry.name for entry in load_indexed_sessions()] == [*month, half.name]


def test_who_has_confirmed_no_reps_yet_has_no_trend_of_good_reps(sessions):
    """Their number of sessions is not why, and that all reps are alike says no more."""
    a_squat_session(sessions, [replace(squatted(1), reference="session")], started=at(2026, 3, 3), profile="anna")
    line = "nobody has confirmed good reps yet"
    assert f"Good reps: {line} Trends" in words_of(lifters_page(date(2026, 3, 12)))
    page = words_of(_history_page(None, "anna", None, "home"))
    assert (line in page, f"{line}:" in page) == (True, False)


def test_a_report_lists_a_movement_once_that_two_exercises_began_to_count(sessions):
    half = [PartialRepEvent(t_s=3.0, partial_rep=PartialRep(start_s=2.0 + n / 4, reason="short")) for n in range(2)]
    folder = a_squat_session(sessions, [], events=half)
    assert make_report(folder, pytest.fail, served="home").count("at 0:02: too short") == 1
