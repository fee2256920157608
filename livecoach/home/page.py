"""Renders the home page: one HTML file, which links the reports beside it and needs no network."""

from collections.abc import Sequence
from pathlib import Path

from livecoach.charts import template
from livecoach.home import pages
from livecoach.home.content import ProfileCard, SessionCard, TrendCard
from livecoach.language.page import translated

TEMPLATE = Path(__file__).with_name("home.html.j2")


def render_home(
    sessions: Sequence[SessionCard],
    trends: Sequence[TrendCard],
    profiles: Sequence[ProfileCard],
    *,
    count: int,
    notes: Sequence[str],
) -> str:
    """Return the HTML. count: number of all sessions. notes: what is damaged or left out, a line each."""
    page = template(TEMPLATE).render(
        sessions=sessions, trends=trends, profiles=profiles, count=count, notes=notes, history=f"{pages.HISTORY}.html"
    )
    return translated(page)
