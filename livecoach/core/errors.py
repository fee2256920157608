"""The errors that a user can do something about.

    LivecoachError            exit status 1: something else, such as a damaged installation
    ├── ConfigError           3: a YAML file, an argument or an option has a wrong key, type or value
    ├── SourceError           4: a video, observations file, session or dataset can't be read, or holds too little
    │   ├── CameraError       5: a camera or stream can't be opened or read
    │   │   ├── NoPicture     it answers, and has sent nothing yet
    │   │   └── SourceLost    it was readable until now; trying again may help
    │   │       └── SourceSilent  it sends no picture any more, and nothing says why
    │   ├── DamagedVideo      4: part of a video can't be read; the result covers the rest
    │   └── SessionError      4: a folder is not a session, or a session can't be read
    │       └── OtherVersion  a newer livecoach wrote it
    ├── ModelError            6: a model is missing, damaged, of another exercise or shape, or not trained yet
    └── OutputError           7: a file or device can't be written

click uses 2 for an invalid command line, and 130, 143 and 129 mean Ctrl-C, SIGTERM and SIGHUP.

Every message says what is wrong, where, and what to do next, in one line.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class LivecoachError(Exception):
    """Base of every error that is shown to the user without a traceback."""

    exit_code = 1

    @property
    def text(self) -> str:
        """What is wrong. If it was given as a `Message`, it still is one, unlike `str(error)`."""
        return self.args[0] if self.args else ""


class ConfigError(LivecoachError):
    exit_code = 3


class SourceError(LivecoachError):
    exit_code = 4


class CameraError(SourceError):
    exit_code = 5


class NoPicture(CameraError):
    """A camera answers, and has sent no picture yet."""


class NoCamera(CameraError):
    """This machine has no camera at all."""


class SourceLost(CameraError):
    """A live source stopped; it may come back."""


class SourceSilent(SourceLost):
    """It sends no picture any more, and nothing says why."""


class DamagedVideo(SourceError):
    """Part of a video can't be read. The result covers the rest."""


class SessionError(SourceError):
    """A session can't be read."""


class OtherVersion(SessionError):
    """A newer livecoach wrote the session."""


class ModelError(LivecoachError):
    exit_code = 6


class OutputError(LivecoachError):
    exit_code = 7


@contextmanager
def explained(kind: type[LivecoachError], what: str, do: str = "") -> Iterator[None]:
    """Raise an error of this kind in place of an OSError: what can't be done, the system's reason, and what to do."""
    try:
        yield
    except OSError as err:
        raise kind(f"{what} ({err.strerror or err}). {do}".rstrip()) from err


def common_exit_code(errors: Iterable[LivecoachError]) -> int:
    """The errors' own if all have the same one, otherwise 1."""
    codes = {error.exit_code for error in errors}
    return codes.pop() if len(codes) == 1 else LivecoachError.exit_code
