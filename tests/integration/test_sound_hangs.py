"""A sound server that takes connections and answers nobody holds up nothing but sound."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command import running
from builders.sound_server import sound_missing

from livecoach.cli.command_process import INTERRUPTED
from livecoach.feedback.sound import NO_ANSWER

pytestmark = pytest.mark.skipif(bool(sound_missing()), reason=sound_missing())


@pytest.fixture
def hung_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What livecoach finds as the sound server: a socket that nobody reads."""
    alsa = tmp_path / "asound.conf"
    alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "pulse"))
        server.listen()
        monkeypatch.setenv("PULSE_SERVER", f"unix:{tmp_path / 'pulse'}")
        monkeypatch.setenv("ALSA_CONFIG_PATH", f"/usr/share/alsa/alsa.conf:{alsa}")
        yield


@pytest.mark.usefixtures("hung_server")
def test_a_set_goes_on_without_a_sound_server_that_hangs(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with running("demo", "--no-window", "--events", "-", home=tmp_path, stderr=told) as run:
        run.event(lambda event: event["t_s"] > 3.0)
        assert run.end(signal.SIGINT) == INTERRUPTED
    lines = told.read_text().splitlines()
    assert lines.count(f"livecoach: {NO_ANSWER}") == 1
