"""The card of networks that need nothing but their digests: `bar.json`, `lifting.json`."""

from dataclasses import dataclass
from typing import Any

from livecoach.model_files.reading import Format


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkCard:
    """Content of the JSON file beside the networks."""

    format: Format
    files: dict[str, str]
    """File name → SHA-256."""
    training: dict[str, Any]
    metrics: dict[str, Any]
