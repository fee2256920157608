"""What can't be read of a damaged video is said: in words, in JSON, in the events, and by the exit status."""

import json
from contextlib import closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from builders.command import run
from builders.observations import a_header, an_observation
from builders.sources import quartered, write_video
from click.testing import CliRunner

from livecoach.capture.file import VideoFile, open_container
from livecoach.capture.loss_counter import FrameLoss, LossCounter
from livecoach.capture.opencv import av
from livecoach.capture.stored_observations import StoredObservations
from livecoach.cli import lab_annotate
from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.errors import DamagedVideo
from livecoach.lab.annotate import AnnotationState

SAYS = "set.mp4: damaged: "


@pytest.fixture
def video(tmp_path) -> Path:
    """Two seconds, of which the end is missing."""
    path = tmp_path / "set.mp4"
    write_video(path, times_ms=range(0, 2000, 100), container_options={"movflags": "faststart"})
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * 0.7)])
    return path


@pytest.mark.parametrize("words", [("analyze", "--json"), ("replay", "--fast", "--events")], ids=lambda words: words[0])
def test_a_run_tells_what_it_could_not_read(tmp_path, video, words) -> None:
    """In the document, in the last event, and in words."""
    command, *options = words
    outcome = run(command, video, "--exercise", "squat", *options, "-", home=tmp_path)
    frames = json.loads(outcome.stdout.splitlines()[-1])["frames"]
    assert frames["read"] + frames["lost"] == 20
    assert frames["lost"] > 2
    assert f"{SAYS}{frames['lost']} of 20 frames can't be read" in outcome.stderr
    assert outcome.returncode == DamagedVideo.exit_code


def test_observe_tells_what_it_could_not_read(tmp_path, video) -> None:
    out = tmp_path / "set.obs"
    outcome = run("lab", "observe", video, "--out", out, home=tmp_path)
    assert SAYS in outcome.stderr
    assert outcome.returncode == DamagedVideo.exit_code
    source = StoredObservations(out)
    assert 0 < len(list(source.payloads)) < 20
    source.close()


@pytest.mark.parametrize(
    ("name", "codec", "kind"),
    [("a.gif", "gif", None), ("a.ts", "libx264", None), ("a.m2ts", "libx264", None), ("a.mjpeg", "mjpeg", "mjpeg")],
)
@pytest.mark.parametrize("share", [0.37, 0.61, 0.83, 1.0])
def test_a_file_that_tells_no_length_is_known_to_be_cut_off(
    tmp_path: Path, name: str, codec: str, kind: str | None, share: float
) -> None:
    """By its last bytes: such a format has neither an index nor a duration in its header."""
    path = tmp_path / name
    with av.open(str(path), "w", format=kind) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = 64, 64
        stream.pix_fmt = {"gif": "rgb8", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
        for number in range(20):
            shown = np.full((64, 64, 3), 12 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(shown, format="rgb24")))
        container.mux(stream.encode(None))
    whole = path.read_bytes()
    path.write_bytes(whole[: int(share * len(whole))])
    with closing(VideoFile(path)) as source:
        read = sum(1 for _ in iter(source.read, None))
        assert (source.loss is None) == (share == 1.0)
    assert 0 < read <= 20


def test_annotate_tells_what_it_could_not_read_before_anything_is_marked(video, monkeypatch) -> None:
    said: list[str] = []
    with (
        closing(VideoFile(video)) as source,
        ObservationWriter(video.with_suffix(".obs"), a_header(name="set.mp4")) as file,
    ):
        for index in range(sum(1 for _ in iter(source.read, None))):
            file.write(an_observation(index=index, t_s=index / 10))

    def marked(_: object, state: AnnotationState, *__: object) -> AnnotationState:
        assert SAYS in said[-1]
        return state

    monkeypatch.setattr(lab_annotate, "say", said.append)
    monkeypatch.setattr(lab_annotate.Window, "failure_reason", lambda _: None)
    monkeypatch.setattr("livecoach.lab.annotate.run_annotation", marked)
    outcome = CliRunner().invoke(lab_annotate.annotate, [str(video), "--exercise", "squat"])
    assert outcome.exit_code == DamagedVideo.exit_code, outcome.output


def test_pictures_that_an_edit_list_cuts_off_are_not_missing(tmp_path: Path) -> None:
    """Of ten, the first two are decoded and not shown; two more are damaged."""
    path = write_video(tmp_path / "set.mp4")
    with open_container(path) as container:
        counter = LossCounter(container, container.streams.video[0], path, true_s=Fraction(1), fps=10.0)
    for n in range(10):
        counter.add_packet(hidden=n < 2)
    for n in range(3):
        counter.add_frame(n / 10)
    counter.add_damage()
    for n in range(5, 8):
        counter.add_frame(n / 10)
    counter.end()
    assert counter.find_loss() == FrameLoss(frames=2, of=8, from_s=0.2)


def test_a_packet_that_its_stream_calls_corrupt_is_missing(tmp_path: Path) -> None:
    """By the flag of a transport stream, whose packets have 188 bytes: here that of the last picture but one."""
    path = write_video(tmp_path / "set.ts", picture=quartered(160, 120))
    content = bytearray(path.read_bytes())
    content[-4 * 188 + 1] |= 0x80
    path.write_bytes(content)
    with closing(VideoFile(path)) as source:
        assert len(list(iter(source.read, None))) == 9
        assert source.loss == FrameLoss(frames=1, of=10, from_s=pytest.approx(0.5))
