"""Rendered clips and their truth."""

import json
from pathlib import Path

import av
import numpy as np
import pytest
from pictures import times_of

from livecoach.errors import ConfigError, OutputError
from livecoach.session.video import open_video
from livecoach.synth.clip import Clip, ClipSettings, clip_truth, make_clip, write_clip, write_empty_room
from livecoach.synth.motion.tokens import parse
from livecoach.synth.picture.canvas import Canvas

SMALL = {"width_px": 128, "height_px": 96, "fps": 10.0}


def a_clip(tokens: str = "good", **changed) -> Clip:
    settings = {"exercise": "deadlift", "tokens": parse(tokens), "seed": 0, **SMALL} | changed
    return make_clip(ClipSettings(**settings))


@pytest.fixture
def gl():
    """Skips where nothing can be drawn."""
    pytest.importorskip("moderngl", reason="the extra 'synth' is not installed")
    try:
        Canvas(32, 32).close()
    except ConfigError as err:
        pytest.skip(str(err))


def read_video(path) -> tuple[list[np.ndarray], list[float]]:
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    return [frame.to_ndarray(format="bgr24") for frame in frames], [frame.time for frame in frames]


@pytest.mark.usefixtures("gl")
def test_a_person_stands_in_the_middle_of_the_picture():
    """The picture with the lifter differs from the empty room where the landmarks are, and is not black."""
    clip = a_clip("idle:0.5,good")
    with clip.renderer() as renderer:
        empty, first = renderer.empty(), renderer.draw(clip.movement.posture, 0)
    assert first.shape == (96, 128, 3)
    assert first.mean() > 30
    changed = np.abs(first.astype(int) - empty).max(-1) > 40
    columns = np.nonzero(changed)[1]
    assert 0.3 < columns.mean() / 128 < 0.7
    shoulders = (clip.seen()[0][0, (11, 12), :2] * (128, 96)).astype(int)
    for x, y in shoulders:
        assert changed[y - 1 : y + 2, x - 1 : x + 2].any()


@pytest.mark.usefixtures("gl")
def test_drawing_twice_gives_the_same_pictures():
    """Same settings, same pixels."""
    clip = a_clip()
    pictures = []
    for _ in range(2):
        with clip.renderer() as renderer:
            pictures.append([renderer.draw(clip.movement.posture, i).tobytes() for i in (0, 7)])
    assert pictures[0] == pictures[1]


@pytest.mark.usefixtures("gl")
def test_a_clip_and_its_truth_agree(tmp_path):
    """As many frames as the truth says, H.264, with landmarks of each."""
    write_clip(a_clip(), tmp_path / "clip.mp4")
    truth = json.loads((tmp_path / "clip.json").read_text())
    pictures, _ = read_video(tmp_path / "clip.mp4")
    assert truth["frames"] == len(pictures) == len(truth["landmarks_image"])
    assert [rep["fault"] for rep in truth["reps"]] == ["good"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.json", "clip.mp4"]


@pytest.mark.usefixtures("gl")
def test_lost_frames_keep_the_others_at_their_times(tmp_path):
    """Variable frame rate: time stamps are true, frame numbers count the kept frames."""
    clip = a_clip()
    kept = [i for i in range(clip.frames) if i % 3]
    write_clip(clip, tmp_path / "clip.mp4", kept=kept, landmarks=False)
    _, times = read_video(tmp_path / "clip.mp4")
    # A container begins at its first frame: all times are relative to it.
    assert np.diff(times) == pytest.approx(np.diff(kept) / 10)
    truth = json.loads((tmp_path / "clip.json").read_text())
    (rep,) = truth["reps"]
    assert kept[rep["top_frame"]] / 10 == pytest.approx(rep["top_s"], abs=0.11)


@pytest.mark.usefixtures("gl")
def test_an_empty_room_has_no_reps(tmp_path):
    """The clip for "nobody is there"."""
    write_empty_room(a_clip().settings, 0.5, tmp_path / "nobody.mp4")
    assert json.loads((tmp_path / "nobody.json").read_text())["reps"] == []
    assert len(read_video(tmp_path / "nobody.mp4")[0]) == 5


def test_truth_without_landmarks_is_small():
    """The truth beside shipped clips."""
    clip = a_clip()
    assert len(json.dumps(clip_truth(clip, range(clip.frames), landmarks=False))) < 3000


@pytest.mark.parametrize(
    "changed",
    [
        {"view_deg": 181.0},
        {"exercise": "curl"},
        {"body": "robot"},
        {"fps": 0.0},
        {"scale": 9.0},
        {"plates": -1},
        {"fov_deg": 0.0},
        {"tempo": 0.0},
    ],
)
def test_impossible_settings_are_refused(changed):
    """Each names what it expected."""
    with pytest.raises(ConfigError, match=r"expected|There are|It does"):
        a_clip(**changed)


def test_a_video_that_fails_half_way_leaves_nothing_behind(tmp_path):
    """The file appears under its name only when it is complete."""
    with pytest.raises(ValueError, match="array"), open_video(tmp_path / "clip.mp4", 64, 64, 30) as video:
        video.write(np.zeros((64, 64, 4), np.uint8))
    assert list(tmp_path.iterdir()) == []


def test_an_output_that_cannot_be_written_is_told_in_one_line(tmp_path):
    """A file where the folder should be."""
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="can't be written"), open_video(tmp_path / "file" / "clip.mp4", 64, 64, 30):
        pass


@pytest.mark.parametrize("name", ["set: 1.mp4", "http:/x.mp4", "set.MP4"])
def test_a_name_is_a_name(tmp_path, monkeypatch, name):
    """A colon makes no protocol of it, capitals are a suffix too."""
    monkeypatch.chdir(tmp_path)
    with open_video(Path(name), 64, 64, 30) as video:
        video.write(np.zeros((64, 64, 3), np.uint8))
    assert len(times_of(tmp_path / name)) == 1


def test_a_video_that_cannot_be_encoded_is_told_in_one_line(tmp_path):
    """Errors of the encoder are no OSErrors."""
    with pytest.raises(OutputError, match="can't be written"), open_video(tmp_path / "a.mp4", 64, 64, 30, preset="no"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_name_that_is_no_mp4_is_refused(tmp_path):
    """The truth has the same name with .json: it must not take the video's place."""
    with pytest.raises(ConfigError, match="mp4"), open_video(tmp_path / "clip.json", 64, 64, 30):
        pass


@pytest.mark.parametrize(("width", "height", "crf"), [(63, 64, 23), (64, 0, 23), (64, 64, 99)])
def test_sizes_that_h264_cannot_have_are_refused(tmp_path, width, height, crf):
    """Odd sizes and bad qualities."""
    with pytest.raises(ConfigError, match="expected"), open_video(tmp_path / "clip.mp4", width, height, 30, crf=crf):
        pass
