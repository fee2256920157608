"""Accuracy of the recognition of exercises on real clips, rendered sets and synthetic motion."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from livecoach import assembly
from livecoach.lab.measure.cache import Cache, rendered
from livecoach.lab.measure.second_sets import IN_TIME_S, told_reps
from livecoach.lab.measure.table import Cell, Progress, SeveralNumbers, Share, Table
from livecoach.lab.recognition.beliefs import BeliefOutcome, Shipped, outcome, posteriors_of
from livecoach.lab.recognition.real_clips import RealClip, judged
from livecoach.lab.recognition.sets import KINDS, MOST_VIEW_DEG, motion_set, stretches
from livecoach.recognition import model_file
from livecoach.recognition.recogniser import RecognitionModel
from livecoach.run.every_frame import steps
from livecoach.synth.clip import SyntheticClip, make_clip, random_clip_settings
from livecoach.synth.figure.body import JUDGING
from livecoach.synth.motion.lifts import LIFTS
from livecoach.synth.motion.tokens import GOOD, WITH_BAR_ON_FLOOR, Token
from livecoach.types import Observation

FOLDER = "recognition"
"""Folder of the cache."""
FPS, SIZE_PX = 15.0, (480, 360)
OTHER = "none"
"""Stands for the exercise in the name of a set without a rep."""
NONE_ITEMS = 3
STRIDE = 31
"""Step through the azimuths from set to set, so that every exercise is filmed from all sides."""
NONE, UNSURE = "none of these", "not sure"
QUANTILES = (50, 90)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipCounts:
    """The result of a run over a clip."""

    truth: str | None
    """Name of the exercise; None for none of them."""
    counted_as: str | None
    """The exercise of most reps; None without a rep."""
    sure: bool
    """Whether the recogniser was sure of an exercise at any time."""
    reps: int = 0
    in_time: int = 0
    """Number of reps that count, and of those that were told within IN_TIME_S of their end."""


def measure_runs(clips: Sequence[RealClip], cache: Cache, pose: str, progress: Progress) -> Table:
    """Return how many clips are counted as their true exercise, by runs of all exercises without a profile."""
    coach, counts = assembly.load_recognising(), list[ClipCounts]()
    for number, clip in enumerate(clips):
        progress("runs", number / len(clips))
        counts.append(counted_clip(coach, cache.observed(clip.path, pose), clip.truth))
    return run_table(counts)


def counted_clip(
    coach: assembly.RecognisingCoach, observations: Sequence[Observation], truth: str | None
) -> ClipCounts:
    """Run over a clip and return the result."""
    pipeline = coach.pipeline((), learn=True)
    told = told_reps(pipeline, observations)
    most = Counter(one.rep.exercise for one in told).most_common(1)
    return ClipCounts(
        truth=truth,
        counted_as=most[0][0] if most else None,
        sure=pipeline.known,
        reps=len(told),
        in_time=sum(one.told_s - one.rep.end_s <= IN_TIME_S for one in told),
    )


def run_table(clips: Sequence[ClipCounts]) -> Table:
    """Return the table by exercise."""
    names = sorted({one.truth for one in clips if one.truth is not None})
    groups: list[tuple[str, list[ClipCounts]]] = [
        ("in the classes", [one for one in clips if one.truth is not None]),
        *((name, [one for one in clips if one.truth == name]) for name in names),
        (NONE, [one for one in clips if one.truth is None]),
    ]
    return Table(
        title="Real clips: counted by a run",
        columns=("what", "counted as it", "counted as another", "no rep", "reps told when they end"),
        rows=tuple(_run_row(what, clips) for what, clips in groups if clips),
        notes=(
            "Where nothing counts, the likeliest exercise counts at the end of the clip if it finds reps.",
            f"Of {NONE}, the second column counts any rep.",
        ),
    )


def _run_row(what: str, clips: Sequence[ClipCounts]) -> tuple[Cell, ...]:
    counts = [
        sum(one.counted_as == one.truth is not None for one in clips),
        sum(one.counted_as not in (None, one.truth) for one in clips),
        sum(one.counted_as is None for one in clips),
    ]
    told = Share(sum(one.in_time for one in clips), sum(one.reps for one in clips))
    return (what, *(Share(count, len(clips)) for count in counts), told)


def measure_motion(sets: int, seed: int, progress: Progress) -> list[Table]:
    """Return the tables of that many sets of motion, a quarter of them without a rep."""
    model = model_file.load()
    network, judged = Shipped(model), []
    for number in range(sets):
        progress("sets of motion", number / sets)
        of_set = list(stretches(*motion_set(seed, number, "judging", model.exercises), number, model.exercises))
        for one in posteriors_of(network, of_set):
            result = outcome(model.belief, one, model.exercises)
            labelled = result.truth or OTHER
            judged.append(JudgedClip(name=f"{labelled} {number}", group=labelled, labelled=labelled, outcome=result))
    return tables(f"Synthetic motion, seed {seed}", judged)


def measure_rendered(sets: int, seed: int, cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Return the tables of that many rendered sets, the last of each round without a rep, and of their counts.

    Sets that the cache does not have are rendered.
    """
    model, results, counts = model_file.load(), list[JudgedClip](), list[tuple[str, int, int]]()
    names = (*model.exercises, OTHER)
    for number in range(sets):
        progress("rendered sets", number / sets)
        name = names[number % len(names)]
        clip = _clip(seed, number, sets, None if name == OTHER else name, model.exercises)
        kept = f"{FOLDER}/{name}_{seed}_{number:03d}_{pose}.obs"
        observations = cache.kept(kept, partial(_observed, clip, pose))
        reps = clip.movement.reps
        turn_end_s = (reps[0].turn_s, reps[0].end_s) if reps else None
        result = judged(observations, None if name == OTHER else name, model, turn_end_s)
        view = f"{abs(clip.settings.camera.azimuth_deg) // 30 * 30:.0f}° and more"
        results.append(JudgedClip(name=f"{name} {number}", group=view, labelled=name, outcome=result))
        if name != OTHER:
            counts.append((name, len(reps), _counted(name, observations)))
    return [*tables(f"Rendered sets, seed {seed}", results, details=True), counts_table(seed, counts)]


def _counted(name: str, observations: Sequence[Observation]) -> int:
    """Return the number of reps that a run with the given exercise counts."""
    return sum(len(step.judged) for step in steps(assembly.load(name).pipeline(), observations))


def counts_table(seed: int, counts: Sequence[tuple[str, int, int]]) -> Table:
    """Return the table of counts: exercise, true and counted reps of each set."""
    groups = [(name, [one for one in counts if one[0] == name]) for name in dict.fromkeys(one[0] for one in counts)]
    return Table(
        title=f"Rendered sets, seed {seed}: counted with the exercise given",
        columns=("exercise", "sets exact", "reps", "missed", "too many"),
        rows=tuple(
            (
                name,
                Share(sum(true == counted for _, true, counted in of_name), len(of_name)),
                sum(true for _, true, _ in of_name),
                sum(max(0, true - counted) for _, true, counted in of_name),
                sum(max(0, counted - true) for _, true, counted in of_name),
            )
            for name, of_name in (("all", list(counts)), *groups)
        ),
    )


def _clip(seed: int, number: int, sets: int, exercise: str | None, exercises: tuple[str, ...]) -> SyntheticClip:
    """Return a clip of two reps, or of movements that are no reps around another exercise."""
    rng = np.random.default_rng((seed, number, 79))
    motion = exercise or exercises[int(rng.integers(len(exercises)))]
    tokens = (Token("idle", seconds=1.0), GOOD, GOOD) if exercise else _others(rng, motion)
    most_deg = 180.0 if LIFTS[motion].lies else MOST_VIEW_DEG
    settings = random_clip_settings(
        (seed, number),
        motion,
        tokens,
        view_deg=float(np.linspace(-most_deg, most_deg, sets).round()[number * STRIDE % sets]),
        bodies=JUDGING,
        size_px=SIZE_PX,
        fps=FPS,
    )
    return make_clip(dataclasses.replace(settings, lost=0.0, late_s=0.0, typical=True))


def _others(rng: np.random.Generator, motion: str) -> tuple[Token, ...]:
    known = [kind for kind in KINDS if LIFTS[motion].on_floor or kind not in WITH_BAR_ON_FLOOR]
    return tuple(Token(str(kind)) for kind in rng.choice(known, NONE_ITEMS, replace=False))


def _observed(clip: SyntheticClip, pose: str) -> Iterator[Observation]:
    return rendered(clip, range(clip.frames), FPS, pose)


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedClip:
    """A clip or set, with its outcome."""

    name: str
    group: str
    """Its person and camera, or its kind."""
    labelled: str
    """Its label at its origin."""
    outcome: BeliefOutcome


def measure_clips(
    title: str, clips: Sequence[RealClip], cache: Cache, pose: str, progress: Progress, model: RecognitionModel
) -> list[Table]:
    """Return the tables of labelled clips."""
    out = []
    for number, clip in enumerate(clips):
        progress("clips", number / len(clips))
        observations = cache.observed(clip.path, pose)
        out.append(
            JudgedClip(
                name=clip.path.name,
                group=clip.group,
                labelled=clip.labelled,
                outcome=judged(observations, clip.truth, model),
            )
        )
    return tables(title, out, details=True)


def tables(title: str, clips: Sequence[JudgedClip], *, details: bool = False) -> list[Table]:
    """Return the shares, by exercise and by group, the confusion matrix and the errors."""
    names = sorted({one.outcome.truth for one in clips if one.outcome.truth is not None})
    out = [_shares(title, clips, names), confusion(title, clips, names)]
    if details:
        out += [_by_group(title, clips), _error_table(title, clips)]
    return out


def _shares(title: str, clips: Sequence[JudgedClip], names: Sequence[str]) -> Table:
    within = [one for one in clips if one.outcome.truth is not None]
    others = [one for one in clips if one.outcome.truth is None]
    rows = [_row("in the classes", within)]
    rows += [_row(name, [one for one in within if one.outcome.truth == name]) for name in names]
    rows += [_row("none of these", others)]
    return Table(
        title=f"{title}: right",
        columns=(
            "what",
            "right",
            "sure of another",
            "not sure",
            "first sure is right",
            "first sure is another",
            "known after the first turn, s: median, p90",
        ),
        rows=tuple(rows),
        notes=(
            "Right: sure and right at the end of the first rep; of none of these, never sure of an exercise.",
            "First sure: the exercise that is sure before any other, at any time of the clip.",
        ),
    )


def _row(what: str, clips: Sequence[JudgedClip]) -> tuple[Cell, ...]:
    outcomes = [one.outcome for one in clips]
    after_s = [one.known_after_s for one in outcomes if one.known_after_s is not None]
    wrong = sum(one.sure and not one.right for one in outcomes)
    return (
        what,
        Share(sum(one.right for one in outcomes), len(outcomes)),
        Share(wrong, len(outcomes)),
        Share(sum(not one.sure for one in outcomes), len(outcomes)),
        Share(sum(one.first_sure == one.truth for one in outcomes), len(outcomes)),
        Share(sum(one.first_sure not in (None, one.truth) for one in outcomes), len(outcomes)),
        SeveralNumbers(tuple(float(np.percentile(after_s, q)) for q in QUANTILES), 2) if after_s else None,
    )


def _by_group(title: str, clips: Sequence[JudgedClip]) -> Table:
    groups = sorted({one.group for one in clips})
    rows: list[tuple[Cell, ...]] = []
    for group in groups:
        of_group = [one for one in clips if one.group == group]
        within = [one for one in of_group if one.outcome.truth is not None]
        others = [one for one in of_group if one.outcome.truth is None]
        rows.append(
            (
                group,
                Share(sum(one.outcome.right for one in within), len(within)) if within else None,
                Share(sum(one.outcome.right for one in others), len(others)) if others else None,
            )
        )
    return Table(title=f"{title}: by origin", columns=("clips", "right", "refused"), rows=tuple(rows))


def predicted_class(outcome: BeliefOutcome) -> str:
    """Return the predicted class of a clip in the confusion matrix."""
    return (outcome.said or NONE) if outcome.sure else UNSURE


def confusion(title: str, clips: Sequence[JudgedClip], names: Sequence[str]) -> Table:
    """Return the confusion matrix: true classes and predicted ones."""
    said = sorted({predicted_class(one.outcome) for one in clips} - {UNSURE})
    columns = [*said, UNSURE]
    rows: list[tuple[Cell, ...]] = []
    for truth in [*names, None]:
        of_truth = [predicted_class(one.outcome) for one in clips if one.outcome.truth == truth]
        rows.append((truth or NONE, *(of_truth.count(column) for column in columns)))
    return Table(title=f"{title}: confusion", columns=("truth", *columns), rows=tuple(rows))


def _error_table(title: str, clips: Sequence[JudgedClip]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (one.name, one.labelled, predicted_class(one.outcome), one.outcome.said or NONE)
        for one in clips
        if not one.outcome.right
    ]
    return Table(title=f"{title}: not right", columns=("clip", "labelled", "said", "likeliest"), rows=tuple(rows))
