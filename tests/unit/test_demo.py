"""What the demo says of its run, and how long it shows the rest."""

import json

from builders.command import DEMO
from builders.steps import a_fault, a_rep

from livecoach.cli.demo import STAYS_S, lines_on
from livecoach.core.types import NotVisible, Rep
from livecoach.decisions.coaching.set_progress import LOOK_AFTER_S
from livecoach.decisions.counting.sets import STANDS_S
from livecoach.feedback.rep_loop import MOVES_S, STOPS_S
from livecoach.lab.truth import TrueFault, TrueRep, read_truth


def rendered(turn_s: float, *shown: str) -> TrueRep:
    """A rep of the clip, which ends a second after its turn. It was ordered with the first fault that it shows."""
    faults = tuple(TrueFault(name=name, way=name, knob=1.0) for name in shown[:1])
    severities = {**dict.fromkeys(shown, 1.0), "bar_drift": 0.3}
    times = {"start_s": turn_s - 0.5, "turn_s": turn_s, "end_s": turn_s + 1.0}
    frames = {"start_frame": 0, "turn_frame": 1, "end_frame": 2}
    return TrueRep(index=1, faults=faults, severities=severities, **times, **frames)


GOOD, BAD = rendered(1.0), rendered(3.0, "hitch", "bent_arms")
HITCH = a_fault("hitch", text="bar dipped on the way up: about 13 cm, your good reps 0 cm")


def second(**changes: object) -> Rep:
    """The second rep, found to be bad."""
    fields: dict[str, object] = {"verdict": "anomalous", "faults": (HITCH, a_fault("bent_arms", text=""))}
    return a_rep(**{"index": 2, "start_s": 2.5, "turn_s": 3.1, "end_s": 4.0, **fields, **changes})


def test_the_clip_holds_five_reps_one_of_them_bad():
    assert [set(rep.severities) for rep in read_truth(DEMO).reps] == [set(), set(), set(), {"hitch", "jerky"}, set()]


def test_the_last_picture_stays_until_the_two_reps_were_shown_twice():
    """The set is over, and its last rep is 10 s ago, before that."""
    clip = json.loads(DEMO.with_suffix(".json").read_text())
    still_s = clip["frames"] / clip["fps"] - clip["reps"][-1]["end_s"]
    assert still_s + STAYS_S > max(STANDS_S, LOOK_AFTER_S) + 2 * (MOVES_S + STOPS_S)


def test_a_run_that_found_everything_names_it():
    """What the clip shows, ordered or not, and what was found of it, with the measured values."""
    assert lines_on([GOOD, BAD], [a_rep(), second()]) == [
        "What the clip holds: 2 reps; rep 2 is bad (bar dipped on the way up, arms bent); all others are good.",
        "What livecoach found: 2 reps; rep 2 is bad: bar dipped on the way up: about 13 cm, your good reps 0 cm, "
        "arms bent; all others are good.",
    ]


def test_what_could_not_be_seen_or_was_missed_is_named():
    """What the view never shows; and of what the clip shows clearly, what was not found, with the reason, if any."""
    unseen = NotVisible(name="rounded_back", reason="azimuth")
    blurred = NotVisible(name="bent_arms", reason="frame_rate")
    for not_visible, why in (((unseen, blurred), " (too few frames per second)"), ((unseen,), "")):
        third = a_rep(index=3, start_s=4.5, turn_s=5.0, end_s=6.0, not_visible=(unseen,))
        found = [a_rep(not_visible=(unseen,)), second(faults=(HITCH,), not_visible=not_visible), third]
        assert lines_on([GOOD, BAD, rendered(5.0)], found)[2:] == [
            "What it could not see: rounded back (not visible from where the camera stood).",
            f"What it missed: arms bent in rep 2{why}.",
        ]


def test_a_demo_that_was_ended_before_its_first_rep_says_nothing():
    assert lines_on([], []) == []
