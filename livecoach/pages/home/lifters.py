"""Makes the coach's page: a row for each lifter, with the last session and its result, the week, and a trend."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from livecoach.core.charts import load_template
from livecoach.core.language import format_percent
from livecoach.core.types.message import capitalise, join_texts
from livecoach.pages.addresses import report_link
from livecoach.pages.history import history_words
from livecoach.pages.history.history_figures import monday
from livecoach.pages.history.session_index import IndexedPart, indexed_sessions
from livecoach.pages.home.today import card_line
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_words import lifter_name
from livecoach.pages.report.session_cards import Card, exercise_title
from livecoach.records.profile import profile_names
from livecoach.records.session.stored import NO_PROFILE

TEMPLATE = Path(__file__).with_name("lifters.html.j2")


def lifters_page(today: date) -> str:
    """Return the page of all lifters: first the lifters with reps, the latest first, then profiles without reps."""
    by_lifter: dict[str | None, list[IndexedPart]] = {}
    for session in reversed(indexed_sessions()):
        for part in session.parts:
            if part.session.counts.reps:
                by_lifter.setdefault(part.profile, []).append(part)
    rows = [_row(parts, today) for parts in by_lifter.values()]
    others = sorted({*profile_names()} - by_lifter.keys(), key=str.casefold)
    rows += [{"name": name, "words": lifter_name(name), "report": ""} for name in others]
    return load_template(TEMPLATE).render(rows=rows)


def _row(parts: Sequence[IndexedPart], today: date) -> Card:
    newest, counts = parts[0], parts[0].session.counts
    of_week = [part for part in parts if monday(date.fromisoformat(part.session.started[:10])) == monday(today)]
    forms = [part.session.form for part in reversed(parts) if part.exercise == newest.exercise]
    shares = [form.value for form in forms if form.value is not None]
    change = history_words.change_words(shares, format_percent) if shares else history_words.unjudged_words(counts)
    return {
        "name": newest.profile or NO_PROFILE,
        "words": lifter_name(newest.profile),
        "title": exercise_title(newest.exercise),
        "day": day_and_time(newest.start_time, "%a", "%b"),
        "report": report_link(newest.session.name, newest.profile),
        "sets": history_words.sets(sum(part.session.counts.sets for part in of_week)),
        "line": card_line(newest),
        "trend": join_texts(": ", capitalise("good reps"), change),
    }
