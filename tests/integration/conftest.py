"""What several tests of whole commands need; what takes long is made once for each module."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.virtual_screen import Screen, a_screen


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Screen]:
    """A virtual screen with a window manager on it."""
    with a_screen(tmp_path_factory.mktemp("screen")) as environment:
        yield environment


@pytest.fixture(scope="module")
def tools() -> Iterator[str]:
    """The address of a browser's tools."""
    from builders.browser import browser

    with browser() as address:
        yield address


@pytest.fixture
def folder(sessions: Path) -> Path:
    """A session of three squats; the middle one leant forward."""
    from builders.reports import a_squat_session, squatted, wrong  # which take long to import

    return a_squat_session(sessions, [squatted(1), wrong(2), squatted(3)], profile=None)


@pytest.fixture
def kept(folder: Path) -> Iterator[Path]:
    """That session, which the test must leave as it is, with all beside it but the lock of who wanted to change it."""
    from builders.sessions import contents

    before = contents(folder.parent.parent)
    yield folder
    after = contents(folder.parent.parent)
    after.pop("sessions/.lock", None)
    assert after == before
