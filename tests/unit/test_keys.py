"""The characters of keys that belong to a text."""

import pytest

from livecoach.feedback.keys import typed_key


@pytest.mark.parametrize(
    ("code", "character"),
    [(ord("a"), "a"), (ord("A"), "A"), (0xE4, "ä"), (0xC4, "Ä"), (0x20, " "), (0xFFB7, "7"), (0xFFAE, ".")],
)
def test_a_text_keeps_what_was_typed(code, character):
    """Capitals, letters beside English ones, and the digits of a keypad."""
    assert typed_key(code) == character


@pytest.mark.parametrize("code", [-1, 0, 0xFF51, 0xFFE1, 0xAD])
def test_a_key_without_a_character_belongs_to_no_text(code):
    """None, arrows, Shift alone, and a hyphen that nobody sees."""
    assert typed_key(code) is None
