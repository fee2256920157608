"""Alarms in good and in bad reps, and faults named right: on synthetic, rendered and real sets.

A synthetic or rendered rep is bad from a true severity of BAD where its worst fault is visible from the camera
(cache.is_shown), and good without any fault; a rep between these counts as neither. Of rendered and real sets
only the verdict is measured: every movement that the state machine proposes is judged as a rep.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from livecoach.core.types import JudgedRep, Observation, Rep, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.assembly import Coach
from livecoach.decisions.judging.reference import ReferenceKind, RepVerdict, reference_of
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, reference_reps
from livecoach.decisions.judging.scorer import Encoder, Scorer
from livecoach.decisions.rep.measured import MeasuredRep, near, own_reps, side_of
from livecoach.lab.counting import counting_every_movement, judged_reps, rep_of
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache, is_shown, rendered_set
from livecoach.lab.measure.real_clips import LIFTERS, clip_of, real_clips
from livecoach.lab.measure.table import Cell, Rounded, Share, Table, auroc
from livecoach.lab.processes import ReportProgress, Workshop
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.motion.tokens import GOOD, Token
from livecoach.lab.synth.sets import SetRequest, random_set
from livecoach.lab.synth.synthetic_set import SyntheticSet
from livecoach.lab.synthetic import FPS, KNOBS, MOST_VIEW_DEG, mixed, ways_of
from livecoach.lab.truth import BAD, TrueRep

BETWEEN_S = 60.0  # time between two sets of one session
OWN_REPS, GOOD_REPS, FAULTY, GOOD_AMONG = 5, 7, 8, 4  # reps of a synthetic lifter's sets
MOVED_DEG = 10.0  # by which the camera is moved within a session
CONTEXTS = (
    *("five reps of the same set", "an earlier set of the session"),
    *(f"the same, the camera {MOVED_DEG:.0f}° to a side", "a profile of another day"),
)
OF_ANOTHER_SET = ("own", "session")  # references of reps that another set or a profile judged
LEAST_REPS = 4  # least number of reps of a good set that is judged without a reference
DAYS = 3  # number of days on which a learning profile gets the same faulty set
LATER = ("a set of the same session", "a profile, the next day", f"a profile that met the same set on {DAYS - 1} days")


class KnownRep(NamedTuple):
    rep: Rep | None  # None if it was not counted
    bad: bool  # whether it is bad; otherwise it is good
    fault: str | None = None  # name of its worst fault

    @property
    def score(self) -> float | None:
        return None if self.rep is None else self.rep.score

    @property
    def alarms(self) -> bool:
        return self.rep is not None and self.rep.verdict == "anomalous"

    @property
    def is_named(self) -> bool:
        """Whether it is called anomalous, and its fault is named first."""
        return self.alarms and self.rep is not None and [one.name for one in self.rep.faults[:1]] == [self.fault]


def table(title: str, first: str, groups: Mapping[str, Iterable[KnownRep]]) -> Table:
    """Return how often reps are called anomalous, and rightly named, by group. Reps without a score are left out."""
    rows: list[tuple[Cell, ...]] = []
    for name, reps in groups.items():
        judged = [one for one in reps if one.score is not None]
        good, bad = ([one for one in judged if one.bad == wanted] for wanted in (False, True))
        scores = [np.array([one.score for one in some]) for some in (good, bad)]
        alarms = sum(one.alarms for one in bad)
        rows.append(
            (
                name,
                Share(sum(one.alarms for one in good), len(good)),
                Share(alarms, len(bad)),
                Share(sum(one.is_named for one in bad), alarms),
                Rounded(auroc(*scores) if good and bad else math.nan, 3),
            )
        )
    columns = ("alarms in good reps", "alarms in bad reps", "of these, fault named right", "AUROC")
    return Table(title=title, columns=(first, *columns), rows=tuple(rows))


def by_fault(title: str, reps: Iterable[KnownRep]) -> Table:
    """Return the table of bad reps, by their worst fault."""
    groups: dict[str, list[KnownRep]] = {}
    for one in reps:
        if one.bad and one.fault is not None:
            groups.setdefault(one.fault, []).append(one)
    return table(title, "fault", groups)


def known_reps(exercise: str, view_deg: float, true: Iterable[TrueRep], reps: Sequence[Rep]) -> Iterator[KnownRep]:
    """Yield the true reps of a set that are good or bad, with their verdicts. view_deg: of the camera, signed."""
    for one in true:
        worst, severity = one.worst
        if severity >= BAD and is_shown(exercise, worst, view_deg):
            yield KnownRep(rep_of(one, reps), True, worst)
        elif not one.faults:
            yield KnownRep(rep_of(one, reps), False)


Seen = Sequence[Observation]


class Judge(NamedTuple):
    """A coach who judges sets, each as a source of its own."""

    coach: Coach
    pose: str = "lite"  # name of the pose model

    def judged(self, seen: Seen, known: Sequence[RepWindow] = ()) -> list[JudgedRep]:
        """Return the reps of a set. known: the lifter's own good reps, from a profile."""
        return judged_reps(self.coach.pipeline(known, pose=self.pose), seen)

    def reps(self, seen: Seen, known: Sequence[RepWindow] = ()) -> list[Rep]:
        return [one.rep for one in self.judged(seen, known)]

    @property
    def scorer(self) -> Scorer:
        (one,) = self.coach.exercises.values()
        return one.scorer

    def session(self, seen: Seen, day: str = "before") -> PastSession:
        """Return a set as a session of an earlier day."""
        judged = [one for one in self.judged(seen) if one.rep.score is not None and one.window is not None]
        return PastSession(reps=[_past_rep(one, day) for one in judged])

    def known(self, *sessions: PastSession) -> list[RepWindow]:
        """Return the reps that form the reference after some sessions."""
        return [one.window for one in reference_reps(sessions, self.scorer)]


def _past_rep(judged: JudgedRep, day: str) -> PastRep:
    rep, window = judged.rep, judged.window
    assert window is not None, "its view is known"
    named = replace(window, set_name=f"{day} {window.set_name}")
    return PastRep(
        session=day,
        day=None,
        set=rep.set,
        number=rep.number,
        start_s=rep.start_s,
        azimuth_deg=named.known_view.azimuth_deg,
        correction=None,
        standing="allowed",
        read=lambda: named,
    )


def reps_after(judge: Judge, first: Seen, second: Seen) -> list[Rep]:
    """Return the reps of a set after another one of the same session, in the second set's own time."""
    by_s, count = first[-1].t_s + BETWEEN_S - second[0].t_s, first[-1].index + 1
    moved = [replace(o, t_s=o.t_s + by_s, index=count + i) for i, o in enumerate(second)]
    reps = [rep for rep in judge.reps([*first, *moved]) if rep.start_s >= moved[0].t_s]
    return [replace(rep, start_s=rep.start_s - by_s, turn_s=rep.turn_s - by_s, end_s=rep.end_s - by_s) for rep in reps]


FIRST = (1, 2, 3, 5, 10)
"""Numbers of own reps, the first good ones of a set, that judge others, by the shipped encoder and without one: then a
latent is the trajectory itself."""


class SeenRep(NamedTuple):
    window: RepWindow
    bad: bool  # whether it is bad; otherwise it is good
    fault: str | None = None  # name of its worst fault


class _JudgedRep(NamedTuple):
    seen: SeenRep
    verdict: RepVerdict
    far: float  # distance over its limit
    plainly_far: float  # the same without an encoder


class _Plain(Encoder):
    def __init__(self) -> None:
        """It learned nothing."""

    def encode(self, points: np.ndarray) -> np.ndarray:
        return points.ravel() / np.sqrt(points.size)


class FirstReps(NamedTuple):
    scorer: Scorer  # of their exercise
    first: Sequence[SeenRep]  # of a set, which the own ones are the first good ones of
    judged: Sequence[SeenRep] | None = None  # of other sets; None for the others of the same one


def first_reps(title: str, groups: Mapping[str, Iterable[FirstReps]]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for name, some in groups.items():
        of_group = list(some)
        for own in FIRST:
            judged = [one for reps in of_group for one in _beside_first(reps, own)]
            good, bad = ([one for one in judged if one.seen.bad == wanted] for wanted in (False, True))
            if good and bad:
                rows.append((name, own, *_first_cells(good, bad)))
    columns = ("own reps", "alarms in good reps", "alarms in bad reps", "of these, fault named right")
    areas = ("AUROC of the distance", "without an encoder")
    return Table(title=title, columns=("sets", *columns, *areas), rows=tuple(rows))


def _beside_first(reps: FirstReps, own: int) -> Iterator[_JudgedRep]:
    scorer, table = reps.scorer, reps.scorer.faults.table
    first = [one for one in reps.first if not one.bad][:own]
    measured = own_reps([one.window for one in first], table)
    if len(measured) < own:
        return
    kind: ReferenceKind = "set" if reps.judged is None else "session"
    shipped, plain = (reference_of(one, measured, kind) for one in (scorer, replace(scorer, encoder=_Plain())))
    for one in reps.first if reps.judged is None else reps.judged:
        rep = MeasuredRep(one.window, table, mirrored=side_of(measured, one.window.known_view.azimuth_deg))
        is_own = any(one is mine for mine in first)
        if not is_own and rep.unsure is None and near([rep], measured[0].azimuth_deg):
            verdict = shipped.judge(rep, of_set=shipped if reps.judged is None else None)
            yield _JudgedRep(one, verdict, shipped.distance(rep), plain.distance(rep))


def _first_cells(good: Sequence[_JudgedRep], bad: Sequence[_JudgedRep]) -> Iterator[Cell]:
    flagged = [one for one in bad if one.verdict.verdict == "anomalous"]
    yield Share(sum(one.verdict.verdict == "anomalous" for one in good), len(good))
    yield Share(len(flagged), len(bad))
    named = sum([fault.name for fault in one.verdict.faults[:1]] == [one.seen.fault] for one in flagged)
    yield Share(named, len(flagged))
    for far in ("far", "plainly_far"):
        yield Rounded(auroc(*(np.array([getattr(one, far) for one in some]) for some in (good, bad))), 3)


def measure_rendered(bodies: str, seed: int, sets: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure rendered sets of training or judging bodies: two good reps come first, and there is no profile."""
    judges = _judges("lite")
    groups: dict[str, list[KnownRep]] = {name: [] for name in (*MAIN_LIFTS, "both")}
    seen: list[FirstReps] = []
    for number in range(sets):
        progress("rendered sets", number / sets)
        observations, truth = rendered_set(bodies, seed, number, cache)
        judge = judges[truth.exercise]
        judged = judge.judged(observations)
        of_set = list(known_reps(truth.exercise, truth.view_deg, truth.reps, [one.rep for one in judged]))
        seen.append(FirstReps(judge.scorer, list(seen_reps(of_set, judged))))
        groups[truth.exercise] += of_set
        groups["both"] += of_set
    title = f"Verdict: {sets} rendered sets, {bodies} bodies, seed {seed}"
    return [
        table(title, "exercise", groups),
        by_fault("By the worst fault of a bad rep that is shown", groups["both"]),
        first_reps("Beside the first good reps of a set alone", {"all": seen}),
    ]


def seen_reps(known: Iterable[KnownRep], judged: Iterable[JudgedRep]) -> Iterator[SeenRep]:
    """Yield the reps that were counted and seen from a known side."""
    windows = {one.rep.index: one.window for one in judged}
    for one in known:
        window = None if one.rep is None else windows[one.rep.index]
        if window is not None:
            yield SeenRep(window, one.bad, one.fault)


def measure_synthetic(exercise: str, seed: int, lifters: int, workshop: Workshop) -> list[Table]:
    """Measure synthetic lifters of judging bodies through the whole pipeline. Each does a set of good reps, then in the
    same session one of good and faulty reps, which is filmed from two places, and on another day, before another camera
    from the same side, one more; the sets are judged in each of CONTEXTS."""
    of_lifters = workshop.each(partial(_of_lifter, exercise, seed), range(lifters), "lifters")
    groups = {name: [rep for one in of_lifters for rep in one[number]] for number, name in enumerate(CONTEXTS)}
    title = f"{exercise}: {lifters} synthetic lifters, judging bodies, seed {seed}"
    beside = f"By the worst fault, beside {CONTEXTS[0]}"
    return [table(title, "beside", groups), by_fault(beside, groups[CONTEXTS[0]])]


def _of_lifter(exercise: str, seed: int, number: int) -> tuple[list[KnownRep], ...]:
    """Return the true reps of one lifter with their verdicts, in each of CONTEXTS."""
    judge = Judge(assembly.load(exercise))
    good, same_set, later, other_day, moved = _sets(exercise, seed, number)
    learned = judge.known(judge.session(good.observations))
    contexts = (
        (same_set, judge.reps(same_set.observations), OWN_REPS),
        *((one, _beside(judge, good, one), 0) for one in (later, moved)),
        (other_day, judge.reps(other_day.observations, learned) if learned else [], 0),
    )
    return tuple(
        list(known_reps(exercise, made.settings.camera.azimuth_deg, made.reps[first:], reps))
        for made, reps, first in contexts
    )


def _beside(judge: Judge, first: SyntheticSet, later: SyntheticSet) -> list[Rep]:
    """The reps of a set of the session that an earlier one judges."""
    return [rep for rep in reps_after(judge, first.observations, later.observations) if rep.reference in OF_ANOTHER_SET]


def _sets(exercise: str, seed: int, number: int) -> list[SyntheticSet]:
    """Return a lifter's sets: a good one, one that begins with OWN_REPS good reps, a later one, one of another day, and
    the later one from where the camera was moved to."""
    rng = np.random.default_rng((seed, number))
    view_deg = float(rng.uniform(0, MOST_VIEW_DEG) * rng.choice((-1, 1)))
    ways = ways_of(exercise, FAULTS[exercise])
    lifter, fps = seed * 10_000 + number, float(rng.choice(FPS))

    def bad_and_good() -> tuple[Token, ...]:
        return mixed(rng, exercise, rng.choice(ways, min(FAULTY, len(ways)), replace=False), GOOD_AMONG, KNOBS)

    first, *others = ((GOOD,) * GOOD_REPS, (GOOD,) * OWN_REPS + bad_and_good(), bad_and_good(), bad_and_good())
    moved_deg = view_deg - math.copysign(MOVED_DEG, abs(view_deg) - MOST_VIEW_DEG / 2) * math.copysign(1.0, view_deg)
    wanted = [(index, tokens, view_deg) for index, tokens in enumerate((first, *others))]
    return [
        random_set(
            (seed, number, index),
            SetRequest(
                exercise=exercise,
                bodies="judging",
                lifter=lifter,
                session=2 * lifter + (tokens is others[-1]),
                view_deg=azimuth_deg,
                fps=fps,
                tokens=tokens,
            ),
        )
        for index, tokens, azimuth_deg in [*wanted, (*wanted[2][:2], moved_deg)]
    ]


class _JudgedSet(NamedTuple):
    """One real set, judged with another set as the reference."""

    by: str
    reference: str
    clip: str
    fault: str | None  # None: a good set
    in_view: bool
    """Whether both sets were filmed from about the same azimuth; otherwise the reference is not used."""
    reps: list[Rep]  # its judged reps

    @property
    def known(self) -> list[KnownRep]:
        return [KnownRep(rep, self.fault is not None, self.fault) for rep in self.reps]


def measure_real(cache: Cache, progress: ReportProgress) -> list[Table]:
    """Measure the sets of LIFTERS: each good one is the reference in turn, and judges the others as LATER says; every
    good set is also judged by itself, and its first reps judge the faulty ones."""
    judges = _judges(cache.pose)
    sets: list[_JudgedSet] = []
    for lifter in LIFTERS:
        judge = judges[lifter.exercise]
        seen = {clip: cache.observed(clip_of(clip)) for clip in (*lifter.good, *lifter.faulty)}
        for reference in lifter.good:
            progress(f"sets beside {reference}", 0.0)
            first = seen[reference]
            session = judge.session(first)
            learned = judge.known(session)
            for clip, second in seen.items():
                if clip == reference:
                    continue
                told = [reps_after(judge, first, second), judge.reps(second, learned)]
                if clip in lifter.faulty:
                    told.append(_last_day(judge, session, second))
                fault = lifter.faulty.get(clip)
                for place, reps in enumerate(told):
                    # A profile that learned from the set itself knows its view by then.
                    in_view = any(
                        rep.reference in OF_ANOTHER_SET for rep in told[min(place, 1)] if rep.score is not None
                    )
                    judged = [rep for rep in reps if rep.score is not None]
                    sets.append(_JudgedSet(LATER[place], reference, clip, fault, in_view, judged))
    groups = {by: [rep for one in sets if one.by == by and one.in_view for rep in one.known] for by in LATER}
    tables = [table("Real sets, each good one in turn as reference", "judged by", groups), _set_by_set(sets)]
    return [*tables, *_first_reps(judges, cache), _good_sets(judges, cache, progress)]


def _first_reps(judges: Mapping[str, Judge], cache: Cache) -> Iterator[Table]:
    """Each lifter's good sets in turn, with all faulty ones: beside the first reps of the same good set, and the other
    one beside those of this one."""
    same: dict[str, list[FirstReps]] = {}
    other: dict[str, list[FirstReps]] = {}
    for lifter in LIFTERS:
        judge = judges[lifter.exercise]
        name, seen = ", ".join(lifter.good), dict[str, list[SeenRep]]()
        for clip in (*lifter.good, *lifter.faulty):
            judged, fault = judge.judged(cache.observed(clip_of(clip))), lifter.faulty.get(clip)
            seen[clip] = list(seen_reps((KnownRep(one.rep, fault is not None, fault) for one in judged), judged))
        faulty = [rep for clip in lifter.faulty for rep in seen[clip]]
        for first in lifter.good:
            others = [rep for clip in lifter.good if clip != first for rep in seen[clip]]
            same.setdefault(name, []).append(FirstReps(judge.scorer, [*seen[first], *faulty]))
            other.setdefault(name, []).append(FirstReps(judge.scorer, seen[first], [*others, *faulty]))
    yield first_reps("Real lifters, beside the first good reps of a set alone", same)
    yield first_reps("Real lifters, the other sets of the session beside the first reps of one", other)


def _judges(pose: str) -> dict[str, Judge]:
    return {name: Judge(counting_every_movement(assembly.load(name)), pose) for name in MAIN_LIFTS}


def _last_day(judge: Judge, first: PastSession, seen: Seen) -> list[Rep]:
    """Return the reps of a set on the last of DAYS days, by a profile that learns from it each day."""
    later = [judge.session(seen, f"day {day}") for day in range(DAYS - 1)]
    return judge.reps(seen, judge.known(first, *later))


def _set_by_set(sets: Sequence[_JudgedSet]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for one in sets:
        flagged = [rep for rep in one.reps if rep.verdict == "anomalous"]
        named = Counter(rep.faults[0].name if rep.faults else "no name" for rep in flagged)
        names = ", ".join(f"{name} {count}" for name, count in named.most_common())
        what = (one.fault or "good") + ("" if one.in_view else "; another view")
        rows.append((one.reference, one.clip, what, one.by, len(one.reps), len(flagged), names))
    columns = ("reference", "set", "fault", "judged by", "judged", "alarms", "named")
    return Table(title="Set by set", columns=columns, rows=tuple(rows))


def _good_sets(judges: Mapping[str, Judge], cache: Cache, progress: ReportProgress) -> Table:
    rows: list[tuple[str, int, int]] = []
    for clip in real_clips():
        if clip.labelled not in judges or not clip.label:
            continue
        progress(f"judging {clip.path.name}", 0.0)
        reps = judges[clip.labelled].reps(cache.observed(clip.path))
        good = [rep for rep in reps if clip.label_of(rep) == "good" and rep.score is not None]
        if len(good) >= LEAST_REPS and not any(clip.label_of(rep) == "bad" for rep in reps):
            rows.append((clip.path.stem, sum(rep.verdict == "anomalous" for rep in good), len(good)))
    rows.append(("all", sum(alarms for _, alarms, _ in rows), sum(reps for *_, reps in rows)))
    return Table(
        title="Good sets, each by itself",
        columns=("set", "good reps flagged"),
        rows=tuple((name, Share(alarms, reps)) for name, alarms, reps in rows),
    )
