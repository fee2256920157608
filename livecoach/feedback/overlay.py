"""Draws the picture that the lifter sees: skeleton, number, verdict, at most one message, and the set summary."""

from collections.abc import Iterable, Mapping

import cv2
import numpy as np

from livecoach.feedback import layout, message, number, panels, playback_bar, silhouette, skeleton, summary_panel, text
from livecoach.feedback.display_state import DisplayState
from livecoach.feedback.layout import Box, LayoutSizes, Sheet, best_corner, corners
from livecoach.feedback.palette import DUSK
from livecoach.feedback.run_status import RunStatus
from livecoach.feedback.shapes import progress_bar
from livecoach.types import Step

__all__ = ["Overlay", "RunStatus"]


class Overlay:
    """Draws steps over their pictures. It stores only what must be shown for a while, by the frames' own time."""

    def __init__(
        self,
        *,
        mirror: bool,
        title: str,
        titles: Mapping[str, str] | None = None,
        synthetic: bool = False,
        longest_px: int = 960,
    ) -> None:
        """title: of the exercise that was given. titles: name → title of each exercise, where it is recognised; None
        where it was given. longest_px: limit of the canvas' longer side; larger pictures are reduced first, which saves
        time."""
        self._mirror = mirror
        self._title, self._titles = title, titles
        self._synthetic = synthetic
        self._longest_px = longest_px
        self.jump(())
        text.warm_up()

    def jump(self, before: Iterable[Step]) -> None:
        """Start anew after a jump.

        before: the steps before the next one, as far back as their messages may still be shown.
        """
        self._standing = DisplayState(self._titles)
        self._room = skeleton.LifterRoom()
        self._corner = 0
        self._vacancy = silhouette.Vacancy()
        self._placed: tuple[object, message.PlacedMessage] | None = None
        self._panel: tuple[object, summary_panel.Panel] | None = None
        for step in before:
            self._standing.update(step)

    def draw(self, picture: np.ndarray | None, step: Step, status: RunStatus) -> np.ndarray:
        """Return a new (height, width, 3) uint8 BGR canvas. `picture` (the same format, or None) is not changed."""
        seen = step.observation
        shape = (seen.height_px, seen.width_px) if picture is None else picture.shape
        sheet = layout.sheet(shape[1], shape[0], self._longest_px)
        canvas = np.empty((sheet.height, sheet.width, 3), np.uint8)
        view = canvas[:, sheet.panel :]
        if picture is not None:
            self._lay(picture, view)
        bare = sheet.width if picture is None else sheet.panel
        if bare:
            # OpenCV fills ten times as fast as numpy with three values.
            cv2.rectangle(canvas, (0, 0), (bare - 1, sheet.height - 1), DUSK, -1)
        self._standing.update(step)
        body = skeleton.project(seen, *sheet.picture_size, mirror=self._mirror)
        lifter = self._room.update(body, seen.t_s, *sheet.picture_size)
        if self._vacancy.update(step):
            silhouette.draw(view, None if body is None else lifter)
            lifter = lifter or silhouette.place(*sheet.picture_size)
        if body is not None:
            self._draw_body(view, body, active=step.progress is not None)
        now = None if body is None else skeleton.box(body, *sheet.picture_size)
        self._draw_signs(canvas, sheet, step, status, lifter, now)
        if status.help:
            panels.draw_help(canvas, sheet.measures, player=status.playing is not None)
        return canvas

    def _lay(self, picture: np.ndarray, view: np.ndarray) -> None:
        """Copy `picture` into `view`, scaled and mirrored as needed."""
        height, width = view.shape[:2]
        if (height, width) != picture.shape[:2]:
            # Averaging looks better but costs 2.4 ms from 720p; it is fast at half the size and below.
            how = cv2.INTER_AREA if width <= picture.shape[1] // 2 else cv2.INTER_LINEAR
            picture = cv2.resize(picture, (width, height), interpolation=how)
        view[:] = cv2.flip(picture, 1) if self._mirror else picture

    def _draw_body(self, canvas: np.ndarray, body: skeleton.CanvasBody, *, active: bool) -> None:
        skeleton.draw(canvas, body, active=active)
        rep = self._standing.rep
        if rep is not None and rep.verdict == "anomalous":
            skeleton.draw_joints(canvas, body, rep.top_joints)

    def _draw_signs(
        self, canvas: np.ndarray, sheet: Sheet, step: Step, status: RunStatus, lifter: Box | None, now: Box | None
    ) -> None:
        measures = sheet.measures
        # After a set the view follows a lifter who walks away, so the state of learning in it means nothing.
        learning = step.learning if step.summary is None else None
        chips = panels.header(self._title_of(step), step.stage, learning, status, synthetic=self._synthetic)
        chip_boxes, rows = panels.flow(chips, measures)
        field, beside = measures.field(rows if chips else 0), None if sheet.panel else lifter
        panel = self._summary_panel(canvas, field, beside)
        taken = self._draw_rep(canvas, field, measures, step, beside) if panel is None else [panel.box]
        if panel is not None:
            panel.draw(canvas)
        for chip, chip_box in zip(chips, chip_boxes, strict=True):
            chip.draw(canvas, chip_box, chip.cap_px(measures))
        panels.draw_footer(canvas, panels.footer_text(status, step.view), measures)
        clear = [box.moved(sheet.panel) for box in (lifter, now) if box is not None]
        if sheet.panel and panel is not None:  # the summary leaves no room in the panel
            field = sheet.picture_field
        self._draw_message(canvas, field, clear, taken)
        if self._standing.verdict is not None:
            number.draw_frame(canvas, self._standing.verdict, measures)
        if status.playing is not None:
            playback_bar.draw(canvas, status.playing)

    def _draw_rep(
        self, canvas: np.ndarray, field: Box, measures: LayoutSizes, step: Step, lifter: Box | None
    ) -> list[Box]:
        """Draw number and progress; return the boxes that text must not cover."""
        box = self._number_box(step, field, measures, lifter)
        if step.progress is not None:
            progress_bar(canvas, measures.lane(field, right=self._corner % 2 == 0), step.progress)
        shown = self._standing.message
        if self._is_undecided(step):
            expected = shown is None and step.observation.landmarks is not None
            return [number.draw_expected(canvas, box, measures)] if expected else []
        # A correction takes the number's place.
        if not step.count or (shown is not None and shown.kind == "alarm"):
            return []
        return [number.draw(canvas, box, step.count, self._standing.rep, measures)]

    def _is_undecided(self, step: Step) -> bool:
        """Return whether the exercise is to be recognised and is not known."""
        return self._titles is not None and step.exercise is None

    def _title_of(self, step: Step) -> str:
        """Return the title of the exercise, or of the one whose summary is shown; empty while it is not known."""
        if self._titles is None:
            return self._title
        name = step.exercise or (None if step.summary is None else step.summary.exercise)
        return self._titles.get(name or "", "")

    def _number_box(self, step: Step, field: Box, measures: LayoutSizes, lifter: Box | None) -> Box:
        size = number.expected_size(measures) if self._is_undecided(step) else number.size(step.count, measures)
        places = corners(field, *size)
        # A number stays in place while its verdict is shown.
        if self._standing.rep is None or step.rep is not None:
            self._corner = best_corner(places, lifter, self._corner)
        return places[self._corner]

    def _summary_panel(self, canvas: np.ndarray, field: Box, lifter: Box | None) -> summary_panel.Panel | None:
        """Return the panel of the finished set at its first place: it does not follow the lifter."""
        shown = self._standing.summary
        if shown is None:
            self._panel = None
            return None
        key = (shown, canvas.shape, field)
        if self._panel is None or self._panel[0] != key:
            self._panel = key, summary_panel.place(shown, field, canvas.shape[0], lifter)
        return self._panel[1]

    def _draw_message(self, canvas: np.ndarray, field: Box, lifter: list[Box], taken: list[Box]) -> None:
        """Draw the message, if there is one, at its first place: it does not follow the lifter."""
        shown = self._standing.message
        if shown is None:
            self._placed = None
            return
        key = (shown, canvas.shape, taken)
        if self._placed is None or self._placed[0] != key:
            self._placed = key, message.place(shown, field, canvas.shape[0], lifter, taken)
        self._placed[1].draw(canvas)
