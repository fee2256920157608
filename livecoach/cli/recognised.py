"""What is said of a run in which no exercise was recognised."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from livecoach.documents import Recognised
    from livecoach.types import Recognition

NONE = "no exercise was recognised"


def unrecognised_line(guess: "Recognition | Recognised | None") -> str:
    """Return the line: "no exercise was recognised: most like squat (.41) or lunge (.22). Give --exercise."

    guess: what was likeliest; None where nothing looked like an exercise.
    """
    if guess is None or guess.name is None:
        return f"{NONE}. Give --exercise."
    likely = [(guess.name, guess.probability), *((one.name, one.probability) for one in guess.alternatives[:1])]
    words = " or ".join(
        f"{name.replace('_', ' ')} ({probability:.2f})".replace("(0", "(") for name, probability in likely
    )
    return f"{NONE}: most like {words}. Give --exercise."
