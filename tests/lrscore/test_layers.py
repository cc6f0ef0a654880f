"""The layers of the package stay what they are: who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = {"streamlit", "models", "jobs", "ui", "pages", "app"}
NO_TORCH = (
    "statistics",
    "collective",
    "metrics.py",
    "verify.py",
    "records.py",
    "settings.py",
    "images/certificate.py",
    "images/settings.py",
)


def imports(path: Path, *, top_level_only: bool = False):
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def files(*below: str):
    for name in below:
        path = ROOT / "lrscore" / name
        yield from [path] if path.suffix else path.rglob("*.py")


@pytest.mark.parametrize("path", sorted((ROOT / "lrscore").rglob("*.py")), ids=str)
def test_the_core_imports_nothing_above_it(path):
    assert not {name.split(".")[0] for name in imports(path)} & OUTSIDE


@pytest.mark.parametrize("path", sorted(files(*NO_TORCH)), ids=str)
def test_numpy_layers_import_neither_torch_nor_plotting(path):
    assert not {name.split(".")[0] for name in imports(path)} & {
        "torch",
        "plotly",
        "matplotlib",
        "torch_geometric",
    }


@pytest.mark.parametrize("path", sorted((ROOT / "lrscore").rglob("*.py")), ids=str)
def test_only_the_collective_module_touches_a_solver(path):
    touched = {
        name
        for name in imports(path)
        if name.split(".")[0] in {"highspy", "cvxpy"} or name == "scipy.optimize"
    }
    assert not touched or "collective" in path.parts


@pytest.mark.parametrize(
    "path", sorted((ROOT / "jobs").rglob("*.py")) + sorted((ROOT / "models").rglob("*.py")), ids=str
)
def test_jobs_and_models_know_no_dashboard(path):
    assert not {name.split(".")[0] for name in imports(path)} & {"streamlit", "ui", "pages", "app"}


def test_pages_do_not_import_each_other():
    for path in (ROOT / "pages").rglob("*.py"):
        assert not {name.split(".")[0] for name in imports(path)} & {"pages", "app"}


def test_sampling_needs_neither_solver_nor_command_line_libraries():
    code = (
        "import sys\n"
        "absent = ('highspy', 'rich', 'streamlit', 'plotly', 'igraph', 'pymetis', 'networkx')\n"
        "sys.modules.update(dict.fromkeys(absent))\n"
        "import lrscore.images.certify, lrscore.graphs.certify"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr


def test_importing_the_package_is_light():
    heavy = ("torch", "streamlit", "plotly")
    code = f"import sys, lrscore.files; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.strip() == "[]", done.stderr
