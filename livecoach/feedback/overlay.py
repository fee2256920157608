"""Draws skeleton, rep number, verdict, one message and the set summary over the lifter's picture."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Generic, TypeVar

import cv2
import numpy as np

from livecoach.core.step import Step
from livecoach.feedback import panels, placed_message, rep_loop, screen_layout, skeleton, summary_panel, text
from livecoach.feedback.display_state import DisplayState, ShownMessage
from livecoach.feedback.screen_layout import Box, Sheet, best_corner, corner_boxes
from livecoach.feedback.session_state import SessionState
from livecoach.feedback.shapes import DUSK, draw_progress_bar

LONGEST_PX = 960  # Largest longer side of a canvas: larger pictures are reduced first, which saves time


T = TypeVar("T", summary_panel.SummaryPanel, placed_message.PlacedMessage)
W = TypeVar("W")


class _Kept(Generic[T]):
    """Keeps the place of a panel or message until its content changes, or it has hidden the lifter for too long."""

    def __init__(self, share: float) -> None:
        # The share of the lifter that may be hidden.
        self._hides = summary_panel.HidingTimer(share)
        self._key: object = None
        self._placed: T | None = None

    def place(self, content: W | None, area: object, lifter: Box | None, t_s: float, new: Callable[[W], T]) -> T | None:
        """Return the content, placed where it was drawn before; None without content.

        A new place is chosen if the content or its area changed, or if it has hidden the lifter for too long.
        """
        key = content, area
        if not content:
            self._placed = None
        elif self._placed is None or self._key != key or self._hides.notice_hiding(self._placed.box, lifter, t_s):
            self._key, self._placed = key, new(content)
        return self._placed


def _crowds(shown: ShownMessage | None, field: Box, sheet: Sheet, number: placed_message.RepNumber) -> bool:
    box = Box(field.x, field.y, *number.size(sheet, marked=shown is None or shown.kind != "alarm"))
    if shown is None or box.bottom > field.bottom:
        return box.bottom > field.bottom
    return placed_message.place_message(shown, field, sheet.height, [], [box]).box.overlap(box) > 0


class Overlay:
    """The overlay of a run, which draws each step over its picture. Messages stay for a while, by the frames' time."""

    def __init__(
        self,
        *,
        mirror: bool,
        title: str,
        titles: Mapping[str, str] | None = None,
        synthetic: bool = False,
        learns: bool = True,
        prompts: bool = True,
    ) -> None:
        """Begin with the titles of the first part (see PartTitles). `learns` is as for DisplayState.

        `synthetic` labels the pictures as synthetic; `prompts` asks for the set while the exercise is unknown.
        """
        self._mirror, self._synthetic, self._prompts = mirror, synthetic, prompts
        self._state = DisplayState(title, titles, learns=learns)
        self._area = skeleton.LifterArea()
        self._corner, self._is_small = 0, False  # Corner of the rep number, and whether it is smaller for the lifter
        self._guide = skeleton.PlaceGuide()
        self._placed = _Kept[placed_message.PlacedMessage](summary_panel.HIDDEN_BY_TEXT)
        self._panel = _Kept[summary_panel.SummaryPanel](summary_panel.HIDDEN_SHARE)
        self._crowds = lru_cache(maxsize=len(placed_message.HEIGHT_SHARES))(_crowds)
        self._loop = rep_loop.LoopPanel(mirror=self._mirror)
        text.load_font()

    def draw(self, picture: np.ndarray | None, step: Step, status: SessionState) -> np.ndarray:
        """Draw a step over its picture, and return the new canvas, (height, width, 3) uint8 BGR.

        The canvas has the size that `lay_out_sheet` returns for LONGEST_PX. Without a picture, the background is plain.
        Each call also advances the messages.
        """
        observation = step.observation
        shape = (observation.height_px, observation.width_px) if picture is None else picture.shape
        sheet = screen_layout.lay_out_sheet(shape[1], shape[0], LONGEST_PX)
        canvas = np.empty((sheet.height, sheet.width, 3), np.uint8)
        view = canvas[:, sheet.panel_width :]
        if picture is not None:
            self._copy_picture(picture, view)
        bare = sheet.width if picture is None else sheet.panel_width
        if bare:
            # OpenCV fills ten times as fast as numpy with three values.
            cv2.rectangle(canvas, (0, 0), (bare - 1, sheet.height - 1), DUSK, -1)
        self._state.update(step, status)
        body = skeleton.project_body(observation, *sheet.picture_size, mirror=self._mirror)
        lifter, now = self._area.update(body, observation.t_s, *sheet.picture_size)
        if self._guide.update(step):
            skeleton.draw_standing_figure(view, None if body is None else lifter)
            lifter = lifter or skeleton.standing_box(*sheet.picture_size)
        if body is not None:
            skeleton.draw_skeleton(view, body, active=step.progress is not None)
            rep = self._state.rep
            if rep is not None and rep.verdict == self._state.form == "anomalous":
                skeleton.draw_joints(view, body, rep.top_joints)
        self._draw_signs(canvas, sheet, lifter, now)
        if status.device.help:
            panels.draw_help(canvas, sheet, can_pause=status.device.can_pause)
        return canvas

    def _copy_picture(self, picture: np.ndarray, view: np.ndarray) -> None:
        height, width = view.shape[:2]
        if (height, width) != picture.shape[:2]:
            # Averaging looks better but costs 2.4 ms from 720p; it is fast at half the size and below.
            how = cv2.INTER_AREA if width <= picture.shape[1] // 2 else cv2.INTER_LINEAR
            picture = cv2.resize(picture, (width, height), interpolation=how)
        if self._mirror:
            cv2.flip(picture, 1, view)
        else:
            view[:] = picture

    def _draw_signs(self, canvas: np.ndarray, sheet: Sheet, lifter: Box | None, now: Box | None) -> None:
        state, step = self._state, self._state.step
        status, t_s = state.status, step.observation.t_s
        # A panel beside the picture has room for a fault cue, or for several rows of chips.
        chips = panels.status_chips(
            state,
            synthetic=self._synthetic,
            brief=sheet.is_narrow and self._shows_alarm,
            narrow=sheet.is_narrow and (bool(state.summary_rows) or state.message is not None),
        )
        chip_boxes, rows = panels.place_chips(chips, sheet)
        for chip, chip_box in zip(chips, chip_boxes, strict=True):
            chip.draw(canvas, chip_box, chip.fitting_cap_px(sheet))
        field, avoided = sheet.field(rows), None if sheet.panel_width else lifter
        if not step.set.is_under_way:
            loop = state.loop
            column = None if loop is None or sheet.panel_width else rep_loop.column_width_px(sheet)
            has_only_timer = sheet.is_narrow and not state.summary_rows  # a message stands under the timer
            least_px = field.h if has_only_timer else round(panels.LEAST_BELOW * sheet.height)
            below_px = least_px if state.summary_rows or state.message is not None else 0
            text_boxes = panels.draw_rest(canvas, self._expected_title, status, t_s, sheet, field.h - below_px, column)
            below = field.part_below(max((box.bottom + sheet.gap for box in text_boxes), default=0))
            if loop is not None:
                place, below = rep_loop.place_loop_and_summary(sheet, field, below)
                self._loop.draw(canvas, place, loop, t_s)
                avoided = None  # The loop hides the lifter, who stands in the middle
            field = below
        panel = self._summary_panel(sheet, field, avoided)
        occupied = self._draw_rep(canvas, field, sheet, avoided) if panel is None else [panel.box]
        clear = [replace(box, x=box.x + sheet.panel_width) for box in (lifter, now) if box is not None]
        if sheet.panel_width and panel is not None:  # the summary leaves no room in the panel
            field = sheet.picture_field
        elif panel is None and not self._shows_alarm and (step.set.is_under_way or step.progress is not None):
            # A fault cue needs the room of the progress bar, and comes when a rep is over.
            field = sheet.field_without_bar(field, right=self._bar_is_right)
        placed = self._placed_message(canvas, field, clear, occupied)
        if panel is not None and (placed is None or not placed.box.overlap(panel.box)):  # The message takes precedence
            panel.draw(canvas)
        if placed is not None:
            placed.draw(canvas)
            if state.held_share is not None:
                placed.draw_hold_progress(canvas, state.held_share)
        if state.form is not None:
            placed_message.draw_form_border(canvas, state.form, sheet)

    def _draw_rep(self, canvas: np.ndarray, field: Box, sheet: Sheet, lifter: Box | None) -> list[Box]:
        """Draw the rep number and the progress bar, and return the boxes that a message must not cover."""
        step, rep, progress = self._state.step, self._state.rep, self._state.status.progress
        standard = None if rep is None or rep.disallowed else next(iter(rep.standards), None)
        planned = None if progress is None else progress.plan.reps
        shown = placed_message.RepNumber(step.set.count, planned, standard=standard, words=self._state.comparison_words)
        if step.rep is not None:
            self._is_small = lifter is not None and self._should_shrink(shown, field, sheet, lifter)
        for share in placed_message.HEIGHT_SHARES[self._is_small :]:
            shown = replace(shown, share=share)
            if not self._is_crowded(field, sheet, shown):
                break
        if self._shows_alarm and self._crowds(self._state.message, field, sheet, shown):
            shown = replace(shown, standard=None, words="")  # The correction would hide these lines
        places = corner_boxes(field, *shown.size(sheet))
        if rep is None or step.rep is not None:  # a number stays in place while its verdict is shown
            self._corner = best_corner(places, lifter, self._corner)
        if step.progress is not None:
            draw_progress_bar(canvas, sheet.progress_bar_box(field, right=self._bar_is_right), step.progress)
        if not step.set.count or not (step.set.is_under_way or rep is not None):
            return []
        form = None if rep is None else self._state.form
        return [shown.draw(canvas, places[self._corner], form, sheet, marked=not self._shows_alarm)]

    def _should_shrink(self, number: placed_message.RepNumber, field: Box, sheet: Sheet, lifter: Box) -> bool:
        """Return whether a number hides the lifter in every corner, and a smaller one hides less than half of that."""
        sizes = (replace(number, share=share).size(sheet) for share in placed_message.HEIGHT_SHARES[:2])
        large, small = (min(place.overlap(lifter) for place in corner_boxes(field, *size)) for size in sizes)
        return large > max(summary_panel.HIDDEN_BY_TEXT * lifter.w * lifter.h, 2 * small)

    def _is_crowded(self, field: Box, sheet: Sheet, number: placed_message.RepNumber) -> bool:
        """Return whether a number has no room, because of a fault cue or the texts in a panel."""
        if self._shows_alarm or not sheet.is_narrow:
            return self._shows_alarm and not sheet.is_wide
        return self._crowds(self._state.message, field, sheet, number)

    @property
    def _shows_alarm(self) -> bool:
        return self._state.message is not None and self._state.message.kind == "alarm"

    @property
    def _bar_is_right(self) -> bool:
        return self._corner % 2 == 0

    @property
    def _expected_title(self) -> str:
        step = self._state.step
        undecided = self._prompts and self._state.recognises and step.set.exercise is None
        waits = undecided and self._state.message is None and step.observation.landmarks is not None
        return self._state.title or (panels.EXPECTED if waits else "")

    def _summary_panel(self, sheet: Sheet, field: Box, lifter: Box | None) -> summary_panel.SummaryPanel | None:
        """Return the panel with the last set's summary, or None; it moves if it hides the lifter for too long."""
        return self._panel.place(
            self._state.summary_rows,
            (sheet, field),
            lifter,
            self._state.t_s,
            lambda rows: summary_panel.place_summary(rows, field, sheet.height, lifter),
        )

    def _placed_message(
        self, canvas: np.ndarray, field: Box, lifter: list[Box], occupied: list[Box]
    ) -> placed_message.PlacedMessage | None:
        """Return the message at its place, or None; the message moves if it hides the lifter for too long."""
        shown = self._state.message
        return self._placed.place(
            shown.mirror_image if shown is not None and self._mirror else shown,
            (canvas.shape, field, occupied),
            lifter[-1] if lifter else None,
            self._state.t_s,
            lambda shown: placed_message.place_message(shown, field, canvas.shape[0], lifter, occupied),
        )
