"""The synthetic lifter is an extra: without it its tests are skipped."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")


@pytest.fixture
def gl() -> None:
    """Pictures can be drawn here."""
    from livecoach.core.errors import ConfigError
    from livecoach.lab.synth.picture.canvas import check_drawing

    pytest.importorskip("moderngl", reason="the extra 'synth' is not installed")
    try:
        check_drawing()
    except ConfigError as err:
        pytest.skip(str(err))
