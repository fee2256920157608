"""Parts of the report: crops of pictures, sets, what was not visible, curves as drawings."""

import re
from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, with_round_back
from builders.live_run import START
from builders.past_sessions import a_past_session, sets_of
from builders.reports import lifted, squatted, wrong
from builders.scorers import a_fault_model
from builders.steps import a_pace, a_rep, a_view

from livecoach.core import landmark
from livecoach.core.documents import PartEvent, SetEndEvent, WarningEvent
from livecoach.core.language import format_percent, using_language
from livecoach.core.step import RepCompleted
from livecoach.core.types import Correction, RepDifference, RepWindow, SetLog, UncheckedFault
from livecoach.decisions.assembly import load_exercise
from livecoach.decisions.coaching.set_summary import summarise_set, unlearned_note
from livecoach.decisions.rep.curves import POINTS, RepCurve
from livecoach.decisions.rep.measured import FROM_BEHIND, TOO_FEW_FRAMES, VIEW_UNKNOWN
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.motion import BACK
from livecoach.feedback.key_moment import KeyMoment, nearest_observation
from livecoach.feedback.two_reps import HEIGHT, BackLine, RepComparer, crop_picture, find_crop, make_figure
from livecoach.pages.history.history_words import speed_cell
from livecoach.pages.report import set_sections as sets
from livecoach.pages.report import visibility_words
from livecoach.pages.report.plots import draw_curve, draw_estimated_bar_path
from livecoach.pages.report.report_words import describe_difference, describe_reference, format_duration, verdict_words

KEPT = a_kept_rep(lift="squat")
MODEL = load_exercise("squat").scorer.faults
SQUAT = MODEL.table
THEN = KeyMoment(point=50, into_s=1.2, where="where the trunk leans most", part="", has_ring=True)
WAVE = np.sin(np.linspace(0, np.pi, POINTS))


PACE = a_pace(
    concentric_s=0.94, pause_s=0.0, eccentric_s=1.26, speed=0.512, speed_unit="m/s", travel=0.5, travel_unit="m"
)


def figure_of(curve: RepCurve, *, judged_by_own: bool = False, **then: object):
    """The drawing of a curve of a good rep."""
    return draw_curve(curve, replace(THEN, **then), "good", ("a", "b", "c"), judged_by_own=judged_by_own)


def flat_curve() -> RepCurve:
    """With no good reps to compare with."""
    return RepCurve(
        words="x", unit="1", values=np.ones(POINTS), usual=None, low=None, high=None, good_count=0, marked_point=0
    )


def moved(kept: RepWindow, by: tuple[float, float]) -> RepWindow:
    """Elsewhere in the picture, by shares of it."""
    observations = []
    for o in kept.observations:
        landmarks = o.landmarks.copy()
        landmarks[:, :2] += np.float32(by)
        observations.append(replace(o, landmarks=landmarks))
    return replace(kept, observations=tuple(observations))


@pytest.mark.parametrize("by", [(0.0, 0.0), (-0.35, 0.0), (0.4, -0.2)])
def test_a_cutout_shows_the_whole_lifter(by):
    window = moved(KEPT, by)
    crop = find_crop(window.rep_observations)
    assert 0.69 < crop.width / crop.height < 1.31
    for o in window.observations:
        body = make_figure(o, crop).body
        ends = body.xy_px[np.array(body.bones)]
        assert (ends >= 0).all()
        assert (ends <= (crop.shown_width, HEIGHT)).all()


def test_a_lifter_who_lies_is_shown_as_large_as_the_widest_shape_allows():
    observations = []
    for o in KEPT.observations:
        landmarks = o.landmarks.copy()
        landmarks[:, 0], landmarks[:, 1] = o.landmarks[:, 1], 0.5 + (o.landmarks[:, 0] - 0.5) / 4
        observations.append(replace(o, landmarks=landmarks))
    crop = find_crop(replace(KEPT, observations=tuple(observations)).rep_observations)
    assert crop.width / crop.height == pytest.approx(1.3)


def test_a_cutout_lies_in_the_picture_as_far_as_it_can():
    crop = find_crop(moved(KEPT, (0.38, 0.0)).rep_observations)
    assert crop.left + crop.width == pytest.approx(640)
    assert crop.top >= 0


def test_one_wild_landmark_does_not_make_the_lifter_small():
    """A hand that is guessed far away in one frame."""
    wild = list(KEPT.observations)
    landmarks = wild[60].landmarks.copy()
    landmarks[landmark.WRISTS[0], :2] = 3.0
    wild[60] = replace(wild[60], landmarks=landmarks)
    steady = find_crop(KEPT.rep_observations)
    assert find_crop(replace(KEPT, observations=tuple(wild)).rep_observations).height == pytest.approx(
        steady.height, rel=0.05
    )


def test_joints_that_stand_out_are_marked():
    seen = KEPT.observations[30]
    crop = find_crop(KEPT.rep_observations)
    body = make_figure(seen, crop).body
    assert body.visible_indices(("left_knee", "no_such_joint")) == [landmark.KNEES[0]]
    hidden = replace(body, visible=np.arange(33) != landmark.KNEES[0])
    assert hidden.visible_indices(("left_knee", "no_such_joint")) == []


@pytest.mark.parametrize("size", [(640, 480), (1280, 960), (320, 240)])
def test_a_part_of_a_picture_is_what_the_landmarks_say(size):
    crop, seen = find_crop(KEPT.rep_observations), KEPT.observations[0]
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    scale = size[0] / 640
    x, y = (round(value * scale) for value in (crop.left + crop.width / 2, crop.top + crop.height / 2))
    reach = round(10 * scale)
    picture[y - reach : y + reach, x - reach : x + reach] = 255
    part = crop_picture(picture, (seen.width_px, seen.height_px), crop, 1.0)
    rows, columns = np.nonzero(part[..., 0] > 200)
    assert part.shape == (HEIGHT, crop.shown_width, 3)
    assert (columns.mean(), rows.mean()) == pytest.approx((crop.shown_width / 2, HEIGHT / 2), abs=4)


def test_curves_lie_in_their_plot():
    curve = RepCurve(
        words="lean of the trunk",
        unit="deg",
        values=50 * WAVE,
        usual=40 * WAVE,
        low=30 * WAVE,
        high=45 * WAVE,
        good_count=4,
        marked_point=50,
    )
    drawn = figure_of(curve)
    assert drawn.title == "lean of the trunk (degrees)"
    assert drawn.value == "50° at 1.2 s, band 30 to 45°"
    assert all(f'class="{kind}"' in drawn.svg for kind in ("band", "usual", "curve good", "here"))
    assert re.findall(r'<text class="end"[^>]*>(.*?)</text>', drawn.svg) == ["0", "20", "40", "c"]
    assert figure_of(curve, value_deg=46.4).value == "46° at 1.2 s, band 30 to 45°"


def test_a_curve_with_a_gap_is_drawn_in_parts():
    part = np.where(np.abs(np.arange(POINTS) - 50) < 20, np.nan, WAVE)
    curve = replace(flat_curve(), unit="cm", values=part, usual=part, low=part - 0.2, high=part + 0.2, good_count=3)
    drawn = figure_of(curve, point=10)
    paths = re.findall(r'<path class="(?:band|usual|curve good)" d="([^"]*)"', drawn.svg)
    assert [path.count("M") for path in paths] == [2, 2, 2]
    assert "nan" not in drawn.svg
    assert drawn.value == "0.3 cm at 1.2 s, band 0.1 to 0.5 cm"
    unknown = figure_of(curve, point=50)
    assert ('class="here"' in unknown.svg, unknown.value) == (False, "")


def test_a_plot_names_the_reps_that_it_is_compared_with():
    """Never that there are none where the verdict was given against some, and good ones only where they are known."""
    curve = flat_curve()
    assert figure_of(replace(curve, usual=WAVE, good_count=1), judged_by_own=True).note == "dashes: your 1 good rep"
    assert figure_of(replace(curve, usual=WAVE, good_count=1)).note == "dashes: 1 rep of yours"
    assert figure_of(curve, judged_by_own=True).note == "not measured in your good reps"
    alone = figure_of(curve, has_ring=False)
    assert (alone.note, alone.value) == ("no good reps to compare with", "")
    assert ['class="band"' in alone.svg, 'class="here"' in alone.svg] == [False, False]
    elsewhere = draw_curve(curve, THEN, "good", ("a", "b", "c"), judged_by_own=True, reference_absent=True)
    assert elsewhere.note == "your good reps are in other sessions"
    assert "not measured" not in elsewhere.svg, "nor does a screen reader hear it"


def test_a_round_back_is_drawn_in_the_figure():
    rounded = with_round_back(a_kept_rep(azimuth_deg=75.0), 0.03)
    edge, crop = BackLine(rounded, BACK), find_crop(rounded.rep_observations)
    bent, upright = (nearest_observation(rounded, t_s) for t_s in (0.8, 2.0))
    back = make_figure(bent, crop, back=edge).back
    assert len(back) == 15
    assert all(0 <= x <= crop.shown_width and 0 <= y <= HEIGHT for x, y in back)
    assert make_figure(upright, crop, back=edge).back is None
    unseen = BackLine(replace(rounded, observations=tuple(replace(o, back=None) for o in rounded.observations)), BACK)
    assert make_figure(bent, crop, back=unseen).back is None


def test_the_way_of_the_bar_is_drawn_from_the_side_alone():
    bars = load_faults("deadlift")
    for azimuth_deg, there in ((80.0, True), (20.0, False)):
        rep = lifted(squatted(1), window=a_kept_rep(azimuth_deg=azimuth_deg))
        assert (draw_estimated_bar_path(RepComparer(bars, "lockout"), rep) is not None) == there
    assert draw_estimated_bar_path(RepComparer(SQUAT, "bottom"), lifted(squatted(1), window=KEPT)) is None


def in_set(number: int, **changes: object):
    """That rep of a set of squats."""
    return replace(squatted(number, **changes), set=1, number=number)


def section(reps, events=(), **how):
    """What is shown of a set of these reps."""
    (one,) = sets_of(reps, {})
    return sets.set_section(one, events, **how)


def test_a_session_that_is_not_kept_says_nothing_of_learning():
    """Nothing could learn from a demo. What was stored is English text."""
    (note,) = map(str, unlearned_note({"flagged": 1, "unclear": 2}, "1"))
    end = SetEndEvent(t_s=9.0, summary=replace(summarise_set(1, [in_set(1)], {}), notes=(note,)))
    kept, demo = (" ".join(section([in_set(1)], [end], listed=listed)["notes"]) for listed in (True, False))
    what = "Nothing learned for next time: 1 not good, 2 not seen clearly"
    assert [what in notes for notes in (kept, demo)] == [True, False]
    assert "sessions correct" not in kept, "the page has a button for it"


def test_a_difference_of_most_reps_is_said_once():
    """It follows from the reps; the summary that was stored after the set says it too."""
    why = RepDifference(joints=("left_wrist",), phase="ascent", at_s=1.0, text="hands, on the way up")
    reps = [in_set(number, verdict="anomalous", why=why) for number in (1, 2)]
    end = SetEndEvent(t_s=9.0, summary=summarise_set(1, reps, {}, (), "squat"))
    assert section(reps, [end])["notes"].count("Mostly: hands, on the way up") == 1


def test_the_section_of_a_set_has_tempo_speeds_and_charts():
    unknown = section([in_set(1)])
    assert (unknown["charts"], unknown["unit"]) == ((), "")
    reps = [in_set(1, pace=PACE), in_set(2, verdict="unsure", score=None)]
    found = section(reps)
    assert section([in_set(1, verdict="unsure", score=None), in_set(2, pace=PACE)])["example"]["of"].number == 2
    assert list(found["order"].values()) == ["down", "pause at the bottom", "up"]
    pulled = section([in_set(1, pace=PACE, exercise="deadlift")])
    assert (list(pulled["order"]), pulled["rows"][0]["times"]) == (["up", "top", "down"], ("0.9", "0.0", "1.3"))
    first = found["rows"][0]
    assert (first["times"], first["speed"], first["loss"]) == (("1.3", "0.0", "0.9"), "0.51", format_percent(0))
    assert (found["rows"][1]["times"], found["rows"][1]["score"]) == (("–", "–", "–"), "–")
    assert [chart.svg.count("<rect") for chart in found["charts"]] == [3, 1]
    assert found["summary"].startswith(
        "Typical tempo: down 1.3 s, pause at the bottom 0.0 s, up 0.9 s. Typical speed on the way up: 0.51 m/s."
    )


def test_speeds_in_different_units_are_not_set_against_each_other():
    """Nor is one that is not known. The drawing has those that the typical one is of, also where as many were measured
    in another unit, and came first."""
    metres, trunks = PACE, replace(PACE, speed=2.0, speed_unit="torso/s")
    sections = (
        section([in_set(n, pace=pace) for n, pace in enumerate(paces, 1)])
        for paces in ((trunks, metres, trunks, metres), (metres, trunks, None, trunks))
    )
    found = next(sections)
    assert found["charts"][1].svg.count("<rect") == 2
    assert found["usual_speed"] == speed_cell(PACE.speed, PACE.speed_unit)
    found = next(sections)
    assert [row["loss"] for row in found["rows"]] == [format_percent(0), format_percent(0), "–", format_percent(0)]


def test_a_long_set_has_a_column_for_each_rep():
    pace = a_pace()
    found = section([in_set(n, pace=pace) for n in range(1, 101)])
    speeds = found["charts"][1].svg
    right = [float(x) + float(width) for x, width in re.findall(r'x="([\d.]+)" y="[\d.]+" width="([\d.]+)"', speeds)]
    assert len(right) == 100
    assert max(right) <= sets.SIZE[0]
    ticks, under = (
        re.findall(r'<text class="end"[^>]*>(.*?)</text>', speeds),
        re.findall(r'middle"[^>]*>(\d+)<', speeds),
    )
    assert (ticks, under[:3]) == (["0.0", "0.2", "0.4", "rep"], ["5", "10", "15"])


def test_hidden_faults_are_grouped_by_their_reason():
    tucked = UncheckedFault(name="butt_wink", reason="azimuth")
    one = squatted(1, not_visible=(UncheckedFault(name="shallow", reason="knees"), tucked))
    two = squatted(2, not_visible=(tucked,))
    three = squatted(3, verdict="unsure", score=None, not_visible=(UncheckedFault(name="rushed", reason="unsure"),))
    found = visibility_words.describe_unchecked_faults([lifted(rep) for rep in (one, two, three)], a_fault_model(SQUAT))
    told = {why: tuple(faults) for why, faults in found}
    assert told["Knees not clearly visible: hidden, out of the picture, or unsteady"] == ("not deep enough (in 1 rep)",)
    assert not any("went down too fast" in " ".join(faults) for faults in told.values())
    assert sum("pelvis tucked under" in " ".join(faults) for faults in told.values()) == 1


@pytest.mark.parametrize(
    ("azimuth_deg", "stood", "advice"),
    [
        (45.0, "at 45° (±6°) from your front, on your left", "That is a good place"),
        (-85.0, "at 85° (±6°) from your front, on your right", "That is a good place"),
        (2.0, "in front of you, 2° (±6°)", "Put it at 30 to 105°"),
    ],
)
def test_a_report_says_where_the_camera_stood_and_should_stand(azimuth_deg, stood, advice):
    """From the lifter's view: the lifter faces down, so left is at the right of the drawing. Of an exercise without
    named faults there are none to show: its reps as a whole are judged."""
    found = visibility_words.camera_fields([a_view(azimuth_deg)], MODEL)
    assert stood in found["stood"]
    assert found["hint"].startswith(advice)
    assert (found["places"][0][0] > 80) == (azimuth_deg > 0)
    assert len(found["wedges"]) == 2
    without = visibility_words.camera_fields([], load_exercise("snatch").scorer.faults)
    assert "a rep shows best from there" in without["hint"]
    assert without["shows"] == "a rep best"


def test_a_lifter_whose_fault_shows_only_from_the_cameras_place_is_told_to_leave_it():
    """Hips that rise first show from the front in a sumo deadlift, where other faults show less well."""
    sumo, deadlift = (load_exercise(name).scorer.faults for name in ("sumo_deadlift", "deadlift"))
    told = [
        visibility_words.camera_fields([a_view(20.0)], sumo, [name])["hint"] for name in ("hips_early", "rounded_back")
    ]
    assert told[0].startswith("Stay there to fix this: hips rose first.")
    assert told[1].startswith("Put it at 63 to 105°")
    side = visibility_words.camera_fields([a_view(82.0)], deadlift, ["rounded_back"])
    assert side["hint"].startswith("That is a good place")


def test_warnings_are_listed_with_how_long_they_lasted():
    def warning(t_s: float, *, active: bool) -> WarningEvent:
        return WarningEvent(t_s=t_s, warning="too_dark", active=active, text="more light")

    events = [warning(t_s, active=active) for t_s, active in ((1.0, True), (3.0, False), (5.0, True), (5.0, True))]
    assert visibility_words.describe_warnings(events) == ("“more light”: 2 times, 0:02 min in total",)


def test_a_warning_about_the_exercise_ends_with_its_part_and_one_about_the_picture_goes_on():
    kinds = "other_exercise", "too_dark", "nothing_counted"
    began = [WarningEvent(t_s=10.0, warning=kind, active=True, text=kind) for kind in kinds]
    part = PartEvent(t_s=15.0, exercise="squat", profile=None, model=START.model, exercises=(), frame=450)
    told = visibility_words.describe_warnings([*began, part, replace(began[1], t_s=70.0, active=False)])
    minutes = {"nothing_counted": "0:05", "other_exercise": "0:05", "too_dark": "1:00"}
    assert sorted(told) == [f"“{kind}”: once, {lasted} min" for kind, lasted in minutes.items()]


@pytest.mark.parametrize(("t_s", "said"), [(0.0, "0:00"), (65.9, "1:05"), (3600.0, "1:00:00"), (-1.0, "0:00")])
def test_times_of_a_report_are_written_as_on_a_clock(t_s, said):
    assert format_duration(t_s) == said


def test_only_a_rep_that_stands_out_without_a_fault_says_where():
    where = RepDifference(joints=("left_knee",), phase="ascent", at_s=1.5, text="left knee, just after the bottom")
    assert describe_difference(squatted(1, why=where)) == ""
    assert (
        describe_difference(squatted(1, verdict="anomalous", why=where)) == "mostly: left knee, just after the bottom"
    )
    assert describe_difference(wrong(1, why=where)) == ""


@pytest.mark.parametrize(
    ("reason", "advice"),
    [(FROM_BEHIND, "Put the camera"), (VIEW_UNKNOWN, "Before a set, stand still"), (TOO_FEW_FRAMES, "Add light")],
)
def test_a_rep_that_could_not_be_judged_comes_with_advice(reason, advice):
    """It does not say that something hid the joints: they were visible."""
    reps = [lifted(squatted(n, verdict="unsure", score=None, unsure=reason)) for n in (1, 2)]
    ((why, names, told),) = visibility_words.describe_unjudged_reps(reps)
    assert (why, names) == (reason, "set 1, reps 1 and 2")
    assert told.startswith(advice)


def facts(loads, exercise="squat", *, verdict="good", measured_from="bar"):
    """About sets of two reps of a lifter whose speed reaches .3 m/s at 140 kg."""
    reps = []
    for number, load_kg in enumerate(loads, start=1):
        speed = 0.3 + 0.008 * (140.0 - (load_kg or 0.0))
        paces = [a_pace(speed=speed - 0.01 * n, speed_unit="m/s", measured_from=measured_from) for n in range(2)]
        reps += [a_rep(set=number, number=n + 1, verdict=verdict, pace=pace) for n, pace in enumerate(paces)]
    logs = {number: SetLog(load_kg=load) for number, load in enumerate(loads, start=1)}
    return sets.load_facts(a_past_session(reps=reps, logs=logs, exercise=exercise))


def test_volume_load_and_bests_are_of_the_sets_whose_load_is_known():
    assert facts([None, None]) == ()
    told = facts([60.0, None, 100.0])
    assert told[0] == "Volume load: 320 kg, load times reps of 2 sets."
    assert told[1] == "Best at 100 kg: 2 good reps, fastest good one 0.62 m/s (set 3, rep 1)."
    assert told[2].startswith("Best at 60 kg: 2 good reps")


@pytest.mark.parametrize(
    ("log", "told"),
    [
        (SetLog(), ""),
        (SetLog(load_kg=100.0), "100 kg"),
        (SetLog(load_kg=102.5, rpe=8.0, note="felt heavy"), "102.5 kg · RPE 8 · “felt heavy”"),
        (SetLog(rpe=9.5), "RPE 9.5"),
    ],
)
def test_set_is_headed_by_what_was_logged_of_it(log, told):
    assert sets.log_words(log) == told
    with using_language("en", "imperial"):
        assert sets.log_words(SetLog(load_kg=102.0583)) == "225 lb"


# What a good rep did not show


def test_a_good_rep_says_which_main_faults_it_did_not_show():
    """Only those that are checked first, and not of depth, which is judged within the set."""
    hidden = [UncheckedFault(name=name, reason="azimuth") for name in ("forward_lean", "shallow", "butt_wink")]
    rep = squatted(1, not_visible=tuple(hidden))
    assert verdict_words(rep) == "good; could not be checked: leant forward"
    assert verdict_words(squatted(1)) == "good"
    more = (*hidden, UncheckedFault(name="knee_cave", reason="knees"))
    assert verdict_words(squatted(1, not_visible=more)) == "good; could not be checked: knees came in, leant forward"
    assert verdict_words(wrong(1, not_visible=more[3:])) == "leant forward"


# Whose good reps judged a set


def of_day(number: int, *days: str | None) -> list[RepWindow]:
    """A good rep of set `number` of each of these days; None: of this session."""
    return [replace(KEPT, set_name=f"{number}" if day is None else f"live {day} {number}", day=day) for day in days]


def judged_by_own(own: list[RepWindow]) -> list[RepCompleted]:
    return [lifted(squatted(n, reference="own"), against=tuple(own)) for n in (1, 2)]


def test_a_set_names_the_lifter_and_the_day_of_the_reps_that_judged_it():
    own = [*of_day(1, "2026-11-13", "2026-11-13"), *of_day(2, "2026-11-23"), *of_day(3, None)]
    reps = judged_by_own(own)
    sets = "2 from 13 Nov; 1 from 23 Nov; 1 of set 2 of this session"
    anna = f"Judged against good reps of profile anna: {sets}."
    assert describe_reference(reps, "anna", {"3": 2}) == anna
    assert describe_reference(reps, None, {"3": 2}) == anna.replace("profile anna", "yours")
    moved = "Judged before livecoach knew that this set is yours, so not against your own good reps."
    assert describe_reference(reps, "anna", {"3": 2}, moved=True) == moved


def test_a_set_that_only_unconfirmed_reps_of_other_days_judged_says_so():
    """They count as good all the same: only in their own session are they alike."""
    own = of_day(1, "2026-11-13", "2026-11-13")
    judged = "Judged against good reps of profile anna: 2 from 13 Nov."
    then = "Nobody had confirmed these then: livecoach took them as good, because they were alike."
    assert describe_reference(judged_by_own(own), "anna", {}) == f"{judged} {then}"
    assert describe_reference(judged_by_own([replace(own[0], chosen=True), own[1]]), "anna", {}) == judged


@pytest.mark.parametrize(
    ("said", "good", "told"),
    [
        ((), 3, "Are these your good reps? Until you confirm them, they are “alike” in this session, not “good”."),
        (("good",) * 3, 3, "You called 3 of 4 reps good."),
        (("bad",) * 3, 3, ""),
        (("good", "bad"), 3, "You called 1 of 4 reps good."),
        ((), 2, ""),
    ],
    ids=["no answer", "good ones", "not good", "some", "too few good reps"],
)
def test_a_set_that_became_the_reference_says_who_confirmed_it(said, good, told):
    """A set of four reps, judged by its own first reps. said: the lifter's labels, from the first rep on."""
    labels = [Correction(label=label) for label in said] + [None] * (4 - len(said))
    reps = [
        squatted(n, correction=word) if n <= good else wrong(n, correction=word) for n, word in enumerate(labels, 1)
    ]
    against = tuple(of_day(1, None))
    first = "Compared with the first reps of this set, because no earlier rep of yours from this side was known."
    of_itself = describe_reference(
        [lifted(replace(rep, reference="none"), against=against) for rep in reps], "anna", {}
    )
    assert of_itself == f"{first} {told}".strip()


def test_a_set_that_nobodys_own_reps_judged_says_so():
    told = describe_reference([lifted(squatted(1, reference="none"))], "anna", {})
    assert told.startswith(
        "Compared with typical (synthetic) lifters, and only for big faults, because no earlier rep of "
    )
    assert describe_reference([lifted(squatted(1, verdict="unsure", score=None))], "anna", {}) == ""
    told = "Judged again, against good reps of yours from other sessions."
    assert describe_reference([lifted(squatted(1, reference="own"))], "anna", {}) == told
