"""Key blobs made on Windows, and what Windows answers for them: for the tour, the check ``vectors`` and the tests.

The file windows_blobs.json holds the bytes under ``data`` and, under ``samples``, what to do with them. A sample
belongs to one algorithm. Each of its steps compares the answer of the opened algorithm with the answer of Windows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cngcore.blobs import ecc
from cngcore.blobs.curves import CURVES
from cngcore.conformance._vectorfiles import padding_of
from cngcore.conformance.walk import Step, expect, refuse
from cngcore.status import CngError, InvalidParameterError, InvalidSignatureError, NotSupportedError

if TYPE_CHECKING:
    from cngcore.objects import AlgorithmProvider
    from cngcore.provider import Algorithm

__all__ = ["Sample", "data", "samples"]

_FILE = Path(__file__).with_name("windows_blobs.json")


@dataclass(frozen=True, slots=True)
class Sample:
    """A blob or digest of Windows. ``what`` begins with the blob type, ``bits`` is the key length if it is optional."""

    name: str
    algorithm: str
    what: str
    bits: int
    cases: tuple[Mapping[str, Any], ...]

    def suits(self, declared: Algorithm) -> bool:
        """Return whether an implementation has the curve, and reads and writes blobs of this type, if there are any."""
        if any(case["does"] == "agree-x25519" for case in self.cases):
            curve = declared.properties.get("ECCCurveName")
            if curve is None or "curve25519" not in (curve.values or ()):
                return False
        blob_type = self.what.partition(",")[0].partition(" ")[0]
        found = declared.blob_types.get(blob_type)
        return not blob_type.endswith("BLOB") or (found is not None and found.imports and found.exports)

    def is_optional(self, declared: Algorithm) -> bool:
        """Return whether the key has a length that the implementation does not declare."""
        rule = declared.key_lengths
        return bool(self.bits) and rule is not None and not rule.accepts(self.bits, {})

    def steps(self, opened: AlgorithmProvider) -> list[Step]:
        """Return the steps. NotSupportedError passes if the algorithm does not declare the key's length."""
        return [Step(case["what"], lambda case=case: self._run(case, opened)) for case in self.cases]  # type: ignore[misc]

    def _run(self, case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
        try:
            _STEPS[case["does"]](case, opened)
        except NotSupportedError:
            if not self.is_optional(opened.declaration):
                raise


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(_FILE.read_text(encoding="utf-8"))
    return content


def data(name: str) -> bytes:
    """Return the bytes of that name."""
    return bytes.fromhex(_content()["data"][name]["hex"])


def samples() -> list[Sample]:
    """Return every sample, in the order in which the tour shows them."""
    return [
        Sample(one["name"], one["algorithm"], one["what"], one["bits"], tuple(one["steps"]))
        for one in _content()["samples"]
    ]


def _export(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    with opened.import_key_pair(case["blob_type"], data(case["blob"])) as key:
        _equal(key.export(case["as_type"]), data(case["expected"]))


def _refuse_import(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    try:
        opened.import_key_pair(case["blob_type"], data(case["blob"])).destroy()
    except CngError as error:
        if error.status.name != case["status"]:
            raise
    else:
        expect(False, f"the import succeeded; Windows answers {case['status']}")


def _refuse_private(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    declared = opened.declaration.blob_types.get(case["as_type"])
    exports = declared is not None and declared.exports
    error = InvalidParameterError if exports else NotSupportedError  # a token exports no private key at all
    with opened.import_key_pair(case["blob_type"], data(case["blob"])) as key:
        refuse(error, lambda: key.export(case["as_type"]), "the public key exported a private blob")


def _verify(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    signature, other = data(case["signature"]), bytes.fromhex(case["other"])
    with opened.import_key_pair(case["blob_type"], data(case["blob"])) as key:
        key.verify_signature(data(case["data"]), signature)
        refuse(InvalidSignatureError, lambda: key.verify_bytes(other, signature), "it verifies over another hash")


def _sign(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    digest, padding = data(case["data"]), padding_of(case["padding"])
    with opened.import_key_pair(case["blob_type"], data(case["blob"])) as key:
        signature = key.sign_hash(digest, padding)
        key.verify_signature(digest, signature, padding)
        expect(len(signature) == case["size"], f"the signature has {len(signature)} bytes, not {case['size']}")


def _agree(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    with (
        opened.import_key_pair(case["blob_type"], data(case["blob"])) as own,
        opened.import_key_pair(case["peer_type"], data(case["peer"])) as peer,
        own.agree(peer) as secret,
    ):
        _equal(secret.derive(case["kdf"]), data(case["expected"]))


def _agree_x25519(_: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    curve = CURVES["curve25519"]
    opened.set_property("ECCCurveName", curve.name)
    d = bytearray(data("X25519_PRIVATE"))
    d[0], d[31] = d[0] & 0xF8, d[31] & 0x7F | 0x40  # CNG imports clamped numbers only
    build = partial(ecc.build, family="ECDH", curve=curve, y=b"", generic=True)
    private = build("ECCPRIVATEBLOB", x=data("X25519_PUBLIC"), d=d)
    public = build("ECCPUBLICBLOB", x=data("X25519_PEER"))
    with (
        opened.import_key_pair("ECCPRIVATEBLOB", private) as own,
        opened.import_key_pair("ECCPUBLICBLOB", public) as peer,
        own.agree(peer) as secret,
    ):
        _equal(secret.derive("TRUNCATE"), data("X25519_SHARED")[::-1])


def _digest(case: Mapping[str, Any], opened: AlgorithmProvider) -> None:
    with opened.create_hash() as state:
        state.update(bytes.fromhex(case["data"]))
        _equal(state.finish(), bytes.fromhex(case["expected"]))


def _equal(answer: bytes | bytearray, expected: bytes) -> None:
    expect(bytes(answer) == expected, f"{len(answer)} bytes that differ from the {len(expected)} of Windows")


_STEPS: dict[str, Callable[[Mapping[str, Any], AlgorithmProvider], None]] = {
    "export": _export,
    "refuse-import": _refuse_import,
    "refuse-private": _refuse_private,
    "verify": _verify,
    "sign": _sign,
    "agree": _agree,
    "agree-x25519": _agree_x25519,
    "digest": _digest,
}
