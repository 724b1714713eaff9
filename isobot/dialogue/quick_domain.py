"""Loads the domain of a trained model by reading it once.

Rasa reads a model's domain.yml four times at start, once with a parser that remembers line numbers for error messages:
six seconds for two hundred answers with their variants. The file was validated when the model was trained, so one
plain reading gives the same domain (a test compares the two).
"""

from __future__ import annotations

from typing import Any

import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.shared.core.domain import Domain


def _load(
    cls: type[DomainProvider],
    /,
    config: dict[str, Any],
    model_storage: ModelStorage,
    resource: Resource,
    execution_context: ExecutionContext,
    **kwargs: Any,
) -> DomainProvider:
    """Stand in for `DomainProvider.load`."""
    with model_storage.read_from(resource) as folder:
        stored = rasa.shared.utils.io.read_file(folder / "domain.yml")
    return cls(model_storage, resource, Domain.from_dict(rasa.shared.utils.io.read_yaml(stored)))


def install() -> None:
    """Use the quick reading in this process; call it before a model is loaded."""
    DomainProvider.load = classmethod(_load)
