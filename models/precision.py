"""Any model in another arithmetic: reduced precision, channels-last, compiled. What results is the base model.

Noise is added in float32 before the model is asked, so the smoothing distribution is not touched; the certificate is
about the function that was sampled, and its digest says which (docs/theory.md, 2.7).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from lrscore.errors import InputError, SettingsError
from lrscore.provenance import name_of

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_REDUCED = (torch.bfloat16, torch.float16)
_PASSED_ON = (
    "class_names",
    "class_tree",
    "palette",
    "remark",
    "pools",
    "channels_last",
    "receptive_fields",
    "sparse_input",
    "denoiser_digest",
)
_ASKED = ("at_levels", "two_views", "two_views_at_levels", "views")


class InPrecision(nn.Module):
    """A model computed in one precision, its convolutions channels-last.

    Multiplications and convolutions take that type, sums over many values float32 (`torch.autocast`); the weights stay
    as they are. Scores come out as float32. Deterministic where the model is, at a fixed shape of the batch.

    Args:
        model: any image or graph model.
        precision: one of `PRECISIONS`.
        compiled: translate it by `torch.compile` for the shapes it is asked with; needs a C++ compiler, or a GPU's. On
            a GPU its passes are recorded as CUDA graphs, one for each shape, and replayed.

    Attributes:
        digest: of the model and of how it is computed.
        precision: in words, for the certificate.
        one_shape: whether every new shape of the batch costs a translation.

    Raises:
        SettingsError: no such precision.
        InputError: there is no compiler to compile with.
    """

    def __init__(self, model: Callable[..., Any], precision: str, *, compiled: bool = False) -> None:
        super().__init__()
        if precision not in PRECISIONS:
            raise SettingsError(f"precision must be one of {', '.join(PRECISIONS)}, got {precision!r}")
        self.model, self._type = model, PRECISIONS[precision]
        convolutional = False
        if isinstance(model, nn.Module):
            convolutional = any(weight.ndim == 4 for weight in model.parameters())
            if convolutional:
                model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._layout = torch.channels_last if convolutional else torch.preserve_format
        parts = [
            precision,
            *(["channels-last"] if convolutional else []),
            *(["compiled"] if compiled else []),
        ]
        self.precision = ", ".join(parts)
        for name in _PASSED_ON:
            if hasattr(model, name):
                setattr(self, name, getattr(model, name))
        self.name = f"{name_of(model)}+{precision}" + (
            "+compiled" if compiled else ""
        )  # as the registries load it
        self.digest = f"{getattr(model, 'digest', '')} in {self.precision}"
        self._functions = {name: getattr(model, name) for name in _ASKED if hasattr(model, name)}
        self._functions["forward"] = model
        self.one_shape, self._translated = compiled, dict[tuple[str, str], Callable[..., Any]]()
        if compiled:
            _refuse_without_compiler()
        for name in self._functions.keys() - {"forward"}:
            setattr(self, name, self._asked(name))  # what the model can be asked, this one can
        self.training = False  # the model keeps its mode: one in training mode is refused by the sampler

    def forward(self, *inputs: Any) -> Tensor:
        """Float32 scores of the model's inputs."""
        return self._asked("forward")(*inputs)

    @torch.inference_mode()
    def predict(self, images: Tensor) -> Tensor:
        """Class ids (B, H, W) int64."""
        return self(images).argmax(dim=1)

    def _asked(self, name: str) -> Callable[..., Tensor]:
        def ask(*inputs: Any) -> Tensor:
            arranged = [self._arranged(one) for one in inputs]
            device = next((one.device.type for one in arranged if isinstance(one, Tensor)), "cpu")
            function = self._on(device, name)
            if self._type == torch.float32:
                return function(*arranged)
            pictures = all(one.ndim == 4 for one in arranged if isinstance(one, Tensor))
            with torch.autocast(device, self._type), nullcontext() if pictures else _SparseInFloat32(device):
                return function(*arranged).float()

        return ask

    def _on(self, device: str, name: str) -> Callable[..., Tensor]:
        """What computes that function on a kind of device: the model itself, or its translation."""
        if not self.one_shape:
            return self._functions[name]
        if (device, name) not in self._translated:
            self._translated[device, name] = translated(self._functions[name], graphs=device == "cuda")
        return self._translated[device, name]

    def _arranged(self, given: Any) -> Any:
        """A picture batch in the layout of the weights; anything else as it is."""
        if (
            isinstance(given, Tensor)
            and given.layout == torch.strided
            and given.ndim == 4
            and given.shape[1] > 1
        ):
            return (
                given.contiguous(memory_format=self._layout) if self._layout is torch.channels_last else given
            )
        return given


class _SparseInFloat32(TorchFunctionMode):
    """Products with sparse matrices, which have no reduced precision on every device, stay in float32."""

    def __init__(self, device: str) -> None:
        super().__init__()
        self._device = device

    def __torch_function__(
        self, function: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        tensors = [one for one in args if isinstance(one, Tensor)]
        if all(one.layout == torch.strided for one in tensors):
            return function(*args, **(kwargs or {}))
        with torch.autocast(self._device, enabled=False):
            single = [
                one.float() if isinstance(one, Tensor) and one.dtype in _REDUCED else one for one in args
            ]
            return function(*single, **(kwargs or {}))


def translated(function: Callable[..., Tensor], *, graphs: bool) -> Callable[..., Tensor]:
    """A function by `torch.compile`, for the very shapes it is asked with.

    Args:
        graphs: record its passes as CUDA graphs and replay them: one launch instead of one for every operator. The
            scores of a replay lie where those of the last one did, so they are copied.
    """
    if not graphs:
        return torch.compile(function, dynamic=False)
    replayed = torch.compile(function, dynamic=False, mode="reduce-overhead")

    def ask(*inputs: Any) -> Tensor:
        torch.compiler.cudagraph_mark_step_begin()  # what the last pass returned is not needed any more
        return replayed(*inputs).clone()

    return ask


def _refuse_without_compiler() -> None:
    """What `torch.compile` needs on a CPU."""
    if not torch.cuda.is_available() and shutil.which(os.environ.get("CXX", "g++")) is None:
        raise InputError(
            "compiling a model needs a C++ compiler (g++, or the one that CXX names): none was found"
        )
