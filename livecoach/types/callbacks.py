"""The callback for callers that want none."""


def ignore(*_: object) -> None:
    """Do nothing."""
