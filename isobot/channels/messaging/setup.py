"""Puts the parts of a messaging channel together in the Rasa process: store, engine, messenger, worker."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from sanic import Blueprint

from isobot.channels.engine import Handler, MessagingEngine
from isobot.channels.messaging.identity import Identity
from isobot.channels.messaging.messenger import Messenger
from isobot.channels.messaging.store import KEEP_HOURS, MessagingStore, from_environment
from isobot.channels.messaging.transport import Transport
from isobot.channels.messaging.worker import Worker
from isobot.content.reference import ROOT

DEFAULT_FILE = ROOT / "var" / "messaging.db"


@dataclass(frozen=True)
class Setup:
    """What every messaging channel needs."""

    identity: Identity
    store: MessagingStore

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Setup | None:
        """Return what ISOBOT_SECRET and ISOBOT_MESSAGING say, or None without a secret.

        Raises:
            ValueError: when the secret is too short.
        """
        secret = environment.get("ISOBOT_SECRET")
        if not secret:
            return None
        identity = Identity(secret)
        DEFAULT_FILE.parent.mkdir(parents=True, exist_ok=True)
        return cls(identity, MessagingStore(from_environment(environment, str(DEFAULT_FILE)), identity))


def keep_hours(environment: Mapping[str, str]) -> float:
    """Return after how many hours a conversation is deleted: as the tracker store of endpoints.yml does it."""
    file = Path(environment.get("ISOBOT_ENDPOINTS") or ROOT / "endpoints.yml")
    endpoints = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    return float((endpoints.get("tracker_store") or {}).get("keep_hours", KEEP_HOURS))


def serving(
    routes: Blueprint,
    setup: Setup,
    on_new_message: Handler,
    messenger: Callable[[MessagingEngine], Messenger],
    transports: Mapping[str, Transport],
    **settings: Any,
) -> Callable[[], Worker]:
    """Begin to serve with the server, end with it, and return how to get at the worker.

    Args:
        routes: the channel's routes, whose listeners begin and end it.
        setup: identity and store.
        on_new_message: Rasa's handler.
        messenger: makes the messenger for an engine.
        transports: the network of each channel.
        settings: more for the worker.
    """
    found: dict[str, Any] = {}

    @routes.listener("after_server_start")
    async def begin(app: Any, loop: Any) -> None:
        engine = MessagingEngine(on_new_message, lambda: getattr(app.ctx, "agent", None))
        found["worker"] = Worker(
            setup.store,
            messenger(engine),
            transports,
            is_ready=lambda: engine.is_ready,
            keep_hours=keep_hours(os.environ),
            **settings,
        )
        found["task"] = asyncio.ensure_future(found["worker"].run())

    @routes.listener("before_server_stop")
    async def end(app: Any, loop: Any) -> None:
        found["task"].cancel()
        await found["worker"].end()

    def worker() -> Worker:
        made: Worker = found["worker"]
        return made

    return worker
