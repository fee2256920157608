"""What is said of a run in which no exercise was sure, or nobody was seen."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livecoach.documents import Analysis, Recognised
    from livecoach.types import Recognition

NONE = "no exercise was recognised"


NOBODY = "nobody was seen. Check that all of the lifter is in the picture, and that it is bright enough."


def doubt_line(result: "Analysis") -> str | None:
    """Return why the result of a recording is doubtful as a whole; None where it is not."""
    if result.exercise is None:
        return unrecognised_line(result.recognised) if result.frames.with_pose else NOBODY
    if result.recognised is None or result.recognised.sure:
        return None
    return guessed_line(result.recognised, counted=bool(result.reps))


def unrecognised_line(guess: "Recognition | Recognised | None") -> str:
    """Return the line: "no exercise was recognised: most like squat (.41) or lunge (.22). Give --exercise."

    guess: what was likeliest; None where nothing looked like an exercise.
    """
    if guess is None or guess.name is None:
        return f"{NONE}. Give --exercise."
    likely = [(guess.name, guess.probability), *((one.name, one.probability) for one in guess.alternatives[:1])]
    return f"{NONE}: most like {' or '.join(_said(*one) for one in likely)}. Give --exercise."


def guessed_line(guess: "Recognition | Recognised", *, counted: bool) -> str:
    """Return the line: "counted as squat (.81), which is likeliest but not sure. Give --exercise if it is another."

    guess: what counted at the end, because no exercise was sure. counted: any rep of it.
    """
    said = _said(str(guess.name), guess.probability)
    if not counted:
        return f"most like {said}, but no rep of it was found. Give --exercise if it is another."
    return f"counted as {said}, which is likeliest but not sure. Give --exercise if it is another."


def _said(name: str, probability: float) -> str:
    return f"{name.replace('_', ' ')} ({probability:.2f})".replace("(0", "(")
