"""The part of a report about one exercise: what to fix first, its sets, all its reps, and what was not visible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from livecoach.assembly import Coach
from livecoach.curves import CurveBuilder, rep_parts
from livecoach.language.units import clock
from livecoach.plot import Figure
from livecoach.rep.measures import FaultTable
from livecoach.report import sets, visibility, words
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.pictures import ReportPictures
from livecoach.report.plots import RepPlots
from livecoach.report.rep_pairs import Comparisons, RepPair
from livecoach.report.sets import load_facts
from livecoach.session.stored import Session
from livecoach.types import Fault
from livecoach.types.callbacks import ignore
from livecoach.types.message import Message, capital, joined

LONG = 40
"""With more reps than this, good reps show only the most informative curve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """A fault on the card of a rep."""

    what: str
    measured: str
    allowed: str
    when: str
    cue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEntry:
    """The card of a rep."""

    index: int
    title: str
    at: str
    mark: str
    word: str
    faults: tuple[FaultEntry, ...]
    why: str
    judged: str
    plots: tuple[Figure, ...]
    """Its curves, and the path of the bar: the measured one, if there is one."""
    duo: RepPair | None
    """The rep beside the typical one, if it is anomalous."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExercisePart:
    """Everything that the page shows of one exercise."""

    name: str
    title: str
    line: str
    """How many reps and sets."""
    counts: tuple[int, int, int]
    """Numbers of good, anomalous and unsure reps."""
    overview: words.Overview
    headline: str
    """The headline of the overview; a cue in quotation marks."""
    duo: RepPair | None
    duo_plots: tuple[Figure, ...]
    sets: tuple[sets.SetSection, ...]
    several_sets: bool
    """Whether the session has several sets, so that each is named by its number."""
    loads: tuple[str, ...]
    """Facts about the loads, one per line; empty if no load is known."""
    reps: tuple[RepEntry, ...]
    all_by_bar: bool
    """Whether the speed of every rep was measured on the bar."""
    not_counted: tuple[tuple[str, str, int], ...]
    """Time, verdict and index of each rep that was corrected to "no rep"."""
    partials: tuple[tuple[str, str], ...]
    not_judged: tuple[visibility.UnjudgedReps, ...]
    hidden: tuple[visibility.UncheckedFaults, ...]
    camera: visibility.CameraAdvice


@dataclass(frozen=True, kw_only=True)
class ReportInput:
    """Everything that a report is made from."""

    session: Session
    coaches: Mapping[str, Coach]
    """Name of an exercise of the session → its coach, in the order of the exercises."""
    content: ReportContent
    pictures: ReportPictures
    damage: Sequence[str]
    """One line for each damaged part of the session."""
    rep_done: Callable[[], object] = ignore
    """Called after each rep, which takes the most time."""

    @cached_property
    def rep_names(self) -> Mapping[int, str]:
        """Index of a rep → its display name."""
        return {entry.rep.index: words.rep_name(entry) for entry in (*self.content.reps, *self.content.not_counted)}


@dataclass(frozen=True)
class _PartInput:
    """Everything that the part of one exercise is made from."""

    report: ReportInput
    coach: Coach
    content: ReportContent
    """The content of this exercise alone."""

    @property
    def rep_names(self) -> Mapping[int, str]:
        """Index of a rep → its display name."""
        return self.report.rep_names

    @property
    def table(self) -> FaultTable:
        """The faults of the exercise."""
        return self.coach.scorer.faults.table


def exercise_part(report: ReportInput, name: str) -> ExercisePart:
    """Return the part of an exercise of the session."""
    part = _PartInput(report, report.coaches[name], report.content.of(name))
    table, content, logs = part.table, part.content, report.session.set_logs
    parts = rep_parts(table.travel, part.coach.exercise.turn)
    drawn = RepPlots(CurveBuilder(table, report.session.about.settings.height_cm), table, parts)
    compared = Comparisons(content.attempts, drawn, report.pictures, report.rep_names)
    what = words.find_priority(content.attempts, table)
    duo = compared.priority_pair(what)
    fault = what.faults[0].at_worst if what.faults else None
    paces = [one.rep.pace for one in content.reps if one.rep.pace is not None]
    summary = words.write_overview(what, content, table, part.rep_names, drawn.moment)
    verdicts = [entry.rep.verdict for entry in content.reps]
    return ExercisePart(
        name=part.coach.exercise.name,
        title=part.coach.exercise.title,
        line=words.rep_and_set_counts(len(content.reps), len(content.sets)),
        counts=(verdicts.count("good"), verdicts.count("anomalous"), verdicts.count("unsure")),
        overview=summary,
        headline=Message("“{text}”", text=summary.headline) if summary.kind == "fault" else summary.headline,
        duo=duo,
        duo_plots=() if duo is None or duo.of is None else drawn.plots(duo.of, 0, duo.first.mark, fault),
        sets=tuple(
            sets.set_section(
                n,
                reps,
                table.travel,
                report.session.events,
                lambda entry: words.verdict_words(entry, table),
                logs.get(n),
            )
            for n, reps in content.sets.items()
        ),
        several_sets=len(report.content.sets) > 1,
        loads=load_facts(content.sets, logs, part.coach.exercise.speed_of_max_m_s, report.session.started.date()),
        reps=tuple(_rep_of_part(entry, part, drawn, compared) for entry in content.reps),
        all_by_bar=bool(paces) and all(pace.measured_from == "bar" for pace in paces),
        not_counted=tuple(
            (clock(one.rep.start_s), _not_counted(one, part), one.rep.index) for one in content.not_counted
        ),
        partials=tuple(words.partial_words(one, table) for one in content.partials),
        not_judged=visibility.unjudged_reps(content.reps, [part.rep_names[one.rep.index] for one in content.reps]),
        hidden=visibility.unchecked_faults(content.reps, part.coach.scorer.faults),
        camera=visibility.camera_advice([entry.view for entry in content.reps if entry.view is not None], table),
    )


def _rep_of_part(entry: SessionRep, part: _PartInput, drawn: RepPlots, compared: Comparisons) -> RepEntry:
    card = _rep(entry, part, drawn, compared)
    part.report.rep_done()
    return card


def _rep(entry: SessionRep, part: _PartInput, drawn: RepPlots, compared: Comparisons) -> RepEntry:
    rep = entry.rep
    return RepEntry(
        index=rep.index,
        title=capital(part.rep_names[rep.index]),
        at=clock(rep.start_s),
        mark=words.MARK[rep.verdict],
        word=words.verdict_words(entry, part.table),
        faults=tuple(_fault(fault, entry, part, drawn) for fault in rep.faults),
        why=words.score_reason(entry),
        judged=words.reference_words(entry),
        plots=drawn.of_rep(entry, words.MARK[rep.verdict], short=len(part.content.reps) > LONG),
        duo=compared.beside_typical(entry) if rep.verdict == "anomalous" else None,
    )


def _fault(fault: Fault, entry: SessionRep, part: _PartInput, drawn: RepPlots) -> FaultEntry:
    # The pictures and curves of a rep show its primary fault only.
    then = drawn.moment(entry, fault) if fault is entry.rep.faults[0] else None
    return FaultEntry(
        what=capital(words.fault_words(fault, part.table)),
        measured=words.measurement_words(fault),
        allowed=words.deviation_words(fault),
        when=words.phase_words(fault, then),
        cue=words.correction(fault, part.table),
    )


def _not_counted(entry: SessionRep, part: _PartInput) -> str:
    """Name a rep that was corrected to "no rep", with its original verdict."""
    return joined(": ", part.rep_names[entry.rep.index], words.verdict_words(entry, part.table))
