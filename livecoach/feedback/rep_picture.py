"""A small picture that explains a verdict: the rep's curve on the range of good reps, with text."""

import cv2
import numpy as np

from livecoach import charts
from livecoach.curves import HALF, RepCurve, known_stretches
from livecoach.feedback import shapes, text
from livecoach.feedback.layout import Box
from livecoach.feedback.shapes import ALARM, DIM, DUSK, GOOD, GREY, INK, NIGHT, Colour
from livecoach.types import Rep
from livecoach.types.message import Message, capital, in_words, joined

WIDTH_PX, HEIGHT_PX = 960, 540
"""Twice the size at which the picture is read."""
_MARGIN, _INDENT = 36, 52
_HEAD_CAP, _TEXT_CAP, _SMALL_CAP = 30, 21, 19
"""Heights of capitals. At half the size the smallest is 9 px, as on a web page."""
_PLOT = Box(118, 182, 806, 240)
_X_WORDS, _LEGEND = 458, 512
"""Baselines, from the top."""
_BAND: Colour = (92, 86, 80)
_FIXED_POINT_BITS = 4


def draw(rep: Rep, curve: RepCurve, ends: tuple[str, str, str]) -> np.ndarray:
    """Return a (540, 960, 3) BGR picture. rep: must have been judged. ends: names of its start, turn and end."""
    canvas = np.full((HEIGHT_PX, WIDTH_PX, 3), NIGHT, np.uint8)
    good = rep.verdict == "good"
    colour = GOOD if good else ALARM
    (shapes.tick if good else shapes.cross)(canvas, Box(_MARGIN, 34, _HEAD_CAP, _HEAD_CAP), colour)
    head, under = words(rep, own=curve.own > 0)
    width = WIDTH_PX - 2 * _MARGIN - _INDENT
    text.block(head, 1, _HEAD_CAP, width, text.BOLD).write(canvas, (_MARGIN + _INDENT, 34), INK)
    under = ": ".join(filter(None, (rep.comparison, under)))
    text.block(under, 1, _TEXT_CAP, width, text.REGULAR).write(canvas, (_MARGIN + _INDENT, 84), GREY)
    axis = f"{curve.words} ({curve.unit_words})"
    text.block(axis, 1, _SMALL_CAP, width, text.SEMIBOLD).write(canvas, (_MARGIN, 142), INK)
    _draw_plot(canvas, curve, colour)
    _draw_ends(canvas, ends)
    _draw_legend(canvas, rep, curve, colour)
    return canvas


def words(rep: Rep, *, own: bool) -> tuple[str, str]:
    """Return the two lines at the top: the verdict, and what was measured or what contributed most to the score.

    own: whether the rep was judged against the lifter's own good reps.
    """
    where = "" if rep.why is None else rep.why.text
    name = capital(Message("rep {name}", name=rep.name))
    if rep.faults:
        fault = rep.faults[0]
        what, measured = fault.in_parts
        when = joined(", ", Message("{n} s", n=f"{fault.at_s:.1f}"), in_words(fault.phase))
        measurement = Message("{text} ({text2})", text=measured, text2=when) if measured else when
        return joined(": ", name, what or in_words(fault.name)), measurement
    if rep.verdict == "good":
        return joined(": ", name, "good"), ""
    unlike = "unlike your good reps" if own else "unlike usual good reps"
    return joined(": ", name, unlike), Message("mostly: {text}", text=where) if where else ""


def _draw_plot(canvas: np.ndarray, curve: RepCurve, colour: Colour) -> None:
    low, high = curve.limits
    cv2.rectangle(canvas, (_PLOT.x, _PLOT.y), (_PLOT.right, _PLOT.bottom), DUSK, -1)
    turn = _PLOT.x + _PLOT.w // 2
    if curve.low is not None and curve.high is not None:
        for upper, lower in zip(_lines(curve.high, low, high), _lines(curve.low, low, high), strict=True):
            cv2.fillPoly(canvas, [np.concatenate([upper, lower[::-1]])], _BAND, cv2.LINE_AA, _FIXED_POINT_BITS)
    for line in () if curve.usual is None else _lines(curve.usual, low, high):
        _stroke(canvas, line, GREY, 2)
    for at in (_PLOT.x, turn, _PLOT.right):
        cv2.line(canvas, (at, _PLOT.y), (at, _PLOT.bottom), DIM, 1)
    for value, number in charts.ticks_between(low, high):
        y = round(_PLOT.bottom - (value - low) / (high - low) * _PLOT.h)
        cv2.line(canvas, (_PLOT.x - 8, y), (_PLOT.x, y), GREY, 2)
        left = _PLOT.x - 16 - text.width_px(number, _SMALL_CAP)
        text.write(canvas, number, (left, y + _SMALL_CAP // 2), _SMALL_CAP, GREY)
    for line in _lines(curve.rep, low, high):
        _stroke(canvas, line, colour, 6)
    if np.isfinite(curve.rep[curve.at]):
        x, y = _places(curve.rep, np.array([curve.at]), low, high)[0] >> _FIXED_POINT_BITS
        cv2.circle(canvas, (int(x), int(y)), 11, INK, 3, cv2.LINE_AA)


def _draw_ends(canvas: np.ndarray, ends: tuple[str, str, str]) -> None:
    for share, word in zip((0.0, 0.5, 1.0), ends, strict=True):
        x = _PLOT.x + round(share * _PLOT.w - share * text.width_px(word, _SMALL_CAP))
        text.write(canvas, word, (x, _X_WORDS), _SMALL_CAP, GREY)


def _draw_legend(canvas: np.ndarray, rep: Rep, curve: RepCurve, colour: Colour) -> None:
    middle = _LEGEND - _SMALL_CAP // 2
    cv2.line(canvas, (_PLOT.x, middle), (_PLOT.x + 44, middle), colour, 6, cv2.LINE_AA)
    text.write(canvas, "this rep", (_PLOT.x + 58, _LEGEND), _SMALL_CAP, INK)
    x = _PLOT.x + 110 + text.width_px("this rep", _SMALL_CAP)
    if curve.usual is None:
        nothing = "no good reps to compare with" if rep.reference == "population" else "not known of your good reps"
        text.write(canvas, nothing, (x, _LEGEND), _SMALL_CAP, GREY)
        return
    if curve.high is not None:
        cv2.rectangle(canvas, (x, middle - 13), (x + 44, middle + 13), _BAND, -1)
    cv2.line(canvas, (x, middle), (x + 44, middle), GREY, 2)
    yours = "your 1 good rep" if curve.own == 1 else f"your {curve.own} good reps"
    text.write(canvas, yours, (x + 58, _LEGEND), _SMALL_CAP, INK)


def _lines(curve: np.ndarray, low: float, high: float) -> list[np.ndarray]:
    """Return each stretch in which a curve is known, as `_places`."""
    return [_places(curve, at, low, high) for at in known_stretches(curve)]


def _places(curve: np.ndarray, at: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return some points of a curve as (n, 2), in sixteenths of pixels. at: (n,) their numbers."""
    x = _PLOT.x + at / (2 * HALF) * _PLOT.w
    y = _PLOT.bottom - (curve[at] - low) / (high - low) * _PLOT.h
    points: np.ndarray = np.round(np.stack([x, y], 1) * 2**_FIXED_POINT_BITS).astype(np.int32)
    return points


def _stroke(canvas: np.ndarray, line: np.ndarray, colour: Colour, width_px: int) -> None:
    cv2.polylines(canvas, [line], False, colour, width_px, cv2.LINE_AA, _FIXED_POINT_BITS)
