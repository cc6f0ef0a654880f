"""A model's answers in evaluation mode, and its failures as sentences: what every sampler asks through."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from lrscore.errors import Cancelled, InputError, LrscoreError, first_line

_DEEPEST = 3


class Asked:
    """A model that is asked in evaluation mode, whatever mode its networks are left in.

    Dropout and batch statistics would make a function of chance of it, and every copy in a batch would depend on the
    others. The mode is put back after each call, so that a training run may certify on its way.

    Args:
        model: any callable. Its networks are itself, or what it is bound to, partially applied to, or closes over.
    """

    def __init__(self, model: Callable[..., Any]) -> None:
        self.networks = networks_of(model)

    def __call__(self, function: Callable[..., Any], *inputs: object, what: str) -> torch.Tensor:
        """What `function`, the model or a method of it, answers.

        Args:
            what: of the input, for the error.

        Raises:
            InputError: the model raises anything but for lack of memory, or returns no tensor.
        """
        try:
            with evaluating(self.networks):
                scores = function(*inputs)
        except (torch.OutOfMemoryError, MemoryError, LrscoreError, Cancelled):
            raise
        except Exception as error:  # models of strangers fail as they like
            reason = first_line(error)
            kind = "" if isinstance(error, RuntimeError | ValueError) else f"{type(error).__name__}: "
            raise InputError(f"the model cannot take {what}: {kind}{reason}") from error
        if not isinstance(scores, torch.Tensor):
            raise InputError(f"the model must return a tensor of scores, got {type(scores).__name__}")
        return scores


@contextmanager
def evaluating(networks: list[nn.Module]) -> Iterator[None]:
    """Networks in evaluation mode; the parts that were training are training again afterwards."""
    training = [part for network in networks for part in network.modules() if part.training]
    if training:
        for network in networks:
            network.eval()
    try:
        yield
    finally:
        for part in training:
            part.training = True


def networks_of(model: object, depth: int = 0) -> list[nn.Module]:
    """The networks that a callable is made of."""
    if isinstance(model, nn.Module):
        return [model]
    if depth >= _DEEPEST:
        return []
    return [found for part in _parts(model) for found in networks_of(part, depth + 1)]


def _parts(model: object) -> list[object]:
    """What a callable holds: what a partial applies, what a method is bound to, what a function reads, attributes."""
    if isinstance(model, functools.partial):
        return [model.func, *model.args, *model.keywords.values()]
    if (owner := getattr(model, "__self__", None)) is not None:
        return [owner]
    code = getattr(model, "__code__", None)
    if code is not None:
        cells = [cell.cell_contents for cell in getattr(model, "__closure__", None) or () if _filled(cell)]
        names = getattr(model, "__globals__", {})
        read = [names[name] for name in code.co_names if isinstance(names.get(name), nn.Module)]
        return [*cells, *read]
    return list(vars(model).values()) if hasattr(model, "__dict__") and not isinstance(model, type) else []


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
