"""The pages of `livecoach home`: what their forms change, how it is undone, and what is refused."""

import asyncio
import hmac
import os
import re
from base64 import urlsafe_b64decode
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import aiohttp
import numpy as np
import pytest
from builders.command import lines
from builders.home_server import Visitor, at_home, at_home_page, words
from builders.kept_reps import a_kept_rep
from builders.observations import a_squat
from builders.reports import Read, a_squat_session, an_evening, squatted, wrong
from builders.sessions import at, contents

from livecoach.core import language
from livecoach.core.config import local_time
from livecoach.core.documents import SetLogEvent, to_json
from livecoach.core.types import Observation
from livecoach.pages import home_server
from livecoach.pages.home_server import ENDED, GONE, serve_home
from livecoach.pages.listener import MOST_CONNECTIONS, BoundedListener
from livecoach.records.plan import Plan, PlannedSets, plan_path, read_plan
from livecoach.records.profile import Profile, list_profile_names
from livecoach.records.session import layout
from livecoach.records.session.opening import read_document
from livecoach.records.session.upkeep import LEFTOVER_AGE_S, remove_leftovers

IDLE_S = 2.0
"""Longer than a page takes on a busy machine."""

# Pages


@at_home_page
async def test_home_links_reports_that_are_made_when_they_are_opened(visitor, folder):
    before = contents(folder.parent.parent)
    _, page = await visitor.get("sessions.html")
    assert "<code>" not in page, "who has buttons needs no commands"
    assert f"{folder.name}.html?profile=-" in Read(page).having("href")
    assert "leant forward" in words(await visitor.get(f"{folder.name}.html"))
    assert folder.name in (await visitor.get("history.html"))[1]
    assert contents(folder.parent.parent) == before


@pytest.mark.usefixtures("folder")
def test_history_can_be_narrowed_as_the_command_does():
    """`livecoach history --open` leads there."""

    async def scene(visitor: Visitor) -> None:
        assert "No sessions." in words(await visitor.get("history.html?since=2026-12-01"))
        assert "No sessions." in words(await visitor.get("history.html?exercise=lunge"))
        assert "Squat" in words(await visitor.get("history.html?exercise=squat&since=2026-01-01"))
        assert (await visitor.get("history.html?since=long+ago"))[0] == 400

    at_home(scene, "history.html?exercise=squat")


@at_home_page
async def test_picture_of_a_rep_is_drawn_when_it_is_asked_for(visitor, folder):
    status, picture = await visitor.get(f"{folder.name}/1/3.svg")
    assert status == 200
    assert picture.startswith("<svg")
    assert 'class="bones"' in picture
    assert (await visitor.get(f"{folder.name}/1/9.svg"))[0] == 409
    assert (await visitor.get("nothing/1/1.svg"))[0] == 404


@at_home_page
async def test_a_clip_and_a_report_are_saved_as_files_to_send(visitor, sessions, monkeypatch):
    covered: list[float] = []

    def counted(picture: np.ndarray, seen: Observation) -> np.ndarray:
        covered.append(seen.t_s)
        return picture

    monkeypatch.setattr("livecoach.pages.report.report_pictures.blur_face", counted)
    monkeypatch.setattr("livecoach.pages.report.rep_clip.FPS", 5.0)
    small = [replace(one, width_px=160, height_px=120) for one in a_squat(reps=1)]
    folder = a_squat_session(sessions, [wrong(1)], video=True, profile="anna", observations=small)
    for path in ("1/1.mp4", "report.html?profile=anna"):
        name, plain = await visitor.save(f"{folder.name}/{path}")
        assert not covered
        blurred = await visitor.save(f"{folder.name}/{path}{'&' if '?' in path else '?'}blur=on")
        assert blurred[0] == name
        assert covered
        covered.clear()
        assert name == f"{folder.name}{'-1-1.mp4' if path.endswith('mp4') else '.html'}"
        assert b"ftyp" in plain[:12] or b"default-src 'none'" in plain
    assert (await visitor.get(f"{folder.name}/1/9.mp4"))[0] == 409


@at_home_page
async def test_sessions_of_one_person_alone_are_shown(visitor, sessions):
    an_evening(sessions)
    everybody, ada = words(await visitor.get("sessions.html")), words(await visitor.get("sessions.html?profile=ada"))
    assert ("2 sessions" in everybody, "1 to check" in everybody) == (True, True)
    assert ("1 session" in ada, "1 to check" in ada) == (True, False)
    assert "leant forward" not in words(await visitor.get("?profile=ada"))
    assert "“Stay tall”" in words(await visitor.get("?profile=ben"))
    assert words(await visitor.get("?profile=nobody")) == words(await visitor.get(""))
    assert words(await visitor.get("")) != words(await visitor.get("?profile=me"))
    assert "?profile=ben" in Read((await visitor.get("history.html"))[1]).having("href")


@at_home_page
async def test_trends_are_of_one_exercise_with_links_to_the_others(visitor, sessions):
    for day, name in ((1, "squat"), (2, "deadlift"), (3, "squat")):
        a_squat_session(sessions, [replace(squatted(1), exercise=name)], started=at(2026, 3, day), profile="anna")
    _, newest = await visitor.get("history.html")
    _, other = await visitor.get("history.html?exercise=deadlift&profile=anna")
    assert [page.count("<section") for page in (newest, other)] == [1, 1]
    assert ["2026-03-03" in page for page in (newest, other)] == [True, False]
    assert all("?exercise=deadlift&profile=anna" in Read(page).having("href") for page in (newest, other))


def test_two_people_are_compared_side_by_side(sessions):
    async def alone(visitor: Visitor) -> None:
        assert "No sessions." in words(await visitor.get("compare.html"))
        assert "Drop a film of a set." in words(await visitor.get(""))

    at_home(alone)
    evening = an_evening(sessions)

    async def scene(visitor: Visitor) -> None:
        page = words(await visitor.get("compare.html?one=gone&other=gone"))
        assert (
            words(await visitor.get(f"compare.html?one={evening.name}/ada/squat&other={evening.name}/ben/squat"))
            == page
        )
        assert "Reps 3 reps, 2 sets 2 reps, 1 set" in page
        assert "Leant forward 0 of 3 1 of 2" in page
        keys = [f"{evening.name}/{who}/squat" for who in ("ada", "ben")]
        assert set(keys) <= set(Read((await visitor.get("sessions.html"))[1]).having("value"))
        assert words(await visitor.get(f"compare.html?with={keys[1]}&with={keys[0]}")) == page, (
            "the newer is on the right"
        )
        for key in keys:
            one = words(await visitor.get(f"compare.html?with={key}"))
            assert one == words(await visitor.get(f"compare.html?other={key}")), "what is like it is chosen beside it"

    at_home(scene)


# What forms change


@at_home_page
async def test_rep_is_corrected_named_and_undone_as_by_the_command(visitor, folder):
    report = f"{folder.name}.html"
    assert await visitor.post(f"{folder.name}/1/2", label="good", fault="shallow") == (200, "")
    assert "you said: good" in words(await visitor.get(report))
    await visitor.post(f"{folder.name}/1/3", label="bad", fault="forward_lean")
    await visitor.post(f"{folder.name}/1/1", label="no-rep")
    page = words(await visitor.get(report))
    assert "you said: bad (leant forward)" in page
    undo = page.index("not counted")
    assert page.index("All reps") < undo < page.index("What could not be judged"), "where the rep was"
    for name in ("1/1", "1/2", "1/3"):
        await visitor.post(f"{folder.name}/{name}", label="undo")
    assert "you said" not in words(await visitor.get(report))
    told = [(one["rep"], one["label"], one["fault"]) for one in lines(folder / layout.CORRECTIONS)]
    assert told[:3] == [(2, "good", None), (3, "bad", "forward_lean"), (1, "no-rep", None)]
    assert [label for _, label, _ in told[3:]] == [None] * 3


@at_home_page
async def test_all_reps_of_a_set_are_corrected_with_one_form_and_undone(visitor, folder):
    await visitor.post(f"{folder.name}/1/1", label="no-rep")
    report = f"{folder.name}.html"
    status, answer = await visitor.post(f"{folder.name}/1/reps", label="good")
    odd = "1 rep that differs is not confirmed: correct it by itself if it is good."
    assert (status, answer) == (200, f"Set 1: 1 rep is good. livecoach judged: 1 good. {odd}")
    assert "true" in Read((await visitor.get(report))[1]).having("aria-pressed")
    assert (await visitor.post(f"{folder.name}/1/reps", label="bad"))[1].startswith("Set 1: 2 reps are bad. ")
    for now in ("2 reps. Now: 1 good, 1 to check.", "1 rep. Now: 1 good."):
        answer = (await visitor.post(f"{folder.name}/1/reps", label="undo"))[1]
        assert answer == f"Set 1: undone for {now}"
    assert (await visitor.post(f"{folder.name}/1/reps", label="undo"))[1] == "Set 1: undone for 1 rep. Now: 1 good."
    assert (await visitor.post(f"{folder.name}/1/reps", label="undo"))[1] == "No correction to undo"


@at_home_page
async def test_a_rep_that_was_corrected_on_its_own_keeps_its_correction_when_its_set_is_called_good(visitor, folder):
    """As it was meant. What was said of the whole set is replaced, and so is the rest of what is left to say."""
    await visitor.post(f"{folder.name}/1/2", label="bad", fault="forward_lean")
    answer = (await visitor.post(f"{folder.name}/1/reps", label="good"))[1]
    assert answer.startswith("Set 1: 2 reps are good. ")
    assert answer.endswith(" 1 rep keeps its own correction.")
    assert "you said: bad (leant forward)" in words(await visitor.get(f"{folder.name}.html"))
    assert (await visitor.post(f"{folder.name}/1/reps", label="bad"))[1].startswith("Set 1: 2 reps are bad. ")
    for _ in range(3):
        await visitor.post(f"{folder.name}/1/reps", label="undo")
    await visitor.post(f"{folder.name}/1/reps", label="bad")
    assert (await visitor.post(f"{folder.name}/1/reps", label="good"))[1].startswith("Set 1: 2 reps are good. ")


@at_home_page
async def test_all_sets_of_one_lifter_are_corrected_with_one_form(visitor, sessions):
    folder = an_evening(sessions)
    forms = Read((await visitor.get(f"{folder.name}.html?profile=ada"))[1]).having("action")
    assert {f"{folder.name}/{place}" for place in ("reps", "1/reps", "3/reps")} <= set(forms)
    assert f"{folder.name}/reps" not in Read((await visitor.get(f"{folder.name}.html?profile=ben"))[1]).having("action")
    assert f"{folder.name}/reps" in Read((await visitor.get("sessions.html"))[1]).having("action")
    answer = (await visitor.post(f"{folder.name}/reps", label="bad", profile="ada"))[1]
    assert answer == "3 reps are bad. livecoach judged: 3 good."
    stored = [(event["rep"], event["label"]) for event in lines(folder / layout.CORRECTIONS)]
    assert stored == [(1, "bad"), (2, "bad"), (5, "bad")]
    assert (await visitor.post(f"{folder.name}/reps", label="good"))[0] == 409, "whose?"
    assert (await visitor.post(f"{folder.name}/reps", label="undo", profile="ada"))[1].startswith("Undone for 3 reps.")


@at_home_page
async def test_the_reps_of_a_set_become_the_reference_and_are_forgotten(visitor, sessions):
    """In place of those that were kept from this side, on the lifter's word; the home page forgets them."""
    folder = a_squat_session(sessions, [squatted(1), wrong(2), squatted(3)], profile="anna")
    profile = Profile("anna", pytest.fail)
    for azimuth_deg in (30.0, 80.0):
        older = a_kept_rep(lift="squat", exercise="squat", azimuth_deg=azimuth_deg)
        profile.keep_reps([older], session=f"from {azimuth_deg}", began=at(2026, 2, 1))
    assert "Judge by this set alone" in words(await visitor.get(f"{folder.name}.html"))
    assert await visitor.post(f"{folder.name}/1/reference") == (200, "")
    assert await visitor.post(f"{folder.name}/2/reference") == (
        409,
        "This set has no good reps that a profile could keep.",
    )
    (kept,) = profile.list_kept_reps("squat")
    assert kept.header.session == "from 80.0"
    assert "good — you said: good" in words(await visitor.get(f"{folder.name}.html"))
    known = words(await visitor.get("known.html?profile=anna"))
    assert "Squat, from 40° on your left: 2 reps" in known
    assert "All that is known of this exercise is lost for good: 3 reps." in known, "it asks before"
    assert "New reps will no longer be compared with rep 3. Call it good in its report to bring it back." in known
    assert "Lost for good: 1 rep. The session was deleted" in known
    assert (await visitor.post("profile/forget", profile="anna", exercise="squat"))[0] == 200
    assert "Nothing is known yet" in words(await visitor.get("known.html?profile=anna"))
    for profile_name, exercise in (("anna", "squat"), ("../sessions", "squat"), ("anna", "../ben")):
        assert (await visitor.post("profile/forget", profile=profile_name, exercise=exercise))[0] == 404
    assert profile.list_exercises() == ()


@at_home_page
async def test_the_reps_of_a_lifter_without_a_profile_folder_are_forgotten(visitor, sessions):
    """As after the import of a session of another computer."""
    folder = a_squat_session(sessions, [squatted(1), squatted(2), squatted(3)], profile="anna")
    assert await visitor.post(f"{folder.name}/1/reference") == (200, "")
    rep = {"profile": "anna", "exercise": "squat", "session": folder.name, "set": "1", "number": "2"}
    assert (await visitor.post("known", **rep))[0] == 200
    known = words(await visitor.get("known.html?profile=anna"))
    assert "Squat, from 40° on your left: 2 reps" in known
    assert re.search(r"\d{4},? \d\d:\d\d · set 1", known), "a day may have several sessions"
    assert (await visitor.post("profile/forget", profile="anna", exercise="squat"))[0] == 200
    assert "Nothing is known yet" in words(await visitor.get("known.html?profile=anna"))


@at_home_page
async def test_a_page_from_before_a_set_was_counted_anew_or_moved_changes_no_other_rep(visitor, folder):
    old = 409, "This choice is gone. Load the page again."
    assert 'name="index" value="1"' in (await visitor.get(f"{folder.name}.html"))[1]
    assert await visitor.post(f"{folder.name}/1/1", label="bad", index="12") == old
    assert await visitor.post(f"{folder.name}/reps", label="bad", profile="gone") == old
    assert not (folder / layout.CORRECTIONS).exists()
    assert await visitor.post(f"{folder.name}/1/1", label="bad", index="1") == (200, "")


@at_home_page
async def test_load_rpe_and_note_are_logged_and_cleared(visitor, folder):
    """A page sends what it showed, too: what nobody changed on an older page stays as it is now."""
    (folder / layout.SETS).write_text(to_json(SetLogEvent(t_s=2.0, set=1, load_kg=99.7903)) + "\n")
    page = Read((await visitor.get(f"{folder.name}.html"))[1])
    assert "99.8" in page.having("value")
    older = {"load-was": "99.8", "rpe-was": "", "note-was": ""}
    assert {"load", "rpe", "note", *older} <= set(page.having("name"))
    assert await visitor.post(f"{folder.name}/1", load="99.8", rpe="8,5", note="heavy", **older) == (200, "")
    assert "RPE 8.5" in words(await visitor.get(f"{folder.name}.html"))
    await visitor.post(f"{folder.name}/1", load="225lb", rpe="", note="", **older)
    now = {"load-was": "102.1", "rpe-was": "8.5", "note-was": "heavy"}
    await visitor.post(f"{folder.name}/1", load="102.1", rpe="", note="", **now)
    told = [(one["load_kg"], one["rpe"], one["note"]) for one in lines(folder / layout.SETS)]
    load_kg = pytest.approx(102.06, abs=0.01)
    assert told[1:] == [(99.7903, 8.5, "heavy"), (load_kg, 8.5, "heavy"), (load_kg, None, None)]


at_start_page = partial(at_home_page, starts=True)


@pytest.fixture
def run_instead(monkeypatch, tmp_path):
    """Let the start button run a program in place of livecoach."""

    def put(program: str, *, fails_s: float) -> None:
        (tmp_path / "livecoach.py").write_text(program)
        monkeypatch.setattr(home_server, "FAILS_S", fails_s)
        monkeypatch.chdir(tmp_path)

    return put


@pytest.mark.parametrize(
    ("program", "answer"),
    [
        ("raise SystemExit('livecoach: no camera: is it plugged in?')", (409, "no camera: is it plugged in?")),
        ("raise SystemExit(1)", (409, "No window opens here. The page “Check” says why.")),
        pytest.param(
            "import os; os.kill(os.getpid(), 9)",
            (409, ENDED.format(name="SIGKILL")),
            marks=pytest.mark.skipif(os.name == "nt", reason="Windows has no signals"),
        ),
        ("raise SystemExit(128 + 15)", (409, ENDED.format(name="SIGTERM"))),
        ("raise SystemExit", (200, "livecoach's window opens.")),
        ("import time; time.sleep(60)", (200, "livecoach's window opens.")),
    ],
    ids=["error", "no reason", "killed", "ended", "closed", "open"],
)
@pytest.mark.usefixtures("sessions")
@at_start_page
async def test_a_start_screen_that_can_not_open_says_why(visitor, run_instead, program, answer):
    run_instead(program, fails_s=0.1 if "sleep" in program else 10.0)
    assert await visitor.post("start") == answer
    if "sleep" in program:
        assert await visitor.post("start") == (409, "livecoach's window is open already.")


@pytest.mark.usefixtures("sessions")
@at_start_page
async def test_a_set_is_started_for_the_lifter_of_the_page(visitor, run_instead):
    run_instead("import sys; raise SystemExit(' '.join(sys.argv[1:]))", fails_s=10.0)
    assert "me" in Read((await visitor.get(""))[1]).having("value")
    assert await visitor.post("start", profile="me") == (409, "--start-screen=me")
    phone = {"profile": "me", "with": "phone"}
    assert await visitor.post("start", **phone) == (409, "live --phone --profile=me")
    assert await visitor.post("start", profile="../x") == (404, GONE)


@pytest.mark.usefixtures("sessions")
@at_start_page
async def test_a_run_that_fails_after_its_window_has_opened_says_why_on_the_page(visitor, run_instead):
    run_instead("import time; time.sleep(1); raise SystemExit('livecoach: no camera.')", fails_s=0.01)
    assert await visitor.post("start", **{"with": "phone"}) == (200, "livecoach's window opens.")
    assert "no camera" not in words(await visitor.get(""))
    while "With a phone as camera no camera." not in words(await visitor.get("")):
        await asyncio.sleep(0.1)


@at_home_page
async def test_the_day_of_a_session_is_changed(visitor, folder):
    report = f"{folder.name}.html"
    assert "2026-03-01T18:30" in Read((await visitor.get(report))[1]).having("value")
    assert await visitor.post(f"{folder.name}/day", started="2019-05-02T07:05") == (200, "")
    assert "Thursday, 2 May 2019, 07:05" in words(await visitor.get(report))
    before = read_document(folder / layout.DOCUMENT)
    assert before.started[:19] == "2019-05-02T07:05:00"
    for typed in ("", "yesterday", "0001-01-01T00:00", "9999-01-01T00:00"):
        status, line = await visitor.post(f"{folder.name}/day", started=typed)
        assert (status, line) == (409, f"'{typed}' is not a day. Write it as 2026-11-23.")
    status, line = await visitor.post(f"{folder.name}/day", started="2999-01-01T00:00")
    assert (status, line) == (409, "This day is still to come. Choose an earlier day or time.")
    assert read_document(folder / layout.DOCUMENT) == before


def test_deleted_session_can_be_brought_back_until_the_server_ends(folder):
    before = contents(folder)

    async def scene(visitor: Visitor) -> None:
        assert (await visitor.post(f"{folder.name}/delete"))[0] == 200
        assert not folder.exists()
        assert "Deleted: Squat · Sun, 1 Mar 2026, 18:30" in words(await visitor.get("sessions.html"))
        assert (await visitor.get(f"{folder.name}.html"))[0] == 404
        assert await visitor.post(f"{folder.name}/reps", label="good") == (404, GONE), "from a page of before"
        page = Read((await visitor.get(f"{folder.name}.html", **{"Sec-Fetch-Mode": "navigate"}))[1])
        assert "it was deleted" in page.words
        assert "sessions.html" in page.having("href"), "back from a deletion, links lead on"
        for tab in ("first", "second"):
            assert await visitor.post(f"{folder.name}/undelete") == (200, ""), tab
        assert contents(folder) == before
        await visitor.post(f"{folder.name}/delete")
        remove_leftovers(folder.parent.stat().st_mtime + 2 * LEFTOVER_AGE_S)
        assert (await visitor.post(f"{folder.name}/undelete"))[0] == 200, "another command leaves it"
        await visitor.post(f"{folder.name}/delete")

    at_home(scene)
    assert list(folder.parent.iterdir()) == []


@pytest.mark.usefixtures("folder")
def test_server_goes_on_after_its_run_while_a_page_is_open():
    """A page asks for something once a minute; then it ends, and what was deleted goes."""

    async def scene() -> None:
        shown: asyncio.Queue[str] = asyncio.Queue()
        reading, writing = os.pipe()
        with open(reading) as requests:
            server = asyncio.create_task(serve_home(shown.put_nowait, pytest.fail, requests=requests, idle_s=IDLE_S))
            os.write(writing, b"history.html\n")
            async with aiohttp.ClientSession() as browser, browser.get(await shown.get()) as answer:
                os.close(writing)
                assert answer.url.path.endswith("/history.html"), "the page that was asked for"
                asked = asyncio.get_running_loop().time()
                assert (await browser.get(answer.url)).status == 200
            await server
            assert asyncio.get_running_loop().time() >= asked + IDLE_S

    asyncio.run(scene())


# What is refused


@pytest.mark.parametrize(
    ("path", "fields", "why"),
    [
        ("1", {"load": "heavy"}, "'heavy' is not a load. Write 100"),
        ("1", {"note": "n" * 300}, "a note is one line"),
        ("7", {"load": "100"}, "there is no set 7"),
        ("1/9", {"label": "good"}, "there is no rep 1/9"),
        ("1/1", {"label": "fine"}, "not one of good, bad, no-rep"),
        ("7/reps", {"label": "good"}, "No rep counts here."),
        ("reps", {"label": "good", "profile": "ben"}, "This choice is gone"),
        ("1/lifter", {"profile": "ben", "new": ""}, "This choice is gone"),
        ("1/1", {"label": "bad", "fault": "knee_crave"}, "not a fault of the squat"),
    ],
)
@at_home_page
async def test_an_impossible_change_is_reported_in_a_line_and_changes_nothing(visitor, kept, path, fields, why):
    status, said = await visitor.post(f"{kept.name}/{path}", **fields)
    assert (status, "\n" in said) == (409, False)
    assert why in said


def test_errors_and_deleted_sessions_are_reported_in_the_language_of_the_page(folder):
    async def scene(visitor: Visitor) -> None:
        _, said = await visitor.post(f"{folder.name}/1", load="schwer")
        assert said.startswith("„schwer“ ist kein Gewicht.")
        assert (await visitor.post(f"{folder.name}/delete"))[0] == 200
        assert "Gelöscht: Kniebeuge · So, 1. März 2026, 18:30" in words(await visitor.get("sessions.html"))

    with language.using_language("de"):
        at_home(scene)


def test_session_that_is_being_recorded_is_left_alone(folder):
    before = contents(folder)

    async def scene(visitor: Visitor) -> None:
        for path, fields in (("1/1", {"label": "bad"}), ("1", {"load": "100"}), ("delete", {})):
            status, said = await visitor.post(f"{folder.name}/{path}", **fields)
            assert status == 409
            assert "is being recorded" in said

    with layout.lock_session(folder):
        at_home(scene)
    assert before.items() <= contents(folder).items()


@at_home_page
async def test_an_address_that_is_not_valid_any_more_is_a_page_without_links(visitor):
    status, page = await visitor.get(visitor.entry, **{"Sec-Fetch-Mode": "navigate"})
    assert status == 403
    assert '<p role="alert">This address is not valid any more. Open livecoach again.</p>' in page
    assert "viewport" in page
    assert "href" not in page


@at_home_page
async def test_no_page_is_given_and_no_session_changed_without_the_secret(visitor, kept):
    secret = visitor.home
    assert (await visitor.get(visitor.entry))[0] == 403
    assert (await visitor.get(f"{visitor.host}/"))[0] == 403
    assert (await visitor.get(f"{visitor.host}/favicon.ico"))[0] == 204
    for guessed in ("", "guess/", "../"):
        visitor.home = f"{visitor.host}/{guessed}"
        assert (await visitor.get("history.html"))[0] == 403
        assert (await visitor.get(f"{kept.name}.html"))[0] == 403
        assert (await visitor.post(f"{kept.name}/delete"))[0] == 403
    visitor.home = secret
    assert (await visitor.get(""))[0] == 200


@pytest.mark.usefixtures("folder")
@at_home_page
async def test_other_devices_can_not_reach_the_home_page(visitor):
    """A server for all addresses would answer at the second one of loopback, too."""
    port = int(visitor.host.rpartition(":")[2])
    assert visitor.host == f"http://127.0.0.1:{port}"
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.2", port)


@pytest.mark.usefixtures("folder")
def test_secret_has_256_bits_is_compared_in_constant_time_and_sets_no_cookie(monkeypatch):
    compared = []
    constant = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda given, wanted: compared.append(given) or constant(given, wanted))
    secrets = []

    async def scene(visitor: Visitor) -> None:
        secret = visitor.home.rstrip("/").rpartition("/")[2]
        secrets.append(urlsafe_b64decode(f"{secret}="))
        assert visitor.cookies == []
        compared.clear()
        assert (await visitor.get(f"{visitor.host}/guess/"))[0] == 403
        assert compared == [b"guess"]

    for _ in range(2):
        at_home(scene)
    assert [len(secret) for secret in secrets] == 2 * [256 // 8]
    assert secrets[0] != secrets[1]


@pytest.mark.parametrize("origin", ["https://example.org", "http://127.0.0.1:1", "null", None])
@at_home_page
async def test_form_of_another_page_is_refused(visitor, kept, origin):
    """Even with the secret: of another site, another port, a file, or of no browser."""
    assert (await visitor.post(f"{kept.name}/1/1", origin, label="bad"))[0] == 403
    if origin is not None:
        assert (await visitor.get("", Origin=origin))[0] == 403


@pytest.mark.usefixtures("folder")
@at_home_page
async def test_a_request_with_another_host_name_is_refused(visitor):
    """A name of somebody else's that leads here."""
    port = visitor.host.rpartition(":")[2]
    for host in ("example.org", f"example.org:{port}", f"localhost:{port}"):
        assert (await visitor.get("", Host=host))[0] == 403


@at_home_page
async def test_every_answer_forbids_what_pages_do_not_need(visitor, folder):
    async with aiohttp.ClientSession() as browser:
        for path in ("", f"{folder.name}.html", "history.html", "forms.js", "nothing.html", "../"):
            async with browser.get(visitor.home + path) as answer:
                policy = answer.headers["Content-Security-Policy"]
                assert "default-src 'none'; script-src 'self';" in policy
                assert "frame-ancestors 'none'" in policy
                assert answer.headers["Cache-Control"] == "no-store"
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
                assert not [name for name in answer.headers if name.startswith("Access-Control")]
                assert "<script>" not in await answer.text()


@at_home_page
async def test_name_that_leads_elsewhere_is_no_session(visitor, folder):
    (folder.parent.parent / "secret.html").write_text("mine")
    for name in ("..%2Fsecret", "%2E%2E%2Fsecret", folder.name + "%2F", ".%00", "%2Fetc%2Fpasswd"):
        assert (await visitor.get(f"{name}.html"))[0] in {403, 404}
        assert (await visitor.post(f"{name}/delete"))[0] in {403, 404}
    assert folder.exists()


@pytest.mark.usefixtures("folder")
@at_home_page
async def test_silent_connections_keep_nobody_out_and_end(visitor):
    """Any user of this computer can open them, without the secret: most of them are cut for later ones."""
    host, port = visitor.host.removeprefix("http://").split(":")
    silent = [await asyncio.open_connection(host, int(port)) for _ in range(2 * MOST_CONNECTIONS)]

    async def answered(tab: aiohttp.ClientSession) -> int:
        while True:
            with suppress(aiohttp.ServerDisconnectedError):  # it came within GRACE_HERE_S of all the others
                async with tab.get(visitor.home + "forms.js") as answer:
                    return answer.status

    for _ in range(2):
        async with aiohttp.ClientSession() as tab:
            assert await asyncio.wait_for(answered(tab), 10) == 200
    assert await asyncio.wait_for(silent[0][0].read(), 10) == b""
    for _, writer in silent:
        writer.close()


@pytest.mark.usefixtures("folder")
@at_home_page
async def test_connection_is_known_only_with_the_secret(visitor, monkeypatch):
    """Any user of this computer can request "/", so such a connection has no right to its place."""
    marked: list[str] = []
    monkeypatch.setattr(BoundedListener, "mark_known", lambda _, request: marked.append(request.path))
    async with aiohttp.ClientSession() as tab:
        for address, status in ((f"{visitor.host}/?t=wrong", 403), (f"{visitor.home}forms.js", 200)):
            async with tab.get(address) as answer:
                assert answer.status == status
    assert [path.rsplit("/")[-1] for path in marked] == ["forms.js"]


@pytest.mark.parametrize(
    "request_",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x16\x03\x01\0\xa5\x01",
        b"GET / \r\n\r\n",
    ],
)
@pytest.mark.usefixtures("folder")
@at_home_page
async def test_broken_request_is_refused_without_a_line(visitor, request_, capsys):
    """Any user of this computer can send them; the answers name nothing and can't be framed, as all others."""
    host, port = visitor.host.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_)
    head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode()
    assert head.split()[1] in {"400", "403"}
    assert "frame-ancestors 'none'" in head
    assert "aiohttp" not in head
    assert (visitor.said, capsys.readouterr().err) == ([], "")
    writer.close()


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded; charset=nope",
        "application/x-www-form-urlencoded; charset=rot13",
        "multipart/form-data",
    ],
)
@at_home_page
async def test_form_that_cannot_be_read_is_refused(visitor, kept, kind):
    headers = {"Origin": visitor.host, "Content-Type": kind}
    address = visitor.home + f"{kept.name}/1/1"
    async with aiohttp.ClientSession() as browser, browser.post(address, data=b"label=bad", headers=headers) as answer:
        assert answer.status == 400
    assert visitor.said == []


@at_home_page
async def test_a_request_larger_than_any_form_is_refused(visitor, folder):
    assert (await visitor.post(f"{folder.name}/1", note="n" * 100_000))[0] == 413
    assert visitor.said == []


@at_home_page
async def test_set_is_moved_and_both_reports_follow(visitor, folder):
    evening = an_evening(folder.parent, name="evening")
    ben = f"{evening.name}.html?profile=ben"
    assert "ben · 2 reps · 1 set" in words(await visitor.get(ben))
    assert await visitor.post(f"{evening.name}/3/lifter", profile="ben") == (200, "")
    assert "ben · 3 reps · 2 sets" in words(await visitor.get(ben))
    for number in (2, 3):
        await visitor.post(f"{evening.name}/{number}/lifter", profile="ada")
    assert "ada · 5 reps · 3 sets" in words(await visitor.get(ben))
    for number, name in (("9", "ada"), ("1", "../ada"), ("1", "cleo"), ("1", "")):
        status, said = await visitor.post(f"{evening.name}/{number}/lifter", profile=name)
        assert (status, "\n" in said) == (409, False)
    for typed in ("Cleo", "cleo", "Me"):
        assert await visitor.post(f"{evening.name}/1/lifter", profile="ada", new=typed) == (200, "")
    moved = [one["profile"] for one in lines(evening / layout.SETS)]
    assert moved == ["ben", "ada", "ada", "Cleo", "me"], "a new lifter, whose name is known afterwards"


# The plan


def of_row(number: int, *typed: str) -> dict[str, str]:
    """The fields of a line of the plan: week, exercise, sets, reps, load and rest."""
    fields = ("week", "exercise", "sets", "reps", "load", "rest")
    return {f"{field}-{number}": text for field, text in zip(fields, typed, strict=True)}


@at_home_page
async def test_a_lifter_of_whom_nothing_was_learned_can_plan_and_has_a_row(visitor, sessions):
    Profile("ben", pytest.fail).forget_sessions(None)
    an_evening(sessions)
    assert "Plan · ben" in words(await visitor.get("plan.html")), "who lifts here, as on Today"
    assert "What is known, and why · ben" in words(await visitor.get("known.html"))
    a_squat_session(sessions, [squatted(1)], name="forged", profile="../ada")
    links = Read((await visitor.get("plan.html?profile=me"))[1]).having("href")
    own = "./", "films.html", "history.html", "plan.html", "known.html", "files.html"
    pages = [f"{page}?profile=me" for page in own]
    assert [link for link in links if "?" in link] == [*pages, "plan.html?profile=ada", "plan.html?profile=ben"]
    assert "3 reps" in words(await visitor.get("known.html?profile=ada"))
    assert "Nothing is known yet" in words(await visitor.get("known.html?profile=ben"))
    assert await visitor.post("plan?profile=ben", **of_row(0, "1", "squat", "3", "5", "", "")) == (200, "")
    assert (await visitor.get("plan.html?profile=..%2Fada"))[0] == 404
    assert read_plan("ben").sets


@pytest.mark.usefixtures("sessions")
@at_home_page
async def test_a_plan_is_saved_by_weeks_and_shown_again(visitor):
    assert "plan.html?profile=me" in Read((await visitor.get(""))[1]).having("href")
    assert "Nothing is planned yet." in words(await visitor.get("plan.html?profile=me"))
    rows = of_row(0, "2", "squat", "3", "5", "102,5", ""), of_row(1, "1", "squat", "1", "3", "220lb", "3:00")
    sent = rows[0] | rows[1] | of_row(2, "1", "", "3", "5", "", "")
    (form,) = Read((await visitor.get("plan.html?profile=me"))[1]).having("action")
    gone = 409, "This choice is gone. Load the page again."
    for answer in (200, ""), gone:  # the second is from an older page
        assert await visitor.post(form, **sent) == answer
    today = local_time.now().date()
    assert read_plan("me") == Plan(
        begins=today - timedelta(days=today.weekday()),
        sets=(
            PlannedSets(week=1, exercise="squat", sets=1, reps=3, load="220lb", rest="3:00"),
            PlannedSets(week=2, exercise="squat", sets=3, reps=5, load="102,5kg"),
        ),
    )
    status, page = await visitor.get("plan.html?profile=me")
    assert "This is week 1 of 2." in words((status, page))
    assert "plan.yaml" not in page
    assert {"220lb", "102.5", "3:00"} <= set(Read(page).having("value"))  # the unit of the settings goes without saying
    with language.using_language("de"):
        assert "102,5" in Read((await visitor.get("plan.html?profile=me"))[1]).having("value")
    assert await visitor.post("plan?profile=me", **of_row(0, "1", "", "", "", "", "")) == (200, "")
    assert "me" not in list_profile_names()


@pytest.mark.usefixtures("sessions")
@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (("1", "squat", "3", "5", "heavy", ""), "Line 1: 'heavy' is not a load. Write 100, 102.5, 100kg or 220lb."),
        (
            ("1", "squat", "3", "5", "", "long"),
            "Line 1: 'long' is not a rest of up to an hour. Write 90s, 2min or 1:30.",
        ),
        (("1", "squat", "many", "5", "", ""), "Line 1: sets and reps are numbers, as 3 and 5."),
        (("53", "squat", "3", "5", "", ""), "Line 1: a week is a number from 1 to 52."),
        (("1", "jump", "3", "5", "", ""), "Line 1: This choice is gone. Load the page again."),
    ],
)
@at_home_page
async def test_a_wrong_line_of_a_plan_is_reported_and_nothing_is_saved(visitor, typed, says):
    assert await visitor.post("plan?profile=me", **of_row(0, *typed)) == (409, says)
    assert await visitor.post("plan?profile=nobody", **of_row(0, *typed)) == (404, GONE)
    assert list_profile_names() == ()


@pytest.mark.usefixtures("sessions")
@at_home_page
async def test_a_plan_that_cannot_be_read_is_not_replaced(visitor):
    plan_path("me").parent.mkdir(parents=True)
    plan_path("me").write_text("sets:\n  - {exercise: squat, sets: 3, reps: 5, load: heavy}\n")
    page = words(await visitor.get("plan.html?profile=me"))
    assert f"{plan_path('me')}:2: sets[0].load: 'heavy' is not a load." in page
    assert "Save" not in page
    status, said = await visitor.post("plan?profile=me", **of_row(0, "1", "squat", "3", "5", "", ""))
    assert (status, ":2: sets[0].load" in said) == (409, True)
    assert "heavy" in plan_path("me").read_text()


@pytest.mark.usefixtures("sessions")
@at_home_page
async def test_a_plan_that_is_too_long_for_the_page_is_reported_as_too_long(visitor):
    lines = [of_row(n, str(n // 4 + 1), "romanian_deadlift", "10", "10", "102.5kg", "10:00") for n in range(170)]
    assert await visitor.post("plan?profile=me", **{k: v for one in lines[:163] for k, v in one.items()}) == (200, "")
    assert len(read_plan("me").sets) == 163
    status, said = await visitor.post("plan?profile=me", **{k: v for one in lines for k, v in one.items()})
    assert (status, said.partition(".")[0]) == (409, "This page saves up to 160 lines")
