"""Parse the command line and run one command; `lrscore.cli.failures` says how it ends."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from functools import partial
from typing import Any, NoReturn

from lrscore.cli import attack, certify_graph, certify_image, check, inspect, locality, propose, study
from lrscore.cli.failures import BAD_INPUT, run_command


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose errors are one line; it and its commands take `--debug`."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error arises"
        )

    def error(self, message: str) -> NoReturn:
        line = " ".join(message.split())
        self.exit(BAD_INPUT, f"error: {line} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = OneLineParser(
        prog="python -m lrscore",
        description="Collective robustness certificates by localized randomized smoothing.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_certify(commands)
    inspect.add_commands(commands)
    locality.add_command(commands)
    propose.add_command(commands)
    check.add_command(commands)
    attack.add_command(commands)
    study.add_command(commands)
    return parser


def _add_certify(commands: Any) -> None:
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see `lrscore.cli.failures` for the exit codes."""
    options = build_parser().parse_args(arguments)
    debug = bool(getattr(options, "debug", False))
    verifies = "verify" in (options.command, getattr(options, "step", None))
    return run_command(partial(options.run, options), debug=debug, verifies=verifies)
