"""At most one message at a time, the most important one, for as long as it takes to read it."""

from dataclasses import replace

import pytest
from builders.depth import a_depth
from builders.observations import an_observation
from builders.steps import (
    a_fault,
    a_full_set_summary,
    a_rep,
    a_session_state,
    a_set_summary,
    a_step,
    a_view,
    with_state,
)
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.documents import PartialRepEvent
from livecoach.core.step import Learning, RepCorrected, Step, StepEvent
from livecoach.core.types import Correction, Cue, CueKind, Hint, PartialRep, Standards
from livecoach.decisions.rep import measured
from livecoach.feedback.display_state import LIKE_THIS, SHOWN_S, TICK_S, DisplayState, ShownMessage
from livecoach.feedback.shapes import ALARM, CROSS, RIGHT, TICK, UNEQUAL

ROSE_FIRST = a_fault(severity=0.7, phase="lift_off")
BAD = a_rep(verdict="anomalous", faults=(ROSE_FIRST,))
TOGETHER = Cue(
    kind="anomalous_rep",
    text="hips and chest together",
    rep=1,
    say="hips and chest together",
    why="hips rose first: chest tipped 11°, your good reps 2°",
)
UNLIKE = a_rep(verdict="anomalous")
SUMMARY = a_full_set_summary()
REASONS = [value for name, value in vars(measured).items() if name.isupper() and isinstance(value, str)]
for measure in (measured.STANCE, measured.STALLING):
    REASONS.remove(measure)


def at(t_s: float, *events: StepEvent, **changes: object) -> Step:
    return a_step(*events, observation=an_observation(t_s=t_s), **changes)


def after(*steps: Step) -> DisplayState:
    standing = DisplayState()
    for step in steps:
        standing.update(step, a_session_state())
    return standing


def shown(*steps: Step) -> str | None:
    """Text of the message after these steps."""
    message = after(*steps).message
    return None if message is None else message.text


def a_cue(kind: CueKind, text: str, rep: int | None = None) -> Cue:
    return Cue(kind=kind, text=text, rep=rep, say=None)


def a_hint(text: str = "step back", *, done: bool = False) -> Hint:
    return Hint(kind="step_back", text=text, done=done, direction="up")


@pytest.mark.parametrize(
    ("rep", "cue", "message", "verdict"),
    [
        (BAD, TOGETHER, ShownMessage("alarm", TOGETHER.text, TOGETHER.why, CROSS), "anomalous"),
        (UNLIKE, a_cue("anomalous_rep", "look", 1), ShownMessage("alarm", "look", sign=CROSS), "anomalous"),
        (BAD, a_cue("anomalous_rep", "1", 1), None, "anomalous"),  # only the count: the verdict is in the frame
        (a_rep(), a_cue("fixed", "fixed", 1), ShownMessage("praise", "fixed", sign=TICK), "good"),
        (a_rep(standards=(a_depth(13.0, "missed"),)), a_cue("good_rep", "1", 1), None, "anomalous"),
    ],
)
def test_a_rep_has_its_message_and_its_frame(rep, cue, message, verdict) -> None:
    """The worst fault's measure in words goes with the correction; a rep that is only unlike the others has none."""
    standing = after(at(1.0, rep=rep, cue=cue))
    assert (standing.message, standing.form) == (message, verdict)


@pytest.mark.parametrize(
    ("trouble", "advice"), [(None, "check the camera's connection"), ("too slow: close other programs", None)]
)
def test_a_slow_computer_does_not_send_the_lifter_to_the_camera(trouble: str | None, advice: str | None) -> None:
    standing, unsure = DisplayState(), a_rep(verdict="unsure", score=None, unsure=measured.PICTURES_MISSING)
    standing.update(at(1.0, rep=unsure), a_session_state(trouble=trouble))
    assert standing.message is not None
    assert standing.message.detail == advice


def test_a_pull_that_was_no_whole_rep_can_be_corrected() -> None:
    """A fault of a partial rep stands as an alarm, with its frame, and no rep has the verdict."""
    partial = PartialRep(start_s=0.5, reason="no_lowering", faults=(ROSE_FIRST,))
    standing = after(at(1.0, PartialRepEvent(t_s=1.0, partial_rep=partial), cue=TOGETHER))
    assert standing.message is not None
    assert standing.message.detail == ROSE_FIRST.text
    assert (standing.form, standing.rep) == ("anomalous", None)


def test_a_rep_that_was_tried_and_does_not_count_is_told() -> None:
    """Also where good news wait; the number of the last rep that counted is no longer its own."""
    tried = at(3.0, cue=a_cue("unjudged_rep", "too shallow: not counted"))
    state = after(at(1.0, rep=BAD, cue=TOGETHER), tried, at(3.1, cue=a_cue("learned", "reference ready")))
    assert state.message == ShownMessage("unjudged", "too shallow: not counted")
    assert (state.rep, state.form) == (None, None)
    assert after(tried, at(3.0 + SHOWN_S)).message is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"rep": BAD, "cue": TOGETHER, "warning": "too dark", "hint": a_hint()}, "hips and chest together"),
        ({"rep": a_rep(), "cue": a_cue("fixed", "fixed", 1), "warning": "too dark", "hint": a_hint()}, "too dark"),
        ({"rep": a_rep(), "cue": a_cue("fixed", "fixed", 1), "hint": a_hint()}, "step back"),
        (
            {"rep": a_rep(verdict="unsure", unsure="legs hidden"), "cue": a_cue("learned", "reference ready")},
            "reference ready",
        ),
        ({"rep": a_rep(verdict="unsure", unsure="legs hidden"), "warning": "too dark"}, "too dark"),
        ({"rep": a_rep(verdict="unsure", unsure="legs hidden")}, "not judged: legs hidden"),
        ({"rep": a_rep(), "cue": a_cue("good_rep", "1", 1)}, None),
    ],
)
def test_the_most_important_message_is_the_one_that_is_shown(changes: dict[str, object], expected: str | None) -> None:
    """A correction before a warning, before a hint, before praise, before news, before what was not judged."""
    assert shown(at(1.0, **changes)) == expected


def test_a_hint_stays_as_long_as_it_is_needed() -> None:
    """And goes when it is no longer given, but not before it could be read. None says where to stand with the bar in
    the hands."""
    begun = at(1.0, hint=a_hint())
    assert shown(begun, at(9.0, hint=a_hint())) == shown(begun, at(3.4)) == "step back"
    assert shown(begun, at(3.5)) is shown(begun, at(1.5, is_under_way=True)) is None


def test_a_hint_that_is_followed_gets_a_tick_and_then_it_is_quiet() -> None:
    begun, done = at(1.0, hint=a_hint()), at(5.0, hint=a_hint(done=True))
    assert after(begun, done, at(7.4)).message == ShownMessage("hint", "step back", sign=TICK)
    assert after(begun, done, at(7.5)).message is None


@pytest.mark.parametrize(
    ("kind", "words", "azimuth_deg", "colour", "text", "detail"),
    [
        ("step_back", "step back: feet are cut off", 45.0, ALARM, "step back", "feet are cut off"),
        ("come_closer", "come closer", 45.0, RIGHT, "come closer", None),
        ("move_aside", "move to the middle: one side", 45.0, ALARM, "move to the middle", "one side"),
        ("turn", "turn 30°: to the camera", 90.0, RIGHT, "turn 30°", "to the camera"),
        ("turn", "turn 60°: to the camera", 150.0, ALARM, "turn 60°", "to the camera"),
    ],
)
def test_a_hint_shows_where_to_go(kind, words, azimuth_deg, colour, text, detail):
    """An arrow and a few words in large type, the reason in small; red where no rep counts or is judged from there."""
    step = a_step(view=a_view(azimuth_deg), hint=Hint(kind=kind, text=words, direction="left"))
    message = after(step).message
    assert message is not None
    assert message.sign is not None
    assert (message.text, message.sign.shape, message.sign.colour) == (text, "left", colour)
    assert message.detail == detail


def test_in_a_mirror_left_and_right_change_places_and_a_turn_does_not():
    aside, turn = (
        after(a_step(hint=Hint(kind=kind, text=kind, direction=direction))).message
        for kind, direction in (("move_aside", "right"), ("turn", "turn-left"))
    )
    assert [aside.sign.shape, aside.mirror_image.sign.shape] == ["right", "left"]
    assert turn.mirror_image == turn


def test_a_lifter_out_of_the_picture_before_a_set_sees_the_same_arrow():
    """The warning would hide the hint; in a set it stays a warning."""
    out = {"warning": "step back: feet are cut off", "problem": "out_of_frame"}
    message = after(at(1.0, **out)).message
    assert message.text == "step back"
    assert message.sign.shape == "up"
    assert after(at(1.0, **out, is_under_way=True)).message == ShownMessage("warning", out["warning"])


def test_checks_that_a_place_costs_are_told_before_a_set_and_not_in_it():
    costs = ("can't be checked from here: back rounded",)
    elsewhere = Learning(have=0, wanted=4, elsewhere=True)
    assert after(at(1.0, drawbacks=costs)).drawback_lines == [*costs]
    assert len(after(at(1.0, drawbacks=costs, learning=elsewhere)).drawback_lines) == 2
    assert after(at(1.0, drawbacks=costs, is_under_way=True)).drawback_lines == ()


def test_the_next_hint_waits_until_the_tick_was_shown() -> None:
    """One thing at a time: what was put right first."""
    done, following = at(5.0, hint=a_hint(done=True)), a_hint("turn 20°: to the camera")
    assert shown(done, at(5.0 + TICK_S - 0.1, hint=following)) == "step back"
    assert shown(done, at(5.0 + TICK_S, hint=following)) == "turn 20°"


def test_the_summary_waits_until_the_last_verdict_was_read() -> None:
    """It stands from then on until it is taken away, also beside a warning: it is no message."""
    last = at(1.0, rep=BAD, cue=TOGETHER)
    assert after(last, at(2.0, summary=SUMMARY)).summary is None
    assert after(last, at(1.0 + SHOWN_S, summary=SUMMARY)).summary == SUMMARY
    assert after(last, at(90.0, summary=SUMMARY)).summary == SUMMARY
    assert after(last, at(90.0, summary=SUMMARY), at(91.0, is_under_way=True)).summary is None
    standing = after(at(9.0, summary=SUMMARY, warning="two people"))
    assert (standing.summary, standing.message) == (SUMMARY, ShownMessage("warning", "two people"))


@given(times=st.lists(st.floats(0, 60), min_size=1, max_size=20), last=st.floats(0, 60))
def test_a_message_stands_no_longer_than_it_may(times: list[float], last: float) -> None:
    """Whatever the times, backwards too: an alarm is gone 2.5 s after the last one."""
    standing = after(*(at(t_s, rep=BAD, cue=TOGETHER) for t_s in times), at(last))
    assert (standing.message is not None) == (0 <= last - times[-1] < SHOWN_S)


def test_the_reference_that_an_alarm_hides_is_announced_afterwards() -> None:
    standing = after(at(1.0, cue=a_cue("learned", "reference ready")), at(1.5, rep=BAD, cue=TOGETHER))
    assert standing.message is not None and standing.message.kind == "alarm"  # noqa: PT018
    ready = "reference ready"
    for t_s, text in ((3.9, "hips and chest together"), (4.1, ready), (6.3, ready), (6.5, None)):
        standing.update(at(t_s), a_session_state())
        assert (standing.message and standing.message.text) == text, t_s


def test_the_warning_that_nobody_is_there_ends_when_somebody_is_back() -> None:
    nobody = "nobody in the picture"
    assert shown(at(1.0, warning=nobody), at(1.4)) is None
    assert shown(at(1.0, warning=nobody), at(9.0, warning=nobody)) == nobody
    assert shown(at(1.0, warning="too dark: add light"), at(1.4)) == "too dark: add light"


@pytest.mark.parametrize("before_s", [0.0, 4.0])
def test_learning_is_shown_as_of_the_newest_rep(before_s: float) -> None:
    """A lifter who turns to the rack shows another side, for which nothing is learned."""
    three, none = Learning(have=3, wanted=4), Learning(have=0, wanted=4)
    rep = at(5.0, is_under_way=True, rep=a_rep(), learning=three)
    assert after(with_state(rep, learning=Learning(have=4, wanted=4))).learning is None  # it would say that it goes on
    off = DisplayState(learns=False)
    off.update(rep, a_session_state())
    assert off.learning is None
    standing = after(at(before_s, learning=none))
    assert standing.learning is None
    for step, learning in (
        (rep, three),
        (at(6.0, is_under_way=True, learning=none), three),
        (at(7.0, learning=none), None),
    ):
        standing.update(step, a_session_state())
        assert standing.learning == learning


# What somebody says of a rep


def said(correction: Correction | None, **changes: object) -> RepCorrected:
    """Of the bad rep."""
    fields = {"rep": replace(BAD, correction=correction, set=1, number=3), "before": None, **changes}
    return RepCorrected(**fields)  # type: ignore[arg-type]


COUNTS_AS = {"good": "good", "bad": "anomalous", "no-rep": None}


@pytest.mark.parametrize(
    ("correction", "text", "shape"),
    [
        (Correction(label="good"), "set 1, rep 3: good", "tick"),
        (Correction(label="bad"), "set 1, rep 3: bad", "cross"),
        (Correction(label="bad", fault="bent_arms"), "set 1, rep 3: bad (bent arms)", "cross"),
        (Correction(label="no-rep"), "set 1, rep 3: no rep", "dash"),
        (None, "set 1, rep 3: to check again", "cross"),
    ],
)
def test_a_correction_of_a_rep_is_shown_for_a_moment_with_a_shape(correction, text, shape):
    standing = after(at(1.0, rep=BAD, cue=TOGETHER), at(1.5, said(correction), warning="step back"))
    assert (standing.message.text, standing.message.sign.shape) == (text, shape)
    standing.update(at(1.5 + SHOWN_S - 0.1, warning="step back"), a_session_state())
    assert standing.message.text == text
    standing.update(at(1.5 + SHOWN_S + 0.1, warning="step back"), a_session_state())
    assert standing.message.text == "step back"


@pytest.mark.parametrize(
    ("corrections", "text"),
    [
        (("good", "good"), "set 1: 3 reps are good"),
        (("bad", "bad"), "set 1: 3 reps are bad"),
        (("no-rep", "no-rep"), "set 1: 3 reps do not count"),
        (("bad", "good"), "set 1: 2 reps are good"),
        ((None, None), "set 1: undone for 3 reps"),
    ],
)
def test_reps_that_are_corrected_at_once_are_told_together(corrections, text):
    """By one answer, about a set: each in a step of its own, after the same frame."""
    first, last = corrections
    steps = []
    for number, label in enumerate([first, last, last], 1):
        rep = a_rep(set=1, number=number, start_s=number, correction=label and Correction(label=label))
        steps.append(at(1.0, RepCorrected(rep=rep, before=None, undone=label is None)))
    assert shown(*steps) == text
    again = replace(steps[-1], observation=an_observation(t_s=1.1))
    assert shown(*steps, again).startswith("set 1, rep 3: "), "a later correction is one of its own"


OTHER = RepCorrected(rep=a_rep(start_s=-5.0), before=None)


@pytest.mark.parametrize(
    ("corrected", "verdict"),
    [*((said(Correction(label=label)), of) for label, of in COUNTS_AS.items()), (OTHER, "anomalous")],
)
def test_the_frame_says_what_the_rep_counts_as_from_then_on(corrected, verdict):
    """An alarm that was none is gone at once, and so are its words; what is said of another rep changes nothing."""
    assert after(at(1.0, rep=BAD, cue=TOGETHER), at(1.5, corrected)).form == verdict


def test_a_good_label_is_answered_at_once_with_its_effect_and_how_to_undo_it():
    """Not of a rep that could not be judged: it judges no other."""
    good = Correction(label="good")
    assert after(at(1.0, said(good))).message.detail == LIKE_THIS
    assert after(at(1.2, said(good)), at(1.4, rep=BAD, cue=TOGETHER)).message.kind == "alarm", "the next rep ends it"
    assert after(at(1.0, said(Correction(label="bad")))).message.detail is None
    unsure = a_rep(verdict="unsure", score=None, correction=good)
    assert after(at(1.0, RepCorrected(rep=unsure, before=None))).message.detail is None


@pytest.mark.parametrize(
    ("reference", "own_reps", "verdict", "shown"),
    [
        ("own", 5, "good", ("good", "")),
        ("none", 0, "good", ("alike", "")),
        ("none", 1, "good", ("alike", "like your first reps")),
        ("session", 8, "good", ("alike", "like your first set")),
        ("standard", 3, "good", ("good", "")),
        ("none", 4, "anomalous", ("different", "")),
    ],
)
def test_a_rep_is_shown_as_good_only_by_a_reference(reference, own_reps, verdict, shown):
    """Without a reference its number is neutral, with what it is like."""
    standing = after(at(0.0, count=2, rep=a_rep(reference=reference, own_reps=own_reps, verdict=verdict)))
    assert (standing.form, standing.comparison_words) == shown


def test_a_difference_without_a_reference_or_a_name_is_no_alarm():
    odd = a_rep(reference="none", own_reps=4, verdict="anomalous")
    cue = Cue(kind="counted_rep", text="unlike your first reps", rep=1, say="3", why="left knee, in the bottom")
    message = after(at(0.0, count=3, rep=odd, cue=cue)).message
    assert (message.kind, message.text, message.sign) == ("unjudged", cue.text, UNEQUAL)


@pytest.mark.parametrize("reason", [*measured.NOT_CLEAR.values(), *REASONS])
def test_a_lifter_is_told_what_to_do_about_a_difference(reason):
    message = after(at(0.0, count=1, rep=a_rep(verdict="unsure", unsure=reason))).message
    assert message.text == f"not judged: {reason}"
    assert 0 < len(message.detail.split()) <= 6


def with_depths(*verdicts: str, depth: str = "parallel") -> DisplayState:
    """After a set of reps that were so deep."""
    standing = DisplayState("Squat")
    reps = [a_rep(set=1, number=n, standards=(a_depth(9.0, verdict),)) for n, verdict in enumerate(verdicts, 1)]
    status = a_session_state(reps=reps, standards=Standards(depth=depth))
    standing.update(a_step(summary=a_set_summary(index=1)), status)
    return standing


def test_a_set_of_high_reps_alone_asks_whether_that_was_meant():
    """By one key, or one button of the phone; not once depth is not checked, nor where a rep was close or deep."""
    assert with_depths(*["missed"] * 3).question == "High on purpose?\N{NO-BREAK SPACE}d"
    assert with_depths(*["missed"] * 3).answers == {"d": "High on purpose"}
    assert with_depths(*["missed"] * 3, depth="none").question == ""
    asked = with_state(with_depths(*["missed"] * 3).step, reference_s=(1.0,))
    standing = with_depths(*["missed"] * 3)
    standing.update(asked, standing.status)
    assert standing.question.endswith("Not my good reps?\N{NO-BREAK SPACE}n · High on purpose?\N{NO-BREAK SPACE}d")
    assert with_depths("missed", "missed", "close").question == with_depths("missed", "missed").question == ""


def test_a_lifter_who_wants_no_depth_is_not_told_to_go_deeper_in_that_rest():
    for depth, said in (("parallel", True), ("none", False)):
        standing = with_depths(*["missed"] * 3, depth=depth)
        over = a_full_set_summary(fault="shallow", fault_cue="a little deeper", good=8, anomalous=0)
        standing.update(with_state(standing.step, summary=over), standing.status)
        assert any("deeper" in part for row in standing.summary_rows for part in row.parts) == said
        standing.update(with_state(standing.step, summary=a_full_set_summary()), standing.status)
        assert any("hips" in part for row in standing.summary_rows for part in row.parts)
