"""A durable outbox in a folder: a record stays until each destination has it, through crashes and restarts.

    <id>.json                  the record
    <id>.<destination>.state   how far its delivery to that destination is
    <destination>.lock         held by the one process that delivers there now
    *.unreadable               a record that the disk has damaged, kept for a person to look at

Every file is written under a temporary name, flushed to the disk and then renamed, so that it is there as a whole or
not at all. Any number of processes may put records.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from isobot.content.reference import ROOT
from isobot.escalation.record import LEVELS, Escalation

logger = logging.getLogger(__name__)

DEFAULT_FOLDER = ROOT / "var" / "outbox"
_STALE_SECONDS = 24 * 60 * 60  # a temporary file of this age belongs to a process that died while it wrote


@dataclass(frozen=True)
class DeliveryState:
    """How far the delivery of a record to a destination is.

    Attributes:
        delivered: the destination has it.
        attempts: how often it was tried in vain.
        not_before: seconds since the epoch before which it is not tried again.
    """

    delivered: bool = False
    attempts: int = 0
    not_before: float = 0.0


class Outbox:
    """The records that are on their way to the clinic."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is made when something is put."""
        self.folder = folder
        # States that could not be written, say because the disk is full: without them, a destination that has a
        # record would get it again and again.
        self._unwritten: dict[str, DeliveryState] = {}
        self._reported: set[str] = set()

    @classmethod
    def default(cls) -> Outbox:
        """Return the outbox in the folder that ISOBOT_OUTBOX names, else in var/outbox."""
        return cls(Path(os.environ.get("ISOBOT_OUTBOX") or DEFAULT_FOLDER))

    def put(self, record: Escalation) -> None:
        """Store a record durably; a record that is already there stays as it is.

        Raises:
            OSError: when it could not be written.
        """
        if not self._record_file(record.id).exists():
            self._write(self._record_file(record.id).name, record.as_dict())

    def pending(self) -> list[Escalation]:
        """Return all records, the most urgent first, then the oldest."""
        records = [r for file in self.folder.glob("*.json") if (r := self._read_record(file)) is not None]
        return sorted(records, key=lambda r: (LEVELS.index(r.level), r.at, r.id))

    def state(self, record_id: str, destination: str) -> DeliveryState:
        """Return how far a delivery is; one without a readable state has not been tried."""
        file = self._state_file(record_id, destination)
        if file.name in self._unwritten:
            return self._unwritten[file.name]
        try:
            return DeliveryState(**json.loads(file.read_text(encoding="utf-8")))
        except (FileNotFoundError, ValueError, TypeError):
            return DeliveryState()

    def save_state(self, record_id: str, destination: str, state: DeliveryState) -> None:
        """Keep how far a delivery is.

        Raises:
            OSError: when it could not be written; it is kept in memory, then.
        """
        name = self._state_file(record_id, destination).name
        self._unwritten[name] = state
        self._write(name, asdict(state))
        self._unwritten.pop(name, None)

    def remove_if_delivered(self, record_id: str, destinations: Sequence[str]) -> bool:
        """Remove a record that all of `destinations` have; return whether it was removed."""
        if not all(self.state(record_id, name).delivered for name in destinations):
            return False
        # The record first: what a crash leaves is a state without a record, which `tidy` removes.
        self._record_file(record_id).unlink(missing_ok=True)
        for file in self.folder.glob(f"{record_id}.*.state"):
            file.unlink(missing_ok=True)
        for name in destinations:
            self._unwritten.pop(self._state_file(record_id, name).name, None)
        return True

    def tidy(self, now: float) -> None:
        """Remove what crashes have left: states without a record, and old temporary files."""
        for file in self.folder.glob("*.state"):
            # A state is written after its record. One whose record is gone now is not needed any more.
            if not self._record_file(file.name.partition(".")[0]).exists():
                file.unlink(missing_ok=True)
        for file in self.folder.glob(".*.tmp"):
            with suppress(FileNotFoundError):  # just renamed by its process
                if now - file.stat().st_mtime > _STALE_SECONDS:
                    file.unlink()

    @contextmanager
    def turn(self, destination: str) -> Iterator[bool]:
        """Hold the right to deliver to a destination; False while another process or thread has it."""
        self._make_folder()
        with (self.folder / f"{destination}.lock").open("w", encoding="utf-8") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True  # closing the file gives the lock back, and so does the end of the process

    def _record_file(self, record_id: str) -> Path:
        return self.folder / f"{record_id}.json"

    def _state_file(self, record_id: str, destination: str) -> Path:
        return self.folder / f"{record_id}.{destination}.state"

    def _read_record(self, file: Path) -> Escalation | None:
        """Return the record of a file, or None for one that is gone or not readable."""
        try:
            record = Escalation.from_dict(json.loads(file.read_text(encoding="utf-8")))
            if record.id == file.stem:
                return record
            self._put_aside(file)  # a copy under another name would be delivered for ever
        except FileNotFoundError:
            pass  # delivered by another thread in the meantime
        except ValueError:
            self._put_aside(file)
        except OSError as error:
            if file.name not in self._reported:
                self._reported.add(file.name)
                logger.error("An escalation can't be read (%s). Check the rights of %s.", error.strerror, file)
        return None

    @staticmethod
    def _put_aside(file: Path) -> None:
        aside = file.with_suffix(".unreadable")
        with suppress(FileNotFoundError):  # another thread was quicker
            file.rename(aside)
            logger.error("An escalation is damaged and can't be delivered. Look at %s, then delete it.", aside)

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # conversation ids lead to health data

    def _write(self, name: str, data: Mapping[str, Any]) -> None:
        """Write a file as a whole: temporary name, flush to the disk, rename, flush the folder."""
        self._make_folder()
        temporary = self.folder / f".{name}.{uuid.uuid4().hex}.tmp"
        try:
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(data))
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.folder / name)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        _flush_folder(self.folder)


def _flush_folder(folder: Path) -> None:
    """Make a rename in `folder` outlast a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
