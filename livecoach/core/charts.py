"""Computes confidence intervals and axis ticks for charts, and loads the HTML templates of pages."""

import math
from functools import cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.core import language
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, capitalise, join_texts

if TYPE_CHECKING:
    from jinja2 import Template

Z = 1.96  # standard normal quantile of a 95 % interval


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """Return both ends of the 95 % confidence interval of hits / total (Wilson 1927); 0 and 1 if `total` is 0."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre, half = share + Z * Z / (2 * total), Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def tick_spacing(span: float, most: int = 4) -> float:
    """Return the smallest suitable distance between the ticks of an axis: 1, 2 or 5 times a power of ten.

    Args:
        span: Length of the axis, above 0, in the unit of the result.
        most: Largest number of intervals into which the ticks may divide the axis.
    """
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * most >= span)


@cache
def load_template(path: Path) -> "Template":
    """Load and compile the HTML template at a path; later calls return the same template.

    The template may include files of its folder and of the folder above. It shows messages in the language in use. Its
    functions are `say` (`Message`), `joined` (`join_texts`) and `language`, which returns the code of the language in
    use. Its filters are the filters of Jinja, `message` (`wrap_in_message`), `capital` (`capitalise`), `profile`
    (`profile_words`), and `number`, which turns a number into a message.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # not needed by a live run

    environment = Environment(
        loader=FileSystemLoader(path.parents[:2]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: (
            language.with_unbroken_units(language.translate(value)) if isinstance(value, Message) else value
        ),
    )
    environment.globals |= {"say": Message, "joined": join_texts, "language": language.language_code}
    environment.filters |= {"message": wrap_in_message, "capital": capitalise, "profile": profile_words}
    environment.filters["number"] = lambda number: Message("{n}", n=number)
    return environment.get_template(path.name)


def wrap_in_message(text: str) -> str:
    """Wrap a plain text in a message, so that a page translates the text. "" and messages are returned unchanged."""
    return text if isinstance(text, Message) or not text else Message("{text}", text=text)
