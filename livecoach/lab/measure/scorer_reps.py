"""Real reps as a dataset: of the labelled clips, and of a depth camera's lifts that are put on synthetic bodies."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from livecoach.assembly import Coach
from livecoach.lab import dataset
from livecoach.lab.annotation import Annotation
from livecoach.lab.counted_reps import counted_reps
from livecoach.lab.dataset import GOOD, Reps
from livecoach.lab.gather import LabelledRecording, RecordingData, gather
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import LabelledClip, clips_folder, depth_camera_lifts, labelled_clips
from livecoach.lab.measure.table import Progress
from livecoach.synth.retarget import depth_camera_sets
from livecoach.types import Observation

POSE = "lite"


def clip_reps(coach: Coach, cache: Cache, progress: Progress) -> tuple[Reps, list[str]]:
    """Return the labelled reps of the clips that the pipeline judges, and why others are left out.

    Lifter: the origin; source: the clip.
    """
    parts, notes = [], []
    clips = list(labelled_clips(coach.exercise))
    for number, clip in enumerate(clips):
        progress(f"reps of {clip.name}", number / len(clips))
        observations = cache.observed(clips_folder() / clip.name, POSE)
        gathered = _gathered(clip.name, clip.origin, clip.of_clip or dataset.UNKNOWN, observations, coach)
        notes += [f"{clip.name} ({clip.of_clip or 'mixed'}), {note}" for note in gathered.notes]
        if len(gathered.reps):
            parts.append(gathered.reps if clip.of_clip else _labelled(gathered.reps, clip, observations, coach))
    reps = Reps.joined(parts)
    return reps.some(reps.labels != dataset.UNKNOWN), notes


def lift_reps(coach: Coach, bodies: Sequence[str], views_deg: tuple[float, float], seed: int) -> Reps:
    """Return the depth camera's lifts on bodies, those that the pipeline judges; source: the lift."""
    parts = []
    for lift in depth_camera_sets(depth_camera_lifts(), bodies, seed, views_deg=views_deg):
        label = f"bad form {lift.fault}" if lift.fault else GOOD
        parts.append(_gathered(lift.name, "depth camera", label, lift.observations, coach).reps)
    return Reps.joined([part for part in parts if len(part)])


def _labelled(reps: Reps, clip: LabelledClip, observations: Sequence[Observation], coach: Coach) -> Reps:
    """Return the reps of a clip whose reps differ, each with its own label."""
    counted = counted_reps(observations, coach, POSE)
    labels = {one.rep.start_s: clip.label(one.rep) or dataset.UNKNOWN for one in counted}
    return replace(reps, labels=np.array([labels[start_s] for start_s in reps.times_s[:, 0].tolist()]))


def _gathered(name: str, lifter: str, label: str, observations: Sequence[Observation], coach: Coach) -> RecordingData:
    annotation = Annotation(stages={})
    told = LabelledRecording(
        name=name, lifter=lifter, pose=POSE, observations=observations, annotation=annotation, label=label
    )
    return gather(told, coach)
