"""The implementation "cryptography": its keys, and those of pqcrypto for private keys imported in expanded form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore.families.seeded import SeededFactory, SeededMaterial
from cngcore_mldsa.expanded import ExpandedMaterial
from cngcore_mldsa.native import NativeMaterial

if TYPE_CHECKING:
    from cngcore.provider import ParameterSet


class NativeFactory(SeededFactory):
    """The implementation "cryptography"."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        return ExpandedMaterial if expanded else NativeMaterial
