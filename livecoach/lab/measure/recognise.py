"""Accuracy of the recognition of exercises on clips and synthetic motion.

Sessions of two real sets of one lifter with nothing named say which reps are told when they end, and as what.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.documents import AUTO
from livecoach.core.types import Observation, Rep, Step
from livecoach.decisions import assembly
from livecoach.decisions.recognition import model_file
from livecoach.decisions.recognition.recogniser import Recogniser, RecognitionModel
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_clips import LIFTERS, RealClip, clip_of
from livecoach.lab.measure.table import Cell, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.recognition.sets import motion_set
from livecoach.perception.body.body import body
from livecoach.run.coached import steps

IN_CLASSES, NONE = "in the classes", "none of these"
IN_TIME_S = 1.0


class ClipCounts(NamedTuple):
    truth: str | None  # name of the exercise; None for none of them
    first_sure: str | None  # the first exercise that was sure
    counted_as: str | None = None  # the exercise of most reps; None without a rep
    reps: int = 0
    in_time: int = 0  # of its reps, those that were told within IN_TIME_S of their end


def measure_motion(sets: int, seed: int, progress: ReportProgress) -> Table:
    """Return the table of that many sets of motion, a quarter of them without a rep."""
    model, counts = model_file.load(), list[ClipCounts]()
    for number in range(sets):
        progress("sets of motion", number / sets)
        made, _ = motion_set(seed, number, "judging")
        counts.append(ClipCounts(made.exercise if made.reps else None, first_above(made.observations, model)))
    return threshold_table(f"Synthetic motion, seed {seed}", counts)


def measure_clips(clips: Sequence[RealClip], cache: Cache, progress: ReportProgress) -> list[Table]:
    """Return how many clips are known by the threshold alone, and by runs of all exercises without a profile, and how
    many are counted by these as their true exercise."""
    coach, model = assembly.load(AUTO), model_file.load()
    known, counts = list[ClipCounts](), list[ClipCounts]()
    for number, clip in enumerate(clips):
        progress("clips", number / len(clips))
        observations = cache.observed(clip.path)
        known.append(ClipCounts(clip.truth, first_above(observations, model)))
        counts.append(counted_clip(coach, observations, clip.truth))
    return [threshold_table("Real clips", known), run_table(counts)]


def first_above(observations: Sequence[Observation], model: RecognitionModel) -> str | None:
    """Return the first exercise whose belief reaches its threshold, for however short a time; None without one."""
    recogniser = Recogniser(model)
    for one in observations:
        recogniser.step(one, body(one))
        none, *shares = recogniser.shares
        best = int(np.argmax(shares))
        if shares[best] >= model.belief.sure[best] and shares[best] > none:
            return model.exercises[best]
    return None


def _groups(clips: Sequence[ClipCounts]) -> dict[str, list[ClipCounts]]:
    """Return the clips of all exercises, of each, and of none."""
    names = [IN_CLASSES, *sorted({one.truth for one in clips if one.truth is not None}), NONE]
    groups = {name: [one for one in clips if one.truth == name] for name in names}
    groups[IN_CLASSES] = [one for one in clips if one.truth is not None]
    groups[NONE] = [one for one in clips if one.truth is None]
    return {name: ones for name, ones in groups.items() if ones}


FIRST_SURE = ("first sure is right", "first sure is another")


def _first_sure(clips: Sequence[ClipCounts]) -> Iterator[Cell]:
    yield Share(sum(one.first_sure == one.truth for one in clips), len(clips))
    yield Share(sum(one.first_sure not in (None, one.truth) for one in clips), len(clips))


def threshold_table(title: str, clips: Sequence[ClipCounts]) -> Table:
    return Table(
        title=f"{title}: by the threshold alone",
        columns=("what", *FIRST_SURE),
        rows=tuple((what, *_first_sure(ones)) for what, ones in _groups(clips).items()),
        notes=(f"Of {NONE}, right is never to be sure.",),
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
    return Table(
        title="Real clips: counted by a run",
        columns=("what", "counted as it", "counted as another", "no rep", "reps told when they end", *FIRST_SURE),
        rows=tuple((what, *_run_row(ones)) for what, ones in _groups(clips).items()),
        notes=(
            "Where nothing counts, the likeliest exercise counts at the end of the clip if it finds reps.",
            f"Of {NONE}, the second column counts any rep, and right is never to be sure.",
        ),
    )


def _run_row(clips: Sequence[ClipCounts]) -> Iterator[Cell]:
    yield Share(sum(one.counted_as == one.truth is not None for one in clips), len(clips))
    yield Share(sum(one.counted_as not in (None, one.truth) for one in clips), len(clips))
    yield Share(sum(one.counted_as is None for one in clips), len(clips))
    yield Share(sum(one.in_time for one in clips), sum(one.reps for one in clips))
    yield from _first_sure(clips)


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


def measure_sessions(cache: Cache, progress: ReportProgress) -> Table:
    """Return the table of all sessions, named and recognised: of a lifter's first set with each of the others."""
    recognising = assembly.load(AUTO)
    rows = []
    for exercise, good, faulty in LIFTERS:
        first, *others = (*good, *faulty)
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
        columns=("session", "exercise", "set", "told in time", "late", "as another", "flagged in time"),
        rows=tuple(
            (name, words, which, Share(one.in_time, one.reps), one.late, one.renamed, one.flagged)
            for name, words, which, one in every
        ),
        notes=("The reps are those that the clip has alone, with the exercise named.",),
    )


def counts_of(true: Sequence[tuple[float, float]], told: Sequence[ToldRep], exercise: str) -> SetCounts:
    """true: turn and end of each rep in the session."""
    found = [next((one for one in told if abs(one.rep.turn_s - turn_s) < SAME_TURN_S), None) for turn_s, _ in true]
    known = [(one, end_s) for one, (_, end_s) in zip(found, true, strict=True) if one is not None]
    in_time = [one for one, end_s in known if one.told_s - end_s <= IN_TIME_S]
    return SetCounts(
        reps=len(true),
        in_time=len(in_time),
        late=len(known) - len(in_time),
        renamed=sum(one.rep.exercise != exercise for one, _ in known),
        flagged=sum(one.rep.verdict == "anomalous" for one in in_time),
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
