"""Options about how a model is computed: a denoiser in front of it, its precision, compiled or not."""

from __future__ import annotations

import argparse
import inspect
from collections.abc import Callable
from typing import Any

PRECISIONS = ("auto", "float32", "bfloat16", "float16")


def add_model_options(parser: argparse.ArgumentParser, *, images: bool = True) -> None:
    """`--denoise` (of images), `--precision` and `--compile`."""
    add = parser.add_argument
    if images:
        add(
            "--denoise",
            action="store_true",
            help="put a denoiser in front of the model, for models that were not trained on noise; it is told the "
            "noise level of every pixel",
        )
    automatic = (
        "auto: what is faster here and keeps the labels, measured if the run is long; " if images else ""
    )
    add(
        "--precision",
        choices=PRECISIONS if images else PRECISIONS[1:],
        default="auto" if images else None,
        help=f"arithmetic of the model, part of what is certified; {automatic}the file says which",
    )
    add("--compile", action="store_true", help="translate the model by torch.compile; needs a C++ compiler")


def image_how(
    options: argparse.Namespace, size: tuple[int, int] | None = None, copies: int = 0
) -> dict[str, Any]:
    """What to ask a catalogue for beside the name of an image model, as keywords; empty if nothing was asked.

    Args:
        size: (height, width) of the pictures.
        copies: noisy copies that are planned: a long run may measure which precision is faster.
    """
    how = _asked(options)
    if getattr(options, "denoise", False):
        how["denoise"] = True
    if how.get("precision") == "auto":
        del how["precision"]
        if size is not None and not how.get("compiled"):
            how |= {"precision": "auto", "size": size, "copies": copies, "device": options.device}
    return how


def understood(load: Callable[..., Any], how: dict[str, Any]) -> dict[str, Any]:
    """What to ask that function for: nobody asked for "auto", so a catalogue that does not know it is not asked."""
    parameters = inspect.signature(load).parameters.values()
    if how.get("precision") != "auto" or any(
        one.name == "precision" or one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters
    ):
        return how
    return {
        name: value for name, value in how.items() if name not in ("precision", "size", "copies", "device")
    }


def placed(model: Any, device: Any) -> Any:
    """The model where it is going to run, if it is a network; any other callable sees to it itself."""
    return model.to(device) if callable(getattr(model, "to", None)) else model


def graph_how(options: argparse.Namespace) -> dict[str, Any]:
    """The same for a graph model."""
    return _asked(options)


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    how: dict[str, Any] = {}
    if getattr(options, "precision", None):
        how["precision"] = options.precision
    if getattr(options, "compile", False):
        how["compiled"] = True
    return how
