"""Where the work is done: workers of this machine, a running Dask cluster, or one that a job queue starts."""

from __future__ import annotations

import logging
import re
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lrscore.errors import SettingsError, first_line
from lrscore.study.embedded import ClusterError, embedded

if TYPE_CHECKING:
    from distributed import Client

QUEUES = ("HTCondor", "LSF", "Moab", "OAR", "PBS", "SGE", "SLURM")
_CONFIGURATION = {
    "distributed.comm.timeouts.connect": "20s",
    "distributed.admin.large-graph-warning-threshold": "1GB",  # a certificate's counts may travel to a worker
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.deploy.lost-worker-timeout": "300s",  # after which a worker that did not come back is replaced
    "distributed.scheduler.allowed-failures": 1,  # workers that die over a task before it is suspected
    "distributed.scheduler.worker-saturation": 1.1,
    "distributed.worker.daemon": True,
    "distributed.worker.profile.enabled": False,  # it looks at the stack a hundred times a second, and nobody at it
}
_LONGEST_REASON = 400
_ADDRESS = re.compile(r"(tcp|tls|ws|wss|ucx)://[\w.\-\[\]:]+:\d+")


@contextmanager
def workers(
    count: int | None = None,
    *,
    device: str = "cpu",
    scheduler: str | None = None,
    cluster: str | Path | None = None,
) -> Iterator[Client]:
    """A client of workers, which are closed in the end if they were started here.

    By default the workers are processes of this machine with one thread each, as many as it has cores (for "cuda":
    GPUs, each seen by one worker alone), and nothing listens beyond the loopback address.

    Args:
        count: of workers; 0 works in this process. None: as many as there are cores or GPUs.
        device: "cpu" or "cuda".
        scheduler: address of a running one, such as "tcp://host:8786". Its workers need this software, the same models
            and data, and for "cuda" `--resources "cuda=1"`.
        cluster: a TOML file that describes the cluster of a job queue, see `described`.

    Raises:
        ClusterError: no such scheduler, no such queue here, or no GPU.
        SettingsError: contradicting arguments, or a file that describes no cluster.
    """
    import dask
    import distributed  # loads its settings, which `dask.config.set` would otherwise take back

    if (scheduler is not None) + (cluster is not None) + (count is not None) > 1:
        raise SettingsError("choose one of: a number of workers, a scheduler, a cluster file")
    logging.getLogger("distributed").setLevel(
        logging.CRITICAL
    )  # what goes wrong is told in rows and sentences
    assert distributed.__version__
    with dask.config.set(_CONFIGURATION):
        if scheduler is not None:
            with _connected(_checked(scheduler)) as client:
                yield client
        elif cluster is not None:
            with _queued(cluster, device) as owner, _connected(owner) as client:
                yield client
        else:
            with embedded(count, device) as owner, _connected(owner) as client:
                yield client


def task_resources(device: str) -> dict[str, float]:
    """What a sampling task asks of its worker: a GPU, where the study runs on GPUs."""
    return {"cuda": 1} if device == "cuda" else {}


def start_again(client: Client) -> None:
    """Start workers of an own cluster again which Dask has given up: a nanny or a job that came back too late."""
    from distributed import SpecCluster

    own = client.cluster
    if isinstance(own, SpecCluster) and len(own.workers) < len(own.worker_spec):
        SpecCluster.scale(own, len(own.worker_spec))  # as many as before: only what is missing is started


@contextmanager
def _connected(target: Any) -> Iterator[Client]:
    from distributed import Client

    try:
        client = Client(target, timeout="20s", set_as_default=False)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterError(f"no scheduler answers at {target}: {first_line(error)}") from error
    try:
        yield client
    finally:
        client.close(timeout=5)


def _checked(address: str) -> str:
    if not _ADDRESS.fullmatch(address):
        raise SettingsError(f"a scheduler's address looks like tcp://host:8786, got {address!r:.80}")
    return address


def described(path: str | Path) -> tuple[str, int, dict[str, Any]]:
    """Queue, number of jobs and options of a cluster file:

        queue = "SLURM"          # or PBS, SGE, LSF, ...: the classes of dask-jobqueue
        jobs = 16
        [options]                # as the class takes them
        cores = 1
        memory = "16GB"
        walltime = "04:00:00"

    Raises:
        SettingsError: no such file, or something else in it.
    """
    source = Path(path)
    try:
        if source.stat().st_size > 1 << 20:
            raise SettingsError(f"cluster file {source} is larger than 1 MiB: not read")
        given = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"cluster file {source} can not be read: {first_line(error)}") from error
    queue, jobs, options = given.pop("queue", None), given.pop("jobs", 1), given.pop("options", {})
    if given:
        raise SettingsError(f"cluster file: unknown key {sorted(given)[0]!r}; there are queue, jobs, options")
    if queue not in QUEUES:
        raise SettingsError(f"cluster file: queue must be one of {', '.join(QUEUES)}, got {queue!r}")
    if isinstance(jobs, bool) or not isinstance(jobs, int) or not 1 <= jobs <= 100_000:
        raise SettingsError(f"cluster file: jobs must be a whole number from 1 to 100000, got {jobs!r}")
    if not isinstance(options, dict):
        raise SettingsError(f"cluster file: options must be a table, got {options!r:.80}")
    return queue, jobs, options


@contextmanager
def _queued(path: str | Path, device: str) -> Iterator[Any]:
    queue, jobs, options = described(path)
    try:
        import dask_jobqueue
    except ImportError as error:
        raise ClusterError(
            "clusters of a job queue need the package dask-jobqueue: pip install dask-jobqueue"
        ) from error
    made = None
    try:
        try:
            made = getattr(dask_jobqueue, f"{queue}Cluster")(**completed(queue, options, device))
            made.scale(jobs=jobs)
            made.sync(_submitted, made)
        except Exception as error:  # whatever the queue's commands and options provoke
            reason = " ".join(str(error).split())[:_LONGEST_REASON]
            raise ClusterError(f"the {queue} cluster can not be made: {reason}") from error
        yield made
    finally:
        if made is not None:
            _close(made)


def _close(cluster: Any) -> None:
    """Take the jobs back and end their scheduler; jobs that can not be taken back end by themselves without it."""
    from distributed.core import Status

    for job in list(cluster._created):  # the package leaves this to Dask, which expects it of the package
        job.status = Status.closing
    with suppress(Exception):
        cluster.close(timeout=20)


async def _submitted(cluster: Any) -> None:
    """All jobs are handed in; raises what the queue said if it refused one."""
    await cluster
    for job in cluster.workers.values():
        if job.job_id is None:
            await job  # handed in once more: why the queue refused it was told to nobody


def completed(queue: str, options: dict[str, Any], device: str) -> dict[str, Any]:
    """The options of a queue's class, with what workers of a study need: GPUs are advertised, and no pages are served.

    What the file or Dask's own configuration says already stays as it is.
    """
    import dask

    usual = dask.config.get(f"jobqueue.{queue.lower()}", {})
    extra = list(options.get("worker_extra_args") or usual.get("worker-extra-args") or [])
    if not any("dashboard" in str(one) for one in extra):
        extra.append("--no-dashboard")
    if device == "cuda" and not any("--resources" in str(one) for one in extra):
        extra.append("--resources cuda=1")
    scheduler = options.get("scheduler_options") or usual.get("scheduler-options") or {}
    quiet = {"dashboard": False, "dashboard_address": "127.0.0.1:0"}
    return {**options, "worker_extra_args": extra, "scheduler_options": {**quiet, **scheduler}}
