"""A phone without the packages that it needs."""

import sys

import pytest

from livecoach.core.errors import OutputError
from livecoach.run.live import PHONE_PACKAGES, serve_phone


@pytest.mark.parametrize("missing", PHONE_PACKAGES.split())
def test_a_missing_package_is_reported_with_the_command_that_installs_it(monkeypatch, missing):
    """A clone that was updated without `scripts/setup` has not got them."""
    for name in [name for name in sys.modules if name.startswith(("livecoach.phone", "livecoach.run.phone"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(OutputError, match=rf"a phone needs {missing}: run `.*pip install {PHONE_PACKAGES}`\."):
        serve_phone("auto", to_stderr=True)
