"""Corrects the reps of a finished session: the session stores the correction, and the lifter's profile follows it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livecoach.cli.options import say
from livecoach.documents import CorrectionEvent, RepEvent
from livecoach.errors import LivecoachError, OutputError, SessionError, SourceError
from livecoach.judging.corrections import rep_key
from livecoach.profile import Profile
from livecoach.session import layout
from livecoach.session.lifter_events import EventAppender, correction_stacks
from livecoach.session.stored import Session, load_rep_window
from livecoach.types import Corrected, Correction, ReferenceChange


@dataclass(frozen=True, slots=True)
class Corrector:
    """Corrects the reps of one session."""

    session: Session

    def keyed(self, start_s: float, correction: Correction | None) -> Corrected | str:
        """Correct the rep that starts at `start_s`, as `correct` does. Returns a short note and reports the reason
        where that fails."""
        try:
            reps = self._fresh().corrected_reps
            of = next(one for one in reps if rep_key(one.rep.start_s) == rep_key(start_s))
            return self.correct(of, correction)
        except LivecoachError as err:
            say(str(err))
            return "not corrected: see the terminal"

    def correct(self, of: RepEvent, correction: Correction | None) -> Corrected:
        """Store a correction of a rep; None takes back the last one.

        Raises SessionError while the session is being recorded, OutputError where nothing can be written.
        """
        folder = self.session.folder
        if layout.is_recording(folder):
            raise SessionError(
                f"{folder.name}: is being recorded. Press g, b or x in its window, or correct it after the session."
            )
        stands = correction_stacks(self._fresh().corrections).of_rep(of.rep.start_s)
        before = stands[-1].correction if stands else None
        now = correction
        if correction is None:
            now = stands[-2].correction if len(stands) > 1 else None
        if correction == before:
            return _corrected(of, before, before)
        path = folder / layout.CORRECTIONS
        try:
            with EventAppender(path) as corrections:
                reference = self._teach(of, now, stands)
                corrections.add(_event(of, correction, reference))
        except OSError as err:
            raise OutputError(
                f"{path}: can't be written ({err.strerror}). Free some space and make the folder writable."
            ) from err
        return replace(_corrected(of, before, now), taken_back=correction is None, reference=reference)

    def _fresh(self) -> Session:
        """Return the session with its files read again, because somebody else may have corrected it meanwhile."""
        return replace(self.session)

    def _teach(self, of: RepEvent, now: Correction | None, stands: Sequence[CorrectionEvent]) -> ReferenceChange | None:
        """Change the profile to follow a rep's correction. A failure is reported."""
        about, exercise = self.session.about, self.session.exercise_of(of.rep)
        changes = [event.reference for event in stands if event.reference is not None]
        wanted = now.label == "good" if now is not None else changes[:1] == ["left"]
        if about.profile is None or (now is None and not changes):
            return None
        try:
            profile = Profile(about.profile, say)
            if not wanted:
                rep = load_rep_window(self.session, of)
                gone = 0 if rep is None else profile.remove_rep(exercise, rep, about.session)
                return "left" if gone else None
            rep = load_rep_window(self.session, of) if about.settings.learn and of.rep.score is not None else None
            if rep is None:
                return None
            return "entered" if profile.keep(exercise, [replace(rep, chosen=now is not None)], about.session) else None
        except (OutputError, SourceError) as err:
            say(f"profile {about.profile}: not updated: {err}")
            return None


def _event(of: RepEvent, correction: Correction | None, reference: ReferenceChange | None) -> CorrectionEvent:
    rep = of.rep
    return CorrectionEvent(
        t_s=rep.end_s,
        rep=rep.index,
        start_s=rep.start_s,
        label=None if correction is None else correction.label,
        fault=None if correction is None else correction.fault,
        reference=reference,
    )


def _corrected(of: RepEvent, before: Correction | None, now: Correction | None) -> Corrected:
    of_set, number = of.rep.place
    return Corrected(rep=replace(of.rep, correction=now), set=of_set, number=number, before=before)
