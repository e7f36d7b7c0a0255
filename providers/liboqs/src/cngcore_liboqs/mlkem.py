"""ML-KEM keys on liboqs: seeds, expanded keys, encapsulation and decapsulation, for all three parameter sets."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from cngcore.families.mlkem import MlkemMaterial
from cngcore.families.seeded import BytesKey
from cngcore.memory import SecretBytes
from cngcore_liboqs.library import LiboqsFactory, expect_success, function, pointer_to

if TYPE_CHECKING:
    from cngcore.families.seeded import SeededMaterial
    from cngcore.provider import ParameterSet


class Functions:
    """The functions of one parameter set, and the types of the memory they work on."""

    def __init__(self, name: str, ciphertext_bytes: int) -> None:
        stem, pointer = f"OQS_KEM_ml_kem_{name}_", ctypes.c_void_p
        self.keypair = function(stem + "keypair_derand", pointer, pointer, pointer)
        self.encaps = function(stem + "encaps", pointer, pointer, bytes)
        self.decaps = function(stem + "decaps", pointer, bytes, pointer)
        self.ciphertext_type = ctypes.c_char * ciphertext_bytes
        self.shared_type = ctypes.c_char * 32


@cache
def functions_of(name: str, ciphertext_bytes: int) -> Functions:
    """Return the functions of a parameter set, which are looked up once."""
    return Functions(name, ciphertext_bytes)


class LiboqsMlkem(BytesKey, MlkemMaterial):
    """A key held as the byte strings of the standard. Every length is checked before liboqs sees a pointer."""

    __slots__ = ("_functions", "_pointer")

    def prepare(self) -> None:
        self._functions = functions_of(self.parameter_set.name, self.parameter_set.sizes["ciphertext"])
        self._pointer = None if self._private is None else pointer_to(self._private)

    @staticmethod
    def expand(parameter_set: ParameterSet, seed: bytearray) -> tuple[bytes, bytearray]:
        sizes = parameter_set.sizes
        public, private = (ctypes.c_char * sizes["encapsulation_key"])(), SecretBytes(sizes["decapsulation_key"])
        functions = functions_of(parameter_set.name, sizes["ciphertext"])
        expect_success(functions.keypair(public, pointer_to(private), pointer_to(seed)), "keypair_derand")
        return public.raw, private

    def encapsulate(self) -> tuple[bytes, bytes]:
        functions = self._functions
        ciphertext, secret = functions.ciphertext_type(), functions.shared_type()
        expect_success(functions.encaps(ciphertext, secret, self._public), "encaps")
        return secret.raw, ciphertext.raw

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        if self._pointer is None:
            raise self.no_private_half()
        secret = self._functions.shared_type()
        expect_success(self._functions.decaps(secret, ciphertext, self._pointer), "decaps")
        return secret.raw


class LiboqsMlkemFactory(LiboqsFactory):
    """Makes ML-KEM keys on liboqs."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        return LiboqsMlkem
