"""The bystanders: people in the picture who are known not to be the lifter."""

from collections.abc import Sequence

from livecoach.tracking.person import Person, Track, clothes_distance, nearest_track, normalised_distance

BESIDE = (0.4, 0.6, 0.25)
"""Sideways, up or down, log scale, within which a person is the bystander last detected there."""
SAME = (0.4, 0.8, 0.5)
"""The same between two detections: a person who squats goes down and looks smaller."""
KEPT_S, STANDING_KEPT_S = 1.0, 6.0
"""Memory of bystanders no longer detected; the lifter may hide one who stands."""
ELSEWHERE = 1.5  # a person at this distance from every bystander is none


class Bystanders:
    def __init__(self, kept_s: float = KEPT_S) -> None:
        self.tracks: list[Track] = []
        self._kept_s = kept_s

    def update(self, t_s: float, detected: Sequence[Person]) -> None:
        """Keep those who are not among the detected for a moment."""
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
        return any(track.is_standing() for track in self.tracks)

    def distance(self, person: Person) -> float:
        """From the nearest bystander, 1 at the limit; infinite where there is none."""
        return min((normalised_distance(track.last, person, BESIDE) for track in self.tracks), default=float("inf"))

    def is_unlikely(self, person: Person, colour: float) -> bool:
        """Whether a person stands elsewhere, or wears other clothes. False where there are no bystanders. colour:
        distance of the person's clothes from the lifter's."""
        if not self.tracks:
            return False
        nearest_colour = min(clothes_distance(track.last, person) for track in self.tracks)
        return self.distance(person) > ELSEWHERE or colour < nearest_colour

    def lifting_track(self, person: Person, home: Person) -> Track | None:
        """A bystander who lifts and is detected here; None where `home` is nearer."""
        track = nearest_track(person, self.tracks, SAME)
        if track is None or not track.is_lifting():
            return None
        nearer_home = normalised_distance(home, person, SAME) < normalised_distance(track.last, person, SAME)
        return None if nearer_home else track
