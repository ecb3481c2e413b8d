"""The encoder in torch: as published below, with heads for the attributes on top.

A BERT (Devlin and others 2019) with norms after each half layer. Its lower layers are kept as they are: what they make of the
training texts is computed once.
"""

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from classifier.reader.pretrained import Floats, Pretrained, Shape

DROPPED = 0.1
POOL = 1 << 24


class Dropout(nn.Module):
    """Dropout from a pool of drawn numbers, read from another place each time: drawing anew took as long as a layer's sums."""

    pool = torch.empty(0)

    def forward(self, states: Tensor) -> Tensor:
        """The states, some of them 0 while training."""
        if not self.training:
            return states
        if len(Dropout.pool) < POOL or Dropout.pool.dtype != states.dtype:
            Dropout.pool = (torch.rand(POOL) >= DROPPED).to(states.dtype) / (1 - DROPPED)
        begin = int(torch.randint(POOL - states.numel(), ()))
        return states * Dropout.pool[begin : begin + states.numel()].view(states.shape)


class Layer(nn.Module):
    """One layer: attention and what follows it."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, between = shape.width, shape.between
        self.heads = shape.heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))
        self.wide, self.narrow = nn.Linear(width, between), nn.Linear(between, width)
        self.norm, self.last_norm = (nn.LayerNorm(width, eps=shape.epsilon) for _ in range(2))
        self.dropout = Dropout()

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """states: (texts, pieces, width). there: (texts, 1, 1, pieces), 0 for what is a piece and far below 0 for padding."""
        texts, pieces, width = states.shape
        split = (texts, pieces, self.heads, width // self.heads)
        query, key, value = (part(states).view(split).transpose(1, 2) for part in (self.query, self.key, self.value))
        # plainly: the fused attention of torch takes over half of a training step at such lengths
        shares = (query @ key.transpose(-1, -2) * (width // self.heads) ** -0.5 + there).softmax(-1)
        seen = shares @ value
        states = self.norm(states + self.dropout(self.out(seen.transpose(1, 2).reshape(texts, pieces, width))))
        return self.last_norm(states + self.dropout(self.narrow(functional.gelu(self.wide(states)))))


class Trunk(nn.Module):
    """The table of pieces and the layers that are not trained."""

    def __init__(self, shape: Shape, pieces: int, layers: int) -> None:
        super().__init__()
        self.pieces = nn.Embedding(pieces, shape.width)
        self.places = nn.Embedding(shape.places, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=shape.epsilon)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(layers))

    def forward(self, numbers: Tensor, there: Tensor) -> Tensor:
        """numbers: (texts, pieces) -> states (texts, pieces, width)."""
        places = torch.arange(numbers.shape[1], device=numbers.device)
        states = self.norm(self.pieces(numbers) + self.places(places))
        for layer in self.layers:
            states = layer(states, there)
        return states


class Crown(nn.Module):
    """The layers that are trained and a linear head on the mean and the largest of the states."""

    def __init__(self, shape: Shape, layers: int, attributes: int) -> None:
        super().__init__()
        self.layers = nn.ModuleList(Layer(shape) for _ in range(layers))
        self.dropout = nn.Dropout(DROPPED)
        self.head = nn.Linear(2 * shape.width, attributes)

    def forward(self, states: Tensor, there: Tensor) -> Tensor:
        """-> logits (texts, attributes)."""
        for layer in self.layers:
            states = layer(states, there)
        shown = (there[:, 0, 0, :, None] > -1).to(states.dtype)
        mean = (states * shown).sum(1) / shown.sum(1)
        largest = (states + (shown - 1) * 1e4).amax(1)
        return self.head(self.dropout(torch.cat((mean, largest), 1)))


def mask(lengths: Tensor, pieces: int, dtype: torch.dtype) -> Tensor:
    """(texts, 1, 1, pieces): 0 where a text has a piece, far below 0 elsewhere."""
    away = torch.arange(pieces)[None, :] >= lengths[:, None]
    return (away.to(dtype) * -1e4)[:, None, None, :]


def trunk_of(model: Pretrained, kept: np.ndarray, layers: int) -> Trunk:
    """The lower `layers` of the published encoder, with the pieces `kept`."""
    made = Trunk(model.shape, len(kept), layers)
    tensors = model.tensors
    with torch.no_grad():
        made.pieces.weight.copy_(torch.from_numpy(tensors["emb.word"][kept]))
        made.places.weight.copy_(torch.from_numpy(tensors["emb.pos"] + tensors["emb.type"][0]))
        _fill(made.norm, tensors, "emb.ln")
        for number, layer in enumerate(made.layers):
            _fill_layer(layer, tensors, number)
    return made.eval()


def crown_of(model: Pretrained, first: int, attributes: int) -> Crown:
    """The layers from `first` on, and heads that know nothing yet."""
    made = Crown(model.shape, model.shape.layers - first, attributes)
    for number, layer in enumerate(made.layers, start=first):
        _fill_layer(layer, model.tensors, number)
    return made


def _fill_layer(layer: nn.Module, tensors: Mapping[str, Floats], number: int) -> None:
    names = {
        "query": "q",
        "key": "k",
        "value": "v",
        "out": "ao",
        "wide": "fi",
        "narrow": "fo",
        "norm": "aln",
        "last_norm": "oln",
    }
    for part, name in names.items():
        _fill(getattr(layer, part), tensors, f"l{number}.{name}")


def _fill(part: nn.Module, tensors: Mapping[str, Floats], name: str) -> None:
    with torch.no_grad():
        part.weight.copy_(torch.from_numpy(tensors[f"{name}.w"]))  # type: ignore[operator,union-attr]
        part.bias.copy_(torch.from_numpy(tensors[f"{name}.b"]))  # type: ignore[operator,union-attr]
