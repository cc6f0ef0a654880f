"""Re-check a whole study: every certificate from its counts, every row from its certificate, several at a time."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from lrscore.errors import CertificateError, LrscoreError, first_line
from lrscore.files import load_certificate
from lrscore.provenance import digest_of_file
from lrscore.study.adopting import row_of
from lrscore.study.embedded import cores
from lrscore.study.items import Item
from lrscore.study.rows import DONE
from lrscore.study.settings import Setting, StudySettings
from lrscore.study.store import Store
from lrscore.verify import verify_file

_TOLD = {
    "seconds",
    "certifying_seconds",
    "finished",
    "device",
    "versions",
    "certificate",
    "certificate_digest",
}


@dataclass(frozen=True)
class Checked:
    """What came out for one certificate file.

    Args:
        name: of the file.
        sentence: what is wrong; "" if all holds.
        refuted: whether a claim does not follow from the counts; else the file is missing or can not be read.
    """

    name: str
    sentence: str = ""
    refuted: bool = False


def check_study(
    store: Store, *, workers: int | None = None, progress: Callable[[int, int], object] | None = None
) -> list[Checked]:
    """Check every certificate of a study, and that the table says what the certificates say.

    The models are not needed. Certificate files that the table does not know are checked as well; rows without a file
    (center smoothing, `keep = "table"`) hold nothing that could be checked.

    Args:
        workers: processes; as many as there are cores if None, 0 for this one.
        progress: told `(done, total)`.

    Raises:
        SettingsError: there is no study.
    """
    study, folder = store.study(), store.folder
    settings = {setting.name: setting for setting in study.settings}
    rows = [row for row in store.rows if row["status"] == DONE and row.get("certificate")]
    tasks: list[tuple[Path, dict[str, Any] | None, Item | None]] = [
        (folder / Path(row["certificate"]).name, row, _item(row, settings.get(row["setting"]), study))
        for row in rows
    ]
    known = {path for path, _, _ in tasks}
    tasks += [(path, None, None) for path in sorted(folder.glob("*.nc")) if path not in known]
    found = []
    for checked in _each(tasks, cores() if workers is None else workers):
        found.append(checked)
        if progress is not None:
            progress(len(found), len(tasks))
    return found


def check_file(path: Path, row: dict[str, Any] | None, item: Item | None) -> Checked:
    """One certificate file, and its row if the table has one."""
    try:
        if path.is_symlink() or not path.is_file():
            return Checked(path.name, "the certificate file is missing")
        if row is not None and digest_of_file(path) != row.get("certificate_digest", ""):
            return Checked(path.name, "it is not the file that was written: its digest differs", True)
        verify_file(path)
        return Checked(path.name) if row is None else _check_row(path, row, item)
    except CertificateError as error:
        return Checked(path.name, str(error), True)
    except (LrscoreError, OSError) as error:
        return Checked(path.name, first_line(error, 1000))


def _check_row(path: Path, row: dict[str, Any], item: Item | None) -> Checked:
    """The row says what is counted from the certificate, but for what clocks and machines told."""
    certificate = load_certificate(path)
    if (
        item is None
        or item.key != row["key"]
        or _planned(certificate.settings) != _planned(item.setting.values)
    ):
        return Checked(path.name, "its settings are not those of study.toml", True)
    counted = row_of(item, certificate)
    names = [name for name in counted.keys() | row.keys() if name not in _TOLD]
    wrong = sorted(name for name in names if row.get(name) != counted.get(name))
    if wrong:
        return Checked(path.name, f"the table's {wrong[0]} is not what the certificate says", True)
    return Checked(path.name)


def _planned(settings: Any) -> Any:
    """Settings without what the study found out: whether counts were there before the settings were."""
    return replace(settings, explored=())


def _item(row: dict[str, Any], setting: Setting | None, study: StudySettings) -> Item | None:
    if setting is None:
        return None
    digests = row.get("picture_digest", ""), row.get("model_digest", "")
    return Item(row["picture"], digests[0], setting, row["seed"], digests[1], "", study.shared)


def _each(tasks: Sequence[tuple[Any, ...]], workers: int) -> Iterator[Checked]:
    if workers < 2 or len(tasks) < 2:
        yield from (check_file(*task) for task in tasks)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(tasks)), mp_context=context) as pool:
        futures = [pool.submit(check_file, *task) for task in tasks]
        for future, task in zip(futures, tasks, strict=True):
            try:
                yield future.result()
            except BrokenProcessPool:  # somebody killed a process: this one goes on
                yield check_file(*task)
