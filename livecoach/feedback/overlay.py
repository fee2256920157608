"""The picture that the lifter sees: skeleton, number, verdict, and at most one message."""

import cv2
import numpy as np

from livecoach.feedback import layout, message, number, panels, skeleton, text
from livecoach.feedback.layout import Box, Measures, best_corner, corners
from livecoach.feedback.marks import progress_bar
from livecoach.feedback.palette import DUSK
from livecoach.feedback.panels import Status
from livecoach.feedback.standing import Standing
from livecoach.types import Step

__all__ = ["Overlay", "Status"]


class Overlay:
    """Draws steps over their pictures. Keeps only what must stand for a while, by the frames' own time."""

    def __init__(self, *, mirror: bool, title: str, synthetic: bool = False, longest_px: int = 960) -> None:
        """`longest_px` limits the canvas' longer side: larger pictures are made smaller first, which saves time."""
        self._mirror = mirror
        self._title = title
        self._synthetic = synthetic
        self._longest_px = longest_px
        self._standing = Standing()
        self._room = skeleton.LifterRoom()
        self._corner = 0
        self._placed: tuple[object, message.Placed] | None = None
        text.warm_up()

    def draw(self, picture: np.ndarray | None, step: Step, status: Status) -> np.ndarray:
        """A new (height, width, 3) uint8 BGR canvas; `picture` (the same, or None) is not written to."""
        seen = step.observation
        shape = (seen.height_px, seen.width_px) if picture is None else picture.shape
        sheet = layout.sheet(shape[1], shape[0], self._longest_px)
        canvas = np.empty((sheet.height, sheet.width, 3), np.uint8)
        view = canvas[:, sheet.panel :]
        if picture is not None:
            self._lay(picture, view)
        bare = sheet.width if picture is None else sheet.panel
        if bare:
            # OpenCV fills ten times as fast as numpy does with three values.
            cv2.rectangle(canvas, (0, 0), (bare - 1, sheet.height - 1), DUSK, -1)
        self._standing.update(step)
        body = skeleton.project(seen, *sheet.picture_size, mirror=self._mirror)
        lifter = self._room.update(body, seen.t_s, *sheet.picture_size)
        if body is not None:
            self._draw_body(view, body, active=step.progress is not None)
        measures = Measures(sheet.panel or sheet.width, sheet.height)
        self._draw_signs(canvas, measures, step, status, None if sheet.panel else lifter)
        if status.help:
            panels.draw_help(canvas, measures)
        return canvas

    def _lay(self, picture: np.ndarray, view: np.ndarray) -> None:
        """Copy `picture` into `view`, scaled and mirrored as needed."""
        height, width = view.shape[:2]
        if (height, width) != picture.shape[:2]:
            # Averaging looks better but costs 2.4 ms from 720p; from half the size on it is quick.
            how = cv2.INTER_AREA if width <= picture.shape[1] // 2 else cv2.INTER_LINEAR
            picture = cv2.resize(picture, (width, height), interpolation=how)
        view[:] = cv2.flip(picture, 1) if self._mirror else picture

    def _draw_body(self, canvas: np.ndarray, body: skeleton.Body, *, active: bool) -> None:
        skeleton.draw(canvas, body, active=active)
        rep = self._standing.rep
        if rep is not None and rep.verdict == "anomalous":
            skeleton.draw_joints(canvas, body, rep.top_joints)

    def _draw_signs(
        self, canvas: np.ndarray, measures: Measures, step: Step, status: Status, lifter: Box | None
    ) -> None:
        chips = panels.header(self._title, step.stage, status, synthetic=self._synthetic)
        chip_boxes, rows = panels.flow(chips, measures)
        field = measures.field(rows if chips else 0)
        rep = self._standing.rep
        box = self._number_box(step, field, measures, lifter)
        if step.progress is not None:
            progress_bar(canvas, measures.lane(field, right=self._corner % 2 == 0), step.progress)
        taken = [number.draw(canvas, box, step.count, rep, measures)] if step.count else []
        for chip, chip_box in zip(chips, chip_boxes, strict=True):
            chip.draw(canvas, chip_box, chip.cap_px(measures))
        panels.draw_footer(canvas, panels.footer_text(status, step.view), measures)
        self._draw_message(canvas, field, lifter, taken)
        if rep is not None:
            number.draw_frame(canvas, rep.verdict, measures)

    def _number_box(self, step: Step, field: Box, measures: Measures, lifter: Box | None) -> Box:
        places = corners(field, *number.size(step.count, measures))
        # While a verdict stands, so does its number.
        if self._standing.rep is None or step.rep is not None:
            self._corner = best_corner(places, lifter, self._corner)
        return places[self._corner]

    def _draw_message(self, canvas: np.ndarray, field: Box, lifter: Box | None, taken: list[Box]) -> None:
        """Draw the message, if there is one, where it was placed first: it does not wander with the lifter."""
        shown = self._standing.message
        if shown is None:
            self._placed = None
            return
        key = (shown, canvas.shape, taken)
        if self._placed is None or self._placed[0] != key:
            self._placed = key, message.place(shown, field, canvas.shape[0], lifter, taken)
        self._placed[1].draw(canvas)
