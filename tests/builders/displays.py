"""A display for tests of what draws into one."""

import numpy as np


class NoDisplay:
    """A display that shows and reports nothing."""

    full_screen = closed = lost = is_portrait = False

    def show(self, canvas: np.ndarray) -> None:
        """Do nothing."""

    def take_keys(self, _: float = 0.0) -> list[str]:
        """Return no keys."""
        return []

    def take_clicks(self) -> list[tuple[int, int]]:
        """Return no clicks."""
        return []

    def hide(self) -> None:
        """Do nothing."""
