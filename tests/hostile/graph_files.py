"""Graph files that are damaged, or promise more than they hold: made here, by a seed."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator

import numpy as np

NODES = 12


def arrays(**changed: object) -> dict[str, np.ndarray]:
    """A small graph as its arrays, some of them exchanged; None leaves one out."""
    around = np.arange(NODES)
    dense = np.zeros((NODES, NODES))
    dense[around, (around + 1) % NODES] = 1
    plain: dict[str, object] = {
        "adj_matrix": dense,
        "attr_matrix": (around[:, None] % 5 == np.arange(5)).astype(float),
        "labels": around % 3,
    }
    return {name: np.asarray(value) for name, value in (plain | changed).items() if value is not None}


def npz(**changed: object) -> bytes:
    """The archive of `arrays`."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays(**changed), allow_pickle=True)
    return stream.getvalue()


def _with_member(name: str, content: bytes) -> bytes:
    """The archive with one member exchanged for other bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(npz())) as old, zipfile.ZipFile(stream, "w") as new:
        for member in old.namelist():
            if member != f"{name}.npy":
                new.writestr(member, old.read(member))
        new.writestr(f"{name}.npy", content)
    return stream.getvalue()


def _header(description: str) -> bytes:
    text = description.encode()
    text += b" " * (-(len(text) + 11) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def _encrypted() -> bytes:
    content = bytearray(npz())
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 8] |= 1
        start += 4
    return bytes(content)


def _bomb() -> bytes:
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed,
        packed.open("attr_matrix.npy", "w", force_zip64=True) as member,
    ):
        member.write(_header("{'descr': '|u1', 'fortran_order': False, 'shape': (50000, 20000), }"))
        for _ in range(600):
            member.write(bytes(1 << 20))
    return stream.getvalue()


def lying_archives() -> Iterator[tuple[str, bytes]]:
    """Archives that ask for more than they hold, each by name."""
    everywhere = np.array([0, 1, 2] * 4, dtype=np.int64)
    yield "label 2^62", npz(labels=np.where(everywhere == 1, 2**62, everywhere))
    yield "label 2^63 unsigned", npz(labels=np.full(NODES, 2**63, dtype=np.uint64))
    yield "labels all different and large", npz(labels=np.arange(NODES) * 10**15)
    yield "label -2^62", npz(labels=np.full(NODES, -(2**62)))
    yield "label infinity", npz(labels=np.full(NODES, np.inf))
    for place in ("adj_matrix", "attr_matrix"):
        for shape in ((2**62, 2**62), (2**40, 4), (NODES, 2**40), (-1, NODES), (0, 0)):
            yield (
                f"{place} of shape {shape}",
                npz(
                    **{
                        place: None,
                        f"{place}.data": np.ones(3),
                        f"{place}.row": np.arange(3),
                        f"{place}.col": np.arange(3),
                        f"{place}.shape": np.array(shape),
                    }
                ),
            )
    yield (
        "pointers beyond",
        npz(
            **{
                "attr_matrix": None,
                "attr_matrix.data": np.ones(3),
                "attr_matrix.indices": np.array([0, 1, 2**40]),
                "attr_matrix.indptr": np.array([0, 2**50, 3]),
                "attr_matrix.shape": np.array([2, 5]),
            }
        ),
    )
    yield "edges to 2^40", npz(adj_matrix=None, edges=np.array([[0, 2**40], [1, 2]]))
    yield "a split of node 2^60", npz(train_idx=np.array([2**60]))
    yield "names with escape sequences", npz(node_names=np.array(["\x1b[2J\u202e"] * NODES))
    yield "positions of infinity", npz(positions=np.full((NODES, 2), np.inf))
    yield "pickled labels", npz(labels=np.array([{"a": 1}] * NODES, dtype=object))
    yield "many arrays", npz(**{f"more{number}": np.zeros(1) for number in range(400)})
    yield "encrypted", _encrypted()
    yield "unpacks to 600 MiB", _bomb()
    for shape in (
        "(1099511627776,)",
        "(4611686018427387904, 4)",
        "(-1,)",
        "(True,)",
        "((((1,),),),)",
        "('a',)",
    ):
        text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}"
        yield f"header shape {shape}", _with_member("labels", _header(text) + bytes(800))
    for descr in (
        "'<U99999999'",
        "[('a', '<f8')]",
        "'|O'",
        "__import__('os')",
        "'<M8[ns]'",
        "'|V7'",
        "'<c16'",
    ):
        text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': (12,), }}"
        yield f"header type {descr}", _with_member("labels", _header(text) + bytes(800))
    yield "header of brackets", _with_member("labels", _header("{" + "[" * 5000))
    yield "nothing", b""
    yield "no archive", b"PK\x03\x04" + bytes(200)


_KEYS = (
    '<key id="k{0}" for="node" attr.name="k{0}" attr.type="boolean"/>',
    '<data key="k{0}">true</data>',
)


def graphml(body: str = "", head: str = "", keys: str = "") -> bytes:
    """A document around a body of nodes and edges."""
    return (
        f'{head}<graphml xmlns="http://graphml.graphdrawing.org/xmlns">{keys}'
        f'<graph edgedefault="undirected">{body}</graph></graphml>'
    ).encode()


def honest_graphml(nodes: int = 12) -> bytes:
    """A ring in which every node has one of three attributes."""
    keys = "".join(_KEYS[0].format(number) for number in range(3))
    body = "".join(
        f'<node id="n{node}">{_KEYS[1].format(node % 3)}</node>' for node in range(nodes)
    ) + "".join(f'<edge source="n{node}" target="n{(node + 1) % nodes}"/>' for node in range(nodes))
    return graphml(body, keys=keys)


def own_attribute_each(nodes: int, default: str = "") -> bytes:
    """Every node has a key of its own: a table of all nodes and keys has their product of entries."""
    inner = f"<default>{default}</default>" if default else ""
    keys = "".join(
        f'<key id="k{number}" for="node" attr.name="k{number}" attr.type="boolean">{inner}</key>'
        for number in range(nodes)
    )
    body = "".join(f'<node id="n{node}">{_KEYS[1].format(node)}</node>' for node in range(nodes))
    return graphml(body, keys=keys)


def lying_graphml() -> Iterator[tuple[str, bytes]]:
    """GraphML that could define entities, is nested or spelled oddly, or is no GraphML, each by name."""
    entities = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    outside = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
    plain = honest_graphml().decode()
    yield "entities", graphml('<node id="&b;"/>', entities)
    yield "an entity of a file", graphml('<node id="&a;"/>', outside)
    for encoding in ("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037"):
        yield f"document type in {encoding}", graphml('<node id="n"/>', entities).decode().encode(encoding)
    for name in ("no-such", "utf-16", "ebcdic-cp-us", "\u00e9"):
        yield f"declared encoding {name}", f'<?xml version="1.0" encoding="{name}"?>{plain}'.encode()
    yield "nested graphs", graphml("<graph>" * 20_000 + "</graph>" * 20_000)
    yield "nested elements", b"<graphml>" + b"<a>" * 400_000
    yield "a million elements", graphml('<node id="n"/>' * 1_000_001)
    yield (
        "a long number",
        graphml(
            '<node id="n"><data key="k0">' + "9" * 20_000 + "</data></node>",
            keys='<key id="k0" for="node" attr.name="k0" attr.type="int"/>',
        ),
    )
    yield "an unknown key", graphml('<node id="n"><data key="nobody">1</data></node>')
    yield "an unknown type", graphml(keys='<key id="k" for="node" attr.name="k" attr.type="code"/>')
    yield "edges to nobody", graphml('<node id="a"/><edge source="a" target="b"/>')
    yield "a node twice", graphml('<node id="a"/><node id="a"/>')
    yield "escape sequences", honest_graphml().replace(b"n3", "n\u202e3".encode())
    yield "no XML", b"\x00\x01\x02"
    yield "nothing", b""
    yield "not GraphML", b"<html><body/></html>"
    yield "every default present", own_attribute_each(6_000, "true")
