"""Elliptic-curve keys in the token: ECDSA and ECDH on P-256, P-384 and P-521.

A shared secret leaves the token, because BCryptDeriveKey works on it here. The private key stays in the token.
"""

from __future__ import annotations

from typing import Any

from pkcs11 import KDF, Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass

from cngcore.blobs import ecc
from cngcore.blobs.curves import CURVES, Curve, match
from cngcore.constants import BCRYPT_NO_KEY_VALIDATION
from cngcore.families import signatures
from cngcore.provider import Algorithm, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore_pkcs11 import CURVES as OURS
from cngcore_pkcs11 import URI_BLOB
from cngcore_pkcs11.material import UNREADABLE, TokenFactory, TokenMaterial
from cngcore_pkcs11.token import one_thread, session

_OIDS = {
    "nistP256": bytes.fromhex("06082a8648ce3d030107"),
    "nistP384": bytes.fromhex("06052b81040022"),
    "nistP521": bytes.fromhex("06052b81040023"),
}
"""CKA_EC_PARAMS of each curve: its object identifier in DER (RFC 5480 section 2.1.1.1)."""

_UNCOMPRESSED = b"\x04"


class EcMaterial(TokenMaterial):
    """A key pair on a curve, or its public half."""

    family: str

    def __init__(
        self, curve: Curve, x: int, y: int, public: Any = None, private: Any = None, *, stays: bool = False
    ) -> None:
        super().__init__(public, private, stays=stays)
        self._curve = curve
        self._x, self._y = x, y

    @property
    def point(self) -> bytes:
        """The public point, uncompressed (SEC 1 section 2.3.3)."""
        size = self._curve.key_bytes
        return _UNCOMPRESSED + self._x.to_bytes(size, "big") + self._y.to_bytes(size, "big")

    def export(self, blob_type: str) -> bytes | bytearray:
        size = self._curve.key_bytes
        x, y = self._x.to_bytes(size, "big"), self._y.to_bytes(size, "big")
        return ecc.build(blob_type, family=self.family, curve=self._curve, x=x, y=y, generic=False)

    def public(self) -> KeyMaterial:
        return type(self)(self._curve, self._x, self._y)

    def get_property(self, name: str) -> object:
        return ecc.EccParameters.of(self._curve) if name == "ECCParameters" else super().get_property(name)

    def public_object(self) -> Any:
        """Return the public half as an object of the token. The first use creates it."""
        if self._public is None:
            with session(self._generation) as open_session:
                self._public = open_session.create_object(
                    {
                        Attribute.CLASS: ObjectClass.PUBLIC_KEY,
                        Attribute.KEY_TYPE: KeyType.EC,
                        Attribute.TOKEN: False,
                        Attribute.VERIFY: True,
                        Attribute.EC_PARAMS: _OIDS[self._curve.name],
                        Attribute.EC_POINT: _octet_string(self.point),
                    }
                )
            self._session_objects.append(self._public)
        return self._public


class EcdsaMaterial(EcMaterial):
    """An ECDSA key."""

    family = "ECDSA"

    @property
    def signature_length(self) -> int:
        return 2 * self._curve.order_bytes

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        number = self._truncated(digest, padding)
        with session(self._generation):
            return bytes(self._private.sign(number, mechanism=Mechanism.ECDSA))

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        number = self._truncated(digest, padding)
        r, s = signatures.split(signature, self._curve.order_bytes)
        if not (0 < r < self._curve.n and 0 < s < self._curve.n):
            return False
        with session(self._generation):
            return bool(self.public_object().verify(number, signature, mechanism=Mechanism.ECDSA))

    def _truncated(self, digest: bytes, padding: object) -> bytes:
        """Return the leftmost bytes of a digest, as many as the order has (FIPS 186-5 section 6.4)."""
        if padding is not None:
            raise InvalidParameterError(f"ECDSA does not support a padding; pass None, not {type(padding).__name__}")
        if not digest:
            raise InvalidParameterError("the hash to sign is empty; pass a digest")
        return digest[: self._curve.order_bytes]


class EcdhMaterial(EcMaterial):
    """An ECDH key."""

    family = "ECDH"

    def agree(self, peer: KeyMaterial) -> bytes:
        if not isinstance(peer, EcdhMaterial) or peer._curve != self._curve:
            raise InvalidParameterError(f"the key of the peer must be an ECDH key on {self._curve.name}")
        template = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False}
        with session(self._generation):
            shared = self._private.derive_key(
                KeyType.GENERIC_SECRET, 8 * self._curve.key_bytes, mechanism=Mechanism.ECDH1_DERIVE,
                mechanism_param=(KDF.NULL, None, peer.point), template=template,
            )  # fmt: skip
            try:
                return bytes(shared[Attribute.VALUE]).rjust(self._curve.key_bytes, b"\0")
            finally:
                shared.destroy()


class EcFactory(TokenFactory):
    """Make keys on the curve of the algorithm."""

    key_type = KeyType.EC
    material: type[EcMaterial]
    capabilities: MechanismFlag
    uses: tuple[Attribute, ...]

    def __init__(self, algorithm: Algorithm) -> None:
        super().__init__(algorithm)
        self.curve = CURVES[OURS[algorithm.name.rpartition("_")[2]][0]]

    @one_thread()
    def generate(self, request: KeyRequest) -> KeyMaterial:
        label = self.label(request)
        with session() as open_session:
            domain = open_session.create_domain_parameters(
                KeyType.EC, {Attribute.EC_PARAMS: _OIDS[self.curve.name]}, local=True
            )
            public, private = domain.generate_keypair(
                store=bool(label), label=label or None, capabilities=self.capabilities, private_template=UNREADABLE
            )
        return self._material(public, private, stays=bool(label))

    @one_thread()
    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        if blob_type == URI_BLOB:
            public, private = self.find(blob)
            return self._material(public, private, stays=True)
        parsed = ecc.parse(blob_type, blob, family=self.material.family)
        if self._curve_of(parsed) != self.curve:
            raise InvalidParameterError(
                f"the blob holds a key on another curve; {self.algorithm.name} needs {self.curve.name}"
            )
        x, y = int.from_bytes(parsed.x, "big"), int.from_bytes(parsed.y, "big")
        if not parsed.d:
            if not self.curve.on_curve(x, y):
                raise InvalidParameterError(f"the point does not lie on {self.curve.name}")
            return self.material(self.curve, x, y)
        d = int.from_bytes(parsed.d, "big")
        if not 0 < d < self.curve.n:
            raise InvalidParameterError(f"the private key must be from 1 to the order of {self.curve.name} minus 1")
        point = _public_point(self.curve, d)
        placeholder = request.flags == BCRYPT_NO_KEY_VALIDATION or (x, y) == (0, 0)
        if not placeholder and (x, y) != point:
            raise InvalidParameterError("the public point does not belong to the private key")
        return self.material(self.curve, *point, None, self._create_private(d))

    @staticmethod
    def _curve_of(parsed: ecc.EccKey) -> Curve | None:
        """Return the curve of a blob: by its parameters or by its magic."""
        if parsed.parameters is None:
            return parsed.curve
        curve = match(parsed.parameters)
        if curve is None:
            raise NotSupportedError("the token supports named curves only; these parameters describe another curve")
        return curve

    def _create_private(self, d: int) -> Any:
        """Create the private object in the token. It cannot be read again."""
        with session() as open_session:
            return open_session.create_object(
                {
                    Attribute.CLASS: ObjectClass.PRIVATE_KEY,
                    Attribute.KEY_TYPE: KeyType.EC,
                    Attribute.TOKEN: False,
                    Attribute.PRIVATE: True,
                    Attribute.EC_PARAMS: _OIDS[self.curve.name],
                    Attribute.VALUE: d.to_bytes(self.curve.order_bytes, "big"),
                    **dict.fromkeys(self.uses, True),
                    **UNREADABLE,
                }
            )

    def _material(self, public: Any, private: Any, *, stays: bool) -> EcMaterial:
        with session():
            if bytes(public[Attribute.EC_PARAMS]) != _OIDS[self.curve.name]:
                raise InvalidParameterError(
                    f"the key in the token is on another curve; {self.algorithm.name} needs {self.curve.name}"
                )
            point = _from_octet_string(bytes(public[Attribute.EC_POINT]))
        size = self.curve.key_bytes
        if len(point) != 1 + 2 * size or point[:1] != _UNCOMPRESSED:
            raise InvalidParameterError("the token returned a public point that is not in uncompressed form")
        x, y = int.from_bytes(point[1 : 1 + size], "big"), int.from_bytes(point[1 + size :], "big")
        return self.material(self.curve, x, y, public, private, stays=stays)


class EcdsaFactory(EcFactory):
    """Make ECDSA keys."""

    material = EcdsaMaterial
    capabilities = MechanismFlag.SIGN | MechanismFlag.VERIFY
    uses = (Attribute.SIGN,)


class EcdhFactory(EcFactory):
    """Make ECDH keys."""

    material = EcdhMaterial
    capabilities = MechanismFlag.DERIVE
    uses = (Attribute.DERIVE,)


def _public_point(curve: Curve, d: int) -> tuple[int, int]:
    """Return the public point of an imported private key, because a token does not compute it."""
    from cryptography.hazmat.primitives.asymmetric import ec

    curves: dict[str, ec.EllipticCurve] = {
        "nistP256": ec.SECP256R1(), "nistP384": ec.SECP384R1(), "nistP521": ec.SECP521R1(),
    }  # fmt: skip
    numbers = ec.derive_private_key(d, curves[curve.name]).public_key().public_numbers()
    return numbers.x, numbers.y


def _octet_string(data: bytes) -> bytes:
    """Return a DER OCTET STRING, which CKA_EC_POINT needs (PKCS #11 v3.1 section 6.3.3)."""
    length = bytes([len(data)]) if len(data) < 128 else bytes([0x81, len(data)])
    return b"\x04" + length + data


def _from_octet_string(data: bytes) -> bytes:
    """Return the content of a DER OCTET STRING. Return other data unchanged, because some tokens do not wrap it."""
    for head in (2, 3):
        if data[head:] and _octet_string(data[head:]) == data:
            return data[head:]
    return data
