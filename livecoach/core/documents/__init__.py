"""JSON documents: the result of `analyze --json`, the events, sessions and the history. Their JSON Schemas are
generated from these classes."""

import dataclasses
import json
from typing import Any, Literal

from pydantic import TypeAdapter

from livecoach.core.documents.analysis import *
from livecoach.core.documents.analysis import Analyses, Analysis, Lenient, Strict
from livecoach.core.documents.events import *
from livecoach.core.documents.events import Event
from livecoach.core.documents.session import *
from livecoach.core.documents.session import SessionsDocument, ShownSession

DECIMALS = 4
"""Decimals of numbers in documents: 0.1 ms in seconds, 0.01 % in shares."""


def plain(document: Any) -> dict[str, Any]:
    """Return a document as JSON values with rounded numbers."""
    return _rounded(dataclasses.asdict(document))


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DECIMALS)
    if isinstance(value, dict):
        return {key: _rounded(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(v) for v in value]
    return value


def to_json(document: Any) -> str:
    """Return a document as one line of JSON."""
    return json.dumps(plain(document), ensure_ascii=False, allow_nan=False)


def json_schema(kind: Literal["analysis", "events", "history", "sessions", "session"]) -> dict[str, Any]:
    """Return the JSON Schema of a document: what `analyze`, `history`, `sessions list` or `sessions show` writes, or
    one line of events."""
    from livecoach.core.documents.history import HistoryDocument  # whose classes take a thirtieth of a start

    of_kind: dict[str, Any] = {
        "analysis": Analysis | Analyses,
        "events": Event,
        "history": HistoryDocument,
        "sessions": SessionsDocument,
        "session": ShownSession,
    }
    return described_schema(of_kind[kind], Strict, Lenient)


def described_schema(kind: Any, *classes: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type, in which the docstrings under the fields describe them.

    classes: with the configs of all classes in it. They ask for descriptions only here, because reading them from the
    source takes a third of the start-up time.
    """
    configs = [one.__pydantic_config__ for one in classes]
    try:
        for config in configs:
            config["use_attribute_docstrings"] = True
        return TypeAdapter(kind).json_schema()
    finally:
        for config in configs:
            config.pop("use_attribute_docstrings", None)
