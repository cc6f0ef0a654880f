"""Every control of the graph page, each bound to the address line, and the settings they ask for.

As on the segmentation page, the key of a control is its name in the link, the page's word in front.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import streamlit as st

from lrscore.graphs.partition import PARTITIONS
from lrscore.graphs.settings import GraphSettings
from lrscore.statistics import SOFT_METHODS
from ui.certification.options import ALPHAS, Preset
from ui.certification.preset_pills import draw_presets
from ui.certification.shared_widgets import draw_correction, draw_seed, draw_tolerated
from ui.graphs.override import EDGES, draw_override_field, draw_override_tables
from ui.graphs.request import DEFAULTS, GraphRequest, request_from
from ui.links import named
from ui.style.glossary import TERMS
from ui.widgets.linked import linked

COPIES = (50, 100, 200, 500, 1000, 2000, 5000, 10000)
PILOTS = (20, 50, 100, 200, 500, 1000)
MOST_CLUSTERS = 20

SCORE_WORDS = MappingProxyType(
    {
        "soft": "mean scores",
        "margins": "mean scores, margins to every class",
        "votes": "votes",
    }
)
BOUND_WORDS = MappingProxyType(
    {
        "direct": "direct: tests the threshold itself (sharpest)",
        "bernstein": "empirical Bernstein: mean and variance",
        "dkw": "DKW band, as published",
    }
)
PARTITION_WORDS = MappingProxyType({"metis": "METIS", "spectral": "spectral", "louvain": "Louvain"})


def draw_controls(
    offered: Mapping[str, Any],
    presets: Sequence[Preset],
    ranks_of: Callable[[GraphSettings], np.ndarray | None],
) -> GraphRequest:
    """Draw the controls and return what they ask for.

    Args:
        offered: values they stand at first: those of the certificate at hand, so that it answers them.
        presets: on offer for the chosen graph.
        ranks_of: ranks of the clusters that settings make of the chosen graph; None without a graph.

    Raises:
        SettingsError: the values contradict each other.
    """
    first = {**DEFAULTS, **offered}
    row = st.container()
    values = {**_cluster_controls(first), **_noise_controls(first)}
    values |= _edge_controls(first)
    override = draw_override_field()
    pairs = draw_override_field(EDGES) if values["edges"] or _edited_pairs() else None
    values |= {"levels": override.text, "edge_levels": pairs.text if pairs is not None else ""}
    values |= _confidence_controls(first)
    values |= _sampling_controls(first, values["correction"])
    with row:  # drawn last: a control takes its value from the link when it is drawn
        draw_presets("graph", presets, values)
    request = request_from(values)
    ranks = ranks_of(request.settings)
    if ranks is not None:
        draw_override_tables(override.tables, request.settings, ranks)
        if pairs is not None:
            draw_override_tables(pairs.tables, request.settings, ranks, EDGES)
    return request


def _edited_pairs() -> bool:
    """Whether session or link have levels of edges."""
    return bool(st.session_state.get(EDGES.key, st.query_params.get(EDGES.key)))


def _steps(name: str, usual: Sequence[float], first: Mapping[str, Any]) -> list[float]:
    """The usual values, the offered one, and the one that is chosen."""
    return sorted({*usual, first[name], st.session_state.get(named("graph", name), first[name])})


def _cluster_controls(first: Mapping[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    clusters = linked(
        left.slider,
        "Clusters",
        1,
        max(MOST_CLUSTERS, first["clusters"]),
        first["clusters"],
        key="graph_clusters",
        help=TERMS["cluster"],
    )
    partition = linked(
        right.selectbox,
        "Partition",
        PARTITIONS,
        index=PARTITIONS.index(first["partition"]),
        key="graph_partition",
        format_func=PARTITION_WORDS.__getitem__,
        filter_mode=None,
        help="How nodes are grouped, from the edges alone. A node sees its own cluster under little noise, "
        "clusters with few edges to it under much.",
    )
    return {"clusters": clusters, "partition": partition}


def _noise_controls(first: Mapping[str, Any]) -> dict[str, Any]:
    to_zero = linked(
        st.slider,
        "Chance that a one is deleted: near → far",
        0.0,
        0.99,
        first["to_zero"],
        step=0.01,
        key="graph_to_zero",
        help="In a node's own cluster and in the farthest one. Noise that deletes buys robustness to deletions.",
    )
    to_one = linked(
        st.slider,
        "Chance that a one is added: near → far",
        0.0,
        max(0.3, *first["to_one"]),
        first["to_one"],
        step=0.005,
        format="%.3f",
        key="graph_to_one",
        help="At 0 no addition can be certified: it would be seen for what it is.",
    )
    return {"to_zero": to_zero, "to_one": to_one}


def _edge_controls(first: Mapping[str, Any]) -> dict[str, Any]:
    with st.expander("Flips of edges", expanded=bool(st.session_state.get("graph_edges", first["edges"]))):
        edges = linked(
            st.text_input,
            "Chance of a new edge and of a lost one: near:far near:far",
            first["edges"],
            key="graph_edges",
            placeholder="none: edges stay as they are; try 0.0002:0.002 0.6:0.9",
            max_chars=100,
            help="In the nearest and in the farthest pair of clusters, as --flip-edges takes it. There are many more "
            "pairs of nodes than edges, so chances of new edges are small.",
        )
    return {"edges": edges}


def _confidence_controls(first: Mapping[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    alpha = linked(
        left.select_slider,
        "Error probability",
        _steps("alpha", ALPHAS, first),
        first["alpha"],
        key="graph_alpha",
        help="Alpha, answered from the stored counts. The guarantee holds for one chosen before looking.",
    )
    samples = linked(
        right.select_slider,
        "Samples per cluster",
        _steps("samples", COPIES, first),
        first["samples"],
        key="graph_samples",
        help="Noisy graphs per cluster that estimate each score. More samples, tighter bounds.",
    )
    correction = draw_correction("graph_correction", first["correction"], "nodes")
    return {"alpha": alpha, "samples": samples, "correction": correction}


def _sampling_controls(first: Mapping[str, Any], correction: str) -> dict[str, Any]:
    with st.expander("Scores, bound, pilot, seed"):
        scores = linked(
            st.selectbox,
            "What is smoothed",
            list(SCORE_WORDS),
            index=list(SCORE_WORDS).index(first["scores"]),
            key="graph_scores",
            format_func=SCORE_WORDS.__getitem__,
            filter_mode=None,
            help="Votes count how often a label wins among noisy copies; scores average what the model says about "
            "each label.",
        )
        votes = scores == "votes"
        rivals = linked(
            st.checkbox,
            "Hold votes against other classes, not one half",
            first["rivals"],
            key="graph_rivals",
            disabled=not votes,
            help="With more than two classes a label can win with less than half of the votes. Where the pilot expects "
            "more of it, the other classes are bounded as well.",
        )
        coarse = linked(
            st.checkbox,
            "Coarse labels where a class is not certain",
            first["coarse"],
            key="graph_coarse",
            disabled=not votes,
            help="The pilot picks, for every node, the finest group of classes that is likely to be certified. Needs a "
            "model that states a tree of its classes: no bundled one does.",
        )
        bound = linked(
            st.selectbox,
            "Bound for scores",
            SOFT_METHODS,
            index=SOFT_METHODS.index(first["bound"]),
            key="graph_bound",
            format_func=lambda name: BOUND_WORDS.get(name, name),
            disabled=scores == "votes",
            filter_mode=None,
            help=TERMS["bound"],
        )
        falloff = linked(
            st.slider,
            "Noise grows with rank to the power",
            0.0,
            3.0,
            float(first["falloff"]),
            step=0.05,
            key="graph_falloff",
            help="1: linear. 0: every other cluster gets the farthest noise.",
        )
        pilot = linked(
            st.select_slider,
            "Pilot samples per cluster",
            _steps("pilot", PILOTS, first),
            first["pilot"],
            key="graph_pilot",
            help="Separate noisy graphs that choose each node's label.",
        )
        seed = draw_seed("graph_seed", first["seed"])
        tolerated = draw_tolerated("graph_tolerated", first["tolerated"], correction)
    return {
        "scores": scores,
        "rivals": rivals and votes,
        "coarse": coarse and votes,
        "bound": bound,
        "falloff": falloff,
        "pilot": pilot,
        "seed": seed,
        "tolerated": tolerated,
    }
