"""Sessions of two real sets of one lifter with nothing named: which reps are told when they end, and as what."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach import assembly, landmark
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_clips import clip_of
from livecoach.lab.measure.recognise import IN_TIME_S, ToldRep, told_reps
from livecoach.lab.measure.table import Progress, Share, Table
from livecoach.types import Observation, Rep

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCounts:
    """How the reps of one set were told."""

    reps: int = 0
    in_time: int = 0
    late: int = 0
    renamed: int = 0  # told under another name
    flagged: int = 0  # told in time as anomalous
    first: int = 0  # whether the first rep was told in time, or with the second one


def measure(cache: Cache, pose: str, progress: Progress) -> Table:
    """Return the table of all sessions, named and recognised."""
    recognising = assembly.load_recognising()
    rows = []
    for exercise, first, others in SESSIONS:
        given = assembly.load(exercise)
        seen = {name: cache.observed(clip_of(name), pose) for name in (first, *others)}
        alone = {name: [told.rep for told in told_reps(given.pipeline(), part)] for name, part in seen.items()}
        for number, other in enumerate(others):
            progress(f"{first}, then {other}", number / len(others))
            parts, true = [seen[first], seen[other]], [alone[first], alone[other]]
            session, begins_s = session_of(parts, true[0])
            for words, coach in (("named", given), ("nothing named", recognising)):
                told = told_reps(coach.pipeline(), session)
                for which, (reps, from_s) in enumerate(zip(true, begins_s, strict=True), 1):
                    shifted = [(rep.turn_s + from_s, rep.end_s + from_s) for rep in reps]
                    counts = counts_of(shifted, told, exercise)
                    rows.append((f"{first}, {other}", words, which, counts))
    return _table(rows)


def _table(rows: Sequence[tuple[str, str, int, SetCounts]]) -> Table:
    every = [*rows]
    for words in ("named", "nothing named"):
        for which in (1, 2):
            of = [counts for _, how, number, counts in rows if (how, number) == (words, which)]
            total = SetCounts(**{name: sum(getattr(one, name) for one in of) for name in SetCounts.__slots__})
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
