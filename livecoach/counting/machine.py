"""Counter: a pure state machine that is handed one sample a frame and says when a rep is complete.

A rep goes from rest (bar on the floor; standing, for a squat) out to the turn (lockout; deepest point) and back. `away`
is how far the body is from rest: 0 there, 1 at the usual turn. A rep needs its stages and an out-and-back in `away`.
Once it is complete its boundaries are put at the turns of the curve, and where the exercise has `Boundaries` they tell
them from the whole body. Whether such a movement is a lift says `livecoach.counting.lift_filter`.
"""

from collections import deque
from collections.abc import Callable
from typing import Literal

import numpy as np

from livecoach.config.exercise import RepRules
from livecoach.counting import bar_release, samples, turning_points
from livecoach.counting.boundary_regression import Boundaries
from livecoach.counting.candidate import Candidate
from livecoach.counting.lift_filter import LiftFilter, LiftModel
from livecoach.counting.outcome import Abandoned, Completed, Outcome, Times
from livecoach.counting.rep_limits import (
    ALL_BUT_BACK,
    AT_REST,
    HUNG_AS_BEFORE,
    LEAVE,
    LOST_S,
    NEAR_REST,
    NEARER,
    NEARLY_BACK,
    OVER_S,
    REST_MEMORY_S,
    REVERSE,
    SET_REPS,
    SETTLED_SPEED,
    SHORT,
    SHORT_WITHIN_S,
    SOON_S,
    STILL_S,
    STILL_SPEED,
    WAIT_S,
)
from livecoach.counting.samples import Sample, sample_of
from livecoach.frame.body import Measures
from livecoach.types import PartialReason, StageName

__all__ = ["Abandoned", "Completed", "Outcome", "RepMachine", "Sample", "away_from_rest", "sample_of"]

Phase = Literal["unready", "rest", "out", "back"]


def away_from_rest(measures: Measures, rules: RepRules) -> float:
    """How far the body is from rest: 0 there, 1 at the usual turn; less and more are possible."""
    scaled = [(float(getattr(measures, name)) - low) / (high - low) for name, (low, high) in rules.travel.items()]
    travel = sum(scaled) / len(scaled)
    return travel if rules.rest == "down" else 1.0 - travel


class RepMachine:
    """Counts one exercise. Deterministic: the same samples give the same outcomes."""

    def __init__(self, rules: RepRules, lift: LiftModel | None = None, boundaries: Boundaries | None = None) -> None:
        """lift, boundaries: None where the exercise has none; with one, samples bring `points_px` and `world`."""
        self._rules, self._boundaries = rules, boundaries
        self.lifts = LiftFilter(rules, lift)
        self._arrived_s: float | None = None
        self._phase: Phase = "unready"
        self._samples: list[Sample] = []  # of the rep under way, or of the last REST_MEMORY_S at rest
        self._ranges: deque[float] = deque(maxlen=SET_REPS)
        self._holds: deque[np.ndarray] = deque(maxlen=SET_REPS)  # how the hands hang at the turns
        self._level = self._peak = self._low = 0.0
        self._last_end_s = 0.0  # of the last rep that counts
        self._turned = False
        self._turn_stage: StageName = "up" if rules.rest == "down" else "down"
        self._rested = False  # has the stage of rest been seen since the last turn?
        self._phases: dict[Phase, Callable[[Sample], Outcome]] = {
            "unready": self._unready,
            "rest": self._rest,
            "out": self._out,
            "back": self._back,
        }

    @property
    def progress(self) -> float | None:
        """0…1 through the range of the set (or the usual one) while a rep is under way, else None."""
        if self._phase not in ("out", "back"):
            return None
        usual = float(np.median(self._ranges)) if self._ranges else 1.0 - self._level
        share = (self._samples[-1].away - self._level) / max(usual, self._rules.min_range)
        return min(max(share, 0.0), 1.0)

    def step(self, sample: Sample) -> Outcome:
        """Take the next sample; samples come in order of time, and none while nobody is seen."""
        outcome = self.unseen(sample.t_s)
        self._samples.append(sample)
        self._rested |= self._at_rest(sample)
        return self._phases[self._phase](sample) or outcome

    def unseen(self, t_s: float) -> Outcome:
        """Nobody is seen at this time; after a while what was under way is lost."""
        if self._samples and t_s - self._samples[-1].t_s > LOST_S:
            return self._give_up("lost")
        return None

    def finish(self) -> Outcome:
        """The source has ended: a rep that is all but back counts, another is a partial one."""
        if self._phase == "back" and self._turned and self._gone() >= ALL_BUT_BACK:
            return self._complete()
        at_the_top = self._phase == "out" or self._gone() < REVERSE
        return self._give_up(self._stayed() if self._turned and at_the_top else "cut")

    def _unready(self, sample: Sample) -> Outcome:
        if self._at_rest(sample):
            self._to_rest([sample])
        else:
            self._samples = [sample]
        return None

    def _at_rest(self, sample: Sample) -> bool:
        return sample.stage == self._rules.rest or (not self._rules.rest_stage_needed and sample.away < NEARER)

    def _rest(self, sample: Sample) -> Outcome:
        while sample.t_s - self._samples[0].t_s > REST_MEMORY_S:
            del self._samples[0]
        away = sorted(s.away for s in self._samples)
        self._level = away[len(away) // 10]  # not the least: one wild frame would move it
        if sample.away > self._level + LEAVE:
            self._to_out()
        return None

    def _out(self, sample: Sample) -> Outcome:
        self._peak = max(self._peak, sample.away)
        self._see_turn(sample)
        if sample.t_s - self._samples[0].t_s > self._rules.max_s:
            return self._give_up(self._stayed())
        if sample.away < self._peak - REVERSE:
            self._phase, self._low = "back", sample.away
        elif self._turned and self._rules.rest == "down" and self._hands_rise() and self._let_go():
            outcome = self._complete(let_go_s=sample.t_s)
            self._phase = "unready"
            return outcome
        return None

    def _hands_rise(self) -> bool:
        """Both hands are higher than a moment ago: worth looking at closely, which takes too long for every frame."""
        last = self._samples[-1]
        before = self._ago(bar_release.OPENING_S)
        rise = (before.wrists_px - before.shoulders_px - last.wrists_px + last.shoulders_px)[:, 1].min()
        return bool(rise > bar_release.RISE / 2 * last.size_px)

    def _let_go(self) -> bool:
        return bar_release.let_go(samples.hands(self._samples), np.median(self._holds, axis=0) if self._holds else None)

    def _back(self, sample: Sample) -> Outcome:
        self._low = min(self._low, sample.away)
        if sample.away > self._low + REVERSE:
            return self._turn_again()
        if self._arrived() and not self._yet_to_end():
            return self._complete()
        if sample.t_s - self._samples[0].t_s > self._rules.max_s:
            return self._give_up("no_return")
        return None

    def _stayed(self) -> PartialReason:
        """It ended at its turn: a bar that was not lowered, or a squat that did not come up."""
        return "no_lowering" if self._rules.rest == "down" else "no_return"

    def _turn_again(self) -> Outcome:
        """Going out once more: the next rep without a rest, or the same one after a hitch."""
        if self._gone(self._low) < self._rules.min_return:
            self._phase, self._peak = "out", max(self._peak, self._samples[-1].away)
            return None
        before = [s.away for s in self._samples[:-1]]  # the last one may be higher than the peak already
        peak = before.index(max(before))
        lowest = min(range(peak, len(before)), key=before.__getitem__)
        following = self._samples[lowest:]
        self._samples = self._samples[: lowest + 1]
        outcome = self._complete()
        self._to_rest(following)
        self._level = following[0].away
        self._to_out()
        return outcome

    def _gone(self, away: float | None = None) -> float:
        """Share of the way out that has been gone back."""
        away = self._samples[-1].away if away is None and self._samples else away or 0.0
        return (self._peak - away) / max(self._peak - self._level, 1e-6)

    def _arrived(self) -> bool:
        gone = self._gone()
        return (
            gone >= 1 - AT_REST
            or (gone >= 1 - NEAR_REST and self._return_speed(0.09) < SETTLED_SPEED)
            or (gone >= ALL_BUT_BACK and self._still_at_rest())
            or (self._boundaries is not None and gone >= NEARLY_BACK and self._ahead_s() < -OVER_S)
        )

    def _yet_to_end(self) -> bool:
        """A body that has arrived by its travel may go on a little: a bar that settles, knees that straighten."""
        now_s = self._samples[-1].t_s
        self._arrived_s = now_s if self._arrived_s is None else self._arrived_s
        return now_s - self._arrived_s < WAIT_S and self._ahead_s() > SOON_S

    def _ahead_s(self) -> float:
        """How far ahead the rep's end lies."""
        return self._refined(self._turns())[2] - self._samples[-1].t_s

    def _still_at_rest(self) -> bool:
        return self._samples[-1].stage == self._rules.rest and self._return_speed(STILL_S) < STILL_SPEED

    def _return_speed(self, over_s: float) -> float:
        """`away` a second towards rest."""
        last, before = self._samples[-1], self._ago(over_s)
        return (before.away - last.away) / max(last.t_s - before.t_s, 1e-6)

    def _ago(self, seconds: float) -> Sample:
        """The latest sample at least so long ago, or the first one there is."""
        now_s = self._samples[-1].t_s
        return next((s for s in reversed(self._samples) if now_s - s.t_s >= seconds), self._samples[0])

    def _to_rest(self, samples: list[Sample]) -> None:
        self._phase, self._samples, self._turned = "rest", samples, False

    def _to_out(self) -> None:
        self._phase, self._peak, self._arrived_s = "out", max(s.away for s in self._samples), None
        self._see_turn(self._samples[-1])

    def _see_turn(self, sample: Sample) -> None:
        """Every rep needs a visit to the turn's stage of its own, with the stage of rest before it."""
        if sample.stage == self._turn_stage and (self._rested or self._turned):
            self._turned, self._rested = True, False

    def _give_up(self, reason: PartialReason) -> Outcome:
        """Forget the rep under way; it is worth telling where it went as far as a rep has to."""
        told = self._phase in ("out", "back") and self._turned and self._peak - self._level >= self._least_range()
        if not told:
            self._phase, self._samples, self._turned = "unready", [], False
            return None
        start_s, turn_s, _ = self._turns()
        end_s = self._samples[-1].t_s
        self._phase, self._samples, self._turned = "unready", [], False
        return Abandoned(start_s=start_s, turn_s=turn_s, end_s=end_s, reason=reason)

    def _least_range(self) -> float:
        of_set = self._rules.min_range_of_set * float(np.median(self._ranges)) if len(self._ranges) > 1 else 0.0
        return max(self._rules.min_range, of_set)

    def _complete(self, let_go_s: float | None = None) -> Outcome:
        """The body is back at rest, or the bar was let go: it was a rep if it counts."""
        times = self._turns(let_go_s)
        counted = self._counted(times, let_go_s)
        short = self._short(times)
        self._to_rest([self._samples[-1]])
        if not counted:
            return short
        self._last_end_s = times[2]
        self._ranges.extend(one.span for one in counted)
        self._holds.extend(one.hang for one in counted)
        return counted[-1].completed(tuple(one.completed() for one in counted[:-1]))

    def _short(self, times: Times) -> Abandoned | None:
        """A rep of the set under way that turned too early, if that is what the movement was."""
        start_s, turn_s, end_s = times
        if self._turned or not self._ranges or start_s - self._last_end_s > SHORT_WITHIN_S:
            return None
        hang = samples.hands(self._samples).at_lockout() - np.median(self._holds, axis=0)
        if np.abs(hang).max() > HUNG_AS_BEFORE or self._peak - self._level < SHORT * float(np.median(self._ranges)):
            return None
        return Abandoned(start_s=start_s, turn_s=turn_s, end_s=end_s, reason="short")

    def _counted(self, times: Times, let_go_s: float | None) -> tuple[Candidate, ...]:
        """What counts now that the movement is complete, itself the last."""
        start_s, turn_s, end_s = times
        span = self._peak - self._level
        if not (
            self._turned
            and span >= self._least_range()
            and start_s < turn_s < end_s
            and self._rules.min_s <= end_s - start_s <= self._rules.max_s
        ):
            return ()
        candidate = samples.candidate_of(
            self._samples, times, span=span, refined=self._refined(times), let_go_s=let_go_s
        )
        return self.lifts.counted(candidate, self._samples, times, let_go_s is not None)

    def _turns(self, let_go_s: float | None = None) -> Times:
        """Start, turn and end in seconds, at the turns of the curve."""
        t_s, away = (np.array([getattr(s, name) for s in self._samples]) for name in ("t_s", "away"))
        start, turn, end = turning_points.boundaries(t_s, away, lockout=self._rules.rest == "down")
        end_s = self._samples[end].t_s if let_go_s is None else let_go_s
        return self._samples[start].t_s, self._samples[turn].t_s, end_s

    def _refined(self, turns: Times) -> Times:
        """Start, turn and end by the whole body; as they were where that makes nothing of them."""
        if self._boundaries is None:
            return turns
        start_s, turn_s, end_s = self._boundaries.refined(self._samples, turns)
        first_s, last_s = self._samples[0].t_s, self._samples[-1].t_s
        start_s = max(start_s, first_s)
        return (start_s, turn_s, end_s) if start_s < turn_s < min(end_s, last_s) else turns
