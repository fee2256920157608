"""Video files as people have them: turned, uneven, damaged, mislabelled; made here, and some real ones."""

import os
import struct
import sys
from contextlib import closing
from datetime import UTC, date, datetime
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from builders import videos
from builders.command import SQUAT_OBSERVATIONS
from builders.film_camera import SQUATS
from builders.real_recordings import CLIPS, MISSING
from builders.sessions import a_session
from builders.sources import QUARTERS, quartered, quarters_of, set_display_matrix, write_sound, write_video

import livecoach
from livecoach.capture import file
from livecoach.capture.file import FrameTimes, VideoFile
from livecoach.capture.loss_counter import FrameLoss
from livecoach.cli.analyze import create_folder
from livecoach.cli.progress import read_nominal_length_s
from livecoach.core.errors import SourceError
from livecoach.core.types import Frame
from livecoach.records.session import layout
from livecoach.records.session.video import SessionPictures
from livecoach.run.opened_recording import find_filming_time

needs_clips = pytest.mark.skipif(not CLIPS.is_dir(), reason=MISSING)

MOOV_FIRST = {"movflags": "faststart"}
FRAGMENTED = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


def read_to_the_end(path: Path) -> tuple[list[Frame], FrameLoss | None]:
    video = VideoFile(path)
    frames = []
    while (frame := video.read()) is not None:
        frames.append(frame)
    assert video.read() is None
    video.close()
    return frames, video.loss


def frames_of(path: Path) -> list[Frame]:
    return read_to_the_end(path)[0]


@pytest.mark.parametrize(("name", "begins_ms"), [("a.mp4", 0), ("a.mkv", 5000)])
def test_the_uneven_times_of_frames_are_read_as_written(tmp_path, name, begins_ms) -> None:
    """A variable frame rate is kept, frame for frame; a file whose stamps begin at 5 s (cut from a longer one) begins
    at 0 here."""
    times_ms = [0, 33, 40, 200, 201, 1700]
    frames = frames_of(write_video(tmp_path / name, times_ms=[begins_ms + t for t in times_ms]))
    assert [frame.t_s for frame in frames] == pytest.approx([t / 1000 for t in times_ms], abs=1e-9)
    assert [frame.index for frame in frames] == list(range(6))


def test_the_last_frames_have_their_own_times() -> None:
    """Those that the decoder holds back until the end, too, where times are uneven; seen with PyAV alone."""
    path = Path(__file__).parents[1] / "clips" / "deadlift_portrait_vfr.mp4"
    assert [frame.t_s for frame in frames_of(path)] == pytest.approx(videos.times_of(path), abs=1e-6)


@pytest.mark.parametrize("matrix", [(1, 0, 0, 1), (0, 1, -1, 0), (-1, 0, 0, -1), (0, -1, 1, 0)], ids=str)
@pytest.mark.parametrize("mirrored", [False, True])
def test_pictures_are_upright(tmp_path, matrix, mirrored) -> None:
    """The four ways a phone is held, and the same from a camera that mirrors: turned as the file says."""
    a, b, c, d = (-matrix[0], matrix[1], -matrix[2], matrix[3]) if mirrored else matrix
    path = write_video(tmp_path / "a.mp4", times_ms=[0, 100])
    set_display_matrix(path, a, b, c, d)
    expected = [[0, 0], [0, 0]]
    for y, row in enumerate(QUARTERS):
        for x, grey in enumerate(row):
            # Quarters as seen from the middle: -1 or 1, to the right and downwards.
            across, down = 2 * x - 1, 2 * y - 1
            expected[(b * across + d * down + 1) // 2][(a * across + c * down + 1) // 2] = grey
    frame, info = frames_of(path)[0], VideoFile(path).info
    assert (info.name, info.width_px, info.height_px, info.live) == ("a.mp4", *frame.picture.shape[1::-1], False)
    assert quarters_of(frame.picture) == tuple(tuple(row) for row in expected)
    assert frame.picture.shape == ((48, 64, 3) if a else (64, 48, 3))
    assert frame.picture.flags.c_contiguous


@pytest.mark.parametrize(("width_px", "height_px"), [(1920, 1080), (1080, 1920), (854, 480)])
def test_pictures_of_the_sizes_of_phones_and_cameras_are_read_whole(tmp_path, width_px, height_px) -> None:
    """Full HD, portrait, and a width that is no multiple of 16 (rows are padded then)."""
    path = write_video(tmp_path / "a.mp4", times_ms=[0, 33], picture=quartered(width_px, height_px))
    picture = frames_of(path)[-1].picture
    assert (picture.shape, picture.dtype) == ((height_px, width_px, 3), np.uint8)
    assert picture.flags.c_contiguous
    assert quarters_of(picture) == QUARTERS


def test_large_pictures_are_scaled_and_pixels_made_square(tmp_path) -> None:
    """In their shape: a width of 8000 px serves nobody, and angles of the body depend on it."""
    large = write_video(tmp_path / "a.avi", times_ms=[0], picture=quartered(5120, 640), codec="mpeg4")
    assert frames_of(large)[0].picture.shape == (480, 3840, 3)
    anamorphic = write_video(tmp_path / "a.mkv", times_ms=[0, 100], pixel_aspect=Fraction(3, 2))
    assert frames_of(anamorphic)[0].picture.shape == (48, 96, 3)
    # An aspect of 200:1, in 640 × 480, would give a picture that ends the process inside MediaPipe.
    path = write_video(tmp_path / "a.mp4", times_ms=[0, 100], pixel_aspect=Fraction(20))
    with pytest.raises(SourceError, match=r"a\.mp4: its pictures are shown with 1280 × 48 pixels.*ffmpeg"):
        VideoFile(path)


def tagged(original: Path, path: Path, **tags: str) -> Path:
    """A copy of a file's pictures with these tags."""
    with av.open(str(original)) as pictures, av.open(str(path), "w") as container:
        stream = container.add_stream_from_template(pictures.streams.video[0])
        container.metadata.update(tags)
        for packet in pictures.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                container.mux(packet)
    return path


def titled(path: Path, title: bytes) -> Path:
    plain = b"X" * len(title)
    content = tagged(path, path.with_name("titled.mp4"), title=plain.decode()).read_bytes()
    assert plain in content
    path.write_bytes(content.replace(plain, title))
    return path


DEFAULT, ATTACHED = av.stream.Disposition.default, av.stream.Disposition.attached_pic
BLACK, LIFTER, COVER = 0, 200, 90


def with_tracks(
    path: Path, *tracks: tuple[int, int, av.stream.Disposition], tags: dict[str, str] | None = None
) -> Path:
    """A file of tracks at 10 pictures a second, each with a grey, a number of pictures and a disposition. All pictures
    but black ones are noisy."""
    noise = np.random.default_rng(0).integers(-20, 20, (20, 96, 128, 3))
    with av.open(str(path), "w", options={"movflags": "use_metadata_tags"} if tags else {}) as container:
        container.metadata.update(tags or {})
        streams = [container.add_stream("mjpeg" if of == ATTACHED else "libx264", rate=10) for _, _, of in tracks]
        for stream, (_, _, disposition) in zip(streams, tracks, strict=True):
            stream.width, stream.height, stream.disposition = 128, 96, disposition
            stream.pix_fmt = "yuvj420p" if disposition == ATTACHED else "yuv420p"
        for number in range(20):
            for stream, (grey, pictures, _) in zip(streams, tracks, strict=True):
                if number < pictures:
                    picture = np.clip(grey + noise[number] * (grey != BLACK), 0, 255).astype(np.uint8)
                    frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
                    frame.pts, frame.time_base = number, Fraction(1, 10)
                    container.mux(stream.encode(frame))
        for stream in streams:
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
@pytest.mark.parametrize(
    "tracks",
    [
        [(BLACK, 20, 0), (LIFTER, 20, DEFAULT)],
        [(LIFTER, 20, DEFAULT), (COVER, 20, 0)],
        [(COVER, 20, 0), (COVER, 20, 0), (LIFTER, 20, DEFAULT)],
        [(BLACK, 20, 0), (LIFTER, 20, 0)],
        [(BLACK, 20, DEFAULT), (LIFTER, 20, DEFAULT)],
        [(COVER, 1, DEFAULT), (LIFTER, 20, 0)],
        [(COVER, 0, DEFAULT), (LIFTER, 20, 0)],
    ],
    ids=["second", "first", "third of three", "none", "both", "a single picture", "empty"],
)
def test_the_track_that_players_show_is_read(tmp_path, suffix, tracks) -> None:
    """The default one; where that says nothing, or is black, empty or a single picture, the one with a film in it."""
    with closing(VideoFile(with_tracks(tmp_path / f"a.{suffix}", *tracks))) as video:
        pictures = [frame.picture for frame in iter(video.read, None)]
    assert len(pictures) == 20
    assert np.mean(pictures) == pytest.approx(LIFTER, abs=10)


def test_covers_and_turns_of_other_tracks_are_left_alone(tmp_path) -> None:
    """An attached cover is no track to show, even the first one, and each track has its own display matrix."""
    path = with_tracks(tmp_path / "a.mp4", (COVER, 1, ATTACHED), (LIFTER, 20, DEFAULT))
    assert len(frames_of(path)) == 20
    both = with_tracks(tmp_path / "b.mp4", (COVER, 20, 0), (LIFTER, 20, DEFAULT))
    set_display_matrix(both, 0, 1, -1, 0)  # of the first track
    assert frames_of(both)[0].picture.shape == (96, 128, 3)


@pytest.mark.parametrize(
    ("tags", "given_fps", "fps"),
    [
        ({}, None, 10),
        ({"com.android.capture.fps": "120.000000"}, None, 120),
        ({"com.android.capture.fps": "30.000000"}, None, 10),
        ({"com.android.capture.fps": "many"}, None, 10),
        ({"com.apple.quicktime.full-frame-rate-playback-intent": "0"}, None, 10),
        ({"com.android.capture.fps": "120.000000"}, 10, 10),
        ({}, 40, 40),
    ],
    ids=str,
)
def test_slow_motion_has_the_times_of_the_filming(tmp_path, tags, given_fps, fps) -> None:
    """By Android's tag, or by what the user says. A tag of 30 is a camera that films less in the dark, and iPhones keep
    the true times."""
    path = with_tracks(tmp_path / "a.mp4", (LIFTER, 20, DEFAULT), tags=tags)
    with closing(VideoFile(path, given_fps)) as video:
        times_s = [frame.t_s for frame in iter(video.read, None)]
    assert times_s == pytest.approx([number / fps for number in range(20)], abs=1e-6)
    assert video.info.fps == pytest.approx(fps)
    assert video.loss is None


@pytest.mark.parametrize(
    ("stated", "filmed"),
    [
        ("2024-05-01T17:03:22.000000Z", datetime(2024, 5, 1, 17, 3, 22, tzinfo=UTC)),
        ("2024-05-01 17:03:22", datetime(2024, 5, 1, 17, 3, 22, tzinfo=UTC)),
        ("1904-01-01T00:00:00.000000Z", None),
        ("0001-01-01T00:00:00+23:59", None),
        ("9999-12-31T23:59:59-23:59", None),
        ("yesterday", None),
    ],
)
def test_a_film_states_when_it_was_made(tmp_path, stated, filmed) -> None:
    with closing(
        VideoFile(with_tracks(tmp_path / "a.mkv", (LIFTER, 2, DEFAULT), tags={"creation_time": stated}))
    ) as it:
        assert it.created_at == filmed


def test_the_session_of_a_film_is_of_the_day_on_which_it_was_made(tmp_path, sessions) -> None:
    """So forty old films are no forty sessions of today, and the newest session stays the last one."""
    a_session(sessions)
    squat = videos.cut(SQUATS, tmp_path / "squat.mp4", 0.0, 2.8, every=2)
    film = tagged(squat, tmp_path / "a.mp4", creation_time="2024-05-01T12:00:00.000000Z")
    os.utime(film, (1556780700,) * 2)
    session = livecoach.analyze(film, "squat", record=True).session or ""
    assert session.startswith("2024-05-01_")
    assert next(layout.scan_folders()).name == session


def test_a_film_that_states_no_day_is_of_the_day_of_its_file(tmp_path, monkeypatch) -> None:
    film = write_video(tmp_path / "a.mp4")
    os.utime(film, (1556780700,) * 2)
    with closing(VideoFile(film)) as video:
        assert find_filming_time(video) == datetime(2019, 5, 2, 7, 5, tzinfo=UTC)
        monkeypatch.setattr("livecoach.core.config.local_time.now", lambda: datetime(2019, 5, 3, 7, tzinfo=UTC))
        assert find_filming_time(video, date(2019, 5, 3)) == datetime(2019, 5, 3, 7, tzinfo=UTC), "noon is yet to come"


@pytest.mark.usefixtures("sessions")
def test_the_session_of_a_film_that_states_no_day_is_of_the_day_that_is_given() -> None:
    session = livecoach.analyze(SQUAT_OBSERVATIONS, "squat", record=True, day=date(2018, 3, 4)).session
    assert (session or "").startswith("2018-03-04_")


def test_a_picture_that_changes_its_size_is_read_on(tmp_path) -> None:
    """Recordings put together without being encoded anew: a phone that was turned in between."""
    parts = [write_video(tmp_path / f"{w}.h264", picture=quartered(w, h)) for w, h in ((64, 48), (48, 64))]
    (tmp_path / "both.h264").write_bytes(b"".join(part.read_bytes() for part in parts))
    shapes = [frame.picture.shape for frame in frames_of(tmp_path / "both.h264")]
    assert shapes == [(48, 64, 3)] * 10 + [(64, 48, 3)] * 10


def test_a_video_whose_title_is_not_utf_8_is_read(tmp_path) -> None:
    """Old cameras write Latin-1."""
    path = titled(write_video(tmp_path / "a.mp4"), "Kniebeuge, Übung".encode("latin-1"))
    assert len(frames_of(path)) == 10
    assert read_nominal_length_s(path) == pytest.approx(1.0, abs=0.2)
    with closing(SessionPictures(path)) as pictures:
        assert len(list(pictures.read_pictures())) == 10


@pytest.mark.parametrize("reads", [VideoFile, SessionPictures])
def test_pictures_of_one_pixel_are_refused_before_they_are_decoded(tmp_path, reads) -> None:
    path = write_video(tmp_path / "a.mkv", picture=quartered(16, 16), codec="ffv1", times_ms=[0, 100])
    with pytest.raises(SourceError, match=r"a\.mkv: its pictures have 16 × 16 pixels"):
        reads(path)


@pytest.mark.parametrize(
    "playlist",
    [
        "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:1.0,\nother.ts\n#EXT-X-ENDLIST\n",
        "ffconcat version 1.0\nfile other.ts\n",
    ],
    ids=["HLS", "concat"],
)
def test_a_playlist_that_calls_itself_a_video_is_refused(tmp_path, playlist) -> None:
    """It would name other files, and addresses, to be opened."""
    write_video(tmp_path / "other.ts")
    path = tmp_path / "a.mp4"
    path.write_text(playlist)
    with pytest.raises(SourceError, match="not a video"):
        VideoFile(path)


def test_a_header_that_lies_about_the_number_of_frames_is_not_believed(tmp_path) -> None:
    path = write_video(tmp_path / "a.avi", codec="mpeg4")
    content = bytearray(path.read_bytes())
    # avih: id, size, then µs a frame, bytes a second, padding, flags, total frames; strh: its length is the ninth
    struct.pack_into("<I", content, content.index(b"avih") + 8 + 16, 9999)
    struct.pack_into("<I", content, content.index(b"strh") + 8 + 32, 9999)
    path.write_bytes(content)
    assert len(frames_of(path)) == 10


def test_frames_without_times_follow_the_nominal_rate(tmp_path) -> None:
    """A bare H.264 stream has no times at all: its rate stands in."""
    frames = frames_of(write_video(tmp_path / "a.h264"))
    steps_s = np.diff([frame.t_s for frame in frames])
    assert len(frames) == 10
    assert steps_s == pytest.approx(steps_s[0])
    assert steps_s[0] > 0


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.mp4", MOOV_FIRST), ("a.mp4", FRAGMENTED), ("a.mkv", {})],
    ids=["moov first", "frag", "mkv"],
)
def test_a_video_with_a_torn_end_is_read_up_to_there(tmp_path, capfd, name, options) -> None:
    """A recording cut off by a power failure gives what is there, then ends, without a word on stderr. What is missing
    is counted by the index of an MP4, and by the length that a Matroska file states; not before it was read."""
    path = write_video(tmp_path / name, times_ms=range(0, 6000, 100), container_options=options)
    whole = [frame.t_s for frame in frames_of(path)]
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.6)])
    begun = VideoFile(path)
    begun.read()
    assert begun.loss is None
    begun.close()
    frames, loss = read_to_the_end(path)
    torn = [frame.t_s for frame in frames]
    assert 10 < len(torn) < len(whole)
    assert torn == pytest.approx(whole[: len(torn)])
    assert capfd.readouterr().err == ""
    if options is not FRAGMENTED:
        assert loss.frames + len(frames) == loss.of == pytest.approx(60, abs=1)
        assert loss.from_s == torn[-1]


def test_wherever_a_fragmented_recording_was_cut_the_fragments_before_are_read(tmp_path) -> None:
    """Power goes in the middle of a fragment's header as well as in its pictures: the same frames are there."""
    path = write_video(tmp_path / "a.mp4", times_ms=range(0, 2000, 100), container_options=FRAGMENTED)
    content = path.read_bytes()
    fragment = content.index(b"moof", content.index(b"moof") + 4) - 4
    its_pictures = content.index(b"mdat", fragment) + 4
    for end in range(fragment, its_pictures, 4):
        path.write_bytes(content[:end])
        assert len(frames_of(path)) == 5


def damaged(path: Path) -> Path:
    """The file with 600 bytes overwritten in the middle of its pictures."""
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat") + 4
    middle = begin + (len(content) - begin) // 2
    content[middle : middle + 600] = b"\xff" * 600
    path.write_bytes(content)
    return path


def test_a_whole_video_is_not_called_damaged(tmp_path) -> None:
    kinds = (("a.mp4", MOOV_FIRST), ("b.mp4", FRAGMENTED), ("a.mkv", {}), ("a.ts", {}), ("a.h264", {}))
    for name, options in kinds:
        assert read_to_the_end(write_video(tmp_path / name, container_options=options))[1] is None
    odd = tmp_path / ("a 1 50%.mp4" if sys.platform == "win32" else "a:1 50%.mp4")
    frames, loss = read_to_the_end(write_video(tmp_path / "a.mp4", times_ms=[0, 33, 66]).rename(odd))
    assert (len(frames), loss) == (3, None)


def test_damage_in_the_middle_of_a_video_does_not_end_it_and_is_counted(tmp_path, capfd) -> None:
    path = damaged(write_video(tmp_path / "a.mp4", times_ms=range(0, 6000, 100), container_options=MOOV_FIRST))
    frames, loss = read_to_the_end(path)
    assert (loss.frames, loss.of) == (60 - len(frames), 60)
    assert 2 < loss.from_s < 4
    assert 40 <= len(frames) < 60
    assert frames[-1].t_s == pytest.approx(5.9)
    assert capfd.readouterr().err == ""
    assert loss.text.startswith(f"damaged: {60 - len(frames)} of 60 frames can't be read, from {loss.from_s:.1f} s on.")


def test_a_picture_that_cannot_be_converted_is_blamed_on_the_video(tmp_path, monkeypatch) -> None:
    """FFmpeg's errors may look like those of a file that can't be written."""

    def fails(*_: object) -> None:
        raise av.error.PermissionError(13, "Permission denied", "frame")

    path = write_video(tmp_path / "a.mp4")
    monkeypatch.setattr(file.pictures, "convert_frame", fails)
    with pytest.raises(SourceError, match=r"a\.mp4: can't be read after 0\.0 s"):
        VideoFile(path)


def test_an_error_of_the_work_is_not_blamed_on_its_folder(tmp_path) -> None:
    with pytest.raises(FileNotFoundError), create_folder(tmp_path / "a", ""):
        (tmp_path / "nothing").read_bytes()
    assert not (tmp_path / "a").exists()


def nothing_decodes(path: Path) -> Path:
    write_video(path, container_options=MOOV_FIRST)
    content = bytearray(path.read_bytes())
    begin = content.index(b"mdat") + 4
    content[begin:] = b"\xff" * (len(content) - begin)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: path, "no such file"),
        (lambda path: path.parent, "this is a folder"),
        (lambda path: path.write_text("three sets of five\n" * 100) and path, "not a video"),
        (lambda path: path.touch() or path, "the file is empty"),
        (write_sound, "there is no video in this file"),
        (lambda path: videos.without_index(write_video(path)), "its end is missing"),
        (videos.no_frames, "there is no video in this file"),
        (nothing_decodes, "no frame of it can be decoded"),
    ],
)
def test_a_file_that_is_no_video_is_refused_in_one_line(tmp_path, capfd, make, said) -> None:
    path = make(tmp_path / "a.mp4")
    with pytest.raises(SourceError) as raised:
        VideoFile(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: {said}")
    assert "\n" not in message
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path) -> None:
    path = write_video(tmp_path / "a.mp4")
    path.chmod(0)
    with pytest.raises(SourceError, match="you have no permission to read this file"):
        VideoFile(path)


MS = Fraction(1, 1000)


def times_of(*stamps_ms: int | None, fps: float | None = 10.0) -> list[float]:
    times = FrameTimes(fps, Path("a.mp4"))
    return [times.next_time_s(stamp, MS) for stamp in stamps_ms]


@pytest.mark.parametrize(
    ("stamps_ms", "times_s"),
    [
        ((0, 100, 90, 200), [0, 0.1, 0.1, 0.2]),
        ((0, 5000, 0, 100), [0, 5, 5.1, 5.2]),
        ((0, 100, 10_100), [0, 0.1, 10.1]),
        ((0, None, 250), [0, 0.1, 0.25]),
        ((None, None, 700, 800), [0, 0.1, 0.2, 0.3]),
    ],
    ids=["a small step back is none", "a new beginning goes on", "a gap stays", "a missing stamp", "none at first"],
)
def test_untidy_stamps_give_times_that_never_fall(stamps_ms, times_s) -> None:
    assert times_of(*stamps_ms) == pytest.approx(times_s)


def test_without_stamps_or_rate_there_is_no_time() -> None:
    with pytest.raises(SourceError, match=r"^a\.mp4: frames carry no usable times and the file states no rate"):
        times_of(None, None, fps=None)


@needs_clips
def test_all_frames_of_a_real_clip_whose_header_lies_are_read() -> None:
    """The header claims 118 frames; 102 decode (clips.csv, counted by another reader)."""
    frames = frames_of(CLIPS / "m_bad01.mp4")
    assert (len(frames), frames[0].picture.shape) == (102, (1080, 1920, 3))


@needs_clips
def test_a_real_clip_without_an_index_is_refused() -> None:
    with pytest.raises(SourceError, match="its end is missing"):
        VideoFile(CLIPS / "broken" / "no_moov_atom.mp4")
