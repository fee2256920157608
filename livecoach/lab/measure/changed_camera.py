"""Judges sets by the profile of a day with another camera, and tabulates the counts and messages.

A rep is judged if it has a score and, if it is faulty, its fault could be checked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from livecoach.core.documents import AUTO, PartialRepEvent, SetEndEvent, WarningEvent
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.decisions import assembly
from livecoach.lab.measure.judge_sets import Judge, KnownRep
from livecoach.lab.measure.plain_scorer import PlainScorer
from livecoach.lab.measure.table import Cell, Share, Table
from livecoach.run.coached import steps

COLUMNS = (
    *("counted", "faulty flagged", "alarms", "not judged", "as another exercise"),
    *("plainest scorer: faulty flagged", "plainest scorer: alarms", "said, not of the unchanged set"),
)
Label = Callable[[Sequence[Rep]], Sequence[KnownRep]]
"""Labels the counted reps of a set as good or faulty."""


class ChangedSet(NamedTuple):
    """A set that is filmed by a changed camera, with the true number of its reps."""

    name: str
    exercise: str
    reps: int  # True number
    observations: Sequence[Observation]
    label: Label


class SetOutcome(NamedTuple):
    """The counts and verdicts of livecoach and of the plainest scorer on a set."""

    of: ChangedSet
    others: Counter[str]  # Other exercises that reps were counted as
    counted: int
    judged: Sequence[KnownRep]
    plain: Sequence[tuple[bool, bool]]  # Whether a judged rep is faulty, and whether the plainest scorer flags it
    messages: Counter[str]


class KnownLifter:
    """A lifter with a profile that has learned from a good set."""

    def __init__(self, exercise: str, good: Sequence[Observation], pose: str) -> None:
        """Learn from the observations of a good set of an exercise."""
        judge = Judge(assembly.load(exercise), pose)
        self._known: Sequence[RepWindow] = judge.known_reps(good)
        self._plain = PlainScorer(self._known, judge.scorer.faults.table)
        self._coach, self._pose = assembly.load(AUTO), pose

    def judge_set(self, changed: ChangedSet) -> SetOutcome:
        """Judge a set for which no exercise is named, and return its counts, verdicts and messages."""
        completed, messages, hint = list[RepCompleted](), Counter[str](), None
        for step in steps(self._coach.make_pipeline(self._known, pose=self._pose), changed.observations):
            completed = [*step.remaining(completed), *step.events_of(RepCompleted)]
            messages.update(step_texts(step))
            if step.place.hint is not None and step.place.hint != hint:
                messages[f"hint: {step.place.hint.text}"] += not step.place.hint.done
            hint = step.place.hint
            messages.update(f"part of a rep: {event.partial_rep.reason}" for event in step.events_of(PartialRepEvent))
        windows = {id(event.rep): event.window for event in completed}
        known = [rep for rep in changed.label([event.rep for event in completed]) if rep.rep is not None]
        reasons = [(rep, _reason(rep)) for rep in known]
        messages.update(f"not judged: {reason}" for _, reason in reasons if reason)
        judged = [rep for rep, reason in reasons if rep.score is not None and reason is None]
        plain = [(rep.bad, self._plain.flags(windows[id(rep.rep)])) for rep in judged]
        return SetOutcome(
            of=changed,
            others=Counter(event.rep.exercise for event in completed if event.rep.exercise != changed.exercise),
            counted=len(completed),
            judged=judged,
            plain=[(bad, flagged) for bad, flagged in plain if flagged is not None],
            messages=messages,
        )


def step_texts(step: Step) -> Iterator[str]:
    """Yield the texts of the warnings that begin in a step, and of the notes at the end of a set."""
    yield from (str(event.text) for event in step.events_of(WarningEvent) if event.active)
    for ending in step.events_of(SetEndEvent):
        yield from () if ending.summary is None else map(str, ending.summary.notes)


def _reason(known: KnownRep) -> str | None:
    """Return why a rep, or the fault that it has, was not judged."""
    assert known.rep is not None
    hidden = next((str(fault.reason) for fault in known.rep.not_visible if fault.name == known.fault), None)
    return str(known.rep.unsure) if known.rep.unsure else hidden


Change = tuple[str, str | None]
"""Name of a change of the camera, and its strength with the unit."""


def outcome_tables(title: str, changes: Sequence[tuple[Change, Sequence[SetOutcome]]]) -> list[Table]:
    """Return a table of all sets by change of the camera, and a table of each set by change.

    Args:
        changes: Outcomes of all sets by change; the first change leaves the camera unchanged.
    """
    unchanged = {outcome.of.name: outcome.messages for outcome in changes[0][1]}
    rows, each = list[tuple[Cell, ...]](), list[tuple[Cell, ...]]()
    for change, outcomes in changes:
        rows.append((*change, *_cells(outcomes, unchanged)))
        each += [(*change, outcome.of.name, *_cells([outcome], unchanged)) for outcome in outcomes]
    which = ("change", "strength")
    return [
        Table(title=title, columns=(*which, *COLUMNS), rows=tuple(rows)),
        Table(title="Set by set", columns=(*which, "set", *COLUMNS), rows=tuple(each)),
    ]


def _cells(outcomes: Sequence[SetOutcome], unchanged: Mapping[str, Counter[str]]) -> Iterator[Cell]:
    counted, judged = (sum(counts) for counts in zip(*[(o.counted, len(o.judged)) for o in outcomes], strict=True))
    yield f"{counted} of {sum(outcome.of.reps for outcome in outcomes)}"
    yield from _shares((rep.bad, rep.alarms) for outcome in outcomes for rep in outcome.judged)
    yield counted - judged
    yield _listed(outcome.others for outcome in outcomes)
    yield from _shares(of_rep for outcome in outcomes for of_rep in outcome.plain)
    yield _listed(
        Counter({text: n for text, n in outcome.messages.items() if text not in unchanged[outcome.of.name]})
        for outcome in outcomes
    )


def _shares(reps: Iterable[tuple[bool, bool]]) -> Iterator[Share]:
    """Yield the share of the faulty and that of the good reps that are flagged.

    Args:
        reps: Whether each rep is faulty, and whether it is flagged.
    """
    every = list(reps)
    for wanted in (True, False):
        flags = [flagged for bad, flagged in every if bad == wanted]
        yield Share(sum(flags), len(flags))


def _listed(counts: Iterable[Counter[str]]) -> str | None:
    every = sum(counts, Counter[str]()).most_common()
    return "; ".join(f"{text} ({n})" if n > 1 else text for text, n in every) or None
