"""`python -m lrscore attack FILE.nc`: what one adversary achieves, beside what the certificate allows.

Every kind of certificate brings its own attack: `ATTACKS` names the module with its `add_options(parser)` and
`run(certificate, options)`.
"""

from __future__ import annotations

import argparse
from typing import Any

from lrscore.cli import attack_graph, attack_image
from lrscore.cli.options import check_output
from lrscore.errors import SettingsError
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate

ATTACKS: dict[type, Any] = {ImageCertificate: attack_image, GraphCertificate: attack_graph}
"""Kind of certificate -> module that attacks it."""


def add_command(commands: Any) -> None:
    """Register `attack`."""
    purpose = (
        "attack the smoothed model behind a certificate within a budget, and compare with what is certified"
    )
    parser = commands.add_parser(
        "attack", help=purpose, description=purpose, formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("file", metavar="FILE", help="a certificate")
    add("--model", help="the model it was made with; by default the one that the file names")
    add("--seed", type=int, default=0, help="seed of all randomness")
    add("--device", default="cpu", help="cpu, cuda or cuda:N")
    add(
        "--out",
        metavar="FILE",
        help="where to write the attacked picture (attacked.npy by default) or a graph's changes (attacked.csv)",
    )
    for module in ATTACKS.values():
        module.add_options(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> None:
    """Attack the certificate by the module of its kind."""
    certificate = load_certificate(options.file)
    module = ATTACKS.get(type(certificate))
    if module is None:
        raise SettingsError(
            f"{options.file} is a certificate of {certificate.outputs}, for which there is no attack yet"
        )
    options.out = options.out or module.OUT
    check_output(options.out)
    module.run(certificate, options)
