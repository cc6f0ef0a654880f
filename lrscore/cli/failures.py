"""How a command ends: an exit code, and one line about whatever went wrong.

Exit codes: 0 done, 1 a certificate does not verify (and nothing else), 2 bad usage, unreadable input or a machine that
lacks something, 3 a fault of this software. The traceback of a fault is in the log (`lrscore.faults`), and shown with
`--debug`.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress

from lrscore.errors import Cancelled, CertificateError, LrscoreError
from lrscore.faults import report_fault
from lrscore.memory import is_out_of_memory
from lrscore.plain_text import one_line

DONE, DOES_NOT_VERIFY, BAD_INPUT, OWN_FAULT = range(4)


def run_command(
    command: Callable[[], object],
    *,
    debug: bool = False,
    verifies: bool = False,
    left: str = "nothing was written",
) -> int:
    """Run a command and return its exit code; errors go to standard error, one line each.

    Args:
        command: what to run.
        debug: show the traceback of every error.
        verifies: whether a `CertificateError` means that a file does not verify. Elsewhere it would be our own fault.
        left: what a cancelled command leaves behind, unless its `Cancelled` tells by an attribute of that name.
    """
    try:
        command()
    except CertificateError as error:
        return _fail(error, debug, *(("does not verify", DOES_NOT_VERIFY) if verifies else _fault(error)))
    except LrscoreError as error:
        return _fail(error, debug, "error", BAD_INPUT)
    except (Cancelled, KeyboardInterrupt) as stopped:
        _say(f"cancelled; {getattr(stopped, 'left', left)}")
        return BAD_INPUT
    except BrokenPipeError:  # whoever read our output has seen enough
        with suppress(OSError):
            sys.stdout.close()
        return BAD_INPUT
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(
            error,
            debug,
            f"error: {where}{error.strerror or ''}".rstrip(": "),
            BAD_INPUT,
            said=not error.strerror,
        )
    except Exception as error:
        if is_out_of_memory(error):
            known = isinstance(error, MemoryError) and bool(str(error))  # what torch says is long
            title = "error: not enough memory" + ("" if known else "; try --batch-size 1")
            return _fail(error, debug, title, BAD_INPUT, said=known)
        return _fail(error, debug, *_fault(error))
    return DONE


def _fault(error: BaseException) -> tuple[str, int]:
    """What to call a fault of our own, whose traceback is in the log."""
    mark = report_fault(error, "command line")
    return f"internal error {mark}, not your fault (--debug shows where): {type(error).__name__}", OWN_FAULT


def _fail(error: BaseException, debug: bool, title: str, code: int, *, said: bool = True) -> int:
    if debug:
        traceback.print_exception(error)
    text = " ".join(str(error).split())
    _say(f"{title}: {text}" if said and text else title)
    return code


def _say(line: str) -> None:
    with suppress(OSError, ValueError):
        print(one_line(line), file=sys.stderr)
