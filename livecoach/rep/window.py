"""The window of a rep: the newest observations are remembered, and those of a rep are cut out with a margin."""

from collections import deque

from livecoach.types import Observation, RepWindow, View

MARGIN_S = 1.0
"""How much before and after a rep belongs to its window, for what is measured there."""


class RecentObservations:
    """The newest observations of one source: as many as the longest rep may need."""

    def __init__(self, longest_s: float) -> None:
        """longest_s: how long each observation is remembered."""
        self._longest_s = longest_s
        self._seen: deque[tuple[Observation, bool]] = deque()

    def remember(self, observation: Observation, *, whole: bool) -> None:
        """Take the next observation. whole: it shows the whole body."""
        self._seen.append((observation, whole))
        while observation.t_s - self._seen[0][0].t_s > self._longest_s:
            self._seen.popleft()

    def window(
        self,
        start_s: float,
        turn_s: float,
        end_s: float,
        view: View | None,
        *,
        set_name: str,
        pose: str,
        exercise: str = "",
    ) -> RepWindow:
        """Cut out the window of a rep. view: where the camera stands; set_name, pose, exercise: as RepWindow's."""
        near = [(o, whole) for o, whole in self._seen if start_s - MARGIN_S <= o.t_s <= end_s + MARGIN_S]
        inside = [whole for o, whole in near if start_s <= o.t_s <= end_s]
        return RepWindow(
            observations=tuple(o for o, _ in near),
            start_s=start_s,
            turn_s=turn_s,
            end_s=end_s,
            view=view,
            set_name=set_name,
            pose=pose,
            exercise=exercise,
            confidence=sum(inside) / max(len(inside), 1),
        )
