"""A page is made in English and shown in the lifter's language."""

from datetime import date, timedelta

import pytest
from builders.past_sessions import a_past_rep, a_past_session, reps_of
from builders.reports import a_page, a_squat_session, of_set, squatted, wrong
from builders.sessions import at
from builders.steps import a_pace

from livecoach import language
from livecoach.documents import HistoryDocument
from livecoach.history.figures import courses
from livecoach.history.page import render_page
from livecoach.language.catalogue import load_catalogue
from livecoach.language.page import translated
from livecoach.types.message import LANGUAGES

TODAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    """Of a good rep and one that leant forward."""
    pace = a_pace(concentric_s=0.9, eccentric_s=1.2, speed=0.81, velocity_loss=0.1)
    good = squatted(1, score=0.4, pace=pace)
    told = [of_set(good), of_set(wrong(2, reference="own", pace=pace), own=[good])]
    return a_page(a_squat_session(tmp_path_factory.mktemp("sessions"), told, profile="anna"))


@pytest.fixture(scope="module")
def history(tmp_path_factory) -> str:
    """Of a dozen sessions with a fault in each."""
    reps = (*reps_of("ggga"), a_past_rep(number=5, verdict="anomalous", faults=("shallow",)))
    past = [a_past_session(at(2026, 1, 1) + timedelta(days=2 * n), reps=reps) for n in range(12)]
    document = HistoryDocument(today=TODAY.isoformat(), since=None, courses=courses(past, TODAY), notes=())
    return render_page(document, tmp_path_factory.mktemp("page"))


@pytest.mark.parametrize("name", ["report", "history"])
@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_text_of_a_page_has_a_translation(name, code, request) -> None:
    """But for names, which have no spaces."""
    texts: set[str] = set()
    translated(request.getfixturevalue(name), lambda text: texts.add(text) or text)
    catalogue = load_catalogue(code)
    assert [text for text in texts if " " in text and not catalogue.knows(text)] == []


def test_texts_and_labels_are_translated_and_all_else_stays() -> None:
    """Code, styles, names of classes and links are not texts."""
    page = (
        '<!doctype html>\n<html lang="en"><style>.good { color: red }</style>\n'
        '<a class="good" href="#good" aria-label="rep 1/2: good">  good </a>, <code>livecoach correct good</code>'
    )
    with language.used("de"):
        assert translated(page) == (
            '<!doctype html>\n<html lang="de"><style>.good { color: red }</style>\n'
            '<a class="good" href="#good" aria-label="Wdh. 1/2: gut">  gut </a>, <code>livecoach correct good</code>'
        )


def test_what_was_escaped_stays_escaped() -> None:
    """A name that looks like a tag is not one, in texts and labels."""
    page = '<p title="shown &lt;b&gt;&#34;">&lt;b&gt;&amp;</p><p title="“good”">squat · &lt;b&gt;</p>'
    with language.used("de"):
        assert translated(page) == (
            '<p title="shown &lt;b&gt;&#34;">&lt;b&gt;&amp;</p><p title="„gut“">Kniebeuge · &lt;b&gt;</p>'
        )


def test_an_english_page_is_unchanged() -> None:
    """Byte for byte, in metric units."""
    page = '<html lang="en"><p title="a &#34;b&#34;">Rep 1/2:\n  about 6 cm &amp; more</p></html>'
    assert translated(page) == page
