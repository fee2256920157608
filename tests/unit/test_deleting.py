"""Which sessions go by age and size, and taking them away, and nothing else."""

import io
import itertools
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from builders.reports import a_squat_session, squatted
from builders.sessions import a_document, a_session, contents
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import ListedSession
from livecoach.core.errors import ConfigError, LivecoachError, SessionError
from livecoach.core.types import ignore
from livecoach.pages.report import report_pictures
from livecoach.pages.report.report_page import make_report
from livecoach.records.session import exporting, layout
from livecoach.records.session.listing import describe_session, read_whole_session
from livecoach.records.session.opening import open_session
from livecoach.records.session.upkeep import (
    delete_session,
    delete_video,
    parse_age,
    parse_size,
    select_sessions_to_delete,
)

pytestmark = pytest.mark.usefixtures("sessions")


def test_a_session_is_deleted_with_all_files_in_its_folder(sessions):
    folder, other = a_session(sessions, reference=1), a_session(sessions, name="other")
    (folder / "report.html").write_text("")
    delete_session(folder)
    assert list(sessions.iterdir()) == [other]


def test_files_behind_a_link_are_not_deleted(sessions, tmp_path):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "file").write_text("mine")
    folder = a_session(sessions)
    (folder / "out").symlink_to(tmp_path / "kept")
    (folder / layout.REFERENCE).symlink_to(tmp_path / "kept")
    delete_session(folder)
    assert (tmp_path / "kept" / "file").read_text() == "mine"
    assert not folder.exists()


def test_a_deleted_hard_link_to_a_profiles_rep_leaves_the_rep(sessions, tmp_path):
    folder = a_session(sessions, reference=1)
    os.link(folder / "reference" / "000.rep", tmp_path / "of the profile.rep")
    delete_session(folder)
    assert (tmp_path / "of the profile.rep").stat().st_size


def test_a_link_to_a_session_is_refused(sessions, tmp_path):
    folder = a_session(tmp_path)
    (sessions / folder.name).symlink_to(folder)
    with pytest.raises(SessionError, match="is a link"):
        delete_session(sessions / folder.name)
    assert folder.exists()


@pytest.mark.parametrize(("live", "why"), [(True, "is being recorded"), (False, "is still being analysed. Wait")])
def test_a_session_that_is_being_recorded_or_analysed_is_not_deleted(sessions, live, why):
    folder = a_session(sessions, cut_off=True, source=replace(a_document().source, live=live))
    before = contents(folder)
    for away in (delete_session, delete_video):
        with layout.lock_session(folder), pytest.raises(SessionError, match=why):
            away(folder)
    assert before.items() <= contents(folder).items()


@pytest.mark.parametrize("other", ["thesis.doc", "reference/photo.jpg", "reference/deep/x.rep", "video.mp4/x"])
def test_a_session_elsewhere_that_holds_other_files_is_not_deleted(tmp_path, other):
    folder = a_session(tmp_path, reference=1)
    (folder / other).parent.mkdir(exist_ok=True)
    (folder / other).write_text("years of work")
    with pytest.raises(SessionError, match="no part of a session"):
        delete_session(folder)
    assert (folder / other).read_text() == "years of work"


def test_a_session_elsewhere_that_holds_nothing_else_is_deleted_alone(tmp_path):
    """One that holds nothing else, a lock left behind included; what lies beside it stays."""
    folder = a_session(tmp_path, reference=1, cut_off=True)
    (folder / layout.RECORDING_MARK).write_text("")
    delete_session(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]


def test_a_folder_that_is_no_session_is_not_deleted(sessions):
    (sessions / "2026-03-01_18-30-00-notes").mkdir()
    with pytest.raises(SessionError, match="is not a readable session"):
        delete_session(sessions / "2026-03-01_18-30-00-notes")
    assert list(sessions.iterdir())


def test_a_session_whose_video_was_deleted_is_read_without_it(sessions):
    folder = a_session(sessions, video=True)
    before = contents(folder)
    delete_video(folder)
    session = open_session(folder, pytest.fail)
    assert session.video is None
    assert len(session.rep_events) == 1
    assert contents(folder) == {name: content for name, content in before.items() if name != layout.VIDEO}


def _exported(folder: Path) -> None:
    exporting.write_zip([open_session(folder, ignore)], io.BytesIO(), folder.parent / "part", video=True, tables=True)


@pytest.mark.usefixtures("open_files_move")
@pytest.mark.parametrize("read", [describe_session, read_whole_session, _exported, lambda f: make_report(f, ignore)])
def test_a_session_deleted_while_it_is_read_is_a_livecoach_error(sessions, tmp_path, monkeypatch, read):
    """Or read without what is gone: whichever of its files is asked for at that moment."""
    folder, left = a_squat_session(sessions, [squatted(1)], video=True, reference=1), 0
    shutil.copytree(folder, tmp_path / "kept")

    def noticed(call: Callable[..., Any]) -> Callable[..., Any]:
        def called(path: Any, *given: Any, **named: Any) -> Any:
            nonlocal left
            left -= str(folder) in str(path)
            if left == 0 and folder.exists():
                shutil.rmtree(folder)
            return call(path, *given, **named)

        return called

    monkeypatch.setattr(report_pictures, "CLIP_FPS", 5.0)
    for name in ("stat", "lstat", "open", "listdir"):
        monkeypatch.setattr(os, name, noticed(getattr(os, name)))
    for moment in itertools.count(1):
        left = moment
        with suppress(LivecoachError):
            read(folder)
        if left > 0:
            assert moment > 5
            return
        shutil.copytree(tmp_path / "kept", folder)


NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
AGES = ((90, "d", 90), (12, "w", 84), (6, "m", 180), (1, "y", 365), (" 2", " W ", 14))


def a_candidate(days: float | None, **changes) -> ListedSession:
    """A session of so many days ago, of 10 bytes, 7 of them video."""
    fields = {
        **dict.fromkeys(("exercise", "profile", "reps", "duration_s", "problem", "stopped")),
        "name": f"{days}",
        "folder": f"{days}",
        "exercises": (),
        "profiles": (),
        "started": None if days is None else (NOW - timedelta(days=days)).isoformat(),
        "size_bytes": 10,
        "video_bytes": 7,
        **dict.fromkeys(("recording", "cut_off", "too_slow"), False),
    }
    return ListedSession(**{**fields, **changes})


def rules(older_than_days: float | None = None, keep_bytes: int | None = None, *, videos: bool = False) -> dict:
    """What to prune."""
    before = None if older_than_days is None else NOW - timedelta(days=older_than_days)
    return {"before": before, "keep_bytes": keep_bytes, "videos": videos}


candidates = st.lists(
    st.builds(
        lambda days, small, video, recording, number: a_candidate(
            days, name=f"{number}", size_bytes=small + video, video_bytes=video, recording=recording
        ),
        st.none() | st.floats(0, 1000),
        st.integers(0, 100),
        st.integers(0, 1000),
        st.booleans(),
        st.integers(0, 10**6),
    ),
    max_size=12,
    unique_by=lambda one: one.name,
)
wanted = st.builds(
    lambda days, keep, videos: rules(days, keep, videos=videos),
    st.none() | st.floats(0, 1000),
    st.none() | st.integers(0, 5000),
    st.booleans(),
)


def freed(one: ListedSession, wanted: dict) -> int:
    return one.video_bytes if wanted["videos"] else one.size_bytes


def test_sessions_that_are_too_old_are_deleted_oldest_first():
    found = [a_candidate(5), a_candidate(100), a_candidate(91), a_candidate(90)]
    assert [one.name for one in select_sessions_to_delete(found, **rules(90))] == ["100", "91"]


@given(candidates, wanted)
def test_no_session_that_is_being_recorded_or_has_no_date_is_pruned(found, wanted):
    assert not [one for one in select_sessions_to_delete(found, **wanted) if one.recording or one.started is None]


@given(candidates, wanted)
def test_pruning_reaches_the_asked_age_and_size_as_far_as_it_can(found, wanted):
    """Nothing too old is left, and no more than is to be kept, unless all that may go goes."""
    going = select_sessions_to_delete(found, **wanted)
    left = [one for one in found if one not in going and one.started and not one.recording and freed(one, wanted)]
    if wanted["before"] is not None:
        assert not [one for one in left if datetime.fromisoformat(one.started) < wanted["before"]]
    if wanted["keep_bytes"] is not None and left:
        total = sum(one.size_bytes for one in found) - sum(freed(one, wanted) for one in going)
        assert total <= wanted["keep_bytes"]


@given(candidates, wanted)
def test_pruning_deletes_no_session_more_than_the_asked_size_needs(found, wanted):
    going = select_sessions_to_delete(found, **wanted)
    if going and (wanted["before"] is None or datetime.fromisoformat(going[-1].started) >= wanted["before"]):
        total = sum(one.size_bytes for one in found) - sum(freed(one, wanted) for one in going[:-1])
        assert wanted["keep_bytes"] is not None
        assert total > wanted["keep_bytes"]


@pytest.mark.parametrize(
    ("parse", "text", "value"),
    [
        *((parse_age, f"{number}{unit}", timedelta(days=days)) for number, unit, days in AGES),
        (parse_size, "5GB", 5 * 10**9),
        (parse_size, "500mb", 5 * 10**8),
        (parse_size, "1.5 GB", 15 * 10**8),
        (parse_size, "2T", 2 * 10**12),
        (parse_size, "0", 0),
    ],
)
def test_ages_and_sizes_are_read_in_their_units(parse, text, value):
    """Days, weeks, months of 30 days, years of 365; a thousand to the next unit, as disks are sold."""
    assert parse(text) == value


@pytest.mark.parametrize(
    ("parse", "text", "example"),
    [
        *((parse_age, text, "90d") for text in ("", "d", "0d", "-3d", "3", "3 dogs", "1e3d", "9999999d", "٣d", "3.5w")),
        *(
            (parse_size, text, "5GB")
            for text in ("", "GB", "-5GB", "5 horses", "5", "1.5", "1e9", "inf", "5GB5", "5\u212aB")
        ),
    ],
)
def test_the_error_about_an_invalid_age_or_size_shows_a_valid_one(parse, text, example):
    with pytest.raises(ConfigError, match=example):
        parse(text)
