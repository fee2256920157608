"""The tools of `livecoach home`: what their forms may send, what is refused, and what is left behind."""

import asyncio
import csv
import io
import json
import re
import time
import zipfile
from collections.abc import AsyncIterator
from importlib import metadata
from pathlib import Path

import aiohttp
import pytest
from builders.analyses import an_analysis
from builders.home_server import a_home, at_home, at_home_page, words
from builders.mjpeg_server import two_squats
from builders.reports import Read, a_squat_session, squatted
from builders.sessions import a_session, at, contents

from livecoach import __version__
from livecoach.batch import film_pages, film_queue
from livecoach.batch.running import Task, TaskOutcome
from livecoach.capture.camera import not_opened_text
from livecoach.core import language
from livecoach.core.config import load_settings, save_settings
from livecoach.core.config.paths import NAME, sessions_dir, user_cache_dir, user_config_file
from livecoach.core.config.settings import all_settings, read_height_cm
from livecoach.lab.tools import check_pages
from livecoach.lab.tools.trials import Finding
from livecoach.pages import uploads
from livecoach.pages.uploads import safe_name
from livecoach.records.earlier import read_earlier_sets
from livecoach.records.plan import Plan, PlannedSets, plan_path, read_plan, write_plan
from livecoach.records.profile import list_profile_names

FILM = b"a film"
LOG = "Date,Exercise Name,Set Order,Weight,Weight Unit,Reps\n2026-01-05 18:00:00,Squat (Barbell),1,100,kg,5\n"
pytestmark = pytest.mark.usefixtures("sessions")


@pytest.fixture
def analysed(monkeypatch: pytest.MonkeyPatch) -> list[Task]:
    """Tasks of films, each analysed at once where its content is FILM."""
    tasks: list[Task] = []

    def run(task: Task, *_: object) -> TaskOutcome:
        tasks.append(task)
        if Path(task.recording).read_bytes() != FILM:
            return task.make_outcome(kind="failed", message="not a video.")
        return task.make_outcome(document=an_analysis(session="2026-03-01_18-30-00-squat"))

    monkeypatch.setattr(film_queue, "run_task", run)
    return tasks


async def ended(visitor) -> str:
    """The words of the page once no film waits."""
    while True:
        _, page = await visitor.get("films.html")
        if not {"waiting", "running"} & set(Read(page).having("data-state")):
            return Read(page).words
        await asyncio.sleep(0.02)


def left() -> list[Path]:
    """Files of films that are still on the disk."""
    return [path for path in (user_cache_dir() / "films").rglob("*") if path.is_file() and path.name != ".lock"]


# Films


@at_home_page
async def test_films_are_analysed_as_by_the_command_with_what_was_chosen(visitor, analysed):
    """Two of one name are two films; each is deleted once it is a session, and the choice stays."""
    sent = {"exercise": "squat", "profile": "me"}
    (sessions_dir() / "2026-03-01_18-30-00-squat").mkdir(parents=True)
    assert await visitor.upload("films", ("a.mp4", FILM), ("a.mp4", FILM), **sent) == (200, "2 films were added.")
    assert (await ended(visitor)).count("a.mp4") >= 2
    chosen = [row["value"] for tag, row in Read((await visitor.get("films.html"))[1]).tags if "selected" in row]
    assert chosen == ["auto", "me"], "the next film may be of another exercise"
    assert [task.options for task in analysed] == [("--exercise=squat", "--profile=me", "--record")] * 2
    assert await visitor.upload("films", ("b.mp4", FILM), exercise="auto", profile="-") == (200, "1 film was added.")
    assert "2026-03-01_18-30-00-squat.html" in Read((await visitor.get("films.html"))[1]).having("href")
    await ended(visitor)
    assert analysed[2].options == ("--record",)
    assert not left()
    await visitor.upload("films", ("c.mp4", FILM), exercise="auto", profile="-", new="Maria")
    chosen = [row["value"] for tag, row in Read((await visitor.get("films.html"))[1]).tags if "selected" in row]
    assert chosen == ["auto", "Maria"], "the next film is Maria's, too"
    page = Read((await visitor.get("films.html", {"profile": "me"}))[1])
    assert "me" in [row["value"] for _, row in page.tags if "selected" in row], "the lifter whose day led here"
    await visitor.upload("films", ("d.mp4", FILM), exercise="auto", profile="-", new="Ben")
    _, page = await visitor.get("films.html")
    assert {"Maria", "Ben"} <= set(Read(page).having("value")), "each lifter of the queue can be chosen again"
    assert {"c.mp4 · Maria", "d.mp4 · Ben"} <= set(re.findall(r"<h3>(.*?)</h3>", page))
    for typed, lifter in (("maria", "Maria"), (" BEN ", "Ben"), ("Me", "me")):
        await visitor.upload("films", ("e.mp4", FILM), exercise="auto", profile="-", new=typed)
        page = Read((await visitor.get("films.html"))[1])
        assert lifter in [row["value"] for _, row in page.tags if "selected" in row], "one person, however typed"
    await ended(visitor)


def test_films_that_wait_at_the_end_are_named_in_the_terminal(monkeypatch):
    monkeypatch.setattr(film_queue.FilmQueue, "_analyse", lambda *_: time.sleep(0.2) or film_queue.FilmProgress())

    async def scene() -> list[str]:
        async with a_home() as visitor:
            await visitor.upload("films", ("a.mp4", FILM), ("b.mp4", FILM))
        return visitor.said

    assert asyncio.run(scene()) == ["not analysed: a.mp4. Further such films: 1. Add them again."]


@at_home_page
async def test_no_film_is_received_for_a_name_that_no_lifter_can_have(visitor, analysed):
    status, line = await visitor.upload("films", ("a.mp4", FILM), exercise="auto", profile="-", new="../x")
    assert (status, "up to 40 letters" in line, "Command line" in line) == (409, True, False)
    status, line = await visitor.upload("films", ("a.mp4", FILM), exercise="auto", profile="-", day="2999-01-01")
    assert (status, line) == (409, "This day is still to come. Choose an earlier day or time.")
    assert analysed == left() == []


def test_films_that_a_killed_home_page_left_are_listed_and_deleted(analysed):
    film = user_cache_dir() / "films" / "tmp1" / "tmp2" / "deadlift.mp4"
    film.parent.mkdir(parents=True)
    for path in (film, film.with_name("squat-annotated.mp4"), film.with_name(".unfinished.mp4.part")):
        path.write_bytes(FILM)

    async def scene(visitor) -> None:
        page = words(await visitor.get("films.html"))
        assert "deadlift.mp4 Was not analysed, because livecoach ended. Add it again." in page
        assert "annotated" not in page
        assert "unfinished" not in page

    at_home(scene)
    assert analysed == left() == []


@pytest.mark.parametrize(("modified", "written_s"), [("1556780700500", 1556780700.5), ("x", None), ("9" * 30, None)])
@at_home_page
async def test_a_film_keeps_the_time_at_which_its_file_was_written(visitor, monkeypatch, modified, written_s):
    found = []

    def run(task: Task, *_: object) -> TaskOutcome:
        found.append(Path(task.recording).stat().st_mtime)
        return task.make_outcome(kind="failed", message="enough")

    monkeypatch.setattr(film_queue, "run_task", run)
    await visitor.upload("films", ("a.mp4", FILM), modified=modified)
    await ended(visitor)
    assert found == [written_s or pytest.approx(time.time(), abs=60)]


@at_home_page
async def test_a_file_that_is_no_film_says_so_in_its_line_and_can_be_removed(visitor, analysed):
    for content in (b"", b"text"):
        await visitor.upload("films", ("notes.mp4", content))
    assert (await ended(visitor)).count("Not a video.") == len(analysed) == 2
    assert not left()
    assert await visitor.post("films/1/remove") == (200, "Removed.")
    assert (await visitor.post("films/1/remove"))[0] == 404
    assert (await visitor.post("films/2/annotated"))[0] == 404
    assert (await visitor.get("films/2.mp4"))[0] == 404
    assert (await visitor.post("films"))[0] == 400


@at_home_page
async def test_what_a_form_chooses_is_one_word_for_the_command(visitor, analysed):
    await visitor.upload("films", ("a.mp4", FILM), exercise="../squat --json=x", profile="me", new=" Jörg ")
    assert await visitor.upload("films", ("", b"")) == (409, "Choose a file first.")
    await ended(visitor)
    assert [task.options for task in analysed] == [("--exercise=../squat --json=x", "--profile=Jörg", "--record")]


@at_home_page
async def test_a_film_larger_than_the_bound_or_the_disk_is_refused(visitor, analysed, monkeypatch):
    """In its line; by its declared length, before any of it is read."""
    monkeypatch.setattr(film_pages, "MOST_FILM_BYTES", len(FILM))
    await visitor.upload("films", ("long.mp4", FILM + b"!"), ("a.mp4", FILM))
    assert "The film is larger than 16 GB." in await ended(visitor)
    assert len(analysed) == 1
    monkeypatch.setattr(uploads, "RESERVE_BYTES", 1 << 60)
    status, line = await visitor.upload("films", ("a.mp4", FILM))
    assert status == 409
    assert line.startswith("The disk has no room for ")
    assert line.endswith(" are free, and livecoach leaves 1152921504607 MB free. Free some space.")
    assert not left()


@at_home_page
async def test_a_film_whose_session_has_no_room_says_so_in_its_line(visitor, analysed, sessions):
    about = a_session(sessions) / "session.json"
    document = json.loads(about.read_text())
    document["end"]["stopped"] = "recording stopped: the disk is full"
    about.write_text(json.dumps(document))
    await visitor.upload("films", ("a.mp4", FILM))
    assert "recording stopped: the disk is full. Free some space, delete the session" in await ended(visitor)
    assert len(analysed) == 1
    about.parent.rename(sessions / "another")
    status, line = await visitor.post("films/1/annotated")
    assert (status, line.startswith("This does not exist any more: it was deleted")) == (404, True)


@at_home_page
async def test_the_report_of_a_session_with_a_video_makes_an_annotated_video(visitor, analysed, sessions):
    folder = a_session(sessions, video=True)
    assert f"{folder.name}/annotated" in Read((await visitor.get(f"{folder.name}.html"))[1]).having("action")
    assert await visitor.post(f"{folder.name}/annotated") == (200, "")
    assert f"{folder.name}, annotated" in await ended(visitor)
    assert analysed[0].recording == str(folder)


@at_home_page
async def test_a_film_that_breaks_off_leaves_nothing(visitor, analysed):
    async def broken() -> AsyncIterator[bytes]:
        yield FILM
        raise aiohttp.ClientError

    with pytest.raises(aiohttp.ClientError):
        await visitor.upload("films", ("a.mp4", broken()))
    for _ in range(200):
        if not left():
            break
        await asyncio.sleep(0.02)
    assert not left()
    assert not analysed
    assert visitor.said == []


@at_home_page
async def test_a_disk_that_is_full_is_said_in_a_line(visitor, analysed, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("livecoach.pages.uploads.write_atomically", full)
    status, line = await visitor.upload("films", ("a.mp4", FILM))
    assert status == 409
    assert line.endswith("can't be written (No space left on device). Free some space and make the folder writable.")
    assert not analysed


@at_home_page
async def test_without_a_script_the_form_leads_back_to_its_page(visitor, analysed):
    status, page = await visitor.upload("films", ("a.mp4", FILM), headers={"Sec-Fetch-Mode": "navigate"})
    assert status == 200
    assert "Films" in Read(page).words
    await ended(visitor)
    assert len(analysed) == 1


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("set 1.mp4", "set 1.mp4"),
        ("../../etc/passwd", "passwd"),
        ("C:\\films\\a.mov", "a.mov"),
        ("Kniebeuge 🏋️ 100 kg.mp4", "Kniebeuge 🏋️ 100 kg.mp4"),
        ("last:2/1-5", "1-5"),
        ("a:b?.mp4", "a_b_.mp4"),
        ("--pose.mp4", "pose.mp4"),
        ("..", "_"),
        ("", "_"),
        (".part", "part"),
        ("nul.mp4", "_nul.mp4"),
        ("a\nb\x1b.mp4", "a b_.mp4"),
        (f"{'ü' * 300}.mp4", f"{'ü' * 58}.mp4"),
    ],
)
def test_the_name_of_a_film_is_no_path(sent, kept):
    assert safe_name(sent) == kept


# Files


@at_home_page
async def test_every_page_opens_on_the_lifter_who_was_added_or_opened_last(visitor, sessions):
    """Until another lifter is; a lifter without a profile, and a name that nobody has, leave the usual lifter."""
    for day, name in enumerate(("anna", "ben"), 1):
        a_squat_session(sessions, [squatted(1)], started=at(2026, 3, day), profile=name)

    async def lifters() -> set[str]:
        pages = {
            name: (await visitor.get(name))[1] for name in ("./", "films.html", "files.html", "plan.html", "known.html")
        }
        chosen = re.findall(r'aria-current="true">(.+?)<', pages["./"])
        chosen += [re.search(r"<h1>.* · (.+)</h1>", pages[name])[1] for name in ("plan.html", "known.html")]
        options = [re.findall(r'value="([^"]+)" selected>', pages[name]) for name in ("films.html", "files.html")]
        return {*chosen, options[0][-1], options[1][0]}

    assert await lifters() == {"ben"}, "the lifter of the newest session"
    await visitor.post("lifters", profile="Carl", value="")
    assert await lifters() == {"Carl"}
    for page in ("./", "history.html", "plan.html", "files.html", f"{min(sessions.iterdir()).name}.html"):
        await visitor.get(page, {"profile": "ben"})
        await visitor.get(page, {"profile": "anna"})
        await visitor.get("lifters.html")
        assert await lifters() == {"anna"}, page
    await visitor.get("known.html", {"profile": "nobody"})
    assert await lifters() >= {"ben"}


@at_home_page
async def test_a_log_of_another_app_is_imported_for_whom_it_is(visitor):
    status, line = await visitor.upload("files", ("strong.csv", LOG.encode()), profile="me", unit="")
    assert (status, line) == (200, "strong.csv: 1 set of profile Me, 1 new: squat.")
    assert len(read_earlier_sets("me")) == 1
    assert "Squat · Me Before livecoach, from an imported log" in words(await visitor.get("history.html"))
    await visitor.upload("files", ("strong.csv", LOG.encode()), profile="me", unit="", new="Jörg")
    assert len(read_earlier_sets("Jörg")) == 1
    for name, content, profile, said in (
        ("a.csv", b"what", "me", "a.csv: is no log that Strong, Hevy or FitNotes exports"),
        ("a.zip", b"what", "me", "a.zip: is not a zip, or is damaged"),
        ("a.csv", LOG.replace(",kg,", ",,").encode(), "me", "a.csv: states no unit of its loads."),
        ("a.csv", LOG.encode(), "../x", "profile"),
    ):
        status, line = await visitor.upload("files", (name, content), profile=profile, unit="")
        assert (status, line[: len(said)]) == (409, said)
    assert await visitor.upload("files", ("", b""), profile="me", unit="") == (409, "Choose a file first.")
    assert [path for path in user_cache_dir().iterdir() if path.name != "films"] == []


@at_home_page
async def test_everything_is_exported_and_imported_again(visitor, sessions):
    nothing = "There is nothing to save yet. Do a set, or add a film."
    assert await visitor.get("sessions.zip") == (409, nothing)
    status, page = await visitor.get("sessions.zip", **{"Sec-Fetch-Mode": "navigate"})
    assert (status, nothing in page, "films.html" in page) == (409, True, True)
    write_plan("anna", Plan(sets=(PlannedSets(exercise="squat", sets=3, reps=5),)))
    _, zipped = await visitor.save("sessions.zip?video=on")
    assert "profiles/anna/plan.yaml" in zipfile.ZipFile(io.BytesIO(zipped)).namelist(), "before the first session, too"
    plan_path("anna").unlink()
    line = "Lifters, plans, heights and logs: 2 in the zip, 1 new here."
    assert await visitor.upload("files", ("all.zip", zipped), profile="me", unit="") == (200, line)
    folder = a_session(sessions, video=True)
    name, zipped = await visitor.save("sessions.zip?video=on")
    assert name.endswith(".zip")
    names = zipfile.ZipFile(io.BytesIO(zipped)).namelist()
    assert {f"{folder.name}/video.mp4", f"{folder.name}/session.json", "tables/reps.csv"} <= set(names)
    _, plain = await visitor.save("sessions.zip")
    assert f"{folder.name}/video.mp4" not in zipfile.ZipFile(io.BytesIO(plain)).namelist()
    folder.rename(sessions.parent / "away")
    plan_path("anna").unlink()
    status, line = await visitor.upload("files", ("all.zip", zipped), profile="me", unit="")
    assert (status, line) == (
        200,
        "1 session was imported. Lifters, plans, heights and logs: 2 in the zip, 1 new here.",
    )
    assert read_plan("anna").sets
    again = "Lifters, plans, heights and logs: 2 in the zip, 0 new here."
    stays = "What is here already stays as it is, and so do the settings."
    _, line = await visitor.upload("files", ("all.zip", zipped), profile="me", unit="")
    assert line == f"1 session is here already. {again} {stays}"
    _, log = await visitor.save("log.csv?format=strong&profile=anna")
    assert len(list(csv.reader(io.StringIO(log.decode()), delimiter=";"))) == 2
    _, line = await visitor.upload("files", ("strong.csv", log), profile="anna", unit="")
    assert "strong.csv: left out, because its session is here: 1 set." in line, "its own log"
    assert await visitor.get("log.csv?format=strong&profile=ben") == (409, "No sessions.")
    a_session(sessions, name="2026-03-02_18-30-00-squat", profile="ben")
    name, logs = await visitor.save("log.csv?format=strong&profile=")
    assert name == "livecoach-strong.zip", "a coach gets a file for each lifter"
    assert zipfile.ZipFile(io.BytesIO(logs)).namelist() == ["livecoach-strong-anna.csv", "livecoach-strong-ben.csv"]
    assert (await visitor.save("log.csv?format=csv&profile="))[0] == "livecoach-csv.csv"
    assert (await visitor.get("log.csv?format=../x"))[0] == 409


def a_zip(name: str, *, is_encrypted: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, b"x")
    content = bytearray(file.getvalue())
    content[content.index(b"PK\x01\x02") + 8] |= is_encrypted
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (a_zip("../x"), "x.zip: enthält den unsicheren Eintrag '../x', daher wird nichts importiert."),
        (a_zip("x", is_encrypted=True), "x.zip: x ist verschlüsselt oder auf eine Weise gepackt, die livecoach nicht"),
        (a_zip("a/session.json"), "x.zip: a ist zu beschädigt zum Lesen und wird daher nicht importiert."),
    ],
)
@at_home_page
async def test_what_is_wrong_with_a_zip_is_said_in_the_page_s_language(visitor, content, said):
    save_settings({"language": "de"})
    with language.using_language("de"):
        status, line = await visitor.upload("files", ("x.zip", content), profile="me", unit="")
    assert (status, line[: len(said)]) == (409, said)


# Settings, check and about


@at_home_page
async def test_every_setting_is_shown_and_changed_as_by_the_command(visitor):
    html = (await visitor.get("settings.html"))[1]
    page = Read(html)
    assert set(all_settings()) <= set(page.having("value"))
    assert not [key for key in all_settings() if f"<code>{key}</code>" in html]
    assert await visitor.post("settings", key="sound.volume", value="0.3") == (200, "")
    assert load_settings({}).sound.volume == 0.3
    status, line = await visitor.post("settings", key="sound.volume", value="3")
    assert (status, line) == (409, "“3” is not possible. Type a number from 0 to 1.")
    status, line = await visitor.post("settings", key="capture.reconnect_first_s", value="10")
    assert (status, line) == (409, "reconnect_longest_s (5.0) is below reconnect_first_s (10.0). Raise it.")
    assert await visitor.post("settings", key="rest_s", value="2:30") == (200, "")
    assert load_settings({}).rest_s == 150
    await visitor.post("settings", key="height_cm", value="180")
    assert load_settings({}).height_cm == 180
    await visitor.post("settings", key="height_cm", value="")
    assert load_settings({}).height_cm is None
    await visitor.post("lifters", profile="Anna")
    assert await visitor.post("settings", key="profile", value="anna") == (200, "")
    assert load_settings({}).profile == "Anna"
    await visitor.post("settings", key="profile", value="me")
    status, line = await visitor.post("settings", key="profile", value=" ")
    assert (status, line) == (409, "“ ” is not possible. Type text.")
    assert load_settings({}).profile == "me", "no lifter is called null"
    await visitor.post("settings", key="rest_s", value="150")
    await visitor.post("settings", key="standards.depth", value="", number="37")
    page = Read((await visitor.get("settings.html"))[1])
    assert "150" in page.having("value"), "as it was typed"
    assert "37" in [row["value"] for _, row in page.tags if "selected" in row]
    for key, value in (("../x", "1"), ("exercise", "cycling"), ("camera", "rtsp://me:secret@host/s?password=1")):
        status, line = await visitor.post("settings", key=key, value=value)
        assert (status, "secret" in line) == (409, False)


@at_home_page
async def test_a_lifter_is_added_before_the_first_set(visitor):
    assert await visitor.post("lifters", profile=" Carl  Olsen ", value="181,5") == (200, "")
    assert await visitor.post("lifters", profile="Dora", value="") == (200, "")
    assert (read_height_cm("Carl Olsen"), read_height_cm("Dora")) == (181.5, None)
    assert await visitor.post("lifters", profile="carl olsen", value="") == (409, "Carl Olsen exists already")
    assert (await visitor.post("lifters", profile="../x", value=""))[0] == 409
    status, line = await visitor.post("lifters", profile="Emil", value="18")
    assert (status, line) == (409, "“18” is not possible. Type a number from 100 to 250.")
    for page in ("lifters.html", "films.html", "plan.html", "./"):
        _, text = await visitor.get(page)
        assert ["Carl Olsen" in text, "Dora" in text, "Emil" in text] == [True, True, False], page


@at_home_page
async def test_a_lifter_without_sessions_is_deleted(visitor):
    """A lifter whose sets are in a session stays, and no session changes."""
    await visitor.post("lifters", profile="Dora", value="170")
    await visitor.post("settings", key="profile", value="Dora")
    a_session(sessions_dir(), profile="Ben")
    await visitor.post("settings", key="height_cm", value="180", profile="Ben")
    sessions = contents(sessions_dir())
    assert await visitor.post("lifters/delete", profile="Dora") == (200, "")
    assert "Dora" not in (await visitor.get("lifters.html"))[1]
    assert load_settings({}).profile == "me"
    for form, fields in (("lifters/delete", {}), ("settings", {"key": "height_cm", "value": "180"})):
        assert (await visitor.post(form, profile="Dora", **fields))[0] == 404, "from a page of before"
    assert list_profile_names() == ("Ben",)
    assert (await visitor.post("lifters/delete", profile="../x"))[0] == 404
    status, line = await visitor.post("lifters/delete", profile="Ben")
    assert (status, line.partition(".")[0]) == (409, "Ben has sets in sessions")
    assert contents(sessions_dir()) == sessions


@at_home_page
async def test_a_depth_is_chosen_or_is_the_height_of_a_box(visitor):
    page = words(await visitor.get("settings.html"))
    assert "below parallel" in page
    assert "`livecoach" not in page
    assert await visitor.post("settings", key="standards.depth", value="below", number="") == (200, "")
    assert load_settings({}).standards.depth == "below"
    assert await visitor.post("settings", key="standards.depth", value="below", number="37,5") == (200, "")
    assert load_settings({}).standards.depth == 37.5
    assert "box 37.5 cm" in words(await visitor.get("settings.html"))


@at_home_page
async def test_a_chosen_language_holds_at_once(visitor):
    try:
        await visitor.post("settings", key="language", value="de")
        page = await visitor.get("settings.html")
        assert "Einstellungen" in words(page)
        fields = [row["value"] for tag, row in Read(page[1]).tags if tag == "input" and row["name"] == "value"]
        assert {"Ich", "0,02"} <= set(fields)
        await visitor.post("settings", key="profile", value="ich")
        assert load_settings({}).profile == "me"
    finally:
        await visitor.post("settings", key="language", value="en")


@at_home_page
async def test_each_profile_has_a_height(visitor, sessions):
    a_session(sessions, profile="anna")
    assert await visitor.post("settings", key="height_cm", value="183") == (200, "")
    assert await visitor.post("settings", key="height_cm", profile="anna", value="165.5") == (200, "")
    status, refused = await visitor.post("settings", key="height_cm", profile="anna", value="1.7")
    assert (status, refused) == (409, "“1.7” is not possible. Type a number from 100 to 250.")
    _, page = await visitor.get("settings.html")
    assert [f'value="{height_cm}"' in page for height_cm in ("183", "165.5", "1.7")] == [True, True, False]
    assert (read_height_cm("me"), read_height_cm("anna")) == (183, 165.5)


@at_home_page
async def test_settings_move_to_a_computer_without_sessions_except_those_of_the_computer(visitor, sessions):
    folder = a_session(sessions, profile="anna")
    save_settings(
        {"language": "de", "profile": "anna", "height_cm": 165.5, "sound.volume": 0.5, "camera": 3, "rest_s": 90}
    )
    _, zipped = await visitor.save("sessions.zip")
    folder.rename(sessions.parent / "away")
    user_config_file().write_text("rest_s: 120\n")
    with language.using_language("en"):
        status, line = await visitor.upload("files", ("all.zip", zipped), profile="me", unit="")
        assert "Einstellungen" in words(await visitor.get("settings.html"))
    assert (status, line) == (200, "1 Training wurde importiert. 4 Einstellungen wurden importiert.")
    kept = load_settings({})
    assert (kept.profile, kept.height_cm, kept.sound.volume) == ("anna", 165.5, 0.5)
    assert (kept.camera, kept.rest_s) == (0, 120)
    save_settings({"profile": "ben", "height_cm": None})
    await visitor.upload("files", ("all.zip", zipped), profile="me", unit="")
    assert (load_settings({}).profile, read_height_cm("anna"), read_height_cm("ben")) == ("ben", 165.5, None)
    user_config_file().unlink()
    await visitor.upload("files", ("all.zip", zipped), profile="me", unit="")
    assert not user_config_file().exists()


@at_home_page
async def test_check_says_what_doctor_finds_the_worst_first(visitor, monkeypatch):
    found = [Finding("Python", "ok", "3.11"), Finding("pose", "broken", "no model", "Reinstall livecoach.")]
    found.append(Finding("cameras", "missing", "no camera found (no /dev/video*)", needed=False))
    monkeypatch.setattr(check_pages, "examine_installation", lambda: found)
    tried = {"camera": [Finding("camera 0", "ok", "640×480")], "sound": [Finding("sound", "ok", "default")]}
    monkeypatch.setattr(check_pages, "run_trials", lambda trials: tried[trials[0].name.partition(" ")[0]])
    assert await visitor.post("check") == (200, "")
    page = words(await visitor.get("check.html"))
    assert page.index("no model → Reinstall livecoach.") < page.index("no camera found") < page.index("3.11")
    assert "/dev" not in page
    assert "livecoach can't run here" in page
    await visitor.post("settings", key="rest_s", value="90")
    assert "no model" not in words(await visitor.get("check.html")), "other settings are checked anew"
    assert await visitor.post("check/picture") == (200, "")
    assert ["check/pictures" in (await visitor.get("check.html"))[1] for _ in "ab"] == [True, False]
    assert await visitor.post("check/sound") == (200, "default")
    tried["camera"] = [Finding("camera 0", "warning", "camera 0 did not open", "Unplug it.")]
    assert await visitor.post("check/picture") == (409, "camera 0 did not open. Unplug it.")


@at_home_page
async def test_a_camera_that_is_missing_is_reported_in_the_language_of_the_page(visitor, monkeypatch):
    found = Finding("camera 0", "missing", not_opened_text(0, "linux", ()))
    monkeypatch.setattr(check_pages, "run_trials", lambda _: [found])
    with language.using_language("de"):
        status, line = await visitor.post("check/picture")
    assert (status, line.split(".")[0]) == (409, "Kamera 0: dieser Computer hat keine Kamera")


@at_home_page
async def test_check_shows_the_camera_live_until_another_check_begins(visitor, monkeypatch):
    monkeypatch.setattr(check_pages, "run_trials", lambda _: [Finding("sound", "ok", "default")])
    with two_squats() as camera:
        save_settings({"camera": camera.url})
        async with visitor.reading("check/pictures") as body:
            for _ in range(3):
                assert (await body.readuntil(b"\xff\xd9")).count(b"\xff\xd8") == 1  # the ends of a JPEG
            _, played = await asyncio.gather(body.read(), visitor.post("check/sound"))
    assert played == (200, "default")


@at_home_page
async def test_about_names_the_version_and_every_licence(visitor):
    page = words(await visitor.get("about.html"))
    assert f"livecoach {__version__}" in page
    assert "BlazePose" in page
    assert "Apache License" in page
    try:
        metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        pytest.skip("livecoach is not installed here, so its packages are not known")
    for package in ("aiohttp", "numpy", "pydantic_core", "av"):
        assert package in page


@at_home_page
async def test_the_about_page_opens_in_a_checkout_that_is_not_installed(visitor, monkeypatch):
    def missing(name: str) -> metadata.Distribution:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    assert "Apache License" in words(await visitor.get("about.html"))
