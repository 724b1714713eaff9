"""Delivers what is in the outbox: each destination by itself, again and again with growing pauses, until it has it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache, partial

from isobot.escalation.destinations import DeliveryError, Destination
from isobot.escalation.outbox import DeliveryState, Outbox
from isobot.escalation.record import Escalation
from isobot.escalation.settings import configured

logger = logging.getLogger(__name__)

FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 15 * 60.0
JITTER = 0.25  # a pause is up to a quarter longer, so that many records don't come back at the same moment
LOOK_SECONDS = 1.0  # how often the outbox is looked at without a wake-up: other processes put records, too
TROUBLE_SECONDS = 30.0  # before the next look when the outbox itself can't be used, say because the disk is full


def pause_seconds(attempts: int, jitter: float) -> float:
    """Return how long to wait after so many attempts in vain.

    Args:
        attempts: 1 or more.
        jitter: a random number from 0 to 1.
    """
    doubled = FIRST_PAUSE_SECONDS * 2.0 ** min(attempts - 1, 30)
    return min(doubled, LONGEST_PAUSE_SECONDS / (1 + JITTER)) * (1 + JITTER * jitter)


class Courier:
    """Takes records from the outbox to the destinations.

    Each destination has its own thread and its own state for each record, so one that hangs or refuses holds up no
    other. Of several processes with the same outbox, one at a time delivers to a destination.
    """

    def __init__(
        self,
        outbox: Outbox,
        destinations: Sequence[Destination],
        *,
        clock: Callable[[], float] = time.time,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Serve `destinations`, at least one; nothing runs before `start`."""
        if not destinations:
            raise ValueError("A courier without a destination would throw records away. Give at least one.")
        self.outbox = outbox
        self._destinations = tuple(destinations)
        self._clock = clock
        self._jitter = jitter
        self._bells = {d.name: threading.Event() for d in destinations}
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()

    def deliver_due(self, now: float) -> None:
        """Try each delivery that is due at `now`, in seconds since the epoch; for use without `start`."""
        for destination in self._destinations:
            self._quietly(partial(self._serve, destination, lambda: now))

    def start(self) -> None:
        """Deliver in the background from now on, first what is left from before; a second call does nothing."""
        if self._threads:
            return
        self._quietly(lambda: self.outbox.tidy(self._clock()))
        self._threads = [
            threading.Thread(target=self._run, args=(d,), name=f"courier-{d.name}", daemon=True)
            for d in self._destinations
        ]
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """Look at the outbox at once."""
        for bell in self._bells.values():
            bell.set()

    def stop(self) -> None:
        """Begin no further delivery; what is left stays in the outbox."""
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(LOOK_SECONDS)

    def _run(self, destination: Destination) -> None:
        """Serve one destination until told to stop."""
        bell = self._bells[destination.name]
        self._quietly(partial(self._make_due, destination))
        while not self._stopping.is_set():
            bell.clear()  # before the look: a ring during it counts for the next
            fine = self._quietly(partial(self._serve, destination, self._clock))
            bell.wait(LOOK_SECONDS if fine else TROUBLE_SECONDS)

    @staticmethod
    def _quietly(work: Callable[[], None]) -> bool:
        """Do `work`; return False and log the kind of error when it fails. A courier's thread must not end."""
        try:
            work()
        except Exception as error:
            logger.error(
                "The outbox of escalations can't be used (%s). Check rights and space of its folder.",
                error if isinstance(error, OSError) else type(error).__name__,
            )
            return False
        return True

    def _make_due(self, destination: Destination) -> None:
        """Forget the pauses: after a restart, somebody may have mended what was broken."""
        with self.outbox.turn(destination.name) as ours:
            for record in self.outbox.pending() if ours else ():
                state = self.outbox.state(record.id, destination.name)
                if state.not_before:
                    self.outbox.save_state(record.id, destination.name, replace(state, not_before=0.0))

    def _serve(self, destination: Destination, clock: Callable[[], float]) -> None:
        """Deliver to one destination until nothing is due."""
        with self.outbox.turn(destination.name) as ours:
            while ours and not self._round(destination, clock):
                pass

    def _round(self, destination: Destination, clock: Callable[[], float]) -> bool:
        """Deliver what is due; return True at the end, False after a failure, when it is time to look again.

        After a failure, which may have taken long, something more urgent may have come in.
        """
        for record in self.outbox.pending():
            if self._stopping.is_set():
                return True
            state = self.outbox.state(record.id, destination.name)
            if state.delivered:
                self._remove_if_delivered(record)
            elif _is_due(state, clock()) and not self._attempt(destination, record, state, clock):
                return False
        return True

    def _attempt(
        self, destination: Destination, record: Escalation, state: DeliveryState, clock: Callable[[], float]
    ) -> bool:
        """Try one delivery, keep what came of it, and return whether the destination has the record."""
        try:
            destination.deliver(record)
        except Exception as error:  # whatever it is, the record stays and is tried again
            attempts = state.attempts + 1
            pause = pause_seconds(attempts, self._jitter())
            logger.error(
                "Escalation %s did not reach %s (attempt %d): %s Next attempt in %.0f s.",
                record.id,
                destination.name,
                attempts,
                error if isinstance(error, DeliveryError) else type(error).__name__,
                pause,
            )
            self.outbox.save_state(record.id, destination.name, DeliveryState(False, attempts, clock() + pause))
            return False
        self.outbox.save_state(record.id, destination.name, DeliveryState(True, state.attempts))
        self._remove_if_delivered(record)
        return True

    def _remove_if_delivered(self, record: Escalation) -> None:
        self.outbox.remove_if_delivered(record.id, [d.name for d in self._destinations])


def _is_due(state: DeliveryState, now: float) -> bool:
    """Return whether the pause is over, or so far off that the clock must have been set back."""
    return now >= state.not_before or state.not_before - now > LONGEST_PAUSE_SECONDS


@lru_cache(maxsize=1)
def courier() -> Courier:
    """Return this process's courier, with the destinations of clinic.yml.

    Raises:
        TableError: when they are not as they must be (see `isobot.escalation.settings`).
    """
    return Courier(Outbox.default(), configured())
