"""Certificate files from strangers: links, lies, damage, greed. Each is read, or refused in one sentence."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from pathlib import Path

import h5py
import numpy as np
import pytest

from lrscore import CertificateFileError, load_certificate
from lrscore.cli.main import main
from lrscore.collective.verify_work import at_most, spend
from lrscore.errors import CertificateError, LrscoreError
from lrscore.plain_text import one_line
from lrscore.records import read_heading
from lrscore.verify import verify_file
from tests.hostile.certificates import REACHING, Change, cut_short, flipped_bits, odd_settings
from tests.hostile.surface import Tally, Trial
from tests.ui.graphs.toy_certificate import toy_certificate as toy_graph_certificate
from tests.ui.toy import toy_certificate


@pytest.fixture(scope="module")
def genuine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("genuine") / "genuine.nc"
    toy_certificate().save(path)
    return path


@pytest.fixture(scope="module")
def genuine_graph(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("genuine") / "graph.nc"
    toy_graph_certificate().save(path)
    return path


@pytest.mark.parametrize("name", REACHING)
def test_what_reaches_out_or_declares_too_much_is_refused_by_name(
    name: str, genuine: Path, tmp_path: Path, surface: Callable[[str], Tally]
):
    change, said = REACHING[name]
    path = _changed(genuine, tmp_path / "hostile.nc", change)
    for read in (load_certificate, verify_file, read_heading):
        if read is read_heading and said in _ONLY_WHEN_READ:
            continue
        with pytest.raises(CertificateFileError, match=said):
            read(path)
    surface("certificates that reach out or declare too much").try_all(
        [(name, lambda: load_certificate(path))]
    )


_ONLY_WHEN_READ = (
    "nested deeper than",
    "digits",
    "named texts",
    "at most 1,000 texts",
    "at most 4,096 regions",
    "samples must be at most",
)
"""What stands in texts that headings hand on as they are."""


def test_damaged_files_are_read_or_refused(genuine: Path, tmp_path: Path, surface: Callable[[str], Tally]):
    rng = np.random.default_rng(20)
    content = genuine.read_bytes()
    kinds = {
        "cut short": cut_short(content, rng, 10),
        "flipped bits": flipped_bits(content, rng, 60),
        "odd settings": odd_settings(content, rng, 20),
    }
    tally = surface("damaged certificates of images")
    tally.try_all(_readings(kinds, tmp_path))
    assert tally.refused > 50


def test_damaged_graph_files_are_read_or_refused(
    genuine_graph: Path, tmp_path: Path, surface: Callable[[str], Tally]
):
    rng = np.random.default_rng(21)
    content = genuine_graph.read_bytes()
    kinds = {
        "cut short": cut_short(content, rng, 8),
        "flipped bits": flipped_bits(content, rng, 40),
        "odd settings": odd_settings(content, rng, 16),
    }
    tally = surface("damaged certificates of graphs")
    tally.try_all(_readings(kinds, tmp_path))
    assert tally.refused > 30


def test_work_beyond_the_bound_is_not_done(genuine: Path):
    assert verify_file(genuine)
    with pytest.raises(CertificateFileError, match="more work than is spent on a file"):
        verify_file(genuine, work=50)
    with at_most(10):
        spend(10)
        with pytest.raises(LrscoreError, match="more work"):
            spend(1)
    spend(1 << 60)  # outside nothing is counted


def test_a_title_moves_no_cursor(genuine: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    def change(file: h5py.File, _: Path) -> None:
        file.attrs["provenance"] = (
            '{"title": "\\u001b]0;owned\\u0007\\u001b[2J", "mod\\u001bel": "a\\nb\\u202ec"}'
        )

    path = _changed(genuine, tmp_path / "title.nc", change)
    assert load_certificate(path).provenance == {"title": "]0;owned [2J", "mod el": "a b c"}
    assert main(["show", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "\x1b" not in printed
    assert "]0;owned" in printed


def test_one_line_is_one_line():
    assert one_line("a\r\n\tb\x00c") == "a b c"
    assert one_line("wä\u200b\u00e9 日本") == "wä\u200b\u00e9 日本"
    assert one_line("x" * 50, 10) == "x" * 9 + "…"
    assert one_line("\ud800ok") == "ok"


def _readings(kinds: dict[str, Iterator[bytes]], folder: Path) -> Iterator[Trial]:
    path = folder / "hostile.nc"
    for kind, contents in kinds.items():
        for number, content in enumerate(contents):
            path.write_bytes(content)
            yield f"{kind} {number}", lambda: _read_and_show(path)


def _read_and_show(path: Path) -> None:
    """All that a command does with a file: read, print, verify. A claim that does not follow is refused as well."""
    load_certificate(path)
    with redirect_stdout(io.StringIO()) as printed:
        assert main(["show", str(path)]) == 0
    assert "\x1b" not in printed.getvalue()
    try:
        verify_file(path)
    except CertificateError as error:
        raise CertificateFileError(str(error)) from error


def _changed(genuine: Path, path: Path, change: Change) -> Path:
    other = path.with_name("other.nc")
    other.write_bytes(genuine.read_bytes())
    path.write_bytes(genuine.read_bytes())
    with h5py.File(path, "a") as file:
        change(file, other)
    return path
