"""Lets a child process end with its parent, however the parent ended: no orphan is left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

GRACE_SECONDS = 5


def end_with_parent() -> None:
    """End this process when its standard input closes; the parent holds the other end and never writes to it."""

    def wait() -> None:
        # Not through sys.stdin: its lock, held while waiting, would keep the interpreter from ending in peace.
        while os.read(sys.stdin.fileno(), 4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(GRACE_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()
