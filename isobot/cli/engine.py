"""The Rasa server process: model, policies, channels of credentials.yml. Started by `isobot.cli.stack`."""

from __future__ import annotations

import argparse
import logging
import os
import sys
import warnings
from pathlib import Path

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
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if not sys.warnoptions:
        warnings.simplefilter("ignore")  # Rasa's own dependencies warn at import; our code is tested with errors on

    import structlog
    from rasa.core.run import serve_application
    from rasa.core.utils import AvailableEndpoints

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    serve_application(
        model_path=options.model,
        port=options.port,
        interface=options.host,
        credentials=str(ROOT / "credentials.yml"),
        enable_api=False,
        endpoints=AvailableEndpoints.read_endpoints(os.environ.get("ISOBOT_ENDPOINTS") or str(ROOT / "endpoints.yml")),
    )


if __name__ == "__main__":
    main()
