"""Those in the picture who are known not to be the lifter."""

from collections.abc import Sequence

from livecoach.tracking.person import Person, Track, recoloured, track_of, unlike

BESIDE = (0.4, 0.6, 0.25)
"""Somebody this near to where another was known to be is that other."""
SAME = (0.4, 0.8, 0.5)
"""The same from look to look: who squats goes down and seems smaller."""
KEPT_S, STANDING_KEPT_S = 1.0, 6.0
"""For how long somebody who is not found is remembered; and somebody who stands, because the lifter may hide them."""
ELSEWHERE = 1.5
"""Somebody so far from where all others are known to be is none of them."""


class Others:
    """Where each of them was in the last seconds."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []

    def know(self, t_s: float, found: Sequence[Person]) -> None:
        """Take those whom a look found; who was known and is not among them is kept for a moment."""
        kept = [track for track in self.tracks if t_s - track.last_s < (STANDING_KEPT_S if track.stands() else KEPT_S)]
        for other in found:
            track = track_of(other, kept, SAME)
            if track is None:
                track = Track()
                kept.append(track)
            track.add(t_s, other)
        self.tracks = kept

    def stand(self) -> bool:
        """Whether one of them stands."""
        return any(track.stands() for track in self.tracks)

    def misfit(self, seen: Person) -> float:
        """How unlike the nearest of them somebody is, 1 at the limit; infinite where there is none."""
        return min((unlike(track.last, seen, BESIDE) for track in self.tracks), default=float("inf"))

    def unlikely(self, seen: Person, colour: float) -> bool:
        """Whether somebody is rather none of them: stands elsewhere, or has clothes that are less like theirs.

        colour: how unlike the lifter's the clothes are. False where there are no others.
        """
        if not self.tracks:
            return False
        return self.misfit(seen) > ELSEWHERE or colour < min(recoloured(track.last, seen) for track in self.tracks)

    def lifting(self, seen: Person, home: Person) -> Track | None:
        """The track of the one who is seen here if that one lifts, and is not rather the one whose home this is."""
        track = track_of(seen, self.tracks, SAME)
        if track is None or unlike(home, seen, SAME) < unlike(track.last, seen, SAME) or not track.lifts():
            return None
        return track
