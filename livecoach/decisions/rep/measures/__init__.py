"""The measures of a rep from which named faults are detected, as small pure functions. `faults` says which measures
show a fault (from `configs/faults/`), and how severe it is."""

from livecoach.decisions.rep.measures.faults import (
    MEASURES,
    FaultTable,
    Legs,
    Measure,
    NamedFault,
    Sign,
    load_faults,
    measured,
)
from livecoach.decisions.rep.measures.joints import Front, front_leg
from livecoach.decisions.rep.measures.motion import DorsalProfile, RepMotion
