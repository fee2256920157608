"""The errors that a user can do something about.

    LivecoachError            exit status 1, one line on stderr
    ├── ConfigError           a YAML file or an option has a wrong key, type or value
    ├── SourceError           a camera, video, stream or observations file can't be read
    │   ├── SourceLost        it was readable until now; trying again may help
    │   └── SessionError      a folder is no session, or a session that can't be read
    │       └── NewerSession  a newer livecoach wrote it
    ├── ModelError            a model folder or pose model is missing, damaged or of the wrong shape
    └── OutputError           a file or device can't be written

Every message says what is wrong, where, and what to do next, in one line.
"""


class LivecoachError(Exception):
    """Base of every error that is shown to the user without a traceback."""

    exit_code = 1


class ConfigError(LivecoachError):
    """A setting is unknown, of the wrong type or out of range."""


class SourceError(LivecoachError):
    """A source can't be opened or read."""


class SourceLost(SourceError):
    """A live source stopped; it may come back."""


class SessionError(SourceError):
    """A session can't be read."""


class NewerSession(SessionError):
    """A newer livecoach wrote the session."""


class ModelError(LivecoachError):
    """A model can't be used."""


class OutputError(LivecoachError):
    """A file or device can't be written."""
