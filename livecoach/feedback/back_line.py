"""The edge of the back in a rep's pictures, for a fault that is measured on it: a round back is drawn round."""

import cv2
import numpy as np

from livecoach.curves import CURVE_KINDS, GAP_S
from livecoach.feedback.shapes import INK, NIGHT, Colour
from livecoach.pose.dorsal import edge_points
from livecoach.rep.measures.back import sagitta, stations, without_gaps
from livecoach.rep.view_normalised import normalised_rep
from livecoach.types import Observation, RepWindow

THICKNESS = 4.5
"""Width of the line in a picture of 480 pixels. Our choice: a thicker one hides how round it is."""


class BackLine:
    """The back's edge through one rep, over the stations that a fault was measured on."""

    def __init__(self, window: RepWindow, name: str) -> None:
        """name: of the fault's curve, one of the back's."""
        span, rep = CURVE_KINDS[name].of_back, normalised_rep(window)
        if span is None:
            raise ValueError(f"{name}: expected a curve of the back")
        self._first, self._last = stations(span)
        known = (
            rep.t_s[np.isfinite(sagitta(rep.back, span))] if rep is not None and rep.back is not None else np.empty(0)
        )
        whole_s = set(known.tolist())
        # Time → the edge's heights, picture heights.
        self._edges = {
            one.t_s: without_gaps(one.back[None].astype(np.float64))[0]
            for one in window.observations
            if one.back is not None and one.t_s in whole_s
        }

    def over(self, observation: Observation) -> np.ndarray | None:
        """Return the line over an observation of the rep, (n, 2) pixels of its picture, from the hips up; None where
        the edge is not known. That of the nearest picture stands for one that is lost for a moment."""
        if not self._edges or observation.landmarks is None:
            return None
        nearest = min(self._edges, key=lambda t_s: abs(t_s - observation.t_s))
        if abs(nearest - observation.t_s) > GAP_S / 2:
            return None
        size_px = observation.width_px, observation.height_px
        return edge_points(self._edges[nearest], observation.landmarks, size_px)[self._first : self._last + 1]


def draw(canvas: np.ndarray, line: np.ndarray, colour: Colour, unit: float) -> None:
    """Draw a line (n, 2) of pixels, and the straight one between its ends. unit: thickness over that in a picture of
    480 pixels."""
    points = np.rint(line).astype(np.int32)
    thick = max(3, round(THICKNESS * unit))
    cv2.polylines(canvas, [points], False, NIGHT, thick + 2, cv2.LINE_AA)
    cv2.polylines(canvas, [points], False, colour, thick, cv2.LINE_AA)
    cv2.polylines(canvas, [points[[0, -1]]], False, INK, max(1, thick // 3), cv2.LINE_AA)
