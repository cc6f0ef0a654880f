"""Presets of the graph page. They differ in the noise; scores, bound and confidence stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ui.certification.options import Preset
from ui.graphs.request import DEFAULTS

_OWN_CLUSTERS = 16
_BLANK = 0.99  # chance of a deletion that leaves next to nothing


def graph_presets(offered: Mapping[str, Any]) -> tuple[Preset, ...]:
    """The presets of one graph.

    Args:
        offered: control values of its stored certificate, or empty: what "Localized" means here, so that this preset is
            answered without a run.
    """
    localized = {**DEFAULTS, **offered, "levels": "", "edge_levels": ""}
    several = max(2, localized["clusters"])
    common = {**localized, "to_one": (0.01, 0.01), "falloff": 1.0, "pilot": 100, "samples": 1000}

    def preset(name: str, title: str, description: str, values: Mapping[str, Any]) -> Preset:
        return Preset(name, title, description, MappingProxyType(dict(values)))

    return (
        preset(
            "localized",
            "Localized",
            "Little noise in a node's own cluster, much far away: the method as it is meant.",
            localized,
        ),
        preset(
            "own",
            "Only the own cluster",
            "All other clusters are as good as blank: the adversary pays in every cluster anew.",
            {**common, "clusters": _OWN_CLUSTERS, "to_zero": (0.3, _BLANK), "falloff": 0.0},
        ),
        preset(
            "isotropic",
            "Isotropic",
            "One cluster, the same noise everywhere: classical randomized smoothing.",
            {**common, "clusters": 1, "to_zero": (0.6, 0.6)},
        ),
        preset(
            "strong",
            "Strong noise",
            "Much is deleted even nearby: withstands more deletions, abstains more often.",
            {**common, "clusters": several, "to_zero": (0.6, 0.9)},
        ),
        preset(
            "live",
            "Live",
            "Two clusters and an anytime correction: valid certificates while the samples come in.",
            {
                **common,
                "clusters": 2,
                "to_zero": (0.3, 0.9),
                "pilot": 50,
                "samples": 500,
                "correction": "anytime",
            },
        ),
    )
