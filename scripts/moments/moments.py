"""The moments of a set, in the order of the table in docs/experience.md: the time of each, and its changes."""

from collections.abc import Callable
from dataclasses import dataclass

from livecoach.types import Step
from moments import staging
from moments.takes import ANOTHER_GIVEN, CUT_OFF, GIVEN, STOOD, WHOLE, Take

STOOD_S = 6.1
"""Time until which the lifter stands at the bar; by then there was time to read "ready"."""
LOOKED_S = 146.6
"""Time near the end of the rest, when nothing is left to say."""
RESTED_S = 144.6
"""Time at which the lifter is back for the second set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A row of the table, and the making of its picture."""

    row: str
    """The row's first cell."""
    name: str
    """Beginning of its pictures' names."""
    caption: str
    """The lifter's action."""
    shows: str = ""
    """Content of the picture, for its alternative text."""
    when: Callable[[Step], bool] = lambda _: False
    """Whether a step is the moment; the first one counts."""
    after_s: float = 0.6
    """Seconds from that step to the one in the picture."""
    take: Take | None = WHOLE
    """The take that it comes from; None: it is not of a run."""
    change: staging.Change = staging.as_it_was
    """Change to the steps, where the clip has no such moment."""
    status: staging.ChangeOfStatus = staging.as_it_stood
    """Change to the state of the run."""

    @property
    def is_staged(self) -> bool:
        """Whether anything was changed."""
        return self.change is not staging.as_it_was or self.status is not staging.as_it_stood


def _rep(number: int) -> Callable[[Step], bool]:
    """Return whether a step completes the rep of that number in the first set."""
    return lambda step: step.rep is not None and step.rep.place == (1, number)


def _cue(kind: str) -> Callable[[Step], bool]:
    return lambda step: step.cue is not None and step.cue.kind == kind


def _at(t_s: float) -> Callable[[Step], bool]:
    return lambda step: step.observation.t_s >= t_s


def _second_set(step: Step) -> bool:
    return step.in_set and step.set_index == 2


MOMENTS = (
    Moment(
        row="at rest, before the first set and between two",
        name="at_rest",
        caption="Before the first set of three.",
        shows="a lifter stands at the bar; in large type Deadlift, anna, 100 kg, set 1 of 3",
        take=GIVEN,
        when=_at(STOOD_S),
        after_s=0.0,
    ),
    Moment(
        row="you press a digit, `r` or `t`",
        name="typing",
        caption="Enter takes 102.5 kg for the first set.",
        shows="the same in large type, with 102.5 and a cursor in the place of the load",
        take=GIVEN,
        when=_at(STOOD_S),
        after_s=0.0,
        status=staging.typing,
    ),
    Moment(
        row="the planned rest is over",
        name="rest_over",
        caption="The plan was two minutes. The summary of the last set is still there.",
        shows='a green plate with 2:02, a tick and "rest over"; the summary, 6 reps, 5 good',
        when=_at(RESTED_S),
        after_s=0.0,
    ),
    Moment(
        row="the first start, and `livecoach` alone",
        name="start_screen",
        caption="The keys act on the blue button: Enter starts.",
        shows="the camera's picture, beside it rows for exercise, profile and camera, and a blue button Start",
        take=None,
    ),
    Moment(
        row="before a set",
        name="before_a_set",
        caption="The camera cuts off the feet, so the hint says what to do about it.",
        shows='a lifter without feet, and the hint "step back: feet are cut off"',
        take=CUT_OFF,
        when=lambda step: step.warning is not None or step.hint is not None,
    ),
    Moment(
        row="everything is right for one second",
        name="ready",
        caption="The lifter stands in the right place.",
        take=STOOD,
        when=_cue("ready"),
        shows='a lifter stands at the bar, with "ready" and a tick',
    ),
    Moment(
        row="the exercise is not known yet",
        name="not_known",
        caption="The lifter stands at the bar.",
        shows='a lifter stands at the bar; "begin your set" in large type',
        when=lambda step: step.observation.t_s > STOOD_S and step.exercise is None,
        after_s=0.0,
    ),
    Moment(
        row="setting up, walking, chalking hands",
        name="setting_up",
        caption="The lifter bends to the bar.",
        shows="a lifter bends to the bar, with a thin grey skeleton",
        when=_at(7.4),
        after_s=0.0,
    ),
    Moment(
        row="a rep under way",
        name="under_way",
        caption="The third rep, on the way up. The bar at the side shows how far.",
        shows="a lifter with a skeleton in blue and yellow, and a bar that is partly full",
        when=lambda step: step.count == 2 and step.progress is not None and step.progress > 0.6,
        after_s=0.0,
    ),
    Moment(
        row="a rep of an exercise whose name is not sure yet",
        name="open_name",
        caption="It counts all the same.",
        shows='a large 1 with a tick, and "Deadlift?" at the lower edge',
        when=_rep(1),
        change=staging.doubtful,
    ),
    Moment(
        row="the exercise becomes known, mostly in its first rep or with it",
        name="recognised",
        caption="The first movement was a deadlift.",
        shows='the number 1, and "Deadlift" in large type',
        when=lambda step: step.exercise is not None and not step.is_open,
        after_s=0.4,
    ),
    Moment(
        row="learning",
        name="learning",
        caption="The second rep of a new lifter.",
        shows='the number 2 with a tick, and "learning your good reps from this side: 2 of 5" at the lower edge',
        when=_rep(2),
    ),
    Moment(
        row="your reference is ready",
        name="reference_ready",
        caption="livecoach has learned enough good reps to judge the next ones by them.",
        shows='"reference ready" with a tick',
        when=_cue("learned"),
        after_s=0.0,
    ),
    Moment(
        row="a good rep",
        name="good_rep",
        caption="The third rep was good.",
        shows="a large 3 with a tick on a green plate, and a green frame",
        when=_rep(3),
    ),
    Moment(
        row="an anomalous rep",
        name="anomalous_rep",
        caption="The arms bent in the fifth rep.",
        shows='5 on an orange plate, "arms straight" with a cross, the reason under it, thick joints, a hatched frame',
        when=_rep(5),
    ),
    Moment(
        row="the same correction again, within two reps and 10 s",
        name="same_again",
        caption="The sixth rep has the same fault as the fifth.",
        shows='6 on an orange plate, "arms straight" with a cross, the reason under it, a hatched frame',
        when=_rep(6),
        change=staging.again,
    ),
    Moment(
        row="a rep that cannot be judged",
        name="not_judged",
        caption="The plates hid the legs.",
        shows='a grey 3 with a dash, and "not judged: legs not clear, move the camera closer"',
        when=_rep(3),
        change=staging.not_judged,
    ),
    Moment(
        row="a rep that is slower than the set's fastest by the planned loss (`--stop-at-loss`)",
        name="stop",
        caption="The fourth rep of eight.",
        shows='"stop, last rep 24 % slower" beside a green 4 of 8',
        when=_rep(4),
        status=staging.slower,
    ),
    Moment(
        row="half a rep",
        name="half_a_rep",
        caption="After five and a half reps the number is still 5.",
        shows='"half a rep: not counted" beside a dimmed 5',
        when=_rep(6),
        change=staging.half,
    ),
    Moment(
        row="doubtful reps that count late",
        name="late_reps",
        caption="The first rep of the second set counts when the exercise is known again.",
        shows="the number 1, dimmed, and nothing else",
        when=_second_set,
    ),
    Moment(
        row="the corrected fault is gone",
        name="fixed",
        caption="The first rep after the correction.",
        shows='a green 6 with a tick, and "fixed"',
        when=_cue("fixed"),
    ),
    Moment(
        row="something hides you",
        name="two_people",
        caption="Somebody else has stood in the picture for 2.5 s.",
        shows='two people, and "two people: if you are not lifting, step aside"',
        when=_at(staging.COMPANY_FROM_S + 1.0),
        after_s=0.0,
        change=staging.two_people,
    ),
    Moment(
        row="the camera is gone",
        name="camera_lost",
        caption="The picture stands still.",
        shows='"camera lost: trying again" over the last picture',
        when=_rep(2),
        after_s=-0.6,
        change=staging.lost,
    ),
    Moment(
        row="a whole rep of another exercise than you have named",
        name="another_exercise",
        caption="The lifter chose squats and does deadlifts.",
        shows='"this looks like deadlift: press e", and Squat in large type',
        take=ANOTHER_GIVEN,
        when=lambda step: step.looks_like is not None,
    ),
    Moment(
        row="the set is over",
        name="set_over",
        caption="The summary, and the rest timer, which counts from the last rep.",
        shows="the summary, 6 reps, 5 good, 1 rep: arms straight, and the time of the rest",
        when=lambda step: step.summary is not None,
        after_s=1.0,
    ),
    Moment(
        row="the exercise of the set is still in doubt",
        name="choice",
        caption="It counted as the likeliest one. 1 or 2 names it; nobody has to.",
        shows='the summary, and "Deadlift? 1 · Romanian deadlift? 2" at the lower edge',
        when=lambda step: step.summary is not None,
        after_s=1.0,
        change=staging.doubtful,
    ),
    Moment(
        row="ten seconds of the rest are over",
        name="looking",
        caption="The worst rep beside the best one, in step, until the first movement of the next set.",
        shows="two figures side by side, one with a cross and thick arms, one with a tick; under them Arms straight, "
        "the measured angle beside that of good reps, and a drill",
        when=_at(LOOKED_S),
        after_s=0.0,
    ),
    Moment(
        row="the next set",
        name="next_set",
        caption="The first rep of the second set. The exercise is the same, so it is not announced again.",
        shows='the number 1, and "set 2 of 3" at the lower edge',
        when=_second_set,
        after_s=3.0,
    ),
    Moment(
        row="the end (`q`, Esc, Ctrl-C, the window closed)",
        name="end",
        caption="What the terminal says.",
        take=None,
    ),
)
