"""`python -m lrscore verify FILE` and `python -m lrscore show FILE`."""

from __future__ import annotations

import argparse
from typing import Any

from lrscore.cli.graph_summary import print_graph_summary
from lrscore.cli.image_summary import print_image_summary
from lrscore.cli.tables import print_checks
from lrscore.collective.verify_work import MOST_WORK
from lrscore.files import load_certificate
from lrscore.graphs.certificate import GraphCertificate
from lrscore.images.certificate import ImageCertificate
from lrscore.verify import verify_file


def add_commands(commands: Any) -> None:
    """Register `verify` and `show`."""
    verify = commands.add_parser(
        "verify", help="re-check a certificate from its counts: bounds, thresholds, collective proof"
    )
    verify.add_argument("file", metavar="FILE")
    verify.add_argument(
        "--work",
        metavar="STEPS",
        type=int,
        default=MOST_WORK,
        help="steps with exact fractions that the proofs of the file may take (default: %(default)s)",
    )
    verify.set_defaults(run=verify_command)
    show = commands.add_parser("show", help="print what a certificate file says")
    show.add_argument("file", metavar="FILE")
    show.set_defaults(run=show_command)


def verify_command(options: argparse.Namespace) -> None:
    """Check everything in the file; raises `CertificateError` where something does not hold."""
    print_checks(verify_file(options.file, work=options.work))
    print(f"{options.file} verifies")


def show_command(options: argparse.Namespace) -> None:
    """Print provenance, settings, guarantee and the curve."""
    certificate = load_certificate(options.file)
    for name, value in certificate.provenance.items():
        if value:
            print(f"{name}: {value}")
    if isinstance(certificate, ImageCertificate):
        print_image_summary(certificate)
    elif isinstance(certificate, GraphCertificate):
        print_graph_summary(certificate)
