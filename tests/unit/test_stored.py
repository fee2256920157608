"""A file of observations as a source."""

from contextlib import closing
from pathlib import Path

import pytest
from builders.observations import a_header, a_squat, an_observation
from builders.systems import has_full_device

from livecoach.capture.stored_observations import StoredObservations, is_observations_file
from livecoach.core.documents import codec
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import OutputError, SourceError
from livecoach.core.types import SourceInfo

HEADER = a_header()


@pytest.fixture
def kept():
    return [codec.round_observation(o) for o in (*a_squat()[:29], an_observation(t_s=29 / 15, index=29, nobody=True))]


@pytest.fixture
def stored(tmp_path, kept):
    path = tmp_path / "set1.obs"
    with ObservationWriter(path, HEADER) as writer:
        for observation in kept:
            writer.write(observation)
    return path


def read_all(path) -> list:
    with closing(StoredObservations(path)) as source:
        return list(iter(source.read, None))


def test_written_observations_are_read_again(stored, kept):
    assert is_observations_file(stored)
    with closing(StoredObservations(stored)) as source:
        assert source.info == SourceInfo(name="set1.mp4", width_px=640, height_px=480, fps=30.0, live=False)
    frames = read_all(stored)
    assert [codec.encode(frame.observation) for frame in frames] == [codec.encode(o) for o in kept]
    assert [(frame.index, frame.t_s) for frame in frames] == [(o.index, o.t_s) for o in kept]
    assert all(frame.picture is None and frame.captured_s is None for frame in frames)


def test_a_file_that_is_cut_off_ends_without_an_error(stored):
    """As after a power cut: all but the last observation."""
    stored.write_bytes(stored.read_bytes()[:-3])
    assert len(read_all(stored)) == 29


def damage(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 0xFF
    path.write_bytes(bytes(content))


def test_another_header_replaces_a_damaged_one(stored):
    damage(stored, 20)
    told: list[str] = []
    with closing(StoredObservations(stored, on_damage=told.append, header=HEADER)) as source:
        assert (source.header, len(list(iter(source.read, None))), len(told)) == (HEADER, 30, 1)


def test_the_error_about_damage_names_file_and_observation(stored):
    damage(stored, -5)
    with pytest.raises(SourceError, match=r"set1\.obs: observation 29: damaged record .* again\."):
        read_all(stored)


def test_a_record_that_is_no_observation_is_an_error(stored):
    with stored.open("ab") as file:
        file.write(codec.make_record(b"\x93\x01\x02\x03"))
    with pytest.raises(SourceError, match="observation 30"):
        read_all(stored)


@pytest.mark.parametrize("content", [b"", b"\0" * 100, b"RIFF....AVI LIST", b"\xff" * 64])
def test_a_file_that_is_no_recording_is_reported_in_one_line(tmp_path, content):
    path = tmp_path / "video.avi"
    path.write_bytes(content)
    assert not is_observations_file(path)
    with pytest.raises(SourceError, match=r"video\.avi: .*livecoach lab observe") as caught:
        StoredObservations(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_or_written_is_reported(tmp_path):
    for path in (tmp_path / "none.obs", tmp_path):
        assert not is_observations_file(path)
        with pytest.raises(SourceError, match=r"can't be read \(.+\)"):
            StoredObservations(path)
    with pytest.raises(OutputError, match=r"can't be written \(.+\)"):
        ObservationWriter(tmp_path / "no folder" / "set1.obs", HEADER)


@has_full_device
def test_full_disk_is_reported():
    with pytest.raises(OutputError, match="/dev/full"), ObservationWriter(Path("/dev/full"), HEADER) as writer:  # noqa: PT012
        for observation in a_squat():
            writer.write(observation)
