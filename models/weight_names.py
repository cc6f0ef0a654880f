"""Which stored tensor belongs to which tensor of a network: wrappers and prefixes of training scripts taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from lrscore.errors import InputError

WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "network",
    "weights",
    "params",
    "module",
    "state",
    "checkpoint",
    "ema_state_dict",
    "model_ema",
    "params_ema",
    "ema",
)
"""Where training scripts put the weights, in order of preference: the trained ones before their running average."""
_BOOKKEEPING = ("num_batches_tracked", "n_averaged")  # counters: no score depends on them
_COMPILED = "_orig_mod."
_BESIDE = ("optim", "sched", "scaler")  # what a run keeps to go on
_AVERAGES = ("ema", "average", "teacher")  # of two complete networks in one file, these come second
_DEEPEST = 5


def named_tensors(stored: object, name: str) -> dict[str, Tensor]:
    """The named tensors of a checkpoint, out of whatever dictionaries they lie in.

    Raises:
        InputError: there are none, or something else lies among them.
    """
    for _ in range(_DEEPEST):
        inside = _wrapped(stored)
        if inside is None:
            break
        stored = inside
    if not isinstance(stored, Mapping) or not stored:
        raise InputError(f"weights {name} must hold named tensors, got {type(stored).__name__}")
    odd = [str(key) for key, value in stored.items() if not isinstance(value, Tensor)]
    if odd:
        raise InputError(f"weights {name} must hold named tensors and nothing else, got {odd[0]}")
    return {str(key): value for key, value in stored.items()}


def _wrapped(stored: object) -> object | None:
    """The dictionary inside that holds the weights, or None if these are them."""
    if not isinstance(stored, Mapping):
        return None
    for wrapper in WRAPPERS:
        if isinstance(stored.get(wrapper), Mapping) and _tensors_inside(stored[wrapper]):
            return stored[wrapper]
    if any(isinstance(value, Tensor) for value in stored.values()):
        return None
    holding = [
        value
        for key, value in stored.items()
        if isinstance(value, Mapping)
        and _tensors_inside(value)
        and not any(word in str(key).lower() for word in _BESIDE)
    ]
    return holding[0] if len(holding) == 1 else None


def _tensors_inside(stored: Mapping[Any, Any], depth: int = 0) -> bool:
    return any(
        isinstance(value, Tensor)
        or (depth < _DEEPEST and isinstance(value, Mapping) and _tensors_inside(value, depth + 1))
        for value in stored.values()
    )


def matched(expected: Mapping[str, Tensor], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Weights under the network's own names, as far as some prefix makes them fit; what is left over stays.

    Args:
        expected: the network's own tensors. Counters that are missing are taken from here.
        weights: stored tensors by name.

    Raises:
        InputError: the network is in there twice, and neither is a running average.
    """
    needed = {key for key in expected if key.rpartition(".")[2] not in _BOOKKEEPING}
    found = dict(weights)
    for candidate in (found, {key.replace(_COMPILED, ""): value for key, value in found.items()}):
        renamed = _without_prefix(needed, candidate)
        if needed <= renamed.keys():
            found = renamed
            break
    else:
        if _COMPILED in "".join(found):
            found = {key.replace(_COMPILED, ""): value for key, value in found.items()}
    counters = {key for key in found.keys() - expected.keys() if key.rpartition(".")[2] in _BOOKKEEPING}
    missing = {key: expected[key] for key in expected.keys() - needed - found.keys()}
    return {key: value for key, value in found.items() if key not in counters} | missing


def _is_average(prefix: str) -> bool:
    return any(word in prefix.lower() for word in _AVERAGES)


def _without_prefix(needed: set[str], weights: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The weights below the prefix under which all needed names exist; with a shorter name, also with one put before.

    Whatever lies beside the prefix (a loss, an average) is none of the network's. Without a prefix all is kept.
    """
    if not needed or needed <= weights.keys():
        return dict(weights)
    longest = max(needed, key=lambda key: (key.count("."), len(key)))
    prefixes = [key.removesuffix(longest) for key in weights if key.endswith(f".{longest}")]
    complete = [prefix for prefix in prefixes if all(prefix + key in weights for key in needed)]
    complete.sort(key=lambda prefix: (_is_average(prefix), len(prefix)))
    if complete:
        prefix = complete[0]
        if len(complete) > 1 and not _is_average(complete[1]):
            raise InputError(
                f"weights of two networks, {prefix}* and {complete[1]}*: which one is meant? Keep one of them"
            )
        return {key.removeprefix(prefix): value for key, value in weights.items() if key.startswith(prefix)}
    own = longest.split(".")[0] + "."
    if all(key.startswith(own) for key in needed) and all(key.removeprefix(own) in weights for key in needed):
        return {own + key: value for key, value in weights.items()}
    return dict(weights)
