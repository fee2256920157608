"""The part of a report about one exercise: what to fix first, its sets, all its reps, and what was not visible."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from livecoach.assembly import Coach
from livecoach.feedback.two_reps import Comparer
from livecoach.language import clock
from livecoach.rep.measures import FaultTable
from livecoach.report import visibility, words
from livecoach.report.content import ReportContent, SessionRep
from livecoach.report.pictures import ReportPictures
from livecoach.report.plots import plots, plots_of_rep
from livecoach.report.rep_pairs import Comparisons
from livecoach.report.sets import load_facts, set_section
from livecoach.session.stored import Session
from livecoach.types import Fault
from livecoach.types.callbacks import ignore
from livecoach.types.message import Message, capital, joined

LONG = 40
"""With more reps than this, good reps show only the most informative curve."""


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


def exercise_part(report: ReportInput, name: str) -> dict[str, Any]:
    """Return what the template shows of an exercise of the session."""
    coach, content = report.coaches[name], report.content.of(name)
    logs, model, table = report.session.set_logs, coach.scorer.faults, coach.scorer.faults.table
    comparer = Comparer(table, coach.exercise.turn, report.session.about.settings.height_cm)
    compared = Comparisons(content.attempts, comparer, report.pictures)
    what = words.find_priority(content.attempts, table)
    duo = compared.priority_pair(what)
    fault = what.faults[0].at_worst if what.faults else None
    paces = [one.rep.pace for one in content.reps if one.rep.pace is not None]
    summary = words.write_overview(what, content, table, comparer.moment)
    verdicts = [entry.rep.verdict for entry in content.reps]

    def verdict(entry: SessionRep) -> str:
        return words.verdict_words(entry, table)

    def rep(entry: SessionRep) -> dict[str, Any]:
        card = _rep(entry, table, comparer, short=len(content.reps) > LONG)
        card["duo"] = compared.beside_typical(entry) if entry.rep.verdict == "anomalous" else None
        report.rep_done()
        return card

    return {
        "name": coach.exercise.name,
        "title": coach.exercise.title,
        "line": words.rep_and_set_counts(len(content.reps), len(content.sets)),
        "counts": (verdicts.count("good"), verdicts.count("anomalous"), verdicts.count("unsure")),
        "overview": summary,
        "headline": Message("“{text}”", text=summary.headline) if summary.kind == "fault" else summary.headline,
        "duo": duo,
        "duo_plots": () if duo is None or duo.of is None else plots(comparer, duo.of, 0, duo.first.mark, fault),
        "sets": [
            set_section(n, reps, table.travel, report.session.events, verdict, logs.get(n))
            for n, reps in content.sets.items()
        ],
        "several_sets": len(report.content.sets) > 1,  # so that each is named by its number
        "loads": load_facts(content.sets, logs, coach.exercise.speed_of_max_m_s, report.session.started.date()),
        "reps": [rep(entry) for entry in content.reps],
        "all_by_bar": bool(paces) and all(pace.measured_from == "bar" for pace in paces),
        "not_counted": [
            (clock(one.rep.start_s), joined(": ", words.rep_name(one), verdict(one)), one.rep.index)
            for one in content.not_counted
        ],
        "partials": [words.partial_words(one, table) for one in content.partials],
        "not_judged": visibility.unjudged_reps(content.reps),
        "hidden": visibility.unchecked_faults(content.reps, model),
        "camera": visibility.camera_advice([entry.view for entry in content.reps if entry.view is not None], table),
    }


def _rep(entry: SessionRep, table: FaultTable, comparer: Comparer, *, short: bool) -> dict[str, Any]:
    """Return what the card of a rep shows."""
    rep, mark = entry.rep, words.MARK[entry.rep.verdict]
    return {
        "index": rep.index,
        "title": capital(words.rep_name(entry)),
        "at": clock(rep.start_s),
        "mark": mark,
        "word": words.verdict_words(entry, table),
        "faults": [_fault(fault, entry, table, comparer) for fault in rep.faults],
        "why": words.score_reason(entry),
        "judged": words.reference_words(entry),
        "plots": plots_of_rep(comparer, entry, mark, short=short),
    }


def _fault(fault: Fault, entry: SessionRep, table: FaultTable, comparer: Comparer) -> dict[str, str]:
    # The pictures and curves of a rep show its primary fault only.
    then = comparer.moment(entry, fault) if fault is entry.rep.faults[0] else None
    return {
        "what": capital(words.fault_words(fault, table)),
        "measured": words.measurement_words(fault),
        "allowed": words.deviation_words(fault),
        "when": words.phase_words(fault, then),
        "cue": words.correction(fault, table),
    }
