"""Makes the page with the version and the licence of livecoach, and with the licences of the packages that it needs."""

import re
from contextlib import suppress
from importlib import metadata

from livecoach import __version__
from livecoach.core.charts import load_template
from livecoach.core.config.paths import NAME, PACKAGE
from livecoach.pages.tools import TEMPLATES


def about_page() -> str:
    """Return the page with livecoach's version and licence, and with the licences of the required packages."""
    notice, licence = map(_text, ("NOTICE", "LICENSE"))
    return load_template(TEMPLATES / "about.html.j2").render(
        version=__version__, packages=sorted(required_packages()), notice=_unwrapped(notice), licence=licence
    )


def _unwrapped(notice: str) -> str:
    """Return a notice with each indented paragraph on one line, which a page wraps to its width."""
    return re.sub(r"(?m)(?:^ {4}.+\n)+", lambda paragraph: f"    {' '.join(paragraph[0].split())}\n", notice)


def required_packages() -> list[tuple[str, str, str]]:
    """Return the name, version and licence of each installed package that livecoach needs, except for extras."""
    found: dict[str, tuple[str, str, str]] = {}
    names = [NAME]
    while names:
        name = names.pop()
        try:
            package = metadata.distribution(name)
        except metadata.PackageNotFoundError:  # a package for another system, or of an extra
            continue
        about = package.metadata
        if about["Name"] in found:
            continue
        found[about["Name"]] = about["Name"], package.version, _licence(about)
        required = (line for line in package.requires or () if "extra ==" not in line)
        names += [match[0] for line in required if (match := re.match(r"[\w.-]+", line))]
    found.pop(NAME, None)
    return list(found.values())


def _licence(about: metadata.PackageMetadata) -> str:
    """Return the licence that a package states: as an expression, as classifiers, or in the first line of a text."""
    classified = [line.rpartition(" :: ")[2] for line in about.get_all("Classifier", []) if line.startswith("License")]
    stated = [about[name] for name in ("License-Expression", "License") if name in about]
    return next(filter(None, (*stated[:1], ", ".join(classified))), "?").strip().splitlines()[0]


def _text(name: str) -> str:
    """Return a file of livecoach's licence: from the wheel, or from the checkout."""
    with suppress(metadata.PackageNotFoundError):  # a checkout that is not installed
        for file in metadata.files(NAME) or ():
            if file.name == name:
                return file.read_text()
    path = PACKAGE.parent / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""
