"""Rasa importer for topic files: what a topic file says is part of the domain, so a new question needs no second place.

A topic file holds phrasings (`nlu`) and answers (`responses`) in Rasa's own format. Stock Rasa wants each intent named
again in domain.yml, and reads each file four times with a slow YAML parser (minutes, for two hundred questions).
Files with `rules` or `stories` go through Rasa's own reader.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from pathlib import Path
from typing import Any

import rasa.shared.data
import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers import utils
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.io import read_model_configuration

from isobot.content.reference import TableError, sources
from isobot.content.topics import TopicFile, read_topic_file

_TOPIC_FOLDERS = ("topics", "conversation", "guides")  # every YAML file in these must be a topic file


class Phrasing(Message):
    """A training example that is quick to fingerprint and copy: Rasa does both dozens of times for each."""

    _known: tuple[int, str] | None = None

    def fingerprint(self) -> str:
        """Return a digest of the words, the intent and the features so far (see the parent class)."""
        if self._known is None or self._known[0] != len(self.features):
            self._known = len(self.features), self._digest()
        return self._known[1]

    def _digest(self) -> str:
        kinds = ",".join(f"{f.origin}:{f.type}:{f.features.shape}" for f in self.features)
        metadata = sorted(self.get("metadata", {}).get("intent", {}).items())
        return hashlib.md5(f"{self.get(TEXT)}|{self.get(INTENT)}|{metadata}|{kinds}".encode()).hexdigest()

    def __deepcopy__(self, memo: dict[int, Any]) -> Phrasing:
        """Copy what may change; Rasa copies all examples several times."""
        return Phrasing(dict(self.data), set(self.output_properties), self.time, list(self.features))


class TopicFileImporter(TrainingDataImporter):
    """Reads config.yml, domain.yml and the folders of topic files."""

    def __init__(
        self,
        config_file: str | None = None,
        domain_path: str | None = None,
        training_data_paths: list[str] | str | None = None,
    ) -> None:
        """Note where the files are; they are read when first asked for (see the parent class)."""
        self._config_file = config_file
        self._domain_path = domain_path
        self._paths = rasa.shared.data.get_data_files(
            training_data_paths, lambda path: path.endswith((".yml", ".yaml"))
        )

    @cached_property
    def _files(self) -> dict[Path, dict[str, Any]]:
        return {Path(p): yaml.load(Path(p).read_bytes(), yaml.CSafeLoader) or {} for p in sorted(self._paths)}

    @cached_property
    def _topics(self) -> list[TopicFile]:
        topics = [
            read_topic_file(p, data)
            for p, data in self._files.items()
            if p.parent.name in _TOPIC_FOLDERS or {"nlu", "responses"} & set(data)
        ]
        for topic in topics:
            for name, variants in topic.responses.items():
                for variant in variants:
                    if unknown := set(variant.get("metadata", {}).get("source", ())) - set(sources()):
                        raise TableError(f"{topic.path}, {name}: add {sorted(unknown)} to data/sources.yml.")
        return topics

    def get_config(self) -> dict[str, Any]:
        """Return config.yml (see the parent class)."""
        return read_model_configuration(self._config_file) if self._config_file else {}

    def get_config_file_for_auto_config(self) -> str | None:
        """Return the path of config.yml (see the parent class)."""
        return self._config_file

    def get_domain(self) -> Domain:
        """Return domain.yml with the intents and responses of the topic files (see the parent class)."""
        return self._domain

    @cached_property
    def _domain(self) -> Domain:
        intents = sorted(q.intent for t in self._topics for q in t.questions)
        responses = {name: variants for t in self._topics for name, variants in t.responses.items()}
        base = Domain.load(self._domain_path) if self._domain_path else Domain.empty()
        return base.merge(Domain.from_dict({"intents": intents, "responses": responses}))

    def get_nlu_data(self, language: str | None = "en") -> TrainingData:
        """Return the phrasings (see the parent class)."""
        return TrainingData(
            [
                Phrasing.build(text=phrasing, intent=question.intent, intent_metadata={"title": question.title})
                for topic in self._topics
                for question in topic.questions
                for phrasing in question.phrasings
            ]
        )

    def get_stories(self, exclusion_percentage: int | None = None) -> StoryGraph:
        """Return the rules and stories of the files that have any (see the parent class)."""
        files = [str(p) for p, data in self._files.items() if {"rules", "stories"} & set(data)]
        return utils.story_graph_from_paths(files, self.get_domain(), exclusion_percentage)

    def get_conversation_tests(self) -> StoryGraph:
        """Return none: conversations are tested against the running bot, in tests/conversations."""
        return StoryGraph([])
