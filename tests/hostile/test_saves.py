"""Saves that nothing can spoil: a full disk, a killed process, a device in the place of a file, an interrupt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from lrscore import CertificateFileError, load_certificate
from lrscore.atomic import sweep, write_bytes
from tests.hostile.surface import Tally
from tests.ui.toy import toy_certificate

ROOT = Path(__file__).resolve().parents[2]
_FULL = """
import resource, signal, sys
from pathlib import Path
from lrscore import load_certificate
from lrscore.errors import CertificateFileError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
source, target, limit = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
certificate = load_certificate(source)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    certificate.save(target)
except CertificateFileError as error:
    print(error)
    sys.exit(7)
"""
_SAVING = """
import sys
from lrscore import load_certificate
certificate = load_certificate(sys.argv[1])
print("ready", flush=True)
while True:
    certificate.save(sys.argv[2])
"""


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("genuine") / "genuine.nc"
    toy_certificate().save(path)
    return path


def test_a_full_disk_is_one_sentence_and_the_old_file_stays(
    genuine: Path, tmp_path: Path, surface: Callable[[str], Tally]
):
    """A limit on file sizes stands in for a small disk: it needs no right to mount one."""
    target = tmp_path / "run.nc"
    target.write_bytes(genuine.read_bytes())
    size = genuine.stat().st_size
    tally = surface("saves on a full disk")
    for limit in (0, 1, 4096, size // 2, size - 1):
        done = subprocess.run(
            [sys.executable, "-c", _FULL, str(genuine), str(target), str(limit)],
            capture_output=True,
            text=True,
            cwd=ROOT,
        )
        assert done.returncode == 7, (limit, done.stderr)
        assert done.stdout.startswith("cannot write run.nc")
        assert done.stdout.count("\n") == 1
        assert target.read_bytes() == genuine.read_bytes()
        assert os.listdir(tmp_path) == ["run.nc"]
        tally.tried, tally.refused = tally.tried + 1, tally.refused + 1


def test_a_killed_save_leaves_a_whole_file(genuine: Path, tmp_path: Path, surface: Callable[[str], Tally]):
    target = tmp_path / "run.nc"
    target.write_bytes(genuine.read_bytes())
    tally = surface("kill -9 while saving")
    for round_ in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", _SAVING, str(genuine), str(target)], cwd=ROOT, stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(0.05 + 0.03 * round_)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        tally.attempt(f"kill {round_}", lambda: load_certificate(target))
    assert not tally.bad
    for left in tmp_path.glob(".*.tmp"):
        os.utime(left, (0, 0))
    write_bytes(target, genuine.read_bytes())
    assert os.listdir(tmp_path) == ["run.nc"], "the next save clears up"


def test_only_what_is_abandoned_is_swept(tmp_path: Path):
    names = {
        ".run.nc.abcd1234.tmp": 0,
        ".run.nc.abcd1235.tmp": time.time(),
        ".run.nc.short.tmp": 0,
        "run.nc": 0,
    }
    for name, moment in names.items():
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (moment, moment))
    (tmp_path / ".link.nc.abcd1234.tmp").symlink_to(tmp_path / "run.nc")
    assert sweep(tmp_path, "other.nc") == 0
    assert sweep(tmp_path) == 1
    assert not (tmp_path / ".run.nc.abcd1234.tmp").exists()
    assert (tmp_path / "run.nc").exists()


def test_only_regular_files_are_replaced(genuine: Path, tmp_path: Path):
    certificate = load_certificate(genuine)
    os.mkfifo(tmp_path / "pipe.nc")
    (tmp_path / "folder.nc").mkdir()
    for place in ("/dev/null", tmp_path / "pipe.nc", tmp_path / "folder.nc"):
        with pytest.raises(CertificateFileError, match="is not a regular file"):
            certificate.save(place)
    assert not Path("/dev/null").is_file()
    (tmp_path / "real.nc").write_bytes(b"old")
    (tmp_path / "link.nc").symlink_to("real.nc")
    certificate.save(tmp_path / "link.nc")
    assert (tmp_path / "link.nc").is_symlink()
    assert load_certificate(tmp_path / "real.nc").labels.shape == certificate.labels.shape


def test_an_interrupt_while_the_command_line_is_loaded_is_quiet():
    code = (
        "import sys, runpy\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name == 'lrscore.cli.certify_graph': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "sys.argv = ['lrscore', 'show', 'x.nc']\n"
        "runpy.run_module('lrscore', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (2, "cancelled; nothing was written\n")
