"""Settings of all tests. Being here, this file puts its folder on the import path, for `from builders.… import …`."""

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("builders")
settings.register_profile("livecoach", deadline=None)  # no test depends on how busy the machine is
settings.load_profile("livecoach")
