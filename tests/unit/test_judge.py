"""The verdict on a rep: its distance from one's own good reps, its faults, and those that can't be checked."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.references import a_measured_rep, altered, an_own_rep
from builders.scorers import LIMITS, USUAL, a_fault_model, a_scorer
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.core.types import Rep
from livecoach.decisions.judging.reference import (
    EARLIER_DAYS,
    EARLIER_SET,
    THIS_SET,
    Reference,
    RepSource,
    compare_with_reference,
    everybody_reference,
    prepare_reference,
    rep_limits,
)
from livecoach.decisions.judging.verdict import FaultEvidence, describe_fault, judge, measure_faults, unfit_reason
from livecoach.decisions.rep.measured import NO_HUMAN, TOO_FEW_JOINTS, MeasuredRep
from livecoach.decisions.rep.measures import FaultKind, FaultSign, FaultTable, load_faults
from livecoach.decisions.rep.view_normalised import JOINTS, TRAJECTORY_SHAPE, without_joints
from livecoach.perception.body.visibility import NO_MASK, NO_TOES


def a_fault(*signs: FaultSign, words: str = "it was wrong", **changes: object) -> FaultKind:
    return FaultKind(
        **{"cue": "do it right", "words": words, "min_fps": 0.0, "decided_by": "any", "signs": signs, **changes}
    )  # type: ignore[arg-type]


LEAN = FaultSign(measure="trunk_change_to_knee_pass_deg", side="more", by="difference", smallest=6.0)
NARROW = FaultSign(measure="knee_width_over_lift", side="less", by="factor", smallest=0.8)
KNEE = FaultSign(measure="top_knee_angle_deg", side="less", by="difference", smallest=10.0)
PULL = FaultSign(measure="floor_acceleration", side="more", by="factor", smallest=2.0)
PAUSE = FaultSign(measure="floor_pause_s", side="less", by="limit", smallest=0.08)
BACK = FaultSign(measure="dorsal_sagitta", side="more", by="difference", smallest=0.012)
HEEL = FaultSign(measure="seen_heel_rise", side="more", by="difference", smallest=0.05)
TABLE = FaultTable(
    exercise="deadlift",
    travel="bar",
    faults={
        "lean": a_fault(LEAN, words="hips rose first"),
        "narrow": a_fault(NARROW, words="knees came in"),
        "soft": a_fault(KNEE, words="not straight"),
        "bounced": a_fault(PULL, PAUSE, decided_by="all", min_fps=24.0),
        "back": a_fault(BACK, words="back rounded"),
    },
)
NUMBERS = {"dorsal_sagitta": 0.02, "floor_pause_s": 0.5, "floor_acceleration": 2.0, "knee_width_over_lift": 1.0}
"""What the stick figure does not show, or not steadily."""


def with_faults(**faults: FaultKind) -> FaultTable:
    return replace(TABLE, faults=faults)


def with_numbers(rep: MeasuredRep, **values: float) -> MeasuredRep:
    known = {**rep.world_values, **NUMBERS, **values}
    return altered(rep, world_values=known, picture_values=known)


FROM_SIDE_DEG = 75.0
"""A view from which each fault of the table is visible."""


def a_rep(*, fps: float = 30.0, off: float = 0.0, azimuth_deg: float = FROM_SIDE_DEG, **values: float) -> MeasuredRep:
    return with_numbers(a_measured_rep(fps=fps, off=off, azimuth_deg=azimuth_deg), **values)


LEANT = a_rep().values[LEAN.measure]
"""How far the trunk usually tips."""
STRAIGHT = a_rep().values[KNEE.measure]
"""Usual angle of the knees at the top."""


def own_reps(scorer=None, source: RepSource = THIS_SET, **values: float) -> Reference:
    reps = [an_own_rep(i, off=off, azimuth_deg=FROM_SIDE_DEG) for i, off in enumerate((-1.0, -0.5, 0.0, 0.5, 1.0))]
    return prepare_reference(scorer or SCORED, [with_numbers(rep, **values) for rep in reps], source)


SCORED = a_scorer(TABLE)
OWN, EVERYBODY = own_reps(), everybody_reference(SCORED)


def judged(rep: MeasuredRep, reference: Reference | None = OWN, failed=None, *, scorer=SCORED, **options) -> Rep:
    """By everybody without a reference."""
    rep, reference = altered(rep, unmeasurable_joints=failed or {}), reference or everybody_reference(scorer)
    return judge(rep, reference, **options)[0]


def names(judgement: Rep) -> list[str]:
    return [fault.name for fault in judgement.faults]


def reasons(judgement: Rep) -> dict[str, str]:
    return {missing.name: missing.reason for missing in judgement.not_visible}


def test_a_good_rep_has_no_fault():
    said = judged(a_rep())
    assert (said.verdict, said.faults, said.not_visible, said.left_out) == ("good", (), (), ())
    assert said.score == pytest.approx(0.0, abs=0.1)


# The distance


@given(off=st.floats(-20, 20))
def test_a_rep_is_anomalous_by_its_distance_alone(off):
    """Past the limit, in widths of the lifter's own, with a little more for few reps; no fault has a name then."""
    said, density = judged(a_rep(off=off)), OWN.density
    limit = LIMITS["set"] * density.width * density.caution
    far = abs(off) * USUAL
    if abs(far - limit) > 0.2 * limit:
        assert (said.verdict == "anomalous") == (far > limit)
        assert names(said) == []


@pytest.mark.parametrize("own", [own_reps(source=source) for source in (THIS_SET, EARLIER_SET, EARLIER_DAYS)])
@given(off=st.floats(-20, 20), lean=st.floats(-5, 30))
def test_the_score_is_the_largest_share_of_a_limit(own, off, lean):
    """Of the distance, or of a fault that shows."""
    rep = a_rep(off=off, **{LEAN.measure: LEANT + lean})
    compared, allowed = compare_with_reference(rep, own), rep_limits(own, rep)
    shown = [found.ratio for name, found in measure_faults(rep, compared, allowed).items() if name != "bounced"]
    expected = max(compared.distance / allowed.distance.value, *shown)
    assert judged(rep, own).score == pytest.approx(expected)


# While nothing of the lifter is known


def test_without_own_reps_only_a_gross_difference_is_anomalous():
    for off, gross in ((0.0, False), (20.0, False), (60.0, True)):
        said = judged(a_rep(off=off, **{LEAN.measure: LEANT + 30.0}), None)
        assert (said.verdict == "anomalous") == gross
        assert said.faults == ()
        assert reasons(said) == {}


# Faults


def lean(change: float) -> dict[str, float]:
    return {LEAN.measure: LEANT + change}


def knee(change: float) -> dict[str, float]:
    return {KNEE.measure: STRAIGHT - change}


def bounce(pause_s: float, pull: float) -> dict[str, float]:
    return {PAUSE.measure: pause_s, PULL.measure: pull}


@pytest.mark.parametrize(
    ("values", "named"),
    [
        # However near its joints are to the lifter's own
        (lean(20.0), {"lean"}),
        ({NARROW.measure: 0.5}, {"narrow"}),
        (knee(30.0), {"soft"}),
        ({BACK.measure: 0.09}, {"back"}),
        # Below its limit a fault does not name a rep, though its distance flagged it.
        ({**lean(5.0), "off": 15.0}, set()),
        # A fault that is hardly past its limit does not explain a rep that is far away; a clear fault names it.
        ({**lean(10.0), "off": 15.0}, set()),
        ({**lean(14.0), "off": 15.0}, {"lean"}),
        # Faults overlap: what is hardly past its limit may be what the other one does.
        (knee(12.0), {"soft"}),
        ({**lean(24.0), **knee(12.0)}, {"lean"}),
        ({**lean(24.0), **knee(40.0)}, {"lean", "soft"}),
        # A bounce: hardly any pause on the floor, by a limit for all, and much of one's own acceleration
        (bounce(0.05, 8.0), {"bounced"}),
        (bounce(0.05, 2.0), set()),
        (bounce(0.2, 8.0), set()),
    ],
)
def test_a_rep_is_anomalous_by_its_named_faults(values, named):
    said = judged(a_rep(**values))
    assert set(names(said)) == named
    assert said.verdict == "anomalous" or not named
    assert all(0 < fault.severity <= 1 for fault in said.faults if "off" not in values)


@pytest.mark.parametrize(("leant", "bent", "first"), [(30.0, 40.0, "lean"), (24.0, 48.0, "soft")])
def test_the_fault_that_is_farthest_over_its_limit_is_primary(leant, bent, first):
    """However small the difference is: severity has an upper bound, and risk says nothing of what the rep shows."""
    assert names(judged(a_rep(**lean(leant), **knee(bent))))[0] == first


STEP = FaultSign(measure="ankle_displacement", side="more", by="difference", smallest=0.15)
STEPPED = a_scorer(with_faults(**TABLE.faults, step=a_fault(STEP)))


@pytest.mark.parametrize(("leant", "named"), [(0.0, ["step"]), (20.0, ["lean", "step"])])
def test_feet_that_moved_come_after_faults_of_the_movement(leant, named):
    """However far the feet moved."""
    rep, usual = a_rep(**lean(leant), **{STEP.measure: 2.0}), {STEP.measure: 0.0}
    assert names(judged(rep, own_reps(STEPPED, **usual), scorer=STEPPED)) == named


def test_a_fault_that_lifters_choose_by_the_set_is_judged_by_this_set_alone():
    """Beside another day nothing is said of it, until there are good reps of the set."""
    chosen = with_faults(lean=replace(TABLE.faults["lean"], own_set_only=True), soft=TABLE.faults["soft"])
    scorer = a_scorer(chosen)
    day, of_set = own_reps(scorer, EARLIER_DAYS), own_reps(scorer, **{LEAN.measure: LEANT + 20.0})
    rep = a_rep(**{LEAN.measure: LEANT + 20.0})
    assert names(judged(rep, day, scorer=scorer)) == []
    assert names(judged(rep, day, of_set=of_set, scorer=scorer)) == []
    assert names(judged(a_rep(**{LEAN.measure: LEANT + 45.0}), day, of_set=of_set, scorer=scorer)) == ["lean"]
    assert names(judged(rep, own_reps(scorer), scorer=scorer)) == ["lean"]


OPENING = FaultSign(measure="knee_opening_share", side="more", by="difference", smallest=0.15)
STALL = FaultSign(measure="stalling", side="more", by="factor", smallest=1.2)
DRIFT = FaultSign(measure="bar_offset", side="more", by="difference", smallest=0.1)
STIFF = FaultSign(measure="lift_off_knee_angle_deg", side="less", by="difference", smallest=15.0)
SINK = FaultSign(measure="bar_lost", side="more", by="difference", smallest=0.05)
OWN_VALUE = {OPENING: 0.3, STALL: 0.1, DRIFT: 0.0, STIFF: 0.0, SINK: 0.0}


@pytest.mark.parametrize(
    ("first", "value", "change", "other", "of_other", "failed", "named"),
    [
        # The measure decides by itself where it is known, and else the trunk does: legs which hardly open are no rep
        # that could not be checked.
        (OPENING, 0.3, 30.0, DRIFT, 0.0, {}, []),
        (OPENING, 0.9, 0.0, DRIFT, 0.0, {}, ["lean"]),
        (OPENING, math.nan, 30.0, DRIFT, 0.0, {}, ["lean"]),
        (OPENING, math.nan, 0.0, DRIFT, 0.0, {}, []),
        # A bar that swings away, or straight legs, are not taken for hips that rise first, even where the feet don't
        # show how far it swings; nor is a bar that sinks taken for an uneven pull.
        (OPENING, 0.9, 0.0, DRIFT, 0.9, {}, ["other"]),
        (OPENING, 0.9, 0.0, DRIFT, 0.9, {"feet": "moved"}, []),
        (OPENING, 0.9, 0.0, STIFF, -60.0, {}, ["other"]),
        (STALL, 0.9, 0.0, SINK, 0.0, {}, ["lean"]),
        (STALL, 0.9, 0.0, SINK, 0.9, {}, ["other"]),
    ],
)
def test_a_measure_decides_by_itself_unless_another_fault_explains_it(
    first, value, change, other, of_other, failed, named
):
    scorer = a_scorer(with_faults(lean=replace(TABLE.faults["lean"], signs=(first, LEAN)), other=a_fault(other)))
    own = own_reps(scorer, **{sign.measure: OWN_VALUE[sign] for sign in (first, other)})
    rep = a_rep(**{first.measure: value, LEAN.measure: LEANT + change, other.measure: of_other})
    said = judged(rep, own, failed, scorer=scorer)
    assert names(said) == named
    assert (said.verdict == "anomalous") == bool(named or failed)
    assert failed or reasons(said) == {}


@pytest.mark.parametrize(
    ("travel", "top", "source", "named"),
    [
        (48.0, -4.0, THIS_SET, ["soft"]),
        (48.0, 0.0, THIS_SET, []),
        (52.0, -4.0, THIS_SET, []),
        (52.0, -14.0, THIS_SET, []),
        (52.0, -3.0, EARLIER_DAYS, []),
        (52.0, -14.0, EARLIER_DAYS, []),
        (48.0, -18.0, EARLIER_DAYS, ["soft"]),
        (48.0, 10.0, EARLIER_DAYS, ["soft"]),
        (math.nan, -4.0, THIS_SET, []),
    ],
)
def test_a_plate_that_rises_less_and_ends_lower_decides_by_itself(travel, top, source, named):
    """Where it is seen, whatever the joints look like; one of the two alone is a bar that was set down elsewhere.
    If the plate lies elsewhere in the picture than on another day, the camera has moved: only its rise counts."""
    signs = [
        FaultSign(measure=f"plate_{what}_cm", side="less", by="difference", smallest=2.0) for what in ("travel", "top")
    ]
    scorer = a_scorer(with_faults(soft=replace(TABLE.faults["soft"], signs=(KNEE, *signs))))
    own = own_reps(scorer, source=source, plate_travel_cm=52.0, plate_top_cm=0.0)
    rep = a_rep(**knee(30.0 if math.isfinite(travel) else 0.0), plate_travel_cm=travel, plate_top_cm=top)
    assert names(judged(rep, own, scorer=scorer)) == named
    if source is EARLIER_DAYS:  # straight joints refute a plate that seems to rise less
        assert names(judged(a_rep(plate_travel_cm=travel, plate_top_cm=top), own, scorer=scorer)) == []


@pytest.mark.parametrize(
    ("exercise", "source", "turned_deg", "counts"),
    [
        ("squat", EARLIER_DAYS, 14.0, False),
        ("squat", EARLIER_DAYS, 4.0, True),
        ("squat", THIS_SET, 14.0, True),
        ("deadlift", EARLIER_DAYS, 14.0, True),
    ],
)
def test_hands_that_only_hold_a_bar_do_not_count_from_another_side(exercise, source, turned_deg, counts):
    """Its plates hide them, so they seem to be elsewhere."""
    table = load_faults(exercise)
    place = {"window": a_kept_rep(lift=exercise), "standing_deg": 30.0}
    own = [altered(a_measured_rep(off=off, table=table), **place) for off in (-1.0, 0.0, 1.0)]
    reference = prepare_reference(a_scorer(table), own, source)
    for joints, do_count in ((landmark.WRISTS, counts), (landmark.KNEES, True)):
        rep = altered(own[1], points=own[1].points.copy(), standing_deg=30.0 + turned_deg)
        rep.points[:, [JOINTS.index(i) for i in joints]] += 0.4
        assert (judge(rep, reference)[0].score > 1) == do_count


def test_a_camera_moved_since_another_day_widens_no_limit_within_the_set():
    """Where it has not moved."""
    scorer = a_scorer(with_faults(lean=replace(TABLE.faults["lean"], own_set_only=True)))
    day, of_set = own_reps(scorer, EARLIER_DAYS), own_reps(scorer)
    leant = {LEAN.measure: LEANT + 45.0}
    still, moved = (altered(a_rep(**leant), tilt_deg=tilt_deg) for tilt_deg in (0.0, 10.0))
    scores = [judged(rep, day, of_set=of_set, scorer=scorer).score for rep in (still, moved)]
    assert scores[0] == pytest.approx(scores[1])


@pytest.mark.parametrize(("values", "named"), [(lean(0.0), []), (lean(45.0), ["lean", "soft"])])
def test_a_rep_is_judged_as_if_the_camera_was_turned_back_unless_it_has_a_fault_beside_its_own_set(values, named):
    """There the camera has not turned."""
    own, usual = replace(TABLE.faults["lean"], own_set_only=True), a_rep()
    scorer = a_scorer(with_faults(lean=own, soft=TABLE.faults["soft"]))
    up = {"tilt_deg": usual.camera.tilt_deg + 3.0, "trunk_share": 0.9 * usual.camera.trunk_share}
    rep = altered(a_rep(**values, **knee(60.0)), **up, undo_tilt=lambda *_: usual)
    assert names(judged(rep, own_reps(scorer, EARLIER_DAYS), of_set=own_reps(scorer), scorer=scorer)) == named


# What can't be seen


HIDDEN = with_faults(lean=replace(TABLE.faults["lean"], hidden=True), soft=TABLE.faults["soft"])
SHOWN_LITTLE = a_scorer(TABLE, faults=a_fault_model(TABLE, effects={"lean": 0.7}))


@pytest.mark.parametrize(
    ("rep", "options", "hidden"),
    [
        (a_rep(**lean(30.0)), {"scorer": SHOWN_LITTLE}, {"lean": "azimuth"}),
        (a_rep(**lean(30.0)), {"scorer": a_scorer(HIDDEN)}, {"lean": "pose_model"}),
        # From the front the mask shows another edge than the back's, however round it looks.
        (a_rep(azimuth_deg=45.0, **{BACK.measure: 0.09}), {}, {"back": "azimuth"}),
        (a_rep(fps=20.0, **bounce(0.05, 8.0)), {}, {"bounced": "frame_rate"}),
        (a_rep(fps=23.976), {}, {}),
        (a_rep(**knee(30.0)), {"failed": {"knees": "jump"}}, {"soft": "knees", "narrow": "knees"}),
        # A back without an edge: not detected, or the pose model makes no mask
        (a_rep(**{BACK.measure: math.nan}), {}, {"back": "unknown"}),
        (a_rep(**{BACK.measure: math.nan}), {"failed": {NO_MASK: "not_given"}}, {"back": NO_MASK}),
        (a_rep(), {"reference": own_reps(**{BACK.measure: math.nan})}, {"back": "unknown"}),
    ],
)
def test_a_fault_that_can_not_be_seen_is_not_looked_for(rep, options, hidden):
    own = own_reps(options["scorer"]) if "scorer" in options else OWN
    found = judged(rep, **{"reference": own, **options})
    assert (names(found), reasons(found)) == ([], hidden)


HEELS = a_scorer(with_faults(heels=a_fault(HEEL, replace(HEEL, measure="heel_rise_squat"), words="heels came up")))


@pytest.mark.parametrize(
    ("rise", "azimuth_deg", "named", "hidden"),
    [
        (0.07, 45.0, ["heels"], {}),
        (0.04, 45.0, [], {}),
        (0.07, 44.0, [], {"heels": "azimuth"}),
        # The landmarks alone, which leave heels on the floor, show nothing.
        (math.nan, 45.0, [], {"heels": "unknown"}),
    ],
)
def test_lifted_heels_are_judged_by_pixels_from_45_degrees_on_or_not_at_all(rise, azimuth_deg, named, hidden):
    own = own_reps(HEELS, seen_heel_rise=0.0, heel_rise_squat=0.0)
    rep = a_rep(azimuth_deg=azimuth_deg, seen_heel_rise=rise, heel_rise_squat=0.2)
    found = judged(rep, own, scorer=HEELS)
    assert (names(found), reasons(found)) == (named, hidden)


def test_a_fault_whose_value_is_unknown_has_the_value_to_which_its_amount_leads():
    evidence = FaultEvidence("narrow", ratio=2.0, amount=2.0, group=OWN.groups[0])
    found = describe_fault(TABLE.faults["narrow"], evidence, a_rep(knee_width_over_lift=math.nan), None)
    assert (found.measure, found.ref, found.margin) == pytest.approx((0.8**2, 1.0, 1.0 - 0.8))


@given(
    off=st.dictionaries(st.sampled_from(sorted(TABLE.signs)), st.floats(-40, 40)),
    unknown=st.sets(st.sampled_from(sorted(TABLE.signs))),
    fps=st.sampled_from([15.0, 30.0]),
    away=st.floats(-30, 30),
)
def test_each_fault_is_detected_not_detected_or_not_visible(off, unknown, fps, away):
    values = {name: a_rep().values[name] + change for name, change in off.items()}
    found = judged(a_rep(fps=fps, off=away, **{**values, **dict.fromkeys(unknown, math.nan)}))
    assert not set(names(found)) & set(reasons(found))
    assert math.isfinite(found.score)
    for fault in found.faults:
        assert np.isfinite([fault.severity, fault.measure, fault.ref, fault.margin, fault.at_s]).all()
        assert 0 <= fault.severity <= 1
        assert fault.margin >= 0
    assert found.verdict == "anomalous" or not found.faults


# What can't be judged


def test_a_movement_that_no_human_makes_is_not_judged():
    nobody = altered(a_rep(), points=np.random.default_rng(0).normal(0, 3, TRAJECTORY_SHAPE))
    assert unfit_reason(nobody, EVERYBODY) == NO_HUMAN
    assert unfit_reason(a_rep(off=30.0), EVERYBODY) is None


@pytest.mark.parametrize(
    ("lost", "reason"), [(["elbows", "wrists"], None), (["elbows", "wrists", "ankles"], TOO_FEW_JOINTS)]
)
def test_a_rep_of_too_few_joints_is_not_judged(lost, reason):
    rep = a_rep()
    blind = altered(rep, points=without_joints(rep.points, dict.fromkeys(lost, "jump")))
    assert unfit_reason(blind, EVERYBODY) == reason


@pytest.mark.parametrize(
    ("failed", "told"),
    [
        ({}, ()),
        ({"wrists": "jump"}, ("wrists",)),
        ({"elbows": "swap", "wrists": "jump"}, ("elbows", "wrists")),
        ({"ankles": "jump"}, ("ankles",)),
        ({NO_TOES: "not_given"}, ("feet",)),
        ({NO_MASK: "not_given"}, ()),
    ],
)
def test_joints_left_out_of_the_distance_are_reported(failed, told):
    rep = a_rep()
    seen = altered(rep, points=without_joints(rep.points, failed))
    assert judged(seen, failed=failed).left_out == told
    assert judged(seen, None, failed=failed).left_out == told


# How it is put


@pytest.mark.parametrize(
    ("source", "reps", "whose"),
    [
        (EARLIER_DAYS, {"standing": "missed"}, "earlier"),
        (EARLIER_DAYS, {"score": 1.2}, "earlier"),
        (EARLIER_DAYS, {}, "good"),
        (EARLIER_DAYS, {"score": 1.2, "called_good": True}, "good"),
        (EARLIER_DAYS, {"standing": "missed", "called_good": True}, "good"),
        (THIS_SET, {}, "other"),
        (EARLIER_SET, {}, "earlier"),
    ],
)
def test_no_correction_speaks_of_good_reps_that_do_not_exist(source, reps, whose):
    """All may be high, or differ from an odd first rep; those that the lifter calls good are. Of a set that nobody
    confirmed none is known to be good. A whole set may differ from an earlier one: these are not its other reps."""
    own = prepare_reference(SCORED, [altered(rep, **reps) for rep in OWN.reps], source)
    (fault,) = judged(a_rep(**{KNEE.measure: STRAIGHT - 30}), own).faults
    assert fault.text == f"not straight: knees {STRAIGHT - 30:.0f}°, your {whose} reps {STRAIGHT:.0f}°"
    assert (fault.measure, fault.ref, fault.unit) == (pytest.approx(STRAIGHT - 30), pytest.approx(STRAIGHT), "deg")
    assert (fault.phase, fault.at_s) == ("lockout", a_rep().phase_starts_s["lockout"])
    assert fault.measure < fault.ref - fault.margin


def test_a_measure_that_does_not_go_with_its_fault_is_not_given_as_a_number():
    """The rest of the rep tells a fault that its own measure, misread, does not show: its words stand alone."""
    rep = a_rep(**{LEAN.measure: LEANT + 20.0})
    misread = altered(rep, picture_values={**rep.picture_values, LEAN.measure: LEANT + 1.0})
    (fault,) = judged(misread).faults
    assert (fault.name, fault.text) == ("lean", "hips rose first")
    assert math.isfinite(fault.measure)


def test_distances_are_in_centimetres_where_the_height_is_known():
    scorer = a_scorer(with_faults(drift=a_fault(DRIFT, words="bar away")))
    usual = a_rep().values["bar_offset"]
    rep, own = a_rep(bar_offset=usual + 0.3), prepare_reference(scorer, own_reps(scorer).reps, EARLIER_DAYS)
    tall, unknown = (judged(rep, own, scorer=scorer, height_cm=height_cm).faults[0] for height_cm in (180.0, None))
    assert tall.text == "bar away: 15 cm farther than in your good reps"
    assert unknown.text == "bar away: about 14 cm farther than in your good reps"


# Where it comes from


def test_the_joints_that_the_distance_comes_from_are_named():
    """Worst first, by the lifter's own sides; of a named fault those on which it is measured."""
    wrist = landmark.WRISTS[0]
    rep = a_rep()
    points = rep.points.copy()
    points[8:, JOINTS.index(wrist), 2] += 0.5  # half a torso farther up on the way back
    found = judged(altered(rep, points=points))
    assert found.top_joints[0] == found.why.joints[0] == landmark.NAMES[wrist]
    assert len(found.top_joints) == 3
    assert rep.window.turn_s < found.why.at_s < rep.window.end_s
    knees = {landmark.NAMES[i] for i in landmark.KNEES}
    assert knees <= set(judged(a_rep(**{KNEE.measure: STRAIGHT - 30.0})).top_joints)


def test_a_rep_is_judged_by_the_nearer_of_two_forms_of_the_lifter():
    """A lifter who called a deeper lean good: a rep of that form has no fault beside it."""
    plain = [an_own_rep(i, azimuth_deg=FROM_SIDE_DEG) for i in range(4)]
    called = [an_own_rep(10 + i, off=40.0, azimuth_deg=FROM_SIDE_DEG, set_name="2", chosen=True) for i in range(2)]
    leant = [with_numbers(rep, **{LEAN.measure: LEANT + 20.0}) for rep in called]
    both = prepare_reference(SCORED, [*map(with_numbers, plain), *leant], EARLIER_DAYS)
    assert len(both.groups) == 2
    assert names(judged(a_rep(off=40.0, **{LEAN.measure: LEANT + 20.0}), both)) == []
    assert names(judged(a_rep(**{LEAN.measure: LEANT + 20.0}), both)) == ["lean"]
