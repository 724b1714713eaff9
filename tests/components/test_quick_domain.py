"""The quick reading of a trained model's domain gives what Rasa's own reading gives."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.utils.io import read_file, read_yaml


def test_the_domain_is_the_same(model: Path, tmp_path: Path) -> None:
    with tarfile.open(model) as archive:
        member = next(m for m in archive.getmembers() if m.name.endswith("domain_provider/domain.yml"))
        archive.extract(member, tmp_path, filter="data")
    file = tmp_path / member.name
    quick = Domain.from_dict(read_yaml(read_file(file)))
    assert quick.as_dict() == Domain.from_path(str(file.parent)).as_dict()
    assert len(quick.intents) > 100


def test_it_is_what_the_engine_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.graph_components.providers.domain_provider import DomainProvider

    from isobot.dialogue import quick_domain

    monkeypatch.setattr(DomainProvider, "load", DomainProvider.load)
    quick_domain.install()
    assert DomainProvider.load.__func__ is quick_domain._load
