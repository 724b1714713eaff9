"""Log settings of every process: warnings and worse, never what a person wrote."""

from __future__ import annotations

import logging
import warnings

import structlog


def configure() -> None:
    """Log warnings and errors to standard error; silence what Rasa's dependencies warn about at import."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # Rasa's debug lines hold message texts, and cost more time than the answer itself.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    warnings.filterwarnings("ignore", category=FutureWarning)
