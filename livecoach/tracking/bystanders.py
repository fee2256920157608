"""The bystanders: people in the picture who are known not to be the lifter."""

from collections.abc import Sequence

from livecoach.tracking.person import Person, Track, clothes_distance, nearest_track, normalised_distance

BESIDE = (0.4, 0.6, 0.25)
"""Limits (sideways, up or down, log scale) within which a person is the bystander who was last detected there."""
SAME = (0.4, 0.8, 0.5)
"""The same limits between two detections: a person who squats goes down and looks smaller."""
KEPT_S, STANDING_KEPT_S = 1.0, 6.0
"""How long a bystander who is no longer detected is remembered; longer if they stand, because the lifter may hide
them."""
ELSEWHERE = 1.5
"""A person at this distance from every bystander is not a bystander."""


class Bystanders:
    """Tracks of the bystanders over the last seconds."""

    def __init__(self, kept_s: float = KEPT_S) -> None:
        """kept_s: how long one who does not stand is remembered."""
        self.tracks: list[Track] = []
        self._kept_s = kept_s

    def update(self, t_s: float, detected: Sequence[Person]) -> None:
        """Add the bystanders of a detection; keep those who are not among them for a moment."""
        kept = [
            track
            for track in self.tracks
            if t_s - track.last_s < (STANDING_KEPT_S if track.is_standing() else self._kept_s)
        ]
        for other in detected:
            track = nearest_track(other, kept, SAME)
            if track is None:
                track = Track()
                kept.append(track)
            track.add(t_s, other)
        self.tracks = kept

    def any_standing(self) -> bool:
        """Return whether a bystander is standing."""
        return any(track.is_standing() for track in self.tracks)

    def distance(self, person: Person) -> float:
        """Return a person's distance from the nearest bystander, 1 at the limit; infinite where there is none."""
        return min((normalised_distance(track.last, person, BESIDE) for track in self.tracks), default=float("inf"))

    def is_unlikely(self, person: Person, colour: float) -> bool:
        """Return whether a person is probably no bystander: stands elsewhere, or wears other clothes.

        colour: distance of the person's clothes from the lifter's. False where there are no bystanders.
        """
        if not self.tracks:
            return False
        nearest_colour = min(clothes_distance(track.last, person) for track in self.tracks)
        return self.distance(person) > ELSEWHERE or colour < nearest_colour

    def lifting_track(self, person: Person, home: Person) -> Track | None:
        """Return the track of a bystander who lifts and is detected here; None where `home` is nearer than it."""
        track = nearest_track(person, self.tracks, SAME)
        if track is None or not track.is_lifting():
            return None
        nearer_home = normalised_distance(home, person, SAME) < normalised_distance(track.last, person, SAME)
        return None if nearer_home else track
