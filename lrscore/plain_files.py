"""Read HDF5 by an allow-list: known names only, each of a known shape and kind, each of a bounded size.

HDF5 follows external links, external storage and virtual datasets to other files of the machine; a dataset of a few
bytes may declare terabytes of fill values, a chunk may unpack to gigabytes, a group may hold itself. All of that is
refused before any value is read: every name, shape and kind is looked at first, and nothing else is ever read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lrscore.errors import CertificateFileError
from lrscore.layouts import (
    CURVE,
    CURVE_NAME,
    FORMAT,
    FORMAT_VERSION,
    LAYOUTS,
    MOST_ATTRIBUTES,
    MOST_CHUNK_BYTES,
    MOST_CURVES,
    MOST_ENTRIES,
    MOST_ENTRIES_IN_ALL,
    SIZES,
    Dimensions,
    Variable,
)
from lrscore.plain_heaps import endless

CURVES = "curves"
_LONGEST_HEADING = 100
_FILTERS = {1, 2, 3}  # deflate, shuffle, checksum: those of every HDF5 library
_BOOKKEEPING = {"DIMENSION_LIST", "REFERENCE_LIST", "CLASS", "NAME", "_FillValue", "dtype"}


@dataclass
class PlainFile:
    """What a file holds, looked at and not read yet.

    Args:
        kind: of certificate.
        texts: its texts by name.
        arrays: datasets of the root by name.
        curves: datasets of each stored curve, by its name.
    """

    kind: str
    texts: dict[str, str]
    arrays: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, dict[str, Any]] = field(default_factory=dict)


@contextmanager
def opened(source: Path) -> Iterator[PlainFile]:
    """Look at every name of a file and hand over what may be read, while the file is open.

    Raises:
        CertificateFileError: a name that no certificate has, a link, data stored elsewhere, another shape or kind of
            numbers, or more than a certificate can hold.
        OSError, RuntimeError, ...: no HDF5 file, or a damaged one.
    """
    import h5py  # only where files are read: sampling does without

    if endless(source):
        raise CertificateFileError(f"{source.name} is damaged: its texts can not be read to their end")
    with h5py.File(source, "r") as file:
        yield _Looking(source.name).at(file)


def values(dataset: Any) -> np.ndarray:
    """The numbers of a dataset that has been looked at."""
    return np.asarray(dataset[()])


class _Looking:
    """Looks at one file and counts what it holds."""

    def __init__(self, name: str) -> None:
        self._name, self._entries = name, 0

    def at(self, file: Any) -> PlainFile:
        kind = self._kind(file)
        layout = LAYOUTS[kind]
        found = PlainFile(kind, {name: str(text) for name, text in self._texts(file, layout.texts).items()})
        for name, item in self._items(file, len(layout.variables) + len(SIZES) + 20):
            if name == CURVES:
                found.curves = self._curves(item)
            elif name in layout.variables:
                found.arrays[name] = self._array(name, item, layout.variables[name])
            else:
                self._dimension(name, item)
        self._agree(found.arrays, layout.variables)
        lost = [name for name, one in layout.variables.items() if one.needed and name not in found.arrays]
        if lost:
            raise self._refused(f"does not hold {', '.join(lost)}")
        return found

    def _curves(self, group: Any) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for name, item in self._items(group, MOST_CURVES):
            if not CURVE_NAME.fullmatch(name):
                raise self._refused(f"holds a curve with an unknown name ({name!r:.60})")
            arrays = found[name] = {}
            for part, dataset in self._items(item, 4 * len(CURVE)):
                if part in CURVE:
                    arrays[part] = self._array(f"{name}/{part}", dataset, CURVE[part])
                else:
                    self._dimension(part, dataset)
            self._agree(arrays, CURVE)
        return found

    def _items(self, group: Any, most: int) -> Iterator[tuple[str, Any]]:
        """Names and members of a group, hard links only."""
        import h5py

        if not isinstance(group, h5py.Group):
            raise self._refused(f"holds something that is no group ({group.name!r:.60})")
        if len(group) > most:
            raise self._refused(f"holds {len(group):,} names in one group, at most {most} are read")
        for name in group:
            if not isinstance(group.get(name, getlink=True), h5py.HardLink):
                raise self._refused(f"holds a link ({name!r:.60}): links are not followed")
            yield name, group[name]

    def _dataset(self, name: str, item: Any) -> None:
        """Refuse what is no array of its own numbers."""
        import h5py

        if not isinstance(item, h5py.Dataset):
            raise self._refused(
                f"holds something unknown ({name!r:.60}): only what a certificate has is read"
            )
        if item.is_virtual or item.external:
            raise self._refused(f"stores {name!r:.60} in another file: that is not followed")

    def _dimension(self, name: str, item: Any) -> None:
        """A netCDF dimension is a dataset that nobody reads; anything else of an unknown name is refused."""
        self._dataset(name, item)
        if item.ndim != 1 or not item.is_scale:
            raise self._refused(
                f"holds something unknown ({name!r:.60}): only what a certificate has is read"
            )

    def _array(self, name: str, item: Any, expected: Variable) -> Any:
        """A dataset of the expected kind and number of dimensions, within its bounds; its values are not read."""
        self._dataset(name, item)
        unknown = [one for one in item.attrs if one not in _BOOKKEEPING and not one.startswith("_N")]
        if unknown:
            raise self._refused(
                f"gives {name!r:.60} an attribute that changes how it reads ({unknown[0]!r:.60})"
            )
        if item.dtype.kind not in expected.kinds or item.dtype.itemsize > 8:
            raise self._refused(f"holds {item.dtype!s:.60} where {name!r:.60} has numbers")
        shape = item.shape or ()
        dimensions = next((one for one in expected.dimensions if len(one) == len(shape)), None)
        if dimensions is None:
            raise self._refused(f"holds {name!r:.60} with {len(shape)} dimensions")
        for dimension, length in zip(dimensions, shape, strict=True):
            if length > SIZES.get(dimension, MOST_ENTRIES):
                raise self._refused(
                    f"declares {length:,} along {dimension!r} of {name!r:.60}, at most "
                    f"{SIZES.get(dimension, MOST_ENTRIES):,} are read"
                )
        if "_FillValue" in item.attrs and not np.isnan(item.attrs["_FillValue"]).all():
            raise self._refused(f"hides a value of {name!r:.60} from other readers")
        self._count(name, item, math.prod(shape))
        return item

    def _count(self, name: str, item: Any, entries: int) -> None:
        """Bounds on what reading a dataset takes, and on how it is packed."""
        self._entries += entries
        if entries > MOST_ENTRIES or self._entries > MOST_ENTRIES_IN_ALL:
            raise self._refused(
                f"declares more than {MOST_ENTRIES_IN_ALL:,} numbers ({name!r:.60}): not read"
            )
        if item.chunks and math.prod(item.chunks) * item.dtype.itemsize > MOST_CHUNK_BYTES:
            raise self._refused(f"packs {name!r:.60} in pieces of more than {MOST_CHUNK_BYTES >> 20} MiB")
        creation = item.id.get_create_plist()
        filters = {creation.get_filter(number)[0] for number in range(creation.get_nfilters())}
        if filters - _FILTERS:
            raise self._refused(f"packs {name!r:.60} in a way that needs more than HDF5 itself")

    def _agree(self, arrays: Mapping[str, Any], variables: Mapping[str, Variable]) -> None:
        """Along one dimension all arrays are equally long."""
        known: dict[str, tuple[int, str]] = {}
        for name, item in arrays.items():
            dimensions = _dimensions(variables[name], len(item.shape))
            for dimension, length in zip(dimensions, item.shape, strict=True):
                before, first = known.setdefault(dimension, (length, name))
                if before != length:
                    raise self._refused(
                        f"holds {first!r} and {name!r} of different lengths, {before:,} and {length:,}"
                    )

    def _kind(self, file: Any) -> str:
        """The kind of a file whose format and version are ours."""
        if len(file.attrs) > MOST_ATTRIBUTES:
            raise self._refused(f"has {len(file.attrs):,} attributes, at most {MOST_ATTRIBUTES} are read")
        heading = self._texts(file, dict.fromkeys(("format", "format_version", "kind"), _LONGEST_HEADING))
        if heading.get("format") != FORMAT:
            raise self._refused("is not a certificate file of this software")
        version, kind = heading.get("format_version", 0), str(heading.get("kind", ""))
        if version != FORMAT_VERSION:
            raise self._refused(f"has format version {version!r:.40}, this software reads {FORMAT_VERSION}")
        if kind not in LAYOUTS:
            raise self._refused(f"holds a certificate of unknown kind {kind!r:.40}")
        return kind

    def _texts(self, file: Any, longest: Mapping[str, int]) -> dict[str, str | int]:
        """Attributes that are one text or one whole number."""
        found: dict[str, str | int] = {}
        for name, most in longest.items():
            if name not in file.attrs:
                continue
            identity = file.attrs.get_id(name)
            if math.prod(identity.shape) != 1 or identity.dtype.itemsize > max(most, 16):
                raise self._refused(f"holds no single text as {name!r}")
            value = np.ravel(np.asarray(file.attrs[name], dtype=object))[0]
            value = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            if not isinstance(value, str | int | np.integer) or (
                isinstance(value, str) and len(value) > most
            ):
                raise self._refused(f"holds no text of at most {most:,} characters as {name!r}")
            found[name] = value if isinstance(value, str) else int(value)
        return found

    def _refused(self, reason: str) -> CertificateFileError:
        return CertificateFileError(f"{self._name} {reason}")


def check_storable(name: str, kind: str, arrays: Mapping[str, np.ndarray], curves: int) -> None:
    """Refuse to write what could not be read back.

    Raises:
        CertificateFileError: more, or larger, than a file may hold.
    """
    variables = LAYOUTS[kind].variables
    lengths = {
        (array, dimension): length
        for array, given in arrays.items()
        for dimension, length in zip(_dimensions(variables[array], given.ndim), given.shape, strict=True)
    }
    for (array, dimension), length in lengths.items():
        if length > SIZES.get(dimension, MOST_ENTRIES):
            raise CertificateFileError(
                f"{name} can not be written: {length:,} along {dimension!r} of {array}"
            )
    sizes = [given.size for given in arrays.values()]
    if max(sizes) > MOST_ENTRIES or sum(sizes) > MOST_ENTRIES_IN_ALL:
        raise CertificateFileError(f"{name} can not be written: arrays of more than {MOST_ENTRIES:,} numbers")
    if curves > MOST_CURVES:
        raise CertificateFileError(
            f"{name} can not be written: {curves} curves, at most {MOST_CURVES} are read"
        )


def _dimensions(variable: Variable, count: int) -> Dimensions:
    return next(one for one in variable.dimensions if len(one) == count)
