"""What is put around a model, as part of its name: `street-unet+denoised+bfloat16`.

So a certificate names the function that was sampled, and whoever loads a model by name (a command, a page, an attack on
a stored certificate) gets that function.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lrscore.errors import InputError

DENOISED, COMPILED = "denoised", "compiled"
_PRECISIONS = ("float32", "bfloat16", "float16")


@dataclass(frozen=True)
class Dressing:
    """What is put around a model.

    Args:
        denoise: the bundled denoiser in front of it.
        precision: see `models.precision.InPrecision`; None leaves the model as it is.
        compiled: translate it; in float32 if no precision is given.
    """

    denoise: bool = False
    precision: str | None = None
    compiled: bool = False

    @property
    def suffix(self) -> str:
        """What is appended to the model's name."""
        parts = [DENOISED if self.denoise else None, self.precision, COMPILED if self.compiled else None]
        return "".join(f"+{part}" for part in parts if part)

    def put_on(self, model: Callable[..., Any]) -> Any:
        """The model with all of it; each part adds itself to the name.

        Raises:
            InputError: the denoiser's weights are missing, or there is no compiler.
        """
        worn: Any = model
        if self.denoise:
            from models.denoising.model import denoised

            worn = denoised(worn)
        if self.precision or self.compiled:
            from models.precision import InPrecision

            worn = InPrecision(worn, self.precision or "float32", compiled=self.compiled)
        return worn


def parted(name: str) -> tuple[str, Dressing]:
    """A name without its suffixes, and what they say.

    Raises:
        InputError: a suffix is there twice.
    """
    found: list[str] = []
    while (last := name.rpartition("+"))[1] and last[2] in (DENOISED, COMPILED, *_PRECISIONS):
        name, found = last[0], [last[2], *found]
    precisions = [one for one in found if one in _PRECISIONS]
    if len(set(found)) < len(found) or len(precisions) > 1:
        raise InputError(f"{name}+{'+'.join(found)} says twice how the model is computed")
    return name, Dressing(DENOISED in found, precisions[0] if precisions else None, COMPILED in found)
