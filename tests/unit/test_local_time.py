"""Times of this computer's zone, where the zone may be none that Python knows."""

import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from builders.reports import a_squat_session, squatted
from builders.sessions import a_session
from click.testing import CliRunner

import livecoach
from livecoach.cli import cli
from livecoach.core.config.local_time import local, now
from livecoach.core.config.paths import sessions_dir
from livecoach.records.session import layout
from livecoach.records.session.opening import find_session

SOME = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the zone of this computer."""

    def change(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


def test_a_time_has_the_offset_of_the_zone(zone: Callable[[str], None]) -> None:
    zone("UTC-3")
    assert local(SOME).utcoffset() == now().utcoffset() == timedelta(hours=3)
    assert local(SOME) == SOME


@pytest.mark.parametrize("name", ["UTC+24", "UTC-24", "UTC+24:59:59", "no/such/zone", ""])
def test_a_zone_that_there_can_not_be_is_utc(zone: Callable[[str], None], name: str) -> None:
    zone(name)
    assert local(SOME).utcoffset() == now().utcoffset() == timedelta(0)
    assert local(SOME.replace(tzinfo=None)).utcoffset() == timedelta(0)


@pytest.mark.parametrize("name", ["UTC+12", "UTC-12"])
@pytest.mark.parametrize("edge", [datetime.min, datetime.max])
def test_at_the_end_of_the_calendar_a_time_stays_in_utc(zone: Callable[[str], None], name: str, edge: datetime) -> None:
    zone(name)
    assert local(edge.replace(tzinfo=UTC)).tzinfo is not None


@pytest.mark.parametrize(
    "words", [("history",), ("sessions", "list"), ("sessions", "prune", "--older-than", "1d", "--dry-run")]
)
def test_commands_work_in_a_zone_that_there_can_not_be(
    zone: Callable[[str], None], words: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    sessions_dir().mkdir(parents=True)
    a_squat_session(sessions_dir(), [squatted(1)])
    zone("UTC+24")
    result = CliRunner().invoke(cli, words)
    assert result.exception is None
    assert result.exit_code == 0


def test_in_the_hour_that_the_clock_repeats_the_last_session_is_the_one_begun_last(
    zone: Callable[[str], None], sessions: Path
) -> None:
    """At 02:30 of summer time, at 02:10 of winter time, forty minutes later, and again at 02:50 and 03:05. Names tell
    the time on the wall alone."""
    zone("CET-1CEST,M3.5.0,M10.5.0/3")
    begun = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=after) for after in (0, 40, 80, 95)]
    folders = [a_session(sessions, started=local(time)) for time in begun]
    assert [folder.name[11:16] for folder in folders] == ["02-30", "02-10", "02-50", "03-05"]
    assert list(layout.folders()) == folders
    for folder in reversed(folders):
        assert find_session("last") == folder
        shutil.rmtree(folder)


def test_nothing_else_makes_a_time_local() -> None:
    """Each other place would have to think of the same zones."""
    package = Path(livecoach.__file__).parent
    naive = re.compile(
        r"\.astimezone\(\)|datetime\.now\(\)|datetime\.today\(\)|date\.today\(\)|fromtimestamp\([^,]*\)$"
    )
    found = {
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if any(naive.search(line) for line in path.read_text("utf-8").splitlines())
    }
    assert found == {"core/config/local_time.py"}
