"""Defines the texts for the user before translation, and the list of languages."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}  # code of each language → its name in that language
AUTO = "auto"  # setting that stands for the system's language
if TYPE_CHECKING:
    LanguageSetting = str
else:
    LanguageSetting = Literal[(AUTO, *LANGUAGES)]


class Message(str):
    """An English text that keeps the id of its template and its arguments.

    A message is stored and compared as its English text. From id and arguments, `livecoach.core.language.translate`
    makes the text in another language and in other units. The name of an id's field says what it contains, and a digit
    distinguishes several fields of a kind ({n2}):

        {n}     a number without its unit, as English writes it: "0.45"
        {text}  a Message, or another text that has a translation
        {Text}  like {text}, but the first letter becomes a capital
        {time}  a time in minutes and seconds, "0:45"
        {name}  any other text. Translation leaves it unchanged, except for a day, "2026-06-01"

    A number with its unit is a message of its own, "{n} cm", so that the units can be exchanged.
    """

    __slots__ = ("arguments", "id")

    id: str  # the English template, "{n} reps", which is the key of the catalogues in livecoach/assets/locales
    arguments: Mapping[str, str | int]  # field of the template → its value

    def __new__(cls, id: str, **arguments: str | int) -> "Message":
        """Create a message from the id of its template and its arguments. Raises KeyError if an argument is missing."""
        self = super().__new__(cls, fill_template(id, arguments))
        self.id, self.arguments = id, arguments
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts in the message's fields {text}, {text2} and so on, in the order of the arguments."""
        texts = (value for field, value in self.arguments.items() if field.startswith("text"))
        return tuple(text for text in texts if isinstance(text, str))

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str | int]]:
        """Return the arguments of `__new__`, for copies and pickles."""
        return (self.id,), dict(self.arguments)


def fill_template(template: str, arguments: Mapping[str, str | int]) -> str:
    """Return a template with its fields filled. The template is an English id, or the translation of an id.

    Raises KeyError if the arguments lack a field of the template.
    """
    values = {field: str(value) for field, value in arguments.items()}
    values |= {field: text[:1].upper() + text[1:] for field, text in values.items() if field.startswith("Text")}
    return template.format(**values)


def capitalise(text: str) -> str:
    """Return a text as a message whose first letter is a capital, also in a translation; "" stays the same."""
    return Message("{Text}", Text=text) if text else text


def join_texts(separator: str, *texts: str) -> str:
    """Join non-empty texts by a separator such as ", ", as a message. A single text stays the same; none gives ""."""
    parts = [text for text in texts if text]
    if len(parts) < 2:
        return parts[0] if parts else ""
    fields = {f"text{number}": part for number, part in enumerate(parts)}
    return Message(separator.join([f"{{{field}}}" for field in fields]), **fields)


def in_words(name: str) -> str:
    """Return an identifier with spaces for underscores, such as "forward lean" for "forward_lean"."""
    return name.replace("_", " ")


def escape_input(text: str) -> str:
    """Return a typed text without white space at its ends, with special characters escaped as in Python's strings."""
    return repr(text.strip())[1:-1]


def quantity_words(number: int, singular: str, plural: str) -> Message:
    """Return a number with its noun, as a message.

    Args:
        singular: Id of the words for 1, such as "1 rep".
        plural: Id of the words for other numbers, such as "{n} reps".
    """
    return Message(singular) if number == 1 else Message(plural, n=number)


def count_noun(count: int, noun: str) -> str:
    """Return a count with its noun, such as "1 rep" or "5 reps", in English only."""
    return f"{count} {noun}{'' if count == 1 else 's'}"
