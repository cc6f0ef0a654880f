"""Monte Carlo engine for graphs: noisy attributes and edges in, class scores of one cluster's nodes out.

For output group `i` the whole graph is perturbed with the noise that group `i` gives to every cluster (and, where edges
are flipped, to every pair of clusters), and only the nodes of cluster `i` are read. Copies travel through the model as
one disjoint union.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from lrscore.ahead import Pace
from lrscore.batches import thrifty_batch
from lrscore.errors import InputError
from lrscore.evaluation import Asked, refuse_other_names
from lrscore.graphs.input import GraphInput
from lrscore.graphs.noisy_attributes import NoisyAttributes
from lrscore.graphs.noisy_edges import NoisyEdges
from lrscore.kept_pages import keep_freed_pages
from lrscore.monitor import Monitor, Run
from lrscore.noise.flips import FlipNoise

_DEPENDENT = (
    "the model scores a graph differently beside other graphs: it draws random numbers (dropout?), or copies of one "
    "batch depend on each other (a norm over all nodes of the batch?) and nothing could be promised; such a norm is "
    "harmless with batch size 1"
)

GraphModel = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
_CPU_BATCH, _CUDA_BATCH = 16, 64
_CPU_ENTRIES, _CUDA_ENTRIES = 1 << 20, 1 << 26  # ones of a batch
_DENSE_ENTRIES = 1 << 26  # attributes of a batch, for models that want them dense
_TOLERANCE = 1e-5
_COUPLED = 1e-2  # of a probability; sums over edges may be rounded differently in every pass
_ABOVE_ONE = 1 + 1e-6  # after division the scores of a node add up to less than 1, whatever rounding did

_NO_PROBABILITIES = (
    "the model must return probabilities of at least 2 classes: in [0, 1], adding up to 1; a described "
    'model may say "output": "logits" or "log_probabilities"'
)


class Drawn(NamedTuple):
    """The noisy attributes and edges of a batch.

    Args:
        copies, positions: (ones,) copy and position `node * d + attribute` of every one.
        edge_copies, edges: (edges,) copy and `lower * n + higher` of every undirected edge; none where the noise leaves
            edges as they are.
    """

    copies: np.ndarray
    positions: np.ndarray
    edge_copies: np.ndarray
    edges: np.ndarray


class GraphSampler:
    """Draws localized flip noise around one graph and asks the model.

    Args:
        model: `(x, edge_index)` to class probabilities (B * n, classes), see `lrscore.graphs.certify.certify_graph`.
        graph: the clean graph.
        clusters: (n,) cluster of every node.
        noises: flip probabilities of attributes, of every group and cluster, and where edges are flipped, of edges, of
            every group and pair of clusters: see `GraphSettings.noises`. Without the second all copies have the graph's
            edges.
        run: source of all randomness (noise is drawn on its generator's device), and where the model runs: there, too.
        batch_size: copies per forward pass. Every pass has this size.
        planned: copies of each run that is planned: small ones get a smaller default batch.
    """

    def __init__(
        self,
        model: GraphModel,
        graph: GraphInput,
        clusters: np.ndarray,
        noises: Sequence[FlipNoise],
        run: Run,
        *,
        batch_size: int | None = None,
        planned: Sequence[int] = (),
    ) -> None:
        self.model, self.generator, device = model, run.generator, run.device
        if device.type == "cpu":
            keep_freed_pages(self)
        self.noise = noises[0]
        self._edge_noise = noises[1] if len(noises) > 1 else None
        self._asked = Asked(model)
        self.nodes, self.width = graph.shape
        self.sparse = bool(getattr(model, "sparse_input", False))
        self._noisy_edges: NoisyEdges | None = None
        flipped = 0.0
        if self._edge_noise is not None:
            self._noisy_edges = NoisyEdges.build(graph.edges, clusters, run.generator.device)
            flipped = 2 * self._noisy_edges.expected(self._edge_noise)
        usual = self._default_batch(graph, device, flipped)
        self.batch_size = batch_size or (thrifty_batch(planned, usual) if planned else usual)
        self.attributes = NoisyAttributes.build(
            graph.rows, graph.columns, graph.shape, clusters, run.generator.device
        )
        self.device = device
        # Whether all scores so far were probabilities, where the model runs: read with what is made of them
        self._probable = torch.ones((), dtype=torch.bool, device=device)
        self._coupled: bool | None = False if self.batch_size == 1 else None  # unknown before the first pass
        self._edges = disjoint_union(torch.as_tensor(graph.edges, device=device), self.nodes, self.batch_size)
        self.members = [np.flatnonzero(clusters == group) for group in range(self.noise.to_one.shape[0])]
        self._readers = [torch.as_tensor(members, device=device) for members in self.members]

    @torch.inference_mode()
    def scores(
        self, samples: int, monitor: Monitor, groups: Sequence[int] | None = None
    ) -> Iterator[tuple[int, torch.Tensor]]:
        """Class probabilities of `samples` noisy copies per group (all if None), batch by batch and group by group.

        No score is read from the device: what is made of them leaves it by `to_host`, which refuses what is no
        probability. (Drawing sparse noise on a GPU reads how many flips there are.)

        Yields:
            `(group, scores)`, where the model runs, with scores (b, m, classes) float32 of the `m` nodes
            `members[group]`, `b <= batch_size`.
        """
        pace = Pace(self.device)
        for start in range(0, samples, self.batch_size):
            wanted = min(self.batch_size, samples - start)
            for group in range(len(self.members)) if groups is None else groups:
                monitor.check()
                readers = self._readers[group]
                x = self.attributes.sample(self.noise, group, self.batch_size, self.generator).to(self.device)
                scores = self._ask(x if self.sparse else dense_rows(x), self.edges(group))
                yield group, scores.view(self.batch_size, self.nodes, -1)[:wanted, readers]
                monitor.advance(wanted)
                pace.passed()

    def to_host(self, made: torch.Tensor) -> np.ndarray:
        """What was made of scores, as an array, in one copy from where the model runs.

        Raises:
            InputError: scores that the model returned since the sampler was made are no probabilities.
        """
        packed = torch.cat([made.flatten(), self._probable.to(made.dtype)[None]]).cpu().numpy()
        if not packed[-1]:
            raise InputError(_NO_PROBABILITIES)
        return packed[:-1].reshape(made.shape)

    @torch.inference_mode()
    def drawn(self, samples: int, group: int, monitor: Monitor) -> Iterator[tuple[Drawn, np.ndarray]]:
        """Like `scores` for one group, with what was drawn.

        Yields:
            `(drawn, scores)`: what the copies look like, and the scores (b, m, classes) of the group's nodes.
        """
        size = self.nodes * self.width
        for start in range(0, samples, self.batch_size):
            monitor.check()
            wanted = min(self.batch_size, samples - start)
            x = self.attributes.sample(self.noise, group, self.batch_size, self.generator)
            starts = x.crow_indices().to(torch.int64)
            rows = torch.repeat_interleave(
                torch.arange(x.shape[0], device=x.device), starts[1:] - starts[:-1]
            )
            flat = (rows * self.width + x.col_indices().to(torch.int64)).cpu().numpy()
            flat = flat[: int(np.searchsorted(flat, wanted * size))]
            x = x.to(self.device)
            edges = self.edges(group)
            scores = self._ask(x if self.sparse else dense_rows(x), edges)
            scores = scores.view(self.batch_size, self.nodes, -1)
            drawn = Drawn(flat // size, flat % size, *self._undirected(edges, wanted))
            yield drawn, self.to_host(scores[:wanted, self._readers[group]])
            monitor.advance(wanted)

    def edges(self, group: int) -> torch.Tensor:
        """(2, E') edges of the next batch of copies for a group, where the model runs: new ones if they are flipped."""
        if self._noisy_edges is None or self._edge_noise is None:
            return self._edges
        return self._noisy_edges.sample(self._edge_noise, group, self.batch_size, self.generator).to(
            self.device
        )

    @property
    def edge_codes(self) -> np.ndarray:
        """(E,) int64 `lower * n + higher` of the graph's undirected edges, ascending; none unless they are flipped."""
        if self._noisy_edges is None:
            return np.empty(0, dtype=np.int64)
        return self._noisy_edges.edges.cpu().numpy()

    def _undirected(self, edges: torch.Tensor, wanted: int) -> tuple[np.ndarray, np.ndarray]:
        """Copy and `lower * n + higher` of a batch's flipped edges (2, E'), of the first so many copies."""
        if self._noisy_edges is None:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        source, target = edges.cpu().numpy()
        once = (source < target) & (source < wanted * self.nodes)
        copies = source[once] // self.nodes
        return copies, source[once] % self.nodes * self.nodes + target[once] % self.nodes

    def _ask(self, x: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
        """The model's probabilities (B * n, classes), checked."""
        what = f"{self.width} attributes per node"
        scores = self._asked(self.model, x, edges, what=what)
        if scores.ndim != 2 or scores.shape[0] != x.shape[0]:
            raise InputError(
                f"the model must return (nodes, classes) = ({x.shape[0]}, ...), got {tuple(scores.shape)}"
            )
        if scores.shape[1] < 2:
            raise InputError(_NO_PROBABILITIES)
        refuse_other_names(self.model, scores.shape[1])
        if self._coupled is None:
            company = self._asked(self.model, first_alone(x, self.nodes), edges, what=what)
            apart = (company[: self.nodes].float() - scores[: self.nodes].float()).abs().max()
            self._coupled = bool(apart > _COUPLED)  # NaN is no probability, which is found below
            if self._coupled:
                raise InputError(_DEPENDENT)
        in_range = (scores >= -_TOLERANCE) & (scores <= 1 + _TOLERANCE)  # NaN is not
        self._probable = self._probable & in_range.all() & (scores.sum(dim=1).max() <= 1 + 1e-4)
        scores = scores.float().clamp(0.0, 1.0)
        return scores / (scores.sum(dim=1, keepdim=True).clamp(min=1.0) * _ABOVE_ONE)

    def _default_batch(self, graph: GraphInput, device: torch.device, flipped: float) -> int:
        """As many copies as keep the arrays of a batch small enough for caches and allocator."""
        cuda = device.type == "cuda"
        if self.sparse:
            flips = float(self.noise.to_one.max()) * self.nodes * self.width
            entries, room = graph.rows.size + flips + flipped, _CUDA_ENTRIES if cuda else _CPU_ENTRIES
        else:
            entries, room = self.nodes * self.width + flipped, _DENSE_ENTRIES
        return int(max(1, min(_CUDA_BATCH if cuda else _CPU_BATCH, room // max(entries, 1))))


def disjoint_union(edges: torch.Tensor, nodes: int, copies: int) -> torch.Tensor:
    """(2, B * E) edges of `copies` graphs side by side; copy `b` has nodes from `b * nodes` on."""
    offsets = torch.arange(copies, device=edges.device) * nodes
    return (edges[:, None, :] + offsets[None, :, None]).reshape(2, -1)


def first_alone(x: torch.Tensor, nodes: int) -> torch.Tensor:
    """The same batch of copies (B * n, d), dense or CSR, with no attribute in any but the first copy."""
    if x.layout != torch.sparse_csr:
        return torch.cat([x[:nodes], torch.zeros_like(x[nodes:])])
    starts = x.crow_indices()
    ones = int(starts[nodes])
    return torch.sparse_csr_tensor(
        starts.clamp(max=ones), x.col_indices()[:ones], x.values()[:ones], x.shape, check_invariants=False
    )


def dense_rows(x: torch.Tensor) -> torch.Tensor:
    """A CSR matrix of ones as a dense float32 matrix."""
    dense = torch.zeros(x.shape, dtype=torch.float32, device=x.device)
    starts = x.crow_indices().to(torch.int64)
    rows = torch.repeat_interleave(torch.arange(x.shape[0], device=x.device), starts[1:] - starts[:-1])
    dense[rows, x.col_indices().to(torch.int64)] = 1.0
    return dense
