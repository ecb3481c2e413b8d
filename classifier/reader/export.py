"""A trained encoder -> the directory that is served: an ONNX graph in 8 bits, the pieces and what is known about them."""

import hashlib
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from classifier.reader import pieces
from classifier.reader.network import Crown, Trunk
from classifier.reader.scoring import ABOUT, FORMAT, GRAPH, PIECES


class Whole(nn.Module):
    """Numbers of pieces (texts, pieces), padded with PAD -> logits (texts, attributes)."""

    def __init__(self, trunk: Trunk, crown: Crown) -> None:
        super().__init__()
        self.trunk, self.crown = trunk, crown

    def forward(self, numbers: Tensor) -> Tensor:
        """Both halves of the encoder."""
        there = (numbers == pieces.PAD).to(torch.float32)[:, None, None, :] * -1e4
        return self.crown(self.trunk(numbers, there), there)


def graphs(trunk: Trunk, crown: Crown, folder: Path) -> tuple[Path, Path]:
    """Write the graph in single precision and in 8 bits; where they are.

    Weights are whole numbers with a step for each output (the table of pieces: one step); what is multiplied with them gets its
    step at run time.
    """
    whole, small = folder / "float.onnx", folder / GRAPH
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    example = torch.randint(pieces.OTHER + 1, trunk.pieces.num_embeddings, (3, 17))
    program = torch.onnx.export(
        Whole(trunk.float(), crown.float()).eval(),
        (example,),
        dynamo=True,
        verbose=False,
        input_names=["numbers"],
        output_names=["logits"],
        dynamic_shapes={"numbers": {0: "texts", 1: "pieces"}},
    )
    if program is None:
        raise RuntimeError("torch exported nothing")
    program.save(str(whole))
    only = {"MatMulConstBOnly": True}
    quantize_dynamic(
        whole, small, op_types_to_quantize=["MatMul"], per_channel=True, weight_type=QuantType.QInt8, extra_options=only
    )
    model = onnx.load(small)
    _shrink_table(model.graph, trunk.pieces.num_embeddings)
    _forget_paths(model)
    small.write_bytes(model.SerializeToString())
    return whole, small


def write(graph: Path, kept: Sequence[tuple[str, float]], about: dict[str, Any], release: str, folder: Path) -> str:
    """Write the directory; the version, which is the release and eight digits of a checksum of all it holds."""
    folder.mkdir(parents=True, exist_ok=True)
    raw = {GRAPH: graph.read_bytes(), PIECES: pieces.tokenizer_of(kept).to_str().encode()}
    sums = {name: hashlib.sha256(one).hexdigest() for name, one in raw.items()}
    known = about | {"format": FORMAT, "sha256": sums}
    whole = hashlib.sha256(json.dumps(known, sort_keys=True).encode()).hexdigest()
    version = f"{release}-{whole[:8]}"
    for name, one in raw.items():
        (folder / name).write_bytes(one)
    (folder / ABOUT).write_text(json.dumps(known | {"version": version}, indent=1, sort_keys=True) + "\n")
    return version


def kept_pieces(every: Sequence[tuple[str, float]], kept: NDArray[Any]) -> list[tuple[str, float]]:
    """The pieces at some numbers."""
    return [every[number] for number in kept]


def _shrink_table(graph: onnx.GraphProto, rows: int) -> None:
    """Put the table of pieces into 8 bits with a step for each row: one step for all costs twice as much of the ROC-AUC."""
    [table] = [one for one in graph.initializer if list(one.dims)[:1] == [rows]]
    [gather] = [node for node in graph.node if node.op_type == "Gather" and node.input[0] == table.name]
    exact = numpy_helper.to_array(table)
    steps = np.maximum(np.abs(exact).max(axis=1, keepdims=True), 1e-9) / 127
    whole = np.rint(exact / steps).astype(np.int8)
    at = list(graph.node).index(gather)
    found, numbers = gather.output[0], gather.input[1]
    graph.node.remove(gather)
    graph.initializer.remove(table)
    graph.initializer.extend(
        [
            numpy_helper.from_array(whole, "pieces_whole"),
            numpy_helper.from_array(steps.astype(np.float32), "pieces_steps"),
        ]
    )
    nodes = (
        helper.make_node("Gather", ["pieces_whole", numbers], ["pieces_whole_there"]),
        helper.make_node("Cast", ["pieces_whole_there"], ["pieces_there"], to=onnx.TensorProto.FLOAT),
        helper.make_node("Gather", ["pieces_steps", numbers], ["pieces_steps_there"]),
        helper.make_node("Mul", ["pieces_there", "pieces_steps_there"], [found]),
    )
    for place, node in enumerate(nodes, start=at):
        graph.node.insert(place, node)


def _forget_paths(model: onnx.ModelProto) -> None:
    """Take out what the exporter notes of the machine: where which line of code stood."""
    for part in (
        model,
        model.graph,
        *model.graph.node,
        *model.graph.value_info,
        *model.graph.input,
        *model.graph.output,
    ):
        if hasattr(part, "metadata_props"):
            del part.metadata_props[:]
        part.doc_string = ""
