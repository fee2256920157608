"""Defines the JSON documents: the result of `analyze --json`, the events, sessions and the history.

`scripts/make_formats.py` makes their JSON Schemas from these classes.
"""

import dataclasses
import json
from typing import Any

from livecoach.core.documents.analysis import *
from livecoach.core.documents.run_events import *
from livecoach.core.documents.session import *

DECIMALS = 4
"""Decimals of numbers in documents: 0.1 ms in seconds, 0.01 % in shares."""


def to_plain(document: Any) -> dict[str, Any]:
    """Convert a document to JSON values with rounded numbers."""
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
    """Return a document as a line of JSON, with numbers rounded to DECIMALS. Raises ValueError for NaN and infinity."""
    return json.dumps(to_plain(document), ensure_ascii=False, allow_nan=False)
