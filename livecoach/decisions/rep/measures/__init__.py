"""Computes the measures of a rep, from which named faults are detected.

`measure_table` lists the measures, of which `timing` computes some. `faults` reads from `configs/faults/` which
measures show a fault, and how severe the fault is.
"""

from livecoach.decisions.rep.measures.faults import FaultKind, FaultSign, FaultTable, Legs, load_faults, measure_all
from livecoach.decisions.rep.measures.measure_table import MEASURES, Front, Measure, front_leg
