"""Renders the report page: the sections of a session in the order in which a coach reads them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from livecoach.assembly import Coach
from livecoach.charts.html import template
from livecoach.curves.rep_curve import CurveBuilder
from livecoach.feedback.rep_picture import ENDS
from livecoach.report import header, overview, priority, sets, visibility, words
from livecoach.report.bar_plot import BarPlot, plot_bar_path
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.report.pictures import ReportPictures
from livecoach.report.plots import EstimatedBarPath, Plot, RepPlots
from livecoach.report.rep_pairs import Comparisons, RepPair
from livecoach.session.stored import Session
from livecoach.types import Fault

MARKER = '<meta name="generator" content="livecoach report">'
"""Line near the top of a page that identifies it as a report."""
TEMPLATE = Path(__file__).with_name("report.html.j2")
LONG = 40
"""Sessions with more reps than this show no curves of good reps beyond the most informative one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """A fault on the card of a rep."""

    what: str
    measured: str
    allowed: str
    when: str
    cue: str
    note: str
    """Why its figure differs from the curve beside it; empty if it does not."""


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
    plots: tuple[Plot, ...]
    way: EstimatedBarPath | None
    bar: BarPlot | None
    """The measured path of the bar; it replaces the estimated one."""
    duo: RepPair | None
    """The rep beside the typical one, if it is anomalous."""
    alone: bool
    """Whether it has a row of the two-column layout to itself."""


@dataclass(frozen=True, kw_only=True)
class PageInput:
    """Everything that a page is rendered from."""

    session: Session
    coach: Coach
    gathered: ReportContent
    pictures: ReportPictures
    damage: Sequence[str]
    """One line for each damaged part of the session."""
    called: Mapping[int, str] = field(init=False)
    """Index of a rep → its display name."""

    def __post_init__(self) -> None:
        count = len(self.gathered.sets)
        reps = (*self.gathered.reps, *self.gathered.not_counted)
        names = {entry.rep.index: words.rep_name(entry, sets=count) for entry in reps}
        object.__setattr__(self, "called", names)


def render_page(making: PageInput) -> str:
    """Return the HTML of a report."""
    table = making.coach.population.table
    gathered = making.gathered
    curves = CurveBuilder(making.coach.population, making.session.about.settings.height_cm)
    drawn = RepPlots(curves, table)
    compared = Comparisons(gathered.reps, drawn, making.pictures, making.called)
    what = priority.find_priority(gathered.reps, table)
    duo = compared.priority_pair(what)
    fault = what.faults[0].at_worst if what.faults else None
    views = [entry.view for entry in gathered.reps if entry.view is not None]
    paces = [one.rep.pace for one in gathered.reps if one.rep.pace is not None]
    content = {
        "top": header.header(making.session, gathered, making.coach.exercise.title),
        "overview": overview.write_overview(what, gathered, table, making.called, _shown_at(making, drawn)),
        "duo": duo,
        "duo_plots": () if duo is None or duo.of is None else drawn.plots(duo.of, 0, fault),
        "sets": [
            sets.set_section(n, reps, table.travel, making.session.events, _verdict_of(making))
            for n, reps in gathered.sets.items()
        ],
        "reps": [
            _rep(entry, making, drawn, compared, alone=alone)
            for entry, alone in zip(gathered.reps, _alone(gathered.reps), strict=True)
        ],
        "all_by_bar": bool(paces) and all(pace.measured_from == "bar" for pace in paces),
        "not_counted": [(words.clock(one.rep.start_s), _not_counted(one, making)) for one in gathered.not_counted],
        "partials": [_partial(making, n) for n in range(len(gathered.partials))],
        "not_judged": visibility.unjudged_reps(gathered.reps, [making.called[one.rep.index] for one in gathered.reps]),
        "hidden": visibility.unchecked_faults(gathered.reps, making.coach.population),
        "warnings": visibility.warnings(making.session.events),
        "camera": visibility.camera_advice(views, table.view_deg),
        "about": header.session_facts(making.session, gathered),
        # Without the folder's path: pages are passed on to other people.
        "damage": list(dict.fromkeys(line.replace(f"{making.session.folder}/", "") for line in making.damage)),
        "ends": ENDS[table.travel],
    }
    return template(TEMPLATE).render(content)


def _verdict_of(making: PageInput) -> Callable[[SessionRep], str]:
    table = making.coach.population.table
    return lambda entry: words.verdict_words(entry, table)


def _alone(reps: Sequence[SessionRep]) -> list[bool]:
    """Return for each rep whether it has a row to itself.

    Good and unsure reps stand two in a row, and anomalous ones take a whole row: an odd rep is left over.
    """
    found: list[bool] = []
    for wide, run in groupby(reps, lambda entry: entry.rep.verdict == "anomalous"):
        count = len(list(run))
        found += [not wide and count % 2 == 1 and n == count - 1 for n in range(count)]
    return found


def _rep(entry: SessionRep, making: PageInput, drawn: RepPlots, compared: Comparisons, *, alone: bool) -> RepEntry:
    rep, table = entry.rep, making.coach.population.table
    good = rep.verdict == "good"
    judged = rep.score is not None
    short = good and len(making.gathered.reps) > LONG
    way = drawn.bar_path(entry) if judged and not short else None
    # For good reps, the bar path replaces the curve of its height and all others.
    count = 0 if short or (good and way is not None) else 1 if good else 3
    return RepEntry(
        index=rep.index,
        title=words.capital(making.called[rep.index]),
        at=words.clock(rep.start_s),
        mark=words.MARK[rep.verdict],
        word=words.verdict_words(entry, table),
        faults=tuple(_fault(fault, entry, making, drawn) for fault in rep.faults),
        why=words.score_reason(entry),
        judged=words.reference_words(entry),
        plots=drawn.plots(entry, count) if judged else (),
        way=way,
        bar=None if short or not judged or rep.bar_path_cm is None else plot_bar_path(rep.bar_path_cm),
        duo=compared.beside_typical(entry) if rep.verdict == "anomalous" else None,
        alone=alone,
    )


def _fault(fault: Fault, entry: SessionRep, making: PageInput, drawn: RepPlots) -> FaultEntry:
    table = making.coach.population.table
    # The pictures and curves of a rep show its primary fault only.
    then, note = _shown_at(making, drawn)(entry, fault) if fault is entry.rep.faults[0] else (None, "")
    return FaultEntry(
        what=words.capital(words.fault_words(fault, table)),
        measured=words.measurement_words(fault),
        allowed=words.deviation_words(fault),
        when=words.phase_words(fault, then),
        cue=words.correction(fault, table),
        note=note,
    )


def _shown_at(making: PageInput, drawn: RepPlots) -> Callable[[SessionRep, Fault | None], tuple[KeyMoment | None, str]]:
    """Return a function from a rep and a fault to the moment that is shown, and a note on differing figures."""

    def found(entry: SessionRep, fault: Fault | None) -> tuple[KeyMoment | None, str]:
        note = "" if fault is None else words.estimate_note(fault, drawn.value(entry, fault), making.coach.population)
        return drawn.moment(entry, fault), note

    return found


def _not_counted(entry: SessionRep, making: PageInput) -> str:
    """Name a rep that was corrected to "no rep", with its original verdict."""
    return f"{making.called[entry.rep.index]}: {words.verdict_words(entry, making.coach.population.table)}"


def _partial(making: PageInput, n: int) -> tuple[str, str]:
    """Return when a partial rep began, and how it ended."""
    partial = making.gathered.partials[n]
    table = making.coach.population.table
    faults = "; ".join(
        ": ".join(filter(None, (words.fault_words(fault, table), words.measurement_words(fault))))
        for fault in partial.faults
    )
    return words.clock(partial.start_s), f"{words.PARTIAL[partial.reason]}{' – ' + faults if faults else ''}"
