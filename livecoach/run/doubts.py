"""Says in words why the result of a recording or a run may be wrong, or why there are no reps."""

from collections.abc import Mapping, Sequence
from statistics import median
from types import MappingProxyType
from typing import TYPE_CHECKING

from livecoach.core.documents import Analysis, FramesDocument
from livecoach.core.language import as_message, format_percent, translate
from livecoach.core.types import PartialRep, Recognition, Rep
from livecoach.core.types.message import Message, in_words
from livecoach.decisions.coaching.set_summary import UNLIKE_NOTES
from livecoach.perception.body.visibility import WARNING_TEXTS

if TYPE_CHECKING:
    from livecoach.run.loop import FrameLoop

NOBODY = "nobody was seen. Check that the whole lifter is in the picture, and that there is enough light."
SELDOM = (
    "nobody was seen in {n} % of the pictures. "
    "Check that the whole lifter is in the picture, and that there is enough light."
)
LEAST_SEEN = 0.25
"""Share of pictures with a pose below which recognition fails. Real films of an empty room have up to 0.09, films of
people who lie on a bench behind plates at least 0.39."""
SLOWEST_S, HELD = 3.0, 0.2
"""Time of the faster way of a rep, up or down, from which a film is likely to be in slow motion; and share of this time
that the pause at the turn must last if the lifter is slow on purpose. In the sets of 11 real films the faster way took
up to 1.7 s; with a tempo of 5-3-5 it takes 5 s, and the pause has a share of 0.6."""
LOOKS_LIKE = "this looks like {text}, not {text2}. If it is, use --exercise {name}."
LOOKS_LIKE_OF_SET = (
    "this looks like {text}, not {text2}. If it is, `livecoach sessions sets {name2} --exercise {name}` "
    "counts set {n} anew."
)
GUESSED_OF_SET = (
    "counted as {text}, which is likely but not certain. If it is another, "
    "`livecoach sessions sets {name2} --exercise NAME` counts set {n} anew."
)
SLOW_MOTION = (
    "reps are rarely this slow. If the film is in slow motion, say how many pictures a second were filmed: "
    "--filmed-at 240."
)


def warning_lines(result: Analysis) -> list[str]:
    """Return the warnings of a recording, except warnings that the printed result states in other words."""
    is_empty = not result.frames.with_pose or (result.exercise is None and seldom_seen_line(result.frames))
    left_out: tuple[str, ...] = (WARNING_TEXTS["no_person"],) if is_empty else ()
    if result.refused and not result.reps and why_no_reps(result):
        left_out += UNLIKE_NOTES
    return [text for text in result.warnings if getattr(as_message(text), "id", text) not in left_out]


def doubt_line(result: Analysis, suffix: str = "") -> str | None:
    """Return a line with a reason to doubt the result of a recording, such as slow motion; None without a reason.

    Args:
        suffix: End of a set's address in a command, as `lifter_suffix` returns it.
    """
    if is_slow_motion(result.reps, result.partial_reps):
        return translate(SLOW_MOTION)
    if result.exercise is None:
        return seldom_seen_line(result.frames) or unrecognised_line(result.recognised)
    kept = result.session if result.reps else None
    number = result.reps[-1].lifter_set_number if kept else 0
    of_set: dict[str, str | int] = {} if kept is None else {"name2": f"{kept}:{number}{suffix}", "n": number}
    if result.looks_like is not None:
        likely = {"text": in_words(result.looks_like), "text2": in_words(result.exercise), "name": result.looks_like}
        return translate(Message(LOOKS_LIKE_OF_SET if of_set else LOOKS_LIKE, **likely, **of_set))
    if result.recognised is None or (result.recognised.sure and result.reps):
        return None
    return guessed_line(result.recognised, counted=bool(result.reps), of_set=of_set)


def run_doubt_line(loop: "FrameLoop") -> str | None:
    """Return a line with a reason to doubt the exercise of a run; None if there is no reason, or no frame yet."""
    pipeline, guess = loop.coached.pipeline, loop.coached.pipeline.guess
    if not loop.metrics.frames or (pipeline.is_exercise_known and guess is None):
        return None
    if guess is not None and (pipeline.is_exercise_known or pipeline.is_exercise_guessed):
        return guessed_line(guess, counted=bool(loop.coached.reps))
    if loop.coached.reps:  # Another part has reps
        return None
    return seldom_seen_line(loop.metrics.frames_document) or unrecognised_line(guess)


def is_slow_motion(reps: Sequence[Rep], partials: Sequence[PartialRep]) -> bool:
    """Return whether a film seems to be in slow motion.

    In such a film, ascent and descent of the reps are slow, without a long pause at the turn; or there are no reps,
    but a partial rep without a way back.
    """
    if not reps:
        return any(partial.reason == "no_return" for partial in partials)
    paces = [rep.pace for rep in reps if rep.pace is not None]
    ways_s = [min(pace.concentric_s, pace.eccentric_s) for pace in paces if pace.eccentric_s is not None]
    pauses_s = [pace.pause_s for pace in paces if pace.pause_s is not None]
    return bool(ways_s) and median(ways_s) > SLOWEST_S and median(pauses_s or [0.0]) < HELD * median(ways_s)


def seldom_seen_line(frames: FramesDocument) -> str | None:
    """Return a line for the summary if a person was seen in less than a quarter of the pictures; otherwise None."""
    share = frames.with_pose / max(frames.read, 1)
    if not share:
        return translate(NOBODY)
    return translate(Message(SELDOM, n=f"{100 - 100 * share:.0f}")) if share < LEAST_SEEN else None


def unrecognised_line(guess: Recognition | None) -> str:
    """Return the line for an unrecognised exercise, such as "no exercise was recognised: most like squat (41 %). …"."""
    if guess is None or guess.name is None:
        return translate("no exercise was recognised. Name it with --exercise.")
    like = _likelihood(guess.name, guess.probability)
    for other in guess.alternatives[:1]:
        like = Message("{text} or {text2}", text=like, text2=_likelihood(other.name, other.probability))
    return translate(Message("no exercise was recognised: most like {text}. Name it with --exercise.", text=like))


def guessed_line(guess: Recognition, *, counted: bool, of_set: Mapping[str, str | int] = MappingProxyType({})) -> str:
    """Return the line that names the likeliest exercise, which is not certain or has no counted rep.

    `of_set` has the arguments of GUESSED_OF_SET that name the set in a kept session; empty without such a session.
    """
    sure = "counted as {text}, which is likely but not certain. If it is another, name it with --exercise."
    none = "most like {text}, but no rep of it was found. If it is another, name it with --exercise."
    line = GUESSED_OF_SET if of_set else sure if counted else none
    return translate(Message(line, text=_likelihood(str(guess.name), guess.probability), **of_set))


def _likelihood(name: str, probability: float) -> Message:
    return Message("{text} ({text2})", text=in_words(name), text2=format_percent(min(probability, 0.99)))


def why_no_reps(result: Analysis) -> str:
    """Return the reason why a recording has no reps of a chosen exercise; empty without a chosen exercise."""
    return no_reps_reason(result.exercise if result.recognised is None else None, result.frames, result.refused)


def no_reps_reason(exercise: str | None, frames: FramesDocument, refused: int) -> str:
    """Return the reason why there are no reps of a chosen exercise; empty without a chosen exercise."""
    if exercise is None or not frames.read:
        return ""
    if not frames.with_pose:
        return "nobody was seen"
    if not refused:
        return "no movement looked like a rep. Check that the whole lifter is in the picture"
    return Message(
        "movements that did not count as {text}: {n}. If it was another exercise, name it, or let "
        "`--exercise auto` recognise it",
        text=in_words(exercise).lower(),
        n=refused,
    )
