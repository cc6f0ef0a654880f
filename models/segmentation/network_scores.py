"""The scores in what a network returns: found, enlarged, one channel made two, dropped channels left out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from lrscore.errors import InputError

USUAL_OUTPUTS = ("out", "logits")


def find_scores(returned: Any, output: str | int | None) -> Tensor:
    """The tensor of scores in what a network returned.

    Args:
        returned: a tensor, a mapping, a sequence, or an object with attributes.
        output: key, attribute or place; None: "out", "logits", or the only tensor there is.

    Raises:
        InputError: there is none, or several.
    """
    if output is not None:
        found = _at(returned, output)
        if isinstance(found, Tensor):
            return found
        raise InputError(
            f"the network's output must hold a tensor under {output!r}, got {_describe(returned)}"
        )
    if isinstance(returned, Tensor):
        return returned
    for usual in USUAL_OUTPUTS:
        if isinstance(found := _at(returned, usual), Tensor):
            return found
    inside = list(returned.values()) if isinstance(returned, Mapping) else returned
    if isinstance(inside, list | tuple):
        tensors = [value for value in inside if isinstance(value, Tensor)]
        if len(tensors) == 1:
            return tensors[0]
    raise InputError(
        f'say in the description which "output" holds the scores: the network returned {_describe(returned)}'
    )


def enlarged(scores: Tensor, height: int, width: int, wanted: bool | None) -> Tensor:
    """Scores (B, C, height, width); those of lower resolution are enlarged, bilinear, unless that is not wanted."""
    rows, columns = scores.shape[-2:]
    lower = 0 < rows <= height and 0 < columns <= width and (rows, columns) != (height, width)
    if not lower or wanted is False:
        return scores
    down, across = height / rows, width / columns
    if wanted is None and max(down, across) > 1.5 * min(down, across):  # not a picture of the same shape
        return scores
    return nn.functional.interpolate(scores, size=(height, width), mode="bilinear", align_corners=False)


def two_channels(scores: Tensor, meaning: str | None) -> Tensor:
    """One channel (B, 1, H, W) for the second of two classes as scores (B, 2, H, W) with the same decision.

    Args:
        meaning: "logit" (0 decides) or "probability" (1/2 decides); None: a logit, unless it can not be told.

    Raises:
        InputError: `meaning` is None and all values could be probabilities.
    """
    if meaning is None and bool(((scores >= 0) & (scores <= 1)).all()):
        raise InputError(
            'one channel with values in [0, 1]: say "one_channel": "probability" or "logit" in the description'
        )
    if meaning == "probability":
        return torch.cat([1 - scores, scores], dim=1)
    return torch.cat([torch.zeros_like(scores), scores], dim=1)


def _at(returned: Any, output: str | int) -> Any:
    try:
        if isinstance(output, int) or isinstance(returned, Mapping):
            return returned[output]
        return getattr(returned, output, None)
    except (KeyError, IndexError, TypeError):
        return None


def _describe(returned: Any) -> str:
    if isinstance(returned, Tensor):
        return f"a tensor of shape {tuple(returned.shape)}"
    if isinstance(returned, Mapping):
        return f"{type(returned).__name__} with {', '.join(map(str, list(returned)[:8]))}"
    if isinstance(returned, list | tuple):
        return f"{type(returned).__name__} of {len(returned)}"
    return type(returned).__name__
