"""Deletes a conversation from whatever store Rasa keeps it in, as its person asked for."""

from __future__ import annotations

from rasa.core.tracker_store import InMemoryTrackerStore, TrackerStore

_WRAPPED = ("_tracker_store", "_fallback_tracker_store")  # Rasa's names for the stores inside a store


async def delete_conversation(store: TrackerStore, sender_id: str) -> bool:
    """Delete a conversation from a store and from those that it is wrapped around.

    Returns:
        Whether one of them could: Rasa's own stores have no `delete`, ours and the one in memory do.
    """
    deleted = False
    for inner in (getattr(store, name, None) for name in _WRAPPED):
        if inner is not None:
            deleted |= await delete_conversation(inner, sender_id)
    if hasattr(store, "delete"):
        await store.delete(sender_id)
        return True
    if isinstance(store, InMemoryTrackerStore):
        store.store.pop(sender_id, None)
        return True
    return deleted
