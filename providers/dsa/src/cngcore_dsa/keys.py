"""DSA keys: their material and the factory.

The back end holds a key if it accepts the numbers (:mod:`cngcore_dsa.native`). Otherwise our own code does
(:mod:`cngcore_dsa.raw`). Both have the same methods.
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
"""Bits of p in keys that can be imported: up to the maximum of the back end, which also limits the time."""


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
        """Raise InvalidParameterError for a padding, or a digest not as long as q (contract: rule-sign-dsa-hash)."""
        if padding is not None:
            raise InvalidParameterError(f"DSA does not support a padding; pass None, not {type(padding).__name__}")
        size = self._parameters.group_bytes
        if len(digest) != size:
            raise InvalidParameterError(
                f"this DSA key signs hashes of {size} bytes, the length of q, not {len(digest)}; truncate a longer "
                "hash at the end, pad a shorter one with zeros on the left"
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
    """Make DSA keys."""

    def load(self) -> None:
        """Make and use keys of both standards and both kinds, so that every module is imported."""
        request = KeyRequest(512, 0, {})
        small = self.generate(request)
        for kind in ("DSAPUBLICBLOB", "DSAPRIVATEBLOB", LEGACY_DSA_V2_PRIVATE_BLOB):
            self.import_key(kind, bytes(small.export(kind)), request)
        small.public().verify_signature(bytes(20), small.sign_hash(bytes(20), None), None)
        primes.gmp(_IMPORTED.stop)
        new = domain.generate_primes(512, 256, domain.fips_186_4("sha256"))
        domain.canonical_generator(new.p, new.q, new.seed, domain.INDEX, "sha256")
        own = raw.RawKey(domain.generate(512), None, 1)
        own.verify(bytes(20), *own.sign(bytes(20)))

    def generate(self, request: KeyRequest) -> KeyMaterial:
        parameters = request.properties.get(BCRYPT_DSA_PARAMETERS)
        if not isinstance(parameters, wire.DsaParameters):
            parameters = domain.generate(request.length, request.checkpoint)
        elif parameters.bits != request.length:
            raise InvalidParameterError(
                f"p of DSAParameters has {parameters.bits} bits, but the key {request.length}; make them equal"
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
            raise InvalidParameterError("the private and public number, x and y, of the DSA key do not belong together")
        if request.flags != BCRYPT_NO_KEY_VALIDATION:
            domain.prove(parameters)
            if not key.is_private and primes.power(held.y, parameters.q, parameters.p) != 1:
                raise InvalidParameterError("y of the DSA key does not have order q")
        return DsaMaterial(parameters, held)


def check_parameters(parameters: wire.DsaParameters) -> None:
    """Raise InvalidParameterError if q does not divide p - 1, or if g is out of range or does not have order q."""
    _check_size(parameters)
    wire.check(wire.DsaKey(parameters, None))
    if not domain.verify_generator(parameters.p, parameters.q, parameters.g):
        raise InvalidParameterError("g of the DSA parameters does not have order q")


def _check_size(parameters: wire.DsaParameters) -> None:
    if parameters.bits not in _IMPORTED:
        raise InvalidParameterError(
            f"p of a DSA key must have {_IMPORTED.start} to {_IMPORTED.stop - 1} bits, not {parameters.bits}"
        )


def _hold(parameters: wire.DsaParameters, y: int | None, x: int | None) -> native.NativeKey | raw.RawKey:
    """Return the key in the back end if it accepts the numbers, otherwise as numbers. If x is given, y follows."""
    return native.load(parameters, y, x) or raw.RawKey(parameters, y if x is None else None, x)
