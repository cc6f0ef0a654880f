"""A job queue: its commands are stand-ins that start the jobs on this machine; everything else is what runs there."""

from __future__ import annotations

import os
from pathlib import Path

import psutil
import pytest

from lrscore.study import cluster
from lrscore.study.api import run_study
from lrscore.study.embedded import ClusterError
from lrscore.study.store import Store
from tests.lrscore.study.toys import assert_same_counts, toy_study

SUBMIT = """#!/bin/sh
cp "$1" "$LRS_TOY_FOLDER/job.sh"
setsid sh "$LRS_TOY_FOLDER/job.sh" >"$LRS_TOY_FOLDER/job.log" 2>&1 &
echo $! >>"$LRS_TOY_FOLDER/jobs"
echo "Submitted batch job $!"
"""
CANCEL = """#!/bin/sh
[ "$1" -gt 1 ] && kill -s TERM -- "-$1"
"""
FILE = """
queue = "SLURM"
jobs = 1
[options]
cores = 2
processes = 1
memory = "2GB"
walltime = "00:10:00"
interface = "lo"
"""


@pytest.fixture
def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of commands, first on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, text in (("sbatch", SUBMIT), ("scancel", CANCEL)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    (tmp_path / "cluster.toml").write_text(FILE)
    return folder


@pytest.mark.timeout(1800)
def test_jobs_of_a_queue_count_the_same_and_are_taken_back(tmp_path: Path, toys: Path, slurm: Path):
    study = toy_study(2)
    outcome = run_study(study, tmp_path / "queue", cluster=tmp_path / "cluster.toml")
    assert (outcome.done, outcome.failed) == (6, 0)
    run_study(study, tmp_path / "one", workers=0)
    assert_same_counts(tmp_path / "one", tmp_path / "queue")
    script = (toys / "job.sh").read_text()
    assert "#SBATCH -t 00:10:00" in script
    assert "--nthreads 2" in script
    assert "--no-dashboard" in script
    (job,) = (toys / "jobs").read_text().split()
    left = psutil.Process(int(job)) if psutil.pid_exists(int(job)) else None
    assert left is None or left.wait(60) is not None or not left.is_running()


def test_a_queue_that_refuses_is_one_sentence_at_once(tmp_path: Path, slurm: Path):
    (slurm / "sbatch").write_text("#!/bin/sh\necho 'sbatch: error: Invalid account' >&2\nexit 1\n")
    with pytest.raises(ClusterError, match=r"SLURM cluster can not be made: .*Invalid account"):
        run_study(toy_study(1), tmp_path / "s", cluster=tmp_path / "cluster.toml")
    assert not Store(tmp_path / "s").running()


def test_a_machine_without_the_queue_is_one_sentence_at_once(
    tmp_path: Path, slurm: Path, monkeypatch: pytest.MonkeyPatch
):
    (slurm / "sbatch").unlink()
    monkeypatch.setenv("PATH", str(slurm))
    with pytest.raises(ClusterError, match=r"SLURM cluster can not be made: .*sbatch"):
        run_study(toy_study(1), tmp_path / "s", cluster=tmp_path / "cluster.toml")


def test_every_queue_is_a_class_of_the_package():
    import dask_jobqueue

    assert all(hasattr(dask_jobqueue, f"{queue}Cluster") for queue in cluster.QUEUES)


def test_workers_of_a_queue_advertise_their_gpu_unless_the_file_says_what_they_have():
    told = cluster.completed("SLURM", {"cores": 1}, "cuda")
    assert told["worker_extra_args"] == ["--no-dashboard", "--resources cuda=1"]
    assert told["scheduler_options"]["dashboard_address"].startswith("127.0.0.1")
    assert "--resources cuda=1" not in cluster.completed("PBS", {}, "cpu")["worker_extra_args"]
    own = {"worker_extra_args": ["--resources", "cuda=2"], "scheduler_options": {"dashboard_address": ":9"}}
    told = cluster.completed("SLURM", own, "cuda")
    assert told["worker_extra_args"] == ["--resources", "cuda=2", "--no-dashboard"]
    assert told["scheduler_options"]["dashboard_address"] == ":9"
