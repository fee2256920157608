"""A synthetic lifter: deadlifts and squats with known faults, as landmarks or as rendered clips, with the truth.

Frame of the model: x forward (the way the lifter faces at yaw 0), y to the lifter's left, z up; metres, radians,
floor at z = 0, ankles about x = 0. The camera's azimuth is 0 in front, +90 at the lifter's left side.

Nothing here learned from a recording of a person: see NOTICE for the body meshes.
"""

from importlib.util import find_spec

from livecoach.errors import ConfigError

if find_spec("scipy") is None:
    raise ConfigError("the synthetic lifter needs scipy: pip install 'livecoach[synth]'")
