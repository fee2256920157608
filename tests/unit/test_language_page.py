"""A page is shown in the lifter's language, whole."""

import html
import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from builders.depth import a_depth
from builders.messages import has_words, known_ids
from builders.past_sessions import a_past_rep, a_past_session, reps_of
from builders.reports import a_page, a_squat_session, of_set, squatted, wrong
from builders.sessions import at, sessions_of
from builders.steps import a_pace

from livecoach.core import language
from livecoach.core.documents import SetLogEvent, WarningEvent
from livecoach.core.documents.history import HistoryDocument
from livecoach.core.language import Catalogue
from livecoach.core.types import Correction
from livecoach.pages.history.history_figures import exercise_trends
from livecoach.pages.history.history_page import render_history
from livecoach.pages.history.reading import make_past
from livecoach.pages.home.session_search import sessions_page
from livecoach.pages.home.today import lifters_page, today_page
from livecoach.pages.report.compare import compare_page
from livecoach.records.session.stored import Session

TODAY = date(2026, 4, 1)
NAMES = re.compile(r"\b(?:livecoach report \S+|\d{4}-\d\d-\d\d_\S+|squat 1|anna|livecoach|lite|clip\.\w+)")
"""Names, which no language changes: commands, sessions, models, profiles, files."""


def _marked(id: str) -> str:
    known = id.replace("\N{NO-BREAK SPACE}", " ") in known_ids()
    return f"⟦{id}⟧" if known and has_words(id) else id


@pytest.fixture
def marked(monkeypatch) -> None:
    """A language that puts every text of the catalogue in brackets, so that the others stand out."""
    monkeypatch.setattr(language, "_shown", (Catalogue("xx", _marked), "metric"))


def a_report(folder) -> str:
    """Of a good rep, one that leant forward and was too high, one that was not judged and one that somebody corrected,
    with a load and a warning."""
    pace = a_pace(concentric_s=0.9, eccentric_s=1.2, speed=0.81, velocity_loss=0.1)
    good = squatted(1, score=0.4, pace=pace)
    said = Correction(label="bad", fault="forward_lean")
    reps = [
        of_set(good),
        of_set(replace(wrong(2, reference="own", pace=pace), standards=(a_depth(),)), own=[good]),
        of_set(squatted(3, verdict="unsure", score=None, unsure="lost from sight")),
        of_set(squatted(4, score=0.5, pace=pace, correction=said)),
    ]
    warned = WarningEvent(t_s=1.0, warning="too_dark", active=True, text="too dark: add light")
    return a_page(a_squat_session(folder, reps, events=[warned], profile="anna"), clip=True)


def past_with_faults(count: int) -> tuple[list[Session], HistoryDocument]:
    """Sessions with a fault in each, and what comes of them."""
    reps = (*reps_of("ggga"), a_past_rep(number=5, verdict="anomalous", faults=("shallow",)))
    past = [a_past_session(at(2026, 1, 1) + timedelta(days=2 * n), reps=reps) for n in range(count)]
    return past, HistoryDocument(today=TODAY.isoformat(), since=None, courses=exercise_trends(past), notes=())


def a_history(_folder) -> str:
    return render_history(past_with_faults(12)[1])


def a_comparison(_folder) -> str:
    parts = make_past(past_with_faults(2)[0]).parts
    return compare_page(parts, lambda _: parts, None, None, "home")


def two_sessions(folder) -> None:
    """One with a fault, which the other one has not; both with loads."""
    logged = SetLogEvent(t_s=0.0, set=1, load_kg=100.0)
    for day, a_kind_of in ((1, wrong), (2, squatted)):
        reps = [a_kind_of(number) for number in (1, 2, 3)]
        a_squat_session(sessions_of(folder), reps, events=[logged], started=at(2026, 3, day), profile="anna")


def a_search(folder) -> str:
    two_sessions(folder)
    return sessions_page({}, {"gone": "squat 1"})


def a_today(folder) -> str:
    two_sessions(folder)
    return today_page("anna", date(2026, 3, 4), pytest.fail, starts=True)


def the_lifters(folder) -> str:
    two_sessions(folder)
    return lifters_page(date(2026, 3, 4))


@pytest.mark.usefixtures("marked", "data_home")
@pytest.mark.parametrize("page", [a_report, a_history, a_comparison, a_search, a_today, the_lifters])
def test_a_page_is_wholly_in_the_chosen_language(page, tmp_path) -> None:
    left = [text for text in shown_texts(page(tmp_path)) if re.search(r"[a-z]{2,}", bare(text))]
    assert left == []


def shown_texts(page: str) -> list[str]:
    """The texts and labels of a page."""
    page = re.sub(r"<(style|script|code)\b.*?</\1>", "", page, flags=re.DOTALL)
    labels = re.findall(r'\s(?:aria-label|alt|title)="([^"]*)"', page)
    texts = [*labels, *re.findall(r">([^<]+)<", page)]
    return [html.unescape(text).strip() for text in texts if text.strip()]


def bare(text: str) -> str:
    """A text without what is in brackets, however deep, and without names."""
    outside, deep = "", 0
    for character in text:
        deep += (character == "⟦") - (character == "⟧")
        outside += character if deep == 0 else ""
    return NAMES.sub("", outside)


def test_a_page_says_its_language(tmp_path) -> None:
    with language.using_language("de"):
        assert '<html lang="de">' in a_history(tmp_path)


def test_text_that_a_lifter_writes_is_escaped_and_not_translated(sessions) -> None:
    """A profile that is called like a tag, and one that is called like a verdict. Who has no name is "Me"."""
    for day, name in ((1, "<b>good</b>"), (2, "good"), (3, "me")):
        a_squat_session(sessions, [squatted(1)], started=at(2026, 1, day), profile=name)
    with language.using_language("de"):
        page = sessions_page({})
    assert "&lt;b&gt;good&lt;/b&gt;" in page
    assert " · good</p>" in page
    assert " · Ich</p>" in page
