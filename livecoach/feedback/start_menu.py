"""What is chosen before a session: rows of options, moved through by arrow keys, a mouse or a presenter's clicker.

A clicker has two keys. Page Down goes to the next row, and Page Up takes the row's next option, or presses the button.
"""

from dataclasses import dataclass, replace
from typing import Literal

Press = Literal["start", "sessions", "quit"]
"""What a button does, or a key that leaves the screen."""
UP, DOWN = ("up",), ("down", "tab", "pagedown")
LEFT, RIGHT = ("left",), ("right",)
START = "enter"
PRESS = (START, "space", "pageup")
"""Keys that press a button. On a row, the first starts, and the others take the next option."""
LEAVE = ("q", "escape")


@dataclass(frozen=True, slots=True)
class Row:
    """A row with options, of which one is chosen."""

    name: str
    """What is chosen: "exercise"."""
    options: tuple[str, ...]
    """The options as they are shown; at least one."""
    at: int = 0
    """Number of the chosen option."""

    @property
    def chosen(self) -> str:
        """The chosen option."""
        return self.options[self.at]

    def moved(self, by: int) -> "Row":
        """Return the row with an option further on; the first follows the last."""
        return replace(self, at=(self.at + by) % len(self.options))


@dataclass(frozen=True, slots=True)
class Button:
    """A row that does something."""

    text: str
    press: Press


@dataclass(frozen=True, slots=True)
class StartMenu:
    """Rows and buttons from top to bottom, with the one that the keys concern."""

    rows: tuple[Row, ...]
    buttons: tuple[Button, ...]
    at: int
    """Number of the row, or of the button after the rows."""

    @property
    def items(self) -> int:
        """Number of rows and buttons."""
        return len(self.rows) + len(self.buttons)

    @property
    def row(self) -> Row | None:
        """The row that the keys concern; None on a button."""
        return self.rows[self.at] if self.at < len(self.rows) else None

    def chosen(self, name: str) -> str:
        """Return the chosen option of a row. Raises KeyError where there is no such row."""
        return {row.name: row.chosen for row in self.rows}[name]

    def key(self, name: str) -> "StartMenu | Press":
        """Return the menu after a key, or what was pressed. Keys without a meaning change nothing."""
        steps = {**dict.fromkeys(UP, -1), **dict.fromkeys(DOWN, 1)}
        changes = {**dict.fromkeys(LEFT, -1), **dict.fromkeys((*RIGHT, *PRESS), 1)}
        if name in LEAVE:
            return "quit"
        if name in steps:
            return self._at(self.at + steps[name])
        if name in PRESS and self.row is None:
            return self._pressed()
        if name == START:
            return "start"
        return self._moved(changes[name]) if name in changes else self

    def click(self, item: int, *, left_half: bool) -> "StartMenu | Press":
        """Return the menu after a click on a row or button. left_half: on the left half of a row, which goes back."""
        there = self._at(item)
        return there._pressed() if there.row is None else there._moved(-1 if left_half else 1)

    def _at(self, item: int) -> "StartMenu":
        return replace(self, at=item % self.items)

    def _moved(self, by: int) -> "StartMenu":
        if self.row is None:
            return self
        rows = tuple(row.moved(by) if number == self.at else row for number, row in enumerate(self.rows))
        return replace(self, rows=rows)

    def _pressed(self) -> Press:
        return self.buttons[self.at - len(self.rows)].press
