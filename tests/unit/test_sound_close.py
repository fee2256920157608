"""What livecoach does with a driver that hangs while it ends."""

import logging
import threading

from livecoach.feedback import sound
from livecoach.feedback.voice import SoundStyle, load_voice


class Hangs:
    """A sound device whose driver does not answer."""

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()

    def open(self, _: object) -> None:
        self.asked.set()
        self.answers.wait()

    def active(self) -> bool:
        return False

    def close(self) -> None:
        """Nothing was opened."""


def test_a_driver_that_hangs_at_the_end_is_left_without_a_word(monkeypatch, caplog):
    """There is nothing that the user could do, and another line would hide why the run ended."""
    monkeypatch.setattr(sound, "CLOSE_S", 0.05)
    device = Hangs()
    one = sound.Sound(load_voice(), SoundStyle(), device=device)
    one.start()
    device.asked.wait()
    one.close()
    device.answers.set()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []  # these reach the terminal
