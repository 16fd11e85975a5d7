"""Run by Ralph's own Python: its xAPI server with statements in a file.

    python serve_ralph.py PORT

As released (5.1.0), its file backend refuses every write after the first one ("overwrite is
not allowed"): the server never asks it to append. That one default is set here.
"""

import sys

import uvicorn
from ralph.api import app
from ralph.backends.data.base import BaseOperationType
from ralph.backends.lrs.fs import FSLRSBackend

FSLRSBackend.default_operation_type = BaseOperationType.APPEND
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
