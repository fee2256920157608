"""The measures of a rep from which named faults are detected, as small pure functions.

`motion` holds one rep's landmarks in the lifter's own frame; `trunk`, `legs`, `lunge`, `bar`, `feet`, `tempo` and
`back` the measures; `registry` their names and units; `faults` says which measures show a fault (from
`configs/faults/`), and how severe it is. `measured` computes all measures of a rep that an exercise needs.
"""

from livecoach.rep.measures.faults import (
    FaultTable,
    Legs,
    NamedFault,
    Sign,
    front_of,
    load_faults,
    measured,
    measured_in,
    phases_of,
)
from livecoach.rep.measures.legs import Front
from livecoach.rep.measures.motion import DorsalProfile, PhasedRep, RepMotion
from livecoach.rep.measures.registry import MEASURES, Measure

__all__ = [
    "MEASURES",
    "DorsalProfile",
    "FaultTable",
    "Front",
    "Legs",
    "Measure",
    "NamedFault",
    "PhasedRep",
    "RepMotion",
    "Sign",
    "front_of",
    "load_faults",
    "measured",
    "measured_in",
    "phases_of",
]
