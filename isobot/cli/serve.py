"""Serves the assistant until Ctrl-C: `python -m isobot.cli.serve [--host 127.0.0.1] [--port 5005]`."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from types import FrameType

from isobot.cli.stack import LOOPBACK, Stack, StackError


def main(arguments: list[str] | None = None) -> int:
    """Run both servers; return the exit code: 0 after Ctrl-C or SIGTERM, 1 when a server could not go on."""
    parser = argparse.ArgumentParser(prog="make serve", description="Serve the assistant.")
    parser.add_argument(
        "--host", default=LOOPBACK, help="address to listen on (default: %(default)s, this machine only)"
    )
    parser.add_argument("--port", type=int, default=5005, help="port to listen on (default: %(default)s)")
    options = parser.parse_args(arguments)

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    try:
        with Stack(host=options.host, port=options.port) as stack:
            print("Starting the assistant ...", flush=True)
            stack.wait_until_ready()
            print(f"Ready at {stack.url} (Ctrl-C ends it)", flush=True)
            while True:
                time.sleep(0.5)
                stack.check()
    except StackError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.")
        return 0


if __name__ == "__main__":
    sys.exit(main())
