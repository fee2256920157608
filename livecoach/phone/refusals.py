"""Counts what is refused, and logs it: the first of each kind at once, and then as it grows tenfold."""

import logging
from collections import Counter

logger = logging.getLogger(__name__)


class Refusals:
    """What the server refused, by reason. An attack leaves a few lines in the log, and not millions."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, reason: str) -> None:
        """Count a refusal. reason: from a fixed set, without anything that came from the network."""
        self._counts[reason] += 1
        count = self._counts[reason]
        if count == 10 ** (len(str(count)) - 1):
            logger.warning("phone: refused %s (%d so far)", reason, count)

    def in_place_of_a_log(self) -> logging.Logger:
        """Return what counts each line that is logged to it: aiohttp logs broken requests with a traceback each."""
        log = logging.Logger("livecoach.phone.http", logging.DEBUG)
        log.addHandler(_Counting(self))
        return log

    def __getitem__(self, reason: str) -> int:
        """Return how often something was refused for a reason."""
        return self._counts[reason]

    @property
    def total(self) -> int:
        """Number of refusals."""
        return sum(self._counts.values())


class _Counting(logging.Handler):
    def __init__(self, refusals: Refusals) -> None:
        super().__init__()
        self._refusals = refusals

    def emit(self, record: logging.LogRecord) -> None:  # noqa: ARG002
        self._refusals.add("a broken request")
