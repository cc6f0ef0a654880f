"""Counts what would make the host wait for a GPU, on a machine without one."""

from __future__ import annotations

from collections import Counter

import torch
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

# What waits inside of an operator: values read, or a result whose size depends on values
_WAITS = {
    "aten::_local_scalar_dense",
    "aten::nonzero",
    "aten::masked_select",
    "aten::unique_dim",
    "aten::_unique2",
    "aten::bincount",
    "aten::is_nonzero",
    "aten::equal",
}


class HostReads:
    """A context in which reads of tensors are counted, by name: `reads.total`, `reads.names`.

    A GPU's queue runs dry at each of them. One `t.cpu().numpy()` counts once.
    """

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()
        self._modes = [_Functions(self.names), _Operators(self.names)]

    @property
    def total(self) -> int:
        return sum(self.names.values())

    def __enter__(self) -> HostReads:
        for mode in self._modes:
            mode.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        for mode in reversed(self._modes):
            mode.__exit__(*error)


class _Functions(TorchFunctionMode):
    """Calls of Python that copy a tensor to the host; on a CPU they are no operators."""

    def __init__(self, names: Counter[str]) -> None:
        super().__init__()
        self._names, self._copied = names, set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        if function is torch.Tensor.cpu:
            self._copied.add(id(result))
        elif function in (torch.Tensor.numpy, torch.Tensor.__array__) and id(args[0]) in self._copied:
            self._copied.remove(id(args[0]))  # counted when it was copied
            return result
        if function in (torch.Tensor.cpu, torch.Tensor.tolist, torch.Tensor.numpy, torch.Tensor.__array__):
            self._names[function.__name__] += 1
        return result


class _Operators(TorchDispatchMode):
    """Operators that read values, or whose result has a size that depends on values."""

    def __init__(self, names: Counter[str]) -> None:
        super().__init__()
        self._names = names

    def __torch_dispatch__(self, operator, types, args=(), kwargs=None):
        name = operator.name().split(".")[0]
        masked = name in ("aten::index", "aten::index_put", "aten::index_put_") and any(
            index is not None and index.dtype in (torch.bool, torch.uint8) for index in args[1]
        )
        if masked or name in _WAITS:
            self._names[name] += 1
        return operator(*args, **(kwargs or {}))
