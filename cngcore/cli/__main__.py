"""Run the command as ``python -m cngcore.cli``."""

import sys

from cngcore.cli import main

sys.exit(main())
