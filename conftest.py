"""Which checks of the conformance kit run on our own providers always, and which with ``-m exhaustive`` only."""

import pytest

ON_EVERY_KEY = {"vectors", "sign-verify", "agree", "encrypt-decrypt", "encapsulate-decapsulate", "blob-round-trip"}
"""Checks that run on every algorithm, length, curve and set. Of the others a run has the first key of a provider and
implementation to which they apply; .ci/run has them all, on the wheels, and compares their number with the suite's."""

ONCE = {
    "nothing-leaks", "dispatch-load", "keys-random", "keys-growth", "threads", "open-flags", "blob-header",
    "threads-finalize", "finalizers", "signature-sizes", "symmetric-wipe", "symmetric-leaks", "symmetric-exceptions",
    "cipher-long", "cipher-threads",
}  # fmt: skip
"""The longest of these: a run has the first key of the first provider to which they apply."""

IN_PROCESSES = {"processes-agree", "processes-differ", "process-state", "import-time", "import-quiet"}
"""Those that run a provider in processes of its own: likewise."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    seen = set()
    for item in items:
        case = getattr(item, "callspec", None) and item.callspec.params.get("conformance_case")
        if case is None or case.check.name in ON_EVERY_KEY:
            continue
        implementation = case.implementation and case.implementation.algorithm.implementation
        kind = (case.check.name,)
        if case.check.name not in ONCE | IN_PROCESSES:
            kind += case.provider.name, implementation
        if kind in seen:
            item.add_marker(pytest.mark.exhaustive)
        seen.add(kind)
