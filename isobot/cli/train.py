"""Trains the model into models/isobot.tar.gz, and only when something that it depends on has changed.

Run as `python -m isobot.cli.train [--force]`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import sys
import time
from pathlib import Path

from isobot.content.reference import TableError

ROOT = Path(__file__).parents[2]
MODEL = ROOT / "models" / "isobot.tar.gz"
_FINGERPRINT = MODEL.with_suffix(".sha256")
LOG = ROOT / "var" / "log" / "train.log"
# What the model is made of: the same inputs give the same model.
_INPUTS = ("config.yml", "domain.yml", "requirements.lock", "data/**/*.yml", "isobot/nlu/*", "isobot/text/*.py",
           "isobot/content/*.py", "isobot/dialogue/*.py")  # fmt: skip
_READ_AT_LOAD = ("thresholds.yml", "danger_limits.yml")


def fingerprint() -> str:
    """Return a digest of everything that the model depends on."""
    digest = hashlib.sha256()
    for file in sorted(
        f for pattern in _INPUTS for f in ROOT.glob(pattern) if f.is_file() and f.name not in _READ_AT_LOAD
    ):
        digest.update(str(file.relative_to(ROOT)).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current() -> bool:
    """Return whether the model at hand was trained from the files as they are."""
    return MODEL.is_file() and _FINGERPRINT.is_file() and _FINGERPRINT.read_text() == fingerprint()


def train() -> None:
    """Train with Rasa; what it prints goes to var/log/train.log."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["RASA_MAX_CACHE_SIZE"] = "0"  # Rasa's cache does not see changes in code that a component calls
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    wanted = fingerprint()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with LOG.open("w", encoding="utf-8") as log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        from rasa.model_training import train as rasa_train

        result = rasa_train(
            domain=str(ROOT / "domain.yml"),
            config=str(ROOT / "config.yml"),
            training_files=str(ROOT / "data"),
            output=str(MODEL.parent),
            force_training=True,
            fixed_model_name=MODEL.name.removesuffix(".tar.gz"),
        )
    if result.model is None:
        raise RuntimeError(f"Rasa trained no model (code {result.code}); see {LOG}.")
    _FINGERPRINT.write_text(wanted)


def main(arguments: list[str] | None = None) -> int:
    """Train if need be; return the exit code."""
    parser = argparse.ArgumentParser(prog="make train", description="Train the model if its inputs have changed.")
    parser.add_argument("--force", action="store_true", help="train even if nothing has changed")
    options = parser.parse_args(arguments)
    if is_current() and not options.force:
        print("The model is up to date.", file=sys.stderr)
        return 0
    print("Training the model (about a minute) ...", file=sys.stderr, flush=True)
    start = time.monotonic()
    try:
        train()
    except Exception as error:
        # Rasa wraps our own errors, whose message says what to do; the tracebacks are in the log.
        ours = error
        while isinstance(ours.__cause__, Exception) and not isinstance(ours, TableError):
            ours = ours.__cause__
        print(f"error: training failed: {ours}\nSee {LOG}.", file=sys.stderr)
        with LOG.open("a", encoding="utf-8") as log, io.StringIO() as text:
            import traceback

            traceback.print_exc(file=text)
            log.write(text.getvalue())
        return 1
    print(f"Trained in {time.monotonic() - start:.0f} s: {MODEL.relative_to(ROOT)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
