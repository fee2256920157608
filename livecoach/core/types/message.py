"""Texts for the user before translation, and the list of languages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}  # code of each language, and its own name for itself
AUTO = "auto"  # the system's language, as a setting
if TYPE_CHECKING:
    LanguageSetting = str
else:
    LanguageSetting = Literal[(AUTO, *LANGUAGES)]


class Message(str):
    """An English text that keeps the id of its template and its arguments.

    It is stored and compared as that text. `livecoach.core.language.translate` shows it in another language and in
    other units by its id and arguments. The fields of an id are named by their content, and a digit distinguishes
    several of a kind ({n2}):

        {n}     a number without its unit: the text of one in English, "0.45"
        {text}  a Message, or another text that has a translation
        {Text}  the same, begun with a capital
        {time}  a time by the clock, "0:45"
        {name}  anything else, which no language changes, but for a day, "2026-06-01"

    A number with its unit is a message of its own, "{n} cm": other units take its place there.
    """

    __slots__ = ("arguments", "id")

    id: str  # the English template, "{n} reps": the key of the catalogues in livecoach/assets/locales
    arguments: Mapping[str, str | int]

    def __new__(cls, id: str, **arguments: str | int) -> "Message":
        """Raises KeyError where an argument is missing."""
        self = super().__new__(cls, filled(id, arguments))
        self.id, self.arguments = id, arguments
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        texts = (value for field, value in self.arguments.items() if field.startswith("text"))
        return tuple(text for text in texts if isinstance(text, str))

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str | int]]:
        """For copies and pickles."""
        return (self.id,), dict(self.arguments)


def filled(template: str, arguments: Mapping[str, str | int]) -> str:
    """template: an English id or its translation."""
    begun = {field: str(value) for field, value in arguments.items()}
    begun |= {field: text[:1].upper() + text[1:] for field, text in begun.items() if field.startswith("Text")}
    return template.format(**begun)


def capital(text: str) -> str:
    return Message("{Text}", Text=text) if text else text


def joined(between: str, *texts: str) -> str:
    """Leaves out empty texts. between: a separator without words, as ", "."""
    parts = [text for text in texts if text]
    if len(parts) < 2:
        return parts[0] if parts else ""
    fields = {f"text{number}": part for number, part in enumerate(parts)}
    return Message(between.join(f"{{{field}}}" for field in fields), **fields)


def in_words(name: str) -> str:
    """ "forward_lean" as "forward lean"."""
    return name.replace("_", " ")


def quoted(text: str) -> str:
    """Return what a user typed as it stands between quotation marks, with what can't be printed in escapes."""
    return repr(text.strip())[1:-1]


def counted(number: int, one: str, many: str) -> Message:
    """one: the id for one thing, "1 rep"; many: the id for any other number, "{n} reps"."""
    return Message(one) if number == 1 else Message(many, n=number)


def number_of(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
