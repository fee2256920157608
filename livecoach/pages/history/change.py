"""Says in a sentence whether a figure of a lifter's sessions has risen or fallen.

The test is that of Mann (Econometrica 13:245, 1945) and Kendall (Rank Correlation Methods, 1975): it counts the pairs
of sessions in which the later value is higher. Equal values only make it more careful.
"""

from collections.abc import Callable, Sequence
from math import sqrt
from statistics import median

import numpy as np

from livecoach.core.charts import Z
from livecoach.core.types.message import Message

LEAST = 5  # Least sessions for a direction: with four, the test can find none


def direction(values: Sequence[float]) -> int:
    """Return 1 if values rise and -1 if they fall, by chance in at most 5 % of cases; 0 otherwise.

    Args:
        values: A value of each session, oldest first.
    """
    number, array = len(values), np.asarray(values, float)
    if number < LEAST:
        return 0
    score = int(np.triu(np.sign(array[None, :] - array[:, None])).sum())
    spread = sqrt(number * (number - 1) * (2 * number + 5) / 18)
    return int(np.sign(score)) if abs(score) - 1 > Z * spread else 0


def change_words(values: Sequence[float], shown: Callable[[float], str]) -> Message:
    """Say how values have changed, such as "It rose from about 80 kg to about 95 kg in 12 sessions."

    Args:
        values: A value of each session, oldest first.
        shown: Returns a value in words.
    """
    number = len(values)
    if number < LEAST:
        return Message("Too few sessions to say whether it changes: {n} of at least {n2}.", n=number, n2=LEAST)
    way = direction(values)
    if way == 0:
        return Message("No clear change in {n} sessions: about {text}.", n=number, text=shown(median(values)))
    third = max(number // 3, 2)
    words = "It rose from about {text} to about {text2} in {n} sessions."
    words = words if way > 0 else "It fell from about {text} to about {text2} in {n} sessions."
    return Message(words, text=shown(median(values[:third])), text2=shown(median(values[-third:])), n=number)
