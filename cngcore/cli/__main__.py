"""``python -m cngcore.cli``: the ``cng`` command where its script is not on the path."""

from cngcore.cli import main

raise SystemExit(main())
