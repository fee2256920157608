"""Every figure of a session is the same wherever it is shown: terminal, window, phone, report, history, tables.

Sessions are drawn at random, with reps that were flagged, unsure, high, disallowed and corrected, of several sets with
loads, speeds of two kinds and faults that the view hides. They are not written to files.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, NamedTuple

from builders.depth import a_depth
from builders.evenings import a_home, a_journal, a_lifted_set, journal_bytes, write
from builders.past_sessions import a_past_session
from builders.reports import a_content, a_squat_fault, lifted, squatted, wrong
from builders.sessions import at
from builders.steps import a_pace, a_session_state
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import RepEvent, SessionEnd, SetEndEvent
from livecoach.core.language import format_percent, with_unbroken_units
from livecoach.core.types import Correction, Rep, SetLog, SetSummary, UncheckedFault, Verdict
from livecoach.core.types.reps import LIKE_FIRST
from livecoach.decisions import assembly
from livecoach.decisions.coaching.cues import summary_cue
from livecoach.decisions.coaching.rep_figures import (
    FORMS,
    LEAST_LOSS,
    REP_LABELS,
    count_forms,
    count_good_and_judged,
    counts_in_words,
)
from livecoach.decisions.coaching.set_summary import depth_note, summarise_set, unseen_note
from livecoach.decisions.judging.corrections import apply_set_end
from livecoach.decisions.judging.own_reps import LIKE_OTHERS, UNLIKE_OTHERS
from livecoach.feedback.summary_panel import summary_rows
from livecoach.pages.history import history_words as words
from livecoach.pages.history.history_figures import exercise_trend
from livecoach.pages.report.compare import _rows
from livecoach.pages.report.overview import Overview, make_overview, undetected_faults_words
from livecoach.pages.report.rep_clip import rep_caption
from livecoach.pages.report.report_words import label_rows, verdict_words
from livecoach.pages.report.session_cards import session_card
from livecoach.pages.report.set_sections import load_facts, set_section
from livecoach.pages.report.visibility_words import describe_unchecked_faults
from livecoach.phone.sink import _reps
from livecoach.phone.sink import _summary as shown_on_phone
from livecoach.records.session.exporting import reps_table
from livecoach.records.session.session_set import summarise_session_set
from livecoach.records.session.stored import Session
from livecoach.run.summary import not_visible_lines, summarise_sets

OF_DEPTH = re.compile(r"(?:(\d+) of (\d+) to depth|depth: )(?:,? ?(\d+) too close)?")
MODEL = assembly.load_exercise("squat").scorer.faults
TABLE = MODEL.table
CUES = {name: fault.cue for name, fault in TABLE.faults.items()}
MAIN = [fault.words for fault in TABLE.faults.values() if fault.main]
FAULTS = ("knee_cave", "forward_lean", "knees_forward", "shallow")

faults = st.dictionaries(st.sampled_from(FAULTS), st.sampled_from([0.05, 0.4, 1.0]), max_size=2)
hidden = st.sets(st.sampled_from(FAULTS), max_size=2)
paces = st.none() | st.builds(
    a_pace,
    speed=st.sampled_from([0.3, 0.45, 0.5, 0.62]),
    speed_unit=st.just("m/s"),
    travel_unit=st.just("m"),
    measured_from=st.sampled_from(["bar", "body"]),
)
depths = st.sampled_from([None, "met", "close", "missed"])
verdicts: st.SearchStrategy[Verdict] = st.sampled_from(["good", "good", "anomalous", "unsure"])
said = st.sampled_from([None, None, None, "good", "bad", "no-rep"])
scores = st.sampled_from([0.2, 0.4, 0.6, 0.9])
references = st.sampled_from(["own", "own", "none", "session"])


def by_label(reps: Sequence[Rep]) -> dict[str, int]:
    """How many reps have each label: none is to check any more that a person called bad."""
    answered = {id(rep) for rep in reps if rep.correction is not None and rep.correction.label == "bad"}
    labels = ["bad" if id(rep) in answered else FORMS[rep.form] for rep in reps if rep.counts]
    return {label: labels.count(label) for label in REP_LABELS if label in labels}


@st.composite
def a_drawn_rep(draw: st.DrawFn) -> Rep:
    verdict, depth, label = draw(verdicts), draw(depths), draw(said)
    found = draw(faults) if verdict == "anomalous" else {}
    named = [a_squat_fault(name, severity=severity) for name, severity in found.items()]
    unseen = set(TABLE.faults) if verdict == "unsure" else draw(hidden) - set(found)
    return squatted(
        1,
        verdict=verdict,
        score=None if verdict == "unsure" else draw(scores) + (1 if verdict == "anomalous" else 0),
        unsure="legs not clear" if verdict == "unsure" else None,
        faults=tuple(named),
        not_visible=tuple(
            UncheckedFault(name=name, reason="unsure" if verdict == "unsure" else "azimuth") for name in sorted(unseen)
        ),
        standards=() if depth is None else (a_depth({"met": -9.0, "close": 0.5, "missed": 9.0}[depth], depth),),
        disallowed=depth == "missed" and draw(st.booleans()),
        pace=draw(paces),
        correction=None if label is None else Correction(label=label),  # type: ignore[arg-type]
        reference="none" if verdict == "unsure" else draw(references),
        own_reps=None if verdict == "unsure" else draw(st.sampled_from([0, 5])),
    )


@st.composite
def a_drawn_session(draw: st.DrawFn) -> Session:
    """A session as it is read, whose sets were told live before what was corrected in them."""
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=3))
    reps: list[Rep] = []
    for number, size in enumerate(sizes, 1):
        for place in range(1, size + 1):
            index = len(reps) + 1
            start_s = 4.0 * index
            times = {"start_s": start_s, "turn_s": start_s + 1, "end_s": start_s + 2}
            reps.append(replace(draw(a_drawn_rep()), index=index, set=number, number=place, **times))
    loads = {
        number: SetLog(load_kg=draw(st.sampled_from([None, 100.0, 102.5])), rpe=draw(st.sampled_from([None, 8.0])))
        for number in range(1, len(sizes) + 1)
    }
    events = [
        SetEndEvent(t_s=own[-1].end_s, summary=live([replace(rep, correction=None) for rep in own]))
        for own in ([*reps] for _, reps in groupby(reps, lambda rep: rep.set))
    ]
    return a_past_session(reps=reps, logs=loads, events=events)


def live(reps: Sequence[Rep]) -> SetSummary:
    """What a set is told as during a run."""
    notes = (*depth_note(reps), *unseen_note(reps, TABLE.faults))
    return summarise_set(reps[0].set, reps, CUES, notes, "squat")


class Shown(NamedTuple):
    """A set with a rep that counts, as it is shown."""

    reps: Sequence[Rep]
    live: SetSummary
    section: dict[str, Any]  # of the report
    lines: list[str]  # in the terminal
    panel: str  # in the window and on the phone


def shown_sets(session: Session) -> Iterator[Shown]:
    for one in (one for one in session.sets if one.counted_reps):
        told, lines = live(one.reps), list(summarise_sets(one.reps))
        panel = " ".join(part for row in summary_rows(told) for part in row.parts)
        yield Shown(one.reps, told, set_section(one, session.events), lines, panel)


def overview(reps: Sequence[Rep]) -> Overview:
    return make_overview(a_content([lifted(rep) for rep in reps]), TABLE, lambda *_: None)


def table_column(session: Session, name: str) -> list[object]:
    """A column of the exported table of reps."""
    events = tuple(RepEvent(t_s=rep.end_s, rep=rep, set=str(rep.set), view=None) for rep in session.completed_reps)
    table = reps_table([session.with_values(sets=session.sets, corrected_reps=events, set_logs={}, events=())])
    return [row[table.columns.index(name)] for row in table.rows]


def numbers(text: str, pattern: str) -> list[int]:
    """Those in a text; one that may be absent is 0 without it. None without a match."""
    found = re.search(pattern, text)
    return [] if found is None else [int(number or 0) for number in found.groups()]


@given(a_drawn_session())
def test_the_reps_of_a_set_are_the_same_number_everywhere(session: Session) -> None:
    """In all, and by what they count as: with every correction."""
    for reps, told, section, (line, *_), panel in shown_sets(session):
        number, labelled = count_forms(reps), by_label(reps)
        assert {name: getattr(told, name) for name in number} == number
        assert section["counts"] == labelled
        assert len(section["rows"]) == number["reps"] == sum(number[form] for form in FORMS)
        assert numbers(line, r"(\d+) reps?\b") == numbers(summary_cue(told).text, r"(\d+) rep") == [told.reps]
        for label in REP_LABELS:
            like = LIKE_FIRST if label == "alike" and told.reference == "session" else label
            shown_number = [] if number["alike"] == told.reps > 1 or label not in labelled else [labelled[label]]
            assert numbers(line, rf"(\d+) {like}\b") == shown_number
        assert numbers(summary_cue(told).text, r"(\d+) to check") in ([], [labelled.get("to check")])
        assert numbers(panel, r"^(?:0 of )?(\d+) (?:rep|good)") == [told.reps]
        on_phone = with_unbroken_units(summary_rows(told)[0].parts[0].removesuffix(","))
        assert shown_on_phone(summary_rows(told))["lines"][0].startswith(on_phone)  # type: ignore[index]
    total, counts = exercise_trend([session]).counts, session_card(session, None)["counts"]
    assert total.reps == len(session.counted_reps)
    assert {label: number for _, number, label in counts} == by_label(session.completed_reps)
    assert ", ".join(counts_in_words(count_forms(session.completed_reps))) == words.form_count_words(total)
    assert label_rows([lifted(rep).rep for rep in session.completed_reps]) == counts


@given(a_drawn_session())
def test_a_share_of_good_reps_has_one_denominator(session: Session) -> None:
    """The judged reps, in the report's sets, in the trend and its sessions, beside another session and in the terminal;
    they are the good ones and those to check that every list of reps counts."""
    good, judged = count_good_and_judged(session.completed_reps)
    trend = exercise_trend([session])
    assert (trend.form.reps.hits, trend.form.reps.of) == (good, judged)
    assert trend.counts.alarms.of == judged == trend.counts.good + trend.counts.anomalous
    of_sets = [numbers(one.section["form"], r"(\d+) of (\d+) judged") for one in shown_sets(session)]
    assert [sum(part) for part in zip(*filter(None, of_sets), strict=True)] == ([good, judged] if judged else [])
    compared = dict(_rows([session]))
    assert ("Good reps" in compared) == bool(judged)
    for said in [*compared.get("Good reps", ()), words.form_words(trend.form.reps, trend.counts)] if judged else []:
        assert numbers(said, r"^(\d+) of (\d+) judged") == [good, judged]


@given(a_drawn_session())
def test_nothing_is_good_without_a_reference(session: Session) -> None:
    """Where nobody confirmed a rep, and no earlier session or standard judges it: in no list, figure, word, record."""
    bare = [
        replace(rep, reference="none", correction=None, standards=(), disallowed=False)
        for rep in session.completed_reps
    ]
    session = a_past_session(reps=bare, logs={one.number: one.log for one in session.sets})
    trend, card = exercise_trend([session]), session_card(session, None)
    assert (trend.counts.good, trend.form.reps.of, trend.one_rep_max) == (0, 0, None)
    assert trend.bests == ()
    assert "good" not in [kind for kind, *_ in card["counts"]]
    found = overview(session.completed_reps)
    texts = [found.headline, found.line, card["line"], *(verdict_words(rep) for rep in bare)]
    for one in shown_sets(session):
        texts += [summary_cue(one.live).text, *one.lines[0].split(" · ")]
        texts += [part for row in summary_rows(one.live) for part in row.parts]
        assert (one.live.good, one.live.best) == (0, None)
    asked = "Are these your good reps?"
    assert not [text for text in texts if re.search(r"\bgood\b(?! rep)", str(text)) and asked not in str(text)]


@given(a_drawn_session())
def test_a_rep_that_misses_the_standard_is_good_nowhere(session: Session) -> None:
    """Unless a person called it so: no figure, word or symbol of terminal, window, report, phone or table says it. What
    is good is marked so everywhere."""
    in_tables = table_column(session, "counts_as")
    status = a_session_state(reps=session.completed_reps)
    on_phone = [shape for *_, shape in _reps(status, in_set=False)][::-1]
    for one in session.sets:
        own = [at for at, rep in enumerate(session.completed_reps) if rep.set == one.number]
        is_good = [rep.counts and rep.form == "good" for rep in one.reps]
        assert live(one.reps).good == sum(is_good)
        assert [in_tables[at] == "good" for at in own] == is_good
        assert [on_phone[at] == "tick" for at in own] == is_good
        if one.counted_reps:
            rows_of = set_section(one, session.events)["rows"]
            assert [row["of"].form == "good" for row in rows_of] == [
                good for good, rep in zip(is_good, one.reps, strict=True) if rep.counts
            ]
    for rep in session.completed_reps:
        if rep.misses_standard and rep.correction is None:
            assert rep.form != "good"
            said = (verdict_words(rep), *rep_caption(rep))
            assert not [words for words in said if re.search(r"\bgood\b(?! rep)", str(words))]


@given(a_drawn_session())
def test_the_same_rep_is_the_best_and_the_slowest_everywhere(session: Session) -> None:
    """Named by its number in the set. Without a good rep none is the best."""
    for reps, told, section, _, panel in shown_sets(session):
        assert told.good or told.best is None
        assert numbers(section["summary"], r"Rep (\d+): \d+\s?% slower") == [told.slowest] * (told.slowest is not None)
        best = [told.best] * (told.best is not None)
        assert numbers(section["summary"], r"Most like your good reps: rep (\d+)") == best * (told.reps > 1)
        assert numbers(panel, r"best: rep (\d+)") == best
        assert not best or {rep.number: rep for rep in reps if rep.counts}[told.best].form == "good"


@given(a_drawn_session())
def test_speeds_and_what_was_lost_are_the_same_everywhere(session: Session) -> None:
    """Whatever a person corrected since; speeds of two kinds are never compared."""
    (past,) = exercise_trend([session]).sessions
    shown, of_whole = {one.set: one for one in past.sets}, dict(_rows([session])).get("Speed on the way up")
    in_tables = zip(*(table_column(session, name) for name in ("counts_as", "speed", "velocity_loss")), strict=True)
    lost_in_tables = [format_percent(loss) for counts, speed, loss in in_tables if counts and speed]  # type: ignore[arg-type]
    for reps, told, section, (line, *_), panel in shown_sets(session):
        is_lost = told.velocity_loss is not None and told.velocity_loss >= LEAST_LOSS
        for words_of in (section["summary"], line, panel):
            lost = [round(100 * told.velocity_loss)] if is_lost else []  # type: ignore[operator]
            assert numbers(words_of, r": (\d+)\s?% slower than rep") == lost
            assert ("o speed loss" in words_of) == (told.velocity_loss is not None and not is_lost)
        losses = [row["loss"] for row in section["rows"] if row["loss"] != "–"]
        assert losses == [lost_in_tables.pop(0) for _ in losses]
        shares = [numbers(loss, r"(\d+)")[0] for loss in losses]
        if len({rep.pace.kind for rep in reps if rep.counts and rep.pace is not None}) == 1 and len(shares) > 1:
            assert numbers(section["loss"], r"(\d+)") == [max(shares)], "the largest in the table"
        if len(session.sets) == 1 and told.speed is not None:
            typical = re.search(r"on the way up: ([\d.]+ m/s)", section["summary"])
            assert past.speed.median == told.speed, "the pages of trends and of comparisons say what the report says"
            assert of_whole == [typical[1]]
        fastest = re.search(r"fastest ([\d.]+) m/s", line)
        assert (fastest is None) == (told.speed is None)
        if told.index in shown:
            document = shown[told.index].speed
            assert document is None if fastest is None else f"{document:.2f}" == fastest[1]
    assert lost_in_tables == []


@given(a_drawn_session())
def test_depth_is_the_same_everywhere(session: Session) -> None:
    for one in session.sets:
        told = [note for note in live(one.reps).notes if OF_DEPTH.search(note)]
        assert [note for note in summarise_session_set(one, session.events).notes if OF_DEPTH.search(note)] == told
        line = next(iter(summarise_sets(one.reps)))
        assert all(note in line for note in told)
        assert bool(told) == bool(OF_DEPTH.search(line))
    share = exercise_trend([session]).counts.to_depth
    lines = [next(iter(summarise_sets(one.reps))) for one in session.sets]
    told = [[int(n or 0) for n in found.groups()] for line in lines if (found := OF_DEPTH.search(line))]
    assert [sum(each) for each in zip(*told, strict=True)] == (
        [] if share is None else [share.hits, share.of, share.close]
    )
    found = overview(session.completed_reps)
    if OF_DEPTH.search(found.line) and share is not None:
        assert words.depth_count_words(share) in found.line
    if any(rep.misses_standard for rep in session.counted_reps):
        content = a_content([lifted(rep) for rep in session.completed_reps])
        assert TABLE.faults["shallow"].words not in undetected_faults_words(content, TABLE)


@given(a_drawn_session())
def test_faults_are_the_same_everywhere(session: Session) -> None:
    """The one to fix first, in how many reps of how many that were checked; a slight one in one rep too."""
    (past,) = exercise_trend([session]).sessions
    trend = {fault.name: fault for fault in exercise_trend([session]).faults}
    found = overview(session.completed_reps)
    assert {fault.name: len(fault.reps) for fault in found.faults} == past.faults
    assert list(past.faults)[:1] == [fault.name for fault in found.faults][:1]
    for name, number in past.faults.items():
        assert (trend[name].reps.hits, trend[name].reps.of) == (number, past.checked[name])
    if found.faults:
        first = found.faults[0].name
        number, of = past.faults[first], past.checked[first]
        line = session_card(session, None)["line"]
        for said in (found.line, line):
            assert numbers(said, r"in (\d+) of (?:the )?(\d+) rep") == [number, of]
        assert CUES[first] in line
    for one in session.sets:
        told, lines = live(one.reps), list(summarise_sets(one.reps))
        alone = overview(one.reps).faults
        assert [told.fault] == ([fault.name for fault in alone[:1]] or [None])
        panel = " ".join(part for row in summary_rows(told) for part in row.parts)
        if told.fault is not None:
            assert lines[1].startswith(f"  {TABLE.faults[told.fault].words} in rep")
            assert numbers(panel, rf"(\d+) reps?: {CUES[told.fault]}") == [told.fault_reps]


@given(a_drawn_session())
def test_faults_that_could_not_be_seen_are_the_same_everywhere(session: Session) -> None:
    """Half of the judged reps or more: in the window, in the terminal; the report lists those of fewer, too."""
    for one in session.sets:
        note, lines = " ".join(unseen_note(one.reps, TABLE.faults)), " ".join(not_visible_lines(one.reps))
        attempts = a_content([lifted(rep) for rep in one.reps]).attempts
        listed = " ".join(text for _, texts in describe_unchecked_faults(attempts, MODEL) for text in texts)
        said = [summary_cue(live(one.reps)).text, *(part for row in summary_rows(live(one.reps)) for part in row.parts)]
        assert not note or "all good" not in " ".join(said).replace("\N{NO-BREAK SPACE}", " ")
        for called in MAIN:
            assert (called in note) == (called in lines)
            assert called in listed or called not in note


@given(a_drawn_session())
def test_bests_and_the_maximum_rest_on_the_same_sets(session: Session) -> None:
    """On the good reps of sets most of whose reps are good; the maximum is never less than a best shows it to be."""
    trend = exercise_trend([session])
    most = {best.load_kg: best.value for best in trend.bests if best.kind == "most_reps"}
    facts = " ".join(load_facts(session))
    assert {
        f"Best at {words.load(load_kg or 0.0)}: {int(reps)} good rep" in facts for load_kg, reps in most.items()
    } <= {True}
    good: dict[float | None, int] = {}
    for one in session.sets:
        summary = live(one.reps)
        if 2 * summary.good > summary.reps and one.log.load_kg is not None:
            good[one.log.load_kg] = max(summary.good, good.get(one.log.load_kg, 0))
    assert most == good
    if trend.one_rep_max is not None and trend.one_rep_max.lifted is not None:
        lifted_set = trend.one_rep_max.lifted
        assert lifted_set.load_kg in most
        assert f"{lifted_set.reps} × {words.load(lifted_set.load_kg)}" in facts
        assert trend.one_rep_max.load_kg >= max(load_kg for load_kg in most if load_kg is not None)


def test_a_rep_that_turned_out_unlike_the_others_is_different_in_every_figure() -> None:
    """The first verdict stays in the files, for replays; the note on it counts from the end of the set on."""
    journal = a_journal(a_lifted_set(4, "knee_dominant:0.9,good*6"))
    (ended,) = [event.summary for event in journal if isinstance(event, SetEndEvent)]
    (end,) = [event for event in journal if isinstance(event, SessionEnd)]
    assert ended is not None
    assert "rep 1, while learning: unlike the others" in ended.notes
    assert (ended.alike, ended.different) == (end.alike, end.different) == (6, 1)
    with a_home() as sessions:
        session = write(sessions, journal_bytes(journal), began=at(2026, 3, 1))
        assert {event.rep.form for event in session.recorded_reps} == {"alike"}
        assert [event.rep.form for event in session.corrected_reps] == ["different", *["alike"] * 6]


def test_a_rep_that_turned_out_like_the_others_is_alike_and_one_compared_with_other_sets_keeps_its_verdict() -> None:
    turned = {1: UNLIKE_OTHERS, 2: LIKE_OTHERS}
    reps = tuple(replace(rep, reference="none", own_reps=4) for rep in (squatted(1), wrong(2), wrong(3), squatted(4)))
    assert [rep.form for rep in apply_set_end(reps, turned, 1)] == ["different", "alike", "different", "alike"]
    assert apply_set_end(reps, turned, 1)[1].faults == ()
    assert apply_set_end(reps, turned, 2) == reps
    known = tuple(replace(rep, reference="own") for rep in reps)
    assert apply_set_end(known, turned, 1) == known
