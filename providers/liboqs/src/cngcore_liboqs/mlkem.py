"""ML-KEM keys on liboqs: seeds, expanded keys, encapsulation and decapsulation, for all three parameter sets."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from cngcore.blobs.pq import SIZES
from cngcore.constants import BCRYPT_MLKEM_PRIVATE_SEED_BLOB
from cngcore.families.mlkem import MlkemMaterial
from cngcore.families.seeded import BytesKey
from cngcore.memory import SecretBytes
from cngcore_liboqs import MLKEM
from cngcore_liboqs.library import LiboqsFactory, array_type, expect_success, function

if TYPE_CHECKING:
    from cngcore.families.seeded import SeededMaterial
    from cngcore.provider import ParameterSet


class Functions:
    """The functions of one parameter set, and the types of the memory they work on."""

    def __init__(self, name: str) -> None:
        sizes = next(one.sizes for one in MLKEM if one.name == name)
        stem, pointer = f"OQS_KEM_ml_kem_{name}_", ctypes.c_void_p
        self.keypair = function(stem + "keypair_derand", pointer, pointer, pointer)
        self.encaps = function(stem + "encaps", pointer, pointer, bytes)
        self.decaps = function(stem + "decaps", pointer, bytes, pointer)
        self.public_type, self.private_type = (
            array_type(sizes["encapsulation_key"]),
            array_type(sizes["decapsulation_key"]),
        )
        self.ciphertext_type, self.shared_type = array_type(sizes["ciphertext"]), array_type(sizes["shared_secret"])
        self.seed_type = array_type(SIZES[BCRYPT_MLKEM_PRIVATE_SEED_BLOB][name])


@cache
def functions_of(name: str) -> Functions:
    """Return the functions of a parameter set, which are looked up once."""
    return Functions(name)


class LiboqsMlkem(BytesKey, MlkemMaterial):
    """A key held as the byte strings of the standard. Every length is checked before liboqs sees a pointer."""

    __slots__ = ("_functions", "_pointer")

    def prepare(self) -> None:
        self._functions = functions = functions_of(self.parameter_set.name)
        self._pointer = None if self._private is None else functions.private_type.from_buffer(self._private)

    @staticmethod
    def expand(parameter_set: ParameterSet, seed: bytearray) -> tuple[bytes, bytearray]:
        functions = functions_of(parameter_set.name)
        public, private = functions.public_type(), SecretBytes(parameter_set.sizes["decapsulation_key"])
        status = functions.keypair(
            public, functions.private_type.from_buffer(private), functions.seed_type.from_buffer(seed)
        )
        expect_success(status, "keypair_derand")
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
