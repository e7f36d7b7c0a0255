"""Resolve short names in docstrings, such as ``KeyPair.finalize`` and ``cngcore.CngError``.

If a reference of the Python domain has no target, it is compared with the ends of full names. If exactly one documented
object matches, the reference points to it. Otherwise it stays unresolved, and the build warns.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.util.nodes import make_refnode


def candidates(objects: dict[str, Any], target: str) -> list[str]:
    """Return the full names that end with ``target``, or with its part behind the package's name; aliases excluded.

    Private modules in ``target`` are left out, because a type hint names the module that defines a class.
    """
    target = re.sub(r"\._\w+(?=\.)", "", target)
    ends = {target, target.removeprefix("cngcore.")}
    return [
        name for name, entry in objects.items() if not entry.aliased and any(name.endswith("." + end) for end in ends)
    ]


def resolve(app, env, node, contnode) -> nodes.Node | None:  # type: ignore[no-untyped-def]
    if node.get("refdomain") != "py" or "reftarget" not in node:
        return None
    objects = env.domains.python_domain.objects
    found = candidates(objects, node["reftarget"])
    if len(found) != 1:
        return None
    entry = objects[found[0]]
    return make_refnode(app.builder, node["refdoc"], entry.docname, entry.node_id, contnode, found[0])


def setup(app):  # type: ignore[no-untyped-def] - sphinx is no requirement of the type check
    app.connect("missing-reference", resolve)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
