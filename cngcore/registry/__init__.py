"""The installed providers and the choice among them: :class:`Registry`, :func:`default`, :class:`using`."""

from cngcore.registry._registry import Registry, default, using

__all__ = ["Registry", "default", "using"]
