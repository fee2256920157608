"""Headless Chromium for tests."""

import os

import pytest

from livecoach.tools.chromium import Page, browser, chromium, opened

__all__ = ["Page", "browser", "needs_chromium", "needs_chromium_for_a_set", "opened"]

ASKED = "LIVECOACH_BROWSER"
"""Environment variable that asks for the tests in a browser: "set" for a short one, anything else for all. They take
two minutes of processor time."""
_asked = os.environ.get(ASKED) if chromium() else None
needs_chromium = pytest.mark.skipif(_asked in (None, "set"), reason=f"needs Chromium, and {ASKED}=1 in the environment")
needs_chromium_for_a_set = pytest.mark.skipif(
    _asked is None, reason=f"needs Chromium, and {ASKED}=set in the environment"
)
