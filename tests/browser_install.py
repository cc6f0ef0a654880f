"""Make sure the browser tests have a Chromium: the system's if there is one, else playwright's own."""

from __future__ import annotations

import shutil
import subprocess
import sys

from benchmarks.dashboard.browser import SYSTEM_CHROMIUMS


def main() -> int:
    """Install playwright's Chromium unless the system has one; its exit code."""
    if any(shutil.which(name) for name in SYSTEM_CHROMIUMS):
        return 0
    return subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
