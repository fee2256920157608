"""The language that the system is set to."""

import os
from collections.abc import Container, Mapping

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that gettext reads, in its order (GNU gettext manual, 2.3)."""


def system_language(known: Container[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the code of the first language in the system's settings that is known; "en" where none is."""
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    codes = (part.split(".")[0].split("@")[0].split("_")[0].lower() for part in value.split(":"))
    return next((code for code in codes if code in known), "en")
