"""Measures whether verdicts hold when the camera has changed since the day of the lifter's reference reps.

A rep is judged if it has a score and, if it is faulty, its fault could be checked. For comparison, the plainest scorer
judges the same reps: the distance from the mean of the lifter's own good reps.

`measure_moves` renders lifters of judging or training bodies. A lifter does seven good reps, which become the
reference. On another day, the same lifter does five good reps, and then good and faulty reps in random order. That day,
the camera stands in the same place or elsewhere. Deadlift and squat alternate. The camera shows every fault that is
drawn (cache.is_visible_from).
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import NamedTuple

import numpy as np

from livecoach.core.documents import AUTO, PartialRepEvent, SetEndEvent, WarningEvent
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Observation, RepWindow
from livecoach.decisions import assembly
from livecoach.decisions.rep.measured import MeasuredRep, latest_mirroring, prepare_own_reps
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.view_normalised import align_heading
from livecoach.lab.measure.cache import MAIN_LIFTS, Cache, is_visible_from, settings_without_frame_loss
from livecoach.lab.measure.judge_sets import Judge, KnownRep, known_reps
from livecoach.lab.measure.table import Cell, Share, Table
from livecoach.lab.processes import ReportProgress
from livecoach.lab.synth.motion.lifts import FAULTS
from livecoach.lab.synth.motion.tokens import GOOD, Token
from livecoach.lab.synth.synthetic_camera import VirtualCamera
from livecoach.lab.synth.synthetic_set import SetSettings, make_set
from livecoach.lab.synth.synthetic_sets import BodyGroup
from livecoach.lab.synthetic import mix_reps, variant_texts
from livecoach.run.coached import replay

LIMIT = 2.3
"""Distance above which a rep is flagged, as a multiple of the typical distance of the lifter's own reps from their
mean. Chosen on real sets (2026-11-26)."""


class PlainScorer:
    """A scorer without a model, which flags reps that are far from the mean trajectory of the lifter's own reps."""

    def __init__(self, known: Sequence[RepWindow], table: FaultTable) -> None:
        """Learn from the lifter's good reps; reps that are not visible enough are left out."""
        self._own, self._table = prepare_own_reps(known, table), table
        self._points = np.nan_to_num([rep.trajectory for rep in self._own])

    @cached_property
    def _width(self) -> float:
        points, count = self._points, len(self._points)
        squares = [_distance(rep, np.delete(points, i, 0).mean(0)) ** 2 for i, rep in enumerate(points)]
        # A rep is farther from the mean of the other reps than from the mean of as many reps as there are.
        return float(np.sqrt(np.mean(squares) * (1 + 1 / count) / (1 + 1 / (count - 1))))

    def is_flagged(self, window: RepWindow | None) -> bool | None:
        """Return whether a rep is over LIMIT times the typical distance from the mean.

        The result is None with fewer than two own reps, without a window or its view, or if the rep is hardly visible.
        """
        if window is None or window.view is None or len(self._own) < 2:
            return None
        rep = MeasuredRep(window, self._table, mirrored=latest_mirroring(self._own, window.view.azimuth_deg))
        if rep.normalised_rep is None:
            return None
        return _distance(np.nan_to_num(rep.trajectory), self._points.mean(0)) > LIMIT * self._width


def _distance(points: np.ndarray, mean: np.ndarray) -> float:
    """Return the root mean square distance from the mean, in torso lengths, after turning about the vertical."""
    return float(np.sqrt(np.mean((align_heading(points, mean) - mean) ** 2)))


COLUMNS = (
    *("counted", "judged", "faulty flagged", "alarms", "as another exercise"),
    *("plainest scorer: faulty flagged", "plainest scorer: alarms"),
    *("sets with a message by the second rep", "said, not of the unchanged set"),
)
EARLY = 2  # Most completed reps at a step whose messages come in time: the third rep is not yet complete
RepLabeller = Callable[[Sequence[RepCompleted]], Iterable[KnownRep]]
"""A function that labels the counted reps of a set as good or faulty, and adds labelled reps that were not counted."""


class SetToJudge(NamedTuple):
    """A set to judge, perhaps with a disturbance or a moved camera, and with the true number of its reps."""

    name: str
    exercise: str
    reps: int  # True number of reps
    observations: Sequence[Observation]
    label: RepLabeller


class SetOutcome(NamedTuple):
    """The counts and verdicts of livecoach on a set, and the verdicts of `PlainScorer`."""

    filmed_set: SetToJudge
    other_exercises: Counter[str]  # Other exercises that reps were counted as
    counted: int  # Number of counted reps
    labelled: int  # Number of reps that are known to be good or faulty
    judged: Sequence[KnownRep]  # Labelled reps that livecoach could judge
    plain: Sequence[tuple[bool, bool]]  # Whether a judged rep is faulty, and whether the plainest scorer flags it
    messages: Counter[str]  # Texts of warnings, notes, hints, and reasons for partial and for unjudged reps
    early: set[str]  # Texts of the messages that came before the third completed rep


class KnownLifter:
    """A lifter with a good set as reference, by which further sets of the lifter are judged."""

    def __init__(self, exercise: str, good: Sequence[Observation], pose: str) -> None:
        """Make the reference from the observations of a good set of an exercise."""
        judge = Judge(assembly.load(exercise), pose)
        self._known: Sequence[RepWindow] = judge.reference_windows(good)
        self._plain = PlainScorer(self._known, judge.scorer.faults.table)
        self._coach, self._pose = assembly.load(AUTO), pose

    def judge_set(self, filmed_set: SetToJudge) -> SetOutcome:
        """Judge a set by the lifter's reference, without naming its exercise; return counts, verdicts and messages."""
        completed, messages, early, hint = list[RepCompleted](), Counter[str](), set[str](), None
        for step in replay(self._coach.make_pipeline(self._known, pose=self._pose), filmed_set.observations):
            completed = [*step.drop_withdrawn(completed), *step.events_of(RepCompleted)]
            messages.update(warning_and_note_texts(step))
            if step.place.hint is not None and step.place.hint != hint:
                messages[f"hint: {step.place.hint.text}"] += not step.place.hint.done
            hint = step.place.hint
            messages.update(f"part of a rep: {event.partial_rep.reason}" for event in step.events_of(PartialRepEvent))
            early.update(messages if len(completed) <= EARLY else ())
        known = list(filmed_set.label(completed))
        reasons = [(rep, _reason(rep)) for rep in known if rep.rep is not None]
        unjudged = [f"not judged: {reason}" if reason else "" for _, reason in reasons]
        messages.update(filter(None, unjudged))
        early.update(filter(None, unjudged[:EARLY]))
        judged = [rep for rep, reason in reasons if rep.score is not None and reason is None]
        plain = [(rep.is_bad, self._plain.is_flagged(rep.window)) for rep in judged]
        return SetOutcome(
            filmed_set=filmed_set,
            other_exercises=Counter(
                event.rep.exercise for event in completed if event.rep.exercise != filmed_set.exercise
            ),
            counted=len(completed),
            labelled=len(known),
            judged=judged,
            plain=[(bad, flagged) for bad, flagged in plain if flagged is not None],
            messages=messages,
            early=early,
        )


def warning_and_note_texts(step: Step) -> Iterator[str]:
    """Yield the texts of the warnings that begin in a step, and of the notes at the end of a set."""
    yield from (str(event.text) for event in step.events_of(WarningEvent) if event.active)
    for ending in step.events_of(SetEndEvent):
        yield from () if ending.summary is None else map(str, ending.summary.notes)


def _reason(known: KnownRep) -> str | None:
    """Return why a rep, or the fault that the rep has, was not judged; None if both were judged."""
    assert known.rep is not None
    hidden = next((str(fault.reason) for fault in known.rep.not_visible if fault.name == known.fault), None)
    return str(known.rep.unsure) if known.rep.unsure else hidden


NamedChange = tuple[str, str | None]
"""Name of a change of the camera or the film, and its strength with the unit; None without a strength."""


def outcome_tables(title: str, changes: Sequence[tuple[NamedChange, Sequence[SetOutcome]]]) -> list[Table]:
    """Return a table with a row for each change, and a table with a row for each set and change.

    Args:
        changes: Outcomes of all sets by change. The first item is of the unchanged sets.
    """
    unchanged = {outcome.filmed_set.name: {_pattern(text) for text in outcome.messages} for outcome in changes[0][1]}
    rows, each = list[tuple[Cell, ...]](), list[tuple[Cell, ...]]()
    for change, outcomes in changes:
        rows.append((*change, *_cells(outcomes, unchanged)))
        each += [(*change, outcome.filmed_set.name, *_cells([outcome], unchanged)) for outcome in outcomes]
    which = ("change", "strength")
    return [
        Table(title=title, columns=(*which, *COLUMNS), rows=tuple(rows)),
        Table(title="Set by set", columns=(*which, "set", *COLUMNS), rows=tuple(each)),
    ]


def _cells(outcomes: Sequence[SetOutcome], unchanged: Mapping[str, set[str]]) -> Iterator[Cell]:
    new = [[text for text in of.messages if _pattern(text) not in unchanged[of.filmed_set.name]] for of in outcomes]
    yield f"{sum(outcome.counted for outcome in outcomes)} of {sum(outcome.filmed_set.reps for outcome in outcomes)}"
    yield Share(sum(len(outcome.judged) for outcome in outcomes), sum(outcome.labelled for outcome in outcomes))
    yield from _shares((rep.is_bad, rep.has_alarm) for outcome in outcomes for rep in outcome.judged)
    yield _listed(outcome.other_exercises for outcome in outcomes)
    yield from _shares(of_rep for outcome in outcomes for of_rep in outcome.plain)
    yield Share(sum(bool(of.early.intersection(texts)) for of, texts in zip(outcomes, new, strict=True)), len(outcomes))
    yield _listed(Counter({text: of.messages[text] for text in texts}) for of, texts in zip(outcomes, new, strict=True))


def _pattern(text: str) -> str:
    """Return a text without its numbers, which differ from set to set."""
    return re.sub(r"\d+", "", text)


def _shares(reps: Iterable[tuple[bool, bool]]) -> Iterator[Share]:
    """Yield the flagged share of the faulty reps, and of the good reps; a rep is (faulty, flagged)."""
    every = list(reps)
    for wanted in (True, False):
        flags = [flagged for bad, flagged in every if bad == wanted]
        yield Share(sum(flags), len(flags))


def _listed(counts: Iterable[Counter[str]]) -> str | None:
    every = sum(counts, Counter[str]()).most_common()
    return "; ".join(f"{text} ({n})" if n > 1 else text for text, n in every) or None


KNOWN, FIRST, FAULTY, AMONG = 7, 5, 4, 2
"""Numbers of reps: good reps of the reference; good reps at the start of the other day; then faulty and good reps."""
KNOBS = (0.8, 1.0)  # Least and greatest strength of a fault; 1 is its strongest form
VIEW_DEG = (35.0, 85.0)  # Least and greatest azimuth, on either side
HEIGHT_M = (0.55, 1.2)  # Heights from which a camera can be lowered by 40 cm
DISTANCE_M, FOV_DEG = 3.2, 52.0
MOVES: dict[str, tuple[tuple[float, ...], str, Callable[[VirtualCamera, float], VirtualCamera]]] = {
    "in place": ((0,), "", lambda camera, _: camera),
    "turned": ((15, -15), "°", lambda camera, deg: replace(camera, azimuth_deg=camera.azimuth_deg + deg)),
    "raised": ((40, -40), " cm", lambda camera, cm: replace(camera, height_m=camera.height_m + cm / 100)),
    "farther": ((2,), " times", lambda camera, times: replace(camera, distance_m=times * camera.distance_m)),
}
"""Name → strengths, their unit, and the function that moves a camera by a strength."""


class RenderedLifter(NamedTuple):
    """A lifter with the settings of two sets: the set that becomes the reference, and a later set."""

    name: str  # Start of the names of the sets in the cache
    exercise: str
    known: SetSettings  # Settings of the set that becomes the reference
    later: SetSettings  # Settings of the set of another day, filmed by the unmoved camera


def draw_rendered_lifter(bodies: BodyGroup, seed: int, number: int) -> RenderedLifter:
    """Choose a lifter at random, with the settings of the reference set and of the later set.

    Args:
        number: Index of the lifter, from 0, on which the exercise depends.
    """
    rng = np.random.default_rng((seed, number, 17))
    exercise, view_deg = MAIN_LIFTS[number % len(MAIN_LIFTS)], float(rng.uniform(*VIEW_DEG))
    ways = variant_texts(exercise, [fault for fault in FAULTS[exercise] if is_visible_from(exercise, fault, view_deg)])
    later = (GOOD,) * FIRST + mix_reps(rng, exercise, rng.choice(ways, FAULTY, replace=False), AMONG, KNOBS)
    view_deg, height_m = view_deg * float(rng.choice((-1, 1))), float(rng.uniform(*HEIGHT_M))
    set_up_anew = float(rng.normal(0, 2)), float(rng.normal(0, 0.03))

    def settings(tokens: tuple[Token, ...], by_deg: float, by_m: float) -> SetSettings:
        drawn = settings_without_frame_loss([seed, number, 17], exercise, tokens, view_deg, bodies)
        camera = replace(
            drawn.camera,
            azimuth_deg=view_deg + by_deg,
            height_m=height_m + by_m,
            distance_m=DISTANCE_M,
            fov_deg=FOV_DEG,
            roll_deg=0.0,
            target=(0.0, 0.0, 0.9),
            shake=(),
        )
        return replace(drawn, camera=camera, bar=True)

    name = f"moved_{bodies}_{seed}_{number:03d}"
    return RenderedLifter(name, exercise, settings((GOOD,) * KNOWN, 0.0, 0.0), settings(later, *set_up_anew))


def measure_moves(bodies: BodyGroup, seed: int, lifters: int, cache: Cache, progress: ReportProgress) -> list[Table]:
    """Judge a later set of each rendered lifter, filmed by moved cameras; return tables by move, and by move and set.

    Raises ConfigError if this machine can't draw a set that the cache lacks, and SourceError if a truth can't be read.
    """
    changes: dict[NamedChange, list[SetOutcome]] = {}
    for number in range(lifters):
        drawn = draw_rendered_lifter(bodies, seed, number)
        known = cache.load_or_render(f"{drawn.name}_known", partial(make_set, drawn.known), bar=True)
        lifter = KnownLifter(drawn.exercise, known.observations, "lite")
        for name, (strengths, unit, move) in MOVES.items():
            for strength in strengths:
                progress(f"{drawn.exercise}, camera {name}", number / lifters)
                later = replace(drawn.later, camera=move(drawn.later.camera, strength))
                place = f"{name.replace(' ', '_')}_{strength:g}"
                seen = cache.load_or_render(f"{drawn.name}_{place}", partial(make_set, later), bar=True)
                label = partial(known_reps, drawn.exercise, drawn.later.camera.azimuth_deg, seen.truth.reps)
                filmed_set = SetToJudge(drawn.name, drawn.exercise, len(seen.truth.reps), seen.observations, label)
                change = name, f"{strength:g}{unit}" if strength else None
                changes.setdefault(change, []).append(lifter.judge_set(filmed_set))
    title = f"Moved camera, {lifters} rendered lifters, {bodies} bodies, seed {seed}, pose lite"
    return outcome_tables(title, list(changes.items()))
