"""One module a command; the table of them is in :mod:`cngcore.cli.app`."""
