"""Makes the page of all sessions, which finds sessions by words, lifter, exercise, fault and week."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from unicodedata import combining, normalize
from urllib.parse import urlencode

from livecoach.core.charts import load_template
from livecoach.core.config import paths
from livecoach.core.language import language_code, translate
from livecoach.core.types import ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.decisions.judging.wording import fault_cue, fault_words
from livecoach.pages.history import history_words
from livecoach.pages.history.history_figures import monday
from livecoach.pages.history.reading import read_session
from livecoach.pages.history.session_index import IndexedPart, IndexedSession, load_indexed_sessions
from livecoach.pages.report.report_page import day_and_time
from livecoach.pages.report.report_words import film_name, lifter_name
from livecoach.pages.report.session_cards import Card, exercise_title, session_card

NEWEST = 24  # Most sessions on a page: two screens. Our choice.
FIELDS = "words", "profile", "exercise", "fault", "week"  # Names of the fields of the form
LONGEST = 6  # Number of digits from which the number of a page is ignored
TEMPLATE = Path(__file__).with_name("sessions.html.j2")
Found = tuple[IndexedSession, str | None]  # A session, and the profile of one of its lifters


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A search for sessions: the fields of the form, and the page of the results. An empty field finds everything."""

    words: str = ""
    profile: str = ""  # NO_PROFILE for lifters without a profile
    exercise: str = ""
    fault: str = ""  # Words of a fault, which several exercises may share
    week: str = ""  # Any day of the week, such as 2026-11-27
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> "Search":
        """Return the search that an address states. An invalid week is dropped; an invalid page becomes 1."""
        fields = {name: query[name] for name in FIELDS if name in query}
        page = query.get("page", "")
        try:
            date.fromisoformat(fields.get("week", ""))
        except ValueError:
            fields.pop("week", None)
        return cls(**fields, page=int(page) if page.isdecimal() and len(page) < LONGEST else 1)

    def page_address(self, page: int) -> str:
        return "?" + urlencode({name: text for name in FIELDS if (text := getattr(self, name))} | {"page": page})

    def find(self, sessions: Sequence[IndexedSession]) -> list[Found]:
        """Return the matching pairs of session and lifter's profile, newest first; `sessions` come oldest first."""
        pairs = ((session, profile) for session in reversed(sessions) for profile in session.profiles)
        return [found for found in pairs if self._fits(*found)]

    def _fits(self, session: IndexedSession, profile: str | None) -> bool:
        parts = [part for part in session.parts if part.profile == profile]
        if (
            self.profile not in {"", profile or NO_PROFILE}
            or (self.exercise and all(part.exercise != self.exercise for part in parts))
            or (self.fault and all(self.fault not in _fault_words(part) for part in parts))
            or (self.week and _week(session.started[:10]) != _week(self.week))
        ):
            return False
        wanted = _fold(self.words).split()
        text = _fold(" ".join(_texts(session, profile, parts))) if wanted else ""
        return all(word in text for word in wanted)


def _fold(text: str) -> str:
    """Return a text in lower case and without accents, as many people type it."""
    return "".join(char for char in normalize("NFD", text.casefold()) if not combining(char))


def _fault_words(part: IndexedPart) -> list[str]:
    return [fault_words(fault, part.exercise) for fault in part.session.faults]


def _week(day: str) -> date:
    return monday(date.fromisoformat(day))


def _texts(session: IndexedSession, profile: str | None, parts: Sequence[IndexedPart]) -> Iterator[str]:
    """Yield the texts of a lifter's session in which the words of a search are looked for, in the language in use."""
    code = language_code()
    yield from (session.name, session.started[:16], _day(session.started, code), translate(lifter_name(profile)))
    for part in parts:
        yield film_name(part.recording, is_live=part.live)
        yield from (_words(part.exercise, fault, code) for fault in (None, *part.session.faults))
        yield from (past_set.note for past_set in part.session.sets if past_set.note)


@lru_cache(maxsize=10_000)  # translating the words of a thousand sessions takes a tenth of a second
def _day(started: str, _language: str) -> str:
    return translate(day_and_time(datetime.fromisoformat(started), "%a", "%b"))


@lru_cache(maxsize=1000)
def _words(exercise: str, fault: str | None, _language: str) -> str:
    if fault is None:
        return translate(exercise_title(exercise))
    return f"{translate(fault_words(fault, exercise))} {translate(fault_cue(fault, exercise))}"


def sessions_page(query: Mapping[str, str], deleted: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the page of the sessions that fit a search.

    Args:
        query: Fields of the search form, and the page of the results, limited to the pages that exist.
        deleted: Titles of the deleted sessions that can be restored, by name.
    """
    search, sessions = Search.from_query(query), load_indexed_sessions(unfinished=True)
    found = search.find(sessions)
    pages = max(-(-len(found) // NEWEST), 1)
    page = min(max(search.page, 1), pages)
    parts = [part for session in sessions for part in session.parts]
    lifters = {profile or NO_PROFILE for session in sessions for profile in session.profiles}
    return load_template(TEMPLATE).render(
        words=history_words,
        search=search,
        sessions=list(_cards(found[NEWEST * (page - 1) : NEWEST * page])),
        count=len(found),
        page=page,
        pages=pages,
        lifters={name: lifter_name(name) for name in sorted(lifters, key=str.casefold)},
        exercises={name: exercise_title(name) for name in sorted({part.exercise for part in parts})},
        faults={str(words): words for part in parts for words in _fault_words(part)},
        notes=[line for session in sessions for line in session.damage],
        deleted=deleted,
    )


def _cards(found: Sequence[Found]) -> Iterator[Card]:
    for entry, profile in found:
        session = read_session(paths.sessions_dir() / entry.name, ignore)
        if session is not None:
            others = [name for name in session.profiles if name != profile]
            yield session_card(session.select_lifter(profile), others=others)
