"""Times of this computer's zone, where the zone may be none that Python knows."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from pathlib import Path

import pytest
from builders.command import SQUAT_OBSERVATIONS
from builders.reports import a_squat_session, squatted
from builders.sessions import a_session
from click.testing import CliRunner

import livecoach
from livecoach.cli import cli
from livecoach.core.config.local_time import now, to_local
from livecoach.core.documents import RecordedSource
from livecoach.pages.history.history_figures import exercise_trends
from livecoach.pages.history.history_page import _SessionPlots
from livecoach.pages.history.last_sessions import find_last_times
from livecoach.pages.history.reading import load_past
from livecoach.records.knowledge import LifterReferences
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.listing import list_sessions
from livecoach.records.session.opening import find_session
from livecoach.records.session.upkeep import select_sessions_to_delete

SOME = datetime(2026, 3, 1, 18, 30, tzinfo=UTC)


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Sets the zone of this computer."""
    if not hasattr(time, "tzset"):
        pytest.skip("Windows sets the zone of all processes at once")

    def change(name: str) -> None:
        monkeypatch.setenv("TZ", name)
        time.tzset()

    yield change
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize("name", ["UTC-3", "UTC+24", "UTC-24", "UTC+24:59:59", "no/such/zone", ""])
def test_a_time_has_the_offset_of_the_zone_and_a_zone_that_there_can_not_be_is_utc(zone, name):
    zone(name)
    offset = timedelta(hours=3 if name == "UTC-3" else 0)
    assert to_local(SOME).utcoffset() == now().utcoffset() == to_local(SOME.replace(tzinfo=None)).utcoffset() == offset
    assert to_local(SOME) == SOME


@pytest.mark.parametrize("name", ["UTC+12", "UTC-12"])
@pytest.mark.parametrize("edge", [datetime.min, datetime.max])
def test_at_the_end_of_the_calendar_a_time_stays_in_utc(zone: Callable[[str], None], name: str, edge: datetime) -> None:
    zone(name)
    assert to_local(edge.replace(tzinfo=UTC)).tzinfo is not None


@pytest.mark.parametrize(
    "words", [("history",), ("sessions", "list"), ("sessions", "prune", "--older-than", "1d", "--dry-run")]
)
def test_commands_work_in_a_zone_that_there_can_not_be(zone, words, sessions):
    a_squat_session(sessions, [squatted(1)])
    zone("UTC+24")
    result = CliRunner().invoke(cli, words)
    assert result.exception is None
    assert result.exit_code == 0


def test_in_the_hour_that_the_clock_repeats_the_last_session_is_the_session_that_began_last(zone, sessions):
    """At 02:30 of summer time, at 02:10 of winter time, forty minutes later, and again at 02:50 and 03:05. Names tell
    the time on the wall alone."""
    zone("CET-1CEST,M3.5.0,M10.5.0/3")
    begun = [datetime(2026, 10, 25, 0, 30, tzinfo=UTC) + timedelta(minutes=after) for after in (0, 40, 80, 95)]
    folders = [a_session(sessions, started=to_local(time)) for time in begun]
    assert [folder.name[11:16] for folder in folders] == ["02-30", "02-10", "02-50", "03-05"]
    assert list(layout.scan_folders()) == folders
    for folder in reversed(folders):
        assert find_session("last") == folder
        shutil.rmtree(folder)


ZONES = [timezone(timedelta(hours=hours)) for hours in (14, 9, 0, -5, -12)]
"""From where the day begins first to where it begins last."""


def travels(sessions: Path) -> list[Path]:
    """Return the folders of sessions a minute apart, each in the next zone west: their names sort the other way."""
    folders = [
        a_session(sessions, started=(SOME + timedelta(minutes=n)).astimezone(zone), session=f"camera 0:{n}")
        for n, zone in enumerate(ZONES)
    ]
    assert sorted(folders) == folders[::-1]
    return folders


def test_a_traveller_finds_sessions_in_the_order_in_which_they_began(sessions: Path) -> None:
    """Names tell the time of the place alone."""
    names = [folder.name for folder in travels(sessions)]
    assert find_session("last").name == names[-1]
    assert [one.name for one in list_sessions()] == names
    assert [
        one.name for one in select_sessions_to_delete(list_sessions(), before=SOME, keep_bytes=1, videos=False)
    ] == names
    assert [one.name for one in load_past().sessions] == names
    (trend,) = exercise_trends(load_past().parts)
    assert [one.name for one in trend.sessions] == names
    assert [one.name for one in LifterReferences(Profile("anna", pytest.fail), pytest.fail).sessions] == names
    assert all(later > one for one, later in pairwise(_SessionPlots(trend, served=False)._started))


def test_of_two_sessions_of_one_recording_the_last_counts(sessions: Path) -> None:
    """It is the one that `last` shows and corrects, in whatever zone the recording was analysed again."""
    source = RecordedSource(name="set.mp4", width=640, height=480, fps=30.0, live=False)
    first, last = (
        a_session(sessions, started=(SOME + timedelta(seconds=9 * n)).astimezone(zone), source=source)
        for n, zone in enumerate((ZONES[1], ZONES[3]))
    )
    assert first.name > last.name
    assert find_session("last") == last
    assert [one.name for one in load_past().parts] == [last.name]
    assert [one.name for one in LifterReferences(Profile("anna", pytest.fail), pytest.fail).sessions] == [last.name]


def test_a_folder_that_is_no_session_comes_before_all_sessions(sessions: Path) -> None:
    """Such as the tables of an export that was unpacked here: `last` is a session."""
    (sessions / "tables").mkdir()
    folder = a_session(sessions)
    assert [one.name for one in layout.scan_folders()] == ["tables", folder.name]


def test_a_session_without_a_name_of_ours_or_with_a_damaged_document_keeps_its_place(zone, sessions):
    """A renamed one by its document, a damaged one by its name, and one that is both by the time of its files."""
    zone("UTC0")
    first, renamed, damaged, both, last = travels(sessions)
    renamed = renamed.rename(sessions / "zercher monday")
    for folder, damage in (damaged, ""), (both, "{}"):
        (folder / layout.DOCUMENT).write_text(damage)
    os.utime(both / layout.OBSERVATIONS, (0, (SOME + timedelta(minutes=3)).timestamp()))
    both = both.rename(sessions / "a good one")
    assert list(layout.scan_folders()) == [first, renamed, damaged, both, last]
    assert layout.list_newest_folders(3) == [last, both, damaged]


def test_of_ten_sessions_that_begin_in_one_second_the_tenth_is_last(sessions: Path) -> None:
    """As analyses of short recordings do."""
    for number in range(10):
        folder = layout.make_session_folder(SOME, "squat")
        folder.rmdir()
        a_session(sessions.parent, started=SOME, name=f"{number}").rename(folder)
    assert [one.name[25:] for one in layout.scan_folders()] == ["", *(f".{number}" for number in range(2, 11))]


def test_a_session_that_began_while_the_clock_was_ahead_is_reported_before_the_next_session(sessions: Path) -> None:
    """Where the clock has been set back, the new session is not the last."""
    ahead = a_session(sessions, started=now() + timedelta(hours=1))
    result = CliRunner().invoke(cli, ["analyze", str(SQUAT_OBSERVATIONS), "--record"])
    assert f"{ahead.name}: began after now by this computer's clock" in result.stderr
    assert find_session("last") == ahead


@pytest.mark.parametrize(("here", "there", "hours_ago"), [("UTC-14", -12, 0), ("UTC+12", 14, 25)])
def test_last_time_is_before_today_in_the_local_zone(zone, sessions, here, there, hours_ago):
    """However the day was called where the session was: what ended minutes ago is not last time."""
    zone(here)
    began = (now() - timedelta(hours=hours_ago)).astimezone(timezone(timedelta(hours=there)))
    a_session(sessions, started=began)
    assert list(find_last_times("anna")) == ["squat"] * bool(hours_ago)


def test_only_the_module_local_time_makes_a_time_local() -> None:
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
