"""Where a certificate comes from: model, data, seed, device and software versions, as plain text."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch

VERSION = "0.1.0"


def describe_run(
    model: object, generator: torch.Generator, device: torch.device, batch_size: int
) -> dict[str, str]:
    """Facts that identify a sampling run.

    Args:
        model: its `name` and `digest` (SHA-256 of the weights) are recorded if it has them.
        generator: its initial seed is recorded.
    """
    import torch

    name = getattr(model, "name", None) or getattr(model, "__name__", type(model).__name__)
    device_name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.machine() or "cpu"
    return {
        "model": str(name),
        "model_digest": str(getattr(model, "digest", "")),
        "seed": str(generator.initial_seed()),
        "device": f"{device.type} ({device_name})",
        "batch_size": str(batch_size),
        "versions": f"lrscore {VERSION}, torch {torch.__version__}, numpy {np.__version__}, "
        f"python {platform.python_version()}",
    }
