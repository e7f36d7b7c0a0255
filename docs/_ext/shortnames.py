"""Docstrings say ``KeyPair.finalize`` and ``cngcore.CngError``; here such names find what they mean.

A reference of the Python domain that nothing answers to is tried as the end of a full name. It counts where just one
documented object ends so; two or more, or none, leave it unresolved, and the build says so.
"""

from __future__ import annotations

from docutils import nodes
from sphinx.util.nodes import make_refnode


def candidates(objects: dict[str, object], target: str) -> list[str]:
    """Full names that ``target`` may stand for: those ending with it, or with its part behind the package's name."""
    ends = {target, target.removeprefix("cngcore.")}
    return [name for name in objects if any(name.endswith("." + end) for end in ends)]


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
