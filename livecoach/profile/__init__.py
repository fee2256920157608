"""Profiles: each lifter's own good reps, stored on disk for later sessions.

    <data folder>/profiles/<profile>/<exercise>/<when stored>.rep

A file holds the observations of one rep, so that a newer model can use it again (`rep_file`). `store` adds, lists and
deletes them, and collects what a run has learned; `changes` keeps what they replaced. Nothing here decides what a good
rep is.
"""

from livecoach.profile.changes import UndoneChange
from livecoach.profile.rep_file import KeptRepFile
from livecoach.profile.store import (
    MOST_OF_A_VIEW,
    Profile,
    ProfileWriter,
    by_view,
    profile_names,
    session_of_recording,
    session_of_start,
)
