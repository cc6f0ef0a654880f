"""What strangers, crowds, kills and time do to the software; the numbers of docs/results/trust.md.

python -m benchmarks.trust suite            # tests/hostile: counts and memory per surface
python -m benchmarks.trust kills --count 50 # kill -9 during saves under load
python -m benchmarks.trust crowd --users 16 # so many browsers at once, and then a soak of so many minutes
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, sync_playwright

from benchmarks.dashboard.browser import (
    BROWSER_FLAGS,
    FAULT,
    ROOT,
    TRACEBACK,
    Server,
    chromium_path,
    streamlit_server,
    wait_ready,
)
from lrscore import load_certificate
from lrscore.errors import CertificateFileError
from models.scenes.gallery import GALLERY
from ui.library.bundled import gallery_folder

_SAVER = """
import sys
from lrscore import load_certificate
certificate = load_certificate(sys.argv[1])
print("ready", flush=True)
while True:
    certificate.save(sys.argv[2])
"""
_LOAD = "while True: sum(range(10**6))"
_PAGES = ("", "segmentation", "browse", "compare", "graph", "learn", "about")
_PATIENCE = 240_000
_RUN = "segmentation?image_rows=1&image_cols=1&image_pilot=16&image_samples=64"


@dataclass(frozen=True)
class Use:
    """What a server uses at one moment: memory in MiB, open handles, threads."""

    minutes: float
    memory: int
    handles: int
    threads: int


def use_of(process: int, begun: float) -> Use:
    """What a process uses now."""
    status = Path(f"/proc/{process}/status").read_text()
    found = {name: int(re.search(rf"{name}:\s+(\d+)", status).group(1)) for name in ("VmRSS", "Threads")}  # type: ignore[union-attr]
    handles = len(os.listdir(f"/proc/{process}/fd"))
    return Use((time.monotonic() - begun) / 60, found["VmRSS"] >> 10, handles, found["Threads"])


def suite() -> Iterator[str]:
    """Run every file of tests/hostile in a process of its own; lines of counts, and the process's memory peak."""
    for path in sorted((ROOT / "tests" / "hostile").glob("test_*.py")):
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(path)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss >> 10
        counts = re.findall(r"^.*\d+ tried, .*$", done.stdout, re.MULTILINE)
        ended = "passed" if done.returncode == 0 else "FAILED"
        yield f"{path.name}: {ended}; largest process so far {peak} MiB"
        yield from (f"  {line}" for line in counts)


def kills(count: int) -> str:
    """Kill a process that saves again and again, while others load the machine; how often the file was whole."""
    whole = 0
    source = gallery_folder() / f"{GALLERY[0].name}.nc"
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        for _ in range(2):
            load = subprocess.Popen([sys.executable, "-c", _LOAD])
            stack.callback(load.wait)
            stack.callback(load.kill)
        target = Path(folder) / "run.nc"
        load_certificate(source).save(target)
        for number in range(count):
            saver = subprocess.Popen(
                [sys.executable, "-c", _SAVER, str(source), str(target)], stdout=subprocess.PIPE, cwd=ROOT
            )
            assert saver.stdout is not None
            saver.stdout.readline()
            time.sleep(0.02 + 0.31 * number / count)
            saver.send_signal(signal.SIGKILL)
            saver.wait()
            saver.stdout.close()
            with suppress(CertificateFileError):
                load_certificate(target)
                whole += 1
        left = len(list(Path(folder).glob(".*.tmp")))
    return f"{count} kills while saving, {count - whole} files lost, {left} temporary files left to sweep"


@contextmanager
def dashboard() -> Iterator[Server]:
    """The dashboard with a library of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        streamlit_server("app.py", env={"LRS_LIBRARY": folder}) as server,
    ):
        yield server


def crowd(users: int, minutes: float) -> Iterator[str]:
    """So many browsers at once, each of which starts a run and looks at all pages, over and over for a while."""
    with dashboard() as server, sync_playwright() as playwright:
        begun = time.monotonic()
        yield str(use_of(server.process.pid, begun))
        peaks: list[int] = []
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server.process.pid, peaks, stop))
        watcher.start()
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        try:
            yield from _visits(server, chromium, users, minutes, begun)
        finally:
            stop.set()
            watcher.join()
            chromium.close()
        output = server.output()
        yield (
            f"peak {max(peaks)} MiB; {output.count(TRACEBACK)} tracebacks and {output.count(FAULT)} faults in the "
            "server's output"
        )


def _visits(server: Server, browser: Browser, users: int, minutes: float, begun: float) -> Iterator[str]:
    contexts = [browser.new_context() for _ in range(users)]
    pages = [context.new_page() for context in contexts]
    started = failed = visits = 0
    for page in pages:
        page.set_default_timeout(_PATIENCE)
        with suppress(Error):  # counted below, where its button is looked for
            page.goto(f"{server.url}/{_RUN}", wait_until="commit")
    for page in pages:
        try:
            page.wait_for_selector("text=/^Run/", timeout=_PATIENCE)
            page.click(".st-key-run button", timeout=_PATIENCE)
            started += 1
        except Error:
            failed += 1
    yield f"{users} users, {started} runs started, {failed} could not"
    yield str(use_of(server.process.pid, begun))
    half = False
    while time.monotonic() - begun < 60 * minutes or visits < users:
        page = pages[visits % users]
        try:
            page.goto(f"{server.url}/{_PAGES[visits % len(_PAGES)]}", wait_until="commit")
            wait_ready(page, timeout=_PATIENCE)
            failed += page.locator("[data-testid=stException]").count()
        except Error:
            failed += 1
        visits += 1
        if not half and time.monotonic() - begun > 30 * minutes:
            half = True
            yield str(use_of(server.process.pid, begun))
    yield f"{visits} visits in all, {failed} failed"
    yield str(use_of(server.process.pid, begun))


def _watch(process: int, peaks: list[int], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        with suppress(OSError):
            peaks.append(use_of(process, 0.0).memory)


def main() -> None:
    """Run one measurement and print its lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("suite", "kills", "crowd"))
    parser.add_argument("--count", type=int, default=50, help="kills")
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=5.0, help="of the soak")
    chosen = parser.parse_args()
    if chosen.what == "kills":
        print(kills(chosen.count))
        return
    for line in suite() if chosen.what == "suite" else crowd(chosen.users, chosen.minutes):
        print(line, flush=True)


if __name__ == "__main__":
    main()
