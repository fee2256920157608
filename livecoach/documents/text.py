"""Documents as JSON text, and their JSON Schema."""

import dataclasses
import json
from typing import Any, Literal

from pydantic import TypeAdapter

from livecoach.documents.analysis import Analyses, Analysis
from livecoach.documents.events import Event

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


def json_schema(kind: Literal["analysis", "events"]) -> dict[str, Any]:
    """JSON Schema of what `analyze` writes, or of one line of events."""
    adapter: TypeAdapter[Any] = TypeAdapter(Analysis | Analyses if kind == "analysis" else Event)
    return adapter.json_schema()
