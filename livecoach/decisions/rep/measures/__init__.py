"""The measures of a rep from which named faults are detected, as small pure functions. `faults` says which measures
show a fault (from `configs/faults/`), and how severe it is."""

from livecoach.decisions.rep.measures.faults import (
    MEASURES,
    FaultTable,
    Legs,
    Measure,
    NamedFault,
    Sign,
    front_of,
    load_faults,
    measured,
    measured_in,
    phases_of,
)
from livecoach.decisions.rep.measures.joints import Front
from livecoach.decisions.rep.measures.motion import DorsalProfile, PhasedRep, RepMotion
