"""The shelf of a browser's own graph networks: trained on the page, or brought as a checkpoint. With a card each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from lrscore.errors import InputError
from ui.library.bundled_graphs import checkpoints_folder
from ui.library.described import described_files
from ui.library.opened import runs_folder

OWN = "own:"
"""Before the name of a network of this shelf, in links and in the session."""
DESCRIBED = "described:"
"""The same for one that the server's owner has described."""


@dataclass(frozen=True)
class OwnModel:
    """A network of the shelf.

    Args:
        name: `own:` and the file's stem.
        path: its checkpoint.
        inputs: attributes per node that it reads.
        stamp: when it was kept, nanoseconds.
    """

    name: str
    path: Path
    inputs: int
    stamp: int


def models_folder() -> Path:
    """Where this browser's own networks are kept."""
    return runs_folder() / "models"


def own_models() -> tuple[OwnModel, ...]:
    """The shelf, newest first; files that are no checkpoints are left out."""
    found = [_read(path) for path in models_folder().glob("*.safetensors")]
    return tuple(sorted((model for model in found if model is not None), key=lambda model: -model.stamp))


def described_models() -> dict[str, Path]:
    """The descriptions on offer, by the name in links; what they read is known when they are loaded."""
    return {DESCRIBED + name: path for name, path in described_files("graphs").items()}


def model_reference(name: str) -> str:
    """What `load_graph_model` takes for a name of the picker: a bundled network's name or a file's path."""
    if name.startswith(DESCRIBED):
        return str(described_models().get(name, name.replace(":", " ")))  # never a module of a link
    if not name.startswith(OWN):
        return name
    path = next((model.path for model in own_models() if model.name == name), None)
    return str(path) if path is not None else name


def plain_name(name: str) -> str:
    """What a certificate calls a network of the picker."""
    path = described_models().get(name)
    if path is not None:
        return _described_name(str(path), path.stat().st_mtime_ns)
    return name.removeprefix(OWN)


def model_words(name: str) -> str:
    """A network for people: its kind and graph."""
    if name.startswith(DESCRIBED):
        return f"{name.removeprefix(DESCRIBED)} (described)"
    graph, _, kind = plain_name(name).rpartition("-")
    if name.startswith(OWN):
        return f"{plain_name(name)} (your own)"
    return f"{kind.upper()} ({graph})"


def card_of(name: str) -> str:
    """The network's card as Markdown; empty if there is none."""
    folder = models_folder() if name.startswith(OWN) else checkpoints_folder()
    path = folder / f"{plain_name(name)}.md"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def free_path(stem: str) -> Path:
    """A new file of the shelf with a speaking name."""
    plain = (
        "".join(letter if letter.isalnum() or letter in "-_" else "-" for letter in stem).strip("-")[:60]
        or "model"
    )
    folder = models_folder()
    folder.mkdir(parents=True, exist_ok=True)
    names = (plain if number == 1 else f"{plain}-{number}" for number in range(1, 10_000))
    return next(path for name in names if not (path := folder / f"{name}.safetensors").exists())


def keep_checkpoint(content: bytes, name: str, inputs: int) -> str:
    """Put a checkpoint file onto the shelf; returns the network's name.

    Args:
        inputs: attributes per node of the graph that it is for.

    Raises:
        InputError: it holds no graph network of the kinds that this project knows, or one for other attributes.
    """
    from models.graphs.checkpoint import load_graph_network

    if not name.lower().endswith(".safetensors"):
        raise InputError(
            f"{name} can not be used: expected a checkpoint, FILE.safetensors, as `python -m models.graphs.train` "
            "writes it. The command line takes other networks, too."
        )
    path = free_path(Path(name).stem)
    path.write_bytes(content)
    try:
        network = load_graph_network(path)
        if network.config.inputs != inputs:
            raise InputError(
                f"it reads {network.config.inputs:,} attributes per node, the graph has {inputs:,}"
            )
    except InputError as error:
        path.unlink(missing_ok=True)
        raise InputError(f"{name} can not be used: {error}.") from error
    config = network.config
    path.with_suffix(".md").write_text(
        f"# {path.stem}\n\n{config.kind.upper()}, {config.inputs} attributes, hidden width {config.hidden}, "
        f"{config.classes} classes. Brought as the file {name}. SHA-256 `{network.digest}`.\n",
        encoding="utf-8",
    )
    return OWN + path.stem


@lru_cache(maxsize=256)
def _described_name(path: str, stamp: int) -> str:
    """What a description calls its model."""
    from models.graphs.described import GraphDescription

    try:
        description = GraphDescription.read(path)
    except InputError:
        return path
    return str(description.name or description.network)


def _read(path: Path) -> OwnModel | None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="np") as stored:
            inputs = int(json.loads((stored.metadata() or {})["config"])["inputs"])
        return OwnModel(OWN + path.stem, path, inputs, path.stat().st_mtime_ns)
    except (SafetensorError, OSError, KeyError, TypeError, ValueError):
        return None
