"""`python -m lrscore certify graph NAME|FILE.npz`."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np

from lrscore.catalogue import find_catalogue
from lrscore.cli.graph_summary import print_graph_summary
from lrscore.cli.known_nodes import target_nodes
from lrscore.cli.matrices import read_matrix
from lrscore.cli.model_options import add_model_options, graph_how, placed
from lrscore.cli.options import (
    add_sampling_options,
    add_settings,
    check_output,
    chosen_settings,
    pair,
    seeded,
)
from lrscore.cli.progress import progress_bar
from lrscore.cli.promise import warn_if_hopeless
from lrscore.errors import SettingsError
from lrscore.graphs.known_labels import known_labels
from lrscore.graphs.settings import GraphSettings


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of this command."""
    add = parser.add_argument
    add("source", metavar="NAME|FILE", help="a graph's name, or a .npz or .graphml file")
    add(
        "--model",
        help="name of a node classifier (by default one that belongs to the graph's name), a checkpoint, FILE.json or "
        "module:function",
    )
    add_model_options(parser, images=False)
    add(
        "--targets",
        metavar="FILE|train|val|test",
        help="count these nodes as well, stored and verified: a 0 or 1 for every node (.csv, .npy, .json), or a split",
    )
    add_settings(parser, GraphSettings, "clusters", "partition")
    add(
        "--partition-file",
        metavar="FILE",
        help="instead of --clusters and --partition: the cluster of every node, from 0, as .csv, .npy or .json",
    )
    add_settings(parser, GraphSettings, "flip_to_one", "flip_to_zero")
    add(
        "--level-matrix",
        nargs=2,
        metavar=("TO_ONE", "TO_ZERO"),
        help="instead of the flips and falloff: two files with the whole (groups, clusters) matrices of the "
        "probabilities 0 -> 1 and 1 -> 0, as .csv, .npy or .json",
    )
    add(
        "--flip-edges",
        nargs=2,
        type=pair(float, ":", "NEAR:FAR"),
        metavar=("NEW", "LOST"),
        help="flip edges as well: NEAR:FAR probabilities that two nodes without an edge get one, and that an edge is "
        "removed, in the nearest and farthest pair of clusters; edges alone with --flip-to-one 0:0 --flip-to-zero 0:0",
    )
    add(
        "--edge-level-matrix",
        nargs=2,
        metavar=("NEW", "LOST"),
        help="instead of --flip-edges: two files with the (groups, pairs of clusters) matrices of these probabilities; "
        "pairs are (0, 0), (1, 1), ..., then (0, 1), (0, 2), ..., (1, 2), ...",
    )
    add_settings(parser, GraphSettings, "falloff", "scores", "bound", "margins", "orders", "bins")
    add_settings(parser, GraphSettings, "runner_up", "hierarchy")
    add_sampling_options(parser, GraphSettings)


def graph_settings(options: argparse.Namespace) -> GraphSettings:
    """The settings that the options describe.

    Raises:
        SettingsError: a value is out of range, or a file holds no matrix.
    """
    chosen = chosen_settings(options, GraphSettings)
    if options.level_matrix is not None:
        chosen["levels"] = read_levels(*options.level_matrix)
    if options.edge_level_matrix is not None:
        new, lost = options.edge_level_matrix
        chosen["edge_levels"] = read_levels(new, lost, "edge-level-matrix")
    if options.partition_file is not None:
        chosen["partition"] = read_clusters(options.partition_file)
    return GraphSettings(**chosen)


def read_levels(to_one: str, to_zero: str, option: str = "level-matrix") -> np.ndarray:
    """(2, groups, clusters) flip probabilities from two files."""
    matrices = [read_matrix(path, option) for path in (to_one, to_zero)]
    shapes = [matrix.shape for matrix in matrices]
    if shapes[0] != shapes[1]:
        raise SettingsError(
            f"{option}: {to_one} and {to_zero} must have one shape, got {shapes[0]} and {shapes[1]}"
        )
    return np.stack(matrices)


def read_clusters(path: str) -> np.ndarray:
    """(n,) cluster ids from a file with one row or one column."""
    matrix = read_matrix(path, "partition-file", key="clusters", flat=True)
    ids = matrix.ravel()
    if 1 not in matrix.shape:
        raise SettingsError(
            f"partition-file: {path} must hold one row or column of whole numbers, got shape {matrix.shape}"
        )
    odd = np.flatnonzero(~np.isfinite(ids) | (ids != np.rint(ids)) | (ids < 0) | (ids >= 2**31))
    if odd.size:
        raise SettingsError(
            f"partition-file: {path} must hold one row or column of whole numbers from 0, "
            f"got {ids[odd[0]]:g} for node {odd[0]}"
        )
    return ids.astype(np.int64)


def run(options: argparse.Namespace) -> None:
    """Sample, certify, print a summary, write the file."""
    check_output(options.out)
    settings = graph_settings(options)
    catalogue = find_catalogue()
    graph = catalogue.load_graph(options.source)
    if remark := getattr(graph, "remark", ""):
        print(f"{options.source}: {remark}")
    name = options.model or default_model(options.source)
    model = catalogue.load_graph_model(name, **graph_how(options))
    nodes = int(graph.x.shape[0])
    labels, sentence = known_labels(graph, model, nodes)
    if sentence:
        print(sentence)
    targets = None if options.targets is None else target_nodes(options.targets, graph, nodes)
    warn_if_hopeless(settings, nodes, "nodes")
    generator, device = seeded(options.seed, options.device)
    model = placed(model, device)

    from lrscore.graphs.certify import certify_graph
    from lrscore.graphs.unsmoothed import unsmoothed_labels

    unsmoothed = unsmoothed_labels(model, graph, device)  # a model that does not fit fails here, at once
    with progress_bar("noisy graphs") as progress:
        certificate = certify_graph(
            model, graph, settings, generator=generator, device=device, progress=progress
        )
    told = {**certificate.provenance, "title": options.source}
    certificate = replace(certificate, provenance=told, unsmoothed=unsmoothed)
    certificate = certificate if labels is None else certificate.with_reference(labels)
    curve = certificate.collective(certificate.default_budgets(options.method), method=options.method)
    certificate = replace(certificate, curves=(curve,))
    if targets is not None:
        certificate = certificate.with_targets(
            "targets", targets, budgets=curve.budgets, method=options.method
        )
    certificate.save(options.out)
    print_graph_summary(certificate)
    print(f"written to {options.out}")


def default_model(source: str) -> str:
    """Models are named after the graph they were trained on.

    Raises:
        SettingsError: the graph is a file, which says nothing about models.
    """
    if Path(source).suffix:
        raise SettingsError(
            f"name the node classifier of {source} with --model: a checkpoint, FILE.json or module:function"
        )
    return f"{source}-appnp"
