"""Renders the page of `livecoach history --html`: one self-contained HTML file without network access."""

from pathlib import Path

from livecoach.charts import template
from livecoach.documents import CourseDocument, HistoryDocument
from livecoach.history import words
from livecoach.history.page_plots import Opens, plots, usual_rep_plots
from livecoach.language.page import translated
from livecoach.language.percent import percent
from livecoach.session.speeds import is_estimated, speed_cell, speed_unit

TEMPLATE = Path(__file__).with_name("page.html.j2")
BESTS = 16
"""Most personal bests that are listed; the JSON has all. Our choice."""
OPEN = 12
"""Most sessions whose table is expanded initially; our choice."""


def render_page(document: HistoryDocument, folder: Path) -> str:
    """Return the HTML. folder: the page's folder; the page links the reports that lie there."""

    def opens(name: str) -> str | None:
        return f"{name}.html" if (folder / f"{name}.html").is_file() else None

    sections = [_course(number, course, document.today, opens) for number, course in enumerate(document.courses)]
    page = template(TEMPLATE).render(
        document=document,
        courses=sections,
        words=words,
        opens=opens,
        open=OPEN,
        bests=BESTS,
        percent=percent,
        speed_cell=speed_cell,
        speed_unit=speed_unit(),
    )
    return translated(page)


def _course(number: int, course: CourseDocument, today: str, opens: Opens) -> dict[str, object]:
    return {
        "id": f"c{number}",
        "title": words.capital(words.title(course)),
        "of": course,
        "plots": plots(course, opens),
        "volume": words.volume(course, today),
        "volume_load": words.volume_loads(course)[0],
        "heaviest": words.volume_loads(course)[1],
        "moved": [
            *(list(words.moved(one)) for one in course.moved),
            *([] if course.usual is None else [list(words.usual(course.usual))]),
        ],
        "usual": [] if course.usual is None else usual_rep_plots(course.usual),
        "estimates": any(one.speed is not None and is_estimated(one.speed.unit) for one in course.sessions),
        "loss": any(one.speed is not None and one.speed.loss is not None for one in course.sessions),
    }
