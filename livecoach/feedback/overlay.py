"""Draws the lifter's picture: skeleton, number, verdict, at most one message, and the set summary."""

from collections.abc import Iterable, Mapping
from functools import partial

import cv2
import numpy as np

from livecoach.core.types import Step
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.feedback import (
    depth_line,
    layout,
    message,
    panels,
    rep_loop,
    skeleton,
    summary_panel,
    text,
)
from livecoach.feedback.display_state import DisplayState, RunStatus
from livecoach.feedback.layout import Box, Sheet, best_corner, corners
from livecoach.feedback.shapes import DUSK, progress_bar

LONGEST_PX = 960  # limit of the canvas' longer side; larger pictures are reduced first, which saves time


class Overlay:
    """Draws steps over their pictures. It stores only what must be shown for a while, by the frames' own time."""

    def __init__(
        self,
        *,
        mirror: bool,
        title: str,
        titles: Mapping[str, str] | None = None,
        synthetic: bool = False,
        learns: bool = True,
    ) -> None:
        """title, titles, learns: as DisplayState's."""
        self._mirror, self._synthetic = mirror, synthetic
        self._recognises = titles is not None
        self._fresh_state = partial(DisplayState, title, titles, learns=learns)
        self.jump(())
        text.warm_up()

    def jump(self, before: Iterable[tuple[Step, SetProgress]]) -> None:
        """Start anew after a jump. before: the steps before the next one, as far back as their messages may still be
        shown, with the progress after each."""
        self._standing = self._fresh_state()
        self._room = skeleton.LifterRoom()
        self._corner = 0
        self._vacancy = skeleton.Vacancy()
        self._placed: tuple[object, message.PlacedMessage] | None = None
        self._panel: tuple[object, summary_panel.Panel] | None = None
        self._crowd: tuple[object, bool] | None = None
        self._hides = summary_panel.Hiding()
        self._message_hides = summary_panel.Hiding(summary_panel.HIDDEN_BY_TEXT)
        self._rest = panels.RestPanel()
        self._loop = rep_loop.LoopPanel(mirror=self._mirror)
        for step, progress in before:
            self._standing.update(step, RunStatus(progress=progress))

    def draw(self, picture: np.ndarray | None, step: Step, status: RunStatus) -> np.ndarray:
        """Return a new (height, width, 3) uint8 BGR canvas. `picture` (the same format, or None) is not changed."""
        observation = step.observation
        shape = (observation.height_px, observation.width_px) if picture is None else picture.shape
        sheet = layout.sheet(shape[1], shape[0], LONGEST_PX)
        canvas = np.empty((sheet.height, sheet.width, 3), np.uint8)
        view = canvas[:, sheet.panel :]
        if picture is not None:
            self._lay(picture, view)
        bare = sheet.width if picture is None else sheet.panel
        if bare:
            # OpenCV fills ten times as fast as numpy with three values.
            cv2.rectangle(canvas, (0, 0), (bare - 1, sheet.height - 1), DUSK, -1)
        self._standing.update(step, status)
        body = skeleton.project(observation, *sheet.picture_size, mirror=self._mirror)
        lifter = self._room.update(body, observation.t_s, *sheet.picture_size)
        if self._vacancy.update(step):
            skeleton.draw_place(view, None if body is None else lifter)
            lifter = lifter or skeleton.place_to_stand(*sheet.picture_size)
        if body is not None:
            self._draw_body(view, body, active=step.progress is not None)
        line = None if status.playing is None else status.playing.line
        if line is not None:
            points_px = line.on_canvas(*sheet.picture_size, mirror=self._mirror)
            depth_line.draw(view, line, points_px, min(view.shape[:2]) / 480)
        now = None if body is None else skeleton.box(body, *sheet.picture_size)
        self._draw_signs(canvas, sheet, step, status, lifter, now)
        if status.help:
            panels.draw_help(canvas, sheet, player=status.playing is not None)
        return canvas

    def _lay(self, picture: np.ndarray, view: np.ndarray) -> None:
        height, width = view.shape[:2]
        if (height, width) != picture.shape[:2]:
            # Averaging looks better but costs 2.4 ms from 720p; it is fast at half the size and below.
            how = cv2.INTER_AREA if width <= picture.shape[1] // 2 else cv2.INTER_LINEAR
            picture = cv2.resize(picture, (width, height), interpolation=how)
        if self._mirror:
            cv2.flip(picture, 1, view)
        else:
            view[:] = picture

    def _draw_body(self, canvas: np.ndarray, body: skeleton.CanvasBody, *, active: bool) -> None:
        skeleton.draw(canvas, body, active=active)
        rep = self._standing.rep
        if rep is not None and rep.verdict == "anomalous":
            skeleton.draw_joints(canvas, body, rep.top_joints)

    def _draw_signs(
        self, canvas: np.ndarray, sheet: Sheet, step: Step, status: RunStatus, lifter: Box | None, now: Box | None
    ) -> None:
        self._message = self._standing.message
        # A panel beside the picture has room for a correction, or for several rows of chips.
        brief = sheet.is_narrow and self._is_corrected
        chips = panels.chips(step, self._standing, synthetic=self._synthetic, brief=brief)
        chip_boxes, rows = panels.flow(chips, sheet)
        for chip, chip_box in zip(chips, chip_boxes, strict=True):
            chip.draw(canvas, chip_box, chip.cap_px(sheet))
        field, beside = sheet.field(rows), None if sheet.panel else lifter
        if not step.in_set:
            at_s = step.observation.t_s
            loop = self._standing.loop
            column = None if loop is None or sheet.panel else rep_loop.side_px(sheet)
            plates = self._rest.draw(canvas, self._expected_title(step), status, at_s, sheet, beside, column)
            below = field.below(max((plate.bottom + sheet.gap for plate in plates), default=0))
            if loop is not None:
                place, below = rep_loop.split(sheet, field, below)
                self._loop.draw(canvas, place, loop, at_s)
                beside = None  # the loop hides the lifter, who stands in the middle
            field = below
        panel = self._summary_panel(canvas, field, beside, step.observation.t_s, status)
        taken = self._draw_rep(canvas, field, sheet, step, status, beside) if panel is None else [panel.box]
        if panel is not None:
            panel.draw(canvas)
        clear = [box.moved(sheet.panel) for box in (lifter, now) if box is not None]
        if sheet.panel and panel is not None:  # the summary leaves no room in the panel
            field = sheet.picture_field
        elif panel is None and not self._is_corrected and (step.in_set or step.progress is not None):
            # A correction needs the room of the progress bar, and comes when a rep is over.
            field = sheet.beside_lane(field, right=self._lane_is_right)
        self._draw_message(canvas, field, clear, taken, step.observation.t_s)
        if self._standing.verdict is not None:
            message.draw_frame(canvas, self._standing.verdict, sheet)
        if status.playing is not None:
            panels.draw_playback(canvas, status.playing)

    def _draw_rep(
        self, canvas: np.ndarray, field: Box, sheet: Sheet, step: Step, status: RunStatus, lifter: Box | None
    ) -> list[Box]:
        """Draw number and progress; return the boxes that text must not cover."""
        planned = None if status.progress is None else status.progress.plan.reps
        rep = self._standing.rep
        standard = None if rep is None or rep.disallowed else next(iter(rep.standards), None)
        shown = message.RepNumber(step.count, planned, standard=standard)
        if self._is_crowded(canvas, field, sheet, shown):
            shown = message.RepNumber(step.count, share=message.BESIDE_WORDS, standard=standard)
        box = self._number_box(step, shown, field, sheet, lifter)
        if step.progress is not None:
            progress_bar(canvas, sheet.lane(field, right=self._lane_is_right), step.progress)
        if not step.count or not (step.in_set or self._standing.rep is not None):
            return []
        return [shown.draw(canvas, box, self._standing.rep, sheet, marked=not self._is_corrected)]

    def _is_crowded(self, canvas: np.ndarray, field: Box, sheet: Sheet, large: message.RepNumber) -> bool:
        """Return whether there is no room for a large number: beside a correction, or in a panel beside a message or
        above many chips."""
        if self._is_corrected or not sheet.is_narrow:
            return self._is_corrected and not sheet.is_wide
        key = (self._message, canvas.shape, field, large)
        if self._crowd is None or self._crowd[0] != key:
            box = Box(field.x, field.y, *large.size(sheet))
            crowded = box.bottom > field.bottom
            if self._message is not None and not crowded:
                crowded = message.place(self._message, field, canvas.shape[0], [], [box]).box.overlap(box) > 0
            self._crowd = key, crowded
        return self._crowd[1]

    @property
    def _is_corrected(self) -> bool:
        return self._message is not None and self._message.kind == "alarm"

    @property
    def _lane_is_right(self) -> bool:
        """Whether the progress bar is at the right edge: opposite the number."""
        return self._corner % 2 == 0

    def _expected_title(self, step: Step) -> str:
        undecided = self._recognises and step.exercise is None
        waits = undecided and self._message is None and step.observation.landmarks is not None
        return self._standing.title or (panels.EXPECTED if waits else "")

    def _number_box(self, step: Step, shown: message.RepNumber, field: Box, sheet: Sheet, lifter: Box | None) -> Box:
        places = corners(field, *shown.size(sheet))
        # A number stays in place while its verdict is shown.
        if self._standing.rep is None or step.rep is not None:
            self._corner = best_corner(places, lifter, self._corner)
        return places[self._corner]

    def _summary_panel(
        self, canvas: np.ndarray, field: Box, lifter: Box | None, t_s: float, status: RunStatus
    ) -> summary_panel.Panel | None:
        """Return the panel of the finished set. It changes sides if the lifter stays behind it."""
        shown = self._standing.summary
        if shown is None:
            self._panel = None
            return None
        since, record = status.since_last, self._standing.record
        key = (shown, canvas.shape, field, since, record)
        if self._panel is None or self._panel[0] != key or self._hides.too_long(self._panel[1].box, lifter, t_s):
            self._panel = key, summary_panel.place(shown, field, canvas.shape[0], lifter, since, record)
        return self._panel[1]

    def _draw_message(self, canvas: np.ndarray, field: Box, lifter: list[Box], taken: list[Box], t_s: float) -> None:
        """Draw the message, if any. It keeps its first place unless the lifter stays behind it."""
        shown = self._message
        if shown is None:
            self._placed = None
            return
        key = (shown, canvas.shape, field, taken)
        now = lifter[-1] if lifter else None
        if (
            self._placed is None
            or self._placed[0] != key
            or self._message_hides.too_long(self._placed[1].box, now, t_s)
        ):
            self._placed = key, message.place(shown, field, canvas.shape[0], lifter, taken)
        self._placed[1].draw(canvas)
