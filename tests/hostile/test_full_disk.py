"""A disk that is full when a certificate is saved: the command line and the server's job say so, and nothing is lost.

Where mounts are allowed the disk is a small one in memory; elsewhere a limit on the size of files stands in for it.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lrscore import load_certificate
from tests.hostile.surface import Tally, unclear
from tests.ui.toy import toy_certificate

ROOT = Path(__file__).resolve().parents[2]
_ROOM = 40_000  # bytes that are left for a file: fewer than any certificate here takes
_SERVER = """
import sys
from pathlib import Path
from jobs import JobManager
from lrscore import ImageSettings
from tests.ui.images.test_runs import Shelf
from tests.ui.toy import ToyModel, toy_image
from ui.images.runs import RunRequest, certification_work
from ui.images.sources import Source
from ui.running.machine import Pacemaker

settings = ImageSettings(grid=(2, 2), pilot_samples=16, samples=64, correction="anytime")
folder, manager = Path(sys.argv[1]), JobManager()
for title in ("first", "second"):
    source = Source(title, title, toy_image(120, 160), None)
    work = certification_work(RunRequest(source, settings, 3, "toy", folder), Shelf(ToyModel()), Pacemaker())
    identity = manager.submit(work, owner="me", title=title)
    assert manager.wait(identity, 240)
    ended = manager.snapshot(identity, "me")
    print(ended.state, ended.result is not None, *ended.remarks, ended.error or "", sep="|", flush=True)
"""


@dataclass(frozen=True)
class Disk:
    """A folder with little room, and what limits it."""

    folder: Path
    mounted: bool

    def run(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM, _ROOM))

        return subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
            capture_output=True,
            text=True,
            preexec_fn=None if self.mounted else limit,
        )


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A disk on which a good certificate lies already, and not much more fits."""
    folder, content = tmp_path / "disk", toy_certificate_bytes(tmp_path)
    folder.mkdir()
    size = len(content) + _ROOM
    mounting = ["mount", "-t", "tmpfs", "-o", f"size={-(-size // 4096) * 4096}", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(mounting, capture_output=True).returncode == 0
    (folder / "run.nc").write_bytes(content)
    try:
        yield Disk(folder, mounted)
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


def toy_certificate_bytes(folder: Path) -> bytes:
    path = folder / "genuine.nc"
    toy_certificate().save(path)
    return path.read_bytes()


def test_the_command_line_says_that_the_disk_is_full(
    disk: Disk, tmp_path: Path, surface: Callable[[str], Tally]
):
    before = (disk.folder / "run.nc").read_bytes()
    (tmp_path / "nets.py").write_text(
        "import torch\n\n\ndef two():\n    torch.manual_seed(0)\n    net = torch.nn.Conv2d(3, 2, 1)\n"
        "    net.class_names = ('a', 'b')\n    return net\n"
    )
    words = "--size 120x160 --grid 1x1 --samples 64 --pilot-samples 16 --model nets:two --out"
    done = disk.run(
        *("-m", "lrscore", "certify", "image", "autumn-avenue", *words.split(), str(disk.folder / "run.nc")),
        PYTHONPATH=f"{ROOT}{os.pathsep}{tmp_path}",
    )
    assert done.returncode not in (0, -11), done.stderr
    last = done.stderr.strip().splitlines()[-1]
    assert "cannot write run.nc" in last
    assert not unclear(last)
    assert "Traceback" not in done.stderr
    assert (disk.folder / "run.nc").read_bytes() == before
    assert os.listdir(disk.folder) == ["run.nc"]
    tally = surface("saves on a full disk")
    tally.tried, tally.refused = tally.tried + 1, tally.refused + 1


def test_the_server_shows_what_it_can_not_store_and_goes_on(disk: Disk, surface: Callable[[str], Tally]):
    before = (disk.folder / "run.nc").read_bytes()
    done = disk.run("-c", _SERVER, str(disk.folder))
    assert done.returncode == 0, done.stderr
    ended = done.stdout.splitlines()
    assert len(ended) == 2
    for line in ended:
        assert line.startswith("done|True|"), line
        assert "is shown but could not be stored" in line
        assert not unclear(line)
    assert (disk.folder / "run.nc").read_bytes() == before
    assert os.listdir(disk.folder) == ["run.nc"]
    load_certificate(disk.folder / "run.nc")
    tally = surface("saves on a full disk")
    tally.tried, tally.refused = tally.tried + 2, tally.refused + 2
