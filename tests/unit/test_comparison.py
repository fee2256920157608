"""A set that is unlike the reference as a whole says with which day it is compared; a rep says what was left out."""

from pathlib import Path

from builders.kept_reps import a_kept_rep
from builders.messages import unknown_ids
from builders.past_sessions import a_past_session
from builders.reports import Read, a_page, a_squat_fault, a_squat_session, squatted
from builders.sessions import at
from builders.steps import a_rep

from livecoach.core import language
from livecoach.core.types import Fault, Rep
from livecoach.decisions.coaching.cues import CuePolicy
from livecoach.pages.report.report_words import left_out_words
from livecoach.run.parts import lifter_of_session
from livecoach.run.summary import summarise_sets

POLICY_CUES = {"forward_lean": "chest up"}
DAY = "2026-11-03"


def lean() -> Fault:
    return a_squat_fault("forward_lean")


def past(*faults: Fault) -> Rep:
    """A rep of a set that is unlike the reference as a whole."""
    how = {"verdict": "anomalous", "reference": "own", "faults": faults, "top_joints": ("left_hip",)}
    return a_rep(compared_with=DAY, set=1, number=1, **how)


def test_a_cue_names_the_compared_day_before_the_measure():
    """In the picture, on the phone and in the events; without a named fault it is all that is said."""
    cue = CuePolicy(POLICY_CUES, "reset").cue_for_rep(past(lean()), 1)
    assert (cue.text, cue.say, cue.why) == ("chest up", "chest up", f"compared with 3 Nov: {lean().text}")
    assert CuePolicy(POLICY_CUES, "reset").cue_for_rep(past(), 1).why == "compared with 3 Nov"


def test_the_terminal_names_the_compared_day():
    assert list(summarise_sets([past(lean())]))[1].startswith("  compared with 3 Nov: leant forward in rep 1 (")
    assert list(summarise_sets([past()]))[1:] == ["  compared with 3 Nov: unlike your good reps: rep 1"]


def test_a_comparison_is_told_in_each_language():
    rep = a_rep(verdict="anomalous", faults=(lean(),), compared_with=DAY, left_out=("wrists", "feet"))
    assert unknown_ids([rep.comparison_words, left_out_words(rep)]) == set()
    with language.using_language("de"):
        assert language.translate(rep.comparison_words) == "verglichen mit dem 3. Nov."


def test_the_report_names_the_compared_day_and_the_parts_left_out(tmp_path: Path):
    rep = squatted(1, verdict="anomalous", score=1.4, faults=(lean(),), compared_with=DAY, left_out=("wrists",))
    words = Read(a_page(a_squat_session(tmp_path, [rep], profile=None))).words
    assert words.count("compared with 3 Nov: ") == 2
    assert "left out: wrists" in words


def test_reps_of_the_same_day_name_no_day():
    """ "compared with 23 Nov" says nothing minutes later; the days before it are named."""
    kept = [a_kept_rep(exercise="squat", day=day) for day in ("2026-11-03", "2026-11-23")]
    session = a_past_session(at(2026, 11, 23), reference=("0.rep", "1.rep"))
    files = tuple((Path(f"{n}.rep"), rep) for n, rep in enumerate(kept))
    lifter = lifter_of_session(session.with_values(reference_reps=files, events=(), corrections=(), set_events=()))
    assert [rep.day for _, rep in lifter.reference_of("squat", "lite")] == ["2026-11-03", None]
