"""Types of stored values, with bounds, and tables of such values as CSV."""

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, TextIO

from pydantic import AfterValidator, Field

from livecoach.core.types.message import Message


def printable(text: str) -> str:
    """On one line. Spaces replace white space, and a replacement character all else that does not print: escape
    sequences, C1 controls, marks that change the direction of writing, lone surrogates."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)


_FORMULA = tuple("=+-@＝＋－＠")
"""First characters of a formula, also in the full width that Japanese spreadsheets accept."""


def neutral_cell(text: str) -> str:
    """As a cell of a CSV file: on one line, and with an apostrophe before anything that a spreadsheet would read as a
    formula, which could send other cells to an address."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def write_rows(file: TextIO, rows: Iterable[Sequence[Any]], *, delimiter: str = ",") -> None:
    """Write rows to a file of CSV, which is open with newline="", with neutral cells. Raises OSError."""
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    writer.writerows([neutral_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)


_DEVICE = re.compile(r"(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[1-9¹²³]) *(?:\..*)?", re.IGNORECASE)


def is_device(name: str) -> bool:
    """Return whether Windows takes a file's name for a device, whatever follows a dot in it."""
    return _DEVICE.fullmatch(name.strip()) is not None


def no_device(name: str) -> str:
    """Return a name that files and folders get. Raises ValueError where Windows takes it for a device."""
    if is_device(name):
        raise ValueError(Message("{name} is the name of a device in Windows: choose another one", name=name))
    return name


PROFILE_NAME = 'a name of up to 40 letters, digits, spaces and signs, but for \\ / : * ? " < > |'
_PROFILE = re.compile(r"""(?![ .-])[^\\/:*?"<>|]{1,40}(?<![ .])""")


UNNAMED = "me"  # the profile of who has given no name, as configs/settings.yaml has it


def profile_words(name: str) -> Message:
    """Return a profile's name as it is shown: "Me", in the language in use, for who has given none."""
    return Message("Me") if name == UNNAMED else Message("{name}", name=name)


def profile_name(text: str) -> str:
    """As its folder has it: "ü" as one character. Raises ValueError if a folder of that name is not possible
    everywhere, or begins as an option or a hidden folder does."""
    name = unicodedata.normalize("NFC", text)
    if not (_PROFILE.fullmatch(name) and name.isprintable()):
        shown = text if text.isprintable() else ascii(text)[1:-1]
        raise ValueError(Message("expected {text}, got '{name}'", text=PROFILE_NAME, name=shown))
    return no_device(name)


def new_profile_name(text: str, others: Iterable[str]) -> str:
    """The name of somebody new. Raises ValueError where it is none, or too like one that there is."""
    name = profile_name(" ".join(text.split()))
    like = next((other for other in others if heard(other) == heard(name)), None)
    if like is not None:
        raise ValueError(Message("{name} is there already", name=like))
    return name


def check_told_apart(name: str, others: Iterable[str]) -> None:
    """Raise ValueError if the name of a new profile differs from another one by case or spaces alone: they would be
    taken for each other, and some file systems would keep them in one folder."""
    alike = (other for other in others if other != name and heard(other) == heard(name))
    for other in alike:
        there = "there is {name} already, which differs by case or spaces alone. Choose that one, or another name"
        raise ValueError(Message(there, name=other))


def heard(name: str) -> str:
    """What of a profile's name tells it from others: all but case and spaces."""
    return "".join(name.split()).casefold()


MOST_COUNT = 2**31 - 1  # largest number of anything: tables hold 32 bits
MOST_PX = 32767  # of a picture's side; no video library goes further
MOST_S = 1e7  # 115 days
MOST_ENTRIES = 1000  # longest list in a document, such as the faults of a rep
MOST_OWN_REPS = 10_000  # that a rep is judged against

Count = Annotated[int, Field(ge=0, le=MOST_COUNT)]
Ordinal = Annotated[int, Field(ge=1, le=MOST_COUNT)]  # counts from 1
Pixels = Annotated[int, Field(ge=1, le=MOST_PX)]
Seconds = Annotated[float, Field(ge=-MOST_S, le=MOST_S, allow_inf_nan=False)]
Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]  # in any unit
TurnDeg = Annotated[int, Field(ge=0, le=270, multiple_of=90)]  # by which a picture is turned clockwise
Fps = Annotated[float, Field(gt=0, le=1e6, allow_inf_nan=False)]
Bytes = Annotated[int, Field(ge=0, lt=2**53)]
Name = Annotated[str, Field(max_length=1000), AfterValidator(printable)]  # or a digest, or another short text
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]  # local, as 2026-11-13
Text = Annotated[str, Field(max_length=10_000), AfterValidator(printable)]
