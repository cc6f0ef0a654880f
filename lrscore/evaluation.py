"""A model's answers, in evaluation mode or not at all, and its failures as sentences: all samplers ask through this."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from lrscore.errors import Cancelled, InputError, LrscoreError, first_line
from lrscore.memory import is_out_of_memory

_DEEPEST, _MOST = 4, 100  # how deep in what a model holds, and how many of a list, networks are looked for
_HOLDERS = (nn.Module, list, tuple, dict)  # that a function may read from its module


class Asked:
    """A model that is asked in evaluation mode; one in training mode is refused.

    Dropout and batch statistics would make a function of chance of it, and every copy in a batch would depend on the
    others: then no bound holds. Nobody but its owner knows whether such a model is meant to be used so, and what is
    certified must be what is used.

    Args:
        model: any callable. Its networks are itself, or what it is bound to, partially applied to, or closes over, by
            themselves or in lists and dictionaries.

    Raises:
        InputError: a network, or a part of one, is in training mode.
    """

    def __init__(self, model: Callable[..., Any]) -> None:
        self.networks = networks_of(model)
        refuse_training(self.networks)

    def __call__(self, function: Callable[..., Any], *inputs: object, what: str) -> torch.Tensor:
        """What `function`, the model or a method of it, answers.

        Args:
            what: of the input, for the error.

        Raises:
            InputError: the model raises anything but for lack of memory, returns no tensor, or trains by now.
        """
        try:
            scores = function(*inputs)
        except (LrscoreError, Cancelled):
            raise
        except (Exception, SystemExit) as error:  # models of strangers fail as they like
            if is_out_of_memory(error):
                raise
            reason = first_line(error)
            kind = "" if isinstance(error, RuntimeError | ValueError) else f"{type(error).__name__}: "
            raise InputError(f"the model cannot take {what}: {kind}{reason}") from error
        refuse_training(self.networks)
        if not isinstance(scores, torch.Tensor):
            raise InputError(f"the model must return a tensor of scores, got {type(scores).__name__}")
        return scores


def refuse_other_names(model: object, classes: int) -> None:
    """A model that names its classes names as many as it scores.

    Raises:
        InputError: it does not.
    """
    names = getattr(model, "class_names", None)
    if isinstance(names, tuple | list) and names and len(names) != classes:
        raise InputError(f"the model names {len(names)} classes and scores {classes}")


def refuse_training(networks: list[nn.Module]) -> None:
    """Every part of the networks is in evaluation mode.

    Raises:
        InputError: one is not; it is named.
    """
    for network in networks:
        for name, part in network.named_modules():
            if part.training:
                where = f"its part {name!r} ({type(part).__name__})" if name else type(part).__name__
                raise InputError(
                    f"the model is in training mode ({where}): copies of one batch would depend on each other and "
                    "nothing could be promised; call eval() on it, and certify the model as it is used"
                )


def networks_of(model: object, depth: int = 0) -> list[nn.Module]:
    """The networks that a callable is made of."""
    if isinstance(model, nn.Module):
        return [model]
    if depth >= _DEEPEST:
        return []
    return [found for part in _parts(model) for found in networks_of(part, depth + 1)]


def _parts(model: object) -> list[object]:
    """What a callable holds: what a partial applies, what a method is bound to, what a function reads, attributes.

    Of lists and dictionaries, which hold networks side by side, their members.
    """
    if isinstance(model, dict):
        return list(model.values())[:_MOST]
    if isinstance(model, list | tuple | set | frozenset):
        return list(model)[:_MOST]
    if isinstance(model, functools.partial):
        return [model.func, *model.args, *model.keywords.values()]
    if (owner := getattr(model, "__self__", None)) is not None:
        return [owner]
    code = getattr(model, "__code__", None)
    if code is not None:
        cells = [cell.cell_contents for cell in getattr(model, "__closure__", None) or () if _filled(cell)]
        names = getattr(model, "__globals__", {})
        read = [names[name] for name in code.co_names if isinstance(names.get(name), _HOLDERS)]
        return [*cells, *read]
    return list(vars(model).values()) if hasattr(model, "__dict__") and not isinstance(model, type) else []


def _filled(cell: Any) -> bool:
    try:
        return cell.cell_contents is not None
    except ValueError:
        return False
