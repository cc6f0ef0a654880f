"""Levels of many clusters in a link: nothing is lost, and whatever a link says is bounded and refused in a sentence."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest

from lrscore.errors import SettingsError
from lrscore.graphs.pairs import cluster_pairs
from lrscore.graphs.partition import affinity, affinity_ranks
from lrscore.graphs.settings import GraphSettings
from ui.graphs.controls import MOST_CLUSTERS
from ui.graphs.override import ATTRIBUTES, EDGES, Levels, levels_of, parse_levels, with_edits, write_levels
from ui.graphs.packed_levels import _HEAD, _MOST_BYTES, PACKED, pack, unpack
from ui.graphs.request import DEFAULTS, request_from

LONGEST_LINK = 20_000
FLIPS = ((0.0002, 0.002), (0.6, 0.9))


def localized(clusters: int, what: Levels = EDGES) -> np.ndarray:
    """The levels that the page offers to edit for a random graph: no structure that would compress better."""
    random = np.random.default_rng(clusters)
    edges = random.integers(0, 2000, (2, 8000))
    ranks = affinity_ranks(affinity(edges, random.integers(0, clusters, 2000)))
    levels = levels_of(GraphSettings(clusters=clusters, flip_edges=FLIPS), ranks, what)
    assert levels is not None
    return levels


@pytest.mark.parametrize("what", [EDGES, ATTRIBUTES])
@pytest.mark.parametrize("clusters", [2, 13, 14, MOST_CLUSTERS, 32])
def test_levels_of_every_number_of_clusters_on_offer_fit_a_link(clusters: int, what: Levels):
    levels = localized(clusters, what)
    text = write_levels(levels)
    assert len(text) <= LONGEST_LINK
    read = np.array(parse_levels(text, what))
    rounded = np.vectorize(lambda level: float(f"{level:.4g}"))(levels)
    assert np.array_equal(read, rounded)
    assert write_levels(read) == text
    name = "edge_levels" if what is EDGES else "levels"
    asked = request_from({**DEFAULTS, "clusters": clusters, name: text}).settings
    assert np.array_equal(np.array(getattr(asked, name)), rounded)


def test_few_levels_stay_legible_and_an_edit_stays_where_it_is():
    assert write_levels(localized(3)).count("|") == 1
    changed = with_edits(localized(20), 1, {7: {"edges 3–5": "0,123"}}, EDGES)
    text = write_levels(changed)
    assert text.startswith(PACKED)
    column = cluster_pairs(20).tolist().index([3, 5])
    read = np.array(parse_levels(text, EDGES))
    assert read[1, 7, column] == 0.123
    assert (read != np.array(parse_levels(write_levels(localized(20)), EDGES))).sum() == 1


def test_legible_texts_of_old_links_are_read_whatever_their_length():
    levels = localized(13)
    text = "|".join(";".join(",".join(f"{level:.4g}" for level in row) for row in one) for one in levels)
    assert len(text) > 15_000
    assert np.allclose(np.array(parse_levels(text, EDGES)), levels, rtol=1e-3)


@pytest.mark.parametrize("level", [-0.1, 1.0, 5.0, float("nan"), float("inf")])
def test_what_is_no_probability_is_refused(level: float):
    text = pack(np.where(np.arange(2 * 14 * 14).reshape(2, 14, 14) == 5, level, 0.1))
    with pytest.raises(SettingsError):
        request_from({**DEFAULTS, "clusters": 14, "levels": text})


def test_another_shape_is_refused():
    with pytest.raises(SettingsError, match="two square matrices"):
        parse_levels(write_levels(localized(14)))
    with pytest.raises(SettingsError, match="each pair of clusters"):
        parse_levels(pack(np.full((2, 70, 70 * 71 // 2), 0.1)) or "", EDGES)


def test_damaged_texts_are_a_sentence():
    """Cut off anywhere, or one character another one: refused, or other levels, never a traceback."""
    text, random = write_levels(localized(14)), np.random.default_rng(0)
    refused = 0
    for _ in range(300):
        place = int(random.integers(len(PACKED), len(text)))
        other = chr(random.integers(33, 127)) if random.random() < 0.8 else "é"
        for damaged in (text[:place], text[:place] + other + text[place + 1 :], text + other):
            try:
                assert np.array(parse_levels(damaged, EDGES)).shape == (2, 14, 105)
            except SettingsError:
                refused += 1
    assert refused > 850


def written(raw: bytes) -> str:
    return PACKED + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    ("rows", "columns", "table", "rest"),
    [(0, 5, 1, b"\0" * 16), (5, 0, 1, b"\0" * 16), (1, 1, 0, b"\0\0"), (1, 1, 1, b"\0" * 16 + b"\1\0"),
     (1, 1, 1, b"\0" * 17), (65535, 65535, 65535, b""), (2, 2, 1, b"\0" * 16 + b"\0" * 7 + b"\1")],
)  # fmt: skip
def test_heads_that_lie_are_refused(rows: int, columns: int, table: int, rest: bytes):
    with pytest.raises(SettingsError, match="cut off or damaged"):
        unpack(written(np.array((rows, columns, table), dtype=_HEAD).tobytes() + rest))


def test_what_unfolds_beyond_the_bound_is_not_unfolded(monkeypatch: pytest.MonkeyPatch):
    """A text of some thousand characters holds gigabytes of zeros: at most the bound is ever made of it."""
    asked: list[int] = []

    class Watched:
        def __init__(self) -> None:
            self.real = zlib._real()
            self.eof, self.unused_data = False, b""

        def decompress(self, packed: bytes, most: int) -> bytes:
            asked.append(most)
            raw = self.real.decompress(packed, most)
            self.eof, self.unused_data = self.real.eof, self.real.unused_data
            return raw

    monkeypatch.setattr(zlib, "_real", zlib.decompressobj, raising=False)
    monkeypatch.setattr(zlib, "decompressobj", Watched)
    with pytest.raises(SettingsError, match="cut off or damaged"):
        unpack(written(b"\0" * 20_000_000))
    assert asked == [_MOST_BYTES]
    assert _MOST_BYTES < 2**21
