"""The values that flow from source to window. On the way of one rep each comes from the one before it:

1. `Observation` (here): what was seen in one picture, and all that a recording keeps.
2. `Body` (perception/body/body.py): the lifter at one moment, with what it measures.
3. `Movement` (decisions/counting/movement.py): a way out and back that counts, or why it is no rep.
4. `RepWindow` (here): the observations of one that counts; with what is measured of them a `MeasuredRep`
   (decisions/rep/measured.py).
5. `RepVerdict` (decisions/judging/reference.py): all that judging says of it; and a `Rep` (here): that, with its place
   in the session and its times.
6. `Step` (here): all that became new with one observation, and how things stand.

Times called `t_s` are seconds of the source's own time, which is 0 at its first frame. Image coordinates: x to the
right, y down, both 0…1 across the picture. World coordinates: metres, x to the picture's right, y down, z away from the
camera, origin between the hips.
"""

from livecoach.core.types.feedback import *
from livecoach.core.types.observation import *
from livecoach.core.types.plan import *
from livecoach.core.types.reps import *


def ignore(*_: object) -> None:
    """The callback for callers that want none."""
