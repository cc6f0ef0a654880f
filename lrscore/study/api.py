"""Start, continue and check studies from Python; the command line does the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from lrscore.catalogue import catalogue_name, find_catalogue
from lrscore.errors import CertificateFileError
from lrscore.study.cluster import workers as cluster_workers
from lrscore.study.items import items_of
from lrscore.study.run import Outcome, StudyRun, Watch
from lrscore.study.settings import StudySettings
from lrscore.study.store import Store


def run_study(
    study: StudySettings,
    folder: str | Path,
    *,
    workers: int | None = None,
    scheduler: str | None = None,
    cluster: str | Path | None = None,
    catalogue: str | None = None,
    watch: Watch | None = None,
    shuffle: Callable[[list[int]], Sequence[int]] | None = None,
) -> Outcome:
    """Do what is missing of a study in a folder. The counts depend on the study alone, not on who did what when.

    Args:
        study: what to do.
        folder: where certificates and table lie; made if it is not there.
        workers, scheduler, cluster: see `lrscore.study.cluster.workers`.
        catalogue: module with models and data; the one that `LRS_CATALOGUE` names, else the project's own.
        watch: told how far it is.
        shuffle: another order of the items.

    Raises:
        LrscoreError: the study can not be begun (what fails later is a row of the table), another process runs it, the
            workers are lost, or nothing can be written.
        Cancelled: somebody asked to stop (`Store.ask_to_stop`).
    """
    name = catalogue or catalogue_name()
    store = Store(folder, create=True)
    with store.held():
        items = items_of(study, find_catalogue(name), name)
        store.begin(study, items)
        run = StudyRun(store, items, watch)
        todo = run.missing()
        if shuffle is not None:
            todo = [todo[place] for place in shuffle(list(range(len(todo))))]
        try:
            if not todo:
                run.rest()
            else:
                with cluster_workers(
                    workers, device=study.device, scheduler=scheduler, cluster=cluster
                ) as client:
                    try:
                        run.work(todo, client)
                    finally:
                        run.release()
        except BaseException:
            _save(store)  # what ended the run is told, not that the table could not be written either
            raise
        store.save()
    return run.outcome


def _save(store: Store) -> None:
    with suppress(CertificateFileError):
        store.save()
