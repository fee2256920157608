"""What is said of reps and sets, and in what order."""

from dataclasses import replace
from itertools import pairwise

import pytest
from builders.depth import a_depth
from builders.steps import a_fault, a_rep, a_set_summary
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.types import Cue, CueKind, Fault, PartialRep, Rep, RepDifference, UncheckedFault, Verdict
from livecoach.core.types.message import Message
from livecoach.decisions.coaching import cues
from livecoach.decisions.coaching.cues import CuePolicy, CueQueue

REP_S = 4.0
A_WHY = RepDifference(joints=("left_knee",), phase="ascent", at_s=1.0, text="left knee, on the way up")
DEEPER = "a little deeper"
FAULT_CUES = {"rounded_back": "chest up", "bar_drift": "bar close", "soft_lockout": "stand tall", "shallow": DEEPER}


def a_plain_fault(name: str, severity: float = 0.2) -> Fault:
    """A fault without a sentence that says what was measured."""
    return a_fault(name, severity=severity, text="")


def reps_of(*kinds: str, rep_s: float = REP_S) -> list[Rep]:
    """Reps by what each shows: "good", "unsure", "odd" (anomalous without a name), faults joined by +, and after a ?
    what can't be told from it."""
    return [a_rep_of(kind, number, rep_s) for number, kind in enumerate(kinds, 1)]


def a_rep_of(kind: str, number: int, rep_s: float = REP_S) -> Rep:
    shown, _, hidden = kind.partition("?")
    verdicts: dict[str, Verdict] = {"good": "good", "unsure": "unsure"}
    names = shown.split("+") if shown in "+".join(FAULT_CUES) or "+" in shown else []
    return a_rep(
        index=number,
        start_s=rep_s * (number - 1),
        turn_s=rep_s * (number - 0.5),
        end_s=rep_s * number,
        verdict=verdicts.get(shown, "anomalous"),
        reference="own",
        unsure="legs hidden" if shown == "unsure" else None,
        faults=tuple(a_plain_fault(name) for name in names),
        not_visible=(UncheckedFault(name=hidden, reason="azimuth"),) if hidden else (),
    )


def a_policy() -> CuePolicy:
    return CuePolicy(FAULT_CUES, "check that one")


def said(*kinds: str, rep_s: float = REP_S) -> list[str | None]:
    policy = a_policy()
    return [policy.cue_for_rep(rep, number).say for number, rep in enumerate(reps_of(*kinds, rep_s=rep_s), 1)]


@pytest.mark.parametrize(
    ("shown", "kind", "text", "say"),
    [
        ("good", "good_rep", "3", "3"),
        ("unsure", "unjudged_rep", "not judged: legs hidden", "3"),
        ("bar_drift", "anomalous_rep", "bar close", "bar close"),
        ("odd", "anomalous_rep", "check that one", "check that one"),
    ],
)
def test_a_rep_is_shown_and_said_by_its_verdict(shown: str, kind: CueKind, text: str, say: str) -> None:
    """The number is that in the set; without a named fault, the exercise's own phrase corrects."""
    assert a_policy().cue_for_rep(a_rep_of(shown, 12), 3) == Cue(kind=kind, text=text, rep=12, say=say)


def test_a_rep_without_a_name_is_shown_with_what_it_differs_by() -> None:
    odd = replace(a_rep_of("odd", 12), why=A_WHY)
    assert a_policy().cue_for_rep(odd, 3).why == "unlike your good reps: left knee, on the way up"
    earlier = a_policy().cue_for_rep(replace(odd, compared_with="2026-11-25"), 3)
    assert earlier.why == "compared with 25 Nov: left knee, on the way up"
    unsure = replace(odd, reference="session")  # nothing says yet that it is the worse one
    for why in (A_WHY, None):
        cue = Cue(kind="counted_rep", text="unlike your first set", rep=12, say="3", why=why and why.text)
        assert a_policy().cue_for_rep(replace(unsure, why=why), 3) == cue


@pytest.mark.parametrize(
    ("kinds", "heard"),
    [
        # The first fault is the primary one; the lifter works on one thing at a time.
        (["rounded_back+bar_drift"], ["chest up"]),
        (["rounded_back", "rounded_back+bar_drift"], ["chest up", "2"]),
        (["bar_drift", "rounded_back", "bar_drift"], ["bar close", "chest up", "3"]),
        # The phrase without a name is quiet as fault cues are, and corrects nothing.
        (["odd", "odd"], ["check that one", "2"]),
        (["odd", "good"], ["check that one", "2"]),
        # A fault that stays, or can't be told from a rep, is acknowledged when it is seen to be gone.
        (["bar_drift", "bar_drift", "good"], ["bar close", "2", "good"]),
        (["bar_drift", "unsure", "good"], ["bar close", "2", "good"]),
        (["bar_drift", "good?bar_drift", "good"], ["bar close", "2", "good"]),
        (["bar_drift", "odd?bar_drift", "good"], ["bar close", "check that one", "good"]),
        # It is forgotten where another takes its place, and where it comes back while its fault cue is quiet.
        (["bar_drift", "odd", "good"], ["bar close", "check that one", "3"]),
        (["bar_drift", "good", "bar_drift", "good"], ["bar close", "good", "3", "4"]),
    ],
)
def test_reps_in_a_row_are_heard_as_faults_numbers_and_praise(kinds: list[str], heard: list[str]) -> None:
    assert said(*kinds) == heard


@pytest.mark.parametrize(("rep_s", "second"), [(11.0, "bar close"), (9.0, "2")])
def test_the_same_fault_cue_is_quiet_for_ten_seconds_at_most(rep_s: float, second: str) -> None:
    """Slow reps and singles hear it every time."""
    assert said("bar_drift", "bar_drift", rep_s=rep_s) == ["bar close", second]


def test_the_same_fault_cue_is_quiet_for_two_reps() -> None:
    """A late one counts. In between the rep is red and its words are shown; heard are tone and number."""
    policy, reps = a_policy(), reps_of(*["bar_drift"] * 6, rep_s=1.0)
    told = [policy.cue_for_rep(rep, rep.index) for rep in reps[:4]]
    policy.count_late_rep()
    told += [policy.cue_for_rep(rep, rep.index) for rep in reps[4:]]
    assert [cue.say for cue in told] == ["bar close", "2", "3", "bar close", "5", "bar close"]
    assert {(cue.kind, cue.text) for cue in told} == {("anomalous_rep", "bar close")}


@pytest.mark.parametrize(("high_cm", "kind", "say"), [(9.0, "anomalous_rep", DEEPER), (4.0, "counted_rep", "5")])
def test_a_squat_that_is_not_deep_enough_is_not_called_good(high_cm: float, kind: str, say: str) -> None:
    """The next squat is good if it is deep enough, though another fault was to be mended."""
    bad, good = reps_of("bar_drift", "good")
    policy, high = a_policy(), replace(good, standards=(a_depth(high_cm, "missed"),))
    cues = [policy.cue_for_rep(rep, number) for number, rep in enumerate((bad, high, good), 4)]
    assert [(cue.kind, cue.say) for cue in cues[1:]] == [(kind, say), ("fixed", "good")]


def test_a_lifter_who_stays_too_high_hears_so_after_every_third_squat() -> None:
    policy, (good,) = a_policy(), reps_of("good")
    high = [replace(good, end_s=2.0 * i, standards=(a_depth(9.0, "missed"),)) for i in range(1, 5)]
    assert [policy.cue_for_rep(rep, i).say for i, rep in enumerate(high, 1)] == [DEEPER, "2", "3", DEEPER]


def test_a_fault_of_form_is_heard_before_a_missed_depth() -> None:
    (bad,) = reps_of("bar_drift")
    assert a_policy().cue_for_rep(replace(bad, standards=(a_depth(9.0, "missed"),)), 1).say == "bar close"


def test_a_fault_is_acknowledged_as_fixed_only_by_a_rep_that_could_be_compared() -> None:
    """Beside everybody's reps no fault is looked for; nor in a set's first rep one that is compared within a set."""
    bad, good = reps_of("bar_drift", "good")
    policy = a_policy()
    policy.cue_for_rep(bad, 4)
    assert policy.cue_for_rep(replace(good, own_reps=0), 5).kind == "good_rep"
    assert policy.cue_for_rep(good, 6).kind == "fixed"
    policy = CuePolicy(FAULT_CUES, "check that one", ["bar_drift"])
    policy.cue_for_rep(bad, 4)
    assert [policy.cue_for_rep(good, number).kind for number in (1, 2)] == ["good_rep", "fixed"]


def test_a_pull_that_was_not_lowered_is_corrected_without_a_number() -> None:
    policy = a_policy()
    pull = PartialRep(start_s=0.0, reason="no_lowering", faults=(a_plain_fault("rounded_back"),))
    assert policy.cue_for_partial_rep(pull, 3.0) == Cue(kind="anomalous_rep", text="chest up", rep=None, say="chest up")
    assert policy.cue_for_partial_rep(pull, 6.0) is None
    assert policy.cue_for_partial_rep(PartialRep(start_s=0.0, reason="cut"), 9.0) is None


def test_a_movement_that_does_not_count_is_shown_with_the_reason() -> None:
    policy = a_policy()
    texts = {
        "short": "half a rep: not counted",
        "shallow": "too shallow: not counted",
        "from_below": "the camera is too low: not counted",
    }
    for reason, text in texts.items():
        told = policy.cue_for_partial_rep(PartialRep(start_s=0.0, reason=reason), 3.0)  # type: ignore[arg-type]
        assert told == Cue(kind="unjudged_rep", text=text, rep=None, say=None)
    assert policy.cue_for_partial_rep(PartialRep(start_s=0.0, reason="begun"), 9.0) is None


@given(st.lists(st.sampled_from(["good", "unsure", "odd", "bar_drift", "rounded_back+bar_drift", "good?bar_drift"])))
def test_no_fault_cue_is_soon_repeated_and_no_praise_follows_praise(kinds: list[str]) -> None:
    """Whatever the set: no fault cue within two reps and ten seconds of itself, none acknowledged twice, and the same
    reps give the same cues."""
    heard = said(*kinds)
    assert heard == said(*kinds)
    for words in (*FAULT_CUES.values(), "check that one"):
        at = [i for i, say in enumerate(heard) if say == words]
        assert all(b - a > 2 for a, b in pairwise(at))
    praised = False
    for say in heard:
        assert not (say == "good" and praised)
        praised = say == "good" or (praised and say not in FAULT_CUES.values())


@pytest.mark.parametrize(
    ("of_set", "words"),
    [
        ({"good": 7, "anomalous": 1}, "8 reps, 7 good"),
        ({}, "8 reps, all good"),
        ({"good": 0, "anomalous": 8}, "8 reps, none good"),
        ({"good": 5, "unsure": 3}, "8 reps, 5 good, 3 not judged"),
        ({"good": 0, "unsure": 8}, "8 reps, not judged"),
        ({"reps": 4, "good": 0, "anomalous": 1, "different": 3}, "4 reps"),
        ({"reps": 1, "good": 1}, "1 rep, good"),
        ({"reps": 0, "good": 0}, "0 reps"),  # a person called each rep no rep
        ({"reps": 0, "good": 0, "fault": "shallow"}, "0 reps"),  # only deep reps count
        ({"notes": (Message(cues.UNSEEN_FAULTS, text="back rounded"),)}, "8 reps, 8 good, in this view"),
        ({"notes": (Message("{n} alike", n=3), "another note")}, "8 reps, all good"),
        (
            {"reps": 1, "good": 1, "notes": (Message(cues.UNSEEN_FAULTS, text="back rounded"),)},
            "1 rep, 1 good, in this view",
        ),
    ],
)
def test_a_set_that_is_over_is_counted_in_words(of_set: dict[str, int], words: str) -> None:
    assert cues.summary_cue(a_set_summary(**of_set)).say == words


def test_reps_that_are_only_alike_or_different_are_shown_and_not_spoken() -> None:
    sets = ({"reps": 1, "alike": 1}, {"reps": 2, "alike": 2}, {"reps": 3, "alike": 2, "different": 1})
    told = [
        cues.summary_cue(a_set_summary(good=0, **of_set, reference=of)) for of in ("own", "session") for of_set in sets
    ]
    shown = ["1 rep", "2 reps, alike", "3 reps, 2 alike, 1 different"]
    like = ["1 rep, like your first set", "2 reps, like your first set", "3 reps, 2 like your first set, 1 different"]
    assert [cue.text for cue in told] == [*shown, *like]
    assert [cue.say for cue in told] == ["1 rep", "2 reps", "3 reps"] * 2


def test_a_stop_is_said_alone_where_no_rep_is_spoken_of() -> None:
    stop = Cue(kind="stop", text="stop", rep=None, say="stop")
    assert cues.stop_cue(None) == cues.stop_cue(cues.warning_cue("too dark")) == stop


GOOD = Cue(kind="good_rep", text="5", rep=5, say="5")
FAULT_CUE = Cue(kind="anomalous_rep", text="knees out", rep=5, say="knees out")


@pytest.fixture
def queue() -> CueQueue:
    return CueQueue()


def test_the_cue_of_a_rep_comes_at_once_and_news_when_it_was_read(queue: CueQueue) -> None:
    """The lifter is known with the fifth rep: its number first, the news 2.5 s later."""
    assert queue.step(10.0, rep_cue=GOOD, news=[cues.LEARNED]) == GOOD
    assert queue.step(12.4) is None
    assert queue.step(12.5) == cues.LEARNED
    assert queue.step(20.0) is None
    queue.step(30.0, rep_cue=GOOD, news=[cues.LEARNED])
    assert queue.step(32.0, rep_cue=GOOD) == GOOD  # what waits gives way to each rep
    assert [queue.step(34.0), queue.step(34.5)] == [None, cues.LEARNED]


def test_the_most_important_of_the_waiting_cues_comes_first(queue: CueQueue) -> None:
    over = cues.summary_cue(a_set_summary())
    assert queue.step(0.0, news=[cues.READY, cues.LEARNED, over]) == over
    assert queue.step(2.5) == cues.LEARNED
    assert queue.step(5.0) == cues.READY


def test_a_waiting_cue_that_is_no_longer_true_is_dropped(queue: CueQueue) -> None:
    queue.step(0.0, rep_cue=GOOD, news=[cues.warning_cue("too dark: add light"), cues.READY])
    assert queue.step(1.0, untrue=["warning"]) is None
    assert queue.step(2.5, untrue=["ready"]) is None
    assert queue.step(5.0) is None


def test_no_cue_waits_at_the_end_of_a_run(queue: CueQueue) -> None:
    over = cues.summary_cue(a_set_summary())
    queue.step(0.0, rep_cue=GOOD)
    assert queue.finish(news=[over]) == over
    assert queue.finish(rep_cue=GOOD, news=[over]) == GOOD


def test_the_name_of_the_exercise_is_said_without_waiting(queue: CueQueue) -> None:
    """Later it would be no news; what was said before may be cut short."""
    queue.step(10.0, news=[cues.READY])
    assert queue.step(10.5, news=[cues.recognition_cue("Squat")]) == cues.recognition_cue("Squat")
    assert queue.step(12.9, news=[cues.READY]) is None


def test_the_name_of_the_exercise_is_said_before_the_number_of_a_rep(queue: CueQueue) -> None:
    """Once. A fault cue is not delayed by it: the picture shows the name."""
    told = queue.step(10.0, rep_cue=GOOD, news=[cues.recognition_cue("Squat")])
    assert told == replace(GOOD, say=f"squat, {GOOD.say}")
    assert queue.step(20.0) is None
    assert queue.step(30.0, rep_cue=FAULT_CUE, news=[cues.recognition_cue("Squat")]) == FAULT_CUE
