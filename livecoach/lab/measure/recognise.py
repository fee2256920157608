"""Accuracy of the recognition of exercises on clips and synthetic motion.

Sessions of two real sets of one lifter with nothing named say which reps are told when they end, and as what.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeVar

import numpy as np

from livecoach.core import landmark
from livecoach.core.documents import AUTO
from livecoach.core.types import Observation, Rep, Step
from livecoach.decisions import assembly
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.features import WORLD, Ticks, sample
from livecoach.decisions.recognition.recogniser import Recogniser, RecognitionModel
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_clips import RealClip, clip_of
from livecoach.lab.measure.table import Cell, SeveralNumbers, Share, Table
from livecoach.lab.processes import Progress
from livecoach.lab.recognition.beliefs import BeliefOutcome, outcome, outcome_of, posteriors_of, shipped_posteriors
from livecoach.lab.recognition.sets import motion_set, stretches
from livecoach.perception.body.body import ANKLE, HIP, SHOULDER, WRIST, body
from livecoach.run.coached import steps

IN_CLASSES, NONE, UNSURE = "in the classes", "none of these", "not sure"
QUANTILES = (50, 90)
IN_TIME_S = 1.0
TURNS, BACK = 0.2, 0.6
"""Shares of a movement's range after which it has turned, and after which the rep is over."""
FULL = 0.5  # least share of the clip's range that a movement covers


class JudgedClip(NamedTuple):
    name: str
    group: str  # its person and camera, or its kind
    labelled: str  # its label at its origin
    outcome: BeliefOutcome

    @property
    def truth(self) -> str | None:
        """Name of the exercise; None for none of them."""
        return self.outcome.truth

    @property
    def predicted(self) -> str:
        """Its class in the confusion matrix."""
        return (self.outcome.said or NONE) if self.outcome.sure else UNSURE


def measure_motion(sets: int, seed: int, progress: Progress) -> list[Table]:
    """Return the tables of that many sets of motion, a quarter of them without a rep."""
    model = model_file.load()
    clips = []
    for number in range(sets):
        progress("sets of motion", number / sets)
        of_set = list(stretches(*motion_set(seed, number, "judging", model.exercises), number, model.exercises))
        for one in posteriors_of(partial(shipped_posteriors, model), of_set):
            result = outcome(model.belief, one, model.exercises)
            labelled = result.truth or "none"
            clips.append(JudgedClip(f"{labelled} {number}", labelled, labelled, result))
    return tables(f"Synthetic motion, seed {seed}", clips)[:2]


def measure_clips(
    title: str, clips: Sequence[RealClip], cache: Cache, progress: Progress, model: RecognitionModel
) -> list[Table]:
    found = []
    for number, clip in enumerate(clips):
        progress("clips", number / len(clips))
        result = judged(cache.observed(clip.path), clip.truth, model)
        found.append(JudgedClip(clip.path.name, clip.group, clip.labelled, result))
    return tables(title, found)


def judged(observations: Sequence[Observation], truth: str | None, model: RecognitionModel) -> BeliefOutcome:
    """Return the outcome of recognition on a clip, as in a live run."""
    recogniser, ticks = Recogniser(model), Ticks()
    believed, t_s, complete = list[np.ndarray](), list[float](), list[np.ndarray]()
    for one in observations:
        of_lifter = body(one)
        recogniser.step(one, of_lifter)
        if of_lifter is not None:
            done = ticks.step(of_lifter.t_s, sample(of_lifter.world, of_lifter.points_px, one.width_px, one.height_px))
            complete += done
            believed += [recogniser.shares] * len(done)
            t_s += [one.t_s] * len(done)
    if not complete:
        return BeliefOutcome(truth=truth, said=None, sure=False, first_sure=None, known_after_s=None)
    turn_end = first_movement(np.stack(complete))
    return outcome_of(np.stack(believed), np.array(t_s), truth, turn_end, model.belief.sure, model.exercises)


def first_movement(ticks: np.ndarray) -> tuple[int, int]:
    """Return the ticks at which the first full movement of a clip turns and ends. It is detected in one of three
    heights of the world landmarks, the one that moves most: hips over ankles, wrists over ankles, or wrists over
    shoulders. A clip without a turn is taken to turn at its end."""
    down = ticks[:, :WORLD].reshape(len(ticks), -1, 2, 3).mean(2)[..., 1]
    pairs = ((HIP, ANKLE), (WRIST, ANKLE), (WRIST, SHOULDER))
    heights = [down[:, low] - down[:, high] for high, low in pairs]
    smooth = [np.convolve(np.pad(height, 1, "edge"), np.full(3, 1 / 3), "valid") for height in heights]
    height = max(smooth, key=np.ptp)
    whole, last = np.ptp(height), len(height) - 1
    for sign in (1, -1) if abs(height.max() - height[0]) > abs(height.min() - height[0]) else (-1, 1):
        gone = sign * (height - height[0])
        furthest = np.maximum.accumulate(gone)
        turned = np.flatnonzero((furthest >= FULL * whole) & (furthest - gone >= TURNS * whole))
        if len(turned):
            turn = int(gone[: turned[0] + 1].argmax())
            over = np.flatnonzero(gone[turn:] <= (1 - BACK) * gone[turn])
            return turn, turn + int(over[0]) if len(over) else last
    return last, last


Clip = TypeVar("Clip", JudgedClip, "ClipCounts")


def _by_truth(clips: Sequence[Clip]) -> dict[str, list[Clip]]:
    """Return the clips of each exercise, and then those of none."""
    truths = [*sorted({one.truth for one in clips if one.truth is not None}), None]
    return {truth or NONE: [one for one in clips if one.truth == truth] for truth in truths}


def tables(title: str, clips: Sequence[JudgedClip]) -> list[Table]:
    """Return the shares, the confusion matrix, the shares by group, and the errors."""
    said = [*sorted({one.predicted for one in clips} - {UNSURE}), UNSURE]
    by_truth = _by_truth(clips)
    known = [one for one in clips if one.truth is not None]
    groups = {group: [one for one in clips if one.group == group] for group in sorted({one.group for one in clips})}
    return [
        Table(
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
            rows=tuple(
                (what, *_figures([one.outcome for one in ones]))
                for what, ones in {IN_CLASSES: known, **by_truth}.items()
            ),
            notes=(
                "Right: sure and right at the end of the first rep; of none of these, never sure of an exercise.",
                "First sure: the exercise that is sure before any other, at any time of the clip.",
            ),
        ),
        Table(
            title=f"{title}: confusion",
            columns=("truth", *said),
            rows=tuple(
                (truth, *(sum(one.predicted == column for one in ones) for column in said))
                for truth, ones in by_truth.items()
            ),
        ),
        Table(
            title=f"{title}: by origin",
            columns=("clips", "right", "refused"),
            rows=tuple(
                (
                    group,
                    _share_right([one for one in ones if one.truth is not None]),
                    _share_right([one for one in ones if one.truth is None]),
                )
                for group, ones in groups.items()
            ),
        ),
        Table(
            title=f"{title}: not right",
            columns=("clip", "labelled", "said", "likeliest"),
            rows=tuple(
                (one.name, one.labelled, one.predicted, one.outcome.said or NONE)
                for one in clips
                if not one.outcome.right
            ),
        ),
    ]


def _share_right(clips: Sequence[JudgedClip]) -> Share | None:
    return Share(sum(one.outcome.right for one in clips), len(clips)) if clips else None


def _figures(outcomes: Sequence[BeliefOutcome]) -> tuple[Cell, ...]:
    after_s = [one.known_after_s for one in outcomes if one.known_after_s is not None]
    counts = (
        sum(one.right for one in outcomes),
        sum(one.sure and not one.right for one in outcomes),
        sum(not one.sure for one in outcomes),
        sum(one.first_sure == one.truth for one in outcomes),
        sum(one.first_sure not in (None, one.truth) for one in outcomes),
    )
    return (
        *(Share(number, len(outcomes)) for number in counts),
        SeveralNumbers(tuple(float(np.percentile(after_s, q)) for q in QUANTILES), 2) if after_s else None,
    )


class ToldRep(NamedTuple):
    """A rep of a run, and when it was told."""

    rep: Rep
    told_s: float


def told_reps(run: Iterable[Step]) -> list[ToldRep]:
    """Return the reps of a run that stand at its end, in order."""
    told: list[ToldRep] = []
    for step in run:
        told = [*step.remaining(told), *(ToldRep(one.rep, step.observation.t_s) for one in step.judged)]
    return told


class ClipCounts(NamedTuple):
    truth: str | None  # name of the exercise; None for none of them
    counted_as: str | None  # the exercise of most reps; None without a rep
    reps: int
    in_time: int  # of its reps, those that were told within IN_TIME_S of their end
    first_sure: str | None  # the first exercise that the run was sure of


def measure_runs(clips: Sequence[RealClip], cache: Cache, progress: Progress) -> Table:
    """Return how many clips are counted as their true exercise, by runs of all exercises without a profile."""
    coach, counts = assembly.load(AUTO), list[ClipCounts]()
    for number, clip in enumerate(clips):
        progress("runs", number / len(clips))
        counts.append(counted_clip(coach, cache.observed(clip.path), clip.truth))
    return run_table(counts)


def counted_clip(coach: assembly.Coach, observations: Sequence[Observation], truth: str | None) -> ClipCounts:
    """Run over a clip and return the result."""
    run = list(steps(coach.pipeline(), observations))
    told, known = told_reps(run), (step.recognition for step in run)
    most = Counter(one.rep.exercise for one in told).most_common(1)
    return ClipCounts(
        truth=truth,
        counted_as=most[0][0] if most else None,
        reps=len(told),
        in_time=sum(one.told_s - one.rep.end_s <= IN_TIME_S for one in told),
        first_sure=next((one.name for one in known if one is not None and one.sure), None),
    )


def run_table(clips: Sequence[ClipCounts]) -> Table:
    groups = {IN_CLASSES: [one for one in clips if one.truth is not None], **_by_truth(clips)}
    return Table(
        title="Real clips: counted by a run",
        columns=(
            *("what", "counted as it", "counted as another", "no rep", "reps told when they end"),
            *("first sure is right", "first sure is another"),
        ),
        rows=tuple(tuple(_run_row(what, ones)) for what, ones in groups.items() if ones),
        notes=(
            "Where nothing counts, the likeliest exercise counts at the end of the clip if it finds reps.",
            f"Of {NONE}, the second column counts any rep, and right is never to be sure.",
        ),
    )


def _run_row(what: str, clips: Sequence[ClipCounts]) -> Iterator[Cell]:
    yield what
    yield Share(sum(one.counted_as == one.truth is not None for one in clips), len(clips))
    yield Share(sum(one.counted_as not in (None, one.truth) for one in clips), len(clips))
    yield Share(sum(one.counted_as is None for one in clips), len(clips))
    yield Share(sum(one.in_time for one in clips), sum(one.reps for one in clips))
    yield Share(sum(one.first_sure == one.truth for one in clips), len(clips))
    yield Share(sum(one.first_sure not in (None, one.truth) for one in clips), len(clips))


SESSIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("deadlift", "tb_deadlift_c", ("tb_deadlift_a", "tb_deadlift_h", "tb_deadlift_r", "tb_deadlift_k")),
    ("squat", "po_squat003", ("po_squat000", "po_squat001", "po_squat002", "po_squat004")),
    ("squat", "po_squat006", ("po_squat005", "po_squat007", "po_squat009", "po_squat010")),
)
"""Exercise, a correct set, and other sets of the same lifter before the same camera, each a session with it."""
REST_S, REST_FPS = 75.0, 10.0
STILL_S = 0.7
"""Time of the stillest upright moments of the first set, which are played to and fro for the rest."""
SAME_TURN_S = 0.6  # two reps whose turns are this close are the same


class SetCounts(NamedTuple):
    reps: int = 0
    in_time: int = 0
    late: int = 0
    renamed: int = 0  # told under another name
    flagged: int = 0  # told in time as anomalous
    first: int = 0  # whether the first rep was told in time, or with the second one


def measure_sessions(cache: Cache, progress: Progress) -> Table:
    """Return the table of all sessions, named and recognised."""
    recognising = assembly.load(AUTO)
    rows = []
    for exercise, first, others in SESSIONS:
        given = assembly.load(exercise)
        seen = {name: cache.observed(clip_of(name)) for name in (first, *others)}
        alone = {name: [told.rep for told in told_reps(steps(given.pipeline(), part))] for name, part in seen.items()}
        for number, other in enumerate(others):
            progress(f"{first}, then {other}", number / len(others))
            parts, true = [seen[first], seen[other]], [alone[first], alone[other]]
            session, begins_s = session_of(parts, true[0])
            for words, coach in (("named", given), ("nothing named", recognising)):
                told = told_reps(steps(coach.pipeline(), session))
                for which, (reps, from_s) in enumerate(zip(true, begins_s, strict=True), 1):
                    shifted = [(rep.turn_s + from_s, rep.end_s + from_s) for rep in reps]
                    counts = counts_of(shifted, told, exercise)
                    rows.append((f"{first}, {other}", words, which, counts))
    return _sessions_table(rows)


def _sessions_table(rows: Sequence[tuple[str, str, int, SetCounts]]) -> Table:
    every = [*rows]
    for words in ("named", "nothing named"):
        for which in (1, 2):
            of = [counts for _, how, number, counts in rows if (how, number) == (words, which)]
            total = SetCounts(**{name: sum(getattr(one, name) for one in of) for name in SetCounts._fields})
            every.append((f"all {len(of)}", words, which, total))
    return Table(
        title="Sessions of two real sets, 75 s of standing between them",
        columns=("session", "exercise", "set", "told in time", "late", "as another", "flagged in time", "first rep"),
        rows=tuple(
            (name, words, which, Share(one.in_time, one.reps), one.late, one.renamed, one.flagged, one.first)
            for name, words, which, one in every
        ),
        notes=("The reps are those that the clip has alone, with the exercise named.",),
    )


def counts_of(true: Sequence[tuple[float, float]], told: Sequence[ToldRep], exercise: str) -> SetCounts:
    """true: turn and end of each rep in the session."""
    found = [next((one for one in told if abs(one.rep.turn_s - turn_s) < SAME_TURN_S), None) for turn_s, _ in true]
    known = [(one, end_s) for one, (_, end_s) in zip(found, true, strict=True) if one is not None]
    in_time = [one for one, end_s in known if one.told_s - end_s <= IN_TIME_S]
    first = bool(found) and found[0] is not None
    if first and found[0] not in in_time:
        first = len(true) > 1 and found[0] is not None and found[0].told_s - true[1][1] <= IN_TIME_S
    return SetCounts(
        reps=len(true),
        in_time=len(in_time),
        late=len(known) - len(in_time),
        renamed=sum(one.rep.exercise != exercise for one, _ in known),
        flagged=sum(one.rep.verdict == "anomalous" for one in in_time),
        first=int(first),
    )


def session_of(parts: Sequence[Sequence[Observation]], reps: Sequence[Rep]) -> tuple[list[Observation], list[float]]:
    """Return the session of two sets with the rest between them, and what to add to the times of each set."""
    first, second = parts
    joined: list[Observation] = []
    begins_s = []
    for part in (first, list(_rest(first, reps)), second):
        from_s = joined[-1].t_s + 1 / 30 if joined else 0.0
        begins_s.append(from_s - part[0].t_s)
        joined += [
            replace(one, t_s=round(one.t_s + begins_s[-1], 6), index=len(joined) + number)
            for number, one in enumerate(part)
        ]
    return joined, [begins_s[0], begins_s[2]]


def _rest(seen: Sequence[Observation], reps: Sequence[Rep]) -> Iterator[Observation]:
    """Yield the observations of somebody who stands: the stillest upright moments of a set, to and fro."""
    of_set = [
        one for one in seen if one.landmarks is not None and reps[0].start_s - 1.5 <= one.t_s <= reps[-1].end_s + 1.5
    ]
    points = np.stack([one.landmarks[:, :2] for one in of_set if one.landmarks is not None])
    t_s = np.array([one.t_s for one in of_set])
    height = points[:, list(landmark.ANKLES), 1].mean(1) - points[:, list(landmark.SHOULDERS), 1].mean(1)
    spans = [(i, int(np.searchsorted(t_s, t_s[i] + STILL_S))) for i in range(len(of_set))]
    upright = [(i, j) for i, j in spans if j < len(of_set) and height[i:j].min() >= 0.97 * np.quantile(height, 0.75)]
    i, j = min(upright, key=lambda span: points[span[0] : span[1]].std(0).mean())
    to_and_fro = [*of_set[i:j], *reversed(of_set[i:j])]
    step = max(1, round((j - i) / (STILL_S * REST_FPS)))
    for number in range(round(REST_S * REST_FPS)):
        yield replace(to_and_fro[number * step % len(to_and_fro)], t_s=number / REST_FPS, index=number)
