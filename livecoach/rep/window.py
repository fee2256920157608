"""The window of a rep: keeps the newest observations, and cuts out those of a rep with a margin."""

from collections import deque

from livecoach.types import Observation, RepWindow, View

MARGIN_S = 1.0  # before and after a rep, for measurements there


class RecentObservations:
    """Of one source: as many as the longest rep may need."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._observations: deque[tuple[Observation, bool]] = deque()

    def add(self, observation: Observation, *, whole: bool) -> None:
        """whole: it shows the whole body."""
        self._observations.append((observation, whole))
        while observation.t_s - self._observations[0][0].t_s > self._longest_s:
            self._observations.popleft()

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
        near = [(o, whole) for o, whole in self._observations if start_s - MARGIN_S <= o.t_s <= end_s + MARGIN_S]
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
