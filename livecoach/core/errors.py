"""Defines the errors that the user can remedy.

    LivecoachError            exit status 1: something else, such as a damaged installation
    ├── ConfigError           3: a YAML file, an argument or an option has a wrong key, type or value
    ├── SourceError           4: a video, observations file, session or dataset can't be read, or holds too little
    │   ├── CameraError       5: a camera or stream can't be opened or read
    │   │   ├── NoPicture     the camera answers, and has sent nothing yet
    │   │   ├── NoCamera      this machine has no camera at all
    │   │   └── SourceLost    the camera worked until now; trying again may help
    │   │       └── SourceSilent  the camera sends no more pictures, but reports no error
    │   ├── DamagedVideo      4: part of a video can't be read; the result covers the rest
    │   └── SessionError      4: a folder is not a session, or a session can't be read
    │       └── NewerVersion  a newer livecoach wrote the session
    ├── ModelError            6: a model is missing, damaged, or of another exercise or shape
    │   └── NotTrained        the model of an exercise is not trained yet
    └── OutputError           7: a file or device can't be written

click uses 2 for an invalid command line, and 130, 143 and 129 mean Ctrl-C, SIGTERM and SIGHUP.

Every message says what is wrong, where, and what to do next, in one line.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path


class LivecoachError(Exception):
    """The base class of the errors that are shown to the user without a traceback."""

    exit_code = 1

    @property
    def text(self) -> str:
        """The text of the error, as a `Message` or a plain text; empty for an error without a text."""
        return self.args[0] if self.args else ""


class ConfigError(LivecoachError):
    """A YAML file, an argument or an option has a wrong key, type or value."""

    exit_code = 3


class SourceError(LivecoachError):
    """A video, an observations file, a session or a dataset can't be read, or holds too little."""

    exit_code = 4


class CameraError(SourceError):
    """A camera or stream can't be opened or read."""

    exit_code = 5


class NoPicture(CameraError):
    """A camera answers, but has not sent a picture yet."""


class NoCamera(CameraError):
    """This machine has no camera at all."""


class SourceLost(CameraError):
    """A live source has stopped, but may come back."""


class SourceSilent(SourceLost):
    """A live source sends no more pictures, but reports no error."""


class DamagedVideo(SourceError):
    """Part of a video can't be read. The result covers the rest."""


class SessionError(SourceError):
    """A folder is not a session, or a session can't be read."""


class NewerVersion(SessionError):
    """A newer livecoach wrote the session."""


class ModelError(LivecoachError):
    """A model is missing, damaged, or of another exercise or shape."""

    exit_code = 6


class NotTrained(ModelError):
    """The model of an exercise is not trained yet."""


class OutputError(LivecoachError):
    """A file or device can't be written."""

    exit_code = 7


@contextmanager
def explain_os_errors(kind: type[LivecoachError], problem: str, advice: str = "") -> Iterator[None]:
    """Turn an OSError in the block into an error for the user.

    Args:
        problem: Text such as "PATH: can't be read", to which the system's reason is added.
        advice: A sentence on what the user can do; empty without advice.
    """
    try:
        yield
    except OSError as err:
        raise kind(f"{problem} ({err.strerror or err}). {advice}".rstrip()) from err


@contextmanager
def explain_write_errors(path: Path) -> Iterator[None]:
    """Turn an OSError in the block, which writes a file or folder, into an OutputError that says what to do."""
    text = "{name}: can't be written ({name2}). Free some space and make the folder writable."  # Id of its translation
    try:
        yield
    except OSError as err:
        raise OutputError(text.format(name=path, name2=err.strerror or err)) from err


def common_exit_code(errors: Iterable[LivecoachError]) -> int:
    """Return the common exit code of errors; 1 if their exit codes differ, or if there are no errors."""
    codes = {error.exit_code for error in errors}
    return codes.pop() if len(codes) == 1 else LivecoachError.exit_code
