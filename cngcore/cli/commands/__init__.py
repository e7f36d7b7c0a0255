"""One module for each command; :mod:`cngcore.cli.app` lists them."""
