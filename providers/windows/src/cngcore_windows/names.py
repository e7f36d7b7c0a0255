"""The names and the rank of this provider."""

from __future__ import annotations

IMPLEMENTATION = "cng"
DISTRIBUTION = "cngcore-windows"
RANK = -30
"""Below the rank of every other implementation of this project."""
