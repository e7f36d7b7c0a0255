"""Keys in the forms of FIPS 203, used by pqcrypto; and the implementation "pqcrypto", which has no other keys.

pqcrypto has no seeds: kyber-py expands them. Both libraries take and return ``bytes``, so copies of a private key that
cannot be wiped exist while they work. What this module keeps is wiped.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cngcore.families.mlkem import MlkemMaterial
from cngcore.families.seeded import BytesKey, SeededFactory, SeededMaterial
from cngcore_mlkem import expansion

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet


class ExpandedMaterial(BytesKey, MlkemMaterial):
    """A key held as the byte strings of the standard."""

    __slots__ = ("_library",)

    expand = staticmethod(expansion.expand)

    def prepare(self) -> None:
        import pqcrypto  # type: ignore[import-untyped]

        self._library: Any = getattr(pqcrypto, f"ml_kem_{self.parameter_set.name}")

    @property
    def back_end(self) -> str:
        return "pqcrypto"

    def encapsulate(self) -> tuple[bytes, bytes]:
        ciphertext, secret = self._library.encaps(self._public)
        return secret, ciphertext

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        secret: bytes = self._library.decaps(bytes(self.private_bytes()), ciphertext)
        return secret


class ExpandedFactory(SeededFactory):
    """The implementation "pqcrypto"."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        return ExpandedMaterial
