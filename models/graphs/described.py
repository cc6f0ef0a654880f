"""One's own node classifier: a checkpoint, a JSON file or `module:function` says what the network is.

Names that `load_own` understands:
- `FILE.safetensors` as `python -m models.graphs.train` writes it;
- `FILE.json` or `FILE.yaml`: a description, see `GraphDescription`;
- `package.module:function`: the function returns a network that carries its weights; `class_names`, `output` and
  `sparse_input` are read as well if it has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from lrscore.class_tree import ClassTree
from lrscore.errors import InputError
from lrscore.provenance import digest_of_file
from models.descriptions import SUFFIXES, check_common, check_texts, frozen, read_description
from models.functions import build_by_function
from models.graphs.checkpoint import load_graph_network
from models.graphs.networks import KINDS, GraphNetworkConfig, build_network
from models.weights import digest_of_network, fit_weights, read_weights

OUTPUTS = ("probabilities", "logits", "log_probabilities")
_WEIGHTS = (".safetensors", ".pt", ".pth", ".ckpt", ".bin")
_SIZES = tuple(one.name for one in fields(GraphNetworkConfig) if one.name != "kind")


@dataclass(frozen=True)
class GraphDescription:
    """What has to be known about a node classifier. As JSON: one object with these keys, paths relative to the file.

    Args:
        network: "module:function", or one of the project's kinds (gcn, appnp, gat).
        weights: path of a safetensors file or a PyTorch checkpoint of tensors.
        arguments: keyword arguments of the function; for the project's kinds the sizes (inputs, classes, hidden, ...).
        class_names: meaning of the classes, or none.
        output: what the network returns: "probabilities", "logits" or "log_probabilities".
        sparse_input: whether it takes attributes as a sparse CSR matrix. Left out: what its own attribute says.
        hierarchy: groups of classes by name, each a list of class names or again groups, for coarse labels.
        name: what to call the model; the file's or network's name if left out.
        folder: where modules may lie beside what Python finds by itself; that of the description.
    """

    network: str | None = None
    weights: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    class_names: tuple[str, ...] = ()
    output: str | None = None
    sparse_input: bool | None = None
    hierarchy: Mapping[str, Any] | None = None
    name: str | None = None
    folder: str | None = None

    def __post_init__(self) -> None:
        check_common(self)
        check_texts(self, "network", "weights", "name", "folder")
        if self.output not in (None, *OUTPUTS):
            raise InputError(f"output must be {', '.join(OUTPUTS)}, got {self.output!r:.80}")
        if not isinstance(self.sparse_input, bool | None):
            raise InputError(f"sparse_input must be true or false, got {self.sparse_input!r:.80}")
        if self.hierarchy is not None and not isinstance(self.hierarchy, Mapping):
            raise InputError(f"hierarchy must give groups of classes by name, got {self.hierarchy!r:.80}")
        if self.network is None:
            raise InputError("a model description must name a network")

    @classmethod
    def read(cls, path: str | Path) -> GraphDescription:
        """Read a JSON file.

        Raises:
            InputError: no such file, no JSON object, unknown keys, or values that make no sense.
        """
        return cls(**read_description(path, cls, ("weights",)))


class DescribedNetwork(nn.Module):
    """Somebody's node classifier as certificates use it: probabilities out, evaluation mode for good.

    Args:
        network: `(x, edge_index)` to scores (n, classes).
        output: what those scores are, one of `OUTPUTS`.
        sparse_input: whether `x` comes as sparse CSR.
        class_names, name, digest: for certificates.

    Attributes:
        class_tree: of the classes, for coarse labels; None without.
    """

    class_tree: ClassTree | None = None

    def __init__(
        self,
        network: nn.Module,
        *,
        output: str,
        sparse_input: bool,
        class_names: tuple[str, ...],
        name: str,
        digest: str,
    ) -> None:
        super().__init__()
        self.network = network.eval().requires_grad_(False)
        self.output, self.sparse_input = output, sparse_input
        self.class_names, self.name, self.digest = class_names, name, digest
        self.eval()

    def forward(self, x: Tensor, edge_index: Tensor) -> Tensor:
        """Class probabilities (n, classes)."""
        scores = self.network(x, edge_index)
        if not isinstance(scores, Tensor) or self.output == "probabilities":
            return scores
        return scores.softmax(dim=1) if self.output == "logits" else scores.exp()

    def train(self, mode: bool = True) -> DescribedNetwork:
        """Stay in evaluation mode: a certificate needs one fixed function."""
        return super().train(False)


def is_own(name: str) -> bool:
    """Whether a model's name is one that `load_own` understands."""
    return ":" in name or Path(name).suffix.lower() in (*SUFFIXES, *_WEIGHTS)


def load_own(name: str) -> nn.Module:
    """Load a node classifier by one of the names above.

    Raises:
        InputError: something is missing, does not fit, or was refused; the message says which.
    """
    suffix = Path(name).suffix.lower()
    if suffix == ".safetensors":
        return load_graph_network(Path(name))
    if suffix in SUFFIXES:
        return load_described(GraphDescription.read(name))
    if suffix in _WEIGHTS and ":" not in name:
        if not Path(name).is_file():
            raise InputError(f"weights {name} do not exist")
        raise InputError(
            f"{name} holds weights alone: describe the network in a FILE.json with network, weights and arguments"
        )
    return load_described(GraphDescription(network=name, name=name))


def load_described(description: GraphDescription) -> nn.Module:
    """Build the network, put its weights in, and wrap it.

    Raises:
        InputError: as in `load_own`.
    """
    spec = str(description.network)
    own = spec in KINDS
    network = (
        _of_kind(spec, description)
        if own
        else build_by_function(spec, folder=description.folder, arguments=description.arguments)
    )
    if description.weights is not None:
        fit_weights(network, read_weights(description.weights), Path(description.weights).name)
    elif own:
        raise InputError(f"network {spec} has no weights of its own: name a file of weights")
    description = _with_attributes(description, network)
    made = DescribedNetwork(
        network,
        output=description.output or "probabilities",
        sparse_input=bool(description.sparse_input),
        class_names=description.class_names,
        name=description.name or spec,
        digest=digest_of_network(network)
        if description.weights is None
        else digest_of_file(description.weights),
    )
    if description.hierarchy is not None:
        made.class_tree = ClassTree.from_names(description.hierarchy, made.class_names)
    return made


def _of_kind(kind: str, description: GraphDescription) -> nn.Module:
    given = dict(description.arguments)
    if not {"inputs", "classes"} <= given.keys() <= set(_SIZES):
        raise InputError(
            f"network {kind} needs the arguments inputs and classes, and may have {', '.join(_SIZES)}; "
            f"got {', '.join(sorted(given)) or 'none'}"
        )
    try:
        return build_network(GraphNetworkConfig(kind, **given))
    except (TypeError, ValueError, RuntimeError) as error:
        raise InputError(f"network {kind} cannot be built with {given}: {error}") from error


def _with_attributes(description: GraphDescription, network: nn.Module) -> GraphDescription:
    """Fill what the description leaves open from the network's own attributes; tensors are its own business."""
    found: dict[str, Any] = {}
    for key in ("class_names", "output", "sparse_input"):
        value = getattr(network, key, None)
        if getattr(description, key) in (None, ()) and isinstance(value, str | bool | list | tuple):
            found[key] = frozen(value)
    return replace(description, **found)
