"""Start a small study from the page, and stop it: a process of its own, which outlives pages and visitors."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from lrscore.atomic import write_bytes
from lrscore.catalogue import find_catalogue
from lrscore.errors import SettingsError
from lrscore.study.items import sources_of
from lrscore.study.reading import study_of, study_text
from lrscore.study.settings import StudySettings
from lrscore.study.store import STUDY
from models.dressing import parted
from ui.studies.shelf import studies_folder

MOST_CERTIFICATES = 200
MOST_RUNNING = 2
"""Studies that pages have started and that run at the same time: each has a worker for every core."""
_MOST_TEXT = 100_000
_POLITE = 5
_DATA = re.compile(r"(camvid|voc|cityscapes):[A-Za-z0-9_-]{1,40}|scene:[0-9]{1,9}|[a-z0-9_-]{1,60}")
_MODEL = re.compile(r"[a-z0-9_-]{1,60}")
_ROOT = Path(__file__).resolve().parents[2]

EXAMPLE = """\
title = "two levels of noise"
data = ["scene:2000000", "scene:2000001", "scene:2000002"]
size = "90x120"
methods = ["naive", "envelope"]

[base]
grid = [2, 3]
samples = 128
pilot_samples = 32

[product]
levels = ["0.05:0.15", "0.1:0.3"]
"""


def small_study(text: str) -> StudySettings:
    """The study that the text describes, if a visitor may start it: named data and models alone, and few certificates.

    Whoever looks at the page need not own the machine: paths, patterns, files and modules are for the command line.

    Raises:
        SettingsError: no study, too large, or something else than names.
        InputError: a data set that is not here.
    """
    if len(text) > _MOST_TEXT:
        raise SettingsError(f"a study on the page has at most {_MOST_TEXT:,} letters: use the command line")
    study = study_of(text)
    for source in study.data:
        if not _DATA.fullmatch(source):
            raise SettingsError(f"the page takes data sets, scenes and graphs by name, got {source!r:.80}")
    for setting in study.settings:
        if not _MODEL.fullmatch(parted(setting.model)[0]):
            raise SettingsError(f"the page takes bundled models by name, got {setting.model!r:.80}")
    count = len(sources_of(study, find_catalogue())) * len(study.settings) * len(study.seeds)
    if count > MOST_CERTIFICATES:
        raise SettingsError(
            f"the page starts studies of up to {MOST_CERTIFICATES} certificates, this one has {count:,}: "
            "use `python -m lrscore study run`"
        )
    return study


def folder_name(title: str) -> str:
    """A folder's name from a title."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "study"


def start(study: StudySettings) -> str:
    """Write the study into a new folder, and let a process work on it; the folder's name.

    Raises:
        SettingsError: too many run already.
        OSError: the folder can not be made, or the process not started.
    """
    _refuse_too_many()
    stem, number = folder_name(study.title), 1
    studies_folder().mkdir(parents=True, exist_ok=True)
    while True:
        folder = studies_folder() / (stem if number == 1 else f"{stem}-{number}")
        try:
            folder.mkdir()
            break
        except FileExistsError:
            number += 1
    write_bytes(folder / STUDY, study_text(study).encode())
    resume(folder)
    return folder.name


def resume(folder: Path) -> None:
    """Let a process go on with the study in a folder; what it says goes to a file there.

    Raises:
        SettingsError: too many run already.
        OSError: the process can not be started.
    """
    if under_way(folder):
        return  # somebody else has just pressed the button
    _refuse_too_many()
    with (folder / "log.txt").open("ab") as log:
        process = subprocess.Popen(
            [*_polite(), sys.executable, "-m", "lrscore", "study", "resume", str(folder)],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    for ended in [one for one in _STARTED if not under_way(one)]:
        del _STARTED[ended]
    _STARTED[folder] = process


def _refuse_too_many() -> None:
    running = sum(under_way(folder) for folder in list(_STARTED))
    if running >= MOST_RUNNING:
        raise SettingsError(f"{running} studies run on this server already: wait until one ends, or stop it")


def _polite() -> list[str]:
    """What runs a command at lower priority, where there is such a thing: workers inherit it, and pages stay fluid."""
    nice = shutil.which("nice")
    return [nice, "-n", str(_POLITE)] if nice else []


_STARTED: dict[Path, subprocess.Popen[bytes]] = {}


def under_way(folder: Path) -> bool:
    """Whether a process that was started here for a study lives: it takes seconds before it holds the folder."""
    process = _STARTED.get(folder)
    return process is not None and process.poll() is None


def last_words(folder: Path) -> str:
    """What a run said last, for one that ended at once."""
    with suppress(OSError):
        lines = (folder / "log.txt").read_text(errors="replace")[-2000:].splitlines()
        return next((line for line in reversed(lines) if line.strip()), "")
    return ""
