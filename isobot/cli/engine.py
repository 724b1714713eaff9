"""The Rasa server process: model, policies, channels of credentials.yml. Started by `isobot.cli.stack`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from isobot import logs
from isobot.cli.parent import end_with_parent

ROOT = Path(__file__).parents[2]


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--model", required=True)
    options = parser.parse_args()
    end_with_parent()
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logs.configure()

    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from isobot.dialogue import quick_domain
    from isobot.dialogue.afterwards import AfterwardsEndpoint
    from isobot.escalation.outbox import Outbox
    from isobot.escalation.settings import configured

    configured()  # a mistake in clinic.yml shows now, not at the first red flag
    quick_domain.install()
    endpoints = AvailableEndpoints.read_endpoints(os.environ.get("ISOBOT_ENDPOINTS") or str(ROOT / "endpoints.yml"))
    endpoints.action = AfterwardsEndpoint(endpoints.action, Outbox.default())
    serve_application(
        model_path=options.model,
        port=options.port,
        interface=options.host,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
        endpoints=endpoints,
    )


if __name__ == "__main__":
    main()
