"""ML-KEM keys on liboqs: seeds, expanded keys, and both directions, for all three parameter sets."""

from __future__ import annotations

import ctypes
from functools import cache
from secrets import token_bytes

from cngcore.families.mlkem import MlkemFactory, MlkemMaterial, split
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InvalidParameterError
from cngcore_liboqs.library import Wiped, expect_success, function


class Functions:
    """The functions of one parameter set."""

    def __init__(self, name: str) -> None:
        stem = f"OQS_KEM_ml_kem_{name}_"
        pointer = ctypes.c_void_p
        self.keypair = function(stem + "keypair_derand", pointer, pointer, pointer)
        self.encaps = function(stem + "encaps", pointer, pointer, bytes)
        self.decaps = function(stem + "decaps", pointer, bytes, pointer)


@cache
def functions_of(name: str) -> Functions:
    """The functions of a parameter set, looked up once."""
    return Functions(name)


class LiboqsMlkem(MlkemMaterial):
    """A key in the byte strings of the standard. Every length is checked before a call: liboqs takes pointers."""

    __slots__ = ("_functions", "_private", "_public", "_seed")

    def __init__(
        self, parameter_set: ParameterSet, public: bytes, private: Wiped | None = None, seed: Wiped | None = None
    ) -> None:
        super().__init__(parameter_set)
        if len(public) != parameter_set.sizes["encapsulation_key"]:
            raise InvalidParameterError(f"an encapsulation key of {parameter_set.name} has not {len(public)} bytes")
        self._functions = functions_of(parameter_set.name)
        self._public = public
        self._private = private
        self._seed = seed

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes) -> LiboqsMlkem:
        """The key of d || z."""
        sizes = parameter_set.sizes
        if len(seed) != sizes["private_seed"]:
            raise InvalidParameterError(f"a seed has {sizes['private_seed']} bytes, not {len(seed)}")
        public = (ctypes.c_char * sizes["encapsulation_key"])()
        private, held = Wiped(sizes["decapsulation_key"]), Wiped(len(seed), seed)
        status = functions_of(parameter_set.name).keypair(public, private.memory, held.memory)
        expect_success(status, "keypair_derand")
        return cls(parameter_set, public.raw, private, held)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def encapsulation_key(self) -> bytes:
        return self._public

    @property
    def private(self) -> Wiped:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    def decapsulation_key(self) -> bytearray:
        return self.private.to_bytearray()

    def seed(self) -> bytearray | None:
        return None if self._seed is None else self._seed.to_bytearray()

    def public(self) -> KeyMaterial:
        return LiboqsMlkem(self.parameter_set, self._public)

    def encapsulate(self) -> tuple[bytes, bytes]:
        secret_size, size = self.kem_lengths
        ciphertext, secret = (ctypes.c_char * size)(), (ctypes.c_char * secret_size)()
        expect_success(self._functions.encaps(ciphertext, secret, self._public), "encaps")
        return secret.raw, ciphertext.raw

    def decapsulate(self, ciphertext: bytes) -> bytes:
        self.check_ciphertext(ciphertext)
        secret = (ctypes.c_char * self.kem_lengths[0])()
        expect_success(self._functions.decaps(secret, ciphertext, self.private.memory), "decaps")
        return secret.raw


class LiboqsMlkemFactory(MlkemFactory):
    """Makes ML-KEM keys on liboqs."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MlkemMaterial:
        wanted = parameter_set.sizes["private_seed"]
        return LiboqsMlkem.from_seed(parameter_set, token_bytes(wanted) if seed is None else seed)

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return LiboqsMlkem(parameter_set, split(parameter_set, key)[0], Wiped(len(key), key))

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return LiboqsMlkem(parameter_set, key)
