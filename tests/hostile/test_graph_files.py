"""Graphs from strangers: archives and GraphML that lie, are damaged, or ask for more memory than a machine has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
import scipy.sparse as sp

from lrscore.cli.main import main
from lrscore.errors import InputError
from models.graphs.graphml import read_graphml
from models.graphs.sparse_graph import read_sparse_graph
from tests.hostile.certificates import cut_short, flipped_bits
from tests.hostile.graph_files import honest_graphml, lying_archives, lying_graphml, npz, own_attribute_each
from tests.hostile.surface import Tally, Trial
from ui.graphs.upload import read_graph_upload


def test_archives_are_read_or_refused(surface: Callable[[str], Tally]):
    rng = np.random.default_rng(22)
    damaged = [
        *(("flipped bits", content) for content in flipped_bits(npz(), rng, 150)),
        *(("cut short", content) for content in cut_short(npz(), rng, 60)),
    ]
    tally = surface(".npz graphs")
    tally.try_all(_uploads([*lying_archives(), *damaged], "graph.npz"))
    assert tally.refused > 100


def test_graphml_is_read_or_refused(surface: Callable[[str], Tally]):
    rng = np.random.default_rng(23)
    honest = honest_graphml()
    damaged = [
        *(("flipped bits", content) for content in flipped_bits(honest, rng, 150)),
        *(("cut short", content) for content in cut_short(honest, rng, 60)),
    ]
    tally = surface("GraphML")
    tally.try_all(_uploads([*lying_graphml(), *damaged], "graph.graphml"))
    assert tally.refused > 100


def test_a_large_class_number_makes_no_names_for_the_numbers_below_it():
    graph = read_sparse_graph(BytesIO(npz(labels=np.array([7, 2**62, -1, 40] * 3))))
    assert graph.class_names == ("class 7", "class 40", f"class {2**62}")
    np.testing.assert_array_equal(graph.labels, [0, 2, -1, 1] * 3)
    small = read_sparse_graph(BytesIO(npz(labels=np.array([7, 999, -1, 4] * 3))))
    np.testing.assert_array_equal(small.labels, [7, 999, -1, 4] * 3)
    nodes = 2_000
    many = npz(
        labels=np.arange(nodes) * 10**6, attr_matrix=np.eye(nodes, 3), adj_matrix=np.zeros((nodes, nodes))
    )
    with pytest.raises(InputError, match="at most 1000 classes"):
        read_sparse_graph(BytesIO(many))


def test_an_attribute_for_every_node_takes_memory_for_what_is_there(surface: Callable[[str], Tally]):
    content = own_attribute_each(6_000)
    graph = read_graphml(BytesIO(content))
    assert graph.attributes.shape == (6_000, 6_000)
    assert (graph.attributes - sp.eye_array(6_000, format="csr")).nnz == 0
    tally = surface("GraphML")
    tally.attempt("an attribute each", lambda: read_graphml(BytesIO(content)))
    assert tally.peak < 1 << 30


def np_eye(size: int):
    import scipy.sparse as sp

    return sp.eye_array(size, format="csr")


@pytest.mark.parametrize(("name", "content"), [("a.npz", b"PK\x03\x04junk"), ("a.graphml", b"<a")])
def test_the_command_line_says_the_same_in_one_line(name: str, content: bytes, tmp_path, capsys):
    (tmp_path / name).write_bytes(content)
    assert main(["certify", "graph", str(tmp_path / name), "--samples", "10"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: the file is no usable")
    assert error.count("\n") == 1


def _uploads(contents: list[tuple[str, bytes]], name: str) -> Iterator[Trial]:
    for number, (what, content) in enumerate(contents):
        yield f"{what} {number}", lambda content=content: read_graph_upload(content, name)
