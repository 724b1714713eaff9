"""Fine-tunes the sentence encoder on the phrasings: low-rank adapters (LoRA) beside frozen MiniLM weights.

Run by `scripts/fine-tune` in an environment of its own, as PyTorch is not wanted anywhere else. Writes
isobot/nlu/encoder_adapter.safetensors (1.3 MB), which set-up adds to the official weights when it builds the encoder.
About 25 minutes on two cores. Reads training phrasings only; calibration and test messages are never opened.

Method: LoRA (Hu et al. 2021), rank 16, on all linear layers; cross-entropy over the leaf questions on the cosine to a
learned vector of each (as in face recognition's normalised softmax), label smoothing 0.1, and fresh typing noise on
each phrasing in each epoch.
"""

from __future__ import annotations

import argparse
import hashlib
import math
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import torch
import yaml
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from finetuning.noise import typed
from isobot.content.reference import ROOT
from isobot.content.topics import read_topic_file

ADAPTER = ROOT / "isobot" / "nlu" / "encoder_adapter.safetensors"
FOLDERS = ("topics", "conversation")
RANK, MAX_TOKENS, BATCH = 16, 128, 32
ENCODER_RATE, HEAD_RATE, WARM_UP = 1e-3, 1e-2, 0.06
COSINE_SCALE, SMOOTHING = 16.0, 0.1
LINEAR_LAYERS = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)


class Adapted(nn.Module):
    """A frozen linear layer with a low-rank addition: weight + b @ a, shapes (out, rank) and (rank, in)."""

    def __init__(self, linear: nn.Linear, rank: int) -> None:
        """Begin with an addition of zero, so that the first step starts from the official encoder."""
        super().__init__()
        self.linear = linear
        self.a = nn.Parameter(torch.randn(rank, linear.in_features) / math.sqrt(linear.in_features))
        self.b = nn.Parameter(torch.zeros(linear.out_features, rank))

    def forward(self, x: Tensor) -> Tensor:
        """Return the layer's output (see the parent class)."""
        return self.linear(x) + 2 * (x @ self.a.T) @ self.b.T


def phrasings(held_out: int) -> list[tuple[str, str]]:
    """Return the training phrasings with their intent, without the last `held_out` of each question.

    Vectors of phrasings that the encoder was trained on lie tidier than those of any message to come. The classifier
    is trained on all phrasings; those that the encoder has not seen keep it from trusting that tidiness.
    """
    files = sorted(f for folder in FOLDERS for f in (ROOT / "data" / folder).glob("*.yml"))
    topics = [read_topic_file(f, yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files]
    return [
        (p, q.intent) for t in topics for q in t.questions for p in q.phrasings[: max(1, len(q.phrasings) - held_out)]
    ]


def adapted_encoder(weights: dict[str, Tensor]) -> tuple[BertModel, dict[str, Adapted]]:
    """Return the frozen encoder with adapters, and the adapters by the name of their layer."""
    config = BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536
    )
    model = BertModel(config, add_pooling_layer=False)
    missing = model.load_state_dict(weights, strict=False).missing_keys
    if missing:
        raise SystemExit(f"error: the weights lack {missing}. Are they all-MiniLM-L6-v2?")
    model.requires_grad_(requires_grad=False)
    adapters = {}
    for number, layer in enumerate(model.encoder.layer):
        for name in LINEAR_LAYERS:
            parent = layer.get_submodule(name.rpartition(".")[0])
            adapter = Adapted(layer.get_submodule(name), RANK)
            setattr(parent, name.rpartition(".")[2], adapter)
            adapters[f"encoder.layer.{number}.{name}"] = adapter
    return model, adapters


def encode(model: BertModel, tokenizer: Tokenizer, texts: list[str]) -> Tensor:
    """Return unit vectors, shape (texts, 384): the mean over a text's tokens, as the official model pools."""
    encodings = tokenizer.encode_batch(texts)
    longest = max(len(e.ids) for e in encodings)
    ids = torch.zeros(len(texts), longest, dtype=torch.long)
    mask = torch.zeros(len(texts), longest, dtype=torch.long)
    for row, encoding in enumerate(encodings):
        ids[row, : len(encoding.ids)] = torch.tensor(encoding.ids)
        mask[row, : len(encoding.ids)] = 1
    hidden = model(input_ids=ids, attention_mask=mask).last_hidden_state
    mean = (hidden * mask[..., None]).sum(1) / mask.sum(1, keepdim=True)
    return nn.functional.normalize(mean, dim=1)


def batches(texts: list[str], generator: random.Random) -> Iterator[list[int]]:
    """Yield the rows of each batch of an epoch: at random, but texts of like length together to save padding."""
    order = list(range(len(texts)))
    generator.shuffle(order)
    found = []
    for start in range(0, len(order), BATCH * 40):
        chunk = sorted(order[start : start + BATCH * 40], key=lambda row: len(texts[row]))
        found += [chunk[k : k + BATCH] for k in range(0, len(chunk), BATCH)]
    generator.shuffle(found)
    yield from found


def class_means(model: BertModel, tokenizer: Tokenizer, texts: list[str], labels: list[int]) -> Tensor:
    """Return where each question's phrasings lie before training, shape (questions, 384)."""
    model.eval()
    with torch.no_grad():
        vectors = torch.cat([encode(model, tokenizer, texts[k : k + 64]) for k in range(0, len(texts), 64)])
    target = torch.tensor(labels)
    means = torch.stack([vectors[target == label].mean(0) for label in range(max(labels) + 1)])
    return nn.functional.normalize(means - means.mean(0), dim=1)


def main() -> int:
    """Fine-tune and write the adapter; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="folder with model.safetensors and tokenizer.json of MiniLM")
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--hold-out", type=int, default=12, help="phrasings of each question kept from the encoder")
    parser.add_argument("--out", type=Path, default=ADAPTER)
    options = parser.parse_args()
    torch.manual_seed(0)
    generator = random.Random(0)
    rows = phrasings(options.hold_out)
    texts, intents = [t for t, _ in rows], [i for _, i in rows]
    names = sorted(set(intents))
    labels = [names.index(i) for i in intents]
    tokenizer = Tokenizer.from_file(str(options.weights / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    model, adapters = adapted_encoder(load_file(options.weights / "model.safetensors"))
    head = nn.Linear(384, len(names))
    with torch.no_grad():
        head.weight.copy_(class_means(model, tokenizer, texts, labels))
        head.bias.zero_()
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": trained, "lr": ENCODER_RATE}, {"params": head.parameters(), "lr": HEAD_RATE}], weight_decay=0.01
    )
    steps = int(options.epochs * len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.0, 1 - step / steps)
    )
    criterion = nn.CrossEntropyLoss(label_smoothing=SMOOTHING)
    print(f"{len(rows)} phrasings, {len(names)} questions, {steps} steps", flush=True)
    start, step = time.monotonic(), 0
    model.train()
    while step < steps:
        for chosen in batches(texts, generator):
            if step >= steps:
                break
            vectors = encode(model, tokenizer, [typed(texts[row], generator) for row in chosen])
            loss = criterion(head(vectors) * COSINE_SCALE, torch.tensor([labels[row] for row in chosen]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            if step % 100 == 0:
                print(f"step {step}: loss {loss.item():.2f}, {time.monotonic() - start:.0f} s", flush=True)
    kept = {}
    for name, adapter in adapters.items():
        kept[f"{name}.a"] = adapter.a.detach().half().contiguous()
        kept[f"{name}.b"] = (2 * adapter.b).detach().half().contiguous()
    digest = hashlib.sha256("\n".join(f"{i}\t{t}" for t, i in sorted(rows)).encode()).hexdigest()
    save_file(
        kept,
        options.out,
        metadata={"phrasings": str(len(rows)), "phrasings_sha256": digest, "epochs": str(options.epochs)},
    )
    print(f"wrote {options.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
