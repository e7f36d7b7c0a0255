"""DSA keys: their material and the factory.

A key is held by the back end where that takes it, else by our own numbers: :mod:`cngcore_dsa.native` and
:mod:`cngcore_dsa.raw` offer the same methods.
"""

from __future__ import annotations

from secrets import randbelow

from cngcore.blobs import dsa as wire
from cngcore.constants import BCRYPT_DSA_PARAMETERS, BCRYPT_NO_KEY_VALIDATION, LEGACY_DSA_V2_PRIVATE_BLOB
from cngcore.families import signatures
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError
from cngcore_dsa import domain, native, primes, raw

_IMPORTED = range(512, 4096 + 1)
"""Bits of p in keys that can be imported: the back end's own largest, and bounded, so that nothing hangs."""


class DsaMaterial(KeyMaterial):
    """A DSA key pair, or its public half."""

    __slots__ = ("_key", "_parameters")

    def __init__(self, parameters: wire.DsaParameters, key: native.NativeKey | raw.RawKey) -> None:
        self._parameters = parameters
        self._key = key

    @property
    def has_private(self) -> bool:
        return self._key.is_private

    @property
    def signature_length(self) -> int:
        return 2 * self._parameters.group_bytes

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        self._check(digest, padding)
        r, s = self._key.sign(digest)
        return signatures.join(r, s, self._parameters.group_bytes)

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        self._check(digest, padding)
        return self._key.verify(digest, *signatures.split(signature, self._parameters.group_bytes))

    def _check(self, digest: bytes, padding: object) -> None:
        """No padding, and a digest just as long as q: the caller truncates or pads (contract: rule-sign-dsa-hash)."""
        if padding is not None:
            raise InvalidParameterError(f"DSA takes no padding, not {type(padding).__name__}")
        size = self._parameters.group_bytes
        if len(digest) != size:
            raise InvalidParameterError(
                f"this DSA key signs hashes of {size} bytes, the length of q, not {len(digest)}: cut off the end of a "
                "longer one, pad a shorter one with zeros on the left"
            )

    def export(self, blob_type: str) -> bytes | bytearray:
        private = "PRIVATE" in blob_type
        return wire.build(blob_type, wire.DsaKey(self._parameters, self._key.y, self._key.x if private else None))

    def public(self) -> KeyMaterial:
        return DsaMaterial(self._parameters, self._key.public())

    def get_property(self, name: str) -> object:
        if name in ("KeyLength", "KeyStrength"):
            return self._parameters.bits
        if name == "SignatureLength":
            return self.signature_length
        if name == BCRYPT_DSA_PARAMETERS:
            return self._parameters
        return super().get_property(name)


class DsaFactory(KeyFactory):
    """Makes DSA keys."""

    def load(self) -> None:
        """Make and use keys of both standards and both kinds, so that every module any of it needs is there."""
        request = KeyRequest(512, 0, {})
        small = self.generate(request)
        for kind in ("DSAPUBLICBLOB", "DSAPRIVATEBLOB", LEGACY_DSA_V2_PRIVATE_BLOB):
            self.import_key(kind, bytes(small.export(kind)), request)
        small.public().verify_signature(bytes(20), small.sign_hash(bytes(20), None), None)
        primes.gmp(_IMPORTED.stop)
        found = domain.generate_primes(512, 256, domain.fips_186_4("sha256"))
        domain.canonical_generator(found.p, found.q, found.seed, domain.INDEX, "sha256")
        own = raw.RawKey(domain.generate(512), None, 1)
        own.verify(bytes(20), *own.sign(bytes(20)))

    def generate(self, request: KeyRequest) -> KeyMaterial:
        parameters = request.properties.get(BCRYPT_DSA_PARAMETERS)
        if not isinstance(parameters, wire.DsaParameters):
            parameters = domain.generate(request.length, request.checkpoint)
        elif parameters.bits != request.length:
            raise InvalidParameterError(
                f"the DSA parameters have a p of {parameters.bits} bits, and the key is to have {request.length}"
            )
        elif request.flags != BCRYPT_NO_KEY_VALIDATION:
            domain.prove(parameters)
        x = randbelow(parameters.q - 1) + 1  # FIPS 186-4 appendix B.1.2
        return DsaMaterial(parameters, _hold(parameters, None, x))

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        key = wire.parse(blob_type, blob)
        parameters = key.parameters
        _check_size(parameters)
        wire.check(key)
        held = _hold(parameters, key.y, key.x)
        if key.y is not None and held.y != key.y:
            raise InvalidParameterError("x and y of the DSA key do not belong together")
        if request.flags != BCRYPT_NO_KEY_VALIDATION:
            domain.prove(parameters)
            if not key.is_private and primes.power(held.y, parameters.q, parameters.p) != 1:
                raise InvalidParameterError("y of the DSA key is not of order q")
        return DsaMaterial(parameters, held)


def check_parameters(parameters: wire.DsaParameters) -> None:
    """Refuse what makes no group: q does not divide p - 1, g is out of range or not of order q."""
    _check_size(parameters)
    wire.check(wire.DsaKey(parameters, None))
    if not domain.verify_generator(parameters.p, parameters.q, parameters.g):
        raise InvalidParameterError("g of the DSA parameters is not of order q")


def _check_size(parameters: wire.DsaParameters) -> None:
    if parameters.bits not in _IMPORTED:
        raise InvalidParameterError(
            f"a DSA key of {parameters.bits} bits is not taken; {_IMPORTED.start} to {_IMPORTED.stop - 1} are"
        )


def _hold(parameters: wire.DsaParameters, y: int | None, x: int | None) -> native.NativeKey | raw.RawKey:
    """The key in the back end if that takes it, else as numbers; y is worked out from x where both could be."""
    return native.load(parameters, y, x) or raw.RawKey(parameters, y if x is None else None, x)
