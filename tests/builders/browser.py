"""Headless Chromium for tests."""

import os

import pytest

from livecoach.tools.chromium import Page, browser, chromium, opened

__all__ = ["Page", "browser", "needs_chromium", "opened"]

ASKED = "LIVECOACH_BROWSER"
"""Environment variable that asks for the tests in a browser: they take a minute of processor time."""
needs_chromium = pytest.mark.skipif(
    chromium() is None or ASKED not in os.environ, reason=f"needs Chromium, and {ASKED}=1 in the environment"
)
