"""What several tests of whole commands need, made once for each module."""

from collections.abc import Iterator

import pytest
from builders.virtual_screen import Screen, a_screen


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A virtual screen with a window manager on it."""
    with a_screen(tmp_path_factory.mktemp("screen")) as environment:
        yield environment
