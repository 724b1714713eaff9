"""The Rasa SDK action server process, on the loopback address. Started by `isobot.cli.stack`."""

from __future__ import annotations

import argparse
import os

from isobot import logs
from isobot.cli.parent import end_with_parent


def main() -> None:
    """Serve the actions of the package `actions` until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    options = parser.parse_args()
    end_with_parent()
    os.environ["SANIC_HOST"] = "127.0.0.1"  # it has no authentication: never reachable from outside
    logs.configure()

    from rasa_sdk.endpoint import run

    from isobot.escalation.courier import courier

    courier().start()  # what was not delivered before the last stop goes out first
    run("actions", options.port, cors_origins=[])


if __name__ == "__main__":
    main()
