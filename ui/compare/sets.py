"""What there is to compare: files by what they say about themselves, and sets of equal settings and model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace

import numpy as np

from lrscore.certificate import drawn_in_words
from lrscore.errors import CertificateFileError, told
from lrscore.files import load_certificate
from lrscore.images.certificate import ImageCertificate
from lrscore.images.further import short_by_numbers
from lrscore.images.settings import ImageSettings
from lrscore.records import read_heading, reading
from lrscore.stored_texts import stored_provenance, stored_settings
from ui.certification.stopped import STOPPED, stopped_words
from ui.library.bundled import title_of
from ui.library.entries import SHELF_WORDS, Entry
from ui.library.file_memory import FileMemory


@dataclass(frozen=True)
class Header:
    """One file.

    Args:
        kind: "image", "graph", or "" where it can not be read.
        title: what was certified.
        picture: identifies the picture by its content.
        pixels: of the picture.
        referenced: whether there are reference labels.
        model, digest: name of the model and SHA-256 of its weights, as recorded.
        settings: how it was certified, without the batch size; None unless it is an image certificate.
        problem: why it can not be used, or None.
        stopped: how far its run came, if it was stopped before its end; else nothing.
    """

    kind: str
    title: str
    picture: str = ""
    pixels: int = 0
    referenced: bool = False
    model: str = ""
    digest: str = ""
    settings: ImageSettings | None = None
    problem: str | None = None
    stopped: str = ""

    @property
    def recipe(self) -> str:
        """Identifies settings and model, in ten characters: files that share it differ in picture and seed only."""
        assert self.settings is not None
        facts = [(field.name, getattr(self.settings, field.name)) for field in fields(self.settings)]
        return hashlib.sha256(repr((facts, self.digest or self.model)).encode()).hexdigest()[:10]


def read_header(entry: Entry) -> Header:
    """The header of a file; one that can not be read is a header with a problem."""
    try:
        return _read(entry)
    except CertificateFileError as error:
        return Header("", entry.path.stem, problem=told(error))


def _read(entry: Entry) -> Header:
    if read_heading(entry.path).kind != "image":
        return Header("graph", entry.path.stem)
    record = read_heading(entry.path, ("image", "reference", "trials"))
    with reading(entry.path):
        provenance = stored_provenance(record.texts)
        settings = ImageSettings(**stored_settings(record.texts))
        image = record.arrays["image"]
        stopped = _stopped(entry, settings, record.arrays["trials"], image.shape[1] * image.shape[2])
    return Header(
        kind="image",
        title=str(provenance.get("title") or entry.path.stem),
        picture=picture_identity(image),
        pixels=image.shape[1] * image.shape[2],
        referenced="reference" in record.arrays,
        model=str(provenance.get("model", "")),
        digest=str(provenance.get("model_digest", "")),
        settings=replace(settings, batch_size=None),  # the same counts may come in batches of any size
        stopped=stopped,
    )


def _stopped(entry: Entry, settings: ImageSettings, trials: np.ndarray, pixels: int) -> str:
    """How far a run came that was stopped before its end; nothing if it came to its end."""
    short = short_by_numbers(trials, settings)
    if short is None:
        certificate = load_certificate(entry.path)
        return stopped_words(certificate) if isinstance(certificate, ImageCertificate) else ""
    return drawn_in_words(trials, settings, settings.plan(pixels), "region") if short else ""


def picture_identity(image: np.ndarray) -> str:
    """Ten characters that equal pictures share, whether stored as bytes or as fractions of 255."""
    lattice = np.rint(image * 255) if image.dtype != np.uint8 else image
    exact = image if image.dtype != np.uint8 else image.astype(np.float32) / np.float32(255)
    on_lattice = np.array_equal(lattice.astype(np.float32) / np.float32(255), exact)
    values = lattice.astype(np.uint8) if on_lattice else np.asarray(exact, dtype=np.float32)
    return hashlib.sha256(repr((values.shape, values.dtype.str)).encode() + values.tobytes()).hexdigest()[:10]


PREFIX = "set:"

LOCALIZED, STRICT, ISOTROPIC = "localized", "strictly local", "isotropic"
TWO_VIEWS = "two views"


@dataclass(frozen=True)
class Choice:
    """Something that can be compared: one file, or a set of files.

    Args:
        identity: names it in links: that of the file, or `set:` and the recipe.
        title: settings in short, and for one file the picture.
        header: of the file, or of the set's first one.
        members: the file of every picture.
        stopped: of the pictures whose run was stopped before its end: how far it came.
    """

    identity: str
    title: str
    header: Header
    members: dict[str, Entry]
    stopped: Mapping[str, str] = field(default_factory=dict)

    @property
    def settings(self) -> ImageSettings:
        """How all of it was certified."""
        assert self.header.settings is not None
        return self.header.settings


def _single_choices(entries: Iterable[Entry], header_of: Callable[[Entry], Header | None]) -> list[Choice]:
    """Every image certificate by itself, in the order of the library."""
    found = []
    for entry in entries:
        header = header_of(entry)
        if header is not None and header.settings is not None:
            name = entry.name or title_of(header.title)
            title = f"{name} · {recipe_words(header.settings)} · {SHELF_WORDS[entry.shelf]}"
            stopped = {header.picture: header.stopped} if header.stopped else {}
            title += f" · {STOPPED}" if stopped else ""
            found.append(Choice(entry.identity, title, header, {header.picture: entry}, stopped))
    return found


def _set_choices(entries: Iterable[Entry], header_of: Callable[[Entry], Header | None]) -> list[Choice]:
    """All sets, the largest first. Of several files of one picture the first one of the library counts, of those that
    were stopped early only where there is no other."""
    groups: dict[str, tuple[Header, dict[str, Entry], dict[str, str]]] = {}
    for entry in entries:
        header = header_of(entry)
        if header is not None and header.settings is not None:
            _, members, stopped = groups.setdefault(header.recipe, (header, {}, {}))
            if header.picture not in members or (header.picture in stopped and not header.stopped):
                members[header.picture] = entry
                stopped.pop(header.picture, None)
                if header.stopped:
                    stopped[header.picture] = header.stopped
    ordered = sorted(groups.items(), key=lambda item: -len(item[1][1]))
    return [
        Choice(
            PREFIX + recipe,
            f"{recipe_words(header.settings)} · {header.model} · {pictures_words(len(members))}"
            + (f" · {len(stopped):,} {STOPPED}" if stopped else ""),
            header,
            members,
            stopped,
        )
        for recipe, (header, members, stopped) in ordered
        if header.settings is not None
    ]


def common_pictures(chosen: Sequence[Choice]) -> list[str]:
    """Pictures that all of them have, in the order of the first one."""
    if not chosen:
        return []
    return [picture for picture in chosen[0].members if all(picture in other.members for other in chosen)]


def family(settings: ImageSettings) -> str:
    """Which kind of smoothing the settings are."""
    views = settings.all_views()
    if settings.grid == (1, 1) and views is None:
        return ISOTROPIC
    kind = LOCALIZED if bool(np.isfinite(settings.noise_levels()).all()) else STRICT
    if views is None:
        return kind
    return f"{kind}, {TWO_VIEWS}" if len(views) == 2 else f"{kind}, {len(views)} views"


def choice_words(settings: ImageSettings) -> str:
    """What the pilot chooses beside classes, to be added to a name; empty for classes alone."""
    coarse = ", coarse labels" if settings.hierarchy else ""
    return coarse + (", bounds on rivals" if settings.runner_up else "")


def levels_words(settings: ImageSettings) -> str:
    """The noise levels in short."""
    return settings.levels_in_words() + (" edited" if settings.levels is not None else "")


def recipe_words(settings: ImageSettings) -> str:
    """Family, grid, noise, levels, samples: one line for lists."""
    rows, cols = settings.grid
    parts = [
        family(settings) if settings.grid == (1, 1) else f"{family(settings)} {rows}×{cols}",
        f"{settings.noise} {levels_words(settings)}",
        f"{settings.samples:,} samples{choice_words(settings)}",
    ]
    return " · ".join([*parts, settings.correction] if settings.correction != "bonferroni" else parts)


def pictures_words(count: int) -> str:
    """How many pictures."""
    return "1 picture" if count == 1 else f"{count:,} pictures"


READ_SECONDS = 1.5


@dataclass(frozen=True)
class Offer:
    """The library as this page sees it.

    Args:
        singles: every image certificate by itself, by identity.
        sets: those with equal settings and model together, by identity.
        problems: what is wrong with a file, by identity.
        graphs: how many certificates of graphs are left out.
        unread: how many files have not been read yet.
    """

    singles: dict[str, Choice]
    sets: dict[str, Choice]
    problems: dict[str, str]
    graphs: int
    unread: int

    def find(self, identity: str) -> Choice | None:
        """The certificate or set of that identity."""
        return self.singles.get(identity) or self.sets.get(identity)


def gather(entries: Sequence[Entry], memory: FileMemory[Entry, Header]) -> Offer:
    """Read headers for a moment and list what they offer."""
    unread = memory.read_for(entries, READ_SECONDS)
    headers = {entry.identity: memory.get(entry) for entry in entries}
    return Offer(
        singles={choice.identity: choice for choice in _single_choices(entries, memory.get)},
        sets={choice.identity: choice for choice in _set_choices(entries, memory.get)},
        problems={name: header.problem for name, header in headers.items() if header and header.problem},
        graphs=sum(header is not None and header.kind == "graph" for header in headers.values()),
        unread=unread,
    )
