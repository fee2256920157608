"""Profiles: each lifter's own good reps, stored on disk for later sessions.

    <data folder>/profiles/<profile>/<exercise>/<when stored>.rep

A file holds the observations of one rep, so that a newer model can use it again (`rep_file`). `store` adds, lists and
deletes the files, and collects the reps that a run has learned. Nothing here decides whether a rep is good.
"""

from livecoach.profile.rep_file import KeptRepFile
from livecoach.profile.store import (
    Profile,
    ProfileWriter,
    by_view,
    profile_names,
    session_of_recording,
    session_of_start,
)
