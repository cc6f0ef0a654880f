"""The worked examples of the documents run end to end, block by block, as a reader would type them."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from lrscore import load_certificate

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"(?:^\*\*([\w.]+)\*\*[^\n]*:\n\n)?^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(command: str, folder: Path) -> str:
    words = shlex.split(command)
    assert words[0] == "python"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *words[1:]],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def follow(page: str, folder: Path) -> dict[str, str]:
    """Write the files that a page names, run its commands; what each command printed."""
    printed: dict[str, str] = {}
    blocks = BLOCK.findall((ROOT / "docs" / page).read_text(encoding="utf-8"))
    for name, _, text in blocks:
        if name:
            (folder / name).write_text(text, encoding="utf-8")
    for name, language, text in blocks:
        if language == "sh" and not name:
            printed |= {command: run(command, folder) for command in text.splitlines()}
    return printed


@pytest.mark.timeout(500)
def test_your_network_your_folder(tmp_path: Path) -> None:
    printed = follow("own_network.md", tmp_path)
    assert len(printed) >= 8
    (certified,) = (text for command, text in printed.items() if " certify " in command)
    assert "certified accuracy" in " ".join(certified.split()) or "unsmoothed prediction" in certified
    certificate = load_certificate(tmp_path / "robust.nc")
    assert certificate.agreement is not None
    assert certificate.agreement > 0.6  # fine-tuning has taught it to stand this noise
    assert not certificate.abstained.all()


@pytest.mark.timeout(500)
def test_your_graph(tmp_path: Path) -> None:
    printed = follow("own_graph.md", tmp_path)
    assert len(printed) >= 6
    certificate = load_certificate(tmp_path / "mine.nc")
    assert certificate.agreement is not None
    assert certificate.agreement > 0.8
    assert [one.name for one in certificate.targeted] == ["targets"]
    assert (tmp_path / "own.nc").is_file()
