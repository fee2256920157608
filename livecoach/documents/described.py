"""JSON Schemas of classes, with what their fields mean."""

from typing import Any

from pydantic import ConfigDict, TypeAdapter


def described_schema(kind: Any, *configs: ConfigDict) -> dict[str, Any]:
    """Return the JSON Schema of a type, in which the docstrings under the fields describe them.

    configs: of the classes in it. They ask for descriptions only here: to read them from the source takes as long as a
    third of a start.
    """
    try:
        for config in configs:
            config["use_attribute_docstrings"] = True
        return TypeAdapter(kind).json_schema()
    finally:
        for config in configs:
            config.pop("use_attribute_docstrings", None)
