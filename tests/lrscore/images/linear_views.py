"""A linear model of views: convolutions of bounded size, and one functional of the whole far view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F

HEIGHT, WIDTH, GRID = 12, 16, (4, 4)
GREY = np.full((3, HEIGHT, WIDTH), 0.5, dtype=np.float32)


class LinearViews:
    """The margin of pixel p is `offset_p + sum_v <kernel_v, view_v around p - 1/2> + <far, last view - 1/2>`.

    Args:
        offsets: (H, W).
        kernels: per bounded view (3, 2 r + 1, 2 r + 1).
        far: (3, H, W) of a further view that is read everywhere; None for no such view.
        stated: receptive fields that the model claims; the true ones if None.
    """

    class_names = ("low", "high")

    def __init__(
        self,
        offsets: np.ndarray,
        kernels: Sequence[np.ndarray],
        far: np.ndarray | None,
        stated: tuple[int | None, ...] | None = None,
    ) -> None:
        self.offsets = torch.as_tensor(offsets).float()
        self.kernels = [torch.as_tensor(kernel).float() for kernel in kernels]
        self.far = None if far is None else torch.as_tensor(far).float()
        true = (*(kernel.shape[1] // 2 for kernel in kernels), *(() if far is None else (None,)))
        self.receptive_fields = true if stated is None else stated
        self.seen: list[list[torch.Tensor]] = []
        self.levels: list[tuple[float, ...]] = []

    def views(self, copies: Sequence[torch.Tensor], levels: Sequence[float]) -> torch.Tensor:
        self.seen.append(list(copies))
        self.levels.append(tuple(levels))
        margin = self.offsets + self.response([copy - 0.5 for copy in copies])
        return torch.stack([-margin, margin], dim=1)

    def response(self, views: Sequence[torch.Tensor]) -> torch.Tensor:
        """(B, H, W) linear part."""
        total = torch.zeros((len(views[0]), *self.offsets.shape), dtype=views[0].dtype)
        for view, kernel in zip(views, self.kernels, strict=False):
            total = total + F.conv2d(view, kernel[None].to(view.dtype), padding=kernel.shape[1] // 2)[:, 0]
        if self.far is not None:
            total = total + (views[-1] * self.far).sum(dim=(1, 2, 3))[:, None, None]
        return total

    def pull(self) -> np.ndarray:
        """(H, W, 3 H W): by how much each value of a perturbation of the picture moves each margin."""
        basis = torch.eye(GREY.size, dtype=torch.float64).reshape(-1, *GREY.shape)
        views = len(self.receptive_fields)
        return self.response([basis] * views).permute(1, 2, 0).numpy()


def random_views(seed: int, fields: Sequence[int] = (1, 4), *, far: bool = True) -> LinearViews:
    """Random offsets and kernels, about as strong in every view."""
    random = np.random.default_rng(seed)
    kernels = [
        random.normal(size=(3, 2 * field + 1, 2 * field + 1)) * 0.5 / (2 * field + 1) for field in fields
    ]
    everywhere = random.normal(size=GREY.shape) * 0.03 if far else None
    return LinearViews(random.uniform(0.1, 1.5, (HEIGHT, WIDTH)), kernels, everywhere)
