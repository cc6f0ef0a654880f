"""Where a certificate comes from: model, data, seed, device and software versions, as plain text."""

from __future__ import annotations

import hashlib
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lrscore.monitor import Run

VERSION = "0.2.0"


def digest_of_file(path: str | Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def name_of(model: object) -> str:
    """What a model calls itself, else the name of its function or class."""
    return str(getattr(model, "name", None) or getattr(model, "__name__", type(model).__name__))


def describe_run(model: object, run: Run, batch_size: int) -> dict[str, str]:
    """Facts that identify a sampling run.

    Args:
        model: its `name`, `digest` (SHA-256 of the weights), `receptive_fields`, `denoiser_digest` and `precision` are
            recorded if it has them.
        run: the generator's initial seed and the device are recorded.
    """
    import torch

    device = run.device
    device_name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine() or "cpu"
    fields = getattr(model, "receptive_fields", None)
    how = {key: str(getattr(model, key)) for key in ("denoiser_digest", "precision") if hasattr(model, key)}
    return {
        "model": name_of(model),
        "model_digest": str(getattr(model, "digest", "")),
        **({} if fields is None else {"receptive_fields": ", ".join(map(str, fields))}),
        **how,
        "seed": str(run.generator.initial_seed()),
        "device": f"{device.type} ({device_name})",
        "batch_size": str(batch_size),
        "versions": f"lrscore {VERSION}, torch {torch.__version__}, numpy {np.__version__}, "
        f"python {platform.python_version()}",
    }
