"""Certificate files that lie, reach out, declare too much, or are damaged: made here, from a genuine one, by a seed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import h5py
import numpy as np

Change = Callable[[h5py.File, Path], None]
"""Changes an open file; the path is that of another certificate."""

REACHING: dict[str, tuple[Change, str]] = {}
"""Files that reach out of themselves or declare too much, and what their refusal says."""


def _reaching(said: str) -> Callable[[Change], Change]:
    def register(change: Change) -> Change:
        REACHING[change.__name__] = (change, said)
        return change

    return register


@_reaching("holds a link")
def external_link(file: h5py.File, other: Path) -> None:
    del file["labels"]
    file["labels"] = h5py.ExternalLink(str(other), "/labels")


@_reaching("holds a link")
def soft_link(file: h5py.File, other: Path) -> None:
    del file["labels"]
    file["labels"] = h5py.SoftLink("/groups")


@_reaching("holds a link")
def external_link_to_curves(file: h5py.File, other: Path) -> None:
    del file["curves"]
    file["curves"] = h5py.ExternalLink(str(other), "/curves")


@_reaching("in another file")
def external_storage(file: h5py.File, other: Path) -> None:
    shape = file["image"].shape
    del file["image"]
    file.create_dataset("image", shape, dtype=np.uint8, external=[(str(other), 0, h5py.h5f.UNLIMITED)])


@_reaching("in another file")
def virtual_data(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    layout = h5py.VirtualLayout(shape, dtype=np.uint8)
    layout[...] = h5py.VirtualSource(str(other), "labels", shape=shape)
    file.create_virtual_dataset("labels", layout)


@_reaching("something unknown")
def unknown_variable(file: h5py.File, other: Path) -> None:
    file.create_dataset("more", (1 << 20, 1 << 12), dtype=np.float64, chunks=(1024, 1024))


@_reaching("at most 32,768 are read")
def fill_values(file: h5py.File, other: Path) -> None:
    del file["labels"]
    file.create_dataset("labels", (1 << 30, 1), dtype=np.uint8, chunks=(1024, 1))


@_reaching("declares more than")
def fill_values_within_dimensions(file: h5py.File, other: Path) -> None:
    for name in ("labels", "agreements", "groups", "reference", "probabilities", "thresholds", "image"):
        del file[name]
        shape = (1 << 13, 1 << 13)
        file.create_dataset(name, (3, *shape) if name == "image" else shape, dtype=np.uint8, chunks=True)


@_reaching("in pieces of more than")
def giant_pieces(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    file.create_dataset(
        "labels", shape, maxshape=(None, None), chunks=(1 << 14, 1 << 14), dtype=np.uint8, compression="gzip"
    )


@_reaching("needs more than HDF5 itself")
def foreign_filter(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    file.create_dataset("labels", shape, dtype=np.uint8, chunks=shape, compression="lzf")


@_reaching("unknown name")
def cycle(file: h5py.File, other: Path) -> None:
    file["curves"]["again"] = file["curves"]


@_reaching("something unknown")
def cycle_by_a_known_name(file: h5py.File, other: Path) -> None:
    file["curves"]["9-envelope"] = file["curves"]


@_reaching("something unknown")
def deep_groups(file: h5py.File, other: Path) -> None:
    file.create_group("/".join(["deep"] * 1200))


@_reaching("names in one group")
def many_curves(file: h5py.File, other: Path) -> None:
    for number in range(1, 3000):
        file["curves"][f"{number}-envelope"] = file["curves"]["0-envelope"]


@_reaching("names in one group")
def many_names(file: h5py.File, other: Path) -> None:
    for number in range(2000):
        file[f"name{number}"] = file["labels"]


@_reaching("attributes, at most")
def many_attributes(file: h5py.File, other: Path) -> None:
    for number in range(500):
        file.attrs[f"note{number}"] = "x"


@_reaching("no text of at most")
def long_text(file: h5py.File, other: Path) -> None:
    file.attrs["guarantee"] = "safe " * 10_000


@_reaching("no single text")
def text_that_is_an_array(file: h5py.File, other: Path) -> None:
    del file.attrs["settings"]
    file.attrs["settings"] = np.zeros(1000)


@_reaching("nested deeper than")
def recursive_json(file: h5py.File, other: Path) -> None:
    file.attrs["provenance"] = "[" * 100_000


@_reaching("digits")
def long_number(file: h5py.File, other: Path) -> None:
    file.attrs["settings"] = '{"samples": ' + "9" * 20_000 + "}"


@_reaching("named texts")
def provenance_of_numbers(file: h5py.File, other: Path) -> None:
    file.attrs["provenance"] = json.dumps({"seed": {"a": 1}})


@_reaching("at most 1,000 texts")
def class_names_of_another_kind(file: h5py.File, other: Path) -> None:
    file.attrs["class_names"] = json.dumps([1, 2, 3])


@_reaching("at most 4,096 regions")
def giant_grid(file: h5py.File, other: Path) -> None:
    change_settings(file, grid=[60000, 80000])


@_reaching("samples must be at most")
def giant_samples(file: h5py.File, other: Path) -> None:
    change_settings(file, samples=10**30)


@_reaching("changes how it reads")
def scaled_by_other_readers(file: h5py.File, other: Path) -> None:
    file["thresholds"].attrs["scale_factor"] = 2.0


@_reaching("hides a value")
def hidden_from_other_readers(file: h5py.File, other: Path) -> None:
    file["thresholds"].attrs["_FillValue"] = 0.0


@_reaching("has numbers")
def texts_for_numbers(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    file.create_dataset("labels", shape, dtype=h5py.string_dtype())


@_reaching("has numbers")
def compound_numbers(file: h5py.File, other: Path) -> None:
    shape = file["labels"].shape
    del file["labels"]
    file.create_dataset("labels", shape, dtype=np.dtype([("a", "u1"), ("b", "f8")]))


@_reaching("different lengths")
def lengths_that_differ(file: h5py.File, other: Path) -> None:
    del file["thresholds"]
    file.create_dataset("thresholds", data=np.zeros((2, 2)))


@_reaching("does not hold")
def lost_counts(file: h5py.File, other: Path) -> None:
    del file["agreements"]


@_reaching("unknown kind")
def unknown_kind(file: h5py.File, other: Path) -> None:
    file.attrs["kind"] = "\x1b[31msound"


def change_settings(file: h5py.File, **values: object) -> None:
    """Other settings in the file."""
    file.attrs["settings"] = json.dumps({**json.loads(file.attrs["settings"]), **values})


ODD = (
    None, True, -1, 0, 1 << 40, 1e308, "", "x" * 300, "\x1b[2J", "'; --", [], [[]], {}, {"a": []}, [0.1, 0.2],
    [[0.1] * 3] * 2, "NaN", float("nan"), float("inf"), "\ud800", "\u202egnp.exe",
)  # fmt: skip
"""Values that no setting expects everywhere."""


def odd_settings(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """Files with one setting, one fact or one text exchanged for an odd value."""
    names = list(json.loads(h5py_attributes(content)["settings"]))
    for _ in range(count):
        value, name = ODD[rng.integers(len(ODD))], names[rng.integers(len(names))]
        place = rng.integers(3)

        def change(file: h5py.File, place: int = place, value: object = value, name: str = name) -> None:
            if place == 0:
                change_settings(file, **{name: value})
            elif place == 1:
                facts = {**json.loads(file.attrs["provenance"]), "title": value, "seed": value}
                file.attrs["provenance"] = json.dumps(facts)
            else:
                text = ("plan", "look", "class_names", "provenance", "settings")[rng.integers(5)]
                file.attrs[text] = json.dumps(value)

        yield edited(content, change)


def flipped_bits(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """The file with a few bits of it changed, most of them near the beginning, where the structure lies."""
    for _ in range(count):
        damaged = bytearray(content)
        for _ in range(int(rng.integers(1, 9))):
            within = len(damaged) if rng.random() < 0.5 else min(len(damaged), 4096)
            damaged[int(rng.integers(within))] ^= 1 << int(rng.integers(8))
        yield bytes(damaged)


def cut_short(content: bytes, rng: np.random.Generator, count: int) -> Iterator[bytes]:
    """The beginning of the file, or the file with a part of it missing or doubled."""
    for _ in range(count):
        start, length = int(rng.integers(len(content))), int(rng.integers(1, 4096))
        yield (
            content[:start],
            content[:start] + content[start + length :],
            content[: start + length] + content[start:],
        )[int(rng.integers(3))]


def edited(content: bytes, change: Callable[[h5py.File], None]) -> bytes:
    """The file after a change, in memory."""
    from io import BytesIO

    stream = BytesIO(content)
    with h5py.File(stream, "a") as file:
        change(file)
    return stream.getvalue()


def h5py_attributes(content: bytes) -> dict[str, str]:
    """Texts of the root."""
    from io import BytesIO

    with h5py.File(BytesIO(content), "r") as file:
        return {name: str(value) for name, value in file.attrs.items()}
