"""From the true ends of reps, and from what came after them, to delays; from samples to when sounds began."""

from pathlib import Path

import numpy as np
import pytest

from livecoach.lab.tools.bench import NEAREST_S
from livecoach.lab.tools.latency import LAPTOP, delays, draw
from livecoach.lab.tools.stand_ins import SOUND_HZ, SoundRecording


@pytest.mark.parametrize(
    ("ends_s", "came_s", "ms"),
    [
        ([10.0, 12.0], [10.1, 12.05, 30.0], (50.0, 100.0)),
        ([10.0, 12.0 + 2 * NEAREST_S], [10.1], (100.0,)),  # what never came is missed, and no delay
        ([10.0], [9.9], (-100.0,)),
    ],
)
def test_each_true_end_has_the_nearest_of_what_came(ends_s: list[float], came_s: list[float], ms: tuple) -> None:
    row = delays(LAPTOP, "heard", ends_s=ends_s, came_s=came_s)
    assert (row.reps, row.ms) == (len(ends_s), ms)


def test_a_sound_begins_after_silence(tmp_path: Path) -> None:
    """Two words half a second apart; the pause of .1 s in the second is part of it."""
    samples = np.zeros(2 * SOUND_HZ, np.float32)
    for begin_s, end_s in ((0.5, 0.7), (1.2, 1.3), (1.4, 1.5)):
        samples[round(begin_s * SOUND_HZ) : round(end_s * SOUND_HZ)] = 0.1
    file = tmp_path / "monitor.raw"
    samples.tofile(file)
    recording = SoundRecording(file)
    recording.begin_s = 100.0
    assert recording.onsets_s() == pytest.approx([100.5, 101.2])


def test_the_drawing_has_a_line_for_each_that_came() -> None:
    rows = tuple(delays(LAPTOP, what, [10.0, 12.0], [10.1, 12.2]) for what in ("told", "seen", "heard"))
    drawing = draw(rows)
    assert [drawing.count(f'class="{what}"') for what in ("told", "seen", "heard")] == [1, 1, 1]
