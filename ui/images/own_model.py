"""A model of one's own from the page: a description and weights, both data, never code.

Weights are read as tensors (safetensors), the network is one of torchvision's or of segmentation-models-pytorch, chosen
by name. A description that names a module, a program or a place on the machine is refused: such models are the server
owner's business.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from pathlib import Path

import streamlit as st

from lrscore.errors import InputError
from models.descriptions import parse_description
from ui.library.opened import runs_folder

FAMILIES = ("torchvision:", "smp:")
MOST_JSON, MOST_MEGABYTES, MOST_MODELS = 64 * 1024, 300, 5
_FORBIDDEN = ("program", "folder", "weights")
_LETTERS = re.compile(r"[^\w-]+")


def uploaded_models() -> dict[str, str]:
    """This browser's models by their name in links, each with its description's path."""
    return {f"mine:{path.parent.name}": str(path) for path in sorted(_folder().glob("*/model.json"))}


def keep_model(description: bytes, weights: bytes, file: str = "description.json") -> str:
    """Check a description with its weights, and keep both for this browser.

    Args:
        file: name of the description's file: its ending says whether it is JSON or YAML.

    Returns:
        Its name in links.

    Raises:
        InputError: not such a description, a network that is not offered, or weights that do not fit it.
    """
    values = checked_description(description, file)
    name = _LETTERS.sub("-", str(values.get("name") or "model")).strip("-")[:40] or "model"
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix=".") as fresh:
        path = Path(fresh) / "model.json"
        (Path(fresh) / "weights.safetensors").write_bytes(weights)
        path.write_text(
            json.dumps({**values, "name": name, "weights": "weights.safetensors"}), encoding="utf-8"
        )
        _try(path)
        shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(fresh, folder / name)
    for old in sorted(folder.glob("*/model.json"), key=lambda file: -file.stat().st_mtime_ns)[MOST_MODELS:]:
        shutil.rmtree(old.parent, ignore_errors=True)
    return f"mine:{name}"


def checked_description(content: bytes, file: str = "description.json") -> dict[str, object]:
    """The values of a description that names data only.

    Args:
        file: name of its file.

    Raises:
        InputError: no such object, too long, or one that asks for more than weights of a known network.
    """
    if len(content) > MOST_JSON:
        raise InputError(
            f"the description must have at most {MOST_JSON // 1024} KB, got {len(content) // 1024} KB"
        )
    values = parse_description(content, Path(file).name, MOST_JSON)
    network = values.get("network")
    if not isinstance(network, str) or not network.startswith(FAMILIES):
        raise InputError(
            "network must be torchvision:ARCHITECTURE or smp:ARCHITECTURE:ENCODER: from the page no code is "
            "run; models of "
            "your own code are described in a folder of the server's owner (docs/own_network.md)"
        )
    named = [key for key in _FORBIDDEN if values.get(key) is not None]
    if named:
        raise InputError(f"the description must not name {named[0]}: the weights are the file beside it")
    arguments = values.get("arguments") or {}
    plain = isinstance(arguments, dict) and all(
        "weight" not in key and isinstance(value, int | float | str | bool | None)
        for key, value in arguments.items()
    )
    if not plain:
        raise InputError(
            "arguments must be numbers, texts or switches of the architecture, and name no weights"
        )
    return values


def draw_model_upload() -> None:
    """Two uploaders and a button; a model that fits is chosen at once."""
    with st.expander("Bring your own model"):
        st.caption(
            "A description (JSON or YAML, docs/own_network.md) of a torchvision or segmentation-models-pytorch "
            "network, and its "
            "weights as safetensors. Both are read as data; nothing in them is run."
        )
        description = st.file_uploader(
            "Description (JSON or YAML)", type=None, key="model_json", max_upload_size=1
        )
        weights = st.file_uploader(
            "Weights (safetensors)", type=None, key="model_weights", max_upload_size=MOST_MEGABYTES
        )
        st.button(
            "Check and use it",
            key="model_keep",
            disabled=description is None or weights is None,
            on_click=_keep,
            width="stretch",
        )
        problem = st.session_state.get("model_problem")
        if problem:
            st.error(problem, icon=":material/broken_image:")


def _keep() -> None:
    """Callback: keep what was uploaded and choose it, or say why not."""
    description, weights = (st.session_state.get(key) for key in ("model_json", "model_weights"))
    if description is None or weights is None:
        return
    try:
        st.session_state["image_model"] = keep_model(
            description.getvalue(), weights.getvalue(), description.name
        )
        st.session_state["model_problem"] = None
    except InputError as error:
        st.session_state["model_problem"] = f"The model can not be used: {error}."


def _try(path: Path) -> None:
    """Load it once, as a run would."""
    from models.segmentation.described import load_own

    load_own(str(path))


def _folder() -> Path:
    return runs_folder() / "models"
