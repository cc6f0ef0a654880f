"""How commands end: codes 1, 2 and 3 keep apart what does not verify, what was asked wrongly, and what is our fault."""

from __future__ import annotations

import pytest

from lrscore.cli.failures import run_command
from lrscore.cli.main import main
from lrscore.cli.options import LARGEST_SEED, seeded
from lrscore.errors import Cancelled, CertificateError, InputError, SettingsError


def raising(error: BaseException):
    def command() -> None:
        raise error

    return command


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError("no\nsuch thing"), 2, "error: no such thing"),
        (Cancelled(), 2, "cancelled; nothing was written"),
        (KeyboardInterrupt(), 2, "cancelled"),
        (FileNotFoundError(2, "No such file", "a.nc"), 2, "error: a.nc: No such file"),
        (PermissionError("denied"), 2, "error: denied"),
        (MemoryError(), 2, "not enough memory"),
        (RuntimeError("a\nb"), 3, "RuntimeError: a b"),
        (AssertionError(), 3, "AssertionError"),
        (CertificateError("odd"), 3, "CertificateError: odd"),
    ],
)
def test_every_failure_is_one_line_and_its_own_code(capsys, error, code, said):
    assert run_command(raising(error)) == code
    line = capsys.readouterr().err
    assert said in line
    assert line.count("\n") == 1


def test_only_what_does_not_verify_is_code_1(capsys):
    assert run_command(raising(CertificateError("odd")), verifies=True) == 1
    assert capsys.readouterr().err == "does not verify: odd\n"
    assert run_command(lambda: None, verifies=True) == 0


def test_a_fault_names_its_place_and_debug_shows_it(capsys):
    def twice() -> str:
        run_command(raising(RuntimeError("x")))
        return capsys.readouterr().err

    assert twice() == twice()
    run_command(raising(RuntimeError("x")), debug=True)
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["first", "last"])
def test_debug_is_taken_by_every_command(capsys, place):
    words = ["verify", "nowhere.nc"]
    assert main(["--debug", *words] if place == "first" else [*words, "--debug"]) == 2
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize("seed", [-1, LARGEST_SEED + 1, 2**64, 2**200])
def test_seeds_outside_their_range_are_refused(seed):
    with pytest.raises(SettingsError, match="seed must be a whole number from 0"):
        seeded(seed, "cpu")
    assert seeded(LARGEST_SEED, "cpu")[0].initial_seed() == LARGEST_SEED


@pytest.mark.parametrize("device", ["nothing", "cuda:99", "meta", "cpu:x", ""])
def test_devices_that_are_not_here_are_refused(device):
    with pytest.raises(SettingsError, match=r"device .* is not available"):
        seeded(0, device)
