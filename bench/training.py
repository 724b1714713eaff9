"""Trains one model with Rasa and says how long that took; run in a process of its own (see `bench.child`)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from bench import child
from isobot import logs

MEGABYTE = 1e6  # bytes


def train_understanding(config: str, topics: str, output: str) -> tuple[Path, float]:
    """Train a model that understands only; return its archive and the seconds.

    Args:
        config: path of a Rasa config whose importer reads topic files.
        topics: folder of topic files.
        output: folder for the archive, which gets the config's name.
    """
    from rasa.model_training import train_nlu

    start = time.perf_counter()
    model = train_nlu(config=config, nlu_data=topics, output=output, fixed_model_name=Path(config).stem)
    seconds = time.perf_counter() - start
    if model is None:
        raise RuntimeError(f"Rasa trained no model from {config}; its messages above say why.")
    return Path(model), seconds


def train_bot(job: dict[str, Any]) -> dict[str, Any]:
    """Train a whole bot.

    Args:
        job: the paths `config`, `domain`, `data` (a list) and `output` (a folder).

    Returns:
        `model` (path), `seconds`, `megabytes`.
    """
    logs.configure()
    from rasa.model_training import train

    start = time.perf_counter()
    result = train(
        domain=job["domain"],
        config=job["config"],
        training_files=job["data"],
        output=job["output"],
        force_training=True,
        fixed_model_name=Path(job["config"]).stem,
    )
    seconds = time.perf_counter() - start
    if result.model is None:
        raise RuntimeError(f"Rasa trained no model from {job['config']}; its messages above say why.")
    return {"model": result.model, "seconds": seconds, "megabytes": megabytes(Path(result.model))}


def megabytes(file: Path) -> float:
    """Return a file's size in megabytes (10^6 bytes)."""
    return file.stat().st_size / MEGABYTE


if __name__ == "__main__":
    child.serve(train_bot)
