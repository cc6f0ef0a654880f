"""What strangers, crowds, kills and time do to the software; the numbers of docs/results/trust.md.

python -m benchmarks.trust suite            # tests/hostile: counts and memory per surface
python -m benchmarks.trust kills --count 50 # kill -9 during saves under load
python -m benchmarks.trust crowd --users 16 # so many browsers at once, and then visits for so many minutes
python -m benchmarks.trust crowd --users 4 --minutes 120 --pause 20    # a soak: time passes between the visits

A crowd's visits go round the users and the pages; whoever comes to the page of images starts a run there. `--pause`
leaves so many seconds between two visits (0: the machine is always busy).
"""

from __future__ import annotations

import argparse
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

import psutil
from playwright.sync_api import Browser, Error, Page, sync_playwright

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
_PAGES = ("", "segmentation", "browse", "compare", "studies", "graph", "learn", "about")
_PATIENCE = 240_000
_RUN = "segmentation?image_rows=1&image_cols=1&image_pilot=16&image_samples=64&image_seed="
_LONG = 10.0  # seconds of a visit that is worth a line
_EVERY = 600.0  # seconds between two lines of a soak


@dataclass(frozen=True)
class Use:
    """What a server uses at one moment: memory in MiB, open handles, threads, and the processes it has started."""

    minutes: float
    memory: int
    handles: int
    threads: int
    children: int
    children_memory: int

    def __str__(self) -> str:
        return (
            f"{self.minutes:6.1f} min: {self.memory} MiB, {self.handles} handles, {self.threads} threads; "
            f"{self.children} processes below it with {self.children_memory} MiB"
        )


def use_of(process: int, begun: float) -> Use:
    """What a process uses now.

    Raises:
        psutil.Error: it is gone.
    """
    own = psutil.Process(process)
    below = []
    for child in own.children(recursive=True):
        with suppress(psutil.Error):  # ended meanwhile
            below.append(child.memory_info().rss)
    minutes = (time.monotonic() - begun) / 60
    memory = own.memory_info().rss >> 20
    return Use(minutes, memory, own.num_fds(), own.num_threads(), len(below), sum(below) >> 20)


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


def crowd(users: int, minutes: float, pause: float) -> Iterator[str]:
    """So many browsers at once, each of which starts runs and looks at all pages, over and over for a while."""
    with dashboard() as server, sync_playwright() as playwright:
        begun = time.monotonic()
        yield str(use_of(server.process.pid, begun))
        peaks: list[int] = []
        stop = threading.Event()
        watcher = threading.Thread(target=_watch, args=(server.process.pid, peaks, stop), daemon=True)
        watcher.start()
        chromium = playwright.chromium.launch(
            executable_path=chromium_path(playwright), args=list(BROWSER_FLAGS)
        )
        try:
            yield from _visits(server, chromium, users, minutes, pause, begun)
        finally:
            stop.set()
            watcher.join()
            chromium.close()
        output = server.output()
        yield (
            f"peak {max(peaks)} MiB; {output.count(TRACEBACK)} tracebacks and {output.count(FAULT)} faults in the "
            "server's output"
        )


def _visits(
    server: Server, browser: Browser, users: int, minutes: float, pause: float, begun: float
) -> Iterator[str]:
    # Animations stand still: drawn for many users on this one machine, they would be all that is measured
    pages = [browser.new_context(reduced_motion="reduce").new_page() for _ in range(users)]
    started = failed = visits = 0
    for number, page in enumerate(pages):
        page.set_default_timeout(_PATIENCE)
        with suppress(Error):  # counted below, where its button is looked for
            page.goto(f"{server.url}/{_RUN}{number}", wait_until="commit")
    for page in pages:
        try:
            _start(page)
            started += 1
        except Error:
            failed += 1
    yield f"{users} users, {started} runs started, {failed} could not"
    yield str(use_of(server.process.pid, begun))
    seen = time.monotonic()
    slowest = 0.0
    while time.monotonic() - begun < 60 * minutes or visits < users:
        turn, user = divmod(visits, users)
        page, address = pages[user], _PAGES[(turn + user) % len(_PAGES)]
        runs = address == "segmentation"
        before = time.monotonic()
        try:
            page.goto(f"{server.url}/{_RUN + str(users + visits) if runs else address}", wait_until="commit")
            if runs:
                _start(page)
                started += 1
            else:
                wait_ready(page, timeout=_PATIENCE)
            failed += page.locator("[data-testid=stException]").count()
        except Error as error:
            failed += 1
            yield f"  visit {visits} to /{address} failed: {str(error).splitlines()[0]}"
        took = time.monotonic() - before
        slowest = max(slowest, took)
        if took > _LONG:
            yield f"  visit {visits} to /{address} took {took:.0f} s"
        visits += 1
        if time.monotonic() - seen > _EVERY:
            seen = time.monotonic()
            yield f"{use_of(server.process.pid, begun)}; {visits} visits, {started} runs, {failed} failed"
        time.sleep(pause)
    yield f"{visits} visits and {started} runs in all, {failed} failed, the slowest took {slowest:.1f} s"
    yield str(use_of(server.process.pid, begun))


def _start(page: Page) -> None:
    """Start the run whose settings the page's address holds."""
    page.wait_for_selector("text=/^Run/", timeout=_PATIENCE)
    page.click(".st-key-run button", timeout=_PATIENCE)


def _watch(process: int, peaks: list[int], stop: threading.Event) -> None:
    while not stop.wait(0.5):
        with suppress(psutil.Error):
            peaks.append(psutil.Process(process).memory_info().rss >> 20)


def main() -> None:
    """Run one measurement and print its lines."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("suite", "kills", "crowd"))
    parser.add_argument("--count", type=int, default=50, help="kills")
    parser.add_argument("--users", type=int, default=16)
    parser.add_argument("--minutes", type=float, default=5.0, help="that the visits go on")
    parser.add_argument("--pause", type=float, default=0.0, help="seconds between two visits")
    chosen = parser.parse_args()
    if chosen.what == "kills":
        print(kills(chosen.count))
        return
    for line in suite() if chosen.what == "suite" else crowd(chosen.users, chosen.minutes, chosen.pause):
        print(line, flush=True)


if __name__ == "__main__":
    main()
