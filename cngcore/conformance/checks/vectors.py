"""Test every provider with published vectors, chosen by operation, blob type, curve and parameter set."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from cngcore import constants as c
from cngcore.conformance import _symmetric_vectors as symmetric
from cngcore.conformance._check import Failure, Skip, check, granted, perform, refused, same, status_of
from cngcore.conformance._subject import Implementation
from cngcore.conformance._vectorfiles import built_in, cases_in, padding_of, unread
from cngcore.conformance.windows_blobs import samples
from cngcore.objects import KeyPair
from cngcore.status import NTStatus

_OPERATION = {
    "verify": "sign",
    "sign": "sign",
    "decrypt": "encrypt",
    "agree": "agree",
    "decapsulate": "encapsulate",
    "digest": "hash",
    **symmetric.OPERATIONS,
}
_REFUSALS = (
    NTStatus.STATUS_INVALID_SIGNATURE,
    NTStatus.STATUS_INVALID_PARAMETER,
    NTStatus.STATUS_INVALID_BUFFER_SIZE,
    NTStatus.NTE_BAD_DATA,
)


@lru_cache(maxsize=8)
def _collected(path: str) -> tuple[dict[str, Any], ...]:
    """Return the cases of a path, or those of the kit without one."""
    return tuple(cases_in(path) if path else built_in())


class _NotForItError(Exception):
    """The case needs something that this implementation does not declare."""


@check(
    "vectors",
    "implementation",
    rule="published vectors: Wycheproof (C2SP), NIST, Windows; the failure names the vector",
    remedy="Compare byte order, padding and digest handling with the standard; the named vector has the right answer.",
)
def vectors(one: Implementation) -> str:
    """Published vectors give the published results: signatures, secrets, ciphertexts, tags, derived keys, digests."""
    tried = 0
    used: Counter[str] = Counter()
    sources = ("", one.options.vectors, one.kit_data.vectors)
    given = [(source, case) for source in dict.fromkeys(sources) for case in _collected(source)]
    for source, case in given:
        operation = _OPERATION.get(case["does"])
        if (operation is not None and operation not in one.algorithm.operations) or not _offers(one, case):
            continue
        try:
            _ask(one, case)
        except _NotForItError:
            continue
        except Failure as failure:
            raise Failure(failure.expected, failure.came, f"{case['id']}: {failure.doing}") from None
        tried += 1
        used[source] += 1
    declared = one.algorithm
    for sample in samples():
        if sample.algorithm == declared.name and sample.suits(declared) and not sample.is_optional(declared):
            for step in sample.steps(one.open()):
                perform(step, f"{sample.name} of Windows: {step.what}")
                tried += 1
    if not tried:
        raise Skip(_unused(one, sources[1:]) or "the kit has no vector for it; bring some: see KitData, --cng-vectors")
    rest = _unused(one, [source for source in sources[1:] if not used[source]])
    return f"{tried} vectors" + (f"; {rest}" if rest else "")


def _unused(one: Implementation, paths: Iterable[str]) -> str:
    """Return why nothing of the vectors at these paths was used, or ""."""
    told = []
    for path in dict.fromkeys(path for path in paths if path):
        cases, why = len(_collected(path)), unread(path)
        reason = f"none of the {cases} vectors at {path} is for {one.name}" if cases else f"{path} has no vector"
        if cases:
            does = sorted({_OPERATION.get(case["does"], case["does"]) for case in _collected(path)})
            reason += f": they are of its operations ({', '.join(does)}) with other keys, or of others"
        told.append("; ".join([reason, *why[:3]]))
    return "; ".join(told)


def _ask(one: Implementation, case: dict[str, Any]) -> None:
    """Test one case. Raise _NotForItError if it needs something else."""
    does, valid = case["does"], bool(case.get("valid", True))
    if does in symmetric.OPERATIONS:
        if not symmetric.ask(one, case):
            raise _NotForItError
        return
    if does == "digest":
        _digest(one, case)
        return
    if does == "import":
        _import_only(one, case["key"], valid)
        return
    key = _key(one, case["key"])
    if does == "verify":
        arguments = (
            bytes.fromhex(case["data"]),
            bytes.fromhex(case["signature"]),
            padding_of(case["padding"]),
        )
        status, message = status_of(key.verify_signature, *arguments)
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise _NotForItError
        right = status == NTStatus.STATUS_SUCCESS if valid else status in _REFUSALS
        if not right:
            raise Failure(
                "a signature that verifies" if valid else "a refusal",
                f"{status.name}: {message}" if message else status.name,
                "verifying",
            )
    elif does == "sign":
        status, signature = status_of(key.sign_hash, bytes.fromhex(case["data"]), padding_of(case["padding"]))
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise _NotForItError
        same(status.name, "STATUS_SUCCESS", "signing")
        same(bytes(signature), bytes.fromhex(case["signature"]), "signing")
    elif does == "decrypt":
        ciphertext, padding = bytes.fromhex(case["ciphertext"]), padding_of(case["padding"])
        status, plain = status_of(key.decrypt, ciphertext, padding)
        if status == NTStatus.STATUS_NOT_SUPPORTED:
            raise _NotForItError
        if valid:
            same(status.name, "STATUS_SUCCESS", "decrypting")
            same(bytes(plain), bytes.fromhex(case["plaintext"]), "decrypting")
        else:
            refused(key.decrypt, ciphertext, padding, by=_REFUSALS, doing="decrypting an invalid ciphertext")
    elif does == "agree":
        _agree(one, key, case, valid)
    elif does == "decapsulate":
        ciphertext = bytes.fromhex(case["ciphertext"])
        if valid:
            same(bytes(granted(key.decapsulate, ciphertext)), bytes.fromhex(case["secret"]), "decapsulating")
        else:
            refused(key.decapsulate, ciphertext, by=_REFUSALS, doing="decapsulating a ciphertext of another length")
    elif does == "public":
        declared = one.algorithm.blob_types.get(case["blob_type"])
        if declared is None or not declared.exports:
            raise _NotForItError
        same(
            bytes(granted(key.export, case["blob_type"])), bytes.fromhex(case["blob"]), f"exporting {case['blob_type']}"
        )


def _agree(one: Implementation, key: KeyPair, case: dict[str, Any], valid: bool) -> None:
    if valid:
        secret = granted(key.agree, _key(one, case["peer"]), doing="agreeing").derive("TRUNCATE")
        same(secret[::-1], bytes.fromhex(case["secret"]), "agreeing")
        return
    kind, blob, opened = _blob(one, case["peer"])
    status, peer = status_of(opened.import_key_pair, kind, blob)
    if status == NTStatus.STATUS_SUCCESS:
        refused(key.agree, peer, by=_REFUSALS, doing="agreeing with an invalid key")
    elif status not in _REFUSALS:
        raise Failure("a refusal", f"{status.name}: {peer}", f"importing {kind} with an invalid key")


def _import_only(one: Implementation, description: dict[str, str], valid: bool) -> None:
    kind, blob, opened = _blob(one, description)
    if valid:
        granted(opened.import_key_pair, kind, blob, doing=f"importing {kind}")
    else:
        refused(opened.import_key_pair, kind, blob, by=_REFUSALS, doing=f"importing {kind} with an invalid key")


def _key(one: Implementation, description: dict[str, str]) -> KeyPair:
    """Return the key of a case, imported."""
    kind, blob, opened = _blob(one, description)
    status, key = status_of(opened.import_key_pair, kind, blob)
    if status == NTStatus.STATUS_NOT_SUPPORTED:
        raise _NotForItError
    if status != NTStatus.STATUS_SUCCESS:
        raise Failure("STATUS_SUCCESS", f"{status.name}: {key}", f"importing the {kind} of the vector")
    return key  # type: ignore[no-any-return]


def _blob(one: Implementation, description: dict[str, str]) -> Any:
    """Return the blob type, the blob, and the opened algorithm that reads it."""
    if "curve" not in description:
        declared = one.algorithm.blob_types.get(description["blob_type"])
        blob = bytes.fromhex(description["blob"])
        if declared is None or not declared.imports or not _has_size(one, description["blob_type"], blob):
            raise _NotForItError
        return description["blob_type"], blob, one.opened
    from cngcore.blobs import ecc
    from cngcore.blobs.curves import CURVES

    name = "ECCPRIVATEBLOB" if "d" in description else "ECCPUBLICBLOB"
    property_ = one.algorithm.properties.get("ECCCurveName")
    declared = one.algorithm.blob_types.get(name)
    if declared is None or not declared.imports:
        raise _NotForItError
    opened, generic = one.opened, property_ is not None and property_.value is None
    if property_ is None:
        if _only_curve(one) != description["curve"]:
            raise _NotForItError
    elif generic:
        if description["curve"] not in (property_.values or ()):
            raise _NotForItError
        opened = one.open()
        opened.set_property("ECCCurveName", description["curve"])
    elif property_.value != description["curve"]:
        raise _NotForItError
    built = ecc.build(
        name, family="ECDSA" if "sign" in one.algorithm.operations else "ECDH", curve=CURVES[description["curve"]],
        x=bytes.fromhex(description["x"]), y=bytes.fromhex(description["y"]), d=bytes.fromhex(description.get("d", "")),
        generic=generic,
    )  # fmt: skip
    return name, built, opened


def _only_curve(one: Implementation) -> str:
    """Return the curve of an algorithm that does not name it, found by a point of its key; "" if unknown."""
    from cngcore.blobs.curves import CURVES

    if not one.kinds or "ECCPUBLICBLOB" not in one.kinds[0].blob_types(exports=True):
        return ""
    blob = one.kinds[0].key.export("ECCPUBLICBLOB")
    size = int.from_bytes(blob[4:8], "little")
    x, y = (int.from_bytes(blob[8 + i * size : 8 + (i + 1) * size], "big") for i in (0, 1))
    known = (curve for curve in CURVES.values() if curve.field_bytes == size and curve.curve_type == 1)
    return next((curve.name for curve in known if curve.on_curve(x, y)), "")


def _has_size(one: Implementation, blob_type: str, blob: bytes) -> bool:
    """Return whether the length or parameter set of a blob's key is declared."""
    from cngcore.blobs import pq

    rule = one.algorithm.key_lengths
    if blob_type.startswith(("RSA", "DSA", "DH")) and rule is not None:
        size = int.from_bytes(blob[4:8], "little")  # the bits of an RSA modulus, else bytes
        return rule.accepts(size if blob_type.startswith("RSA") else 8 * size, {})
    if blob_type not in pq.SIZES:
        return True
    parsed = pq.parse(blob_type, blob, algorithm=pq.algorithm_of(blob))
    return parsed.parameter_set in {known.name for known in one.algorithm.parameter_sets}


_SCHEMES = {
    ("verify", "Pkcs1"): c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    ("sign", "Pkcs1"): c.BCRYPT_SUPPORTED_PAD_PKCS1_SIG,
    ("verify", "Pss"): c.BCRYPT_SUPPORTED_PAD_PSS,
    ("decrypt", "Pkcs1"): c.BCRYPT_SUPPORTED_PAD_PKCS1_ENC,
    ("decrypt", "Oaep"): c.BCRYPT_SUPPORTED_PAD_OAEP,
}


def _offers(one: Implementation, case: dict[str, Any]) -> bool:
    """Return whether PaddingSchemes, if it is a declared constant, has the padding of a case."""
    required = _SCHEMES.get((case["does"], (case.get("padding") or {}).get("type", "")))
    declared = one.algorithm.properties.get(c.BCRYPT_PADDING_SCHEMES)
    if required is None or declared is None or not isinstance(declared.value, int):
        return True
    return bool(declared.value & required)


def _digest(one: Implementation, case: dict[str, Any]) -> None:
    if case["hash"] != one.algorithm.name:
        raise _NotForItError
    secret = case.get("secret")
    if secret is not None and not one.algorithm.keyed:
        raise _NotForItError
    opened = one.open(0 if secret is None else c.BCRYPT_ALG_HANDLE_HMAC_FLAG)
    state = granted(opened.create_hash, None if secret is None else bytes.fromhex(secret))
    state.update(bytes.fromhex(case["data"]))
    required = bytes.fromhex(case["digest"])
    same(granted(state.finish, len(required), doing="hashing"), required, "hashing")
