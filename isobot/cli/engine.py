"""The Rasa server process: model, policies, channels of credentials.yml. Started by `isobot.cli.stack`."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from isobot import logs
from isobot.cli.parent import end_with_parent

ROOT = Path(__file__).parents[2]
MOST_BYTES = 1_000_000  # of a request, whatever the channel; each channel has its own, lower limit


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
    os.environ.setdefault("SANIC_REQUEST_MAX_SIZE", str(MOST_BYTES))
    logs.configure()

    from rasa import server
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    from isobot.dialogue import quick_domain
    from isobot.dialogue.afterwards import AfterwardsEndpoint
    from isobot.escalation.outbox import Outbox
    from isobot.escalation.settings import configured

    configured()  # a mistake in clinic.yml shows now, not at the first red flag
    quick_domain.install()
    # Rasa's page at "/" names its version, and its CORS settings know no list of origins: both are our channel's.
    server.add_root_route = lambda app: None
    server.configure_cors = lambda app, cors_origins=None: None
    endpoints = AvailableEndpoints.read_endpoints(os.environ.get("ISOBOT_ENDPOINTS") or str(ROOT / "endpoints.yml"))
    endpoints.action = AfterwardsEndpoint(endpoints.action, Outbox.default())
    serve_application(
        model_path=options.model,
        port=options.port,
        interface=options.host,
        credentials=os.environ.get("ISOBOT_CREDENTIALS") or str(ROOT / "credentials.yml"),
        enable_api=False,
        endpoints=endpoints,
    )


if __name__ == "__main__":
    main()
