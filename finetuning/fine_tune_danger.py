"""Fine-tunes the danger branch: the encoder's upper layers and two heads, on the red flags and their look-alikes.

Run by `scripts/fine-tune-danger` in an environment of its own, as PyTorch is not wanted anywhere else. Writes
isobot/nlu/danger_branch.safetensors, which set-up builds into the encoder. About an hour on two cores. Reads
training messages only (data/red_flags, and phrasings of ordinary questions), never calibration and test messages.

Method: the lower layers are those of the question encoder, frozen, so that a message is read once for both. The weight
matrices of the upper ones are trained; what they gained is kept as its strongest directions (SVD). Two losses: over
the red flags by level, their look-alikes and ordinary topics (normalised softmax, label smoothing 0.1), and over the
three levels (binary, ordinal). Each message gets fresh typing noise in each epoch, and now and then an ordinary
question before or after it, or words that play it down: neither may change what it tells.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import torch
import yaml
from safetensors import safe_open
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertConfig, BertModel

from finetuning.fine_tune import ADAPTER, COSINE_SCALE, FOLDERS, LINEAR_LAYERS, MAX_TOKENS, SMOOTHING, batches, encode
from finetuning.noise import typed
from isobot.content.red_flag_phrasings import LEVELS, not_danger, read_red_flag_phrasings
from isobot.content.reference import ROOT
from isobot.content.topics import read_topic_file

BRANCH = ROOT / "isobot" / "nlu" / "danger_branch.safetensors"
BRANCH_FROM, LAYERS, BATCH = 3, 6, 32  # BRANCH_FROM as in isobot.nlu.encoder_build
ENCODER_RATE, HEAD_FACTOR, WARM_UP = 1e-4, 50, 0.06
SCORED, HARD = 64, 0.1  # texts scored at a time; from when on an ordinary phrasing looks like danger
LEVEL_WEIGHT = 2.0
BESIDE, PLAYED_DOWN = 0.15, 0.1  # how often a message gets an ordinary question, or minimising words, beside it
MINIMISING = (
    "probably nothing but", "sorry to bother you,", "might be nothing,", "i'm sure it's fine but",
    "not a big deal but", "mum says its fine but", "don't want to waste anyone's time but", "silly question:",
    "haha ok so", "just wondering,",
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A training message: its label, and its level as a number from 0 (none) to 3 (emergency)."""

    text: str
    label: str
    level: int


@dataclass(frozen=True)
class Branch:
    """What is trained: the encoder's upper layers and the heads "labels" and "levels"; and its tokenizer."""

    model: BertModel
    tokenizer: Tokenizer
    heads: dict[str, nn.Linear]


def red_flags() -> list[Example]:
    """Return the red flags and their look-alikes."""
    order = ("none", *reversed(LEVELS))
    return [
        Example(p.text, f"{p.rule}@{'look' if p.level == 'none' else p.level}", order.index(p.level))
        for p in read_red_flag_phrasings()
    ]


def replies() -> list[Example]:
    """Return short replies, follow-ups, keyboard mashing, and ordinary messages of no topic of their own."""
    return [Example(text, "chitchat", 0) for text in (*not_danger().replies, *not_danger().ordinary)]


def ordinary() -> list[Example]:
    """Return phrasings of questions under which nobody tells of danger, labelled with their topic."""
    files = sorted(f for folder in FOLDERS for f in (ROOT / "data" / folder).glob("*.yml"))
    topics = [read_topic_file(f, yaml.safe_load(f.read_text(encoding="utf-8"))) for f in files]
    return [
        Example(phrasing, question.intent.split(".")[0], 0)
        for topic in topics
        for question in topic.questions
        if question.intent not in not_danger().also_told
        for phrasing in question.phrasings
    ]


def varied(text: str, others: list[Example], generator: random.Random) -> str:
    """Return a message with typing noise and, now and then, with something beside it that changes nothing."""
    text = typed(text, generator)
    if generator.random() < PLAYED_DOWN:
        text = f"{generator.choice(MINIMISING)} {text}"
    if generator.random() < BESIDE:
        other = generator.choice(others).text
        text = ". ".join(generator.sample([text, other], 2))
    return text


def branched_encoder(weights: dict[str, Tensor], adapter: dict[str, Tensor]) -> BertModel:
    """Return the question encoder with the weight matrices of its upper layers ready to be trained."""
    for name in {k.removesuffix(".a") for k in adapter if k.endswith(".a")}:
        weights[f"{name}.weight"] = (
            weights[f"{name}.weight"] + adapter[f"{name}.b"].float() @ adapter[f"{name}.a"].float()
        )
    config = BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=LAYERS, num_attention_heads=12, intermediate_size=1536
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(weights, strict=False)
    model.requires_grad_(requires_grad=False)
    for layer in model.encoder.layer[BRANCH_FROM:]:
        for name in LINEAR_LAYERS:
            layer.get_submodule(name).weight.requires_grad_(requires_grad=True)
    return model


def resume(model: BertModel, heads: dict[str, nn.Linear], file: Path, names: list[str]) -> None:
    """Go on from a branch that was trained before.

    Raises:
        SystemExit: when it knows other labels.
    """
    stored = load_file(file)
    with safe_open(str(file), framework="pt") as opened:
        if json.loads(opened.metadata()["labels"]) != names:
            raise SystemExit(f"error: {file} knows other labels. Train anew, without --resume.")
    state = model.state_dict()
    with torch.no_grad():
        for key in {k.removesuffix(".a") for k in stored if k.endswith(".a")}:
            state[f"{key}.weight"] += stored[f"{key}.b"].float() @ stored[f"{key}.a"].float()
        for name, head in heads.items():
            head.weight.copy_(stored[f"head.{name}.weight"].float())
            head.bias.copy_(stored[f"head.{name}.bias"].float() * COSINE_SCALE)


def average(parts: list[nn.Module], begun: list[dict[str, Tensor]]) -> None:
    """Put each weight half-way between where a resumed training began and where it ended.

    The mean forgets less of the first training than the end does: on the calibration messages it caught 95.5 % of the
    emergencies as such, the begin and the end 94.4 % each. Method: "model soups" (Wortsman et al., ICML 2022).
    """
    for part, first in zip(parts, begun, strict=True):
        last = part.state_dict()
        part.load_state_dict({k: (v + first[k]) / 2 if v.is_floating_point() else v for k, v in last.items()})


def hardest(
    model: BertModel, level_head: nn.Linear, tokenizer: Tokenizer, rows: list[Example], most: int
) -> tuple[list[Example], list[Example]]:
    """Return the ordinary phrasings that look most like danger so far, at most `most`, and the others."""
    model.eval()
    by_length = sorted(rows, key=lambda r: len(r.text))
    scores: list[float] = []
    with torch.no_grad():
        for start in range(0, len(by_length), SCORED):
            vectors = encode(model, tokenizer, [r.text for r in by_length[start : start + SCORED]]) * COSINE_SCALE
            scores += torch.sigmoid(level_head(vectors))[:, 1].tolist()
    order = sorted(range(len(by_length)), key=lambda i: -scores[i])
    hard = {i for i in order[:most] if scores[i] > HARD}
    return [by_length[i] for i in sorted(hard)], [by_length[i] for i in range(len(by_length)) if i not in hard]


def strongest(change: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Return b and a, shapes (out, rank) and (rank, in): b @ a is nearest to a weight's change."""
    u, s, v = torch.linalg.svd(change, full_matrices=False)
    root = s[:rank].sqrt()
    return (u[:, :rank] * root).contiguous(), (root[:, None] * v[:rank]).contiguous()


def fit(
    branch: Branch, rows: list[Example], others: list[Example], generator: random.Random, options: argparse.Namespace
) -> None:
    """Train the branch and its heads on `rows`; `others` may stand beside them."""
    model, tokenizer, heads = branch.model, branch.tokenizer, branch.heads
    texts = [r.text for r in rows]
    names = sorted({r.label for r in rows})
    labels = torch.tensor([names.index(r.label) for r in rows])
    levels = torch.tensor([[float(r.level >= k) for k in (1, 2, 3)] for r in rows])
    trained = [p for p in model.parameters() if p.requires_grad]
    of_heads = [p for head in heads.values() for p in head.parameters()]
    groups = [{"params": trained, "lr": options.rate}, {"params": of_heads, "lr": options.rate * HEAD_FACTOR}]
    optimizer = torch.optim.AdamW(groups, weight_decay=0.01)
    steps = int(options.epochs * len(rows) / BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / (WARM_UP * steps)) * max(0.0, 1 - step / steps)
    )
    over_labels, over_levels = nn.CrossEntropyLoss(label_smoothing=SMOOTHING), nn.BCEWithLogitsLoss()
    print(f"{len(rows)} messages, {len(names)} labels, {steps} steps", flush=True)
    start, step = time.monotonic(), 0
    model.train()
    while step < steps:
        for chosen in batches(texts, generator):
            if step >= steps:
                break
            vectors = encode(model, tokenizer, [varied(texts[row], others, generator) for row in chosen]) * COSINE_SCALE
            loss = over_labels(heads["labels"](vectors), labels[chosen])
            loss = loss + LEVEL_WEIGHT * over_levels(heads["levels"](vectors), levels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trained, 1.0)
            optimizer.step()
            schedule.step()
            step += 1
            if step % 100 == 0:
                print(f"step {step}: loss {loss.item():.2f}, {time.monotonic() - start:.0f} s", flush=True)


def main() -> int:
    """Fine-tune and write the branch; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("weights", type=Path, help="folder with model.safetensors and tokenizer.json of MiniLM")
    parser.add_argument("--epochs", type=float, default=3)
    parser.add_argument("--ordinary", type=int, default=5000, help="phrasings of ordinary questions")
    parser.add_argument("--resume", type=Path, help="go on from this branch, with the ordinary phrasings it finds hard")
    parser.add_argument("--hard", type=int, default=2500, help="at most so many of those")
    parser.add_argument("--rate", type=float, default=ENCODER_RATE, help="learning rate")
    parser.add_argument("--rank", type=int, default=64, help="directions that are kept of each matrix's change")
    parser.add_argument("--out", type=Path, default=BRANCH)
    options = parser.parse_args()
    torch.manual_seed(0)
    generator = random.Random(0)
    everyday = ordinary()
    names = sorted({r.label for r in [*red_flags(), *everyday, *replies()]})
    tokenizer = Tokenizer.from_file(str(options.weights / "tokenizer.json"))
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.no_padding()
    model = branched_encoder(load_file(options.weights / "model.safetensors"), load_file(ADAPTER))
    before = {k: v.clone() for k, v in model.state_dict().items()}
    label_head, level_head = nn.Linear(384, len(names)), nn.Linear(384, 3)
    heads = {"labels": label_head, "levels": level_head}
    nn.init.normal_(label_head.weight, std=0.02)
    hard: list[Example] = []
    trained: list[nn.Module] = [model, *heads.values()]
    if options.resume:
        resume(model, heads, options.resume, names)
        begun = [{k: v.clone() for k, v in part.state_dict().items()} for part in trained]
        hard, everyday = hardest(model, level_head, tokenizer, everyday, options.hard)
    others = generator.sample(everyday, 2000)
    rows = [*red_flags(), *replies(), *hard, *generator.sample(everyday, min(options.ordinary, len(everyday)))]
    fit(Branch(model, tokenizer, heads), rows, others, generator, options)
    if options.resume:
        average(trained, begun)
    kept = {**gained(model, before, options.rank), **as_arrays(label_head, "labels"), **as_arrays(level_head, "levels")}
    write(options.out, kept, names, rows)
    print(f"wrote {options.out}")
    return 0


def gained(model: BertModel, before: dict[str, Tensor], rank: int) -> dict[str, Tensor]:
    """Return the strongest directions of what each weight matrix has gained, in the form of an adapter."""
    kept: dict[str, Tensor] = {}
    after = model.state_dict()
    for number in range(BRANCH_FROM, LAYERS):
        for name in LINEAR_LAYERS:
            key = f"encoder.layer.{number}.{name}"
            b, a = strongest(after[f"{key}.weight"] - before[f"{key}.weight"], rank)
            kept[f"{key}.a"], kept[f"{key}.b"] = a.half(), b.half()
    return kept


def as_arrays(head: nn.Linear, name: str) -> dict[str, Tensor]:
    """Return a head's arrays; the detector scales after the weights, so the bias is divided by the scale."""
    return {
        f"head.{name}.weight": head.weight.detach().half().contiguous(),
        f"head.{name}.bias": (head.bias.detach() / COSINE_SCALE).half().contiguous(),
    }


def write(file: Path, kept: dict[str, Tensor], names: list[str], rows: list[Example]) -> None:
    """Write the arrays with the names of the labels and a digest of the training messages."""
    digest = hashlib.sha256("\n".join(f"{r.label}\t{r.text}" for r in sorted(rows, key=str)).encode()).hexdigest()
    save_file(kept, file, metadata={"labels": json.dumps(names), "messages": str(len(rows)), "messages_sha256": digest})


if __name__ == "__main__":
    sys.exit(main())
