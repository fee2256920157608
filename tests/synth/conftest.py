"""The synthetic lifter is an extra: without it its tests are skipped."""

import pytest

pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
