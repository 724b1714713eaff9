"""The sentence encoder is the official model, or set-up says plainly what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from isobot.nlu import encoder_build
from isobot.nlu.encoder import (
    DANGER_VECTOR,
    DEFAULT_FOLDER,
    DIMENSIONS,
    MAX_TOKENS,
    EncoderMissingError,
    SentenceEncoder,
)

# Made with PyTorch and transformers from the official weights.
REFERENCE = json.loads((Path(__file__).parent / "reference" / "sentence_vectors.json").read_text(encoding="utf-8"))
TEXTS = [r["text"] for r in REFERENCE]
VECTORS = np.array([r["vector"] for r in REFERENCE])


@pytest.fixture(scope="module")
def encoder() -> SentenceEncoder:
    return SentenceEncoder.load(DEFAULT_FOLDER)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> SentenceEncoder:
    """The encoder as it was published, without our adapter."""
    folder = tmp_path_factory.mktemp("published")
    encoder_build.build(encoder_build.find_weights(), folder, adapter=None, branch=None)
    return SentenceEncoder.load(folder)


def test_the_graph_equals_pytorch(encoder: SentenceEncoder) -> None:
    weights = load_file(encoder_build.find_weights() / "model.safetensors")
    graph = encoder_build._bert_graph(weights, weights)
    exact = SentenceEncoder(graph.SerializeToString(), encoder.tokenizer_json)
    assert (exact.encode(TEXTS) * VECTORS).sum(axis=1).min() > 0.999


def test_the_quantized_encoder_is_close_to_pytorch(published: SentenceEncoder) -> None:
    cosines = (published.encode(TEXTS) * VECTORS).sum(axis=1)
    assert cosines.min() > 0.97
    assert cosines.mean() > 0.985


def test_vectors_have_length_one_and_do_not_depend_on_their_neighbours(encoder: SentenceEncoder) -> None:
    together = encoder.encode(TEXTS)
    assert together.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    alone = np.vstack([encoder.encode([t]) for t in TEXTS])
    assert np.array_equal(together, alone)
    assert (encoder.encode_many(TEXTS) * alone).sum(axis=1).min() > 0.95


@pytest.mark.parametrize("text", ["", "😀", "word " * 5000, "\t"])
def test_any_text_has_a_vector(encoder: SentenceEncoder, text: str) -> None:
    assert np.isfinite(encoder.encode([text])).all()


def test_long_texts_are_cut_at_what_the_model_knows(encoder: SentenceEncoder) -> None:
    long = "word " * (MAX_TOKENS * 2)
    assert np.allclose(encoder.encode([long]), encoder.encode([long + "and more"]))


def test_an_encoder_that_was_not_built_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EncoderMissingError, match="make setup"):
        SentenceEncoder.load(tmp_path)


def test_a_missing_package_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_build, "PACKAGE", "no_such_package_anywhere")
    with pytest.raises(EncoderMissingError, match="make setup"):
        encoder_build.find_weights()


def test_other_weights_than_the_official_ones_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(encoder_build.DIGESTS, "tokenizer.json", "0" * 64)
    with pytest.raises(EncoderMissingError, match="not the official"):
        encoder_build.find_weights()


def test_the_adapter_fits_the_official_weights_and_changes_every_layer() -> None:
    weights = load_file(encoder_build.find_weights() / "model.safetensors")
    adapter = load_file(encoder_build.ADAPTER_FILE)
    adapted = encoder_build.adapted(weights, adapter)
    changed = {name for name in weights if not np.array_equal(adapted[name], weights[name])}
    assert len(changed) == encoder_build.LAYERS * 6
    assert all(adapted[name].shape == weights[name].shape for name in weights)


def test_the_shipped_encoder_carries_the_adapter(encoder: SentenceEncoder, published: SentenceEncoder) -> None:
    assert (encoder.encode(TEXTS) * published.encode(TEXTS)).sum(axis=1).max() < 0.99


def test_each_text_has_a_second_vector_for_the_danger_told(encoder: SentenceEncoder) -> None:
    asked, told = encoder.encode_both(TEXTS)
    assert told.shape == asked.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(np.linalg.norm(told, axis=1), 1, atol=1e-5)
    assert (asked * told).sum(axis=1).max() < 0.99
    assert np.array_equal(encoder.encode(TEXTS), asked), "one output takes less time, and gives the same"
    assert np.array_equal(encoder.encode_outputs(TEXTS, [DANGER_VECTOR])[0], told)


def test_without_a_branch_the_two_vectors_are_the_same(published: SentenceEncoder) -> None:
    asked, told = published.encode_both(TEXTS)
    assert np.allclose(asked, told, atol=1e-4)


def test_the_danger_branch_changes_the_upper_layers_only() -> None:
    weights = load_file(encoder_build.find_weights() / "model.safetensors")
    branch = encoder_build.adapted(weights, load_file(encoder_build.BRANCH_FILE))
    changed = {name for name in weights if not np.array_equal(branch[name], weights[name])}
    layers = {int(name.split(".")[2]) for name in changed}
    assert layers == set(range(encoder_build.BRANCH_FROM, encoder_build.LAYERS))
    assert len(changed) == len(layers) * 6
