"""What a phone offers over an evening, the names of the lifters, and what it needs."""

import sys
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest

from livecoach.core.config import load_settings, override_values
from livecoach.core.errors import OutputError
from livecoach.phone.link import PhoneLink
from livecoach.phone.sink import idle_fields
from livecoach.run.live import PHONE_PACKAGES, serve_phone
from livecoach.run.parts import Lifter
from livecoach.run.phone import STARTING, PhoneConnection


class NoServer:
    """Serves nobody, and keeps what it was to show at the end."""

    def __init__(self) -> None:
        self.ended_with: list[object] = []

    def close(self, session: object) -> None:
        self.ended_with.append(session)


@pytest.fixture
def phone(tmp_path, monkeypatch) -> PhoneConnection:
    """Of a computer on which Ada and Cleo have lifted on other days."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    for name in ("Ada", "Cleo"):
        (tmp_path / "data" / "profiles" / name).mkdir(parents=True)
    return PhoneConnection(NoServer(), PhoneLink())


@pytest.mark.parametrize("lifted", [None, (Path("2026-11-25"), ["Ada", "Bo"])])
def test_the_server_ends_with_the_report_of_the_last_session(lifted):
    server = NoServer()
    phone = PhoneConnection(server, PhoneLink())
    if lifted is not None:
        phone.set_reported_session(*lifted)
    phone.close()
    assert server.ended_with == [lifted]


def names(phone: PhoneConnection, at_hand: str, *lifted: str) -> list[str]:
    """Whom the remote offers while it is somebody's turn."""
    sent = []
    phone._link.send_offer = sent.append
    phone.offer(override_values(load_settings({}), {"profile": at_hand}), Lifter(), lifted)
    return sent[-1]["profiles"]


def test_lifters_who_have_lifted_come_first_and_nobody_of_the_evening_is_lost(phone):
    """Somebody new has no folder before the first good set."""
    assert names(phone, "Bo") == ["Ada", "Bo", "Cleo"]
    assert names(phone, "Cleo", "Cleo") == ["Cleo", "Ada", "Bo"]


def test_who_gave_no_name_is_not_offered_once_somebody_has_without_having_lifted(phone):
    assert "me" in names(phone, "me")
    assert "me" not in names(phone, "Bo", "Bo")
    assert names(phone, "Bo", "me", "Bo")[:2] == ["me", "Bo"]


def test_the_window_shows_the_address_once_with_the_bright_margin_that_readers_need(phone):
    shown, is_there = [], iter([False, False, True])
    phone._server.access = SimpleNamespace(url="https://192.168.1.20:8443/abcdefghjkmn")
    phone._link.wait_for_camera = lambda _: next(is_there)
    phone._window = SimpleNamespace(show_texts=lambda *_, picture: shown.append(picture), take_requests=list)
    phone._wait()
    (code,) = shown
    assert cv2.QRCodeDetector().detectAndDecode(code)[0] == phone.url
    assert (code[[0, -1]] == (255, 255, 255)).all()


@pytest.mark.parametrize(
    ("text", "says"),
    [*((name, "Ada exists already") for name in ("Ada", "ADA", " a d a ")), ("../x", "expected a name")],
)
def test_a_new_name_is_as_its_folder_has_it_and_like_no_existing_name(phone, text, says):
    names(phone, "Ada")
    assert phone.parse_new_profile("  Anna   Lena ") == "Anna Lena"
    with pytest.raises(ValueError, match=says):
        phone.parse_new_profile(text)


@pytest.mark.parametrize(("title", "line"), [("Squat", "Squat: starting"), (None, STARTING)])
def test_a_run_that_starts_is_announced(phone, title, line):
    sent = []
    phone._link.send_state = sent.append
    phone.make_screen(None, SimpleNamespace(title=title, titles=None), load_settings({}), Lifter())
    assert [state["message"] for state in sent] == [idle_fields(line)["message"]]


@pytest.mark.parametrize("missing", PHONE_PACKAGES.split())
def test_a_missing_package_is_reported_with_the_command_that_installs_it(monkeypatch, missing):
    """A clone that was updated without `scripts/setup` has not got them."""
    for name in [name for name in sys.modules if name.startswith(("livecoach.phone", "livecoach.run.phone"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(OutputError, match=rf"a phone needs {missing}: run `.*pip install {PHONE_PACKAGES}`\."):
        serve_phone("auto", to_stderr=True)
