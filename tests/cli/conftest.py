"""Distributions that are installed for one test."""

from installed_plugins import install

__all__ = ["install"]
