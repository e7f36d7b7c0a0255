"""Every signature that the kit causes is verified: it signs in one place, and the other places are listed."""

import ast
from collections import Counter
from pathlib import Path

from cngcore import conformance

KIT = Path(conformance.__file__).parent

PLACES = {
    ("_signing.py", "sign"): 1,  # the place, for the object API
    ("_signing.py", "flat_sign"): 2,  # and for the flat API, with the size query
    ("_samples.py", "_works"): 1,  # sign-verify verifies the same ways again
    ("_dispatch_program.py", "_operate"): 1,  # verified in the next line
    ("_process_program.py", "_use_key"): 1,  # verified in the next line; processes-agree verifies it too
    ("_process_program.py", "_results"): 1,  # verified in the next line
    ("walk.py", "_sign"): 1,  # verified
    ("walk.py", "_signing_calls"): 2,  # verified by the call beside it
    ("walk.py", "attempts"): 1,  # calls that must be refused
    ("windows_blobs.py", "_sign"): 1,  # verified
    ("checks/independence.py", "sign"): 1,  # verified in the next line, by the public half
    ("checks/independence.py", "_belongs_together"): 1,  # verified in the same line
    ("checks/interrupts.py", "_uses"): 1,  # verified in the same line
    ("checks/life_cycle.py", "_live_and_refuse"): 1,  # on keys that are not finalized: it must be refused
    ("checks/public_halves.py", "signed"): 1,  # verified, or refused
    ("checks/randomness.py", "life"): 1,  # verified in the next line
    ("checks/rsa.py", "signature_without_null"): 1,  # verified, if the key is long enough for the hash
    ("checks/rsa.py", "_works"): 2,  # compared with arithmetic, and verified
    ("checks/signatures.py", "_contexts"): 1,  # verified without padding
    ("checks/signatures.py", "signature_format"): 1,  # verified after its length was compared
    ("checks/sizes.py", "_sign"): 1,  # verified after its length was compared
    ("checks/sizes.py", "size_queries"): 2,  # verified in each buffer
    ("checks/vectors.py", "_ask"): 1,  # compared with the published signature
}
"""Where the kit signs, by file and function, how often, and what becomes of the signature."""


def test_it_signs_in_one_place():
    found = Counter()
    for path in sorted(KIT.rglob("*.py")):
        for function in _signers(ast.parse(path.read_text(encoding="utf-8"))):
            found[path.relative_to(KIT).as_posix(), function] += 1
    assert dict(found) == PLACES


def _signers(tree):
    """Yield the functions that name sign_hash or BCryptSignHash, except where the call must be refused."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            inner = {id(node) for child in ast.walk(function) if child is not function
                     and isinstance(child, ast.FunctionDef) for node in ast.walk(child)}  # fmt: skip
            skipped = {
                id(node) for call in ast.walk(function)
                if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "refused" for node in ast.walk(call)
            }  # fmt: skip
            for node in ast.walk(function):
                if (
                    isinstance(node, ast.Attribute)
                    and node.attr in ("sign_hash", "BCryptSignHash")
                    and id(node) not in inner | skipped
                ):
                    yield function.name
