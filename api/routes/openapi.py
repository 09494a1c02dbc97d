"""Writes the description of the API: `python -m api.routes.openapi docs/openapi.json`.

The file is committed, and a test holds it against what the server tells.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from api.routes.app import make_app
from api.services.service import Service
from api.settings import Settings


def openapi_text() -> str:
    """Return the description of the API, as the server tells it, in a form that differs little."""
    with tempfile.TemporaryDirectory() as directory:
        service = Service.of(Settings(data=Path(directory), database_url=None))
        try:
            return json.dumps(make_app(service).openapi(), indent=1, sort_keys=True) + "\n"
        finally:
            service.close()


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(openapi_text(), encoding="utf-8")
