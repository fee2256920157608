"""Texts from elsewhere, made harmless to a terminal: names of files, and what imported sessions say."""


def printable(text: str) -> str:
    """Return a text on one line, with spaces for white space and a replacement character for everything else that
    does not print: escape sequences, C1 controls, marks that change the direction of writing, half characters."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else "\ufffd" for char in text)
