"""The primary fault of a rep is the same wherever the rep is described."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pytest
from builders.past_sessions import a_past_session
from builders.reports import a_content, lifted, squatted
from builders.sessions import a_session
from builders.steps import a_fault
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config.exercise import load
from livecoach.core.step import RepCompleted
from livecoach.core.types import Correction, Fault, PartialRep, Rep, StandardResult
from livecoach.decisions.coaching.cues import CuePolicy
from livecoach.decisions.coaching.set_summary import summarise_set
from livecoach.decisions.judging.wording import fault_cue
from livecoach.decisions.rep.curves import CURVE_OF_MEASURE, curve_names_for
from livecoach.decisions.rep.measures import load_faults
from livecoach.pages.history.history_figures import exercise_trend
from livecoach.pages.history.reading import read_session
from livecoach.pages.report import report_words
from livecoach.pages.report.overview import Overview, make_overview, undetected_faults_words
from livecoach.pages.report.session_cards import session_card
from livecoach.run.summary import summarise_sets

SQUAT = load_faults("squat")
ORDER = tuple(SQUAT.faults)
CORRECTIONS = {name: fault.cue for name, fault in SQUAT.faults.items()}
HIGH = StandardResult(name="depth", verdict="missed", off=11.0, deviation=3.0, unit="cm")
RISKY, LESS, LEAST = "knee_cave", "forward_lean", "shallow"


def a_squat_fault(name: str, severity: float) -> Fault:
    """A fault with the words that the table of faults has for it, if it is in there."""
    known = SQUAT.faults.get(name)
    text = f"{known.words}: 2°, your good reps 1°" if known is not None else ""
    return a_fault(name, severity=severity, at_s=2.0, phase="bottom", text=text)


def with_faults(*faults: Fault, number: int = 1) -> Rep:
    """A rep as it is judged: its faults listed."""
    return squatted(number, verdict="anomalous", score=1.4, faults=faults)


severities = st.floats(0.0, 1.0) | st.sampled_from([0.0, 0.5, 1.0])
several = st.dictionaries(st.sampled_from(ORDER), severities, min_size=2, max_size=5).map(
    lambda found: tuple(a_squat_fault(name, severity) for name, severity in found.items())
)


@given(several)
def test_cue_summary_report_and_curve_name_the_same_fault_of_a_rep(faults: tuple[Fault, ...]) -> None:
    rep = with_faults(*faults)
    told = rep.faults[0]
    known = SQUAT.faults[told.name]

    cue = CuePolicy(CORRECTIONS, load("squat").anomaly_cue).cue_for_rep(rep, 1)
    assert (cue.text, cue.why) == (known.cue, told.text)
    pull = PartialRep(start_s=0.0, reason="no_lowering", faults=rep.faults)
    assert CuePolicy(CORRECTIONS, "check that one").cue_for_partial_rep(pull, 1.0).why == told.text  # type: ignore[union-attr]

    summary = summarise_set(1, [rep], CORRECTIONS)
    assert (summary.fault, summary.fault_cue) == (told.name, known.cue)

    seen = lifted(rep)
    to_show = written([seen])
    assert to_show.shown_rep is seen
    assert to_show.faults[0].worst_measured is told
    assert report_words.verdict_words(rep) == known.words
    assert fault_cue(to_show.faults[0].name, "squat") == known.cue

    assert set(curve_names_for(rep, SQUAT)) <= {CURVE_OF_MEASURE.get(sign.measure, "hip_speed") for sign in known.signs}


def test_a_slight_fault_of_one_rep_is_told_on_every_page_as_it_was_told_live() -> None:
    """It does not hide that reps were high."""
    slight = [squatted(n, exercise="squat") for n in range(1, 10)]
    slight.append(replace(with_faults(a_squat_fault(LESS, 0.1), number=10), exercise="squat"))
    overview = written([lifted(rep) for rep in slight])
    assert (overview.headline, overview.line) == ("Stay tall", "Leant forward in 1 of 10 reps: set 1, rep 10.")
    assert session_card(a_past_session(reps=slight), None)["line"] == "To fix first: “stay tall”, in 1 of 10 reps"
    high = [replace(rep, standards=(HIGH,)) for rep in slight]
    assert written([lifted(rep) for rep in high]).headline == "A little deeper"


def test_no_page_calls_high_reps_faultless() -> None:
    reps = [replace(squatted(n), standards=(replace(HIGH, off=10.0 + n),), exercise="squat") for n in (1, 2, 3)]
    entries = [lifted(rep) for rep in reps]
    overview = written(entries)
    assert overview.headline == "A little deeper"
    assert overview.line == "Not deep enough in 3 of 3 reps. 0 of 3 to depth."
    assert overview.facts[0] == "Worst in set 1, rep 3 (bottom): 13 cm too high."
    never = undetected_faults_words(a_content(entries), SQUAT)
    assert never.startswith("Checked in every rep and never detected: ")
    assert "not deep enough" not in never
    past = a_past_session(reps=reps, too_shallow=1)
    assert session_card(past, None)["line"] == "To fix first: “a little deeper”, in 3 of 3 reps"


def test_no_page_calls_a_set_faultless_where_reps_were_too_shallow_to_count() -> None:
    disallowed = [lifted(replace(squatted(n), standards=(HIGH,), disallowed=True)) for n in (2, 3)]
    overview = written([lifted(squatted(1)), *disallowed])
    assert (overview.headline, overview.line) == (
        "A little deeper",
        "Not deep enough in 2 of 3 reps, in every rep since set 1, rep 2. 0 of 2 to depth.",
    )
    shallow = (PartialRep(start_s=9.0, reason="shallow"),)
    overview = written([lifted(squatted(1))], partials=shallow)
    assert overview.headline == "A little deeper"
    assert overview.line == "One rep judged, and it was good; 1 too shallow: not counted."
    assert "not deep enough" not in undetected_faults_words(a_content([lifted(squatted(1))], shallow), SQUAT)
    assert session_card(a_past_session(too_shallow=2), None)["line"] == "2 too shallow: not counted"


def written(reps: list[RepCompleted], partials: Sequence[PartialRep] = ()) -> Overview:
    """The top of the report of some squats."""
    return make_overview(a_content(reps, partials), SQUAT, lambda *_: None)


def test_a_fault_that_somebody_named_is_to_fix_on_every_page() -> None:
    rep = replace(squatted(1), correction=Correction(label="bad", fault=LESS), exercise="squat")
    counted = rep.as_counted()
    assert summarise_set(1, [counted], CORRECTIONS).fault_cue == CORRECTIONS[LESS]
    told = written([lifted(counted)]).faults[0]
    assert (told.name, told.worst_measured.is_measured) == (LESS, False)
    assert list(summarise_sets([rep]))[1] == "  leant forward in rep 1"


def test_history_lists_primary_faults_first(tmp_path) -> None:  # type: ignore[no-untyped-def]
    by_severity = tuple(a_squat_fault(name, severity) for name, severity in ((RISKY, 0.4), (LESS, 0.3), (LEAST, 0.2)))
    other = (a_squat_fault(LESS, 0.4), a_squat_fault(LEAST, 0.2))
    reps = [
        squatted(number, verdict="anomalous", faults=faults)
        for number, faults in enumerate((by_severity, by_severity, other), 1)
    ]
    folder = a_session(tmp_path, started=datetime(2026, 3, 1).astimezone(), reps=reps)
    session = read_session(folder, pytest.fail)
    (past,) = exercise_trend([session]).sessions
    assert list(past.faults.items()) == [(RISKY, 2), (LESS, 3), (LEAST, 3)]
    assert next(iter(past.faults)) == summarise_set(1, reps, CORRECTIONS).fault
