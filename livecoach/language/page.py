"""Shows an HTML page in the language and the units in use.

A page is made in English. Its texts, and the attributes that are read out or shown, are translated one by one; code,
styles and scripts are left alone.
"""

import html
import re
from collections.abc import Callable

from livecoach import language

_PIECE = re.compile(r"<!--.*?-->|<(?P<kept>style|script|code)\b.*?</(?P=kept)>|<[^>]*>|[^<]+", re.DOTALL)
_SHOWN = re.compile(r'(?P<before>\s(?:aria-label|alt|title)=")(?P<value>[^"]*)"')
_ENGLISH = '<html lang="en"'


def translated(page: str, translate: Callable[[str], str] = language.translate) -> str:
    """Return the page in the language and the units in use. translate: translates one text."""
    shown = _PIECE.sub(lambda found: _piece(found[0], translate), page)
    return shown.replace(_ENGLISH, f'<html lang="{language.code()}"', 1)


def _piece(piece: str, translate: Callable[[str], str]) -> str:
    if not piece.startswith("<"):
        return _text(piece, translate)
    return _SHOWN.sub(lambda found: f'{found["before"]}{_value(found["value"], translate)}"', piece)


def _text(text: str, translate: Callable[[str], str]) -> str:
    """Translate a text between two tags; spaces at its ends stay."""
    bare = text.strip()
    if not bare:
        return text
    words = " ".join(html.unescape(bare).split())
    shown = translate(words)
    return text if shown == words else text.replace(bare, html.escape(shown, quote=False))


def _value(value: str, translate: Callable[[str], str]) -> str:
    words = html.unescape(value)
    shown = translate(words)
    return value if shown == words else html.escape(shown)
