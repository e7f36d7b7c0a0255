"""ML-DSA keys on liboqs: expanded keys only. liboqs makes no key of a seed, and a new key has no seed to export.

If the library has the external-mu functions, a message, a digest and an external mu are brought to the message
representative first. A library without them signs and verifies messages with contexts; digests and external mu are then
not supported.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import TYPE_CHECKING

from cngcore.families.mldsa import MldsaMaterial
from cngcore.families.mldsa_message import context_of, is_pure
from cngcore.families.seeded import BytesKey
from cngcore.memory import SecretBytes
from cngcore.status import NotSupportedError
from cngcore_liboqs import MLDSA
from cngcore_liboqs.library import LiboqsFactory, array_type, expect_success, function, has

if TYPE_CHECKING:
    from typing import Self

    from cngcore.families.seeded import SeededMaterial
    from cngcore.provider import ParameterSet


class Functions:
    """The functions of one parameter set, and the types of the memory they work on."""

    def __init__(self, name: str) -> None:
        sizes = next(one.sizes for one in MLDSA if one.name == name)
        self.public_type, self.private_type = array_type(sizes["public_key"]), array_type(sizes["private_key"])
        self.signature_type = array_type(sizes["signature"])
        stem, pointer, size = f"OQS_SIG_ml_dsa_{name}_", ctypes.c_void_p, ctypes.c_size_t
        self.external_mu = has(stem + "extmu_sign")
        self.keypair = function(stem + "keypair", pointer, pointer)
        if self.external_mu:
            self.sign = function(stem + "extmu_sign", pointer, pointer, bytes, size, pointer)
            self.verify = function(stem + "extmu_verify", bytes, size, bytes, size, bytes)
        else:
            self.sign = function(stem + "sign_with_ctx_str", pointer, pointer, bytes, size, bytes, size, pointer)
            self.verify = function(stem + "verify_with_ctx_str", bytes, size, bytes, size, bytes, size, bytes)


@cache
def functions_of(name: str) -> Functions:
    """Return the functions of a parameter set, which are looked up once."""
    return Functions(name)


class LiboqsMldsa(BytesKey, MldsaMaterial):
    """A key held as the byte strings of the standard. Every length is checked before liboqs sees a pointer."""

    __slots__ = ("_functions", "_pointer")

    def prepare(self) -> None:
        self._functions = functions = functions_of(self.parameter_set.name)
        self._pointer = None if self._private is None else functions.private_type.from_buffer(self._private)

    @classmethod
    def new(cls, parameter_set: ParameterSet) -> Self:
        functions = functions_of(parameter_set.name)
        public, private = functions.public_type(), SecretBytes(parameter_set.sizes["private_key"])
        expect_success(functions.keypair(public, functions.private_type.from_buffer(private)), "keypair")
        return cls(parameter_set, public.raw, private)

    @staticmethod
    def expand(parameter_set: ParameterSet, seed: bytearray) -> tuple[bytes, bytearray]:
        raise NotSupportedError("liboqs makes no ML-DSA key of a seed; choose another implementation of ML-DSA")

    def _signed(self, message: bytes, padding: object) -> tuple[object, ...]:
        """Return what the library signs, as its arguments: mu, or a message with its context."""
        if self._functions.external_mu:
            mu = self.mu(message, padding)
            return mu, len(mu)
        if not is_pure(padding):
            self.mu(message, padding)  # raises if the padding does not fit the message
            raise NotSupportedError("this liboqs signs messages only; install a later one for digests and external mu")
        context = context_of(padding)
        return message, len(message), context, len(context)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        if self._pointer is None:
            raise self.no_private_half()
        functions = self._functions
        signature, size = functions.signature_type(), ctypes.c_size_t()
        arguments = self._signed(digest, padding)
        expect_success(functions.sign(signature, ctypes.byref(size), *arguments, self._pointer), "sign")
        return signature.raw[: size.value]

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        message, length, *context = self._signed(digest, padding)
        if len(signature) != self.signature_length:
            return False
        return self._functions.verify(message, length, signature, len(signature), *context, self._public) == 0

    def exercise(self, made: Self) -> None:
        """Sign and verify a message: what every version of liboqs supports."""
        self.verify_signature(b"load", made.sign_hash(b"load", None), None)


class LiboqsMldsaFactory(LiboqsFactory):
    """Makes ML-DSA keys on liboqs."""

    def material(self, parameter_set: ParameterSet, *, expanded: bool) -> type[SeededMaterial]:
        return LiboqsMldsa
