"""Sets that begin and end by themselves, on figures that lift, stand, walk and go."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.steps import a_rep
from builders.stick_figure import Lift, a_stick_figure

from livecoach.core.config import exercise
from livecoach.core.types import MovementTimes, StageName
from livecoach.decisions.counting.set_tracker import SetTracker
from livecoach.decisions.counting.tuning import INACTIVE_S
from livecoach.decisions.judging.corrections import RepLog
from livecoach.perception.body.body import Body, find_body

FPS = 10.0
REP_S = 3.0
Moment = tuple[Body | None, StageName | None, bool]
"""What is seen, the stage, and whether a rep ends here."""


def seen(
    bend: float, *, lift: Lift = "deadlift", x: float = 0.5, hands_up: float = 0.0, height: float = 0.42
) -> tuple[Body, StageName]:
    """Somebody whose feet are at x (0…1 of the picture) and who raises the hands by a share of the body's length."""
    figure = a_stick_figure(bend, lift=lift)
    figure[[15, 16], 1] -= hands_up * 1.36
    found = find_body(a_sighting(figure, feet=(x, 0.9), height=height))
    assert found is not None
    return found, "down" if bend > 0.6 else "up" if bend < 0.4 else "neutral"


def a_lift(
    lift: Lift = "deadlift", reps: int = 1, x: float = 0.5, height: float = 0.42, walks: float = 0.0
) -> Iterator[Moment]:
    """Reps, on whose way back the lifter walks by a share of the picture's width."""
    count = round(REP_S * FPS)
    for _ in range(reps):
        for i in range(count):
            out = 0.5 - 0.5 * np.cos(2 * np.pi * i / (count - 1))
            at_x = x + walks * max(0.0, 2 * i / (count - 1) - 1)
            yield *seen(1 - out if lift == "deadlift" else out, lift=lift, x=at_x, height=height), i == count - 1


def still(
    seconds: float, bend: float = 0.0, *, lift: Lift = "deadlift", x: float = 0.5, hands_up: float = 0.0
) -> list[Moment]:
    return [(*seen(bend, lift=lift, x=x, hands_up=hands_up), False)] * round(seconds * FPS)


def gone(seconds: float) -> list[Moment]:
    return [(None, None, False)] * round(seconds * FPS)


class News(NamedTuple):
    in_set: bool
    began: bool
    over: bool


class Told:
    def __init__(self, *parts: Iterable[Moment], lift: Lift = "deadlift") -> None:
        self.tracker, self.log = SetTracker(exercise.load(lift).reps), RepLog()
        self.news: list[tuple[float, News]] = []
        self.numbers: list[tuple[int, int]] = []
        self.rep_ends_s: list[float] = []
        for i, (found, stage, ends) in enumerate(moment for part in parts for moment in part):
            self._step(i / FPS, found, stage, self._rep(i / FPS) if ends else None)

    def _rep(self, t_s: float) -> MovementTimes:
        self.rep_ends_s.append(t_s)
        return MovementTimes(t_s - REP_S, t_s - REP_S / 2, t_s)

    def _step(self, t_s: float, found: Body | None, stage: StageName | None, rep: MovementTimes | None) -> None:
        at = found and Body(**{name: t_s if name == "t_s" else getattr(found, name) for name in Body.__slots__})
        over = self.tracker.step(t_s, at, progress=None, stage=stage, counts=rep is not None)
        in_a_row = self.log.count_in_a_row(self.tracker.index, INACTIVE_S)
        began = rep is not None and self.tracker.add(rep, in_a_row=in_a_row)
        self.news.append((t_s, News(self.tracker.is_in_set, began, over)))
        if rep is not None:
            self.log.reps += (a_rep(**rep._asdict(), set=self.tracker.index),)
            self.numbers.append((self.tracker.index, self.log.count_reps(self.tracker.index)))

    def when(self, what: str) -> list[float]:
        """Times at which a set began or was over."""
        return [t_s for t_s, news in self.news if getattr(news, what)]

    @property
    def after_last_rep_s(self) -> float:
        return self.when("over")[-1] - self.rep_ends_s[-1]


LIFTS: Sequence[Lift] = ("deadlift", "squat")


@pytest.mark.parametrize("lift", LIFTS)
def test_a_set_begins_with_its_first_rep_and_goes_on_with_the_others(lift: Lift) -> None:
    bend = 1.0 if lift == "deadlift" else 0.0
    breath = [still(8.0, bend, lift=lift) for _ in range(3)]
    told = Told(still(3.0, lift=lift), *(p for rest in breath for p in (a_lift(lift), rest)), a_lift(lift), lift=lift)
    assert told.when("began") == told.rep_ends_s[:1]
    assert told.when("over") == []
    assert told.numbers == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert [news.in_set for _, news in told.news] == [t_s >= told.rep_ends_s[0] for t_s, _ in told.news]


@pytest.mark.parametrize(
    ("lift", "after", "over_s"),
    [
        # Who stands has put the bar down where that is longer than it is held at lockout; free hands tell it sooner.
        ("deadlift", [still(1.0, bend=1.0), still(10.0)], 1.0 + 5.0),
        ("deadlift", [still(0.5, bend=1.0), still(10.0, hands_up=0.2)], 0.5 + 2.0),
        # Breathing with the bar on the back is no end; doing nothing for 20 s is, and so are hanging hands.
        ("squat", [still(25.0, lift="squat")], 20.0),
        ("squat", [still(2.0, lift="squat"), still(5.0, lift="squat", hands_up=-0.4)], 2.0 + 2.0),
        # A step to the side, which ends no set, and away
        *((lift, [still(3.0, 0.5, lift=lift, x=x) for x in (0.55, 0.8)], 3.0 + 1.0) for lift in LIFTS),
    ],
)
def test_a_set_is_over_when_the_lifter_has_left_the_bar(lift: Lift, after: list[list[Moment]], over_s: float) -> None:
    told = Told(a_lift(lift, 3), *after, lift=lift)
    assert told.after_last_rep_s == pytest.approx(over_s, abs=0.3)
    assert not told.news[-1][1].in_set


@pytest.mark.parametrize(
    ("reps", "pause", "then", "number"),
    [
        # The next rep within 20 s goes on, also after a breath with free hands; singles minutes apart are sets.
        (5, [still(12.0), still(2.0, 1.0)], {}, (1, 6)),
        (1, [still(80.0), still(2.0, 1.0)], {}, (2, 1)),
        (1, [still(8.0), still(2.0, 1.0, x=0.1)], {"x": 0.1}, (2, 1)),
        # A lifter comes a little nearer to the bar; somebody else, or another camera, shows much more.
        (1, [still(8.0), still(2.0, 1.0)], {"height": 0.44}, (1, 2)),
        (1, [still(8.0), still(2.0, 1.0)], {"walks": -0.4}, (1, 2)),
        (1, [still(8.0), still(2.0, 1.0)], {"height": 0.7}, (2, 1)),
    ],
)
def test_a_rep_after_a_long_pause_in_another_place_or_of_another_size_is_of_another_set(reps, pause, then, number):
    assert Told(a_lift(reps=reps), *pause, a_lift(**then)).numbers[-1] == number


def test_a_lifter_who_is_gone_ends_the_set_and_one_who_was_hidden_does_not() -> None:
    """Somebody who passes in front hides the lifter for two seconds."""
    hidden = Told(a_lift(), gone(2.0), a_lift())
    assert hidden.when("over") == []
    left = Told(a_lift(reps=2), gone(6.0))
    assert left.after_last_rep_s == pytest.approx(4.0, abs=0.3)


def test_a_lifter_who_does_no_rep_has_no_set() -> None:
    told = Told(still(5.0), still(2.0, 1.0), still(5.0, x=0.8), gone(30.0))
    assert not any(news.in_set or news.over for _, news in told.news)


def test_singles_a_minute_apart_are_one_set() -> None:
    """Each pause shows the summary; each single takes it back, and is counted on."""
    pause = [p for _ in range(2) for p in (a_lift(), still(58.0), still(2.0, 1.0))]
    told = Told(*pause, a_lift(), still(10.0))
    assert told.numbers == [(1, 1), (1, 2), (1, 3)]
    assert len(told.when("over")) == 3


def test_doubles_a_minute_apart_are_one_set() -> None:
    """Only reps in a row make a set that a minute ends."""
    pause = [*still(58.0), *still(2.0, 1.0)]
    told = Told(a_lift(), pause, a_lift(reps=2), pause, a_lift(reps=2), still(10.0))
    assert told.numbers == [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]


def test_a_minute_after_a_set_of_five_the_next_set_begins() -> None:
    """A rest between sets may be as short as that between singles."""
    told = Told(a_lift(reps=5), still(58.0), still(2.0, 1.0), a_lift(reps=2))
    assert told.numbers[-3:] == [(1, 5), (2, 1), (2, 2)]
    assert told.when("began") == [told.rep_ends_s[0], told.rep_ends_s[5]]


def test_a_set_that_the_source_ends_in_is_over() -> None:
    told = Told(a_lift(reps=2))
    assert [told.tracker.finish() for _ in range(2)] == [True, False]
    assert not told.tracker.is_in_set


def test_only_a_set_under_way_ends() -> None:
    told = Told(a_lift(), still(8.0), gone(5.0), still(2.0, 1.0), a_lift(), still(3.0, x=0.9), gone(10.0))
    assert [before.in_set for (_, before), (_, now) in pairwise(told.news) if now.over] == [True] * 2


def test_a_set_is_over_where_somebody_else_is_followed() -> None:
    told = Told(a_lift(reps=2, x=0.25), a_lift(reps=2, x=0.75))
    assert told.numbers == [(1, 1), (1, 2), (2, 1), (2, 2)]
    assert told.when("over") == [pytest.approx(told.rep_ends_s[1] + 1 / FPS)]
