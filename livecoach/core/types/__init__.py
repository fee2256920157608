"""The values that flow from source to window. A rep passes through them in this order:

1. `Observation` (here): the data of one picture. A recording keeps observations, and pictures only on request.
2. `Body` (perception/body/body.py): the lifter at one moment, with the measures of the body.
3. `Movement` (decisions/counting/movement.py): a way out and back that counts, or the reason why it is no rep.
4. `RepWindow` (here): the observations of a movement that counts. With its measures it is a `MeasuredRep`
   (decisions/rep/measured.py).
5. `Rep` (here): the rep with its verdict (`judge` in decisions/judging/verdict.py) and its place in the session.
6. `Step` (core/step.py): the events of one observation, and the state that follows. A completed rep is a `RepCompleted`
   event.

Times called `t_s` are seconds of the source's own time, which is 0 at its first frame. Image coordinates: x to the
right, y down, both 0…1 across the picture. World coordinates: metres, x to the picture's right, y down, z away from the
camera, origin between the hips.
"""

from livecoach.core.types.feedback import *
from livecoach.core.types.observation import *
from livecoach.core.types.reps import *
from livecoach.core.types.set_plan import *


def ignore(*_: object) -> None:
    """Do nothing with the arguments; the default for an optional callback."""
