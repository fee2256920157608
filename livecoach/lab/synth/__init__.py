"""Makes sets of a synthetic lifter with known faults, as landmarks or as rendered clips, with ground truth.

World frame: x forward (the direction that the lifter faces at yaw 0), y to the lifter's left, z up; metres, radians,
floor at z = 0, ankles near x = 0. The camera's azimuth is 0 in front and +90° at the lifter's left side.

Nothing here was learned from recordings of people; see NOTICE for the body meshes.
"""

from importlib.util import find_spec

from livecoach.core.config.paths import install_command
from livecoach.core.errors import ConfigError

if find_spec("scipy") is None:
    raise ConfigError(f"the synthetic lifter needs scipy. Run `{install_command('synth')}`.")
