"""What is called where nobody listens."""


def ignore(*_: object) -> None:
    """Do nothing."""
