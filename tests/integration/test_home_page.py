"""The pages of `livecoach home` in a real browser: their forms, by hand."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from builders.browser import Page, needs_chromium, opened
from builders.command import CLIPS
from builders.home_server import a_home
from builders.phone_connection import PLAYED_S, played
from builders.reports import a_squat_session, squatted, wrong
from builders.sessions import at, contents

from livecoach.core import language
from livecoach.core.errors import OutputError
from livecoach.records.plan import Plan, PlannedSets, read_plan
from livecoach.records.profile import Profile
from livecoach.records.session import layout

pytestmark = needs_chromium
WIDTHS = (390, 800, 1280)


@asynccontextmanager
async def at_report(tools: str, folder: Path) -> AsyncIterator[Page]:
    """The report, by its link on the page of sessions."""
    async with a_home() as visitor, opened(tools, f"{visitor.home}sessions.html") as page:
        report = await page.js("document.querySelector('a.card').href")
        assert report == f"{visitor.home}{folder.name}.html?profile=-"
        await page.open(report)
        yield page


async def arrived(page: Page, condition: str) -> None:
    """Wait for a condition on the page that a form leads to."""
    while True:
        try:
            return await page.until(condition)
        except OutputError as err:
            if "navigated" not in str(err):
                raise


async def fits(page: Page, *widths: int) -> None:
    """Check that nothing is wider than windows of these widths."""
    for width in widths:
        await page.shape(width, 900)
        await page.until(f"innerWidth === {width}")
        assert await page.js("document.documentElement.scrollWidth <= innerWidth"), width


async def settled(page: Page, form: str, line: str) -> None:
    """Wait until a form says a line, and the page around it is new."""
    await page.until(f"document.querySelector('#{form} output')?.textContent === {line!r}")


@played
async def test_rep_is_corrected_by_hand_and_the_whole_page_follows(tools, folder):
    async with at_report(tools, folder) as page:
        await page.tap(".marks [href='#rep-3']")
        await page.tap("#correct-3 summary")
        await page.js("document.querySelector('#correct-3').scrollIntoView()")
        await page.until("document.querySelector('#correct-3 img').naturalWidth > 0")
        await page.js("document.querySelector('#correct-3 select').value = 'forward_lean'")
        await page.tap("#correct-3 button[value=bad]")
        await page.until("document.querySelector('#rep-3').innerText.includes('you said: bad (leant forward)')")
        assert "1 to check\n1 bad" in await page.js("document.querySelector('.counts').innerText")
        assert await page.js("document.querySelector('#correct-3').open")
        assert await page.js("document.querySelector('#correct-3 [value=bad]').ariaPressed") == "true"
        choose = "const fault = document.querySelector('#correct-3 select'); fault.value = 'knee_cave'; "
        await page.js(f"{{ {choose} fault.dispatchEvent(new Event('change', {{ bubbles: true }})); }}")
        await page.until("document.querySelector('#rep-3').innerText.includes('you said: bad (knees')")

        await page.tap("#correct-3 button[value=undo]")
        await page.until("document.querySelector('#correct-3 select').value === 'forward_lean'")
        await page.tap("#correct-3 button[value=undo]")
        await page.until("!document.querySelector('#rep-3').innerText.includes('you said')")
        await page.tap("#correct-3 button[value=no-rep]")
        await page.until("document.querySelector('#form-undo-3') !== null")
        assert not await page.js("document.querySelector('#rep-3') !== null")
        await page.tap("#form-undo-3 button")
        await page.until("document.querySelector('#rep-3') !== null")
    told = [json.loads(line) for line in (folder / layout.CORRECTIONS).read_text().splitlines()]
    assert [one["label"] for one in told] == ["bad", "bad", None, None, "no-rep", None]


@played
async def test_a_saved_change_can_be_undone_while_another_field_is_typed_in(tools, folder):
    """The page is not shown anew then, for what is typed would be lost."""
    async with at_report(tools, folder) as page:
        await page.js("document.querySelector('[name=started]').value = '2026-01-01T10:00'")
        for load in ("110", ""):
            await page.js(f"document.querySelector('#log-1 [name=load]').value = '{load}'")
            await page.js("document.querySelector('#form-log-1 output').textContent = ''")
            await page.js("document.querySelector('#form-log-1').requestSubmit()")
            await settled(page, "form-log-1", "Saved.")
    assert [json.loads(line)["load_kg"] for line in (folder / layout.SETS).read_text().splitlines()] == [110.0, None]


@played
async def test_one_touch_or_key_corrects_a_set_and_another_undoes_it(tools, folder):
    touch = "document.querySelector('#set-1 .touch')"
    async with at_report(tools, folder) as page:
        for width in WIDTHS:
            await page.shape(width, 844)
            await page.until(f"innerWidth === {width}")
            assert (
                await page.js(f"Math.min(...[...{touch}.querySelectorAll('button')].map((b) => b.offsetHeight))") >= 44
            )
            assert await page.js("document.documentElement.scrollWidth <= innerWidth")
        await page.js(f"{touch}.querySelector('[value=good]').focus()")
        await page.call("Input.dispatchKeyEvent", type="keyDown", key="Enter", windowsVirtualKeyCode=13, text="\r")
        await page.until(f"{touch}.querySelector('output').textContent.startsWith('Set 1: 2 reps are good. ')")
        await page.until(f"{touch}.querySelector('[value=undo]') !== null")
        assert await page.js(f"document.activeElement === {touch}.querySelector('[value=good][aria-pressed=true]')")
        assert "2 good" in await page.js("document.querySelector('.counts').innerText")
        await page.tap("#set-1 .touch [value=undo]")
        await page.until(f"{touch}.querySelector('[value=undo]') === null")
        assert await page.js(f"{touch}.querySelector('output').textContent.startsWith('Set 1: undone for 2 reps.')")


@played
async def test_report_is_three_screens_of_a_phone_however_many_reps_it_has(tools, sessions):
    folder = a_squat_session(sessions, [*map(squatted, (1, 2, 3)), *map(wrong, range(4, 16))], video=True, profile=None)
    async with at_report(tools, folder) as page:
        await page.shape(390, 844)
        await page.until("innerWidth === 390")
        assert await page.js("document.documentElement.scrollHeight") <= 3 * 844
        await page.tap(".strip [href='#rep-7']")
        await page.until("document.querySelector('#of-7').open && document.querySelector('#of-7 form').offsetHeight")
        assert await page.js("document.querySelectorAll('.rep [open]').length") == 1


@played
async def test_the_advice_has_a_line_of_its_own_on_a_phone(tools, sessions):
    reps = [wrong(1), replace(squatted(2), exercise="deadlift", set=2, number=1)]
    folder = a_squat_session(sessions, reps, profile=None)
    async with at_report(tools, folder) as page:
        await page.shape(390, 844)
        await page.until("document.querySelector('.done') !== null")
        assert await page.js("document.querySelector('.done tbody td:last-child').offsetWidth") > 250
        assert await page.js("document.documentElement.scrollWidth <= innerWidth")


@played
async def test_a_rep_without_another_beside_it_fills_its_clip(tools, sessions):
    folder = a_squat_session(sessions, [squatted(1)], profile=None)
    shapes: list[list[int]] = []
    async with at_report(tools, folder) as page:
        for width in WIDTHS:
            await page.shape(width, 800)
            await page.until("document.querySelector('video').videoWidth > 0")
            shapes.append(
                await page.js(
                    "(v => [v.offsetWidth * v.videoHeight, v.offsetHeight * v.videoWidth])"
                    "(document.querySelector('video'))"
                )
            )
    assert [wide / high for wide, high in shapes] == pytest.approx([1.0] * len(WIDTHS), abs=0.02)


@played
async def test_no_video_plays_by_itself_for_who_wants_little_motion_even_after_a_correction(tools, sessions):
    folder = a_squat_session(sessions, [*map(squatted, (1, 2, 3)), wrong(4)], profile=None)
    async with at_report(tools, folder) as page:
        little = [{"name": "prefers-reduced-motion", "value": "reduce"}]
        await page.call("Emulation.setEmulatedMedia", features=little)
        await page.reload()
        for _ in range(2):
            assert await page.js("[...document.querySelectorAll('video')].every((v) => v.paused && !v.autoplay)")
            assert await page.js("document.querySelectorAll('video').length")
            await page.tap("#set-1 .touch [value=good]")
            await page.until("document.querySelector('#set-1 .touch [value=undo]') !== null")


@played
async def test_value_under_a_finger_stands_above_its_plot(tools, folder):
    async with at_report(tools, folder) as page:
        touch = (
            "{const it = document.querySelector('%s'), box = it.getBoundingClientRect();"
            "it.dispatchEvent(new PointerEvent('pointerdown', {bubbles: true,"
            "clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}))}"
        )
        await page.js(touch % ".plots svg.data")
        told = await page.js("document.querySelector('output.tip').textContent")
        assert re.fullmatch(r"\d+°", told)
        await page.js(touch % "h1")
        assert await page.js("document.querySelector('output.tip') === null")


@played
async def test_session_is_deleted_and_brought_back_by_hand(tools, folder):
    before = contents(folder)
    async with at_report(tools, folder) as page:
        await page.tap("#delete summary")
        await page.tap("#delete button")
        await arrived(page, "document.querySelector('.deleted button') !== null")
        assert not folder.exists()
        await page.tap(".deleted button")
        await page.until("document.querySelector('a.card') !== null")
        assert contents(folder) == before


@played
async def test_page_says_when_its_server_has_ended(tools, folder):
    async with AsyncExitStack() as server:
        visitor = await server.enter_async_context(a_home())
        async with opened(tools, visitor.home + f"{folder.name}.html") as page:
            await server.aclose()
            await page.tap("#correct-1 button[value=good]")
            await settled(page, "form-correct-1", "livecoach has ended. Open it again.")


@played
async def test_a_change_of_language_shows_on_the_whole_page(tools, folder):  # noqa: ARG001 (it isolates the home)
    with language.using_language("en"):
        async with a_home() as visitor, opened(tools, f"{visitor.home}settings.html") as page:
            await page.js("document.querySelector('#set-language select').value = 'de'")
            await page.tap("#set-language button")
            await page.until("document.querySelector('nav.pages a').textContent === 'Heute'")
            assert await page.js("[document.documentElement.lang, document.title]") == ["de", "Einstellungen"]
            await page.js("document.querySelector('#set-rest_s [name=value]').value = '90'")
            await page.tap("#set-rest_s button")
            await settled(page, "set-rest_s", "Gespeichert.")


@played
async def test_what_a_form_says_reaches_the_page_that_has_changed_meanwhile(tools, folder):  # noqa: ARG001 (it isolates)
    """As the list of films does, while something else is typed."""
    async with a_home() as visitor, opened(tools, f"{visitor.home}settings.html") as page:
        await page.js("document.querySelector('#set-sound-volume [name=value]').value = '0.1'")
        await page.js(
            "(form => { form.requestSubmit(); form.replaceWith(form.cloneNode(true)); })"
            "(document.querySelector('#set-rest_s'))"
        )
        await settled(page, "set-rest_s", "Saved.")


@played
async def test_keyboard_skips_the_links_on_top(tools, folder):  # noqa: ARG001 (it isolates the home)
    async with a_home() as visitor, opened(tools, visitor.home) as page:
        for _ in range(2):
            await page.call("Input.dispatchKeyEvent", type="keyDown", key="Tab", windowsVirtualKeyCode=9)
            if await page.js("document.activeElement.className") == "skip":
                break
        assert await page.js("document.activeElement.getBoundingClientRect().left >= 0")
        await page.tap(":focus")
        assert await page.js("location.hash") == "#main"


@played
async def test_sessions_are_searched_while_typing_chosen_for_comparison_and_confirmed(tools, sessions):
    for day, name in ((1, "anna"), (2, "ben"), (3, "ben")):
        a_squat_session(sessions, [squatted(1), wrong(2)], started=at(2026, 3, day), profile=name)
    in_sight = "[...document.querySelectorAll('.sessions > li')].map((card) => [...card.querySelectorAll('button')]"
    async with a_home() as visitor, opened(tools, f"{visitor.home}sessions.html") as page:
        assert await page.js(f"{in_sight}.filter((button) => button.checkVisibility()).length)") == [2, 2, 2]
        await page.js("document.querySelector('[name=words]').value = 'ben'")
        await page.js("document.querySelector('[name=words]').dispatchEvent(new InputEvent('input', {bubbles: true}))")
        await page.until("document.querySelectorAll('a.card').length === 2 && location.search.includes('words=ben')")
        await page.tap(".sessions form button[value=good]")
        await page.until("document.querySelector('.sessions form button[value=undo]') !== null")
        assert await page.js(f"{in_sight}.filter((button) => button.checkVisibility()).length)") == [2, 2]
        assert await page.js("document.querySelector('#compare').offsetParent === null")
        await page.js("document.querySelectorAll('[name=with]').forEach((box) => box.click())")
        assert await page.js("document.querySelector('#compare').offsetParent !== null")
        await page.js("document.querySelector('#compare button').click()")
        await arrived(page, "document.querySelectorAll('.sides section').length === 2")
        assert "2026" in await page.js("document.querySelector('.rows thead').innerText")


@played
async def test_a_dropped_film_becomes_a_session_whose_report_opens(tools, folder):  # noqa: ARG001 (it isolates the home)
    async with a_home() as visitor, opened(tools, visitor.home + "films.html?profile=me") as page:
        await page.shape(1280, 900)
        await page.js("document.querySelector('[name=new]').value = 'Cleo'")
        dropped = {"items": [], "files": [str(CLIPS / "squat_2.mp4"), __file__], "dragOperationsMask": 1}
        for step in ("dragEnter", "dragOver", "drop"):
            await page.call("Input.dispatchDragEvent", type=step, x=200, y=400, data=dropped)
        await page.until("document.querySelectorAll('.films [data-state]').length === 2", PLAYED_S)
        await page.until("document.querySelector('.failed')?.textContent.startsWith('Not a video')", PLAYED_S)
        await page.until("document.querySelector('.films a') !== null", PLAYED_S)
        assert await page.js("document.querySelector('[role=status]').textContent") == "2 of 2 done"
        assert await page.js("document.querySelector('[name=profile]').value") == "Cleo", "the next film is hers, too"
        await fits(page, 320, *WIDTHS)
        await page.open(await page.js("document.querySelector('.films a').href"))
        assert await page.js("document.querySelector('h1').innerText") == "Squat"


@played
async def test_a_lifter_without_a_session_has_no_empty_label_on_a_phone(tools, sessions):  # noqa: ARG001 (it isolates)
    Profile("anna", print).create_folder()
    async with a_home() as visitor, opened(tools, visitor.home + "lifters.html") as page:
        await page.shape(360, 800)
        await page.until("innerWidth === 360")
        assert await page.js("getComputedStyle(document.querySelector('td'), '::before').content") == "none"


@played
async def test_a_chosen_film_that_is_gone_when_it_is_sent_is_named(tools, tmp_path):
    film = tmp_path / "gone.mp4"
    film.write_bytes(b"a film")
    async with a_home() as visitor, opened(tools, visitor.home + "films.html") as page:
        root = (await page.call("DOM.getDocument"))["root"]["nodeId"]
        chooser = await page.call("DOM.querySelector", nodeId=root, selector="[type=file]")
        await page.call("DOM.setFileInputFiles", nodeId=chooser["nodeId"], files=[str(film)])
        film.unlink()
        await page.tap("#add button")
        await settled(page, "add", "gone.mp4: can't be read. Choose it again.")


@played
async def test_a_queue_says_when_its_server_has_ended(tools):
    async with AsyncExitStack() as stack:
        visitor = await stack.enter_async_context(a_home())
        async with opened(tools, visitor.home + "films.html") as page:
            await stack.aclose()
            await page.until(
                "document.querySelector('#follow-line').textContent === 'livecoach has ended. Open it again.'"
            )


@played
async def test_a_plan_is_typed_mended_and_saved(tools, folder):  # noqa: ARG001 (it isolates the home)
    async with a_home() as visitor, opened(tools, visitor.home) as page:
        await page.open(await page.js("document.querySelector('a[href^=\"plan.html\"]').href"))
        typed = {"exercise-0": "squat", "sets-0": "3", "reps-0": "5", "load-0": "heavy"}
        for name, text in typed.items():
            await page.js(f"document.forms.plan.elements['{name}'].value = '{text}'")
        await page.tap("#plan > button")
        await settled(page, "plan", "Line 1: 'heavy' is not a load. Write 100, 102.5, 100kg or 220lb.")
        assert await page.js("document.forms.plan.elements['reps-0'].value") == "5"
        await page.js("document.forms.plan.elements['load-0'].value = '102.5'")
        await page.tap("#plan > button")
        await page.until("document.forms.plan.elements['load-0'].defaultValue.startsWith('102.5')")
        assert await page.js("document.querySelectorAll('[name^=sets]').length") == 4, "three are free"
        await settled(page, "plan", "Saved.")
        await fits(page, *WIDTHS)
    assert read_plan("me") == Plan(sets=(PlannedSets(exercise="squat", sets=3, reps=5, load="102.5kg"),))
