"""Loads the HTML templates of pages, which escape all values and fail on undefined ones."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template


@cache
def template(path: Path) -> Template:
    """Load the template at `path`; it may include other files of its folder.

    It is compiled once: that takes a tenth of a second, and `livecoach home` writes many pages of one template.
    """
    environment = Environment(
        loader=FileSystemLoader(path.parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(path.name)
