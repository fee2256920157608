"""Sessions as a list shows them, and all of one session."""

import json
import os
from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from builders.observations import a_squat
from builders.sessions import a_session, at, some_reps
from builders.steps import a_pace, a_rep

from livecoach.cli.sessions import session_detail_lines, session_line
from livecoach.core.documents import AUTO
from livecoach.core.language import translate, using_language
from livecoach.pages.history.reading import load_past
from livecoach.pages.report.report_page import make_report
from livecoach.records.session import layout
from livecoach.records.session.listing import describe_session, list_sessions, read_whole_session
from livecoach.records.session.recorder import FULL_TEXT


def test_a_listed_session_has_the_reps_times_and_sizes_of_its_json(sessions):
    one = describe_session(a_session(sessions, reps=[*some_reps(2), *some_reps(1, verdict="unsure")], video=True))
    assert (one.reps.reps, one.reps.good, one.reps.anomalous, one.reps.unsure) == (3, 2, 0, 1)
    assert one.duration_s == pytest.approx(29 / 15, abs=1e-3)
    assert datetime.fromisoformat(one.started) == at(2026, 3, 1)
    assert 0 < one.video_bytes < one.size_bytes
    assert (one.recording, one.cut_off, one.problem) == (False, False, None)


def test_reps_of_a_session_without_an_end_are_counted(sessions):
    folder = a_session(sessions, reps=2, cut_off=True)
    one = describe_session(folder)
    assert (one.reps.good, one.cut_off, one.recording) == (2, True, False)
    assert one.duration_s == pytest.approx(29 / 15, abs=1e-3)
    with layout.lock_session(folder):
        now = describe_session(folder)
    assert (now.cut_off, now.recording) == (False, True)


def test_a_session_is_listed_with_exercises_that_its_name_does_not_tell(sessions):
    """It was to be recognised, and no rep was done."""
    nothing = a_session(sessions, exercise=AUTO, reps=0)
    assert session_line(describe_session(nothing)).split(": ")[1].startswith("no exercise, ")
    squats = describe_session(a_session(sessions, exercise="squat"))
    assert "squat" not in session_line(squats).split(": ")[1]
    assert ": squat, deadlift, anna" in session_line(replace(squats, exercises=("squat", "deadlift")))


SLOW = [replace(seen, dropped=4) for seen in a_squat()[:30:5]]
"""Three of 15 frames a second."""


def test_a_session_that_was_too_slow_says_how_long(sessions):
    """Among its notes; and so does one that was killed, from its observations. Version 2.0 did not store it."""
    for day, (observations, cut_off) in enumerate(product((SLOW, a_squat()[:30]), (False, True)), 1):
        a_session(sessions, started=at(2026, 3, day), observations=observations, cut_off=cut_off)
    found = list(list_sessions())
    assert [one.too_slow for one in found] == [True, True, False, False]
    assert ["too few pictures for 2 s" in session_line(one) for one in found] == [True, True, False, False]
    assert "too few pictures at times" in session_line(replace(found[0], slow=()))


STOPPED = "recording stopped: Input/output error"


def test_every_reader_says_that_the_recording_stopped(sessions):
    """Else a session that lacks reps looks whole: list, `show`, history and report."""
    folder = a_session(sessions)
    path = folder / layout.DOCUMENT
    about = json.loads(path.read_text())
    about["end"]["stopped"] = STOPPED
    path.write_text(json.dumps(about))
    assert STOPPED in session_line(describe_session(folder))
    assert read_whole_session(folder).damage == (f"{layout.DOCUMENT}: {STOPPED}",)
    assert load_past().notes == [f"{path}: {STOPPED}"]
    said: list[str] = []
    assert f"<li>R{STOPPED[1:]}</li>" in make_report(folder, said.append)
    assert said == [f"{path}: {STOPPED}"]


def test_a_session_that_can_not_be_read_stands_in_the_list_with_the_reason(sessions):
    a_session(sessions, started=at(2026, 3, 4))
    damaged, newer = a_session(sessions, started=at(2026, 3, 1)), a_session(sessions, started=at(2026, 3, 2))
    (damaged / layout.DOCUMENT).write_text("{")
    (newer / layout.DOCUMENT).write_text(json.dumps({"format": "livecoach-session", "version": 99}))
    (sessions / "2026-03-03_18-30-00-notes").mkdir()
    found = list(list_sessions())
    problems = [one.problem and one.problem[:24] for one in found]
    assert problems == ["no session", "session.json: is damaged", "session.json: written by", None]
    assert [one.started is None for one in found] == [True, False, False, False]


def test_a_session_whose_damaged_json_is_rebuilt_is_listed_with_what_the_other_files_say(sessions):
    folder = a_session(sessions, reps=2, profile="anna")
    (folder / layout.DOCUMENT).write_text("{")
    listed = describe_session(folder)
    assert (listed.profiles, listed.reps.reps) == (("anna",), 2)
    with using_language("de"):
        assert session_line(listed).startswith(f"{folder.name}: session.json: ist beschädigt, anna, 2 Wdh.: 2 gut, ")


@pytest.mark.parametrize("code", ["de", "es"])
def test_damage_and_the_day_are_said_in_the_language(sessions, code):
    folder = a_session(sessions, reps=3, video=True)
    (folder / layout.REPS).write_text("{\n" + (folder / layout.REPS).read_text().partition("\n")[2])
    (folder / layout.CUES).unlink()
    (folder / layout.VIDEO).write_bytes(b"-")
    about = json.loads((folder / layout.DOCUMENT).read_text())
    about["end"]["stopped"] = FULL_TEXT
    (folder / layout.DOCUMENT).write_text(json.dumps(about))
    shown = read_whole_session(folder)
    assert len(shown.damage) > 4
    with using_language(code):
        assert [line for line in shown.damage if translate(line) == line] == []
        assert {"de": "01.03.2026", "es": "01/03/2026"}[code] in "".join(session_detail_lines(shown))


def test_a_session_asks_for_no_height_which_may_be_known_by_now(sessions):
    shown = read_whole_session(a_session(sessions, reps=[a_rep(number=1, set=1, pace=a_pace(speed=0.9))]))
    lines = "".join(session_detail_lines(shown))
    assert "estimates for a height of 170 cm" in lines
    assert "height_cm" not in lines


def test_a_thousand_sessions_are_listed_without_reading_what_is_large(sessions):
    """Poses and video have no part in a list: each stays unread, whatever is in it."""
    folder = a_session(sessions, video=True)
    before = describe_session(folder)
    for large in (layout.OBSERVATIONS, layout.VIDEO):
        (folder / large).write_bytes(bytes((folder / large).stat().st_size))
    for number in range(999):
        copy = sessions / f"{folder.name}.{number + 2}"
        copy.mkdir()
        for name in layout.SESSION_FILES:
            if (folder / name).exists():
                os.link(folder / name, copy / name)
    found = list(list_sessions())
    assert len(found) == 1000
    assert all((one.reps, one.duration_s, one.problem) == (before.reps, before.duration_s, None) for one in found)


def test_a_session_that_is_being_recorded_is_not_damaged(tmp_path):
    folder = a_session(tmp_path, cut_off=True)
    assert read_whole_session(folder).damage == ("the session was cut off; what was written before that is shown",)
    with layout.lock_session(folder):
        found = read_whole_session(folder)
    assert (found.recording, found.damage) == (True, ())
