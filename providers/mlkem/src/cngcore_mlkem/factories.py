"""The implementation "cryptography": keys of cryptography where it has them, keys of pqcrypto where it has not.

cryptography has no parameter set 512, and imports private keys as seeds only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families.seeded import SeededFactory, SeededMaterial
from cngcore_mlkem.expanded import ExpandedMaterial
from cngcore_mlkem.native import NativeMaterial

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet


class NativeFactory(SeededFactory):
    """The implementation "cryptography"."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        native = not expanded and parameter_set.name in NativeMaterial.private_kinds
        return NativeMaterial if native else ExpandedMaterial
