"""Starts and ends the two processes of the assistant: the Rasa server and the action server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx

from isobot.cli.train import MODEL, ROOT

LOOPBACK = "127.0.0.1"
START_SECONDS = 180  # a cold disk on a small machine; a ready server is noticed at once
STOP_SECONDS = 10
LOG_FOLDER = ROOT / "var" / "log"


class StackError(Exception):
    """The servers could not be started or have died; the message says where to look."""


def free_port() -> int:
    """Return a port of the loopback address that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


class Stack:
    """The running assistant; use it as a context manager.

    Both processes end when this one does, whatever ends it (see `isobot.cli.parent`).
    """

    def __init__(
        self,
        *,
        host: str = LOOPBACK,
        port: int | None = None,
        model: Path = MODEL,
        database: Path | None = None,
        with_actions: bool = True,
        environment: dict[str, str] | None = None,
    ) -> None:
        """Describe what to start; nothing runs before `start`.

        Args:
            host: the address to listen on.
            port: a free one where None.
            model: the trained model.
            database: the SQLite file of the conversations; where None, the one that ISOBOT_DATABASE names, else
                var/conversations.db.
            with_actions: start the action server, too.
            environment: more variables for both processes.
        """
        self.host = host
        self.port = port or free_port()
        self._model = model
        self._with_actions = with_actions
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._actions_port = free_port()
        database = database or Path(os.environ.get("ISOBOT_DATABASE") or ROOT / "var" / "conversations.db")
        self._environment = {
            **os.environ,
            "ISOBOT_DATABASE": str(database),
            "ISOBOT_ACTIONS_URL": f"http://{LOOPBACK}:{self._actions_port}/webhook",
            "PYTHONPATH": str(ROOT),
            **(environment or {}),
        }
        database.parent.mkdir(parents=True, exist_ok=True)

    @property
    def url(self) -> str:
        """The address of the server for a client on this machine."""
        host = LOOPBACK if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        """Start the processes and return at once; `wait_until_ready` waits."""
        if not self._model.is_file():
            raise StackError(f"There is no model at {self._model}. Run 'make train'.")
        engine = ["--host", self.host, "--port", str(self.port), "--model", str(self._model)]
        self._spawn("engine", engine)

    def _spawn(self, name: str, arguments: list[str]) -> None:
        LOG_FOLDER.mkdir(parents=True, exist_ok=True)
        with self._log(name).open("wb") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", f"isobot.cli.{name}", *arguments],
                cwd=ROOT,
                env=self._environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C in the terminal is for us to handle, once
            )

    @staticmethod
    def _log(name: str) -> Path:
        return LOG_FOLDER / f"{name}-{os.getpid()}.log"

    def wait_until_ready(self, tick: Callable[[], None] = lambda: None) -> None:
        """Return when the server answers a canary question.

        Args:
            tick: called several times a second while waiting.

        Raises:
            StackError: when a process has died or the time is up.
        """
        deadline = time.monotonic() + START_SECONDS
        with httpx.Client(timeout=5) as client:
            while time.monotonic() < deadline:
                self.check()
                try:
                    if client.get(f"{self.url}/readyz").is_success:
                        self._start_actions()
                        return
                except httpx.HTTPError:
                    pass
                tick()
                time.sleep(0.1)
        raise StackError(f"The assistant was not ready after {START_SECONDS} s. See {self._log('engine')}.")

    def _start_actions(self) -> None:
        """Start the action server after the engine: patients are answered without it, and both need the processors."""
        if self._with_actions and "action_server" not in self._processes:
            self._spawn("action_server", ["--port", str(self._actions_port)])

    def check(self) -> None:
        """Raise StackError when the Rasa server has died; without the action server patients are still answered."""
        engine = self._processes.get("engine")
        if engine is not None and engine.poll() is not None:
            raise StackError(
                f"The assistant's server has stopped (code {engine.returncode}). See {self._log('engine')}."
            )

    def process_id(self, name: str) -> int:
        """Return the process id of "engine" or "action_server"."""
        return self._processes[name].pid

    def stop(self) -> None:
        """End both processes: politely first, then not."""
        for process in self._processes.values():
            process.terminate()
        for name, process in self._processes.items():
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
            if self._log(name).exists() and self._log(name).stat().st_size == 0:
                self._log(name).unlink()
        self._processes.clear()

    def __enter__(self) -> Stack:
        """Start the processes."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the processes."""
        self.stop()
