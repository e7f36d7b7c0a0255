"""Leave out of the reference what ``dir()`` of an object leaves out: the names in ``_HIDDEN`` of its module.

So the page of the object API needs no list of them.
"""

from __future__ import annotations

import sys


def is_hidden(name: str, member: object) -> bool:
    """Return whether a member of a class is named in ``_HIDDEN`` of the module of that class."""
    function = getattr(member, "fget", None) or member
    module = getattr(function, "__module__", None) or getattr(getattr(member, "__objclass__", None), "__module__", "")
    return name in getattr(sys.modules.get(module), "_HIDDEN", ())


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    # None: autodoc decides as usual
    app.connect("autodoc-skip-member", lambda app, what, name, member, skip, options: is_hidden(name, member) or None)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
