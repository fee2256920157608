"""`livecoach` alone, and `livecoach home`: from sessions to pages, served or in files."""

import signal
import stat
import subprocess
from collections.abc import Iterator

import pytest
from builders.command import TIMEOUT_S, command, run, surroundings
from builders.reports import Read, a_squat_session, an_evening, squatted
from click.testing import CliRunner

from livecoach.cli.pages import home


def test_first_run_says_how_to_begin(tmp_path):
    """Help, then the first commands."""
    outcome = run(home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert "Usage: livecoach" in outcome.stdout
    assert "livecoach demo" in outcome.stdout


def test_without_a_screen_livecoach_alone_names_the_command(sessions, tmp_path):
    """It makes nothing that nobody sees."""
    a_squat_session(sessions, [squatted(1)])
    outcome = run(home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "`livecoach home --out FOLDER` writes pages" in outcome.stdout


def test_home_writes_pages_that_link_each_other_and_change_nothing(sessions, tmp_path):
    """All for the owner alone; written again, they are up to date."""
    folder = a_squat_session(sessions, [squatted(1)])
    outcome = run("home", "--out", "pages", home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (0, "pages/index.html\n"), outcome.stderr
    pages = tmp_path / "pages"
    assert {page.name for page in pages.iterdir()} == {"index.html", "history.html", f"{folder.name}.html"}
    assert {stat.S_IMODE(one.stat().st_mode) for one in (pages, *pages.iterdir())} == {0o600, 0o700}
    texts = {page.name: page.read_text(encoding="utf-8") for page in pages.iterdir()}
    assert f'href="{folder.name}.html"' in texts["index.html"]
    assert all("<form" not in text and "livecoach home" in text for text in texts.values())
    assert f"livecoach sessions correct {folder.name}:1/1 bad" in texts[f"{folder.name}.html"]
    assert run("sessions", "correct", "last:1/1", "bad", home=tmp_path).returncode == 0
    assert run("home", "--out", "pages", home=tmp_path).returncode == 0
    assert "you said: bad" in (pages / f"{folder.name}.html").read_text(encoding="utf-8")


def test_pages_to_hand_on_have_no_face_where_none_is_wanted(sessions, tmp_path, monkeypatch):
    """In reports and on the home page; pages that stay here have no such option."""
    folder = a_squat_session(sessions, [squatted(1)], video=True)
    monkeypatch.setattr("livecoach.pages.report.pictures.blur_face", lambda picture, _: 0 * picture)
    for out, options in (("plain", ()), ("blurred", ("--blur-faces",))):
        assert CliRunner().invoke(home, ["--out", str(tmp_path / out), *options]).exit_code == 0
    pages = {page.name for page in (tmp_path / "plain").iterdir()}
    pictured = {"index.html", f"{folder.name}.html"}
    assert {
        name for name in pages if len({(tmp_path / out / name).read_text() for out in ("plain", "blurred")}) == 2
    } == (pictured)
    assert "Give --out FOLDER, too." in run("home", "--blur-faces", home=tmp_path).stderr


def test_home_leaves_a_folder_with_other_files_alone(sessions, tmp_path):
    """Its index.html may be somebody's site."""
    a_squat_session(sessions, [squatted(1)])
    site = tmp_path / "site"
    site.mkdir()
    (site / "index.html").write_text("mine")
    outcome = run("home", "--out", site, home=tmp_path)
    assert outcome.returncode == 7
    assert outcome.stderr == f"livecoach: {site}: holds other files. Choose a new or an empty folder with --out.\n"
    assert [one.read_text() for one in site.iterdir()] == ["mine"]


def test_reports_that_an_earlier_version_kept_go_with_a_deleted_session(sessions, tmp_path):
    """Version 1.0 wrote them beside the sessions."""
    folder = a_squat_session(sessions, [squatted(1)])
    kept = sessions.parent / "pages"
    kept.mkdir()
    (kept / f"{folder.name}.html").write_text("page")
    assert run("sessions", "delete", folder.name, "--yes", home=tmp_path).returncode == 0
    assert not kept.exists()


@pytest.fixture
def served(sessions, tmp_path) -> Iterator["subprocess.Popen[str]"]:
    """`livecoach home` as the start screen begins it."""
    a_squat_session(sessions, [squatted(1)])
    process = subprocess.Popen(
        command("home", "--no-open", "--asked-by-stdin"),
        env=surroundings(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process.stdout, process.stderr:
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def asked(served: "subprocess.Popen[str]", page: str = "") -> str:
    """The address of a page."""
    served.stdin.write(f"{page}\n")
    served.stdin.flush()
    return served.stdout.readline()


def test_home_opens_again_when_asked_and_ends_with_who_asks(served):
    """Each time by a new entry to the same server. No page was opened, so none keeps it."""
    first, second = asked(served), asked(served)
    address, entry = first.split("/?t=")
    assert address.startswith("http://127.0.0.1:")
    assert second.startswith(f"{address}/?t=")
    assert entry not in second
    served.stdin.close()
    assert served.wait(TIMEOUT_S) == 0
    assert served.stderr.read() == ""


def test_home_ends_when_it_is_told_to(served):
    """Without a traceback."""
    asked(served)
    served.send_signal(signal.SIGINT)
    assert served.wait(TIMEOUT_S) == 130
    assert served.stderr.read().strip() == ""


def test_home_writes_a_page_for_each_lifter_and_links_it(sessions, tmp_path):
    """`report` writes the one that is named, and names nobody else on it."""
    folder = an_evening(sessions)
    assert run("home", "--out", "pages", home=tmp_path).returncode == 0
    pages = tmp_path / "pages"
    files = {f"{folder.name}~ada.html", f"{folder.name}~ben.html"}
    alone = {"history~ada.html", "history~ben.html"}
    assert {page.name for page in pages.iterdir()} == {"index.html", "history.html", *files, *alone}
    assert "ben" not in Read((pages / "history~ada.html").read_text(encoding="utf-8")).words.replace("ada ben", "")
    links = {name: Read((pages / name).read_text(encoding="utf-8")).having("href") for name in ("index.html", *files)}
    assert files <= set(links["index.html"])
    assert f"{folder.name}~ben.html" in links[f"{folder.name}~ada.html"]
    refused = run("report", "last", home=tmp_path)
    assert (refused.returncode, refused.stderr) == (
        4,
        f"livecoach: {folder.name}: has several lifters. Give --profile with one of these: ada, ben.\n",
    )
    outcome = run("report", "last", "--profile", "ada", home=tmp_path)
    assert outcome.stdout == f"{folder.name}~ada.html\n"
    assert "ben" not in Read((tmp_path / f"{folder.name}~ada.html").read_text(encoding="utf-8")).words.split()
