"""A `Sound` in its own process, because PortAudio only knows the sound servers present when it starts.

Parent: `with sound_player(sink.env) as player: player.play(cue)`. Child: this file, run by Python,
reads one JSON request per line from stdin and writes one JSON answer per line to stdout.
"""

import dataclasses
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from livecoach.core.errors import OutputError
from livecoach.core.types import Cue
from livecoach.feedback.sound import Sound
from livecoach.feedback.voice import load_voice

POLL_S = 0.05


class SoundPlayer:
    """The parent's side."""

    def __init__(self, child: "subprocess.Popen[str]") -> None:
        self._child = child

    def play(self, cue: Cue) -> float:
        """Play a cue. Return the child's time.monotonic() just before; on Linux all processes share this clock."""
        return float(self._ask("play", cue=dataclasses.asdict(cue)))

    def live(self) -> bool:
        """Return whether a cue would be heard now."""
        return bool(self._ask("live"))

    def take_status_changes(self) -> list[str]:
        """Return `Sound.take_status_changes()`."""
        return list(self._ask("status"))

    def wait_live(self, *, live: bool, timeout_s: float) -> None:
        """Wait until a device is there, or gone. Raises OutputError after `timeout_s`."""
        give_up_s = time.monotonic() + timeout_s
        while self.live() != live:
            if time.monotonic() > give_up_s:
                raise OutputError(f"sound {'did not start' if live else 'did not stop'} within {timeout_s:g} s")
            time.sleep(POLL_S)

    def _ask(self, request: str, **options: Any) -> Any:
        if self._child.stdin is None or self._child.stdout is None:
            raise ValueError("the player needs pipes")
        self._child.stdin.write(json.dumps({"request": request, **options}) + "\n")
        self._child.stdin.flush()
        answer = self._child.stdout.readline()
        if not answer:
            raise OutputError("the sound player ended unexpectedly; see its messages on stderr")
        return json.loads(answer)


@contextmanager
def sound_player(env: Mapping[str, str], *, voice: str = "en") -> Iterator[SoundPlayer]:
    """Run a child that plays cues on the sound server that `env` points to. voice: its name."""
    command = [sys.executable, __file__, voice]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(env), text=True) as child:
        yield SoundPlayer(child)


def main() -> None:
    """Answer requests until stdin ends."""
    sound = Sound(load_voice(sys.argv[1]))
    sound.start()
    answers: dict[str, Callable[[dict[str, Any]], object]] = {
        "live": lambda _: sound.is_live,
        "status": lambda _: sound.take_status_changes(),
        "play": lambda request: _play(sound, Cue(**request["cue"])),
    }
    for line in sys.stdin:
        request = json.loads(line)
        sys.stdout.write(json.dumps(answers[request["request"]](request)) + "\n")
        sys.stdout.flush()
    sound.close()


def _play(sound: Sound, cue: Cue) -> float:
    called_s = time.monotonic()
    sound.play(cue)
    return called_s


if __name__ == "__main__":
    main()
