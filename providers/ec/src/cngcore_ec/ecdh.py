"""ECDH (SP 800-56A section 5.7.1.2), and X25519 (RFC 7748) on the generic algorithm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import ec

from cngcore.families.curves import find_curve
from cngcore.provider import Algorithm, KeyFactory, KeyMaterial
from cngcore.status import InvalidParameterError
from cngcore_ec.curves import CURVE25519
from cngcore_ec.keys import EcFactory, EcMaterial

if TYPE_CHECKING:
    from typing import ClassVar

    from cngcore.blobs.curves import Curve
    from cngcore.blobs.ecc import EccKey
    from cngcore.families.ecc import Family


_ECDH = ec.ECDH()


class EcdhMaterial(EcMaterial):
    """An ECDH key on a Weierstrass curve."""

    __slots__ = ()
    family: ClassVar[Family] = "ECDH"

    def agree(self, peer: KeyMaterial) -> bytes:
        if not isinstance(peer, EcdhMaterial) or not self._shares_curve(peer):
            raise InvalidParameterError("the two ECDH keys are on different curves; use keys on the same curve")
        return self.private_key.exchange(_ECDH, peer.public_key)

    def _shares_curve(self, peer: EcdhMaterial) -> bool:
        """Compare the names, then the back end's curves: a curve can have several names."""
        return peer.curve_name == self.curve_name or peer.public_key.curve.name == self.public_key.curve.name


class EcdhFactory(EcFactory):
    """Make ECDH keys. Keys on curve25519 have their own class, X25519Material."""

    family: ClassVar[Family] = "ECDH"
    material = EcdhMaterial

    def try_out(self, key: KeyMaterial) -> None:
        key.agree(key)

    def load(self) -> None:
        super().load()
        if self.fixed is None:
            self.try_out(self.on_curve(find_curve(CURVE25519)))

    def on_curve(self, curve: Curve) -> KeyMaterial:
        if curve.name != CURVE25519:
            return super().on_curve(curve)
        from cngcore_ec.x25519 import X25519Material

        return X25519Material.generate()

    def from_blob(self, curve: Curve, parsed: EccKey, flags: int) -> KeyMaterial:
        if curve.name != CURVE25519:
            return super().from_blob(curve, parsed, flags)
        from cngcore_ec.x25519 import X25519Material

        return X25519Material.from_blob(parsed, flags)


def factory(algorithm: Algorithm) -> KeyFactory:
    """Return the factory of an algorithm. The declarations name this function."""
    return EcdhFactory(algorithm)
