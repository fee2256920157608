"""Documents as JSON text, and their JSON Schema."""

import dataclasses
import json
from typing import Any, Literal

from pydantic import TypeAdapter

from livecoach.documents.analysis import Analyses, Analysis
from livecoach.documents.events import Event
from livecoach.documents.history import HistoryDocument
from livecoach.documents.sessions import SessionsDocument, ShownSession

DECIMALS = 4
"""Of numbers in documents: a tenth of a millisecond, a hundredth of a per cent."""


def plain(document: Any) -> dict[str, Any]:
    """A document as JSON values, numbers rounded."""
    values: dict[str, Any] = _rounded(dataclasses.asdict(document))
    return values


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value


def to_json(document: Any) -> str:
    """One line of JSON."""
    return json.dumps(plain(document), ensure_ascii=False, allow_nan=False)


def json_schema(kind: Literal["analysis", "events", "history", "sessions", "session"]) -> dict[str, Any]:
    """JSON Schema of what `analyze` writes, of one line of events, or of what `history`, `sessions list` and
    `sessions show` write."""
    of_kind: dict[str, Any] = {
        "analysis": Analysis | Analyses,
        "events": Event,
        "history": HistoryDocument,
        "sessions": SessionsDocument,
        "session": ShownSession,
    }
    return TypeAdapter(of_kind[kind]).json_schema()
