"""Makes the report of a stored session, from its folder to HTML."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

from livecoach import assembly
from livecoach.assembly import Coach
from livecoach.errors import ConfigError, ModelError
from livecoach.report.content import gather
from livecoach.report.page import PageInput, render_page
from livecoach.report.pictures import ReportPictures
from livecoach.session.stored import Session, open_session


def _ignore(_what: str, _share: float) -> None:
    """Show no progress."""


def make_report(
    folder: Path,
    say: Callable[[str], object],
    *,
    blur_faces: bool = False,
    progress: Callable[[str, float], object] = _ignore,
) -> str:
    """Return the report of a session as HTML.

    say: called with a line about each damaged part, which the report lists too. progress: called with what is done and
    the share of it, 0…1. Raises SessionError where the folder contains no readable session, ConfigError or ModelError
    where an exercise of it can't be loaded.
    """
    damage: list[str] = []

    def tell(line: str) -> None:
        say(line)
        damage.append(line)

    session = open_session(folder, tell)
    coaches = {name: _coach(session, name) for name in session.exercises}
    if session.video_damage is not None:
        tell(f"the video is damaged: {session.video_damage}")
    with ReportPictures(session, without_faces=blur_faces) as pictures:
        progress("reading", 0.0)
        content = gather(session)
        done = count(1)
        making = PageInput(
            session=session,
            coaches=coaches,
            gathered=content,
            pictures=pictures,
            damage=damage,
            rep_done=lambda: progress("drawing the reps", next(done) / len(content.reps)),
        )
        return render_page(making)


def _coach(session: Session, exercise: str) -> Coach:
    """Return the coach of an exercise of the session. Raises ConfigError or ModelError that names the session."""
    try:
        return assembly.load(exercise, session.about.settings.false_alarms)
    except (ConfigError, ModelError) as err:
        raise type(err)(f"session {session.name}: {err}") from err
