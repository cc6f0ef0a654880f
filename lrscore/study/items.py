"""The pieces of a study: one picture or graph under one setting with one seed, known by digests and never by name."""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.catalogue import Catalogue
from lrscore.errors import InputError, LrscoreError, SettingsError
from lrscore.plain_text import one_line
from lrscore.study.settings import Setting, Shared, StudySettings, digest_of

MOST_ITEMS = 5_000_000
_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff", ".gif")
_PATTERN = set("*?[")


@dataclass(frozen=True)
class Item:
    """A row of the table, and all that a worker needs to know about it.

    Args:
        source: picture or graph, as the catalogue takes it.
        fingerprint: SHA-256 of the files behind it; "" if they can not be read (a worker will say why).
        setting, seed: what is done to it.
        model_digest: of the model's weights; "" if it tells none.
        catalogue: module in which workers find models and data.
        study: what the items of a study share.
        planned: `Setting.plan` of all settings of the study that read the same counts: fixed before these are there.
    """

    source: str
    fingerprint: str
    setting: Setting
    seed: int
    model_digest: str
    catalogue: str
    study: Shared
    planned: tuple[str, ...] = ()

    @cached_property
    def drawn(self) -> str:
        """Digest of all that decides about the counts: items that agree in it share their shards."""
        study = self.study
        facts = (study.size, study.shard_copies, study.device, self.setting.model, self.model_digest)
        return digest_of(self.fingerprint or self.source, self.setting.sampling, self.seed, facts)

    @cached_property
    def counted(self) -> str:
        """Digest of all that decides about the certificate's counts: items that agree in it have the same ones."""
        reading = self.setting.reading
        return self.drawn if reading is None else digest_of(self.drawn, reading.kind, reading.bins)

    @property
    def known(self) -> bool:
        """Whether digests say which files and weights it is about; else only names would."""
        return bool(self.fingerprint and self.model_digest)

    @cached_property
    def key(self) -> str:
        """Digest of all that decides about the row, the picture's name included: copies of a file have their own rows.

        An item is done if the table has a row of this key.
        """
        study = self.study
        facts = (study.void, study.class_names, study.methods, study.budgets, study.boxes, study.keep)
        return digest_of(self.picture, self.drawn, self.setting.kind, self.setting.to_dict(), facts)

    @property
    def picture(self) -> str:
        """The source as people and files are told it: names of files may be no text."""
        return one_line(self.source, 4096)

    @property
    def place(self) -> tuple[str, str, int]:
        """What the row is about, whatever the files hold now."""
        return self.picture, self.setting.name, self.seed

    @property
    def told(self) -> dict[str, str]:
        """What its certificate says of it, beside how it was made."""
        return {
            "title": self.picture,
            "setting": self.setting.name,
            "study_item": self.key,
            "study_counts": self.counted,
            "picture_digest": self.fingerprint,
            "shard_copies": str(self.study.shard_copies),
        }

    @property
    def file(self) -> str:
        """Name of its certificate file: readable, and unique by its key."""
        stem = _plain_name(Path(self.picture.split(":")[-1]).stem)
        return f"{stem}--{_plain_name(self.setting.name)}--{self.key[:12]}.nc"


def items_of(study: StudySettings, catalogue: Catalogue, name: str) -> list[Item]:
    """Every item of a study: pictures in their order, all settings and seeds of one picture together.

    Args:
        catalogue: of the models and data.
        name: its module, for the workers.

    Raises:
        InputError: a data set, folder or pattern without pictures.
        SettingsError: more items than a study may have.
    """
    sources = sources_of(study, catalogue)
    count = len(sources) * len(study.settings) * len(study.seeds)
    if count > MOST_ITEMS:
        raise SettingsError(f"a study has at most {MOST_ITEMS:,} certificates, got {count:,}")
    digests = {
        model: model_digest(model, study.kind, catalogue)
        for model in dict.fromkeys(s.model for s in study.settings)
    }
    shared, planned = study.shared, _planned(study.settings)
    return [
        Item(source, fingerprint, setting, seed, digests[setting.model], name, shared, planned[setting.name])
        for source in sources
        for fingerprint in [fingerprint_of(source, catalogue, study)]
        for setting in study.settings
        for seed in study.seeds
    ]


def _planned(settings: Sequence[Setting]) -> dict[str, tuple[str, ...]]:
    """For every setting by name, the plans of those that read the same counts."""
    together: dict[tuple[Any, ...], list[str]] = {}
    for one in settings:
        together.setdefault((one.sampling, one.model, one.reading), []).append(one.plan)
    return {one.name: tuple(sorted(set(together[one.sampling, one.model, one.reading]))) for one in settings}


def sources_of(study: StudySettings, catalogue: Catalogue) -> list[str]:
    """The pictures or graphs of a study, evenly spaced if there is a limit."""
    found = list(
        dict.fromkeys(one for given in study.data for one in _expanded(given, study.kind, catalogue))
    )
    if study.limit is not None and study.limit < len(found):
        places = np.unique(np.linspace(0, len(found) - 1, study.limit).round().astype(int))
        found = [found[place] for place in places]
    return found


def _expanded(given: str, kind: str, catalogue: Catalogue) -> Sequence[str]:
    listed = getattr(catalogue, "image_sources", None) if kind == "image" else None
    several = listed(given) if listed is not None else None
    if several is not None:
        return list(several)
    if Path(given).is_dir():
        endings = _PICTURES if kind == "image" else (".npz", ".graphml")
        found = sorted(
            str(path)
            for path in Path(given).iterdir()
            if path.suffix.lower() in endings and not path.name.startswith(".") and not path.is_dir()
        )
        if not found:
            raise InputError(f"folder {given} holds no {'pictures' if kind == 'image' else 'graphs'}")
        return found
    if _PATTERN & set(given) and not Path(given).exists():
        found = sorted(path for path in glob.glob(given, recursive=True) if Path(path).is_file())
        if not found:
            raise InputError(f"no file fits the pattern {given}")
        return found
    return [given]


def fingerprint_of(source: str, catalogue: Catalogue, study: StudySettings) -> str:
    """SHA-256 of the files behind a picture or graph, or of its arrays where a catalogue names no files."""
    try:
        asked = getattr(catalogue, "fingerprint", None)
        found = asked(source) if asked is not None else None
        if found is not None:
            return str(found)
        if study.kind == "graph":
            graph = catalogue.load_graph(source)
            return array_digest(graph.x, graph.edge_index, getattr(graph, "y", None))
        loaded = catalogue.load_image(source, study.size, **label_options(study))
        return array_digest(loaded.image, loaded.reference)
    except (LrscoreError, OSError):
        return ""  # the worker that opens it says what is wrong


def label_options(study: StudySettings | Shared) -> dict[str, Any]:
    """What `load_image` is told about masks, if anything."""
    told: dict[str, Any] = {"void": study.void, "class_names": study.class_names}
    return told if any(told.values()) else {}


def array_digest(*arrays: Any) -> str:
    """SHA-256 of arrays and tensors, shapes and types included."""
    digest = hashlib.sha256()
    for given in arrays:
        array = np.ascontiguousarray(np.asarray(given.to_dense() if hasattr(given, "to_dense") else given))
        digest.update(f"{array.dtype}{array.shape}".encode())
        digest.update(array.tobytes() if array.dtype != object else repr(given).encode())
    return digest.hexdigest()


def model_digest(name: str, kind: str, catalogue: Catalogue) -> str:
    """What the model is known by; "" if it does not tell, or can not be loaded here: the worker says why."""
    try:
        asked = getattr(catalogue, "model_digest", None)
        if asked is not None and (known := asked(name, kind)) is not None:
            return str(known)
        load = catalogue.load_graph_model if kind == "graph" else catalogue.load_image_model
        return str(getattr(load(name), "digest", "") or "")
    except (LrscoreError, OSError):
        return ""


def _plain_name(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._")[:60] or "item"
