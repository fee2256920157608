"""A live run that begins on the home page: what the form offers and refuses, and the run in a process of its own."""

import asyncio
import json
import re
from pathlib import Path

import pytest
from builders.browser import needs_chromium, opened
from builders.home_server import Visitor, a_home, at_home
from builders.mjpeg_server import two_squats
from builders.reports import Read
from builders.sessions import a_session, sessions_of
from builders.virtual_screen import wait_until

from livecoach.core import language
from livecoach.core.documents import SetLogEvent, to_json
from livecoach.pages.home_run import HomeRun, arguments
from livecoach.records.plan import Plan, PlannedSets, write_plan
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session

GONE = "http://127.0.0.1:9/gone"
LIMIT_S = 120.0
A_SQUAT = {"exercise": "squat", "profile": "me", "load": "", "sets": "", "reps": "", "rest": ""}


@pytest.fixture
def sessions(tmp_path, monkeypatch) -> Path:
    """Where sessions are stored; there is no screen, and none yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return sessions_of(tmp_path)


def camera_is(tmp_path: Path, address: str) -> None:
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text(f"camera: {address}\nexercise: squat\n")


def at_a_home_with_runs(scene) -> list[str]:
    """Play a scene; the lines that its runs have written."""
    said: list[str] = []

    async def patient(visitor: Visitor) -> None:
        await asyncio.wait_for(scene(visitor), LIMIT_S)

    at_home(patient, runs=HomeRun(said.append))
    return said


def wait_for_rep(sessions: Path) -> None:
    """Wait until the only session has a rep: one without is not kept."""
    (stored,) = sessions.glob(f"*/{layout.REPS}")
    wait_until(lambda: stored.stat().st_size, "a rep is stored")


async def form(visitor: Visitor) -> str:
    status, page = await visitor.get("")
    assert status == 200
    return page


def test_form_offers_what_there_is_and_what_was_last_time(sessions, tmp_path):
    """As the start screen does; in kilograms or pounds. What is planned comes before that."""
    camera_is(tmp_path, GONE)
    folder = a_session(sessions, profile="me")
    (folder / layout.SETS).write_text(to_json(SetLogEvent(t_s=2.0, set=1, load_kg=102.5)) + "\n")
    write_plan("me", Plan(sets=(PlannedSets(exercise="bench_press", sets=3, reps=5, load="80kg"),)))

    async def scene(visitor: Visitor) -> None:
        page = await form(visitor)
        values = Read(page).having("value")
        assert {"auto", "squat", "deadlift", GONE} <= set(values)
        assert "102.5" not in values, "nobody has planned it"
        assert "102.5" in Read(page).having("placeholder")
        assert "<code>livecoach live</code>" not in page, "the form takes the command's place"
        offers = json.loads(Read(page).having("data-offers")[0])
        assert offers["me"]["squat"] == {"load": "102.5", "sets": "1", "reps": "1", "rest": ""}
        assert offers["me"]["deadlift"] == {}
        assert offers["me"]["bench_press"] == {"planned": "as planned: 3 × 5, 80 kg"}

    at_a_home_with_runs(scene)


def test_home_page_of_the_start_screen_begins_nothing(sessions):
    """The start screen does, and holds the camera."""

    async def scene(visitor: Visitor) -> None:
        assert "form-start" not in await form(visitor)
        assert (await visitor.post("run", **A_SQUAT))[0] == 404

    at_home(scene)
    assert not list(sessions.iterdir())


def test_set_begins_one_at_a_time_and_ends_by_the_button(sessions, tmp_path):
    """With load and plan; its report can be read meanwhile. What was chosen is remembered, as of the start screen."""

    async def scene(visitor: Visitor) -> None:
        plan = {"load": "100", "sets": "5", "reps": "5", "rest": "2min"}
        camera_sent = {**A_SQUAT, **plan, "camera": address}
        assert await visitor.post("run", **camera_sent) == (200, "The session has begun. Q in its window ends it.")
        status, said = await visitor.post("run", **camera_sent)
        assert (status, said.startswith("A session is running.")) == (409, True)
        running = Read(await form(visitor))
        assert ("form-end" in running.having("id"), "run/end" in running.having("action")) == (True, True)
        name = next(sessions.iterdir()).name
        assert "This session is still running" in (await visitor.get(f"{name}.html"))[1]
        wait_for_rep(sessions)
        assert (await visitor.post("run/end"))[0] == 200
        page = await form(visitor)
        assert "form-start" in page
        assert 'role="alert"' not in page

    with two_squats() as camera:
        address = camera.url
        camera_is(tmp_path, address)
        at_a_home_with_runs(scene)
    (folder,) = layout.folders()
    session = open_session(folder, pytest.fail)
    assert (session.about.exercise, session.about.profile) == ("squat", "me")
    assert not session.cut_off
    remembered = (tmp_path / "config" / "livecoach" / "settings.yaml").read_text()
    assert remembered == f"camera: {address}\nexercise: squat\nprofile: me\n"


def test_run_ends_with_the_page_that_began_it(sessions, tmp_path):
    """Nobody is filmed by a program that has no window and no page."""

    async def scene(visitor: Visitor) -> None:
        assert (await visitor.post("run", **A_SQUAT, camera=address))[0] == 200

    with two_squats() as camera:
        address = camera.url
        camera_is(tmp_path, address)
        said = at_a_home_with_runs(scene)
    assert any(line.startswith("livecoach: session: ") for line in said)
    assert not any(map(layout.is_recording, sessions.iterdir()))


def test_camera_that_does_not_open_is_one_sentence_on_the_page(sessions, tmp_path, monkeypatch):
    """In the lifter's language; it stays until the next run."""
    camera_is(tmp_path, "97")
    monkeypatch.setenv("LANGUAGE", "de")

    async def scene(visitor: Visitor) -> None:
        status, said = await visitor.post("run", **A_SQUAT, camera="camera 97")
        assert (status, "\n" in said) == (409, False)
        assert "Kamera 97" in said
        page = await form(visitor)
        assert said in Read(page).words
        assert "form-start" in page

    with language.used("de"):
        at_a_home_with_runs(scene)
    assert not list(sessions.iterdir())


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"exercise": "--help"}, "This choice is gone"),
        ({"exercise": "biceps"}, "This choice is gone"),
        ({"profile": "../../me"}, "This choice is gone"),
        ({"profile": "somebody"}, "This choice is gone"),
        ({"new-profile": " M e"}, "me is there already"),
        ({"new-profile": "--record"}, "expected a name of up to 40 letters"),
        ({"camera": "http://example.org/"}, "This choice is gone"),
        ({"camera": "phone"}, "This choice is gone"),
        ({"load": "heavy"}, "is not a load"),
        ({"load": "100 --record"}, "is not a load"),
        ({"sets": "5"}, "How many reps has a set?"),
        ({"reps": "many"}, "is no target"),
        ({"rest": "ever"}, "is not a rest"),
    ],
)
def test_only_what_exists_becomes_an_argument(sessions, tmp_path, changed, why):
    """Nothing that was typed reaches the command unread."""
    camera_is(tmp_path, GONE)

    async def scene(visitor: Visitor) -> None:
        status, said = await visitor.post("run", **{**A_SQUAT, "camera": GONE, **changed})
        assert status == 409
        assert why in said

    assert at_a_home_with_runs(scene) == []
    assert not list(sessions.iterdir())


@pytest.mark.usefixtures("sessions")
def test_the_camera_of_the_settings_is_no_argument(tmp_path):
    """Its address may hold a password, which every user of the computer could read."""
    camera_is(tmp_path, GONE)
    offered = {"mine": GONE, "camera 1": 1}
    cameras = [[one for one in arguments({**A_SQUAT, "camera": name}, offered) if "camera" in one] for name in offered]
    assert cameras == [[], ["--camera=1"]]


@pytest.mark.usefixtures("sessions")
def test_other_pages_begin_and_end_nothing(tmp_path):
    """Without the secret, or from another origin."""
    camera_is(tmp_path, GONE)

    async def scene(visitor: Visitor) -> None:
        for origin in ("https://example.org", "null", None):
            assert (await visitor.post("run", origin, **A_SQUAT, camera=GONE))[0] == 403
            assert (await visitor.post("run/end", origin))[0] == 403
        visitor.home = f"{visitor.host}/guess/"
        assert (await visitor.post("run", **A_SQUAT, camera=GONE))[0] == 403

    assert at_a_home_with_runs(scene) == []


def test_a_run_that_somebody_else_began_is_left_alone(sessions, tmp_path):
    """It holds the camera."""
    camera_is(tmp_path, GONE)
    folder = a_session(sessions)

    async def scene(visitor: Visitor) -> None:
        page = await form(visitor)
        assert "A session is running on this computer" in Read(page).words
        assert not re.search(r"form-(start|end)", page)
        assert (await visitor.post("run", **A_SQUAT, camera=GONE))[0] == 409

    with layout.lock(folder):
        assert at_a_home_with_runs(scene) == []


# The page


@needs_chromium
@pytest.mark.parametrize(("code", "load"), [("en", "102.5"), ("de", "102,5"), ("es", "102,5")])
def test_load_goes_with_the_exercise_and_a_failed_start_is_said_beside_the_button(
    tools, sessions, tmp_path, code, load
):
    """It is offered and not filled in. In each language the form fits a phone's width and a laptop's."""
    camera_is(tmp_path, GONE)
    folder = a_session(sessions, profile="me")
    (folder / layout.SETS).write_text(to_json(SetLogEvent(t_s=2.0, set=1, load_kg=102.5)) + "\n")

    async def scene() -> None:
        async with a_home(runs=HomeRun(lambda _: None)) as visitor, opened(tools, visitor.home) as page:
            field = "document.querySelector('#form-start [name=load]').placeholder"
            choose = """((value) => { const field = document.querySelector('#form-start [name=exercise]');
                field.value = value; field.dispatchEvent(new Event('change', { bubbles: true })); })"""
            assert await page.js(field) == load
            await page.js(f"{choose}('deadlift')")
            assert await page.js(field) == ""
            await page.js(f"{choose}('squat')")
            assert await page.js(field) == load
            for width in (390, 800, 1280):
                await page.shape(width, 900)
                await page.until(f"innerWidth === {width}")
                assert await page.js("document.documentElement.scrollWidth <= innerWidth")
            await page.tap("#form-start button")
            await page.until("document.querySelector('#form-start output.failed')?.textContent", LIMIT_S)
            said = await page.js("document.querySelector('#form-start output').textContent")
            assert "127.0.0.1:9" in said

    with language.used(code):
        asyncio.run(scene())
