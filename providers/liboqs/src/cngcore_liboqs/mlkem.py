"""ML-KEM keys on liboqs: seeds, expanded keys, and both directions, for all three parameter sets."""

from __future__ import annotations

import ctypes
from os import urandom

from cngcore.families.mlkem import MlkemFactory, MlkemMaterial, split
from cngcore.provider import KeyMaterial, ParameterSet
from cngcore.status import InvalidParameterError
from cngcore_liboqs.library import LiboqsVersion, Secret, expect_success, function, secret_type


class Functions:
    """The functions of one parameter set, and the types of the memory they work on."""

    def __init__(self, known: ParameterSet) -> None:
        stem = f"OQS_KEM_ml_kem_{known.name}_"
        pointer, sizes = ctypes.c_void_p, known.sizes
        self.keypair = function(stem + "keypair_derand", pointer, pointer, pointer)
        self.encaps = function(stem + "encaps", pointer, pointer, bytes)
        self.decaps = function(stem + "decaps", pointer, bytes, pointer)
        self.public_type = ctypes.c_char * sizes["encapsulation_key"]
        self.ciphertext_bytes = sizes["ciphertext"]
        self.ciphertext_type = ctypes.c_char * self.ciphertext_bytes
        self.shared_type = ctypes.c_char * sizes["shared_secret"]
        self.private_type = secret_type(sizes["decapsulation_key"])
        self.seed_type = secret_type(sizes["private_seed"])


_FUNCTIONS: dict[str, Functions] = {}


def functions_of(known: ParameterSet) -> Functions:
    """The functions of a parameter set, looked up once."""
    found = _FUNCTIONS.get(known.name)
    if found is None:
        found = _FUNCTIONS[known.name] = Functions(known)
    return found


class LiboqsMlkem(MlkemMaterial):
    """A key in the byte strings of the standard. Every length is checked before a call: liboqs takes pointers."""

    __slots__ = ("_functions", "_private", "_public", "_seed")

    def __init__(
        self, parameter_set: ParameterSet, public: bytes, private: Secret | None = None, seed: Secret | None = None
    ) -> None:
        super().__init__(parameter_set)
        if len(public) != parameter_set.sizes["encapsulation_key"]:
            raise InvalidParameterError(f"an encapsulation key of {parameter_set.name} has not {len(public)} bytes")
        self._functions = functions_of(parameter_set)
        self._public = public
        self._private = private
        self._seed = seed

    @classmethod
    def from_seed(cls, parameter_set: ParameterSet, seed: bytes) -> LiboqsMlkem:
        """The key of d || z."""
        if len(seed) != parameter_set.sizes["private_seed"]:
            raise InvalidParameterError(f"a seed has {parameter_set.sizes['private_seed']} bytes, not {len(seed)}")
        functions = functions_of(parameter_set)
        public, private = functions.public_type(), functions.private_type()
        held = functions.seed_type.from_buffer_copy(seed)
        expect_success(functions.keypair(public, private, held), "keypair_derand")
        return cls(parameter_set, public.raw, private, held)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def encapsulation_key(self) -> bytes:
        return self._public

    @property
    def private(self) -> Secret:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    def decapsulation_key(self) -> bytearray:
        return bytearray(self.private)

    def seed(self) -> bytearray | None:
        return None if self._seed is None else bytearray(self._seed)

    def public(self) -> KeyMaterial:
        return LiboqsMlkem(self.parameter_set, self._public)

    def encapsulate(self) -> tuple[bytes, bytes]:
        functions = self._functions
        ciphertext, secret = functions.ciphertext_type(), functions.shared_type()
        expect_success(functions.encaps(ciphertext, secret, self._public), "encaps")
        return secret.raw, ciphertext.raw

    def decapsulate(self, ciphertext: bytes) -> bytes:
        functions = self._functions
        if len(ciphertext) != functions.ciphertext_bytes:
            self.check_ciphertext(ciphertext)
        secret = functions.shared_type()
        expect_success(functions.decaps(secret, ciphertext, self.private), "decaps")
        return secret.raw


class LiboqsMlkemFactory(LiboqsVersion, MlkemFactory):
    """Makes ML-KEM keys on liboqs."""

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MlkemMaterial:
        wanted = parameter_set.sizes["private_seed"]
        return LiboqsMlkem.from_seed(parameter_set, urandom(wanted) if seed is None else seed)

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return LiboqsMlkem(
            parameter_set, split(parameter_set, key)[0], functions_of(parameter_set).private_type.from_buffer_copy(key)
        )

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MlkemMaterial:
        return LiboqsMlkem(parameter_set, key)
