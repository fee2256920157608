"""The picture that the lifter sees, measured in pixels."""

import re
from dataclasses import replace

import cv2
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from builders.depth import a_depth
from builders.observations import a_pose, an_observation
from builders.steps import a_fault, a_full_set_summary, a_rep, a_step, a_view
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.types import Cue, Hint, Learning, LikelyExercise, Recognition, Rep, StageReading, Step, View
from livecoach.decisions.coaching.set_progress import SetPlan, SetProgress
from livecoach.feedback import text
from livecoach.feedback.depth_line import DepthLine
from livecoach.feedback.display_state import (
    CHOICE_KEYS,
    SHOWN_S,
    DisplayState,
    Playback,
    PlaybackMark,
    RunStatus,
)
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.panels import KEYS
from livecoach.feedback.screen import Action, pressed
from livecoach.feedback.shapes import ALARM, GOOD, GREY, INK, LEFT, RIGHT

QUIET = RunStatus()
BAD = a_rep(verdict="anomalous", score=1.7, top_joints=("left_knee",))
WHY = a_fault("bar_drift", phase="lift_off", measure=0.2, ref=0.1, margin=0.1, unit="torso", text="bar 9 cm too far")
SUMMARY = a_full_set_summary()
VIEW = a_view(34.0, uncertainty_deg=4.0)


def a_picture(width: int = 640, height: int = 480) -> np.ndarray:
    """Soft noise around middle grey, the left half darker."""
    noise = np.random.default_rng(1).integers(90, 130, (height, width, 3), np.uint8)
    noise[:, : width // 2] -= 40
    return noise


def an_overlay(*, mirror: bool = False, title: str = "", synthetic: bool = False) -> Overlay:
    return Overlay(mirror=mirror, title=title, synthetic=synthetic)


def at(
    t_s: float, *, picture: np.ndarray | None = None, landmarks: np.ndarray | None = None, **changes: object
) -> Step:
    """A step at a time."""
    height, width = (480, 640) if picture is None else picture.shape[:2]
    observation = an_observation(t_s=t_s, landmarks=landmarks, width_px=width, height_px=height)
    return a_step(observation=observation, **changes)


def nobody_there(**changes: object) -> Step:
    """A step of a set under way, from which the lifter has gone."""
    return a_step(observation=an_observation(nobody=True), in_set=True, **changes)


def a_correction(text: str) -> Cue:
    return Cue(kind="anomalous_rep", text=text, rep=1, say=None)


def finished(rep: Rep, picture: np.ndarray, *, text: str | None = None, t_s: float = 1.0) -> np.ndarray:
    """The canvas of a frame in which a rep ends."""
    cue = a_correction(text) if text else None
    return an_overlay().draw(picture, at(t_s, picture=picture, count=rep.index, rep=rep, cue=cue), QUIET)


def rows_of(changed: np.ndarray) -> int:
    """Height of what is true in a mask, px."""
    rows = np.flatnonzero(changed.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def longest_run(rows: np.ndarray) -> int:
    """How many neighbours are true."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], rows, [0]])))
    return int((changes[1::2] - changes[::2]).max())


def like(canvas: np.ndarray, colour: tuple[int, int, int], within: int = 12) -> np.ndarray:
    return np.asarray((np.abs(canvas.astype(int) - colour) <= within).all(axis=2))


def border(canvas: np.ndarray, width: int = 6) -> np.ndarray:
    """The pixels at the canvas' edge, (n, 3)."""
    inner = np.ones(canvas.shape[:2], bool)
    inner[width:-width, width:-width] = False
    return canvas[inner]


def test_a_good_rep_puts_a_plain_green_frame_round_the_picture():
    assert (border(finished(a_rep(), a_picture())) == GOOD).all()


def test_an_anomalous_rep_puts_a_hatched_frame_round_the_picture():
    """The border is vermillion with dark stripes: another pattern, not only another colour."""
    edge = border(finished(BAD, a_picture())).astype(int)
    alarming = (np.abs(edge - ALARM) < 12).all(axis=1).mean()
    assert 0.4 < alarming < 0.8
    assert (edge.max(axis=1) < 40).mean() > 0.15


def test_an_unjudged_rep_has_no_frame_and_a_grey_number():
    picture = a_picture()
    canvas = finished(a_rep(verdict="unsure", unsure="legs hidden"), picture)
    assert (canvas[:6] == picture[:6]).all()
    assert rows_of(like(canvas[:300, :200], GREY, 2)) >= 0.25 * 480


@pytest.mark.parametrize(("one", "other"), [("good", "anomalous"), ("good", "unsure"), ("anomalous", "unsure")])
def test_the_marks_of_verdicts_have_different_shapes(one, other):
    shapes = [
        finished(a_rep(verdict=verdict), a_picture())[60:300, 20:180].min(axis=2) > 150 for verdict in (one, other)
    ]
    assert (shapes[0] != shapes[1]).sum() > 300


@pytest.mark.parametrize("rep", [a_rep(), BAD, a_rep(verdict="unsure", unsure="legs hidden")])
def test_a_verdict_goes_after_two_and_a_half_seconds_of_frame_time(rep):
    """It stands for 2.5 s by the frames' own time; then only the dimmed number is left."""
    picture, overlay = a_picture(), an_overlay()
    cue = a_correction("knees out") if rep is BAD else None
    overlay.draw(picture, at(1.0, picture=picture, count=1, rep=rep, cue=cue), QUIET)
    during = overlay.draw(picture, at(3.49, picture=picture, count=1), QUIET)
    after = overlay.draw(picture, at(3.5, picture=picture, count=1), QUIET)
    untouched = an_overlay().draw(picture, at(3.5, picture=picture, count=1), QUIET)
    assert (during != after).any()
    assert (after == untouched).all()


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1920, 1080), (368, 656), (480, 480)])
@pytest.mark.parametrize("count", [1, 8, 10, 17])
def test_the_number_is_a_quarter_as_high_as_the_picture(size, count):
    """Bright at a rep's end: its white digits, without the mark, are ≥ 25 % of the canvas' height."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    nobody = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    canvas = an_overlay().draw(picture, a_step(observation=nobody, count=count, rep=a_rep(index=count)), QUIET)
    assert longest_run(like(canvas, INK, 40).any(axis=1)) >= 0.25 * canvas.shape[0]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_dimmed_number_stands_out_from_any_background(level):
    """Contrast between digit and plate is at least 3:1 (WCAG for large type) on black, grey and white."""
    picture = np.full((480, 640, 3), level, np.uint8)
    canvas = an_overlay().draw(picture, a_step(observation=an_observation(nobody=True), in_set=True, count=8), QUIET)
    plate = canvas[30:180, 30:130].reshape(-1, 3)[:, 0] / 255
    light, dark = (((share + 0.055) / 1.055) ** 2.4 for share in (np.percentile(plate, 95), np.percentile(plate, 5)))
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("size", [(640, 480), (320, 240), (1920, 1080), (368, 656)])
@pytest.mark.parametrize("text", ["knees out", "back flat", "keep the bar close"])
def test_the_letters_of_a_correction_are_eight_percent_high(size, text):
    """Measured on one of the lines, from the foot of a letter to the top of a k or h: there are no descenders in it."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    observation = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    canvas = an_overlay().draw(picture, a_step(observation=observation, rep=BAD, cue=a_correction(text)), QUIET)
    assert longest_run(like(canvas, INK, 60).any(axis=1)) >= 0.08 * canvas.shape[0]


def test_the_number_goes_where_the_lifter_is_not():
    """Someone at the left has the number at the right."""
    pose = a_pose()
    pose[:, 0] -= 0.3
    picture = a_picture()
    canvas = an_overlay().draw(picture, at(1.0, picture=picture, landmarks=pose, count=1, rep=a_rep()), QUIET)
    green = like(canvas, GOOD)[30:-30, 30:-30]
    assert green[:, :300].sum() == 0 < green[:, 300:].sum()


def test_a_correction_leaves_the_lifter_free():
    """In a wide picture nothing of the correction lies over somebody in the middle."""
    picture = np.full((540, 960, 3), 90, np.uint8)
    pose = a_pose()
    pose[:, 0] = 0.5 + (pose[:, 0] - 0.5) * 0.7
    bare = an_overlay().draw(picture, at(1.0, picture=picture, landmarks=pose, count=1, rep=BAD), QUIET)
    told = an_overlay().draw(
        picture, at(1.0, picture=picture, landmarks=pose, count=1, rep=BAD, cue=a_correction("knees out")), QUIET
    )
    columns = np.flatnonzero((bare != told).any(axis=(0, 2)))
    assert len(columns)
    assert columns.max() < 0.44 * 960 or columns.min() > 0.57 * 960


def test_a_narrow_picture_gets_a_panel_and_is_not_written_on():
    picture = np.full((656, 368, 3), 90, np.uint8)
    observation = an_observation(nobody=True, width_px=368, height_px=656)
    step = a_step(
        observation=observation, count=12, rep=a_rep(index=12, verdict="anomalous"), cue=a_correction("sit back")
    )
    canvas = an_overlay().draw(picture, step, QUIET)
    edge = 24  # the frame
    assert canvas.shape[1] > canvas.shape[0]
    assert (canvas[edge:-edge, -368:-edge] == 90).all()


@pytest.mark.parametrize("mirror", [False, True])
def test_the_picture_is_never_written_to(mirror):
    """The caller's picture, perhaps on its way to a recording, stays as it was."""
    picture = a_picture()
    before = picture.copy()
    picture.setflags(write=False)
    everything = at(
        1.0, picture=picture, count=1, rep=BAD, cue=a_correction("knees out"), progress=0.5, warning="step back"
    )
    canvas = an_overlay(mirror=mirror).draw(picture, everything, QUIET)
    assert (picture == before).all()
    assert not np.shares_memory(canvas, picture)


def test_a_mirror_flips_the_picture_but_not_the_type():
    """The picture's darker half changes sides; the header reads the same."""
    picture = a_picture()
    observation = an_observation(nobody=True)
    step = a_step(observation=observation, stage=StageReading(stage="up", probability=0.97))
    plain, mirrored = (an_overlay(mirror=m, title="deadlift").draw(picture, step, QUIET) for m in (False, True))
    assert plain[200:, :300].mean() < plain[200:, 340:].mean()
    assert mirrored[200:, :300].mean() > mirrored[200:, 340:].mean()
    type_plain, type_mirrored = (like(canvas[:60, :200], INK, 60) for canvas in (plain, mirrored))
    assert type_plain.any()
    assert (type_plain != type_mirrored).sum() < 0.1 * type_plain.sum()


def test_a_mirror_flips_the_skeleton_with_the_picture():
    """A raised left hand is drawn over the pixels of that hand."""
    pose = a_pose(moved={"left_wrist": (0.9, 0.3)})
    picture = np.zeros((480, 640, 3), np.uint8)
    canvas = an_overlay(mirror=True).draw(picture, at(1.0, picture=picture, landmarks=pose, progress=0.5), QUIET)
    assert like(canvas, LEFT)[:, :150].any()
    assert not like(canvas, LEFT)[:, 400:].any()


def test_the_skeleton_is_grey_at_rest_and_coloured_in_a_rep():
    """Colour tells the lifter that what is done now counts."""
    picture = np.zeros((480, 640, 3), np.uint8)
    rest, active = (
        an_overlay().draw(picture, at(1.0, picture=picture, progress=progress), QUIET) for progress in (None, 0.5)
    )
    assert not like(rest, LEFT).any()
    assert like(rest, GREY).any()
    assert like(active, LEFT).any()
    assert like(active, RIGHT).any()


def test_landmarks_that_are_not_visible_are_not_drawn():
    picture = a_picture()
    canvas = an_overlay().draw(picture, at(1.0, picture=picture, landmarks=a_pose(visibility=0.2)), QUIET)
    assert (canvas == picture).all()


@pytest.mark.parametrize("size", [(960, 540), (640, 480), (360, 640)])
@pytest.mark.parametrize("text", ["two people: if you are not lifting, step aside", "camera lost: trying again"])
def test_a_message_leaves_the_bar_of_a_rep_free(size, text):
    picture = np.full((size[1], size[0], 3), 60, np.uint8)
    bare = at(1.0, picture=picture, count=1, in_set=True)
    moving = replace(bare, progress=1.0)
    lane = np.any(an_overlay().draw(picture, moving, QUIET) != an_overlay().draw(picture, bare, QUIET), axis=2)
    warned = an_overlay().draw(picture, replace(moving, warning=text), QUIET)
    without = an_overlay().draw(picture, replace(bare, warning=text), QUIET)
    assert np.any(warned != without, axis=2)[lane].mean() > 0.95


def test_the_bar_fills_from_below():
    """Half way is half full."""
    picture = np.zeros((480, 640, 3), np.uint8)
    nobody = an_observation(nobody=True)
    low, high = (
        like(an_overlay().draw(picture, a_step(observation=nobody, progress=p), QUIET), INK)[:, -60:]
        for p in (0.3, 0.9)
    )
    assert rows_of(high) > 2.5 * rows_of(low)
    assert np.flatnonzero(high.any(axis=1))[-1] == np.flatnonzero(low.any(axis=1))[-1]


def test_the_joints_of_an_alarm_are_drawn_thick():
    """The knee that made it is a disc in the alarm's colour."""
    canvas = finished(BAD, a_picture())
    x, y = round(0.545 * 640), round(0.70 * 480)
    assert like(canvas[y - 8 : y + 8, x - 8 : x + 8], ALARM).all()


@pytest.mark.parametrize(("t_s", "mirror", "shown"), [(2.0, False, True), (2.0, True, True), (9.0, False, False)])
def test_a_played_rep_has_its_line_at_the_knee_around_the_bottom(t_s, mirror, shown):
    """At its height over the picture, mirrored with it; away from the bottom there is none."""
    line = DepthLine(t_s=2.0, result=a_depth(), under_knee_cm=0.0, xy=np.array([[0.8, 0.6], [0.4, 0.6], [0.7, 0.5]]))
    without, with_line = (
        an_overlay(mirror=mirror).draw(a_picture(), at(t_s), replace(QUIET, playing=playing))
        for playing in (
            Playback(t_s=t_s, duration_s=9.0, speed=1.0, loop=False, marks=(PlaybackMark(1.0, 3.0, "good", of),))
            for of in (None, line)
        )
    )
    rows, columns = np.nonzero((without != with_line).any(-1))
    assert bool(len(rows)) == shown
    if shown:
        assert 0.5 * 480 - 5 <= rows.min() < rows.max() < 0.66 * 480
        assert columns.min() == pytest.approx((0.4 if not mirror else 0.0) * 640, abs=80 if mirror else 6)


@pytest.mark.parametrize(
    "status",
    [
        replace(QUIET, fps=29.8, latency_ms=16.2, muted=False, info=True),
        replace(QUIET, dropped=3, info=True),
        replace(QUIET, muted=True),
        replace(QUIET, paused=True),
        replace(QUIET, note="screenshot saved"),
        replace(QUIET, help=True),
        replace(QUIET, recording=True),
        replace(QUIET, playing=Playback(t_s=1.0, duration_s=9.0, speed=1.0, loop=False, marks=())),
    ],
)
def test_everything_in_the_status_is_shown(status):
    """Each field leaves its trace; without any the picture stays clean."""
    picture = a_picture()
    step = nobody_there()
    assert (an_overlay().draw(picture, step, QUIET) == picture).all()
    assert (an_overlay().draw(picture, step, status) != picture).any()


def test_figures_of_the_run_are_shown_on_request_alone():
    """Frame rate, latency, camera angle and stage help nobody to lift; `i` shows them at the lower left."""
    picture, overlay = a_picture(), an_overlay()
    step = nobody_there(view=VIEW, stage=StageReading(stage="up", probability=0.98))
    status = replace(QUIET, fps=29.8, latency_ms=16.2, dropped=3, muted=False)
    assert (overlay.draw(picture, step, status) == picture).all()
    canvas = overlay.draw(picture, step, replace(status, info=True))
    assert (canvas[420:, :200] != picture[420:, :200]).any()
    assert (canvas[:400] == picture[:400]).all()


@pytest.mark.parametrize("size", [(640, 480), (368, 656), (960, 540), (200, 300)])
def test_the_chips_keep_within_the_margins(size):
    """However narrow the room, it gets smaller and does not run over the edge."""
    picture = np.full((size[1], size[0], 3), 90, np.uint8)
    observation = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    view = a_view(134.0, uncertainty_deg=4.0)
    status = RunStatus(fps=29.8, latency_ms=116.2, dropped=1000, muted=False, info=True)
    bare, told = (
        an_overlay().draw(picture, a_step(observation=observation, view=v), s)
        for v, s in ((None, QUIET), (view, status))
    )
    columns = np.flatnonzero((bare != told).any(axis=(0, 2)))
    room = bare.shape[1] if size[0] > size[1] else bare.shape[1] - round(size[0] * bare.shape[0] / size[1])
    assert columns.min() + columns.max() < room


def test_a_message_gives_way_to_chips_that_come_later():
    overlay = an_overlay(synthetic=True)
    chips = replace(QUIET, muted=True, paused=True, note="close other programs", info=True)
    step = nobody_there(warning="nobody in the picture", view=VIEW)
    overlay.draw(None, step, QUIET)
    assert (overlay.draw(None, step, chips) == an_overlay(synthetic=True).draw(None, step, chips)).all()


@pytest.mark.parametrize("size", [(640, 480), (1280, 720)])
def test_a_hint_goes_where_the_lifter_is_not(size):
    """Beside somebody who walks into it, once they have stood there for a second."""
    overlay, turn = an_overlay(), Hint(kind="turn", text="turn 20°", done=False)

    def covered(t_s: float, x: float) -> float:
        """Share of the hint's type that stands before the middle of the body, which is there at x."""
        pose = a_pose()
        pose[:, 0] = 0.5 * (pose[:, 0] - 0.5) + x
        seen = an_observation(t_s=t_s, landmarks=pose, width_px=size[0], height_px=size[1])
        canvas = overlay.draw(None, a_step(observation=seen, hint=turn), QUIET)
        columns = np.nonzero(like(canvas, INK, 60))[1] / canvas.shape[1]
        return float(np.mean(abs(columns - x) < 0.08))

    covered(0.0, 0.8)
    walked_in = [covered(1.0 + n / 4, 0.5 if n % 2 else 0.2) for n in range(8)]
    stood = [covered(4.0 + n / 4, x) for x in (0.2, 0.5, 0.8) for n in range(12)]
    assert len(walked_in) == 8
    assert max(stood[9:12] + stood[21:24] + stood[33:]) < 0.1


def test_a_synthetic_picture_says_so():
    """There is a badge."""
    picture = a_picture()
    canvas = an_overlay(synthetic=True).draw(picture, nobody_there(), QUIET)
    assert (canvas[420:] != picture[420:]).any()


def test_without_a_picture_the_skeleton_stands_on_a_dark_canvas():
    """Stored observations: the observation's shape, at least 640 wide."""
    observation = an_observation(width_px=320, height_px=240)
    canvas = an_overlay().draw(None, a_step(observation=observation, progress=0.5), QUIET)
    assert canvas.shape == (480, 640, 3)
    assert np.median(canvas) < 70
    assert like(canvas, LEFT).any()


@pytest.mark.parametrize(
    ("width", "height", "expected"),
    [(1920, 1080, (540, 960)), (640, 480, (480, 640)), (320, 240, (480, 640)), (855, 481, (480, 856))],
)
def test_the_canvas_has_limits_and_even_sides(width, height, expected):
    """Between 640 and 960 on the longer side, and fit for a video encoder."""
    picture = np.zeros((height, width, 3), np.uint8)
    canvas = an_overlay().draw(picture, a_step(observation=an_observation(nobody=True)), QUIET)
    assert canvas.shape[:2] == expected
    assert canvas.dtype == np.uint8
    assert canvas.flags.c_contiguous


def test_type_is_sharp_on_a_small_picture():
    """A 320×240 picture is enlarged before type is drawn on it: its edges are not blurred."""
    canvas = finished(a_rep(), np.zeros((240, 320, 3), np.uint8))
    assert cv2.Laplacian(canvas[60:300, 20:180], cv2.CV_64F).var() > 500


SIZES = [(640, 480), (320, 240), (1920, 1080), (368, 656)]


def on_black(size: tuple[int, int], **changes: object) -> np.ndarray:
    """A canvas without a lifter, on which type is all that is bright."""
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    observation = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    return an_overlay().draw(picture, a_step(observation=observation, **{"in_set": True, **changes}), QUIET)


@pytest.mark.parametrize("size", SIZES)
def test_the_reason_of_a_correction_is_large_enough_to_be_read(size):
    """From the foot of a letter to the top of a b or f, 3.5 % of the height: two words alone, as their own line."""
    rep, cue = a_rep(verdict="anomalous"), a_correction("keep it")
    without, told = (on_black(size, rep=rep, cue=one) for one in (cue, replace(cue, why="bar off")))
    bright = [like(canvas, INK, 60).any(axis=1) for canvas in (without, told)]
    runs = [np.flatnonzero(np.diff(np.concatenate([[0], rows, [0]]))) for rows in bright]
    assert len(runs[1]) == len(runs[0]) + 2
    assert (runs[1][-1] - runs[1][-2]) >= 0.035 * told.shape[0]


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (368, 656)])
def test_the_number_stays_beside_a_correction(size):
    """As high as the letters of the correction at least, on a plate of its own; as large as before, once it was
    read."""
    picture, overlay = np.zeros((size[1], size[0], 3), np.uint8), an_overlay()
    now = {"picture": picture, "in_set": True, "count": 8}
    told = overlay.draw(picture, at(1.0, rep=BAD, cue=a_correction("hips and chest together"), **now), QUIET)
    later = overlay.draw(picture, at(3.6, **now), QUIET)
    inner = told[40:-60, 60:-40]
    plate = np.flatnonzero(like(inner, ALARM).sum(axis=1) > 0.03 * told.shape[1])
    assert len(plate) >= 0.08 * told.shape[0]
    assert longest_run((later.min(axis=2) > 150)[:, : later.shape[1] // 2].any(axis=1)) >= 0.25 * later.shape[0]


def test_nothing_small_takes_the_room_of_a_correction_in_a_panel():
    """Muted, exercise, learning and a note come back when it was read."""
    now = {"in_set": True, "count": 12, "rep": BAD, "learning": Learning(have=2, wanted=5)}
    seen = an_observation(t_s=1.0, width_px=368, height_px=656)
    step = a_step(observation=seen, cue=a_correction("hips and chest together"), **now)
    crowd = replace(QUIET, muted=True, note="close other programs")
    quiet, crowded = (an_overlay(title="Deadlift").draw(None, step, status) for status in (QUIET, crowd))
    assert (quiet == crowded).all()


OF_FIVE = SetProgress(plan=SetPlan(reps=5), began_s=0.0)


@pytest.mark.parametrize(
    ("status", "least", "most"),
    [
        (QUIET, 0.25, 0.4),
        (replace(QUIET, info=True, recording=True, muted=True, note="close it", progress=OF_FIVE), 0.09, 0.2),
    ],
)
def test_in_a_panel_a_message_and_many_chips_leave_room_for_a_smaller_number_alone(status, least, most):
    seen = an_observation(nobody=True, width_px=368, height_px=656)
    unsure = a_rep(index=12, verdict="unsure", unsure="legs not clear")
    view = View(name="side", azimuth_deg=88.0, uncertainty_deg=5.0)
    learning, stage = Learning(have=1, wanted=5), StageReading(stage="up", probability=0.9)
    step = a_step(observation=seen, in_set=True, count=12, rep=unsure, view=view, learning=learning, stage=stage)
    canvas = an_overlay(title="Deadlift").draw(None, step, status)
    number = like(canvas, GREY)[: canvas.shape[0] * 9 // 25]  # the message is below
    assert least * canvas.shape[0] <= longest_run(number.any(axis=1)) < most * canvas.shape[0]


def test_a_correction_has_a_cross():
    """Its plate has a shape in the alarm's colour besides the stripe at its edge."""
    canvas = on_black((640, 480), rep=a_rep(verdict="anomalous"), cue=a_correction("sit back"))
    inner = like(canvas, ALARM)[40:-40, 60:-40]
    assert inner.any(axis=1).sum() >= 0.07 * 480


def test_a_hint_that_is_followed_gets_a_tick():
    """Green, and a shape: nothing of it is there before."""
    hints = [Hint(kind="turn", text="turn left", done=done) for done in (False, True)]
    before, after = (
        like(an_overlay().draw(np.zeros((480, 640, 3), np.uint8), at(1.0, hint=hint), QUIET), GOOD, 25)
        for hint in hints
    )
    assert not before.any()
    assert rows_of(after) >= 0.05 * 480


def test_a_lifter_is_shown_where_to_stand_until_the_place_is_taken():
    """A figure while nobody is there; gone for good once somebody stands right and the view is known."""
    picture, overlay = a_picture(), an_overlay()
    nobody = a_step(observation=an_observation(nobody=True))
    assert (overlay.draw(picture, nobody, QUIET) != picture).any()
    overlay.draw(picture, at(1.0, picture=picture, view=VIEW), QUIET)
    assert (overlay.draw(picture, nobody, QUIET) == picture).all()


def test_the_figure_is_where_a_lifter_fits_in():
    """In the middle, three quarters of the height, within the picture; in portrait too."""
    for width, height in ((640, 480), (368, 656)):
        picture = np.full((height, width, 3), 90, np.uint8)
        nobody = an_observation(nobody=True, width_px=width, height_px=height)
        canvas = an_overlay().draw(picture, a_step(observation=nobody), QUIET)[:, -width:]
        changed = (canvas != 90).any(axis=2)
        columns = np.flatnonzero(changed.any(axis=0))
        assert rows_of(changed) == pytest.approx(0.76 * canvas.shape[0], abs=8)
        assert columns.min() + columns.max() == pytest.approx(width, abs=4)


def test_the_figure_does_not_cover_a_lifter_who_stands_elsewhere():
    picture, pose = a_picture(), a_pose()
    hint = Hint(kind="move_aside", text="move", done=False)
    with_figure, without = (
        an_overlay().draw(picture, at(1.0, picture=picture, landmarks=pose, hint=hint, count=count), QUIET)
        for count in (0, 1)
    )
    inside = np.s_[140:430, 275:365]
    assert (with_figure[inside] == without[inside]).all()


@pytest.mark.parametrize(
    "taken", [{"in_set": True}, {"progress": 0.1}, {"cue": Cue(kind="ready", text="ready", rep=None, say="ready")}]
)
def test_the_figure_is_gone_once_it_begins(taken):
    """With "ready", with the set, or with the first movement."""
    picture, overlay = a_picture(), an_overlay()
    overlay.draw(picture, at(1.0, picture=picture, **taken), QUIET)
    later = a_step(observation=an_observation(nobody=True, t_s=9.0))
    assert (overlay.draw(picture, later, QUIET) == picture).all()


def test_learning_is_shown_small_until_the_lifter_is_known():
    """A chip at the lower edge while reps are missing; nothing afterwards."""
    first, learning, known = (
        on_black((640, 480), in_set=True, count=1, rep=a_rep(), learning=Learning(have=have, wanted=5))
        for have in (1, 2, 5)
    )
    changed = (learning != known).any(axis=2)
    assert changed[420:].any()
    assert rows_of(changed) < 0.08 * 480
    assert (first != learning).any()


def test_nothing_is_said_of_learning_where_it_is_off():
    step = nobody_there(count=1, rep=a_rep(), learning=Learning(have=0, wanted=5))
    without = replace(step, learning=None)
    shown, plain = (Overlay(mirror=False, title="", learns=False).draw(a_picture(), s, QUIET) for s in (step, without))
    assert (shown == plain).all()


@pytest.mark.parametrize("size", SIZES)
def test_the_summary_is_large_enough_to_be_read_from_the_platform(size):
    """Its first line has letters of 5.5 % of the height and more; it takes the number's place."""
    canvas = on_black(size, in_set=False, count=8, summary=SUMMARY)
    runs = np.flatnonzero(np.diff(np.concatenate([[0], like(canvas, INK, 60).any(axis=1), [0]])))
    assert 0.055 * canvas.shape[0] <= runs[1] - runs[0] < 0.2 * canvas.shape[0]


def test_the_summary_stays_where_it_was_placed():
    """It does not wander with the lifter, and goes with the next set."""
    picture, overlay, pose = np.zeros((480, 640, 3), np.uint8), an_overlay(), a_pose()
    first = overlay.draw(picture, at(1.0, summary=SUMMARY, count=8, landmarks=pose), QUIET)
    pose = pose.copy()
    pose[:, 0] += 0.3
    overlay.draw(picture, at(2.0, summary=SUMMARY, count=8, landmarks=pose), QUIET)
    later = overlay.draw(picture, nobody_there(summary=SUMMARY, count=8), QUIET)
    assert (like(first, INK) & ~like(later, INK)).sum() < 0.02 * like(later, INK).sum()
    assert not like(overlay.draw(picture, nobody_there(), QUIET), INK).any()


def test_the_summary_goes_where_the_lifter_is_not():
    """To the other side, once the lifter has stood behind it for some seconds."""
    overlay, width = an_overlay(), 960

    def lit(t_s: float, x: float) -> float:
        """Where the type of the summary is, 0 at the left, with the lifter's middle at x."""
        pose = a_pose()
        pose[:, 0] = 0.5 * (pose[:, 0] - 0.5) + x
        seen = an_observation(t_s=t_s, landmarks=pose, width_px=1280, height_px=720)
        canvas = overlay.draw(None, a_step(observation=seen, summary=SUMMARY, count=8, set_index=1), QUIET)
        return float(np.median(np.nonzero(like(canvas, INK, 60))[1]) / width)

    assert lit(0.0, 0.25) > 0.5
    while_hidden = [lit(1.0 + n / 2, 0.75) for n in range(12)]
    assert while_hidden[0] > 0.5
    assert while_hidden[-1] < 0.5


def test_a_warning_does_not_cover_the_summary_of_a_narrow_picture():
    """The panel is full, so the warning stands in the picture."""
    size = (368, 656)
    alone, both = (on_black(size, in_set=False, summary=SUMMARY, warning=text) for text in (None, "two people"))
    changed = (alone != both).any(axis=(0, 2))
    assert changed.any()
    assert not changed[: alone.shape[1] - 368].any()


@settings(max_examples=60)
@given(
    width=st.integers(120, 2000),
    height=st.integers(120, 2000),
    landmarks=hnp.arrays(np.float32, (33, 5), elements=st.floats(width=32)),
    progress=st.none() | st.floats(0, 1),
    count=st.integers(0, 120),
    verdict=st.sampled_from(["good", "anomalous", "unsure"]),
    text=st.text(max_size=60),
    mirror=st.booleans(),
)
def test_no_observation_or_message_stops_the_drawing(width, height, landmarks, progress, count, verdict, text, mirror):
    """Any size, any landmarks (NaN, infinite, far outside), any text."""
    observation = an_observation(t_s=1.0, landmarks=landmarks, width_px=width, height_px=height)
    hint = Hint(kind="turn", text=text, done=mirror)
    rep = a_rep(
        index=max(1, count), verdict=verdict, unsure=text, top_joints=("left_knee",), faults=(replace(WHY, text=text),)
    )
    step = a_step(
        observation=observation,
        progress=progress,
        count=count,
        rep=rep,
        cue=replace(a_correction(text), why=text),
        warning=text,
    )
    status = RunStatus(fps=30.0, latency_ms=16.0, dropped=1, muted=True, paused=True, note=text, help=True)
    between = a_step(observation=observation, summary=replace(SUMMARY, fault_cue=text, notes=(text,)), hint=hint)
    for one in (step, between):
        canvas = an_overlay(mirror=mirror, title=text).draw(None, one, status)
        assert canvas.dtype == np.uint8


@pytest.mark.parametrize("width_px", range(40, 400, 24))
def test_a_number_stays_on_a_line_with_its_unit(width_px):
    """And with the word that makes it a guess, however narrow the plate is."""
    lines = text.balanced("so: about 9 cm, your good reps 4.6 m/s² or 20 % of them", 12, width_px).lines
    assert not re.search(r"\d\n(?:cm|m/s|%)|about\n", "\n".join(lines))


TITLES = {"squat": "Squat", "lunge": "Lunge", "romanian_deadlift": "Romanian deadlift"}
NOTHING = Recognition(name=None, probability=0.9)
SQUAT = Recognition(name="squat", probability=0.97, sure=True)
WIDE, PHONE = (640, 480), (360, 640)


def unsure(name: str = "squat", other: str = "lunge") -> Recognition:
    return Recognition(name=name, probability=0.5, alternatives=(LikelyExercise(name=other, probability=0.4),))


def shown_at(t_s: float, size: tuple[int, int] = WIDE, **changes: object) -> Step:
    """A step of a run whose exercise is recognised."""
    seen = an_observation(t_s=t_s, width_px=size[0], height_px=size[1])
    return a_step(observation=seen, **{"recognition": NOTHING, **changes})


def after(*steps: Step) -> DisplayState:
    standing = DisplayState(titles=TITLES)
    for step in steps:
        standing.update(step, QUIET)
    return standing


def shown(*steps: Step) -> str | None:
    message = after(*steps).message
    return None if message is None else message.text


def drawn(*steps: Step, titles: dict[str, str] | None = TITLES) -> np.ndarray:
    """The canvas of the last step, on a black picture."""
    overlay = Overlay(mirror=False, title="", titles=titles)
    for step in steps:
        seen = step.observation
        canvas = overlay.draw(np.zeros((seen.height_px, seen.width_px, 3), np.uint8), step, QUIET)
    return canvas


KNOWN = {"exercise": "squat", "recognition": SQUAT}
DONE = [shown_at(0.0), shown_at(1.0, exercise="squat"), shown_at(60.0)]
OPEN = shown_at(1.0, exercise="squat", recognition=unsure(), is_open=True, in_set=True, count=1)
SURE = replace(OPEN, is_open=False)


@pytest.mark.parametrize(
    ("steps", "text"),
    [
        ([shown_at(0.0), shown_at(1.0, **KNOWN)], "Squat"),
        ([shown_at(0.0), shown_at(1.0, **KNOWN), shown_at(1.1 + SHOWN_S, **KNOWN)], None),
        ([*DONE, shown_at(61.0, exercise="lunge")], "Lunge"),
        ([*DONE, shown_at(61.0, exercise="squat")], None),
        ([shown_at(30.0, **KNOWN)], None),  # after a jump in a replay the first step tells nothing new
        ([shown_at(0.0), OPEN], None),
        ([shown_at(0.0), OPEN, SURE], "Squat"),
        ([shown_at(0.0), replace(SURE, rep=BAD, cue=a_correction("knees out"))], "knees out"),  # it comes first
    ],
)
def test_the_exercise_is_announced_when_its_name_is_new_and_sure(steps, text):
    """By its title, for two to three seconds; who asked for an exercise knows it."""
    assert shown(*steps) == text
    assert 2 <= SHOWN_S <= 3
    given = DisplayState()
    for step in steps:
        given.update(step, QUIET)
    assert given.message is None or given.message.kind == "alarm"


def test_an_open_name_is_a_question():
    """The number is what counts; the name stands beside it until it is sure."""
    assert [after(step).title for step in (OPEN, SURE)] == ["Squat?", "Squat"]


def test_the_question_names_both_exercises_with_their_keys():
    asked = shown_at(9.0, summary=a_full_set_summary(), question=("squat", "lunge"))
    assert after(asked).question.replace("\N{NO-BREAK SPACE}", " ") == "Squat? 1 · Lunge? 2"
    assert after(shown_at(9.0)).question == ""
    assert (drawn(asked) != drawn(replace(asked, question=()))).any()


def test_the_question_covers_neither_the_summary_nor_a_message():
    summary = a_full_set_summary()
    standing = after(shown_at(0.0, summary=summary), shown_at(7.0, summary=summary, question=("squat", "lunge")))
    assert standing.summary == summary
    assert standing.message is None


@pytest.mark.parametrize("size", [WIDE, PHONE])
@pytest.mark.parametrize(("name", "lines"), [("squat", 1), ("romanian_deadlift", 2)])
def test_the_name_is_legible_from_three_metres(size, name, lines):
    """Its letters are as high as those of a correction; the longest name takes two lines beside a narrow picture."""
    nobody = an_observation(nobody=True, width_px=size[0], height_px=size[1])
    before = shown_at(0.0, size, in_set=True)
    known = replace(before, observation=replace(nobody, t_s=1.0), exercise=name, recognition=SQUAT)
    canvas = drawn(replace(before, observation=replace(nobody, t_s=0.0)), known)
    assert rows_of(canvas.min(axis=2) > 240) >= 0.075 * canvas.shape[0] * (lines if size == PHONE else 1)


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_what_is_expected_stands_in_the_place_of_the_number(size):
    """No count, and no 0, as long as it is not known what is counted."""
    waiting, known = drawn(shown_at(0.0, size)), drawn(shown_at(0.0, size, exercise="squat", recognition=SQUAT))
    corner = np.s_[: waiting.shape[0] // 2, : waiting.shape[1] // 2]
    assert (waiting[corner] != known[corner]).any()
    assert (drawn(shown_at(0.0, size, count=3))[corner] == waiting[corner]).all()


def test_nothing_is_expected_where_the_exercise_was_given():
    seen = shown_at(0.0)
    assert (drawn(seen, titles=None) == drawn(replace(seen, exercise="squat"), titles=None)).all()


def test_the_title_stands_in_the_corner_afterwards():
    later = shown_at(9.0, exercise="lunge")
    given = Overlay(mirror=False, title="Lunge").draw(np.zeros((480, 640, 3), np.uint8), later, QUIET)
    assert (drawn(later) == given).all()
    assert (drawn(shown_at(9.0)) != given).any()


def test_a_summary_says_of_which_exercise_it_is():
    """After a set the exercise may change: the next one is not known."""
    told, other = (shown_at(9.0, summary=a_full_set_summary(exercise=name)) for name in ("squat", "lunge"))
    assert (drawn(told) != drawn(other)).any()
    assert (drawn(told) == drawn(replace(told, exercise="squat"))).all()


def test_the_keys_of_the_choice_are_those_that_it_shows():
    assert [pressed(key, typing=False) for key in CHOICE_KEYS] == [Action.CHOOSE_FIRST, Action.CHOOSE_SECOND]
    assert any(all(key in keys for key in CHOICE_KEYS) for keys, _ in KEYS)
