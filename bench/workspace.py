"""Copies code and data into a folder of their own: a run may take hours, and edits meanwhile must not mix into it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
_TOPIC_FOLDERS = ("topics", "conversation")
_CODE = ("isobot", "bench")
_FILES = (
    "config.yml",
    "domain.yml",
    "clinic.yml",
    "data/*.yml",
    "data/conversation/*.yml",
    "data/topics/*.yml",
    "tests/understanding/calibration.jsonl",
)


@dataclass(frozen=True)
class Workspace:
    """Where a run's copies are.

    Attributes:
        folder: holds everything below, and the configs and models of the run.
        project: the copy of the code and of what it reads; the jobs of the run start there.
        topics: the topic files (phrasings and answers).
        domain: domain.yml.
        rules: this bot's data/rules.yml.
        stock_rules: one rule for each intent, "intent X is answered by utter_X", as stock Rasa needs them.
    """

    folder: Path
    project: Path
    topics: Path
    domain: Path
    rules: Path
    stock_rules: Path

    def write_config(self, name: str, config: dict[str, Any]) -> Path:
        """Write a Rasa config and return its path."""
        path = self.folder / f"{name}.yml"
        path.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
        return path


def prepare(folder: Path, max_phrasings: int | None = None) -> Workspace:
    """Fill `folder` from the project.

    Args:
        folder: an empty folder.
        max_phrasings: keeps the first so many phrasings of each intent; all where None.
    """
    project = folder / "project"
    _copy_project(project)
    work = Workspace(
        folder, project, folder / "topics", project / "domain.yml", project / "data/rules.yml", folder / "stock.yml"
    )
    work.topics.mkdir()
    intents: list[str] = []
    for source in sorted(f for name in _TOPIC_FOLDERS for f in (project / "data" / name).glob("*.yml")):
        text = source.read_text(encoding="utf-8")
        topic = yaml.load(text, yaml.CSafeLoader) or {}
        intents.extend(item["intent"] for item in topic.get("nlu", ()))
        if max_phrasings is not None:
            text = yaml.safe_dump(_cut(topic, max_phrasings), allow_unicode=True, sort_keys=False)
        (work.topics / source.name).write_text(text, encoding="utf-8")
    work.stock_rules.write_text(yaml.safe_dump(_rules(intents), sort_keys=False), encoding="utf-8")
    return work


def _copy_project(target: Path) -> None:
    for name in _CODE:
        shutil.copytree(ROOT / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for source in sorted(f for pattern in _FILES for f in ROOT.glob(pattern)):
        copy = target / source.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, copy)
    (target / "build").symlink_to(ROOT / "build")  # the sentence encoder, which no edit changes


def _cut(topic: dict[str, Any], phrasings: int) -> dict[str, Any]:
    """Return the topic file with at most so many phrasings an intent."""
    nlu = [{**i, "examples": "\n".join(i["examples"].splitlines()[:phrasings]) + "\n"} for i in topic.get("nlu", ())]
    return {**topic, "nlu": nlu} if nlu else topic


def _rules(intents: list[str]) -> dict[str, Any]:
    rules = [{"rule": f"Answer {i}", "steps": [{"intent": i}, {"action": f"utter_{i}"}]} for i in intents]
    return {"version": "3.1", "rules": rules}
