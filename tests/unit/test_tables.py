"""Sessions as tables."""

import io

import numpy as np
import pytest
from builders.observations import a_squat, an_observation
from builders.sessions import a_session
from builders.steps import a_fault, a_pace, a_rep

from livecoach.core import landmark
from livecoach.core.documents import SetLogEvent, codec
from livecoach.records.session import exporting
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session

WITHOUT = "pyarrow, of the extra parquet, is not installed"
csv = pytest.importorskip("pyarrow.csv", reason=WITHOUT)
NOBODY = an_observation(t_s=1.0, index=30, nobody=True)


def of(folder) -> Session:
    """A session of which nothing may be damaged."""
    return open_session(folder, pytest.fail)


def written(table):
    """A table as another program reads it."""
    file = io.BytesIO()
    exporting.write_table(file, table)
    file.seek(0)
    return csv.read_csv(file)


def test_the_table_of_observations_has_a_row_a_frame_with_every_landmark(tmp_path):
    seen = [*a_squat()[:30], NOBODY]
    session = of(a_session(tmp_path, observations=seen))
    table = written(exporting.observations_table([session]))
    assert table.num_rows == 31
    assert table["t_s"].to_pylist() == pytest.approx([o.t_s for o in seen])
    assert set(table["session"].to_pylist()) == {session.name}
    for number, name in enumerate(landmark.NAMES):
        for array, parts in (("landmarks", exporting.LANDMARK_COLUMNS), ("world", exporting.WORLD_COLUMNS)):
            for at, part in enumerate(parts):
                expected = [getattr(codec.round_observation(o), array)[number, at] for o in seen[:-1]]
                assert table[f"{name}_{part}"].to_pylist()[:-1] == pytest.approx(expected, abs=1e-7)
    assert table["left_hip_x"][30].as_py() is None
    assert table["people"].to_pylist()[-2:] == [1, 0]


def test_the_progress_of_a_long_session_is_reported(tmp_path, monkeypatch):
    monkeypatch.setattr(exporting, "PROGRESS_ROWS", 50)
    count = 2 * exporting.PROGRESS_ROWS + 5
    seen = [an_observation(t_s=i / 30, index=i) for i in range(count)]
    session = of(a_session(tmp_path, observations=seen))
    times: list[float] = []
    stored = written(exporting.observations_table([session], lambda _, t_s: times.append(t_s)))
    assert np.array_equal(stored["index"].to_numpy(), np.arange(count))
    assert times == [(n - 1) / 30 for n in (exporting.PROGRESS_ROWS, 2 * exporting.PROGRESS_ROWS)]


def test_the_table_of_reps_has_a_row_a_rep(tmp_path):
    """Verdict, times, pace, the faults in words and as numbers, and what was logged of its set; a rep without is empty
    there. The lost speed is that of its set as it counts now, not as it was known live."""
    fault = a_fault(severity=0.25, at_s=1.6, text='hips rose "first", by 11°')
    pace = a_pace(eccentric_s=1.2, speed=0.7, speed_unit="m/s", travel=0.5, travel_unit="m", velocity_loss=0.1)
    reps = [a_rep(), a_rep(index=2, verdict="anomalous", score=1.3, faults=(fault,), pace=pace)]
    logged = SetLogEvent(t_s=2.0, set=1, load_kg=102.5, rpe=8.0)
    session = of(a_session(tmp_path, reps=reps, profile="Jörg", events=[logged]))
    other = of(a_session(tmp_path, name="other"))
    first, second, third = written(exporting.reps_table([session, other])).to_pylist()
    assert [(one["load_kg"], one["rpe"], one["note"] or None) for one in (first, second, third)] == [
        *2 * [(102.5, 8, None)],
        (None, None, None),
    ]
    assert (first["session"], first["profile"], first["index"], first["verdict"]) == (session.name, "Jörg", 1, "good")
    assert (first["severity_hips_early"], first["speed"]) == (None, None)
    assert second["severity_hips_early"] == 0.25
    assert second["faults"] == 'hips_early: hips rose "first", by 11°'
    assert (second["speed"], second["speed_unit"], second["velocity_loss"]) == (0.7, "m/s", 0.0)
    assert (second["view"], second["azimuth_deg"]) == ("oblique", 40)


def test_sessions_without_reps_and_frames_make_tables_without_rows(tmp_path):
    session = of(a_session(tmp_path, reps=0, observations=[]))
    assert written(exporting.reps_table([session])).num_rows == 0
    empty = written(exporting.observations_table([session]))
    assert (empty.num_rows, empty.num_columns) == (0, len(exporting.observations_table([]).columns))


def test_a_table_that_can_not_be_written_is_an_oserror(tmp_path):
    class Full(io.BytesIO):
        def write(self, content):  # noqa: ARG002
            raise OSError(28, "No space left on device")

    session = of(a_session(tmp_path))
    with pytest.raises(OSError, match="No space left"):
        exporting.write_table(Full(), exporting.observations_table([session]))
