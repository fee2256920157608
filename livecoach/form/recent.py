"""What was seen lately: as much of it as a rep may last."""

from collections import deque

from livecoach.form.sighting import Sighting
from livecoach.types import Observation, View

MARGIN_S = 1.0
"""Of what is seen before and after a rep, for what is measured on it."""


class Recent:
    """The newest observations of one source."""

    def __init__(self, longest_s: float) -> None:
        """longest_s: how long each is remembered."""
        self._longest_s = longest_s
        self._seen: deque[tuple[Observation, bool]] = deque()

    def remember(self, observation: Observation, *, whole: bool) -> None:
        """Take the next one. whole: the body is seen whole in it."""
        self._seen.append((observation, whole))
        while observation.t_s - self._seen[0][0].t_s > self._longest_s:
            self._seen.popleft()

    def sighting(
        self, start_s: float, turn_s: float, end_s: float, view: View | None, *, set_name: str, pose: str
    ) -> Sighting:
        """What was seen of a rep. view: where the camera stands; set_name, pose: as KeptRep's."""
        near = [(o, whole) for o, whole in self._seen if start_s - MARGIN_S <= o.t_s <= end_s + MARGIN_S]
        inside = [whole for o, whole in near if start_s <= o.t_s <= end_s]
        return Sighting(
            observations=tuple(o for o, _ in near),
            start_s=start_s,
            turn_s=turn_s,
            end_s=end_s,
            view=view,
            confidence=sum(inside) / max(len(inside), 1),
            set_name=set_name,
            pose=pose,
        )
