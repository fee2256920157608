"""Measures alarms in good and in bad reps, and faults named right, on rendered and real sets.

A rendered rep is bad from a true severity of BAD if its worst fault is visible from the camera (cache.is_visible_from),
and good without an intended fault; other reps are left out. Only the verdict is measured: every movement that the
state machine proposes is judged as a rep.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from livecoach.core.step import RepCompleted
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, choose_reference_reps
from livecoach.decisions.judging.scorer import Scorer
from livecoach.lab.counting import accept_every_movement, find_rep_event, judge_observations
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache, is_visible_from, load_or_render_set
from livecoach.lab.measure.real_clips import LIFTERS, data_folder, read_real_clips
from livecoach.lab.measure.table import Cell, Rounded, Share, Table, auroc
from livecoach.lab.processes import ReportProgress
from livecoach.lab.truth import BAD, REP_TIMES, TrueRep

BETWEEN_S = 60.0  # Time between two sets of a session, in seconds. Our choice.
OTHER_SETS = ("own", "session")  # Kinds of reference whose reps are from a profile or an earlier set
LEAST_REPS = 4  # Least number of reps of a good set that is judged without a reference
LATER = ("a set of the same session", "a profile, the next day")


class KnownRep(NamedTuple):
    """A rep that is known to be good or bad, with its verdict."""

    judged: RepCompleted | None  # None if the rep was not counted
    is_bad: bool  # Whether the rep is bad; otherwise the rep is good
    fault: str | None = None  # Name of the worst fault; None or empty without a known fault
    true_faults: Collection[str] = ()  # Names of its faults with a true severity above 0; may leave out the worst

    @property
    def rep(self) -> Rep | None:
        """The rep with its verdict; None if it was not counted."""
        return None if self.judged is None else self.judged.rep

    @property
    def window(self) -> RepWindow | None:
        """The window of the rep, with its observations; None if the rep was not counted, or its view is unknown."""
        return None if self.judged is None else self.judged.window

    @property
    def score(self) -> float | None:
        """The score of the rep; None if it was not counted or not judged."""
        return None if self.rep is None else self.rep.score

    @property
    def has_alarm(self) -> bool:
        """Whether the verdict on the rep is anomalous."""
        return self.rep is not None and self.rep.verdict == "anomalous"

    @property
    def named_fault(self) -> str | None:
        """Name of the primary fault of an anomalous rep; None for another rep, or if its verdict names no fault."""
        return self.rep.faults[0].name if self.rep is not None and self.has_alarm and self.rep.faults else None


def _verdict_table(title: str, first: str, groups: Mapping[str, Iterable[KnownRep]]) -> Table:
    """Return a table of the verdicts on reps with a score, by group: alarms, named faults, right names, and AUROC."""
    rows: list[tuple[Cell, ...]] = []
    for name, reps in groups.items():
        judged = [rep for rep in reps if rep.score is not None]
        good, bad = ([rep for rep in judged if rep.is_bad == wanted] for wanted in (False, True))
        scores = [np.array([rep.score for rep in some]) for some in (good, bad)]
        flagged = [rep for rep in bad if rep.has_alarm]
        named = [rep for rep in flagged if rep.named_fault is not None]
        rows.append(
            (
                name,
                Share(sum(rep.has_alarm for rep in good), len(good)),
                Share(len(flagged), len(bad)),
                Share(len(named), len(flagged)),
                Share(sum(rep.named_fault == rep.fault for rep in named), len(named)),
                Share(sum(rep.named_fault in (rep.fault, *rep.true_faults) for rep in named), len(named)),
                Rounded(auroc(*scores) if good and bad else math.nan, 3),
            )
        )
    columns = ("alarms in good reps", "alarms in bad reps", "named", "the worst", "one it has", "AUROC")
    return Table(title=title, columns=(first, *columns), rows=tuple(rows))


def known_reps(
    exercise: str, view_deg: float, true_reps: Iterable[TrueRep], judged: Sequence[RepCompleted]
) -> Iterator[KnownRep]:
    """Yield the true reps of a set that are good or bad, with their verdicts.

    A rep with intended faults is left out if its worst fault is less severe than BAD, or hidden from the camera.
    """
    for true_rep in true_reps:
        worst, severity = true_rep.worst_fault
        if severity >= BAD and is_visible_from(exercise, worst, view_deg):
            true_faults = [name for name, severity in true_rep.severities.items() if severity > 0]
            yield KnownRep(find_rep_event(true_rep, judged), True, worst, true_faults)
        elif not true_rep.faults:
            yield KnownRep(find_rep_event(true_rep, judged), False)


Seen = Sequence[Observation]


class Judge(NamedTuple):
    """A coach that judges each set with a new pipeline, independently of the other sets."""

    coach: CoachingModels
    pose: str = "lite"  # Name of the pose model

    def judge(self, observations: Seen, known: Sequence[RepWindow] = ()) -> list[RepCompleted]:
        """Judge a set by `known` reps, if any; return the events of its counted reps, also of reps withdrawn later."""
        return judge_observations(self.coach.make_pipeline(known, pose=self.pose), observations)

    @property
    def scorer(self) -> Scorer:
        """The scorer of the coach's single exercise."""
        (exercise,) = self.coach.exercises.values()
        return exercise.scorer

    def reference_windows(self, observations: Seen) -> list[RepWindow]:
        """Judge a set, and return the windows of the reps that a profile would use as the reference of later days."""
        judged = [rep for rep in self.judge(observations) if rep.rep.score is not None and rep.window is not None]
        day = PastSession(reps=[_past_rep(rep) for rep in judged])
        return [rep.window for rep in choose_reference_reps([day], self.scorer)]


def _past_rep(judged: RepCompleted) -> PastRep:
    rep, window = judged.rep, judged.window
    assert window is not None, "its view is known"
    named = replace(window, set_name=f"before {window.set_name}")
    return PastRep(
        session="before",
        day=None,
        set=rep.set,
        number=rep.number,
        start_s=rep.start_s,
        azimuth_deg=named.known_view.azimuth_deg,
        correction=None,
        standing="allowed",
        read=lambda: named,
    )


def _judge_later_set(judge: Judge, first: Seen, second: Seen) -> list[RepCompleted]:
    """Judge two sets as a session. Return the second set's reps with times in this set; windows keep session times."""
    by_s, count = first[-1].t_s + BETWEEN_S - second[0].t_s, first[-1].index + 1
    moved = [replace(o, t_s=o.t_s + by_s, index=count + i) for i, o in enumerate(second)]
    later = [event for event in judge.judge([*first, *moved]) if event.rep.start_s >= moved[0].t_s]
    times_s = [{name: getattr(event.rep, name) - by_s for name in REP_TIMES} for event in later]
    return [replace(event, rep=replace(event.rep, **of_rep)) for event, of_rep in zip(later, times_s, strict=True)]


def judge_rendered_sets(seed: int, sets: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Return tables of the verdicts on rendered sets, which begin with good reps. The lifters have no profile.

    Raises ConfigError if the cache lacks a set that this machine can't draw.
    """
    judges = _judges("lite")
    groups: dict[str, list[KnownRep]] = {name: [] for name in (*MAIN_LIFTS, "both")}
    for number in range(sets):
        progress("rendered sets", number / sets)
        observations, truth = load_or_render_set(seed, number, cache)
        judged = judges[truth.exercise].judge(observations)
        of_set = list(known_reps(truth.exercise, truth.view_deg, truth.reps, judged))
        groups[truth.exercise] += of_set
        groups["both"] += of_set
    by_fault: dict[str, list[KnownRep]] = {}
    for rep in groups["both"]:
        if rep.fault is not None:
            by_fault.setdefault(rep.fault, []).append(rep)
    title = f"Verdict: {sets} rendered sets, judging bodies, seed {seed}"
    return [
        _verdict_table(title, "exercise", groups),
        _verdict_table("By the worst fault of a bad rep that is shown", "fault", by_fault),
    ]


class _JudgedSet(NamedTuple):
    by: str
    reference: str
    clip: str
    fault: str | None  # None for a good set
    in_view: bool
    """Whether both sets were filmed from about the same azimuth. Otherwise the reference is not used."""
    reps: list[KnownRep]  # Judged reps


def measure_real_sets(cache: Cache, progress: ReportProgress) -> list[Table]:
    """Return tables of the verdicts on real sets, for which each good set of the lifter is the reference in turn.

    The other sets are judged as sets of the session and of the next day. Good sets are also judged by themselves.
    Raises ConfigError if the data folder or a table is missing or invalid, and SourceError if a clip can't be read.
    """
    judges = _judges(cache.pose)
    sets: list[_JudgedSet] = []
    for lifter in LIFTERS.values():
        judge = judges[lifter.exercise]
        folder, names = data_folder() / "clips", (*lifter.good, *lifter.faulty)
        seen = {clip: cache.observations_of(folder / f"{clip}.mp4") for clip in names}
        for reference in lifter.good:
            progress(f"sets beside {reference}", 0.0)
            first = seen[reference]
            learned = judge.reference_windows(first)
            for clip, second in seen.items():
                if clip == reference:
                    continue
                results = _judge_later_set(judge, first, second), judge.judge(second, learned)
                for by, events in zip(LATER, results, strict=True):
                    judged = [event for event in events if event.rep.score is not None]
                    in_view = any(event.rep.reference in OTHER_SETS for event in judged)
                    fault = lifter.faulty.get(clip)
                    reps = [KnownRep(event, fault is not None, fault) for event in judged]
                    sets.append(_JudgedSet(by, reference, clip, fault, in_view, reps))
    groups = {by: [rep for item in sets if item.by == by and item.in_view for rep in item.reps] for by in LATER}
    table = _verdict_table("Real sets, each good one in turn as reference", "judged by", groups)
    return [table, _set_by_set(sets), _good_sets(judges, cache, progress)]


def _judges(pose: str) -> dict[str, Judge]:
    return {name: Judge(accept_every_movement(assembly.load(name)), pose) for name in MAIN_LIFTS}


def _set_by_set(sets: Sequence[_JudgedSet]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for item in sets:
        flagged = [rep for rep in item.reps if rep.has_alarm]
        named = Counter(rep.named_fault or "no name" for rep in flagged)
        names = ", ".join(f"{name} {count}" for name, count in named.most_common())
        what = (item.fault or "good") + ("" if item.in_view else "; another view")
        rows.append((item.reference, item.clip, what, item.by, len(item.reps), len(flagged), names))
    columns = ("reference", "set", "fault", "judged by", "judged", "alarms", "named")
    return Table(title="Set by set", columns=columns, rows=tuple(rows))


def _good_sets(judges: Mapping[str, Judge], cache: Cache, progress: ReportProgress) -> Table:
    rows: list[tuple[str, int, int]] = []
    for clip in read_real_clips():
        if clip.labelled not in judges or not clip.label:
            continue
        progress(f"judging {clip.path.name}", 0.0)
        reps = [event.rep for event in judges[clip.labelled].judge(cache.observations_of(clip.path))]
        good = [rep for rep in reps if clip.label_of(rep) == "good" and rep.score is not None]
        if len(good) >= LEAST_REPS and not any(clip.label_of(rep) == "bad" for rep in reps):
            rows.append((clip.path.stem, sum(rep.verdict == "anomalous" for rep in good), len(good)))
    rows.append(("all", sum(alarms for _, alarms, _ in rows), sum(reps for *_, reps in rows)))
    return Table(
        title="Good sets, each by itself",
        columns=("set", "good reps flagged"),
        rows=tuple((name, Share(alarms, reps)) for name, alarms, reps in rows),
    )
