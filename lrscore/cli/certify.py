"""`python -m lrscore certify image|graph`."""

from __future__ import annotations

import argparse
from typing import Any

from lrscore.cli import certify_graph, certify_image


def add_command(commands: Any) -> None:
    """Register `certify` and its kinds."""
    parser = commands.add_parser("certify", help="sample a smoothed model and certify its prediction")
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND")
    for module, name, purpose in (
        (certify_image, "image", "certify the segmentation of one image"),
        (certify_graph, "graph", "certify the node labels of one attributed graph"),
    ):
        kind = kinds.add_parser(
            name, help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
        )
        module.add_options(kind)
        kind.set_defaults(run=module.run)
