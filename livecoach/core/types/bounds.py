"""Defines types and bounds of values, checks arguments and names of files and profiles, and writes rows as CSV."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from types import UnionType
from typing import Annotated, Any, TextIO

import numpy as np
from pydantic import AfterValidator, Field

from livecoach.core.errors import ConfigError
from livecoach.core.types.message import Message


def to_printable(text: str) -> str:
    """Return a text as one line of printable characters.

    White space becomes spaces. All other characters that do not print, such as controls, become replacement characters.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


_FORMULA = tuple("=+-@＝＋－＠")
"""First characters of a formula, including the full-width forms that Japanese spreadsheets accept."""


def check_line(text: str) -> str:
    """Check a text that is shown or spoken, and return it. Raises ValueError unless it is a line of text."""
    if not text.strip() or any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        raise ValueError(f"expected a line of text, got {text!r}")
    return text


Line = Annotated[str, AfterValidator(check_line)]


def escape_cell(text: str) -> str:
    """Return a text on one line, with an apostrophe before a text that a spreadsheet would read as a formula.

    A formula could send the content of other cells to an address.
    """
    shown = to_printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def write_csv_rows(file: TextIO, rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> None:
    """Write rows to a CSV file, which must be open with newline="". Texts are written as `escape_cell` returns them."""
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows([escape_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³]) *(?:\..*)?", re.IGNORECASE)


def is_device_name(name: str) -> bool:
    """Return whether Windows treats a file name as a device, whatever its suffix."""
    return _DEVICE.fullmatch(name.strip()) is not None


def check_no_device(name: str) -> str:
    """Check a name for files and folders, and return it. Raises ValueError if Windows treats the name as a device."""
    if is_device_name(name):
        raise ValueError(Message("{name} is the name of a device in Windows: choose another one", name=name))
    return name


PROFILE_NAME = 'a name of up to 40 letters, digits, spaces and signs, but for \\ / : * ? " < > |'  # the rule in words
_PROFILE = re.compile(r"""(?![ .-])[^\\/:*?"<>|]{1,40}(?<![ .])""")


NO_PROFILE = "-"  # Name that users type for a lifter without a profile. No profile has this name.
UNNAMED = "me"  # profile of a lifter without a name, as in configs/settings.yaml


def lifter_suffix(profile: str | None, *, is_shared: bool) -> str:
    """Return the end of a set's address, "@ben" or, without a profile, "@-"; empty if one person lifts alone.

    A name of several words stands in quotation marks, as in a command.
    """
    name = profile or NO_PROFILE
    return "" if not is_shared else f"@{name}" if re.fullmatch(r"[\w.@+-]+", name) else f'@"{name}"'


def profile_words(name: str) -> Message:
    """Return the message that shows a profile's name. An unnamed lifter's profile is shown as "Me", translated."""
    return Message("Me") if name == UNNAMED else Message("{name}", name=name)


def check_profile_name(text: str) -> str:
    """Check a profile's name, and return the name in Unicode's form NFC, in which its folder is named.

    Raises:
        ValueError: The name is empty, too long or not printable, some system allows no folder of this name, or the name
            looks like an option or a hidden folder.
    """
    name = unicodedata.normalize("NFC", text)
    if not (_PROFILE.fullmatch(name) and name.isprintable()):
        shown = text if text.isprintable() else ascii(text)[1:-1]
        raise ValueError(Message("expected {text}, got '{name}'", text=PROFILE_NAME, name=shown))
    return check_no_device(name)


def check_new_profile_name(text: str, others: Iterable[str]) -> str:
    """Check the name of a new profile, and return the name as its folder spells it, with single spaces.

    Raises ValueError if the name is invalid, or equals the name of another profile apart from case and spaces.
    """
    name = check_profile_name(" ".join(text.split()))
    if (similar := find_similar_name(name, others)) is not None:
        raise ValueError(Message("{name} exists already", name=similar))
    return name


def check_distinct_name(name: str, others: Iterable[str]) -> None:
    """Raise ValueError if another profile's name differs from a name by case or spaces alone. Equal names pass.

    People would mix such names up, and some file systems would keep both in one folder.
    """
    if (similar := find_similar_name(name, {*others} - {name})) is not None:
        text = "there is {name} already, which differs by case or spaces alone. Choose that one, or another name"
        raise ValueError(Message(text, name=similar))


def find_similar_name(name: str, others: Iterable[str]) -> str | None:
    """Return the first of the other names that equals a name apart from case and spaces; None without such a name."""
    return next((other for other in others if _spelling(other) == _spelling(name)), None)


def _spelling(name: str) -> str:
    return "".join(name.split()).casefold()


MOST_COUNT = 2**31 - 1  # largest count of anything: tables hold 32 bits
MOST_PX = 32767  # longest side of a picture in pixels: no video library goes further
MOST_S = 1e7  # largest time in seconds: 115 days
MOST_ENTRIES = 1000  # longest list in a document, such as the faults of a rep
MOST_OWN_REPS = 10_000  # largest number of own reps that a rep is judged against
FILMED_FPS = (1, 1000)  # smallest and largest number of pictures a second that a camera films

Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
Ordinal = Annotated[int, Field(ge=1, le=MOST_COUNT)]  # a number that counts from 1
Pixels = Annotated[int, Field(ge=1, le=MOST_PX)]
Seconds = Annotated[float, Field(ge=-MOST_S, le=MOST_S, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]  # a finite number in any unit
TurnDeg = Annotated[int, Field(ge=0, le=270, multiple_of=90)]  # angle by which a picture is turned clockwise
Fps = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Bytes = Annotated[int, Field(ge=0, lt=2**53)]
Name = Annotated[str, Field(max_length=1000), AfterValidator(to_printable)]  # a name, a digest, or another short text
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]  # local date, 2026-11-13
Text = Annotated[str, Field(max_length=10_000), AfterValidator(to_printable)]


def check_number(name: str, value: float, wanted: str, least: float, most: float) -> None:
    """Raise TypeError for an argument that is no number, and ConfigError for a number out of range, or NaN."""
    if not isinstance(value, int | float | np.number):
        raise TypeError(f"{name}: expected {wanted}, got {value!r}")
    if not least <= value <= most:
        raise ConfigError(f"{name}: expected {wanted}, got {value}.")


def check_texts(**arguments: object) -> None:
    """Raise TypeError if an argument is neither a text nor None."""
    check_types("a text", str, **arguments)


def check_types(wanted: str, types: type | UnionType, **arguments: object) -> None:
    """Raise TypeError if an argument is neither None nor of the types, which `wanted` says in words."""
    for name, value in arguments.items():
        if not isinstance(value, types | None):
            raise TypeError(f"{name}: expected {wanted}, got {type(value).__name__}")
