"""The page: what is shown of a session, in the order in which a coach wants to see it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from livecoach.assembly import Coach
from livecoach.curves.rep_curve import Curves
from livecoach.feedback.rep_picture import ENDS
from livecoach.report import header, overview, priority, sets, visibility, words
from livecoach.report.bar_plot import BarPlot, plot_bar_path
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.key_moment import KeyMoment
from livecoach.report.pictures import ReportPictures
from livecoach.report.plots import BarPath, Plot, RepPlots
from livecoach.report.rep_pairs import Comparisons, RepPair
from livecoach.session.stored import Session
from livecoach.types import Fault

MARKER = '<meta name="generator" content="livecoach report">'
"""By which a page is known to be a report, in its first lines."""
TEMPLATE = "report.html.j2"
LONG = 40
"""Reps from which on a session is long: good reps then have one curve each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultEntry:
    """A fault of a rep."""

    what: str
    measured: str
    allowed: str
    when: str
    cue: str
    note: str
    """Why its figure is another than the curve's beside it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepEntry:
    """A rep."""

    index: int
    title: str
    at: str
    mark: str
    word: str
    faults: tuple[FaultEntry, ...]
    why: str
    judged: str
    plots: tuple[Plot, ...]
    way: BarPath | None
    bar: BarPlot | None
    """As it was measured; it takes the place of the estimated way."""
    duo: RepPair | None
    """With the typical one, where it is not good."""
    alone: bool
    """None of its kind is left to stand beside it before a wide one: it has the width to itself."""


@dataclass(frozen=True, kw_only=True)
class PageInput:
    """What a page is made from."""

    session: Session
    coach: Coach
    gathered: ReportContent
    pictures: ReportPictures
    damage: Sequence[str]
    """Lines about what is damaged."""
    called: Mapping[int, str] = field(init=False)
    """Index of a rep → what it is called."""

    def __post_init__(self) -> None:
        count = len(self.gathered.sets)
        reps = (*self.gathered.reps, *self.gathered.not_counted)
        names = {lifted.rep.index: words.rep_name(lifted, sets=count) for lifted in reps}
        object.__setattr__(self, "called", names)


def render_page(making: PageInput) -> str:
    """The HTML."""
    table = making.coach.population.table
    gathered = making.gathered
    curves = Curves(making.coach.population, making.session.about.settings.height_cm)
    drawn = RepPlots(curves, table)
    compared = Comparisons(gathered.reps, drawn, making.pictures, making.called)
    what = priority.find_priority(gathered.reps, table)
    duo = compared.shown_first(what)
    fault = what.faults[0].at_worst if what.faults else None
    views = [lifted.view for lifted in gathered.reps if lifted.view is not None]
    paces = [one.rep.pace for one in gathered.reps if one.rep.pace is not None]
    content = {
        "top": header.header(making.session, gathered, making.coach.exercise.title),
        "told": overview.write_overview(what, gathered, table, making.called, _shown_at(making, drawn)),
        "duo": duo,
        "duo_plots": () if duo is None or duo.of is None else drawn.plots(duo.of, 0, fault),
        "sets": [
            sets.set_section(n, reps, table.travel, making.session.events, _verdict_of(making))
            for n, reps in gathered.sets.items()
        ],
        "reps": [
            _rep(lifted, making, drawn, compared, alone=alone)
            for lifted, alone in zip(gathered.reps, _alone(gathered.reps), strict=True)
        ],
        "all_by_bar": bool(paces) and all(pace.measured_from == "bar" for pace in paces),
        "not_counted": [(words.clock(one.rep.start_s), _not_counted(one, making)) for one in gathered.not_counted],
        "partials": [_partial(making, n) for n in range(len(gathered.partials))],
        "not_judged": visibility.unjudged_reps(gathered.reps, [making.called[one.rep.index] for one in gathered.reps]),
        "hidden": visibility.unchecked_faults(gathered.reps, making.coach.population),
        "warnings": visibility.warnings(making.session.events),
        "camera": visibility.camera_advice(views, table.view_deg),
        "about": header.session_facts(making.session, gathered),
        # Without where it lies: a page is passed on.
        "damage": list(dict.fromkeys(line.replace(f"{making.session.folder}/", "") for line in making.damage)),
        "ends": ENDS[table.travel],
    }
    return _environment().get_template(TEMPLATE).render(content)


def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _verdict_of(making: PageInput) -> Callable[[SessionRep], str]:
    table = making.coach.population.table
    return lambda lifted: words.verdict_words(lifted, table)


def _alone(reps: Sequence[SessionRep]) -> list[bool]:
    """Of each rep whether it is left over where reps stand two by two, but for those to look at, which are wide."""
    found: list[bool] = []
    for wide, run in groupby(reps, lambda lifted: lifted.rep.verdict == "anomalous"):
        count = len(list(run))
        found += [not wide and count % 2 == 1 and n == count - 1 for n in range(count)]
    return found


def _rep(lifted: SessionRep, making: PageInput, drawn: RepPlots, compared: Comparisons, *, alone: bool) -> RepEntry:
    rep, table = lifted.rep, making.coach.population.table
    good = rep.verdict == "good"
    judged = rep.score is not None
    short = good and len(making.gathered.reps) > LONG
    way = drawn.way(lifted) if judged and not short else None
    # Of good reps the way of the bar stands for its height, and for all else.
    count = 0 if short or (good and way is not None) else 1 if good else 3
    return RepEntry(
        index=rep.index,
        title=words.capital(making.called[rep.index]),
        at=words.clock(rep.start_s),
        mark=words.MARK[rep.verdict],
        word=words.verdict_words(lifted, table),
        faults=tuple(_fault(fault, lifted, making, drawn) for fault in rep.faults),
        why=words.score_reason(lifted),
        judged=words.reference_words(lifted),
        plots=drawn.plots(lifted, count) if judged else (),
        way=way,
        bar=None if short or not judged or rep.bar_path_cm is None else plot_bar_path(rep.bar_path_cm),
        duo=compared.beside_typical(lifted) if rep.verdict == "anomalous" else None,
        alone=alone,
    )


def _fault(fault: Fault, lifted: SessionRep, making: PageInput, drawn: RepPlots) -> FaultEntry:
    table = making.coach.population.table
    # Pictures and curves of a rep are of the fault that it is told for.
    then, note = _shown_at(making, drawn)(lifted, fault) if fault is lifted.rep.faults[0] else (None, "")
    return FaultEntry(
        what=words.capital(words.fault_words(fault, table)),
        measured=words.measurement_words(fault),
        allowed=words.deviation_words(fault),
        when=words.phase_words(fault, then),
        cue=words.correction(fault, table),
        note=note,
    )


def _shown_at(making: PageInput, drawn: RepPlots) -> Callable[[SessionRep, Fault | None], tuple[KeyMoment | None, str]]:
    """Rep and fault → the moment that is shown of it, and why its figure is another than its curve's."""

    def found(lifted: SessionRep, fault: Fault | None) -> tuple[KeyMoment | None, str]:
        note = "" if fault is None else words.estimate_note(fault, drawn.value(lifted, fault), making.coach.population)
        return drawn.moment(lifted, fault), note

    return found


def _not_counted(lifted: SessionRep, making: PageInput) -> str:
    """A rep that was none, somebody says: what it is called, and how it was judged."""
    return f"{making.called[lifted.rep.index]}: {words.verdict_words(lifted, making.coach.population.table)}"


def _partial(making: PageInput, n: int) -> tuple[str, str]:
    """When it was begun, and what became of it."""
    partial = making.gathered.partials[n]
    table = making.coach.population.table
    faults = "; ".join(
        f"{words.fault_words(fault, table)}{': ' + words.measurement_words(fault) if words.measurement_words(fault) else ''}"
        for fault in partial.faults
    )
    return words.clock(partial.start_s), f"{words.PARTIAL[partial.reason]}{' – ' + faults if faults else ''}"
