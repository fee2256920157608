"""The picture that the lifter sees, measured in pixels."""

import re
from dataclasses import replace

import cv2
import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from builders.depth import a_depth
from builders.observations import a_pose, an_observation
from builders.steps import a_fault, a_full_set_summary, a_rep, a_session_state, a_step, a_view, with_state
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core.step import Learning, Step
from livecoach.core.types import Cue, HandAnswer, Hint, LikelyExercise, Recognition, SetPlan, StageReading
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.feedback import panels, text
from livecoach.feedback import placed_message as message
from livecoach.feedback.display_state import CHOICE_KEYS, SHOWN_S, DisplayState, ShownMessage
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.panels import KEYS
from livecoach.feedback.screen import Action, key_action
from livecoach.feedback.screen_layout import Box, text_boxes
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.shapes import ALARM, ARROWS, CROSS, GOOD, GREY, INK, LEFT, RIGHT, TICK

QUIET = a_session_state()
BAD = a_rep(verdict="anomalous", score=1.7, top_joints=("left_knee",))
UNSURE = a_rep(verdict="unsure", unsure="legs hidden")
SUMMARY = a_full_set_summary()
VIEW = a_view(34.0, uncertainty_deg=4.0)
STANDS = a_pose()
VGA, PHONE = (640, 480), (368, 656)
SIZES = [VGA, (320, 240), (1920, 1080), PHONE]


def noise(size: tuple[int, int] = VGA) -> np.ndarray:
    """Soft noise around middle grey, the left half darker; nobody may write to it."""
    picture = np.random.default_rng(1).integers(90, 130, (size[1], size[0], 3), np.uint8)
    picture[:, : size[0] // 2] -= 40
    picture.setflags(write=False)
    return picture


def at(t_s: float = 1.0, size: tuple[int, int] = VGA, landmarks: np.ndarray | None = STANDS, **changes: object) -> Step:
    """A step at a time. landmarks: None for nobody."""
    seen = an_observation(t_s=t_s, landmarks=landmarks, nobody=landmarks is None, width_px=size[0], height_px=size[1])
    return a_step(observation=seen, **changes)


def empty(size: tuple[int, int] = VGA, t_s: float = 1.0, **changes: object) -> Step:
    """A step of a set under way, from which the lifter has gone."""
    return at(t_s, size, None, **{"is_under_way": True, **changes})


def an_overlay(**options: object) -> Overlay:
    return Overlay(**{"mirror": False, "title": "", **options})


def drawn(*steps: Step, on: np.ndarray | int = 0, status: SessionState = QUIET, **options: object) -> np.ndarray:
    """The canvas of the last step. on: the picture, or the grey of one."""
    overlay = an_overlay(**options)
    for step in steps:
        size = step.observation.height_px, step.observation.width_px, 3
        canvas = overlay.draw(np.full(size, on, np.uint8) if isinstance(on, int) else on, step, status)
    return canvas


def cued_rep(words: str, **changes: object) -> dict[str, object]:
    """What a step carries at the end of a rep with a fault cue."""
    return {"count": 1, "rep": BAD, "cue": Cue(kind="anomalous_rep", text=words, rep=1, say=None), **changes}


def longest_run(rows: np.ndarray) -> int:
    """How many neighbours are true."""
    changes = edges(rows)
    return int((changes[1::2] - changes[::2]).max())


def edges(rows: np.ndarray) -> np.ndarray:
    return np.flatnonzero(np.diff(np.concatenate([[0], rows, [0]])))


def rows_of(changed: np.ndarray) -> int:
    """Height of what is true in a mask, px."""
    rows = np.flatnonzero(changed.any(axis=1))
    return int(rows[-1] - rows[0] + 1) if len(rows) else 0


def like(canvas: np.ndarray, colour: tuple[int, int, int], within: int = 12) -> np.ndarray:
    return np.asarray((np.abs(canvas.astype(int) - colour) <= within).all(axis=2))


def differs(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    return np.asarray((one != other).any(axis=2))


def border(canvas: np.ndarray, width: int = 6) -> np.ndarray:
    """The pixels at the canvas' edge, (n, 3)."""
    inner = np.ones(canvas.shape[:2], bool)
    inner[width:-width, width:-width] = False
    return canvas[inner]


def test_a_verdict_has_its_frame():
    """Plain green, or vermilion with dark stripes: not only another colour. Without a verdict, the number is grey."""
    assert (border(drawn(at(count=1, rep=a_rep()))) == GOOD).all()
    edge = border(drawn(at(count=1, rep=BAD))).astype(int)
    assert 0.4 < (np.abs(edge - ALARM) < 12).all(axis=1).mean() < 0.8
    assert (edge.max(axis=1) < 40).mean() > 0.15
    picture = noise()
    canvas = drawn(at(count=1, rep=UNSURE), on=picture)
    assert (canvas[:6] == picture[:6]).all()
    assert rows_of(like(canvas[:300, :200], GREY, 2)) >= 0.25 * 480


def test_the_marks_of_verdicts_have_different_shapes():
    numbers = (drawn(at(count=1, rep=rep))[60:300, 20:180] for rep in (a_rep(), BAD, UNSURE))
    good, bad, unsure = (number.min(axis=2) > 150 for number in numbers)
    assert min((good != bad).sum(), (good != unsure).sum(), (bad != unsure).sum()) > 300


@pytest.mark.parametrize(("shape", "turns"), [("up", 0), ("right", 1), ("down", 2), ("left", 3)])
def test_an_arrow_has_a_head_of_two_equal_halves_where_it_points(shape, turns):
    canvas = np.zeros((100, 100, 3), np.uint8)
    ARROWS[shape](canvas, Box(0, 0, 100, 100))
    upwards = np.rot90(canvas.max(axis=2) > 100, turns)
    assert (upwards != upwards[:, ::-1]).sum() < 0.1 * upwards.sum() < 0.2 * upwards[:50].sum()


@pytest.mark.parametrize("what", [{"rep": a_rep()}, cued_rep("knees out"), {"rep": UNSURE}])
def test_a_verdict_goes_after_two_and_a_half_seconds_of_frame_time(what):
    first, later = at(1.0, **{"count": 1, **what}), at(3.5, count=1)
    assert differs(drawn(first, at(3.49, count=1)), drawn(first, later)).any()
    assert (drawn(first, later) == drawn(later)).all()


@pytest.mark.parametrize("size", [*SIZES, (480, 480)])
@pytest.mark.parametrize("count", [1, 17])
def test_the_number_is_a_quarter_as_high_as_the_picture(size, count):
    """Its white digits at a rep's end, without the mark."""
    canvas = drawn(at(1.0, size, None, count=count, rep=a_rep(index=count)))
    assert longest_run(like(canvas, INK, 40).any(axis=1)) >= 0.25 * canvas.shape[0]


@pytest.mark.parametrize("level", [0, 128, 255])
def test_the_dimmed_number_stands_out_from_any_background(level):
    """Contrast between digit and background is at least 3:1 (WCAG for large type) on black, grey and white."""
    inner = drawn(empty(count=8), on=level)[30:180, 30:130].reshape(-1, 3)[:, 0] / 255
    light, dark = (((share + 0.055) / 1.055) ** 2.4 for share in (np.percentile(inner, 95), np.percentile(inner, 5)))
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("words", ["knees out", "back flat", "keep the bar close"])
def test_the_letters_of_a_fault_cue_are_eight_percent_high(size, words):
    """From the foot of a letter to the top of a k or h: there are no descenders in them."""
    canvas = drawn(at(1.0, size, None, **cued_rep(words, count=0)))
    assert longest_run(like(canvas, INK, 60).any(axis=1)) >= 0.08 * canvas.shape[0]


@pytest.mark.parametrize("size", SIZES)
def test_the_reason_of_a_fault_cue_is_large_enough_to_be_read(size):
    """From the foot of a letter to the top of a b or f, 3.5 % of the height: two words alone, as their own line."""
    step = empty(size, **cued_rep("keep it", count=0))
    without, reasoned = (drawn(replace(step, cue=replace(step.cue, why=why))) for why in (None, "bar off"))
    before, runs = (edges(like(canvas, INK, 60).any(axis=1)) for canvas in (without, reasoned))
    assert len(runs) == len(before) + 2
    assert (runs[-1] - runs[-2]) >= 0.035 * reasoned.shape[0]


def test_the_number_goes_where_the_lifter_is_not():
    canvas = drawn(at(landmarks=a_pose() - np.float32([0.3, 0, 0, 0, 0]), count=1, rep=a_rep()), on=noise())
    green = like(canvas, GOOD)[30:-30, 30:-30]
    assert green[:, :300].sum() == 0 < green[:, 300:].sum()


@pytest.mark.parametrize(("count", "share"), [(8, 0.25), (17, 0.16)])
def test_a_number_of_two_digits_is_smaller_where_it_would_hide_a_lifter_in_the_middle(count, share):
    """Of 4:3, for as long as its verdict is shown and until the next; one digit leaves the lifter free."""
    pose = narrowed(0.7, 0.5)
    steps = at(landmarks=pose, count=count, rep=a_rep(index=count)), at(2.0, landmarks=pose, count=count)
    later = drawn(*steps, at(4.0, landmarks=pose, count=count, is_under_way=True), on=noise())
    for canvas in (drawn(*steps[:1], on=noise()), drawn(*steps, on=noise())):
        green = like(canvas, GOOD)[30:-30, 30:-30]
        assert np.flatnonzero(green.any(axis=0)).max() + 30 < 0.42 * 640
        assert share * 480 <= longest_run(like(canvas[:300, :260], INK, 40).any(axis=1)) < (share + 0.06) * 480
    assert longest_run((later[:300, :260].min(axis=2) > 150).any(axis=1)) >= share * 480


def narrowed(share: float, x: float) -> np.ndarray:
    """Somebody as wide as this share, with the middle at a place."""
    pose = a_pose()
    pose[:, 0] = x + (pose[:, 0] - 0.5) * share
    return pose


def test_a_fault_cue_leaves_the_lifter_free():
    step = at(1.0, (960, 540), narrowed(0.7, 0.5), **cued_rep("knees out"))
    columns = np.flatnonzero(differs(drawn(replace(step, cue=None), on=90), drawn(step, on=90)).any(axis=0))
    assert len(columns)
    assert columns.max() < 0.44 * 960 or columns.min() > 0.57 * 960


def test_a_narrow_picture_gets_a_panel_and_is_not_written_on():
    canvas = drawn(at(1.0, PHONE, None, **cued_rep("sit back", count=12)), on=90)
    edge = 24  # the frame
    assert canvas.shape[1] > canvas.shape[0]
    assert (canvas[edge:-edge, -368:-edge] == 90).all()


@pytest.mark.parametrize("mirror", [False, True])
def test_the_picture_is_never_written_to(mirror):
    """The caller's picture, perhaps on its way to a recording, stays as it was."""
    picture = noise()
    everything = at(progress=0.5, warning="step back", **cued_rep("knees out"))
    assert not np.shares_memory(drawn(everything, on=picture, mirror=mirror), picture)
    assert (picture == noise()).all()


def test_a_mirror_flips_the_picture_but_not_the_type():
    step = at(landmarks=None, stage=StageReading(stage="up", probability=0.97))
    plain, mirrored = (drawn(step, on=noise(), mirror=mirror, title="deadlift") for mirror in (False, True))
    assert plain[200:, :300].mean() < plain[200:, 340:].mean()
    assert mirrored[200:, :300].mean() > mirrored[200:, 340:].mean()
    type_plain, type_mirrored = (like(canvas[:60, :200], INK, 60) for canvas in (plain, mirrored))
    assert type_plain.any()
    assert (type_plain != type_mirrored).sum() < 0.1 * type_plain.sum()


def test_a_mirror_flips_the_skeleton_with_the_picture():
    raised = at(landmarks=a_pose(moved={"left_wrist": (0.9, 0.3)}), progress=0.5)
    blue = like(drawn(raised, mirror=True), LEFT)
    assert blue[:, :150].any()
    assert not blue[:, 400:].any()


def test_the_skeleton_is_grey_at_rest_and_coloured_in_a_rep():
    """Colour tells the lifter that what is done now counts."""
    rest, active = (drawn(at(progress=progress)) for progress in (None, 0.5))
    assert [like(rest, colour).any() for colour in (GREY, LEFT)] == [True, False]
    assert [like(active, colour).any() for colour in (LEFT, RIGHT)] == [True, True]


def test_the_skeleton_has_a_round_head_above_its_shoulders():
    """No bone leads there: the head is drawn round the ears."""
    ink = like(drawn(at(progress=0.5)), INK)[:110, 250:390]  # the shoulders are at 125
    assert rows_of(ink) == pytest.approx(longest_run(ink.any(axis=0)), abs=2)
    assert rows_of(ink) > 10


def test_landmarks_that_are_not_visible_are_not_drawn():
    assert (drawn(at(landmarks=a_pose(visibility=0.2)), on=noise()) == noise()).all()


@pytest.mark.parametrize("size", [(960, 540), VGA, (360, 640)])
@pytest.mark.parametrize("words", ["two people: if you are not lifting, step aside", "camera lost: trying again"])
def test_a_message_leaves_the_bar_of_a_rep_free(size, words):
    bare = at(1.0, size, count=1, is_under_way=True)
    lane = differs(drawn(replace(bare, progress=1.0), on=60), drawn(bare, on=60))
    warned, without = (drawn(with_state(bare, warning=words, progress=progress), on=60) for progress in (1.0, None))
    assert differs(warned, without)[lane].mean() > 0.95


def test_the_bar_fills_from_below():
    low, high = (like(drawn(at(landmarks=None, progress=share)), INK)[:, -60:] for share in (0.3, 0.9))
    assert rows_of(high) > 2.5 * rows_of(low)
    assert np.flatnonzero(high.any(axis=1))[-1] == np.flatnonzero(low.any(axis=1))[-1]


def test_the_joints_of_an_alarm_are_drawn_thick():
    x, y = round(0.545 * 640), round(0.70 * 480)
    alarming = like(drawn(at(count=1, rep=BAD)), ALARM)
    assert alarming[y - 8 : y + 8, x - 8 : x + 8].all()
    assert alarming[[*range(y - 40, y - 20), *range(y + 20, y + 40)], x - 2 : x + 2].all()


@pytest.mark.parametrize("part", ["muted", "paused", "help", "recording", "note"])
def test_each_part_of_the_status_is_shown_in_the_picture(part):
    """And, below, that a picture is synthetic."""
    status = a_session_state(**{part: "load: 100 kg" if part == "note" else True})
    assert (drawn(empty(), on=noise()) == noise()).all()
    assert differs(drawn(empty(), on=noise(), status=status), noise()).any()
    assert differs(drawn(empty(), on=noise(), synthetic=True), noise())[420:].any()


CROWD = {"muted": True, "note": "set 1: note saved", "trouble": "computer too slow: close other programs"}


@pytest.mark.parametrize("size", [VGA, PHONE, (960, 540), (200, 300)])
def test_the_chips_keep_within_the_margins(size):
    bare = drawn(at(1.0, size, None), on=90)
    full = drawn(at(1.0, size, None), on=90, status=a_session_state(paused=True, **CROWD))
    columns = np.flatnonzero(differs(bare, full).any(axis=0))
    room = bare.shape[1] if size[0] > size[1] else bare.shape[1] - round(size[0] * bare.shape[0] / size[1])
    assert columns.min() + columns.max() < room


def test_a_message_gives_way_to_chips_that_come_later():
    chips = a_session_state(paused=True, **CROWD)
    step, overlay = empty(warning="nobody in the picture", view=VIEW), an_overlay(synthetic=True)
    overlay.draw(None, step, QUIET)
    assert (overlay.draw(None, step, chips) == an_overlay(synthetic=True).draw(None, step, chips)).all()


@pytest.mark.parametrize("size", [VGA, (1280, 720)])
def test_a_hint_goes_where_the_lifter_is_not(size):
    """Beside somebody who walks into it, once they have stood there for a second."""
    overlay, turn = an_overlay(), Hint(kind="turn", text="turn 20°", done=False)

    def covered(t_s: float, x: float) -> float:
        """Share of the hint's type that stands before the middle of the body, which is there at x."""
        canvas = overlay.draw(None, at(t_s, size, narrowed(0.5, x), hint=turn), QUIET)
        columns = np.nonzero(like(canvas, INK, 60))[1] / canvas.shape[1]
        return float(np.mean(abs(columns - x) < 0.08))

    covered(0.0, 0.8)
    for n in range(8):  # somebody walks in
        covered(1.0 + n / 4, 0.5 if n % 2 else 0.2)
    stood = [covered(4.0 + n / 4, x) for x in (0.2, 0.5, 0.8) for n in range(12)]
    assert max(stood[9:12] + stood[21:24] + stood[33:]) < 0.1


def test_without_a_picture_the_skeleton_stands_on_a_dark_canvas():
    canvas = an_overlay().draw(None, at(1.0, (320, 240), progress=0.5), QUIET)
    assert canvas.shape == (480, 640, 3)
    assert np.median(canvas) < 70
    assert like(canvas, LEFT).any()


@pytest.mark.parametrize(
    ("size", "expected"),
    [((1920, 1080), (540, 960)), (VGA, (480, 640)), ((320, 240), (480, 640)), ((855, 481), (480, 856))],
)
def test_the_canvas_has_limits_and_even_sides(size, expected):
    """Between 640 and 960 on the longer side, and fit for a video encoder."""
    canvas = drawn(at(1.0, size, None))
    assert (canvas.shape[:2], canvas.dtype, canvas.flags.c_contiguous) == (expected, np.uint8, True)


def test_type_is_sharp_on_a_small_picture():
    """A picture of 320×240 is enlarged before type is drawn on it: its edges are not blurred."""
    canvas = drawn(at(1.0, (320, 240), count=1, rep=a_rep()))
    assert cv2.Laplacian(canvas[60:300, 20:180], cv2.CV_64F).var() > 500


@pytest.mark.parametrize("size", [VGA, (1280, 720), PHONE])
def test_the_number_stays_beside_a_fault_cue(size):
    """At least as high as the letters of the fault cue, in a box of its own; as large as before after the cue."""
    first = at(1.0, size, **cued_rep("hips and chest together", is_under_way=True, count=8))
    inner, later = drawn(first), drawn(first, at(3.6, size, is_under_way=True, count=8))
    rows = np.flatnonzero(like(inner[40:-60, 60:-40], ALARM).sum(axis=1) > 0.03 * inner.shape[1])
    assert len(rows) >= 0.08 * inner.shape[0]
    assert longest_run((later.min(axis=2) > 150)[:, : later.shape[1] // 2].any(axis=1)) >= 0.25 * later.shape[0]


@pytest.mark.parametrize("words", ["one smooth pull", "de un solo tirón", "hips and chest together"])
@pytest.mark.parametrize("left_px", range(100, 500, 80))
def test_a_fault_cue_covers_no_part_of_the_number(words, left_px):
    number, lifter = Box(21, 21, 75, 96), Box(left_px, 140, 180, 260)
    shown = ShownMessage("alarm", words, "bar dipped on the way up: about 12 cm, your good reps 0 cm", CROSS)
    placed = message.place_message(shown, Box(21, 21, 598, 373), 480, [lifter], [number])
    assert placed.box.overlap(number) == 0


@pytest.mark.parametrize(("left_px", "has_detail"), [(100, True), (260, False)])
def test_an_alarm_leaves_out_its_detail_rather_than_hide_half_of_the_lifter(left_px, has_detail):
    """In a small window, a lifter in the middle: the fault cue keeps its size, and the legs stay in sight."""
    lifter = Box(left_px, 85, 130, 330)
    shown = ShownMessage("alarm", "hips and chest together", "hips rose first: knees 63 % open, before 23 %", CROSS)
    placed = message.place_message(shown, Box(21, 21, 598, 400), 480, [lifter, lifter], [Box(21, 21, 58, 60)])
    assert (placed.detail is not None) == has_detail
    assert placed.block.cap_px >= 0.08 * 480
    assert placed.box.overlap(lifter) < 0.3 * lifter.w * lifter.h


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("aufrecht bleiben", "verglichen mit dem 1. Nov.: Oberkörper zu weit vorn: 48°, deine guten Wdh. 33°"),
        ("check that one", "compared with 13 Nov: bar dipped on the way up: about 12 cm, your good reps 0 cm"),
    ],
)
@pytest.mark.parametrize("verdict", ["met", "close"])
def test_in_a_panel_a_fault_cue_covers_no_part_of_what_stands_under_the_number(monkeypatch, words, why, verdict):
    """Without room for both, the depth is not shown until the fault cue is gone."""
    drawn_in, draw = [], message.RepNumber.draw
    monkeypatch.setattr(
        message.RepNumber, "draw", lambda *args, **how: drawn_in.append(draw(*args, **how)) or drawn_in[-1]
    )
    monkeypatch.setattr(message.PlacedMessage, "draw", lambda placed, _: drawn_in.append(placed.box))
    cued = cued_rep(words, is_under_way=True, count=2)
    cue, rep = replace(cued["cue"], why=why), replace(BAD, standards=(a_depth(verdict=verdict),))
    drawn(at(1.0, PHONE, **cued | {"cue": cue, "rep": rep}))
    number, fault_cue = drawn_in
    assert number.overlap(fault_cue) == 0


PLANNED = SetProgress(plan=SetPlan(reps=5))


@pytest.mark.parametrize(
    ("status", "least", "most"),
    [
        (QUIET, 0.25, 0.4),
        (a_session_state(recording=True, **CROWD), 0.16, 0.25),
        (a_session_state(recording=True, **CROWD, progress=PLANNED), 0.09, 0.2),
    ],
)
def test_in_a_panel_a_message_and_many_chips_leave_room_for_a_smaller_number_alone(status, least, most):
    unsure = a_rep(index=12, verdict="unsure", unsure="legs not clear")
    learning, stage = Learning(have=1, wanted=5), StageReading(stage="up", probability=0.9)
    step = empty(PHONE, 0.0, count=12, rep=unsure, view=a_view(88.0, "side", 5.0), learning=learning, stage=stage)
    canvas = an_overlay(title="Deadlift").draw(None, step, status)
    number = like(canvas, GREY)[: canvas.shape[0] * 9 // 25]  # the message is below
    assert least * canvas.shape[0] <= longest_run(number.any(axis=1)) < most * canvas.shape[0]


def test_a_hint_that_is_followed_gets_a_tick():
    hints = [Hint(kind="turn", text="turn left", done=done) for done in (False, True)]
    before, after = (like(drawn(at(hint=hint)), GOOD, 25) for hint in hints)
    assert not before.any()
    assert rows_of(after) >= 0.05 * 480


@pytest.mark.parametrize(
    "taken",
    [
        {"view": VIEW},
        {"is_under_way": True},
        {"progress": 0.1},
        {"cue": Cue(kind="ready", text="ready", rep=None, say=None)},
    ],
)
def test_a_lifter_is_shown_where_to_stand_until_the_place_is_taken(taken):
    nobody = at(9.0, landmarks=None)
    assert differs(drawn(nobody, on=noise()), noise()).any()
    assert (drawn(nobody, at(1.0, **taken), nobody, on=noise()) == noise()).all()


@pytest.mark.parametrize("size", [VGA, PHONE])
def test_the_figure_is_where_a_lifter_fits_in(size):
    canvas = drawn(at(1.0, size, None), on=90)[:, -size[0] :]
    changed = (canvas != 90).any(axis=2)
    columns = np.flatnonzero(changed.any(axis=0))
    assert rows_of(changed) == pytest.approx(0.76 * canvas.shape[0], abs=8)
    assert columns.min() + columns.max() == pytest.approx(size[0], abs=4)


def test_the_figure_does_not_cover_a_lifter_who_stands_elsewhere():
    hint = Hint(kind="move_aside", text="move", done=False)
    with_figure, without = (drawn(at(hint=hint, count=count), on=noise()) for count in (0, 1))
    inside = np.s_[140:430, 275:365]
    assert (with_figure[inside] == without[inside]).all()


def test_learning_is_shown_small_until_the_lifter_is_known():
    first, learning, known = (
        drawn(empty(count=1, rep=a_rep(), learning=Learning(have=have, wanted=5))) for have in (1, 2, 5)
    )
    changed = differs(learning, known)
    assert changed[420:].any()
    assert rows_of(changed) < 0.08 * 480
    assert differs(first, learning).any()


@pytest.mark.parametrize("size", SIZES)
def test_the_summary_is_large_enough_to_be_read_from_the_platform(size):
    canvas = drawn(empty(size, is_under_way=False, count=8, summary=SUMMARY))
    runs = edges(like(canvas, INK, 60).any(axis=1))
    assert 0.055 * canvas.shape[0] <= runs[1] - runs[0] < 0.2 * canvas.shape[0]


def test_the_summary_goes_where_the_lifter_is_not():
    """To the other side, once the lifter has stood behind it for some seconds."""
    overlay, width = an_overlay(), 960

    def lit(t_s: float, x: float) -> float:
        """Where the type of the summary is, 0 at the left, with the lifter's middle at x."""
        step = at(t_s, (1280, 720), narrowed(0.5, x), summary=SUMMARY, count=8, index=1)
        return float(np.median(np.nonzero(like(overlay.draw(None, step, QUIET), INK, 60))[1]) / width)

    assert lit(0.0, 0.25) > 0.5
    while_hidden = [lit(1.0 + n / 2, 0.75) for n in range(12)]
    assert while_hidden[0] > 0.5
    assert while_hidden[-1] < 0.5


def test_a_warning_does_not_cover_the_summary_of_a_narrow_picture():
    """The panel is full, so the warning stands in the picture."""
    alone, both = (
        drawn(empty(PHONE, is_under_way=False, summary=SUMMARY, warning=words)) for words in (None, "two people")
    )
    changed = differs(alone, both).any(axis=0)
    assert changed.any()
    assert not changed[: alone.shape[1] - 368].any()


@settings(max_examples=25)
@given(
    size=st.tuples(st.integers(120, 2000), st.integers(120, 2000)),
    landmarks=hnp.arrays(np.float32, (33, 5), elements=st.floats(width=32)),
    progress=st.none() | st.floats(0, 1),
    count=st.integers(0, 120),
    verdict=st.sampled_from(["good", "anomalous", "unsure"]),
    words=st.text(max_size=60),
    mirror=st.booleans(),
)
def test_no_observation_or_message_stops_the_drawing(size, landmarks, progress, count, verdict, words, mirror):
    fault = a_fault("bar_drift", text=words)
    rep = a_rep(index=max(1, count), verdict=verdict, unsure=words, top_joints=("left_knee",), faults=(fault,))
    cue = Cue(kind="anomalous_rep", text=words, rep=1, say=None, why=words)
    step = at(1.0, size, landmarks, progress=progress, count=count, rep=rep, cue=cue, warning=words)
    summary, hint = replace(SUMMARY, fault_cue=words, notes=(words,)), Hint(kind="turn", text=words, done=mirror)
    status = a_session_state(muted=True, paused=True, note=words, help=True)
    for one in (step, at(1.0, size, landmarks, summary=summary, hint=hint)):
        assert an_overlay(mirror=mirror, title=words).draw(None, one, status).dtype == np.uint8


def test_the_help_names_the_pause_only_where_the_source_can_pause(monkeypatch):
    named: list[str] = []
    monkeypatch.setattr(panels, "translate", lambda words: named.append(words) or words)
    for can_pause in (False, True):
        an_overlay().draw(None, at(1.0), a_session_state(help=True, can_pause=can_pause))
        assert ("pause a replay" in named) == can_pause


@pytest.mark.parametrize("width_px", range(40, 400, 24))
def test_a_number_stays_on_a_line_with_its_unit(width_px):
    lines = text.balance("so: about 9 cm, your good reps 4.6 m/s² or 20 % of them", 12, width_px).lines
    assert not re.search(r"\d\n(?:cm|m/s|%)|about\n", "\n".join(lines))


def test_a_long_word_makes_no_other_line_shorter():
    lines = text.balance("unlike your good reps: hands and head, on the way up", 24, 310).lines
    assert lines == ("unlike your", "good reps:", "hands and head,", "on the way up")


TITLES = {"squat": "Squat", "lunge": "Lunge", "romanian_deadlift": "Romanian deadlift"}
NOTHING = Recognition(name=None, probability=0.9, sure=False)
SQUAT = Recognition(name="squat", probability=0.97, sure=True)
LUNGE = LikelyExercise(name="lunge", probability=0.4)
EITHER = Recognition(name="squat", probability=0.5, alternatives=(LUNGE,), sure=False)


def shown_at(t_s: float, size: tuple[int, int] = VGA, **changes: object) -> Step:
    """A step of a run whose exercise is recognised."""
    return at(t_s, size, **{"recognition": NOTHING, **changes})


def after(*steps: Step, titles: dict[str, str] | None = TITLES) -> DisplayState:
    standing = DisplayState(titles=titles)
    for step in steps:
        standing.update(step, QUIET)
    return standing


KNOWN = {"exercise": "squat", "recognition": SQUAT}
DONE = [shown_at(0.0), shown_at(1.0, exercise="squat"), shown_at(60.0)]
OPEN = shown_at(1.0, exercise="squat", recognition=EITHER, is_tentative=True, is_under_way=True, count=1)
SURE = with_state(OPEN, is_tentative=False)


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([shown_at(0.0), shown_at(1.0, **KNOWN)], "Squat"),
        ([shown_at(0.0), shown_at(1.0, **KNOWN), shown_at(1.1 + SHOWN_S, **KNOWN)], None),
        ([*DONE, shown_at(61.0, exercise="lunge")], "Lunge"),
        ([*DONE, shown_at(61.0, exercise="squat")], None),
        ([shown_at(30.0, **KNOWN)], None),  # after a jump in a replay the first step tells nothing new
        ([shown_at(0.0), OPEN], None),
        ([shown_at(0.0), OPEN, SURE], "Squat"),
        ([shown_at(0.0), shown_at(1.0, **KNOWN, **cued_rep("knees out", is_under_way=True))], "knees out"),
    ],
)
def test_the_exercise_is_announced_when_its_name_is_new_and_sure(steps, words):
    """By its title, for two to three seconds, after a fault cue; who asked for an exercise knows it."""
    message, given = after(*steps).message, after(*steps, titles=None).message
    assert (message and message.text) == words
    assert 2 <= SHOWN_S <= 3
    assert given is None or given.kind == "alarm"


def test_a_camera_that_stands_elsewhere_is_reported_before_the_set():
    elsewhere = Learning(have=0, wanted=5, elsewhere=True)
    known = [shown_at(0.0, learning=one) for one in (elsewhere, replace(elsewhere, elsewhere=False))]
    assert differs(drawn(known[0]), drawn(known[1])).any()


def test_the_question_names_both_exercises_with_their_keys():
    """It covers neither the summary nor a message. The name stands beside the number as a question until it is sure; a
    new reference is asked for with keys that begin no load."""
    assert [after(step).title for step in (OPEN, SURE)] == ["Squat?", "Squat"]
    reference = after(shown_at(9.0, summary=SUMMARY, reference_s=(1.0, 4.0)))
    assert reference.question.replace("\N{NO-BREAK SPACE}", " ") == "My good reps? y · Not my good reps? n"
    asked = shown_at(9.0, summary=SUMMARY, exercises=("squat", "lunge"))
    standing = after(shown_at(0.0, summary=SUMMARY), asked)
    assert standing.question.replace("\N{NO-BREAK SPACE}", " ") == "Squat? 1 · Lunge? 2"
    assert (standing.summary, standing.message) == (SUMMARY, None)
    assert after(shown_at(9.0)).question == ""
    assert differs(drawn(asked, titles=TITLES), drawn(with_state(asked, exercises=()), titles=TITLES)).any()
    assert [key_action(key, typing=False) for key in CHOICE_KEYS] == [Action.CHOOSE_FIRST, Action.CHOOSE_SECOND]
    assert any(all(key in keys for key in CHOICE_KEYS) for keys, _ in KEYS)


def test_a_question_says_how_a_hand_answers_it_where_one_may():
    """With words for what each hand says. A hand says nothing against a set that somebody else has lifted."""
    asked = shown_at(9.0, summary=SUMMARY, reference_s=(1.0, 4.0))
    standing = after(with_state(asked, hand=HandAnswer()))
    assert standing.hand_instruction == "right hand up: yes, left hand up: no"
    assert after(with_state(asked, hand=HandAnswer(), asks_who=True)).hand_instruction == "right hand up: yes"
    assert after(asked).hand_instruction == ""
    assert differs(drawn(asked), drawn(with_state(asked, hand=HandAnswer()))).any()


def test_a_raised_hand_shows_its_answer_and_fills_a_bar_until_the_answer_counts():
    asked = shown_at(9.0, summary=SUMMARY, reference_s=(1.0, 4.0), hand=HandAnswer())
    raised = [with_state(asked, hand=HandAnswer(answer="yes", held=held)) for held in (0.0, 0.5, 0.9)]
    message = after(asked, raised[0]).message
    assert (message.text, message.sign) == ("My good reps", TICK)
    white = [int((drawn(asked, step).min(axis=2) > 250).sum()) for step in raised]
    assert white == sorted(set(white))
    assert after(raised[2], replace(asked, observation=shown_at(9.1).observation)).message is None


@pytest.mark.parametrize("size", [VGA, (360, 640)])
@pytest.mark.parametrize(("name", "lines"), [("squat", 1), ("romanian_deadlift", 2)])
def test_the_name_is_legible_from_three_metres(size, name, lines):
    known = empty(size, 1.0, exercise=name, recognition=SQUAT)
    canvas = drawn(empty(size, 0.0, recognition=NOTHING), known, titles=TITLES)
    assert rows_of(canvas.min(axis=2) > 240) >= 0.075 * canvas.shape[0] * (lines if size != VGA else 1)


@pytest.mark.parametrize("size", [VGA, (360, 640)])
def test_the_expected_exercise_stands_in_the_place_of_the_number(size):
    """No count, and no 0, as long as it is not known what is counted; nothing where the exercise was given, and in an
    annotated film."""
    waiting, known = (drawn(shown_at(0.0, size, **of), titles=TITLES) for of in ({}, KNOWN))
    corner = np.s_[: waiting.shape[0] // 2, : waiting.shape[1] // 2]
    assert differs(waiting, known)[corner].any()
    assert (drawn(shown_at(0.0, size, count=3), titles=TITLES)[corner] == waiting[corner]).all()
    assert (drawn(shown_at(0.0, size)) == drawn(shown_at(0.0, size, exercise="squat"))).all()
    assert (drawn(shown_at(0.0, size), titles=TITLES, prompts=False) == drawn(shown_at(0.0, size))).all()


def test_a_summary_says_of_which_exercise_it_is():
    """After a set the exercise may change: the next one is not known."""
    squat, lunge = (shown_at(9.0, summary=a_full_set_summary(exercise=name)) for name in ("squat", "lunge"))
    assert differs(drawn(squat, titles=TITLES), drawn(lunge, titles=TITLES)).any()
    assert (drawn(squat, titles=TITLES) == drawn(with_state(squat, exercise="squat"), titles=TITLES)).all()


def test_a_text_stands_at_an_edge_of_its_field_or_between_two() -> None:
    places = [(box.x, box.y) for box in text_boxes(Box(10, 20, 100, 60), 30, 20, right=False)]
    assert places == [(x, y) for y in (60, 20, 40) for x in (10, 80, 45)]
    assert Box(10, 20, 100, 60).part_below(35) == Box(10, 35, 100, 45)
