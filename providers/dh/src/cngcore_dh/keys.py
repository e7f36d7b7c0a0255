"""DH keys: generation, checks and agreement (SP 800-56A, RFC 7919).

* A group is checked by size, parity and range, whenever it is set or imported.
* A public number is checked by its range. In a group of known order, its order is checked too: at import, or else at
  the first agreement.
* A private number is checked by computing the public number from it.

``BCRYPT_NO_KEY_VALIDATION`` skips the checks that need a power or a Jacobi symbol at import.
"""

from __future__ import annotations

from secrets import randbelow
from typing import TYPE_CHECKING

from cngcore.constants import BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER, BCRYPT_NO_KEY_VALIDATION
from cngcore.provider import KeyFactory, KeyMaterial, KeyRequest
from cngcore.status import InvalidParameterError
from cngcore_dh.arithmetic import power
from cngcore_dh.groups import GENERATED, Group, default_group, group_of

if TYPE_CHECKING:
    from cngcore.blobs.dh import DhKey, DhParameters

_DRAWS = 32
"""Private numbers to try before a group is rejected. A group with more than a few elements needs one."""


def parsed_group(parameters: DhParameters) -> Group:
    """Return the group of a blob or a property. p must fill its field, so that a group has one form only."""
    group = group_of(parameters.p, parameters.g)
    if group.key_bytes != parameters.key_bytes:
        raise InvalidParameterError(
            f"p must fill its field of {parameters.key_bytes} bytes, but has {group.key_bytes}; remove the padding"
        )
    return group


def group_to_generate_in(value: object) -> Group:
    """Return the group of DHParameters. Raise InvalidParameterError if no DH key can be generated in it."""
    from cngcore.blobs.dh import DhParameters

    if not isinstance(value, DhParameters):
        raise InvalidParameterError(f"DHParameters must be a DhParameters, not {type(value).__name__}")
    group = parsed_group(value)
    if 8 * group.key_bytes not in GENERATED:
        raise InvalidParameterError(
            f"DHParameters has p of {group.key_bytes} bytes; it must have 64 to 512, in steps of 8"
        )
    return group


class DhMaterial(KeyMaterial):
    """A DH key pair, or its public half. The private number is stored as bytes and wiped with the key."""

    __slots__ = ("_private", "_validated", "group", "y")

    def __init__(self, group: Group, y: int, x: int = 0, *, validated: bool = True) -> None:
        self._private = bytearray(x.to_bytes((x.bit_length() + 7) // 8, "big"))
        self._validated = validated
        self.group = group
        self.y = y

    def __del__(self) -> None:
        private: bytearray | None = getattr(self, "_private", None)
        if private:
            private[:] = bytes(len(private))

    @property
    def has_private(self) -> bool:
        return bool(self._private)

    def agree(self, peer: KeyMaterial) -> bytearray:
        group = self.group
        if not isinstance(peer, DhMaterial) or peer.group != group:
            raise InvalidParameterError(
                "the two DH keys are in different groups: p or g differ; use keys with the same DHParameters"
            )
        if not self._private:
            raise InvalidParameterError("this DH key has no private half; use a key pair")
        if not peer._validated and not group.has(peer.y, order=True):
            raise InvalidParameterError("the public number of the peer is not in the group")
        z = power(peer.y, int.from_bytes(self._private, "big"), group.p)
        if not 1 < z < group.p - 1:
            raise InvalidParameterError("the public number of the peer has a small order: the secret would be trivial")
        secret = bytearray(group.key_bytes)
        secret[:] = z.to_bytes(group.key_bytes, "big")
        return secret

    def export(self, blob_type: str) -> bytes | bytearray:
        from cngcore.blobs import dh

        x = int.from_bytes(self._private, "big") if "PRIVATE" in blob_type else 0
        return dh.build(blob_type, dh.DhKey(self.parameters(), self.y, x))

    def parameters(self) -> DhParameters:
        """Return the group as the value of the DHParameters property."""
        from cngcore.blobs.dh import DhParameters

        return DhParameters(self.group.p, self.group.g, self.group.key_bytes)

    def public(self) -> KeyMaterial:
        return DhMaterial(self.group, self.y, validated=self._validated)

    def get_property(self, name: str) -> object:
        if name in ("KeyLength", "PublicKeyLength"):
            return 8 * self.group.key_bytes
        if name == "KeyStrength":
            return self.group.p.bit_length()
        return self.parameters() if name == "DHParameters" else super().get_property(name)


class DhFactory(KeyFactory):
    """Make DH keys, in the group of DHParameters or in the default group of their length."""

    def load(self) -> None:
        """Make keys in a known and an unknown group and use each operation, so that every module is imported."""
        from cngcore.blobs.dh import DhParameters

        p = default_group(512).p
        request = KeyRequest(512, 0, {"DHParameters": DhParameters(p, p - 2)})
        for key in (self.generate(KeyRequest(512, 0, {})), self.generate(request)):
            for kind in ("DHPUBLICBLOB", "DHPRIVATEBLOB"):
                key.agree(self.import_key(kind, bytes(key.export(kind)), request))
            key.get_property("DHParameters")

    def generate(self, request: KeyRequest) -> KeyMaterial:
        parameters = request.properties.get("DHParameters")
        if parameters is None:
            group = default_group(request.length)
        else:
            group = group_to_generate_in(parameters)
            if 8 * group.key_bytes != request.length:
                raise InvalidParameterError(
                    f"p of DHParameters has {8 * group.key_bytes} bits, but the key {request.length}; make them equal"
                )
            _check_order_can_be_known(group, request.flags)
        for _ in range(_DRAWS):
            x = randbelow(group.private_numbers - 1) + 1
            y = power(group.g, x, group.p)
            if group.has(y, order=False):
                return DhMaterial(group, y, x)
        raise InvalidParameterError(
            "the generator of DHParameters generates a few elements only; use another generator"
        )

    def import_key(self, blob_type: str, blob: bytes, request: KeyRequest) -> KeyMaterial:
        from cngcore.blobs import dh

        key = dh.parse(blob_type, blob)
        group = parsed_group(key.parameters)
        _check_order_can_be_known(group, request.flags)
        validate = request.flags != BCRYPT_NO_KEY_VALIDATION
        y = _public_number(group, key, validate=validate)
        return DhMaterial(group, y, key.x, validated=validate or key.is_private)


def _check_order_can_be_known(group: Group, flags: int) -> None:
    """Raise InvalidParameterError for ``BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER`` in a group of unknown order."""
    if flags == BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER and not group.is_known:
        raise InvalidParameterError(
            "the order of this DH group is unknown, so BCRYPT_KEY_VALIDATION_RANGE_AND_ORDER cannot be checked"
        )


def _public_number(group: Group, key: DhKey, *, validate: bool) -> int:
    """Return the public number of an imported key, after the checks of both numbers.

    A private key's is computed from x. The number in the blob is compared in a known group, if ``validate``; in any
    other group it is a placeholder (contract: rule-import-dh-public). Raise InvalidParameterError if a number is out
    of range or the two do not belong together.
    """
    if not group.has(key.y, order=validate):
        raise InvalidParameterError("the public number of the DH key is not in the group")
    if not key.is_private:
        return key.y
    if key.x > group.p - 2:
        raise InvalidParameterError("the private number of the DH key must be between 1 and p - 2")
    y = power(group.g, key.x, group.p)
    if validate and group.is_known and y != key.y:
        raise InvalidParameterError("the public number of the DH key does not belong to the private one")
    if not group.has(y, order=False):
        raise InvalidParameterError("the private number of the DH key results in the public number 1 or p - 1")
    return y
