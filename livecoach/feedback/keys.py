"""Names of keys, from the codes that `cv2.waitKeyEx` returns on each system."""

_NAMES = {
    8: "backspace",
    9: "tab",
    **dict.fromkeys((10, 13), "enter"),
    27: "escape",
    127: "delete",
    ord(" "): "space",
    0xFF08: "backspace",
    0xFF09: "tab",
    **dict.fromkeys((0xFF0D, 0xFF8D), "enter"),
    **{0xFFB0 + digit: str(digit) for digit in range(10)},
    **dict.fromkeys((0xFFAC, 0xFFAE), "."),
    0xFF1B: "escape",
    **dict.fromkeys((0xFFFF, 0x2E0000, 0xF728), "delete"),
    **dict.fromkeys((0xFF51, 0x250000, 0xF702), "left"),
    **dict.fromkeys((0xFF52, 0x260000, 0xF700), "up"),
    **dict.fromkeys((0xFF53, 0x270000, 0xF703), "right"),
    **dict.fromkeys((0xFF54, 0x280000, 0xF701), "down"),
    **dict.fromkeys((0xFF50, 0x240000, 0xF729), "home"),
    **dict.fromkeys((0xFF57, 0x230000, 0xF72B), "end"),
    **dict.fromkeys((0xFF55, 0x210000, 0xF72C), "pageup"),
    **dict.fromkeys((0xFF56, 0x220000, 0xF72D), "pagedown"),
}
"""Codes of X11 (and Qt), Windows and macOS. Those of macOS come from its documentation and are untested."""
_LETTERS = frozenset(range(0xA1, 0x100)) - {0xAD}
"""Codes of characters beside those of ASCII, such as ä: the printable ones of Latin-1."""


def typed_key(code: int) -> str | None:
    """Return the character of the key with this `cv2.waitKeyEx` code, as typed, or "enter", "backspace" or "escape";
    None for any other key, and for none (-1)."""
    name, character = key_name(code), code & 0xFFFF
    if name is None:
        return chr(character) if character in _LETTERS else None
    if name in {"enter", "backspace", "escape"}:
        return name
    if name == "space":
        return " "
    if len(name) > 1:
        return None
    return chr(character) if 32 < character < 127 else name


def key_name(code: int) -> str | None:
    """Return the name of the key with this `cv2.waitKeyEx` code; None for no key (-1) and for an unnamed one."""
    if code < 0:
        return None
    # The upper bits are modifiers (GTK: Num Lock), or on Windows the key itself, with lower bits of 0.
    known = _NAMES.get(code) or _NAMES.get(code & 0xFFFF)
    if known is not None:
        return known
    key = code & 0xFFFF
    return chr(key).lower() if 32 < key < 127 else None
