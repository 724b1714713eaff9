"""The pipelines and policies that are compared, as Rasa configs.

Ours are made from config.yml, so that they follow it. The stock ones are what `rasa init` of Rasa 3.6 trains.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from bench.workspace import ROOT

Step = dict[str, Any]
Config = dict[str, Any]

_SEGMENTER = "isobot.nlu.message_segmenter.MessageSegmenter"
_ENCODER = "isobot.nlu.sentence_encoder_featurizer.SentenceEncoderFeaturizer"
_TFIDF = "isobot.nlu.tfidf_featurizer.TfidfFeaturizer"
_BLANK = "bench.blank_featurizer.BlankFeaturizer"
_ONE_TOKEN = "bench.one_token_sequence.OneTokenSequence"
_NEAREST = "bench.nearest_neighbours.NearestNeighbours"
_COUNTS: list[Step] = [
    {"name": "WhitespaceTokenizer"},
    {"name": "RegexFeaturizer"},
    {"name": "LexicalSyntacticFeaturizer"},
    {"name": "CountVectorsFeaturizer"},
    {"name": "CountVectorsFeaturizer", "analyzer": "char_wb", "min_ngram": 1, "max_ngram": 4},
]
_FALLBACK: Step = {"name": "FallbackClassifier", "threshold": 0.3, "ambiguity_threshold": 0.1}

SHIPPED = "both-lr"
LABELS = {
    "stock-diet": "stock `rasa init`: count vectors + DIET",
    "stock-lr": "stock count vectors + Rasa's logistic regression",
    "tfidf-lr": "TF-IDF + our logistic regression",
    "minilm-lr": "MiniLM + our logistic regression",
    SHIPPED: "MiniLM + TF-IDF + our logistic regression (shipped)",
    "both-diet": "MiniLM + TF-IDF + DIET",
    "minilm-knn": "MiniLM + nearest neighbours",
}
USES_DIET = frozenset({"stock-diet", "both-diet"})


@cache
def shipped_config() -> Config:
    """Return config.yml as it was when the run began."""
    config: Config = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf-8"))
    return config


def understanding(name: str, epochs: int) -> Config:
    """Return the config of one of `LABELS`.

    Args:
        name: a key of `LABELS`.
        epochs: how often DIET sees all phrasings.
    """
    return _config(_pipeline(name, epochs), [])


def stock_bot(epochs: int) -> Config:
    """Return what `rasa init` trains, with its epochs (100 as shipped) set."""
    ted: Step = {"max_history": 5, "epochs": epochs}
    policies: list[Step] = [
        {"name": "MemoizationPolicy"},
        {"name": "RulePolicy"},
        {"name": "UnexpecTEDIntentPolicy", **ted},
        {"name": "TEDPolicy", **ted, "constrain_similarities": True},
    ]
    return _config(_stock_diet(epochs), policies)


def stock_light_bot() -> Config:
    """Return the lightest bot of stock components: linear understanding and rules."""
    return _config(_pipeline("stock-lr", 0), [{"name": "RulePolicy"}])


def _config(pipeline: list[Step], policies: list[Step]) -> Config:
    frame = {k: v for k, v in shipped_config().items() if k not in ("pipeline", "policies")}
    return {**frame, "pipeline": pipeline, "policies": policies}


def _pipeline(name: str, epochs: int) -> list[Step]:
    shipped: list[Step] = shipped_config()["pipeline"]
    pipelines: dict[str, list[Step]] = {
        "stock-diet": _stock_diet(epochs),
        "stock-lr": [*_COUNTS, {"name": "LogisticRegressionClassifier"}],
        "tfidf-lr": _replaced(shipped, _ENCODER, {"name": _BLANK, "kind": "dense"}),
        "minilm-lr": _replaced(shipped, _TFIDF, {"name": _BLANK, "kind": "sparse"}),
        SHIPPED: shipped,
        "both-diet": [{"name": n} for n in (_SEGMENTER, _ENCODER, _TFIDF, _ONE_TOKEN)] + [_diet(epochs)],
        "minilm-knn": [{"name": n} for n in (_SEGMENTER, _ENCODER, _NEAREST)],
    }
    return pipelines[name]


def _stock_diet(epochs: int) -> list[Step]:
    selector: Step = {"name": "ResponseSelector", "epochs": epochs, "constrain_similarities": True}
    return [*_COUNTS, _diet(epochs), {"name": "EntitySynonymMapper"}, selector, _FALLBACK]


def _diet(epochs: int) -> Step:
    return {"name": "DIETClassifier", "epochs": epochs, "constrain_similarities": True}


def _replaced(pipeline: list[Step], name: str, step: Step) -> list[Step]:
    return [step if s["name"] == name else s for s in pipeline]
