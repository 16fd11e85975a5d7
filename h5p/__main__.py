"""``python -m h5p``."""

import sys

from h5p.cli import main

sys.exit(main())
