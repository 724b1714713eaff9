"""Brings in medspaCy's ConText without the rest of medspaCy.

medspaCy's package imports its sentence splitters and QuickUMLS (and with them nltk and SciPy's statistics) before
anything of it can be used: three seconds at each start, and native packages that nothing here needs. ConText itself
needs spaCy only. Its folder is therefore opened as a plain package, and the one name that medspaCy's helper module
imports from QuickUMLS is given an empty stand-in.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from types import ModuleType


def _open_medspacy() -> None:
    """Make `medspacy.context` importable without running medspaCy's own `__init__`."""
    spec = importlib.util.find_spec("medspacy")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("medspaCy is not installed. Run 'make setup'.")
    package = ModuleType("medspacy")
    package.__path__ = list(spec.submodule_search_locations)
    package.__spec__ = spec
    sys.modules["medspacy"] = package
    if "quickumls" not in sys.modules and importlib.util.find_spec("quickumls") is None:
        stand_in = ModuleType("quickumls")
        stand_in.spacy_component = None  # type: ignore[attr-defined]
        sys.modules["quickumls"] = stand_in


if "medspacy" not in sys.modules:
    _open_medspacy()
with warnings.catch_warnings():  # medspaCy switches all warnings of the process off when it is imported
    from medspacy.context import ConText, ConTextRule

__all__ = ["ConText", "ConTextRule"]
