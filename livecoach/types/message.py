"""What livecoach says, before a language is chosen; and which languages there are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""Code of each language, and its name in itself."""
AUTO = "auto"
"""The system's language, as a setting."""
if TYPE_CHECKING:
    LanguageSetting = str
else:
    LanguageSetting = Literal[(AUTO, *LANGUAGES)]


class Message(str):
    """An English text that knows how it was made: the id of its template, and the arguments in it.

    Wherever a text is stored or compared, it is that text. `livecoach.language.translate` shows it in another language
    and in other units by its id and arguments. The fields of an id are named by what stands in them, and a digit tells
    several of a kind apart ({n2}):

        {n}     a number: the text of one in English, "0.45"
        {text}  a Message, or another text that has a translation
        {time}  a time by the clock, "0:45"
        {name}  anything else, which no language changes
    """

    __slots__ = ("arguments", "id")

    id: str
    """The English template, "{n} reps". It is the key of the catalogues in livecoach/locales."""
    arguments: Mapping[str, str | int]

    def __new__(cls, id: str, **arguments: str | int) -> "Message":
        """Raises KeyError where an argument is missing."""
        self = super().__new__(cls, id.format(**arguments))
        self.id, self.arguments = id, arguments
        return self

    def __getnewargs_ex__(self) -> tuple[tuple[str], dict[str, str | int]]:
        """Return what copies and pickles are made from."""
        return (self.id,), dict(self.arguments)


def joined(between: str, *texts: str) -> str:
    """Return texts as one: "{text}, {text2}" of each two. between: ", " or another separator that has a translation."""
    first, *rest = texts
    return first if not rest else Message(f"{{text}}{between}{{text2}}", text=first, text2=joined(between, *rest))
