"""Renders the page that sums a batch up: one HTML file that needs no network."""

from pathlib import Path

from livecoach.batch.summary import Summary
from livecoach.charts import template

TEMPLATE = Path(__file__).with_name("page.html.j2")
PAGE = "index.html"


def render(summary: Summary, left: int) -> str:
    """Return the HTML. left: number of recordings that are not done yet."""
    return template(TEMPLATE).render(summary=summary, left=left, duration=duration)


def duration(seconds: float) -> str:
    """Return a duration in words, such as "3 h 20 min"."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min" if minutes else f"{rest} s"
