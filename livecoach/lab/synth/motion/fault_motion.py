"""Defines the faults of the synthetic lifter, as amounts added to the form of a rep or changes of its timing.

The knob, 0…1, is the strength of a fault. A row such as `forward=(0.05, RISING, LOW)` adds to the channel `forward`
0.05 times the knob times the product of the courses, which are functions of the rep's frames. Angles are in radians,
lengths in metres.
"""

from collections.abc import Callable, Mapping
from math import prod
from operator import attrgetter
from typing import Any, NamedTuple

import numpy as np

from livecoach.lab.synth.figure.geometry import minimum_jerk
from livecoach.lab.synth.figure.posture import Value
from livecoach.lab.synth.motion.rep import FormBuilder, Shape, Timing, moving_phase, shape_through

Course = Callable[[FormBuilder], Value]  # Returns a factor, constant or for each frame of the rep
Row = float | tuple[float, *tuple[Course, ...]]  # Amplitude at knob 1, constant or followed by its courses
Change = Callable[[Timing, float], dict[str, Any]]  # Returns the changed fields of a timing, for a knob


class FaultVariant(NamedTuple):
    """A variant of a synthetic lifter's fault: deviations to add to a rep's form, and changes of the rep's timing."""

    add_to_form: Callable[[FormBuilder, float], None]  # adds the fault to the form of a rep, for a knob
    changes: tuple[Change, ...]  # of the timing

    def change_timing(self, timing: Timing, knob: float) -> None:
        """Change the timing of a rep in place, for a fault of strength `knob`, 0…1."""
        for change in self.changes:
            for name, value in change(timing, knob).items():
                setattr(timing, name, value)


FaultVariants = dict[str, dict[str, FaultVariant]]  # Variants by the names of the fault and of the variant


def _fault(*changes: Change, **rows: Row) -> FaultVariant:
    """Return a variant of a fault, from changes of the timing and the amounts that are added to channels of a form."""
    return FaultVariant(
        lambda rep, knob: rep.add(**{name: _amount(row, rep, knob) for name, row in rows.items()}), changes
    )


def _group_by_fault(variants: Mapping[str, FaultVariant]) -> FaultVariants:
    table: FaultVariants = {}
    for name, variant in variants.items():
        fault_name, _, way = name.partition(".")
        table.setdefault(fault_name, {})[way] = variant
    return table


def _amount(row: Row, rep: FormBuilder, knob: float) -> Value:
    amplitude, *courses = row if isinstance(row, tuple) else (row,)
    return prod((course(rep) for course in courses), start=amplitude * knob)


LOW, BENT, RISING, MIDDLE, LIFT, SIDE = map(attrgetter, ("low", "bent", "rising", "middle", "lift", "side"))
"""Courses that are properties of the FormBuilder."""


def _square_root(name: str) -> Course:
    return lambda rep: np.sqrt(getattr(rep, name))


def _bump(at: float, width: float) -> Course:
    """Return a course, a factor for each frame: 1 at the progress `at`, 1/e at a distance `width`, 0 at progress 0."""
    return lambda rep: rep.bump(at, width)


def _rising_course(down: float) -> Course:
    return lambda rep: down + (1 - down) * rep.rising


def _eased(name: str, start: float, width: float) -> Course:
    """Return a course that rises smoothly from 0 to 1 while a property goes from `start` to `start + width`."""
    return lambda rep: minimum_jerk((getattr(rep, name) - start) / width)


def _scale(least: float = 0.0, **shares: float) -> Change:
    """Return a change that multiplies each named field of a timing by 1 + share * knob, down to `least`."""
    return lambda timing, knob: {
        name: max(getattr(timing, name) * (1 + share * knob), least) for name, share in shares.items()
    }


def _approach(name: str, to_s: float, least_s: float) -> Change:
    """Return a change that moves a duration from its usual value, at knob 0, to `to_s`, at knob 1."""
    return lambda timing, knob: {name: max(getattr(timing, name) * (1 - knob) + to_s * knob, least_s)}


def _rush_turn(at_speed: float) -> Change:
    """Return a change by which the way out ends at a speed, in the unit of `moving_phase`, and no pause follows."""
    return lambda _, knob: {"away": moving_phase(0.0, at_speed * knob), "pause_s": 0.0}


def _let_fall(held: float, to_s: float, least_s: float) -> Change:
    """Return a change to a way back of `to_s` that is a hold, then a fall; the hold lasts `held` times as long."""
    shorter, fallen = _approach("back_s", to_s, least_s), shape_through((0.0, 0.1, 1.0), (held, 1.0))
    return lambda timing, knob: {"back": _mixed(timing.back, fallen, knob), **shorter(timing, knob)}


def _land_at_speed(at_speed: float, by_knob: float = 0.0) -> Change:
    return lambda _, knob: {"back": moving_phase(0.0, at_speed + by_knob * knob)}


def _stop_on_way_out(*stops: tuple[float, float, float]) -> Change:
    """Return a change with stops: height, 0…1; height that knob 1 adds; relative duration of the way there."""
    lasting = tuple(lasts for *_, lasts in stops)
    return lambda _, knob: {"away": shape_through((0.0, *(at + by * knob for at, by, _ in stops)), lasting)}


def _turn_early(height: float) -> Change:
    return lambda _, knob: {"ends": height * knob}


def _mixed(usual: Shape, other: Shape, share: float) -> Shape:
    return lambda x: (1 - share) * usual(x) + share * other(x)


def _stalls(timing: Timing, knob: float) -> dict[str, Any]:
    times, phase, smooth = int(timing.rng.integers(2, 4)), timing.rng.uniform(0, 2 * np.pi), timing.away

    def away(x: np.ndarray) -> np.ndarray:
        return np.clip(smooth(x) + 0.085 * knob * np.sin(2 * np.pi * times * x + phase) * np.sin(np.pi * x), 0, 1)

    return {"away": away}


def _rounding(rep: FormBuilder) -> Value:
    return 1.25 * rep.bent * (1 + 0.25 * rep.middle)


def _rounded(lumbar: float, thoracic: float, neck: float) -> FaultVariant:
    """Return a variant with a round back, in which the hips may be high or low."""
    rounds = _fault(lumbar=(lumbar, _rounding), thoracic=(thoracic, _rounding), neck=(neck, BENT))

    def add_to_form(rep: FormBuilder, knob: float) -> None:
        rep.add(thigh=np.radians(rep.rng.uniform(-9, 7)))
        rounds.add_to_form(rep, knob)

    return rounds._replace(add_to_form=add_to_form)


AT_TOP = _eased("lift", 0.8, 0.2)  # Near lockout

DEADLIFT = _group_by_fault(
    {
        "rounded_back.head_down": _rounded(0.58, 0.72, 0.45),
        "rounded_back.head_up": _rounded(0.58, 0.72, -0.55),
        "rounded_back.upper": _rounded(0.12, 1.15, 0.2),
        "rounded_back.lower": _rounded(0.95, 0.2, -0.1),
        "hips_early.shoot": _fault(early=(1.7, _bump(0.22, 0.2), _rising_course(0.5))),
        "hips_early.lead": _fault(early=(1.2, _bump(0.3, 0.3), RISING), thoracic=(0.12, BENT)),
        "bar_drift.swing": _fault(forward=(1.0, lambda rep: 0.05 * rep.low + 0.17 * rep.middle)),
        "bar_drift.far": _fault(forward=(0.17, _square_root("low"))),
        "knee_dominant.low_hips": _fault(thigh=np.radians(20), shin=np.radians(9)),
        "knee_dominant.knees_over_bar": _fault(thigh=np.radians(11), shin=np.radians(17), forward=(0.04, LOW)),
        "stiff_legged.high_hips": _fault(thigh=np.radians(-33), shin=np.radians(-5)),
        "stiff_legged.straight_legs": _fault(thigh=np.radians(-27), shin=np.radians(-11), lumbar=(0.08, BENT)),
        "soft_lockout.hips": _fault(_scale(amplitude=-0.17)),
        "soft_lockout.knees": _fault(_scale(amplitude=-0.06), unlock=(0.5, LIFT)),
        "hyperextension.lean": _fault(lean_back=(0.5, AT_TOP)),
        "hyperextension.arch": _fault(lumbar=(-0.45, AT_TOP), lean_back=(0.42, AT_TOP), neck=(-0.3, AT_TOP)),
        "hitch.on_thighs": _fault(
            _stop_on_way_out((0.88, 0, 1.0), (0.88, -0.3, 1.6), (0.88, 0, 1.0), (0.88, -0.3, 1.6), (1.0, 0, 1.0)),
            _scale(away_s=2.0),
            unlock=(0.3, _bump(0.75, 0.15)),
        ),
        "hitch.once": _fault(_stop_on_way_out((0.72, 0, 1.0), (0.72, -0.2, 0.5), (1.0, 0, 1.0)), _scale(away_s=0.8)),
        "jerky.stalls": _fault(_stalls, _scale(away_s=0.35)),
        # The bar is yanked off the floor, gets stuck, and continues.
        "jerky.yank": _fault(
            lambda timing, knob: {"away": _mixed(timing.away, shape_through((0.0, 0.42, 1.0), (0.25, 1.0)), knob)},
            _scale(away_s=0.3),
        ),
        "bent_arms.start": _fault(elbow=(np.radians(88), lambda rep: 0.5 * rep.low + 0.5 * rep.bump(0.2, 0.35))),
        "bent_arms.curl": _fault(
            elbow=(np.radians(66), lambda rep: np.clip(rep.low + rep.middle, 0, 1)), thoracic=(0.1, BENT)
        ),
        "uneven_bar.one_end_leads": _fault(
            tilt=(0.24, SIDE, lambda rep: rep.middle + 0.25 * rep.lift), shift=(0.06, SIDE, _square_root("bent"))
        ),
        "uneven_bar.crooked": _fault(tilt=(0.2, SIDE, _eased("lift", 0, 0.3)), twist=(0.1, SIDE, BENT)),
        "knee_cave.both": _fault(knee_in=(0.6, _square_root("bent"))),
        "knee_cave.one": _fault(knee_in_own=(1.1, _square_root("bent"))),
        "heel_lift.start": _fault(heel=(0.07, _square_root("low"), RISING), forward=(0.03, LOW)),
        "heel_lift.past_knees": _fault(heel=(0.07, _bump(0.45, 0.25))),
        "dropped.fast": _fault(_approach("back_s", 0.25, 0.25), _land_at_speed(0.4)),
        "dropped.free_fall": _fault(_let_fall(0.5, 0.3, 0.3)),
        "bounced.touch": _fault(
            lambda timing, knob: {"away": moving_phase(0.4, 0.0), "rest_s": timing.rest_s * max(1 - 1.6 * knob, 0.0)},
            _scale(away_s=-0.15),
        ),
        "stance_shift.step": _fault(),
        "stance_shift.turn": _fault(),
    }
)
"""Faults of a deadlift. `bounced` and `stance_shift` also change the movement before the rep (`set_motion`)."""

SUMO_DEADLIFT: FaultVariants = {name: ways for name, ways in DEADLIFT.items() if name != "stiff_legged"}

SQUAT = _group_by_fault(
    {
        # A lifter without strength turns above the sticking point and comes up slowly.
        "shallow.fear": _fault(_scale(amplitude=-0.5, away_s=0.3)),
        "shallow.strength": _fault(_scale(amplitude=-0.5, back_s=0.5)),
        "good_morning.hips_rise": _fault(early=(1.0, RISING, lambda rep: rep.lift > 0), forward=(0.05, RISING, LOW)),
        "good_morning.chest_falls": _fault(
            early=(0.6, RISING), thoracic=(0.3, RISING, LOW), forward=(0.05, RISING, LOW)
        ),
        "forward_lean.sits_back": _fault(shin=np.radians(-24), forward=(0.05, LOW)),
        "forward_lean.folds": _fault(forward=(0.24, LOW), thoracic=(0.2, LOW), neck=(0.15, LOW)),
        "knee_cave.both": _fault(knee_in=(0.6, _square_root("bent"), _rising_course(0.5))),
        "knee_cave.one": _fault(knee_in_own=(0.95, _square_root("bent"), _rising_course(0.5))),
        "knees_forward.push": _fault(shin=np.radians(27)),
        "knees_forward.on_the_toes": _fault(shin=np.radians(27), heel=(0.04, LOW), forward=(0.03, LOW)),
        "heel_lift.bottom": _fault(heel=(0.055, _eased("low", 0.35, 0.6)), forward=(0.04, LOW)),
        "heel_lift.way_up": _fault(heel=(0.055, RISING, _eased("low", 0, 0.6)), forward=(0.04, LOW)),
        "lateral_shift.hips": _fault(shift=(0.11, SIDE, LOW)),
        "lateral_shift.one_leg": _fault(shift=(0.1, SIDE, LOW), tilt=(0.06, SIDE, LOW)),
        "uneven_bar.one_end_low": _fault(tilt=(0.15, SIDE, _eased("low", 0, 0.4))),
        "uneven_bar.way_up": _fault(tilt=(0.17, SIDE, MIDDLE, _rising_course(0.3))),
        "butt_wink.at_bottom": _fault(lumbar=(0.65, _eased("low", 0.7, 0.3))),
        "butt_wink.early": _fault(lumbar=(0.55, _eased("low", 0.58, 0.42)), thoracic=(0.1, _eased("low", 0.58, 0.42))),
        "rushed.dive": _fault(_scale(0.24, away_s=-0.85)),
        "rushed.drop": _fault(_scale(0.28, away_s=-0.8), _rush_turn(0.45)),
    }
)

LUNGE = _group_by_fault(
    {
        "shallow.stops": _fault(_scale(amplitude=-0.52)),
        "shallow.dips": _fault(_scale(amplitude=-0.52, away_s=-0.25, back_s=-0.15)),
        "knees_forward.pushes": _fault(shin=np.radians(26), step=0.18),
        "knees_forward.steps_close": _fault(shin=np.radians(20), step=0.34),  # the knee can only go forward
        "forward_lean.folds": _fault(forward=(0.3, LOW), thoracic=(0.2, LOW), neck=(0.15, LOW)),
        "forward_lean.over_knee": _fault(forward=(0.24, LOW), shin=np.radians(8)),
        "knee_cave.in": _fault(knee_in=(0.5, _square_root("bent"))),
        "knee_cave.way_up": _fault(knee_in=(0.75, _square_root("bent"), _rising_course(0.3))),
        "lateral_shift.hips": _fault(shift=(0.12, SIDE, LOW)),
        "lateral_shift.tips": _fault(shift=(0.1, SIDE, LOW), tilt=(-0.16, SIDE, LOW)),
        "short_step.short": _fault(step=0.42),
        "short_step.upright": _fault(step=0.38, forward=(-0.04, LOW)),
        "rushed.dives": _fault(_approach("away_s", 0.4, 0.36)),
        "rushed.drops": _fault(_scale(0.42, away_s=-0.8), _rush_turn(0.4)),
    }
)

_STANDING = _eased("low", 0.2, -0.2)  # Near standing
_LATE = _eased("low", 0.4, 0.6)  # Low in the rep

ROMANIAN_DEADLIFT = _group_by_fault(
    {
        "rounded_back.whole": _rounded(0.5, 0.65, 0.3),
        "rounded_back.upper": _rounded(0.12, 1.0, 0.2),
        "rounded_back.lower": _rounded(0.85, 0.15, -0.1),
        # The lifter sits down behind knees that push the bar forward, or bends the knees to reach the depth.
        "squatted.sits": _fault(thigh=np.radians(42), shin=np.radians(18), forward=(0.12, LOW)),
        "squatted.late": _fault(thigh=(np.radians(40), _LATE), shin=(np.radians(18), _LATE), forward=(0.12, _LATE)),
        "bar_drift.swing": _fault(forward=(1.0, lambda rep: 0.04 * rep.low + 0.16 * rep.middle)),
        "bar_drift.far": _fault(forward=(0.18, _square_root("low"))),
        "shallow.stops": _fault(_scale(amplitude=-0.5)),
        "shallow.nods": _fault(_scale(amplitude=-0.5, away_s=-0.3, back_s=-0.2)),
        "hyperextension.lean": _fault(lean_back=(0.45, _STANDING)),
        "hyperextension.arch": _fault(lumbar=(-0.4, _STANDING), lean_back=(0.38, _STANDING), neck=(-0.25, _STANDING)),
        "rushed.fast": _fault(_approach("away_s", 0.45, 0.4)),
        "rushed.falls": _fault(_scale(0.45, away_s=-0.85), _rush_turn(0.4)),
    }
)

OVERHEAD_PRESS = _group_by_fault(
    {
        "lean_back.leans": _fault(lean_back=(0.45, lambda rep: np.sqrt(np.clip(rep.middle, 0, 1)))),
        "lean_back.arches": _fault(lumbar=(-0.25, _eased("lift", 0, 0.3)), lean_back=(0.28, _eased("lift", 0, 0.3))),
        # The lifter dips, and drives the weight off the shoulders with the legs.
        "leg_drive.dip": _fault(_stop_on_way_out((0.0, -0.12, 0.45), (1.0, 0, 1.0)), _scale(away_s=-0.1)),
        "leg_drive.slow": _fault(
            _stop_on_way_out((0.0, -0.1, 0.35), (0.35, 0, 0.35), (1.0, 0, 1.0)), _scale(away_s=0.15)
        ),
        "soft_lockout.short": _fault(_scale(amplitude=-0.16)),
        "soft_lockout.elbows": _fault(elbow=0.9),
        "uneven_bar.leads": _fault(tilt=(0.26, SIDE, lambda rep: rep.middle + 0.3 * rep.lift)),
        "uneven_bar.stays_low": _fault(tilt=(0.25, SIDE, _eased("lift", 0, 0.5))),
        "bar_forward.ends": _fault(forward=(0.23, _eased("lift", 0, 0.9))),
        "bar_forward.arc": _fault(forward=(1.0, lambda rep: 0.08 * rep.middle + 0.21 * minimum_jerk(rep.lift / 0.6))),
        "short_lowering.turns": _fault(_turn_early(0.4)),
        "short_lowering.fast": _fault(_turn_early(0.4), _scale(back_s=-0.3, rest_s=-0.5)),
        "rushed.drops": _fault(_approach("back_s", 0.32, 0.3), _land_at_speed(0.0, by_knob=0.35)),
        "rushed.falls": _fault(_let_fall(0.4, 0.4, 0.35)),
    }
)
