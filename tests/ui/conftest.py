"""Makes the shared Chromium available to every test of the user interface."""

from tests.browser_support import browser

__all__ = ["browser"]
