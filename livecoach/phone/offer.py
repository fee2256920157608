"""What the remote offers to choose between: exercises and profiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from livecoach.feedback.entries import ChosenSetting
from livecoach.language import told
from livecoach.phone.protocol import RemoteAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The exercises and profiles that there are, and those in use."""

    exercise: str
    """Name of the exercise in use, or "auto"."""
    exercises: Mapping[str, str]
    """Title → name, in the order in which they are shown."""
    profile: str
    profiles: Sequence[str]

    def fields(self) -> dict[str, object]:
        """Return the fields of the message to the page, in the lifter's language."""
        return {
            "exercise": self.exercise,
            "exercises": [{"name": name, "title": told(title)} for title, name in self.exercises.items()],
            "profile": self.profile,
            "profiles": list(self.profiles),
        }

    def chosen(self, action: RemoteAction) -> ChosenSetting | None:
        """Return what an action chooses; None where that is not offered."""
        if action.name == "exercise" and action.value in self.exercises.values():
            return ChosenSetting("exercise", action.value)
        if action.name == "profile" and action.value in self.profiles:
            return ChosenSetting("profile", action.value)
        return None
