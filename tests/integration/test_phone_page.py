"""The phone's page in a real browser, whose camera shows a test picture."""

import itertools
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from inspect import Parameter, Signature, signature
from typing import Any

import numpy as np
import pytest
from builders.browser import Page, needs_chromium, opened
from builders.phone_connection import played
from builders.phone_server import PhoneServer, a_message, a_state, served
from builders.rep_loops import a_loop, with_a_line

from livecoach.capture.opencv import cv2
from livecoach.core.language import translate, using_language
from livecoach.decisions.rep.measures import load_faults
from livecoach.phone.sink import idle_fields, loop_fields

pytestmark = needs_chromium
MOST_UNDER_WAY = 3
"""Pictures without an answer."""
LEAST_PX = 13.0
"""Smallest type of a sentence to read in the hand."""
LIFTS = ("deadlift", "romanian_deadlift", "squat", "lunge", "overhead_press")
IN_A_SET = {"in_set": True, "progress": 0.5}
CAPITAL = "((id) => 0.72 * parseFloat(getComputedStyle(at(id)).fontSize) / innerHeight)"
"""Height of an element's capitals over the screen's height."""


@asynccontextmanager
async def at_the_camera(tools: str) -> AsyncIterator[tuple[PhoneServer, Page]]:
    """A page whose camera has been started."""
    async with served() as server, opened(tools, server.url) as page:
        await page.tap("#start")
        await server.until(lambda: server.frames)
        yield server, page


def filmed(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Make a test of an asynchronous one of the server and such a page."""

    @played
    async def plain(tools: str, **cases: str) -> None:
        async with at_the_camera(tools) as (server, page):
            await test(server, page, **cases)

    cases = [one for name, one in signature(test).parameters.items() if name not in {"server", "page"}]
    plain.__name__, plain.__doc__ = test.__name__, test.__doc__
    plain.__signature__ = Signature([Parameter("tools", Parameter.POSITIONAL_OR_KEYWORD), *cases])  # type: ignore[attr-defined]
    return plain


async def show(server: PhoneServer, page: Page, **state: Any) -> None:
    """Show the page a state that has another count."""
    await server.send(a_state(**state))
    await page.until(f"state && state.count === {state['count']}")


@filmed
async def test_pictures_are_dropped_while_livecoach_does_not_answer(server: PhoneServer, page: Page) -> None:
    await server.until(lambda: len(server.frames) >= 10)
    server.acks = False
    await page.until("link.underWay.length >= link.room")
    sent = len(server.frames)
    await page.until("camera.newest > camera.sentMs + 100")  # three more pictures

    assert server.hellos == [{"type": "hello", "role": "camera", "width": 640, "height": 480}]
    assert server.unanswered <= MOST_UNDER_WAY
    assert len(server.frames) <= sent + MOST_UNDER_WAY
    times_ms = [captured_ms for captured_ms, _ in server.frames]
    assert all(before < after for before, after in itertools.pairwise(times_ms))
    decoded = cv2.imdecode(np.frombuffer(server.frames[-1][1], np.uint8), cv2.IMREAD_COLOR)
    assert decoded is not None
    assert decoded.shape == (480, 640, 3)


@filmed
async def test_one_picture_at_a_time_is_under_way_where_answers_take_long(server: PhoneServer, page: Page) -> None:
    await server.until(lambda: len(server.frames) >= 10)
    server.acks = False
    for _ in range(MOST_UNDER_WAY):
        await page.until("link.underWay.length >= link.room && performance.now() - link.underWay[0] > 2 * QUEUED_MS")
        await server.answer()

    # When the last answer comes late, none is under way until the next picture is made.
    await page.until("link.underWay.length >= 1 && camera.newest > camera.sentMs + 100")
    assert await page.js("link.underWay.length") <= 1


@filmed
async def test_a_verdict_is_shown_by_word_shape_and_size_and_is_heard(server: PhoneServer, page: Page) -> None:
    await page.shape(844, 390)
    await server.send(a_state(**IN_A_SET, count=3, verdict="good"))
    await page.until("at('count').textContent === '3'")
    assert await page.js("at('verdict').getAttribute('aria-label')") == "good"
    assert await page.js(f"{CAPITAL}('count')") >= 0.25

    arms = a_message("alarm", "arms straight", "arms bent: elbows 89°, your good reps 140°")
    await server.send(a_state(**IN_A_SET, count=5, verdict="anomalous", message=arms))
    cue = {"type": "cue", "text": "arms straight", "kind": "anomalous_rep", "rep": 5}
    await server.send({**cue, "sound": "/sounds/1.wav", "vibrate_ms": [200]})
    await page.until("document.body.dataset.sounded === '1'")
    assert await page.js("at('text').innerText.trim()") == "arms straight"
    assert await page.js(f"{CAPITAL}('text')") >= 0.08
    assert await page.js("at('verdict').getAttribute('aria-label')") == "not good"
    assert await page.js("at('frame').className") == "anomalous"
    assert await page.js("at('cues').textContent") == "arms straight"


@filmed
async def test_a_rep_without_a_reference_is_shown_neutral(server: PhoneServer, page: Page) -> None:
    await page.shape(844, 390)
    await server.send(a_state(**IN_A_SET, count=3, verdict=None))
    plain = await page.js("getComputedStyle(at('number')).backgroundColor")
    await server.send(a_state(**IN_A_SET, count=4, verdict="alike", likeness="like your first reps"))
    await page.until("at('count').textContent === '4'")
    assert await page.js("at('verdict').getAttribute('aria-label')") == "alike"
    assert await page.js("at('of').textContent") == "like your first reps"
    assert await page.js("getComputedStyle(at('number')).backgroundColor") == plain


SCREENS = ((390, 844), (844, 390), (768, 1024))


@pytest.mark.parametrize("words", ["like your first reps", "wie deine ersten Wdh.", "como tus primeras reps", "of 12"])
@filmed
async def test_words_on_a_rep_are_whole_beside_or_under_its_number(server: PhoneServer, page: Page, words: str) -> None:
    inside = "at('of').getBoundingClientRect().right <= at('number').getBoundingClientRect().right"
    for width, height in (*SCREENS, (360, 640), (1280, 720)):
        await page.shape(width, height)
        for count in (5, 12):
            await show(server, page, **IN_A_SET, count=count, verdict="alike", likeness=words)
            assert await page.js(f"{inside} && at('of').scrollWidth <= at('of').clientWidth + 1"), (width, count)


@pytest.mark.parametrize("words", ["arms straight", "hips and chest together", "bar over your head"])
@filmed
async def test_a_correction_is_read_from_three_metres(server: PhoneServer, page: Page, words: str) -> None:
    alarm = a_message("alarm", words, "arms bent: elbows 89°, your good reps 140°")
    await server.send(a_state(**IN_A_SET, count=12, verdict="anomalous", message=alarm))
    await page.until(f"at('text').innerText.trim() === '{words}'")
    for width, height in SCREENS:
        await page.shape(width, height)
        fits = "at('words').scrollHeight <= at('words').clientHeight"
        await page.until(f"innerWidth === {width} && {CAPITAL}('text') >= 0.08 && {fits}")


BODY = [[0.5, 0.1 + number / 50, 1.0] for number in range(33)]
INK = "at('body').getContext('2d').getImageData(0, 0, at('body').width, at('body').height).data.some(Boolean)"


@filmed
async def test_the_skeleton_goes_with_the_picture_that_it_belongs_to(server: PhoneServer, page: Page) -> None:
    await server.send(a_state(body=BODY, picture=[640, 480], count=1))
    await page.until(f"state && state.count === 1 && {INK}")
    await server.send(a_state(body=BODY, picture=[480, 640], count=2))  # of before the phone was turned
    await page.until(f"state.count === 2 && !{INK}")
    await server.send(a_state(body=BODY, picture=[640, 480], count=3))
    await page.until(f"state.count === 3 && {INK}")
    await server.cut()
    await page.until(f"!at('link').hidden && !{INK}")


@filmed
async def test_a_lost_connection_is_shown_over_the_open_remote_and_comes_back(server: PhoneServer, page: Page) -> None:
    await page.until("state !== null")
    await page.tap("#open-remote")
    server.refusal = "another phone is the camera"  # which is this one, as long as nobody has noticed
    await server.cut()
    await page.until("!at('link').hidden")
    assert await page.js("at('link').textContent") == "connection lost: trying again"
    middle = "(({ x, y, width, height }) => [x + width / 2, y + height / 2])(at('link').getBoundingClientRect())"
    assert await page.js(f"document.elementFromPoint(...{middle}) === at('link')")
    await page.tap("#close-remote")
    await page.until(
        f"at('link').parentElement === document.body && document.elementFromPoint(...{middle}) === at('link')"
    )

    await server.until(lambda: len(server.hellos) >= 2)
    server.refusal, sent = None, len(server.frames)
    await server.until(lambda: len(server.frames) > sent + 3)
    assert await page.js("at('link').hidden")
    await server.send({"type": "ended", "text": "6 reps: 5 good"})
    await page.until("!at('over').hidden")
    assert await page.js("at('over-text').textContent") == "6 reps: 5 good"
    assert await page.js("camera.stream === null && at('link').hidden")


@played
async def test_the_page_speaks_the_language_of_the_run(tools: str) -> None:
    with using_language("de"):
        async with at_the_camera(tools) as (_, page):
            assert await page.js("document.documentElement.lang") == "de"
            assert await page.js("at('open-remote').textContent") == "Steuerung"


@filmed
async def test_at_the_end_each_lifter_has_a_report(server: PhoneServer, page: Page) -> None:
    urls = {"Ada": "/report/Ada", "Bo": "/report/Bo", "Cy": "/nowhere"}
    reports = [{"lifter": name, "url": url} for name, url in urls.items()]
    await server.send({"type": "ended", "text": "over", "reports": reports})
    await page.until("link.socket === null && at('reports').children.length === 2 && !at('reports').inert")
    shown = "[...document.querySelectorAll('#over iframe')].filter((one) => one.offsetHeight > 0)"
    assert await page.js(f"{shown}.map((one) => one.contentDocument.querySelector('h1').textContent)") == ["Ada"]
    await page.tap("#reports :nth-child(2)")
    assert await page.js(f"{shown}.map((one) => one.contentDocument.querySelector('h1').textContent)") == ["Bo"]
    assert await page.js("at('reports').querySelector('[aria-pressed=true]').textContent") == "Bo"


AN_OFFER = {
    "type": "options",
    "exercise": "auto",
    "exercises": [{"name": "auto", "title": "Recognise it"}, {"name": "squat", "title": "Squat"}],
    "profile": "anna",
    "profiles": ["anna", "bea"],
    "depths": [{"name": "parallel", "title": "to parallel"}, {"name": "35", "title": "box 35 cm"}],
    "counts": [{"name": "all", "title": "all reps"}, {"name": "standard", "title": "deep reps only"}],
    "load_unit": "lb",
}


HIDDEN = """Object.defineProperty(document, "hidden", { get: () => %s, configurable: true });
document.dispatchEvent(new Event("visibilitychange"));"""


@filmed
async def test_a_page_that_slept_goes_on_by_itself(server: PhoneServer, page: Page) -> None:
    """The phone was locked, and its connection was cut. Turned afterwards, it still films."""
    await page.until("state !== null")
    await page.js(HIDDEN % "true")
    await server.cut()
    await page.until("!at('link').hidden")
    await page.js(HIDDEN % "false")
    await server.until(lambda: len(server.hellos) == 2)
    await page.until("at('link').hidden && at('toast').textContent === 'the page slept: the set goes on'")
    for width, height in ((390, 844), (844, 390)):
        await page.shape(width, height)
        sent = len(server.frames)
        await server.until(lambda sent=sent: len(server.frames) > sent + 3)


@filmed
async def test_a_page_that_is_loaded_again_films_without_a_tap(server: PhoneServer, page: Page) -> None:
    """Its old connection may still stand. What livecoach ended is not begun again."""
    origin = server.url.rstrip("/")
    await page.call("Browser.grantPermissions", origin=origin, permissions=["videoCapture"])
    server.refusal = "another phone is the camera"
    await page.open(server.url)
    await server.until(lambda: len(server.hellos) >= 3)
    server.refusal, sent = None, len(server.frames)
    await server.until(lambda: len(server.frames) > sent)
    await page.until("!at('screen').hidden && at('begin').hidden")
    await server.send({"type": "ended", "text": "over"})
    await page.until("over")
    await page.open(server.url)
    await page.until("document.readyState === 'complete'")
    assert await page.js("goOn().then(() => role)") is None


@filmed
async def test_a_page_that_is_loaded_again_asks_for_a_tap_until_it_sounds(server: PhoneServer, page: Page) -> None:
    """What was not heard is not played later. A finger that goes down allows nothing yet."""
    cue = {"type": "cue", "text": "3", "kind": "good_rep", "rep": 3, "sound": "/sounds/1.wav", "vibrate_ms": None}
    sounded = "Number(document.body.dataset.sounded || 0)"
    assert await page.js("at('unlock').hidden")
    await page.call("Browser.grantPermissions", origin=server.url.rstrip("/"), permissions=["videoCapture"])
    page.taps = False
    await page.reload()
    await page.until("state !== null && !at('unlock').hidden && sound.context.state === 'suspended'")
    await page.shape(390, 844)
    assert await page.js("at('unlock').innerText") == "Tap for sound"
    await server.send(cue)
    await page.until("at('cues').textContent === '3'")
    place = await middle(page, "#unlock")
    await page.call("Input.dispatchTouchEvent", type="touchStart", touchPoints=[place])
    await server.send({**cue, "text": "4"})
    await page.until("at('cues').textContent === '4'")
    assert await page.js(f"{sounded} === 0 && !at('unlock').hidden")
    await page.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    await page.until("sound.context.state === 'running' && at('unlock').hidden")
    await server.send({**cue, "text": "5"})
    await page.until(f"{sounded} === 1")
    await page.js("sound.context.suspend()")  # as a call does
    await page.until("!at('unlock').hidden")
    await server.send(a_state(muted=True))
    await page.until("at('unlock').hidden")


@played
async def test_a_browser_that_refuses_the_connection_of_the_page_names_the_certificate(tools: str) -> None:
    """As Safari does after its warning. One attempt may fail for the network alone."""
    async with served() as server, opened(tools, server.url) as page:
        await page.shape(390, 844)
        server.connects = False
        await page.tap("#start")
        await page.until("link.unopened === 1")
        assert await page.js("at('link').textContent") == "waiting for livecoach"
        await page.until("at('link').textContent.includes('authority.pem')")
        assert await page.js(
            "(({ left, right }) => left >= 0 && right <= innerWidth)(at('link').getBoundingClientRect())"
        )
        server.connects = True
        await page.until("at('link').hidden && state !== null")


@filmed
async def test_the_clock_of_the_rest_goes_on_while_nothing_comes(server: PhoneServer, page: Page) -> None:
    await server.send(a_state(count=5, rest_s=58, rest_target_s=60))
    await page.until("at('clock').innerText.trim() === '0:58'")
    await page.until("at('timer').classList.contains('over') && state.rest_s === 58")
    await server.send(a_state(count=5, rest_s=63, rest_target_s=60))
    await page.until("state.rest_s === 63")
    assert await page.js("at('clock').innerText.trim()") == "1:03"


@filmed
async def test_the_remote_ends_a_set_and_shows_what_is_answered(server: PhoneServer, page: Page) -> None:
    await remote(server, page, AN_OFFER, **IN_A_SET, count=2)
    assert await page.js("at('f-exercise').value") == "auto"
    assert await page.js("at('start-set').disabled && !at('end-set').disabled")
    await page.tap("#end-set")
    await server.until(lambda: server.actions)
    assert server.actions == [{"type": "action", "name": "end-set"}]
    await server.send(a_state(**IN_A_SET, count=3, note="the set ends after this rep"))
    await page.until("at('answer').textContent === 'the set ends after this rep'")
    await server.send(a_state(count=3, message=a_message("said", "set 1, rep 3: bad")))
    await page.until("at('answer').textContent === 'set 1, rep 3: bad'")
    assert await page.js("at('f-load').labels[0].textContent") == "Load, lb"


@filmed
async def test_the_remote_sends_what_is_tapped_and_typed(server: PhoneServer, page: Page) -> None:
    await server.send(a_state(exercise=None, choices=["Squat", "Lunge"], sets=SETS, reps=[[9.5, 4, 1, "cross"]]))
    await page.until("document.querySelectorAll('#choices button').length === 2")
    await page.tap("#choices button:nth-child(2)")
    await server.send(AN_OFFER)
    await page.tap("#open-remote")
    buttons = ("start-set", "good", "bad", "no-rep", "undo", "mute")
    for name in buttons:
        await page.tap(f"[data-action={name}]")
    for name, text in (
        ("load", "102.5"),
        ("rest", "2min"),
        ("note", "light"),
        ("rpe", "8"),
        ("exercise", "squat"),
        ("new-profile", "Bo"),
        ("depth", "35"),
        ("count", "standard"),
    ):
        await type_in(page, name, text)
    await page.tap("#quit")
    await page.tap("#quit")  # once is not enough
    await server.until(lambda: server.actions and server.actions[-1]["name"] == "end-session")

    pressed = [action["name"] for action in server.actions if action["name"] in (*buttons, "choose-2", "end-session")]
    typed = {action["name"]: action["value"] for action in server.actions if action["name"] not in pressed}
    assert pressed == ["choose-2", *buttons, "end-session"]
    chosen = {"exercise": "squat", "new-profile": "Bo", "depth": "35", "count": "standard"}
    assert typed == {"load": "102.5", "rest": "2min", "note": "light", "rpe": "8"} | chosen


@filmed
async def test_the_remote_shows_the_standards_in_force_or_none(server: PhoneServer, page: Page) -> None:
    await remote(server, page, AN_OFFER, depth="35", counted="standard", count=1)
    assert await page.js("[at('f-depth').value, at('f-count').value]") == ["35", "standard"]
    assert await page.js("at('f-depth').offsetHeight >= 48 && at('f-count').offsetHeight >= 48")

    await server.send({**AN_OFFER, "exercise": "deadlift", "depths": []})
    await page.until("at('f-depth').offsetHeight === 0 && at('f-count').offsetHeight === 0")
    assert await page.js("at('f-new-profile').offsetHeight > 0")


@filmed
async def test_the_remote_says_what_was_understood_and_covers_nothing(server: PhoneServer, page: Page) -> None:
    """Load and rest of last time stand there until there are new ones: one tap takes them over. An empty field asks for
    what is in force. What was refused is not left standing as if it had been taken."""
    await page.shape(390, 844)
    await server.send({**AN_OFFER, "load": "60", "rest_s": 180.0})
    await show(server, page, count=1, load=None, rest_target_s=None)
    await page.tap("#open-remote")
    fields = "[at('f-load'), at('f-rest')].flatMap((field) => [field.value, field.placeholder])"
    assert (await page.js(fields))[::2] == ["60", "3:00"]
    await page.tap("[data-form=note] button")
    await page.tap("[data-form=load] button")
    await page.tap("[data-form=rest] button")
    planned = {"load": "next set: 5 × 60 kg", "load_in_force": "60 kg"}
    await server.send(a_state(count=1, **planned, rest_target_s=60, note="next set: 60 kg"))
    await page.until("at('answer').textContent === 'next set: 60 kg'")
    assert await page.js(fields) == ["", "60 kg", "", "1:00"]
    await page.tap("[data-form=load] button")
    await type_in(page, "exercise", "squat")
    await server.send(a_state(count=1, load="60 kg", note="change that between two sets"))
    await page.until("at('f-exercise').value === 'auto'")
    assert [action["value"] for action in server.actions] == ["60", "3:00", "60 kg", "squat"]
    assert await page.js("at('toast').hidden")
    await page.js("at('remote').scrollTo(0, 1e6)")
    assert await page.js("at('answer').getBoundingClientRect().top >= 0 && at('remote').scrollTop > 0")
    # The lifter changes on another device.
    await server.send({**AN_OFFER, "profile": "bea", "load": "40"})
    await server.send(a_state(count=0, load=None, profile="bea"))
    await server.send({**AN_OFFER, "profile": "bea", "load": "40"})
    await page.until("at('f-load').value === '40'")


@filmed
async def test_fields_of_the_remote_keep_what_was_typed_until_it_is_sent(server: PhoneServer, page: Page) -> None:
    """Whatever livecoach answers and offers meanwhile. What was sent gives way to what is in force."""
    await page.shape(390, 844)
    offer = {**AN_OFFER, "load": "60", "rest_s": 180.0}
    await remote(server, page, offer, count=1, load=None)
    edits = {"load": "90", "rest": "2:00", "exercise": "squat", "depth": "35", "count": "standard"}
    for name, value in edits.items():
        await page.js(f"at('f-{name}').value = '{value}'")
    fields = f"{[*edits]}.map((name) => at(`f-${{name}}`).value)"
    await page.tap("[data-form=load] button")
    await server.send(a_state(count=2, load="90 kg", note="next set: 90 kg"))
    await server.send(offer)
    await page.until("at('answer').textContent === 'next set: 90 kg' && at('f-load').placeholder === '90 kg'")
    assert await page.js(fields) == ["", "2:00", "squat", "35", "standard"]
    await page.tap("[data-form=exercise] button")
    await server.send(a_state(count=3, load="90 kg", note="change that between two sets"))
    await page.until("at('f-exercise').value === 'auto'")
    await page.tap("#close-remote")
    await page.tap("#open-remote")
    assert await page.js(fields) == ["", "2:00", "auto", "35", "standard"]


@filmed
async def test_nothing_is_asked_of_a_run_that_has_not_begun(server: PhoneServer, page: Page) -> None:
    waiting, enabled = (
        idle_fields("no picture yet from the phone"),
        "!document.querySelector(`[data-action={}]`).matches(':disabled')",
    )
    await server.send({"type": "state", **waiting, "camera": "connected"})
    await page.until("state.picture === null")
    await page.tap("#open-remote")
    assert not await page.js(
        f"{enabled.format('end-set')} || {enabled.format('mute')} || !at('f-load').matches(':disabled')"
    )
    assert await page.js("!at('quit').matches(':disabled')")
    await server.send(a_state(count=1, in_set=True))
    await page.until(f"state.count === 1 && {enabled.format('end-set')} && {enabled.format('mute')}")


SETS = [[4, 2, "60 kg", "anna", 8.5], [3, 1, "", "bea", None], [1, 1, "", "anna", None]]
"""Number, as the lifter counts, load, lifter and RPE of each."""


async def remote(server: PhoneServer, page: Page, offer: dict[str, Any], **state: Any) -> None:
    """Open the remote in a state."""
    await server.send(offer)
    await show(server, page, **state)
    await page.tap("#open-remote")


async def type_in(page: Page, name: str, text: str) -> None:
    """Type into a field of the remote, and send it."""
    await page.js(f"at('f-{name}').value = '{text}'")
    await page.tap(f"[data-form={name}] button")


async def acted(server: PhoneServer, *actions: tuple[object, ...]) -> None:
    """Check that these are all actions of the page: each a name, with its value and its set where they matter."""
    await server.until(lambda: len(server.actions) == len(actions))
    done = [(one["name"], one.get("value"), one.get("set")) for one in server.actions]
    assert [one[: len(wanted)] for one, wanted in zip(done, actions, strict=True)] == list(actions)


def words_of(field: str) -> str:
    return f"[...at('{field}').options].map((option) => option.textContent)"


@filmed
async def test_any_set_is_chosen_and_logged(server: PhoneServer, page: Page) -> None:
    """At first it is the last one of the lifter at hand. It stays chosen, whose it is shows, and its RPE."""
    await page.shape(390, 844)
    await server.send(AN_OFFER)
    await server.send(a_state(count=0, sets=SETS))
    await page.until("state.sets.length === 3 && offered.profiles")
    await page.tap("#open-remote")
    await page.until("!at('lifted').inert && !at('who-lifted').hidden")
    assert await page.js(words_of("f-set")) == ["–", "anna, set 2 · 60 kg", "bea, set 1", "anna, set 1"]
    assert await page.js("[at('f-set').value, at('f-rpe').value]") == ["4", "8.5"]
    await type_in(page, "rpe", "8")
    await page.tap("#lifted :last-child")
    await server.send(
        a_state(count=1, profile="bea", lifter="bea", note="set 2: bea", sets=[[4, 2, "60 kg", "bea", 8], *SETS[1:]])
    )
    await page.until("at('answer').textContent === 'set 2: bea'")
    assert await page.js("at('f-set').selectedOptions[0].textContent") == "bea, set 2 · 60 kg"
    assert await page.js("at('lifted').querySelector('[aria-pressed=true]').textContent") == "bea"
    await type_in(page, "set-load", "55")
    await page.tap("[data-action=undo-log]")
    await type_in(page, "load", "65")
    await acted(
        server, ("rpe", "8", 4), ("whose", "bea", 4), ("set-load", "55", 4), ("undo-log", None, 4), ("load", "65", None)
    )


@filmed
async def test_nothing_of_somebody_else_is_chosen_for_who_has_not_lifted(server: PhoneServer, page: Page) -> None:
    chosen = "['f-rep', 'f-set', 'f-rpe', 'f-set-load'].map((id) => at(id).value)"
    off = "[...document.querySelectorAll('.of-rep button, .of-set button')].filter((one) => one.disabled).length"
    bens = {"sets": [[1, 1, "", "ben", 8]], "reps": [[4.25, 1, 2, "tick"]]}
    await show(server, page, count=1, profile="ben", lifter="ben", **bens)
    await page.tap("#open-remote")
    assert (await page.js(chosen), await page.js(off)) == (["4.25", "1", "8", ""], 0)
    await page.tap("#close-remote")
    await show(server, page, count=2, profile="emil", lifter="emil", **bens)
    await page.tap("#open-remote")
    assert (await page.js(chosen), await page.js(off)) == (["", "", "", ""], 8)
    assert await page.js(words_of("f-rep")) == ["–", "ben, set 1, rep 2 ✓"]
    await page.js(
        "at('f-set').value = '1'; at('f-set').onchange({ target: at('f-set') }); at('f-set-load').value = '90'"
    )
    assert (await page.js(chosen), await page.js(off)) == (["", "1", "8", "90"], 4)
    await page.tap("#close-remote")
    await page.tap("#open-remote")
    assert await page.js(chosen) == ["", "1", "8", "90"]


@filmed
async def test_any_rep_is_chosen_and_corrected(server: PhoneServer, page: Page) -> None:
    """At first it is the last one of the lifter at hand; it stays chosen when another one comes, within a set too."""
    await page.shape(390, 844)
    reps = [[9.5, 4, 1, "cross"], [4.25, 1, 2, "tick"], [1.0, 1, 1, "tick"]]
    await show(server, page, count=1, reps=reps, sets=SETS)
    await page.tap("#open-remote")
    named = ["anna, set 2, rep 1 ✕", "anna, set 1, rep 2 ✓", "anna, set 1, rep 1 ✓"]
    assert await page.js(words_of("f-rep")) == ["–", *named]
    await page.tap("[data-action=good]")
    await page.js("at('f-rep').value = '4.25'")
    await page.tap("[data-action=bad]")
    reps[1][3] = "cross"
    answer = a_message("said", "anna, set 1, rep 2: bad")
    await server.send(a_state(count=1, reps=reps, sets=SETS, message=answer))
    await page.until(f"at('answer').textContent === '{answer['text']}'")
    assert (await page.js(words_of("f-rep")))[2] == "anna, set 1, rep 2 ✕"
    await server.send(a_state(count=2, in_set=True, reps=[[12.0, 4, 2, "tick"]], sets=SETS, note="muted"))
    await page.until("at('answer').textContent === 'muted'")
    assert (await page.js(words_of("f-rep")))[:3] == ["–", "anna, set 2, rep 2 ✓", named[0]]
    await page.tap("[data-action=undo]")
    await page.tap("#end-set")
    await acted(server, ("good", 9.5), ("bad", 4.25), ("undo", 4.25), ("end-set", None))


@filmed
async def test_next_lifter_last_lifter_load_and_exercise_are_two_taps_away_in_a_rest(
    server: PhoneServer, page: Page
) -> None:
    targets = "['pick-exercise', 'pick-load', 'pick-who'].map((id) => at(id))"
    await server.send(AN_OFFER)
    for width, height in ((390, 844), (844, 390)):
        await page.shape(width, height)
        await server.send(
            a_state(count=8, rest_s=12, sets=SETS, last_set={"number": 4, "name": "anna, set 2", "answer": None})
        )
        await page.until("at('pick-who').offsetHeight > 0 && !at('lifters').inert")
        boxes = await page.js(
            f"[...{targets}, at('open-remote'), ...at('lifters').children]"
            ".map((one) => one.getBoundingClientRect().toJSON())"
        )
        assert min(min(box["width"], box["height"]) for box in boxes) >= 44
        assert all(box["bottom"] <= height for box in boxes)
    await page.tap("#lifters :nth-child(2)")
    await page.tap("#pick-who")
    await page.until("!at('picks').inert")
    assert await page.js("at('pick-title').textContent") == "anna, set 2: Who lifted"
    await page.tap("#picks :nth-child(2)")
    await page.tap("#pick-exercise")
    await page.until("!at('picks').inert")
    await page.tap("#picks :nth-child(2)")
    await page.tap("#pick-load")
    assert await page.js("document.activeElement.id") == "f-load"
    await type_in(page, "load", "65")
    await acted(
        server,
        ("profile", "bea", None),
        ("whose", "bea", 4),
        ("exercise", AN_OFFER["exercises"][1]["name"], None),
        ("load", "65", None),
    )
    await page.tap("#close-remote")
    await page.tap("#pick-who")
    await server.send(a_state(count=1, in_set=True, sets=SETS))
    await page.until("!at('pick').open && at('next').hidden")
    assert await page.js("at('chips').textContent") == "anna  Deadlift  set 1 of 3"


@filmed
async def test_no_button_and_no_timer_is_cut_in_the_rest_of_five_lifters(server: PhoneServer, page: Page) -> None:
    await server.send({**AN_OFFER, "profiles": ["anna", "Ben", "Cem", "Dominique", "Emil"]})
    rest = {"rest_s": 57, "rest_target_s": 120, "sets": SETS, "summary": {"lines": ["6 reps, 5 good", "tired"]}}
    rest["last_set"] = {"number": 4, "name": "anna, set 2", "answer": None}
    warning = a_message("warning", "nobody in the picture")
    cut = """[...document.querySelectorAll('#panel button, #timer')].filter((one) => {
        const box = one.getBoundingClientRect(), panel = (one.closest('#words') || at('panel')).getBoundingClientRect();
        return box.height && (box.bottom > panel.bottom + 1 || box.right > panel.right + 1);
    }).map((one) => one.id || one.textContent)"""
    for count, (width, height) in enumerate(((390, 844), (844, 390)), 1):
        await page.shape(width, height)
        for message in (None, warning):
            await server.send(a_state(count=2 * count + (message is None), message=message, **rest))
            await page.until(f"state.count === {2 * count + (message is None)} && at('lifters').children.length === 6")
            assert await page.js("at('timer').offsetHeight") > 0
            await page.until(f"{cut}.length === 0")


@filmed
async def test_one_tap_in_the_rest_says_what_all_reps_of_the_set_were(server: PhoneServer, page: Page) -> None:
    buttons = "[...document.querySelectorAll('#last-set.shown button')]"
    last = {"number": 3, "name": "set 2", "answer": None}
    for width, height in ((390, 844), (844, 390)):
        await page.shape(width, height)
        await server.send(a_state(count=8, rest_s=12, last_set=last))
        await page.until(f"{buttons}.length === 2 && !at('last-set').inert")
        sizes = await page.js(f"{buttons}.map((one) => [one.offsetHeight, one.offsetWidth])")
        assert min(min(size) for size in sizes) >= 44
    assert await page.js(f"{buttons}.map((one) => one.textContent)") == ["✓ My good reps · set 2", "✕ Not my good reps"]
    await page.tap("#last-set button:first-child")
    await page.tap("#last-set button:first-child")
    await server.send(a_state(count=8, rest_s=12, last_set={**last, "answer": "set 2: 8 reps are good"}))
    await page.until(f"{buttons}.length === 1")
    assert await page.js(f"{buttons}[0].textContent") == "↶ set 2: 8 reps are good · undo"
    await page.tap("#last-set button")
    await server.until(lambda: len(server.actions) == 3)
    assert [(one["name"], one["set"]) for one in server.actions] == [("good", 3), ("good", 3), ("undo", 3)]
    await server.send(a_state(count=1, in_set=True))
    await page.until(f"{buttons}.length === 0")


NAMES = "[...document.querySelectorAll('#lifters button')].map((button) => button.textContent)"
MARKED = "document.querySelector('#lifters [aria-pressed=true]')?.textContent"


async def middle(page: Page, selector: str) -> dict[str, float]:
    box = f"document.querySelector({selector!r}).getBoundingClientRect()"
    return await page.js(f"(({{ x, y, width, height }}) => ({{ x: x + width / 2, y: y + height / 2 }}))({box})")


async def finger(page: Page, place: dict[str, float], *kinds: str) -> None:
    for kind in kinds:
        await page.call("Input.dispatchMouseEvent", type=f"mouse{kind}", button="left", clickCount=1, **place)


@filmed
async def test_one_tap_on_a_name_changes_the_lifter(server: PhoneServer, page: Page) -> None:
    """The mark follows livecoach, which may refuse, and so does the report. Who lifts alone has no names, nor a set."""
    await page.shape(390, 844)
    await server.send({**AN_OFFER, "profiles": ["anna"]})
    await show(server, page, count=5, rest_s=31)
    assert await page.js(NAMES) == []
    long = {"load": "nächster Satz: 12 × 102,5 kg", "trouble": "schließ andere Grundlagenprogramme"}
    await show(server, page, count=6, rest_s=31, summary={"lines": ["6 Wdh."]}, **long)
    assert await page.js("at('words').scrollWidth <= at('words').clientWidth")
    assert await page.js("at('chips').scrollWidth <= at('chips').clientWidth"), "no button covers a word"
    assert await page.js("at('whose').innerText.includes('·')") is False, "no line ends with a dot"
    lines = "[...at('whose').children].map((one) => [one.offsetLeft, one.offsetTop])"
    (left, upper), (below_left, lower) = await page.js(lines)
    assert lower > upper
    assert left == below_left, "nor begins with one: it is cut off there"
    await server.send({**AN_OFFER, "profiles": ["anna", "bea", "cleo"]})
    await page.until(f"{MARKED} === 'anna' && !at('lifters').inert")
    assert await page.js(NAMES) == ["anna", "bea", "cleo", "+ New lifter"]
    assert await page.js("[...at('lifters').children].every((button) => button.offsetHeight >= 48)")
    assert await page.js("at('words').scrollHeight <= at('words').clientHeight")
    await finger(page, await middle(page, "#lifters :nth-child(2)"), "Pressed", "Released")
    await server.until(lambda: server.actions)
    assert server.actions == [{"type": "action", "name": "profile", "value": "bea"}]
    assert await page.js(MARKED) == "anna"
    await server.send(a_state(count=5, rest_s=31, profile="bea"))
    await page.until(f"{MARKED} === 'bea'")
    await page.js("openPage('last')")
    assert (await page.js("document.querySelector('#sessions iframe').src")).endswith("/sessions/last.html?profile=bea")
    await page.js("at('sessions').close()")
    await page.tap("#lifters :last-child")
    assert await page.js("document.activeElement.id") == "f-new-profile"
    await page.tap("#close-remote")
    await server.send(a_state(**IN_A_SET))
    await page.until("at('lifters').children.length === 0")


@filmed
async def test_buttons_do_not_change_under_a_finger(server: PhoneServer, page: Page) -> None:
    """Those that come take no tap for half a second: a finger on its way meant those before."""
    await page.shape(390, 844)
    await server.send(AN_OFFER)
    await server.send(a_state(count=5, rest_s=31))
    await page.until("at('lifters').children.length === 3 && !at('lifters').inert")
    place = await middle(page, "#lifters :nth-child(2)")
    await finger(page, place, "Pressed")
    await server.send({**AN_OFFER, "profiles": ["bea", "cleo", "anna"]})
    await show(server, page, count=6, rest_s=32)
    assert (await page.js(NAMES))[1] == "bea"
    await finger(page, place, "Released")
    await server.until(lambda: server.actions)
    await show(server, page, count=7, rest_s=33)
    assert (await page.js(NAMES))[1] == "cleo"
    await finger(page, place, "Pressed", "Released")
    await page.until("!at('lifters').inert")
    assert [action["value"] for action in server.actions] == ["bea"]


@played
async def test_a_second_camera_is_refused_and_may_watch(tools: str) -> None:
    async with served() as server, opened(tools, server.url) as page:
        server.refusal, server.may_take_over = "another phone is the camera", True
        server.first = [
            {"type": "options", "remote": False},
            a_state(body=[[number / 33, number / 33, 1.0] for number in range(33)]),
        ]
        await page.tap("#start")
        await page.until("!at('why').hidden")
        assert await page.js("at('why').textContent") == server.refusal
        assert await page.js("camera.stream === null")

        await page.tap("#watch")
        await page.until("state !== null")
        assert [hello["role"] for hello in server.hellos] == ["camera", "watch"]
        assert not server.frames
        assert await page.js(INK)


@played
async def test_a_refused_phone_films_instead_of_the_other_after_a_question(tools: str) -> None:
    async with served() as server, opened(tools, server.url) as page:
        await page.shape(390, 844)
        server.refusal, server.may_take_over = "another phone is the camera", True
        assert await page.js("at('take-over').hidden")
        await page.tap("#start")
        await page.until("!at('take-over').hidden")
        await page.tap("#take-over")
        await server.until(lambda: server.frames)
        assert [hello["role"] for hello in server.hellos] == ["camera", "take-over"]
        await server.cut()
        await server.until(lambda: len(server.hellos) == 3)
        assert server.hellos[-1]["role"] == "camera", "it asks once"


@played
async def test_the_address_for_watching_has_neither_camera_nor_remote(tools: str) -> None:
    async with served() as server, opened(tools, f"{server.url}#watch") as page:
        server.first = [a_state(count=3, summary={"lines": ["3 reps, 2 good"]})]
        await page.tap("#watch")
        await page.until("state !== null")

        assert await page.js("at('start').hidden")
        assert await page.js("[...document.querySelectorAll('.of-remote')].every((part) => part.hidden)")
        await page.tap("#open-remote")
        assert not await page.js("[...document.querySelectorAll('[data-page]')].some((one) => one.checkVisibility())")


@filmed
async def test_the_loop_of_a_rest_takes_the_place_of_the_picture(server: PhoneServer, page: Page) -> None:
    loop = a_loop()
    shown = loop_fields(loop, 5.5)
    # Only the mark at the crease of a hip that is deep enough is green.
    green = "data[4 * n] === 0 && data[4 * n + 1] === 158 && data[4 * n + 2] === 115"
    dashed = f"(({{ data }}) => data.some((_, n) => {green}))({INK.removesuffix('.data.some(Boolean)')})"
    await page.shape(390, 844)
    await server.send(a_state(count=8, rest_s=31, summary={"lines": ["8 reps, 6 good"]}, **shown))
    await page.until("at('loop').classList.contains('shown')")
    assert await page.js("[...at('loop').children].map((line) => line.textContent)") == shown["loop"]["words"]
    assert await page.js("getComputedStyle(at('preview')).display") == "none"
    assert await page.js(INK)
    assert await page.js("at('words').scrollHeight <= at('words').clientHeight")
    at_bottom, at_top = (loop_fields(with_a_line(loop), 5.0 + into_s) for into_s in (1.2, 0.1))
    await server.send(a_state(count=8, rest_s=32, **at_top))
    await page.until("state.rest_s === 32")
    assert not await page.js(dashed)
    await server.send(a_state(count=8, rest_s=33, **at_bottom))
    await page.until("state.rest_s === 33")
    assert await page.js(dashed)
    await server.send(a_state(count=8, rest_s=35, progress=0.2))
    await page.until("!at('loop').classList.contains('shown')")
    assert await page.js("getComputedStyle(at('preview')).display") == "block"


@filmed
async def test_the_drill_of_a_rest_is_whole_in_the_longest_words(server: PhoneServer, page: Page) -> None:
    lines = ["12 Wdh., 4 gut", "8 Wdh.: Hüfte und Brust zusammen", "Müde: letzte Wdh. 24 % langsamer"]
    with using_language("de"):
        drills = [fault.drill for lift in LIFTS for fault in load_faults(lift).faults.values() if fault.drill]
        longest = max(map(translate, drills), key=len)
        change = "Brust 15° runter, deine guten Wdh. 16° hoch"
        loop = a_loop(cue="Hüfte und Brust zusammen", change=change, drill=longest)
        shown = loop_fields(loop, 5.5)
    await page.shape(390, 844)
    titles = {"exercise": "Rumänisches Kreuzheben", "learning": None}
    await server.send(a_state(count=8, rest_s=31, summary={"lines": lines}, **titles, **shown))
    await page.until("at('loop').classList.contains('shown')")
    assert await page.js("at('words').scrollHeight <= at('words').clientHeight")
    assert await page.js("parseFloat(getComputedStyle(at('loop').lastElementChild).fontSize)") >= LEAST_PX
    noted = a_state(count=8, rest_s=32, summary={"lines": lines}, **titles, **shown)
    await server.send({**noted, "note": "zu langsam: schließ andere Programme"})
    await page.until("at('chips').children.length")
    assert await page.js("at('words').scrollHeight <= at('words').clientHeight")
