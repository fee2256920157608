"""A private PulseAudio whose only device is silent, and what was heard there."""

import math
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from livecoach.core.errors import OutputError

START_S = 60.0  # longest wait for the server
SOUND_HZ, SOUND_BLOCK_MS = 48_000, 10  # of the monitor; a time that it gives is as precise as a block
SOUND_PROGRAMS = ("pulseaudio", "parec")
# With rewinds, an idle sink has 2 s of silence queued, which delays the first sound.
_SINK = f"module-null-sink sink_name=test rate={SOUND_HZ} channels=1 norewinds=1"
PULSE = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"]
PULSE += ["-L", _SINK, "-L", "module-native-protocol-unix"]  # it listens last, when the device is there
RECORD = ["parec", "--raw", "--format=float32le", f"--rate={SOUND_HZ}", "--channels=1", "--device=test.monitor"]


def sound_missing() -> str:
    """Return why no sound server can run; empty if it can."""
    missing = [program for program in SOUND_PROGRAMS if shutil.which(program) is None]
    return f"{', '.join(missing)} is not installed (Debian: pulseaudio, pulseaudio-utils)" if missing else ""


class SoundServer:
    """A PulseAudio of its own whose only device is silent. `env` connects a child process to it."""

    def __init__(self, folder: Path) -> None:
        """Write the server's configuration into an empty folder."""
        self._folder = folder
        self.server: subprocess.Popen[bytes] | None = None
        home, client, alsa = folder / "run", folder / "client.conf", folder / "asound.conf"
        home.mkdir(mode=0o700)
        alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        # Without this, a client that finds no server starts one of its own in this folder.
        client.write_text("autospawn = no\n")
        self._socket = home / "pulse" / "native"
        own = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(home)}
        self._env = {name: own[name] for name in own.keys() - {"PULSE_SERVER", "PULSE_SINK", "XDG_CONFIG_HOME"}}
        self.address = {
            "PULSE_SERVER": f"unix:{self._socket}",
            "PULSE_CLIENTCONFIG": str(client),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}",
            "XDG_RUNTIME_DIR": str(home),
        }
        """The variables that lead to the server, without HOME: in an empty home, libraries would rebuild caches."""
        self.env = self._env | self.address

    def start(self) -> None:
        """Start the server and wait until it listens. Raises OutputError."""
        self._socket.unlink(missing_ok=True)  # a killed server leaves its own
        quiet = subprocess.DEVNULL  # it warns when run as root
        self.server = subprocess.Popen(PULSE, env=self._env, stdout=quiet, stderr=quiet)
        give_up_s = time.monotonic() + START_S
        while not self._socket.exists():
            if time.monotonic() > give_up_s or self.server.poll() is not None:
                self.kill()
                raise OutputError("pulseaudio did not start; try `pulseaudio -n -vvv` to see why")
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the server at once, like unplugging a device."""
        if self.server is not None:
            self.server.kill()
            self.server.wait()
            self.server = None

    @contextmanager
    def recording(self) -> "Iterator[SoundRecording]":
        """Record what is heard until the block ends."""
        path, words = self._folder / "monitor.raw", [*RECORD, f"--latency-msec={SOUND_BLOCK_MS}"]
        with (
            path.open("wb") as file,
            subprocess.Popen(words, stdout=file, stderr=subprocess.DEVNULL, env=self.env) as recorder,
        ):
            try:
                yield SoundRecording(path)
            finally:
                recorder.terminate()


class SoundRecording:
    """What was heard, while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.begin_s = math.inf  # time.monotonic() of the first sample, as far as known

    def align(self) -> None:
        """Look at the size of the recording, which ties its samples to the clock. Call it often."""
        recorded_s = self._path.stat().st_size / np.dtype(np.float32).itemsize / SOUND_HZ
        if recorded_s:
            # The file can only lag behind the monitor, so the earliest estimate is the most accurate.
            self.begin_s = min(self.begin_s, time.monotonic() - recorded_s)

    def samples(self) -> np.ndarray:
        """Return (n,) float32 at SOUND_HZ."""
        return np.fromfile(self._path, np.float32)


@contextmanager
def sound_server() -> Iterator[SoundServer]:
    """Run a server. Raises OutputError if it can't be started."""
    if missing := sound_missing():
        raise OutputError(f"no sound can be recorded: {missing}")
    with tempfile.TemporaryDirectory(prefix="livecoach-sound-") as folder:
        server = SoundServer(Path(folder))
        try:
            server.start()
            yield server
        finally:
            server.kill()
