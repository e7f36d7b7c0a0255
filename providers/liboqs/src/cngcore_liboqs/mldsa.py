"""ML-DSA keys on liboqs: expanded keys only. A key made here has no seed to export; one cannot be made of a seed.

Where the library has the external-mu functions, everything that is signed is brought to its message representative
first. An older one signs and verifies messages with contexts; digests and external mu are then not supported.
"""

from __future__ import annotations

import ctypes
from functools import cache

from cngcore.families.mldsa import MldsaFactory, MldsaMaterial
from cngcore.families.mldsa_lattice import public_key
from cngcore.families.mldsa_message import context_of, is_pure
from cngcore.provider import KeyMaterial, KeyRequest, ParameterSet
from cngcore.status import InvalidParameterError, NotSupportedError
from cngcore_liboqs.library import LiboqsVersion, Secret, expect_success, function, has, secret_type


class Functions:
    """The functions of one parameter set."""

    def __init__(self, name: str, signature_bytes: int) -> None:
        self.signature_type = ctypes.c_char * signature_bytes
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
def functions_of(name: str, signature_bytes: int) -> Functions:
    """The functions of a parameter set, looked up once."""
    return Functions(name, signature_bytes)


class LiboqsMldsa(MldsaMaterial):
    """A key in the byte strings of the standard. Every length is checked before a call: liboqs takes pointers."""

    __slots__ = ("_functions", "_private", "_public")

    def __init__(self, parameter_set: ParameterSet, public: bytes, private: Secret | None = None) -> None:
        super().__init__(parameter_set)
        if len(public) != parameter_set.sizes["public_key"]:
            raise InvalidParameterError(f"a public key of {parameter_set.name} has not {len(public)} bytes")
        self._functions = functions_of(parameter_set.name, parameter_set.sizes["signature"])
        self._public = public
        self._private = private

    @classmethod
    def generate(cls, parameter_set: ParameterSet) -> LiboqsMldsa:
        """A new key."""
        public = (ctypes.c_char * parameter_set.sizes["public_key"])()
        private = secret_type(parameter_set.sizes["private_key"])()
        expect_success(
            functions_of(parameter_set.name, parameter_set.sizes["signature"]).keypair(public, private), "keypair"
        )
        return cls(parameter_set, public.raw, private)

    @property
    def has_private(self) -> bool:
        return self._private is not None

    @property
    def public_bytes(self) -> bytes:
        return self._public

    @property
    def private(self) -> Secret:
        if self._private is None:
            raise InvalidParameterError("the key holds no private half")
        return self._private

    def private_bytes(self) -> bytearray:
        return bytearray(self.private)

    def seed(self) -> None:
        return None

    def public(self) -> KeyMaterial:
        return LiboqsMldsa(self.parameter_set, self._public)

    def _signed(self, message: bytes, padding: object) -> tuple[object, ...]:
        """What the library signs, as its arguments: mu, or a message with its context."""
        if padding is None and not self._functions.external_mu:
            return message, len(message), b"", 0
        if self._functions.external_mu:
            mu = self.mu(message, padding)
            return mu, len(mu)
        if not is_pure(padding):
            self.mu(message, padding)  # which says what is wrong with it, if anything is
            raise NotSupportedError("this liboqs signs messages only; digests and external mu need a later one")
        context = context_of(padding)
        return message, len(message), context, len(context)

    def sign_hash(self, digest: bytes, padding: object) -> bytes:
        functions = self._functions
        signature, size = functions.signature_type(), ctypes.c_size_t()
        arguments = self._signed(digest, padding)
        expect_success(functions.sign(signature, ctypes.byref(size), *arguments, self.private), "sign")
        return signature.raw[: size.value]

    def verify_signature(self, digest: bytes, signature: bytes, padding: object) -> bool:
        message, length, *context = self._signed(digest, padding)
        if len(signature) != self.signature_length:
            return False
        return self._functions.verify(message, length, signature, len(signature), *context, self._public) == 0


class LiboqsMldsaFactory(LiboqsVersion, MldsaFactory):
    """Makes ML-DSA keys on liboqs."""

    def new(self, parameter_set: ParameterSet) -> MldsaMaterial:
        return LiboqsMldsa.generate(parameter_set)

    def from_seed(self, parameter_set: ParameterSet, seed: bytes | None) -> MldsaMaterial:
        raise NotSupportedError("liboqs makes no ML-DSA key of a seed; choose another implementation")

    def from_expanded(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        return LiboqsMldsa(
            parameter_set, public_key(parameter_set.name, key), secret_type(len(key)).from_buffer_copy(key)
        )

    def from_public(self, parameter_set: ParameterSet, key: bytes) -> MldsaMaterial:
        return LiboqsMldsa(parameter_set, key)

    def load(self) -> None:
        """Make, use, export and import keys of every set."""
        for name in self.sets:
            request = KeyRequest(0, 0, {}, name)
            made = self.generate(request)
            for blob_type in ("PQDSAPUBLICBLOB", "PQDSAPRIVATEBLOB"):
                again = self.import_key(blob_type, bytes(made.export(blob_type)), request)
                again.verify_signature(b"load", made.sign_hash(b"load", None), None)
