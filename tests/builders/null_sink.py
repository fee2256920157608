"""A sound server of a test's own, which can be listened to, killed and stopped.

Sound that is played into its null sink comes out of the sink's monitor in real time. Cross-correlation locates a clip
in the recording; the size of the recorded file at known times aligns the recording with the clock.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.core.errors import OutputError

RATE_HZ = 48_000
SAMPLE_BYTES = 4
RECORDING_LATENCY_MS = 10
"""Block size of the monitor, and therefore the precision of measured times."""
START_S = 60.0
"""Longest wait for a server."""
POLL_S = 0.002
PROGRAMS = ("pulseaudio", "pactl", "parec")


def missing_programs() -> list[str]:
    """Those that are not installed (Debian: pulseaudio, pulseaudio-utils)."""
    return [program for program in PROGRAMS if shutil.which(program) is None]


class ClipMatch(NamedTuple):
    """The position of a clip in a recording."""

    at_s: float  # time.monotonic() at which its first sample came out of the monitor
    likeness: float  # normalised cross-correlation there, 0…1


class NullSink:
    """The server, made by `null_sink`. Killing and restarting it simulates a device that is lost and returns."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        (folder / "run").mkdir(mode=0o700)
        socket = folder / "run" / "pulse" / "native"
        self._env = os.environ | {"HOME": str(folder), "XDG_RUNTIME_DIR": str(folder / "run")}
        for name in ("PULSE_SERVER", "PULSE_SINK", "XDG_CONFIG_HOME"):
            self._env.pop(name, None)
        alsa = folder / "asound.conf"
        alsa.write_text("pcm.!default { type pulse }\nctl.!default { type pulse }\n")
        self.env = self._env | {
            "PULSE_SERVER": f"unix:{socket}",
            # Otherwise a client that finds no server starts its own in this folder.
            "PULSE_CLIENTCONFIG": str(folder / "client.conf"),
            "ALSA_CONFIG_PATH": f"/usr/share/alsa/alsa.conf:{alsa}",
        }
        (folder / "client.conf").write_text("autospawn = no\n")

    @property
    def address(self) -> dict[str, str]:
        """The variables that lead to the server. HOME is none of them: in an empty one, libraries would rebuild their
        caches."""
        names = ("PULSE_SERVER", "PULSE_CLIENTCONFIG", "ALSA_CONFIG_PATH", "XDG_RUNTIME_DIR")
        return {name: self.env[name] for name in names}

    def start(self) -> None:
        """Start the server and wait until it answers. Raises OutputError."""
        modules = [
            "module-native-protocol-unix",
            # With rewinds, an idle sink has 2 s of silence queued, which delays the first sound.
            "module-null-sink sink_name=test rate=48000 channels=1 norewinds=1",
        ]
        loads = [part for module in modules for part in ("-L", module)]
        self._server = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", *loads],
            env=self._env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # it warns when run as root
        )
        give_up_s = time.monotonic() + START_S
        while not self._answers():
            if time.monotonic() > give_up_s or self._server.poll() is not None:
                self.kill()
                raise OutputError("pulseaudio did not start; try `pulseaudio -n -vvv` to see why")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            asked = subprocess.run(["pactl", "info"], env=self.env, check=False, capture_output=True, timeout=START_S)
        except subprocess.TimeoutExpired:
            return False
        return asked.returncode == 0

    def kill(self) -> None:
        """Kill the server at once, like unplugging a device."""
        if self._server is not None:
            self._server.send_signal(signal.SIGKILL)
            self._server.wait()
            self._server = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Stop the server until the block ends: clients stay connected and get no answer."""
        if self._server is None:
            raise OutputError("the sound server does not run; start it first")
        server = self._server
        server.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            server.send_signal(signal.SIGCONT)

    @contextmanager
    def recording(self) -> Iterator["MonitorRecording"]:
        """Record the monitor until the block ends."""
        path = self._folder / "monitor.raw"
        command = ["parec", "--raw", "--format=float32le", f"--rate={RATE_HZ}", "--channels=1", "--device=test.monitor"]
        with (
            path.open("wb") as file,
            subprocess.Popen(
                [*command, f"--latency-msec={RECORDING_LATENCY_MS}"],
                stdout=file,
                stderr=subprocess.DEVNULL,
                env=self.env,
            ) as recorder,
        ):
            try:
                yield MonitorRecording(path)
            finally:
                recorder.terminate()


class MonitorRecording:
    """The recording of the monitor, while it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._begin_s = float("inf")

    def wait(self, seconds: float) -> None:
        """Wait and track the size of the file meanwhile, which aligns samples with the clock."""
        end_s = time.monotonic() + seconds
        while time.monotonic() < end_s:
            recorded_s = self._path.stat().st_size / SAMPLE_BYTES / RATE_HZ
            if recorded_s:
                # The file can only lag behind the monitor, so the earliest estimate is the most accurate.
                self._begin_s = min(self._begin_s, time.monotonic() - recorded_s)
            time.sleep(POLL_S)

    def find(self, clip: np.ndarray, *, from_s: float, within_s: float) -> ClipMatch:
        """Find the clip, (n,) float32 at RATE_HZ, that begins from `from_s` (time.monotonic()) to `within_s` later.
        Call `wait` first, until the clip has been recorded. Raises OutputError if too little was recorded."""
        recorded = np.fromfile(self._path, np.float32)
        first = max(round((from_s - self._begin_s) * RATE_HZ), 0) if len(recorded) else 0
        part = recorded[first : first + round(within_s * RATE_HZ) + len(clip)]
        if len(part) < len(clip):
            raise OutputError(f"the monitor gave {len(part)} samples, too few to hold a clip of {len(clip)}")
        onset, likeness = find_clip(part, clip)
        return ClipMatch(at_s=self._begin_s + (first + onset) / RATE_HZ, likeness=likeness)


def find_clip(recorded: np.ndarray, clip: np.ndarray) -> tuple[int, float]:
    """Return the sample at which the clip most likely begins, and the normalised cross-correlation there."""
    size = 1 << (len(recorded) + len(clip)).bit_length()
    spectrum = np.fft.rfft(recorded, size) * np.conj(np.fft.rfft(clip, size))
    products = np.fft.irfft(spectrum, size)[: len(recorded) - len(clip) + 1]
    energy = np.concatenate([[0.0], np.cumsum(recorded.astype(np.float64) ** 2)])
    local = np.sqrt(np.maximum(energy[len(clip) :] - energy[: -len(clip)], 0)) * np.linalg.norm(clip)
    # In near silence the quotient is meaningless.
    likeness = np.where(local > 1e-3 * np.linalg.norm(clip) ** 2, products / np.maximum(local, 1e-12), 0)
    onset = int(np.argmax(likeness))
    return onset, float(likeness[onset])


@contextmanager
def null_sink() -> Iterator[NullSink]:
    """Run a private server; its `env` connects a child process to it. Raises OutputError if it can't be started."""
    with tempfile.TemporaryDirectory(prefix="livecoach-sink-") as folder:
        sink = NullSink(Path(folder))
        try:
            sink.start()
            yield sink
        finally:
            sink.kill()
