"""What goes wrong: killed workers and clients, lost schedulers, full disks, bad pictures and models."""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from lrscore.errors import Cancelled, CertificateFileError, SettingsError
from lrscore.files import load_certificate
from lrscore.study import cluster, watching
from lrscore.study import store as stores
from lrscore.study.api import run_study
from lrscore.study.embedded import ClusterError
from lrscore.study.settings import Setting
from lrscore.study.store import Store
from lrscore.study.table import read_table
from tests.lrscore.study.toy_catalogue import NAME
from tests.lrscore.study.toys import BASE, assert_same_counts, results_of, toy_study

ROOT = Path(__file__).resolve().parents[3]
SLOW = pytest.mark.timeout(1800)
"""Worker processes are started, several times: seconds on an idle machine, minutes on one with thirty processes."""


def simple(pictures: int, model: str = "toy"):
    return toy_study(pictures, settings=(Setting("near", BASE, model),), methods=("naive",))


class Background(threading.Thread):
    """A call beside the test, whose result or error is kept."""

    def __init__(self, call: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self.call, self.result, self.error = call, None, None
        self.start()

    def run(self) -> None:
        try:
            self.result = self.call()
        except BaseException as error:
            self.error = error


def wait_for(condition: Callable[[], object], seconds: float = 600.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


@SLOW
def test_a_killed_worker_changes_nothing_and_nothing_listens_to_the_world(tmp_path: Path, toys: Path):
    study = simple(3, "slow")
    run = Background(lambda: run_study(study, tmp_path / "killed", workers=2))
    wait_for(lambda: run.error or len(list(toys.glob("*.pid"))) == 2)
    assert run.error is None
    here = psutil.Process()
    sockets = [one for process in (here, *here.children(recursive=True)) for one in process.net_connections()]
    listening = [one.laddr.ip for one in sockets if one.status == psutil.CONN_LISTEN]
    assert set(listening) == {"127.0.0.1"}
    pid = int(next(toys.glob("*.pid")).stem)
    assert pid != os.getpid()
    os.kill(pid, signal.SIGKILL)
    run.join(300)
    assert run.error is None
    assert run.result.done == 3
    run_study(study, tmp_path / "whole", workers=0)
    assert_same_counts(tmp_path / "killed", tmp_path / "whole")


def _client(folder: str, pictures: int) -> None:
    run_study(simple(pictures), folder, workers=0, catalogue=NAME)


@SLOW
def test_a_client_killed_twenty_times_is_resumed(tmp_path: Path):
    """At random moments: before the first of a few new certificates, or up to a moment after it. Whatever is there
    afterwards is whole, and nothing that was done is done again."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["lrscore.study.image_shards", "distributed", NAME, __name__])
    chance, folder, pictures = random.Random(5), tmp_path / "killed", 40
    seen: dict[str, int] = {}
    interrupted = 0
    for _ in range(20):
        wanted = len(seen) + chance.randrange(3)
        client = context.Process(target=_client, args=(str(folder), pictures))
        client.start()
        wait_for(lambda: not client.is_alive() or len(list(folder.glob("*.nc"))) >= wanted)  # noqa: B023
        client.join(chance.uniform(0.0, 0.15))
        interrupted += client.is_alive()
        client.kill()
        client.join()
        for path in folder.glob("*.nc"):
            if path.name not in seen:
                load_certificate(path)
            assert seen.setdefault(path.name, path.stat().st_mtime_ns) == path.stat().st_mtime_ns
        read_table(folder / "table.parquet")
        assert not (folder / "study.toml").exists() or Store(folder).study() == simple(pictures)
    assert interrupted >= 10
    outcome = run_study(simple(pictures), folder, workers=0)
    assert outcome.done + outcome.kept == pictures
    assert outcome.kept == len(seen)
    run_study(simple(pictures), tmp_path / "whole", workers=0)
    assert_same_counts(folder, tmp_path / "whole")
    assert results_of(folder) == results_of(tmp_path / "whole")


def test_what_fails_is_a_row_and_the_rest_finishes(tmp_path: Path):
    """A picture that is none, a model that takes one size alone, a grid that is too fine, a model that is none."""
    settings = (
        Setting("good", BASE, "toy"),
        Setting("picky model", BASE, "small"),
        Setting("fine grid", replace(BASE, grid=(7, 8)), "toy"),
        Setting("no model", BASE, "nobody"),
    )
    study = replace(simple(1), data=("toy0", "broken", "tall"), settings=settings)
    outcome = run_study(study, tmp_path / "s", workers=0)
    told = {(row["picture"], row["setting"]): row["sentence"] for row in Store(tmp_path / "s").rows}
    failed = {place: sentence for place, sentence in told.items() if sentence}
    assert len(told) == 12
    assert outcome.failed == len(failed) == 8
    assert "broken can not be read: not a picture" in failed["broken", "good"]
    assert "size mismatch: 9 rows" in failed["tall", "picky model"]
    assert "grid 7x8 is larger than the image" in failed["toy0", "fine grid"]
    assert "model must be one of" in failed["toy0", "no model"]
    again = run_study(study, tmp_path / "s", workers=0)
    assert (again.kept, again.failed) == (4, 8)  # what failed is tried again


@SLOW
def test_an_item_that_kills_its_workers_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Also where Dask gives up every worker that does not come back at once, as it does on a slow machine."""
    monkeypatch.setitem(cluster._CONFIGURATION, "distributed.deploy.lost-worker-timeout", "10ms")
    settings = (Setting("deadly", BASE, "deadly"), Setting("good", BASE, "toy"))
    outcome = run_study(replace(simple(1), settings=settings), tmp_path / "s", workers=1)
    assert (outcome.done, outcome.failed) == (1, 1)
    sentences = [row["sentence"] for row in Store(tmp_path / "s").rows if row["status"] == "failed"]
    assert sentences == ["the workers that took it died again and again (too little memory?)"]


@pytest.mark.parametrize(
    ("asked", "limit", "said"),
    [
        ({"cuda": 1}, "ABSENT", "no worker came; 1 lack what the study asks for"),
        ({}, "IDLE", "compute nothing"),
    ],
)
def test_nobody_waits_for_workers_that_do_nothing(
    monkeypatch: pytest.MonkeyPatch, asked: dict[str, float], limit: str, said: str
):
    monkeypatch.setattr(watching, limit, 0.5)
    with cluster.workers(0) as client:
        watch = watching.ClusterWatch(client, asked)
        look = Background(lambda: [(watch.look(), time.sleep(0.02)) for _ in range(5000)])
        look.join(120)
        assert isinstance(look.error, ClusterError)
        assert said in str(look.error)


def full_disk(monkeypatch: pytest.MonkeyPatch, full: Callable[[str], bool]) -> None:
    write = stores.write_bytes

    def write_or_not(path: Path, content: bytes) -> None:
        if full(Path(path).name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
        write(path, content)

    monkeypatch.setattr(stores, "write_bytes", write_or_not)


def test_a_certificate_that_can_not_be_written_is_a_row(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patched:
        full_disk(patched, lambda name: name.startswith("toy1--"))
        outcome = run_study(simple(3), tmp_path / "s", workers=0)
    assert (outcome.done, outcome.failed) == (2, 1)
    row = next(row for row in read_table(tmp_path / "s" / "table.parquet") if row["status"] == "failed")
    assert "No space left on device" in row["sentence"]
    outcome = run_study(simple(3), tmp_path / "s", workers=0)
    assert (outcome.done, outcome.kept) == (1, 2)


def test_a_disk_that_stays_full_ends_the_run_and_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_study(simple(1), tmp_path / "s", workers=0)
    before = (tmp_path / "s" / "table.parquet").read_bytes()
    with monkeypatch.context() as patched:
        full_disk(patched, lambda name: name.endswith(".nc"))
        patched.setattr(
            stores, "write_table", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full"))
        )
        with pytest.raises(CertificateFileError, match="No space left on device"):
            run_study(simple(5), tmp_path / "s", workers=0)
    assert (tmp_path / "s" / "table.parquet").read_bytes() == before
    assert not [path for path in (tmp_path / "s").iterdir() if path.suffix == ".tmp"]
    assert run_study(simple(5), tmp_path / "s", workers=0).kept == 1


def test_digests_decide_what_is_done(tmp_path: Path, toys: Path):
    folder = tmp_path / "s"
    run_study(simple(3), folder, workers=0)
    assert run_study(simple(3), folder, workers=0).kept == 3
    (toys / "toy1.note").write_text("another picture under the same name")
    damaged = next(folder.glob("toy2--*.nc"))
    damaged.write_bytes(damaged.read_bytes()[:-1] + b"x")
    outcome = run_study(simple(3), folder, workers=0)
    assert (outcome.done, outcome.kept) == (2, 1)
    assert len(Store(folder).rows) == 3
    changed = replace(simple(3), settings=(Setting("near", replace(BASE, samples=97), "toy"),))
    assert run_study(changed, folder, workers=0).kept == 0
    (folder / "table.parquet").unlink()  # files tell again what the table said
    assert run_study(changed, folder, workers=0).kept == 3


def test_a_forged_certificate_is_not_taken_into_the_table(tmp_path: Path):
    folder = tmp_path / "s"
    run_study(simple(1), folder, workers=0)
    (path,) = folder.glob("*.nc")
    import h5py

    with h5py.File(path, "a") as file:
        file["thresholds"][...] = file["thresholds"][...] * 2 + 0.1
    (folder / "table.parquet").unlink()
    assert run_study(simple(1), folder, workers=0).done == 1


def test_asked_to_stop_it_ends_with_what_is_done(tmp_path: Path):
    run = Background(lambda: run_study(simple(40, "slow"), tmp_path / "s", workers=0))
    wait_for(lambda: run.error or list((tmp_path / "s").glob("*.nc")))
    store = Store(tmp_path / "s")
    assert store.running()
    with pytest.raises(SettingsError, match="another process is running the study"):
        run_study(simple(40), tmp_path / "s", workers=0)
    store.ask_to_stop()
    run.join(60)
    assert isinstance(run.error, Cancelled)
    done = len(list((tmp_path / "s").glob("*.nc")))
    assert 0 < done < 40
    assert sum(row["status"] == "done" for row in Store(tmp_path / "s").rows) == done
    assert not Store(tmp_path / "s").running()


@SLOW
@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_signals_on_the_command_line(tmp_path: Path, sent: signal.Signals):
    """Ctrl-C as a terminal sends it, to the workers as well, and what a job queue sends; also where a shell in the
    background had let its commands ignore Ctrl-C."""
    options = (
        f"--data toys:200 --model slow --grid 1x2 --samples 64 --size keep --workers 1 --out {tmp_path}/s"
    )
    client = subprocess.Popen(
        ["sh", "-c", f"trap '' INT; exec {sys.executable} -m lrscore study run {options}"],
        cwd=ROOT, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    wait_for(lambda: client.poll() is not None or list((tmp_path / "s").glob("*.nc")))
    os.killpg(client.pid, sent)
    _, said = client.communicate(timeout=600)
    assert client.returncode == 2, said
    assert "certificates are done and stay in" in said.splitlines()[-1]
    assert "Traceback" not in said
    assert Store(tmp_path / "s").rows


def test_a_lost_scheduler_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(watching, "LOST", 1.0)
    folder = tmp_path / "s"
    common = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = tmp_path / "scheduler.json"
    script = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    scheduler = subprocess.Popen([*script, "--no-dashboard", "--scheduler-file", str(file)], **common)
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(file), "--nthreads", "1",
         "--host", "127.0.0.1", "--no-dashboard", "--no-nanny"], **common,
    )  # fmt: skip
    try:
        wait_for(lambda: file.exists() and file.stat().st_size)
        import json

        address = json.loads(file.read_text())["address"]
        run = Background(lambda: run_study(simple(40, "slow"), folder, scheduler=address))
        wait_for(lambda: run.error or list(folder.glob("*.nc")))
        scheduler.kill()
        run.join(120)
        assert isinstance(run.error, ClusterError), run.error
        assert "what is done is kept" in str(run.error)
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()
    kept = len(list(folder.glob("*.nc")))
    assert run_study(simple(2, "slow"), folder, workers=0).kept == min(kept, 2)


@pytest.mark.parametrize("address", ["localhost", "http://x:1", "tcp://a b:3", "tcp://127.0.0.1"])
def test_an_address_that_is_none(tmp_path: Path, address: str):
    with pytest.raises(SettingsError, match="tcp://host:8786"):
        run_study(simple(1), tmp_path / "s", scheduler=address)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("queue = 'SLURM'\njobs = 0\n", "jobs must be"),
        ("queue = 'os.system'\n", "queue must be one of"),
        ("[options]\n", "queue must be one of"),
        ("queue = 'PBS'\nworkers = 3\n", "unknown key 'workers'"),
        ("queue = [", "can not be read"),
    ],
)
def test_a_cluster_file_that_describes_none(tmp_path: Path, text: str, said: str):
    (tmp_path / "cluster.toml").write_text(text)
    with pytest.raises(SettingsError, match=said):
        run_study(simple(1), tmp_path / "s", cluster=tmp_path / "cluster.toml")
