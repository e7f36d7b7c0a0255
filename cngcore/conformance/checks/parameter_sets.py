"""Check parameter sets: one is set before Finalize, the last one counts, unknown ones are refused.

contract: rule-set-parameter-set-open.
"""

from __future__ import annotations

from cngcore import constants as c
from cngcore.conformance import _samples as ways
from cngcore.conformance._check import check, demand, granted, refused, same
from cngcore.conformance._signing import sign
from cngcore.conformance._subject import Implementation, Kind
from cngcore.status import NTStatus

_NAME = c.BCRYPT_PARAMETER_SET_NAME
_INVALID = NTStatus.STATUS_INVALID_PARAMETER
_HANDLE = NTStatus.STATUS_INVALID_HANDLE


def _has_sets(one: Implementation) -> str:
    return "" if one.algorithm.parameter_sets else "it has no parameter sets"


@check(
    "parameter-sets",
    "implementation",
    rule="contract: rule-set-parameter-set, rule-finalize-status",
    remedy="Declare the parameter sets and make the key of request.parameter_set in generate(); the core refuses "
    "the others.",
    needs=_has_sets,
)
def parameter_sets(one: Implementation) -> None:
    """A set is required before Finalize, unknown sets are refused, and the last of two sets wins."""
    names = [known.name for known in one.algorithm.parameter_sets]
    demand(len(names) == len(set(names)), "each set once", ", ".join(names), "reading parameter_sets")
    opened = one.open()
    refused(opened.set_property, _NAME, names[0], by=NTStatus.STATUS_NOT_SUPPORTED, doing="setting it on the algorithm")
    key = opened.generate_key_pair(0)
    refused(key.finalize, by=_INVALID, doing="finalizing without a parameter set")
    same(key.state, "empty", "reading the state after that")
    for wrong in ("", "none", names[0] + "0", names[0].lower() + " ", "\0"):
        refused(key.set_property, _NAME, wrong, by=_INVALID, doing=f"setting the parameter set {wrong!r}")
    for wrong_type in (768, b"768", None):
        refused(key.set_property, _NAME, wrong_type, by=_INVALID, doing=f"setting the parameter set {wrong_type!r}")
    refused(key.finalize, by=_INVALID, doing="finalizing after refused parameter sets")
    for name in (*names, *reversed(names)):
        granted(key.set_property, _NAME, name, doing=f"setting the parameter set {name}")
        same(key.get_property(_NAME), name, "reading ParameterSetName of the empty key")
    granted(key.finalize, doing=f"finalizing with {names[0]} set last")
    same(granted(key.get_property, _NAME), names[0], "reading ParameterSetName of the finalized key")
    refused(key.set_property, _NAME, names[0], by=_HANDLE, doing="setting the parameter set of a finalized key")
    key.destroy()
    opened.close()


@check(
    "parameter-set-sizes",
    "key",
    rule="FIPS 203 table 3, FIPS 204 table 2; contract: rule-layout-pq-sizes",
    remedy="Declare in ParameterSet(...) the real sizes of keys, ciphertexts and signatures.",
    needs=_has_sets,
)
def parameter_set_sizes(kind: Kind) -> None:
    """The declared sizes of a set are those of its blobs, ciphertexts, secrets and signatures."""
    sizes = next(known.sizes for known in kind.algorithm.parameter_sets if known.name == kind.parameter_set)
    seen: dict[str, int] = {}
    for name in kind.blob_types(exports=True):
        if name.startswith(("MLKEM", "PQDSA")):
            blob = granted(kind.key.export, name)
            seen[name] = int.from_bytes(blob[8:12], "little")
    if "encapsulate" in kind.algorithm.operations:
        secret, ciphertext = granted(kind.key.encapsulate)
        seen |= {"shared_secret": len(secret), "ciphertext": len(ciphertext)}
    if "sign" in kind.algorithm.operations:
        way = ways.signing(kind)[0]
        seen["signature"] = len(sign(kind, way.data, way.padding))
    alike = {
        "public_key": ("PQDSAPUBLICBLOB", "MLKEMPUBLICBLOB"),
        "encapsulation_key": ("MLKEMPUBLICBLOB",),
        "private_key": ("PQDSAPRIVATEBLOB", "MLKEMPRIVATEBLOB"),
        "decapsulation_key": ("MLKEMPRIVATEBLOB",),
        "private_seed": ("PQDSAPRIVATESEEDBLOB", "MLKEMPRIVATESEEDBLOB"),
        "ciphertext": ("ciphertext",),
        "shared_secret": ("shared_secret",),
        "signature": ("signature",),
    }
    for size, where in alike.items():
        for place in where:
            if size in sizes and place in seen:
                same(seen[place], sizes[size], f"comparing {size} of set {kind.parameter_set} with {place}")
