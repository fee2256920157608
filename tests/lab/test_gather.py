"""From recordings and what is told of them to a dataset."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.observations import a_header

from livecoach.core.documents.codec import ObservationWriter
from livecoach.core.types import Correction, Observation
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.rep.view_normalised import TRAJECTORY_SHAPE
from livecoach.lab import dataset
from livecoach.lab.annotation import NOTHING, Annotation, RepMark
from livecoach.lab.counting import judge_observations
from livecoach.lab.gather import LabelledRecording, gather_recording, list_recordings
from livecoach.lab.synth.motion.tokens import GOOD
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

REPS = 3


@pytest.fixture(scope="module")
def coach() -> CoachingModels:
    return assembly.load("deadlift")


@pytest.fixture(scope="module")
def seen() -> tuple[Observation, ...]:
    """What is seen of a synthetic lifter's good set."""
    wanted = SetRequest(exercise="deadlift", tokens=(GOOD,) * REPS, view_deg=45.0, fps=30.0, graded=False)
    return random_set(5, wanted).observations


@pytest.fixture(scope="module")
def turns_s(coach: CoachingModels, seen: tuple[Observation, ...]) -> list[float]:
    return [one.rep.turn_s for one in judge_observations(coach.make_pipeline(), seen)]


def a_recording(seen: tuple[Observation, ...], **changes: object) -> LabelledRecording:
    plain = LabelledRecording(name="set1", lifter="anna", pose="lite", observations=seen, annotation=NOTHING)
    return replace(plain, **changes)  # type: ignore[arg-type]


def marks(*told: tuple[float, str]) -> Annotation:
    return Annotation(stages={}, reps=tuple(RepMark(frame=0, at_s=at_s, label=label) for at_s, label in told))


def test_a_rep_has_the_label_that_was_marked_while_it_was_under_way(coach, seen, turns_s):
    assert len(turns_s) == REPS
    told = marks((turns_s[0], "good"), (turns_s[1] - 0.2, "hips_early"), (turns_s[1], "bar_drift"))
    for correction, label in (
        (None, ""),
        (Correction(label="good"), "good"),
        (Correction(label="bad"), "bad"),
        (Correction(label="bad", fault="hitch"), "hitch"),
        (Correction(label="no-rep"), ""),
    ):
        corrected = a_recording(seen, annotation=told, correct=lambda rep, of=correction: replace(rep, correction=of))
        assert gather_recording(corrected, coach).reps.labels.tolist() == ["good", "bar_drift+hips_early", label]


def test_marks_that_label_no_rep_are_noted(coach, seen, turns_s):
    found = gather_recording(
        a_recording(seen, annotation=marks((0.0, "good"), (turns_s[2], "good"), (turns_s[2], "bad"))), coach
    )
    assert found.reps.labels.tolist() == ["", "", ""]
    outside, both = found.sources[0]["notes"]
    assert "at 0.00 s belongs to no rep" in outside
    assert "rep 3 is marked good and bad" in both


def test_a_rep_is_as_the_pipeline_sees_it(coach, seen, turns_s):
    reps = gather_recording(a_recording(seen), coach).reps
    model = coach.exercises["deadlift"].scorer.faults
    assert reps.trajectories.dtype == reps.readings.dtype == np.float32
    assert reps.trajectories.shape == (REPS, *TRAJECTORY_SHAPE)
    assert reps.readings.shape == (REPS, 2 + 2 * len(model.measures))
    assert reps.severities.shape == (REPS, len(model.table.faults))
    assert np.isfinite(reps.trajectories).all()
    assert np.isfinite(reps.readings).mean() > 0.8
    assert np.isnan(reps.severities).all()
    assert reps.times_s[:, 1].tolist() == turns_s
    assert (reps.lifters.tolist(), set(reps.sources.tolist())) == (["anna"] * REPS, {"set1"})
    assert abs(float(np.median(reps.azimuths_deg)) - 45) < 25


def test_frames_have_the_stages_that_were_marked(coach, seen):
    shown = [o.index for o in seen if o.world is not None]
    told = Annotation(stages={shown[0]: "down", shown[40]: "up", shown[50]: "neutral"})
    frames = gather_recording(a_recording(seen, annotation=told), coach).frames
    assert [dataset.STAGES[n] for n in frames.stages] == ["down", "up", "neutral"]
    assert frames.measures.shape[0] == len(frames.frame_lifters) == 3
    assert np.isfinite(frames.measures).all()


def test_a_recording_without_reps_gives_no_labelled_rep(coach, seen):
    for few in (seen[:5], ()):
        found = gather_recording(a_recording(few), coach)
        assert (len(found.reps), len(found.frames.stages)) == (0, 0)


def stored(path: Path, name: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with ObservationWriter(path, a_header(name=name)):
        pass
    return path


def test_each_recording_of_a_folder_is_listed_once(tmp_path):
    """Videos and observations, each recording once: what was seen is taken before its video; others stay apart."""
    stored(tmp_path / "anna" / "set1.obs", "set1.mp4")
    for name in ("anna/set1.mp4", "anna/notes.txt", "ben/SET2.MOV", "ben/set3.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    stored(tmp_path / "ben" / "set3.obs", "other.mp4")
    found = list_recordings([tmp_path, tmp_path / "anna" / "set1.mp4", tmp_path / "ben"])
    names = [path.relative_to(tmp_path).as_posix() for path in found]
    assert names == ["anna/set1.obs", "ben/SET2.MOV", "ben/set3.mp4", "ben/set3.obs"]
