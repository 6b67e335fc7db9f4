"""The doors of the workspace as OpenAPI, from which the types of its pages are made: `python -m tools.openapi FILE`."""

import json
import sys
from pathlib import Path
from typing import Any, cast

from covolt.workspace.application import application

if __name__ == "__main__":
    # No door is opened here, so no workspace stands behind them.
    Path(sys.argv[1]).write_text(json.dumps(application(cast("Any", None)).openapi()), encoding="utf-8")
