"""Two processes on one shelf at the same time: no name, pin or run is lost or there twice."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lrscore import load_certificate
from tests.ui.page_support import ROOT
from tests.ui.toy import toy_certificate
from ui.library.entries import list_entries
from ui.library.names import read_names
from ui.library.pins import read_pins

_ROUNDS = 20
_SERVER = """
import sys, time
from pathlib import Path
from lrscore import load_certificate
from ui.library.entries import delete, list_entries, restore
from ui.library.names import rename
from ui.library.pins import toggle_pin

folder, who, rounds = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
certificate = load_certificate(folder / "shared.nc")


def together(what):
    (folder / f".{what}-{who}").touch()
    while len(list(folder.glob(f".{what}-*"))) < 2:
        time.sleep(0.001)


together("saving")
for number in range(rounds):
    certificate.save(folder / f"{who}{number}.nc")
    certificate.save(folder / "shared.nc")
    for entry in list_entries(folder):
        if entry.identity == "own:shared":
            delete(entry)
    restore("shared", folder)
together("naming")
for number in range(rounds):
    rename(folder, f"{who}{number}", f"name of {who}{number}")
    toggle_pin(folder, f"own:{who}{number}")
print("done")
"""


def test_two_servers_share_a_shelf(tmp_path: Path):
    toy_certificate().save(tmp_path / "shared.nc")
    servers = [
        subprocess.Popen(
            [sys.executable, "-c", _SERVER, str(tmp_path), who, str(_ROUNDS)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for who in ("one", "two")
    ]
    for server in servers:
        said, wrong = server.communicate(timeout=240)
        assert (said, server.returncode) == ("done\n", 0), wrong
    stems = {f"{who}{number}" for who in ("one", "two") for number in range(_ROUNDS)}
    assert read_names(tmp_path) == {stem: f"name of {stem}" for stem in stems}
    pins = read_pins(tmp_path)
    assert len(pins) == len(set(pins)) == len(stems)
    own = [entry for entry in list_entries(tmp_path) if entry.shelf == "own"]
    assert sorted(entry.path.stem for entry in own) == sorted([*stems, "shared"])
    for entry in own:
        load_certificate(entry.path)
    assert not list(tmp_path.glob(".*.tmp"))
