"""The commands that measure livecoach, such as measure counts and measure verdict.

Each command is a class, whose fields are its options.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import click

from livecoach.cli import lab_options
from livecoach.cli.options import FloatParam
from livecoach.core.config import exercise as exercises

if TYPE_CHECKING:
    from livecoach.lab.measure.table import Table
    from livecoach.lab.processes import ReportProgress

HARD_MINUTES = 30.0  # Length of hard motion without a value of --hard, in minutes
Minutes = Annotated[
    float | None,
    {"type": FloatParam(0, 100_000, min_open=True), "is_flag": False, "flag_value": HARD_MINUTES, "metavar": "MINUTES"},
]


@click.group()
@lab_options.needs_packages("train")
def measure() -> None:
    """Measure how well livecoach counts and judges.

    The sets are synthetic, rendered or real. The project contains no real clips: the environment variable
    LIVECOACH_DATA names their folder. Shares come with 95 % Wilson intervals.
    """


class CountsMeasurement(lab_options.Measurement):
    """Compare rep counts with the truth.

    Without an option, the command counts each clip of LIVECOACH_DATA that has a known count: the reps of the clip's
    exercise or, in an empty room, of every exercise. It compares livecoach with three simple counters: "one" (always
    one rep), "peaks" (in the height of wrists or hips) and "angle" (crossings of a hip or knee angle). --synthetic does
    the same for the rendered sets in a folder. --motion counts synthetic sets of 3 to 12 reps, with other movements
    before, between and after. --faults counts synthetic sets of good reps, and sets in which all reps have one fault at
    its strongest.

    Example: livecoach lab measure counts --motion 200
    """

    motion: lab_options.Count | None = None
    """Count N sets of synthetic motion, each exercise."""
    faults: lab_options.Count | None = None
    """Count N sets of good reps, and N of each fault."""
    synthetic: Path | None = None
    """Count the rendered sets in a folder."""
    exercise: lab_options.Exercises = tuple(exercises.names())
    seed: lab_options.Seed = 4102
    pose: lab_options.Pose = "lite"
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        if sum(source is not None for source in (self.motion, self.faults, self.synthetic)) > 1:
            raise click.UsageError("--motion, --faults and --synthetic: choose one of them.")
        from livecoach.lab.measure import counts as counting

        if self.motion is not None:
            sets = counting.sets_with_reps(self.exercise, self.motion, self.seed)
            count = self.motion * len(self.exercise)
            return counting.measure_sets(f"Synthetic motion, seed {self.seed}", sets, progress, count)
        if self.faults is not None:
            sets = counting.single_fault_sets(self.exercise, self.faults, self.seed)
            return counting.measure_sets(f"Sets of one fault alone, seed {self.seed}", sets, progress)
        clips = (
            counting.counted_real_clips(self.exercise)
            if self.synthetic is None
            else counting.counted_rendered_sets(self.synthetic)
        )
        return counting.measure_clip_counts(clips, lab_options.observation_cache(self.cache, self.pose), progress)


class GhostsMeasurement(lab_options.Measurement):
    """Count ghosts: movements that count but are not reps.

    The synthetic sets contain no rep, and show bodies that no model was trained on; each set is counted as every
    exercise. Most movements of --hard are like a rep, and a fifth of the movements are done two or three times in a
    row. A lift after which the bar is dropped from the top is no ghost, whether it counts or not.

    Example: livecoach lab measure ghosts --motion 60 --seed 7602
    """

    motion: lab_options.Count | None = None
    """Count N sets of synthetic motion without a rep."""
    hard: Minutes = None
    """Count so many minutes of the motion that is most like a rep; 30 without a value."""
    clips: Path | None = None
    """Count the rendered clips in a folder that contain no rep."""
    real: bool = False
    """Count the empty rooms and idle intervals of LIVECOACH_DATA."""
    exercise: lab_options.Exercises = tuple(exercises.names())
    seed: lab_options.Seed = 4200
    pose: lab_options.Pose = "lite"
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        if not (self.motion or self.hard or self.clips or self.real):
            raise click.UsageError("Name what to count: --motion, --hard, --clips or --real.")
        from livecoach.lab.measure import counts as counting

        kept, exercise = lab_options.observation_cache(self.cache, self.pose), self.exercise
        tables: list[Table] = []
        if self.motion is not None:
            sets = counting.sets_without_reps(exercise, self.motion, self.seed)
            tables += counting.measure_sets("Motion without a rep", sets, progress, self.motion * len(exercise))
        if self.hard is not None:
            sets = counting.hard_sets_without_reps(exercise, self.hard, self.seed)
            tables += counting.measure_sets("Hard motion without a rep", sets, progress)
        if self.clips is not None:
            sets = counting.rendered_sets_without_reps(exercise, self.clips, kept)
            tables += counting.measure_sets("Rendered", sets, progress)
        return [*tables, *counting.measure_ghost_reps(exercise, kept, progress)] if self.real else tables


class VerdictMeasurement(lab_options.Measurement):
    """Measure alarms on rendered sets with faults.

    The sets show bodies that no model was trained on. Each begins with two good reps, and the lifter has no known reps.
    Verdicts are measured, not counts: every movement is judged, whether or not it would count.

    Example: livecoach lab measure verdict --sets 44 --seed 21
    """

    seed: lab_options.Seed = 21
    sets: lab_options.Count = 44
    """How many sets, deadlift and squat in turn."""
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        from livecoach.lab.measure.judge_sets import judge_rendered_sets

        return judge_rendered_sets(self.seed, self.sets, lab_options.observation_cache(self.cache), progress)


class VerdictRealMeasurement(lab_options.Measurement):
    """Measure alarms on the real sets of LIVECOACH_DATA.

    Each good set of a lifter is the reference in turn, and the lifter's other sets are judged by it: as sets of the
    same session, and as sets of the next day. Each good set is also judged alone.

    Example: livecoach lab measure verdict-real --pose full
    """

    pose: lab_options.Pose = "lite"
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        from livecoach.lab.measure.judge_sets import measure_real_sets

        return measure_real_sets(lab_options.observation_cache(self.cache, self.pose), progress)


class DepthMeasurement(lab_options.Measurement):
    """Measure how exactly livecoach determines the depth of squats.

    The squats are rendered with bodies that no model was trained on, and stop at any depth. The true depth is measured
    on the body's mesh. --real compares verdicts on clips of LIVECOACH_DATA with labels that people gave by eye.

    Example: livecoach lab measure depth --real tests/data/squat_depth.csv
    """

    sets: lab_options.Count = 28
    """Number of rendered sets, of bodies that no model was trained on."""
    real: Annotated[Path | None, {"metavar": "CSV"}] = None
    """Measure the real reps that a table labels, too."""
    seed: lab_options.Seed = 5201
    cache: lab_options.Cache = None
    jobs: lab_options.Jobs = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        from livecoach.decisions.rep.depth import load_shipped_depth_model
        from livecoach.lab import depth_training
        from livecoach.lab.processes import JobRunner

        kept, model = lab_options.observation_cache(self.cache), load_shipped_depth_model()
        runner = JobRunner(kept.folder, self.jobs, progress)
        reps = depth_training.measure_rendered_squats("judging", self.seed, self.sets, runner)
        title = f"Depth: {self.sets} rendered sets, judging bodies, seed {self.seed}"
        real = () if self.real is None else depth_training.measure_real_squats(model, self.real, kept, progress)
        return [*depth_training.measure_depth_errors(model, reps, title), *real]


class DisturbedMeasurement(lab_options.Measurement):
    """Measure verdicts with a disturbed or moved camera.

    Films of a good set and of faulty sets are disturbed: the camera leans, shakes or is bumped, the room is dark, the
    lifter is small, somebody else squats in the picture. They are judged by a profile that learned from another good
    set of the lifter, without a disturbance. --lifters renders lifters before a camera that was moved after the set of
    the profile: turned, higher, lower, farther away. For each disturbance or move, the command shows what livecoach
    counted, judged and flagged, which messages were new, and what the plainest scorer, without a model, flagged.

    A table names the films; docs/models.md has its columns. Films are observed once for each disturbance: with a
    new version of livecoach, name a new --cache.

    Example: livecoach lab measure disturbed --films tests/data/disturbed_films.csv --only roll:6 --only shake
    """

    films: Annotated[Path | None, {"metavar": "CSV"}] = None
    """Table of the films."""
    folder: Path | None = None
    """Folder of the films; by default the clips of LIVECOACH_DATA."""
    only: Annotated[tuple[str, ...], {"type": str, "metavar": "NAME[:X]", "multiple": True}] = ()
    """Name and strength of a disturbance to apply; by default all are applied."""
    lifters: lab_options.Count | None = None
    """Render N lifters before a moved camera."""
    bodies: Literal["judging", "training"] = "judging"
    """Bodies of the rendered lifters."""
    seed: lab_options.Seed = 73
    pose: lab_options.Pose = "lite"
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        if self.films is None and self.lifters is None:
            raise click.UsageError("Name what to measure: --films or --lifters.")
        from livecoach.lab.measure import changed_camera, disturbed
        from livecoach.lab.measure.real_clips import data_folder

        kept = lab_options.observation_cache(self.cache, self.pose)
        tables: list[Table] = []
        if self.films is not None:
            films = disturbed.read_films(self.films, self.folder or data_folder() / "clips")
            tables += disturbed.measure_films(films, disturbed.parse_disturbances(self.only, films), kept, progress)
        if self.lifters is not None:
            tables += changed_camera.measure_moves(self.bodies, self.seed, self.lifters, kept, progress)
        return tables


class RecognitionMeasurement(lab_options.Measurement):
    """Measure how well exercises are recognised.

    It measures, on the clips of LIVECOACH_DATA, whether the first exercise of which livecoach is sure is right, and
    whether other movements are refused. `livecoach lab train recognition` measures synthetic sets.

    Example: livecoach lab measure recognition --pose full
    """

    pose: lab_options.Pose = "lite"
    cache: lab_options.Cache = None

    def measure(self, progress: "ReportProgress") -> "list[Table]":
        from livecoach.lab.measure.real_clips import read_every_clip
        from livecoach.lab.measure.recognise import measure_recognition

        return measure_recognition([*read_every_clip()], lab_options.observation_cache(self.cache, self.pose), progress)


MEASUREMENTS = (
    CountsMeasurement,
    GhostsMeasurement,
    VerdictMeasurement,
    VerdictRealMeasurement,
    DisturbedMeasurement,
    DepthMeasurement,
    RecognitionMeasurement,
)
for kind in MEASUREMENTS:
    measure.add_command(kind.make_command())
