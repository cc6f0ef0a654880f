"""Parse the command line and turn every foreseeable failure into one line and an exit code.

Exit codes: 0 done, 1 a certificate does not verify, 2 bad usage or an unreadable file.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import NoReturn

from lrscore.cli import certify, inspect, locality, propose
from lrscore.errors import Cancelled, CertificateError, LrscoreError


class OneLineParser(argparse.ArgumentParser):
    """An argument parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"error: {message} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The whole command line."""
    parser = OneLineParser(
        prog="python -m lrscore",
        description="Collective robustness certificates by localized randomized smoothing.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    certify.add_command(commands)
    inspect.add_commands(commands)
    locality.add_command(commands)
    propose.add_command(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; see the module for the exit codes."""
    options = build_parser().parse_args(arguments)
    try:
        options.run(options)
    except CertificateError as error:
        print(f"does not verify: {error}", file=sys.stderr)
        return 1
    except LrscoreError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except (Cancelled, KeyboardInterrupt):  # outputs are written at the very end
        print("cancelled; nothing was written", file=sys.stderr)
        return 2
    return 0
