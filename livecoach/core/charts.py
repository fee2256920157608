"""Charts and pages: confidence intervals of proportions, axis ticks, and HTML templates."""

import math
from functools import cache
from math import sqrt
from pathlib import Path
from typing import TYPE_CHECKING

from livecoach.core import language
from livecoach.core.types.bounds import profile_words
from livecoach.core.types.message import Message, capital, joined

if TYPE_CHECKING:
    from jinja2 import Template

Z = 1.96  # standard normal quantile of a 95 % interval


def wilson(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a proportion (Wilson 1927); 0…1 if `total` is 0."""
    if not total:
        return 0.0, 1.0
    share = hits / total
    centre, half = share + Z * Z / (2 * total), Z * sqrt(share * (1 - share) / total + Z * Z / (4 * total * total))
    scale = 1 + Z * Z / total
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def tick_distance(span: float, most: int = 4) -> float:
    """Return the tick distance: 1, 2 or 5 times a power of ten, so that at most `most` fit into `span` > 0."""
    power = 10.0 ** math.floor(math.log10(span / most))
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor * most >= span)


@cache
def template(path: Path) -> "Template":
    """Load the template at `path`; it may include other files of its folder.

    It is compiled once, because that takes a tenth of a second and a server writes many pages from one template.

    A page shows messages in the language in use: `say` makes a message, the filter `said` makes one from a text without
    arguments, and `number` from a number.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # a live run needs none

    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: language.unbroken(language.translate(value)) if isinstance(value, Message) else value,
    )
    environment.globals |= {"say": Message, "joined": joined, "language": language.code}
    environment.filters |= {"said": said, "begun": capital, "number": _number, "profile": profile_words}
    return environment.get_template(path.name)


def said(text: str) -> str:
    return text if isinstance(text, Message) or not text else Message("{text}", text=text)


def _number(text: str) -> Message:
    return Message("{n}", n=text)
