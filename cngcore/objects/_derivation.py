"""BCryptKeyDerivation, BCryptDeriveKeyPBKDF2 and BCryptDeriveKeyCapi: the rules that the core has for all providers.

contract: rule-kdf-algorithms, rule-kdf-parameters, rule-kdf-pbkdf2-function, rule-derive-capi.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore._checks import check_dword, check_number, check_text, to_bytes
from cngcore.objects import _kdf as kdf
from cngcore.status import InvalidParameterError, NotSupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cngcore.objects._algorithm import AlgorithmProvider
    from cngcore.objects._hash import Hash
    from cngcore.objects._symmetric_key import SymmetricKey
    from cngcore.provider import Algorithm, Parameter

LONGEST = 0x1FFFFFFF
"""The most bytes of one derivation: what .NET takes for SP 800-108."""

_LONGEST_CAPI_DIGEST = 64
"""Bytes of the longest digest that BCryptDeriveKeyCapi takes (its page: 512 bits)."""


def derive(key: SymmetricKey, given: Mapping[str, object], length: int, flags: int) -> bytes:
    """Derive ``length`` bytes from a key of a key-derivation algorithm.

    ``given`` has the header's names of the parameters. Raise InvalidParameterError for a parameter that the algorithm
    does not take, for a required one that is missing, and for a length of 0.
    """
    algorithm, implementation = key.implementation.algorithm, key.implementation
    flags = check_dword("dwFlags", flags)
    if flags & ~algorithm.generate_flags:
        raise InvalidParameterError(f"BCryptKeyDerivation takes no flags 0x{flags:X} for {key.name}")
    if not 0 < length <= LONGEST:
        raise InvalidParameterError(f"a derived key has 1 to {LONGEST} bytes, not {length}")
    parameters = check_parameters(algorithm, given, key.windows)
    state, secret = key._hkdf, bytes(key.secret())
    if state.prk is not None and state.hash_id is not None:
        if "KDF_HASH_ALGORITHM" in parameters or "KDF_SALT" in parameters:
            raise InvalidParameterError(f"{key.name}: hash and salt are set already, as properties of the key")
        parameters["KDF_HASH_ALGORITHM"] = state.hash_id
        return implementation.derive(bytes(state.prk), parameters, length, flags)
    if c.BCRYPT_HKDF_HASH_ALGORITHM in algorithm.properties:
        hash_id = parameters.get("KDF_HASH_ALGORITHM", state.hash_id)
        if hash_id is None or "KDF_HASH_ALGORITHM" not in parameters:
            raise InvalidParameterError(
                f"{key.name} is not finalized: set HkdfHashAlgorithm and HkdfSaltAndFinalize, or pass hash= and salt="
            )
        salt = parameters.pop("KDF_SALT", None)
        secret = implementation.extract(secret, str(hash_id), salt)  # type: ignore[arg-type]
    return implementation.derive(secret, parameters, length, flags)


def check_parameters(algorithm: Algorithm, given: Mapping[str, object], version: str) -> dict[str, bytes | str | int]:
    """Return the parameters with the types of their declarations."""
    declared = {parameter.name: parameter for parameter in algorithm.parameters}
    parameters: dict[str, bytes | str | int] = {}
    for name, value in given.items():
        if name not in declared:
            known = ", ".join(declared) or "none"
            raise InvalidParameterError(f"{algorithm.name} takes no parameter {name}; it takes {known}")
        parameters[name] = _typed(declared[name], value)
    for parameter in algorithm.parameters:
        clash = [name for name in parameter.instead_of if name in parameters and parameter.name in parameters]
        if clash:
            raise InvalidParameterError(f"{parameter.name} replaces {clash[0]}: give one of the two")
        replaced = any(parameter.name in other.instead_of for other in declared.values() if other.name in parameters)
        if parameter.required and parameter.name not in parameters and not replaced:
            raise InvalidParameterError(f"{algorithm.name} needs {parameter.name}")
    return parameters


def _typed(parameter: Parameter, value: object) -> bytes | str | int:
    if parameter.type == "hash":
        return check_text(parameter.name, value)
    if parameter.type == "u64":
        number = check_number(parameter.name, value)
        if not 0 < number < 1 << 64:
            raise InvalidParameterError(f"{parameter.name} is a number from 1, not {number:.0e}")
        return number
    return to_bytes(parameter.name, value)


def pbkdf2(prf: AlgorithmProvider, password: bytes, salt: bytes, iterations: int, length: int) -> bytes:
    """Derive ``length`` bytes with a PRF that was opened: HMAC of a hash, or AES-CMAC. RFC 8018 section 5.2.

    Raise InvalidParameterError for a hash without a key, for no iterations and for no length.
    """
    if not prf.get_property(c.BCRYPT_IS_KEYED_HASH):
        raise InvalidParameterError(
            f"PBKDF2 needs a keyed hash: open {prf.declaration.name} with BCRYPT_ALG_HANDLE_HMAC_FLAG"
        )
    if not 0 < iterations < 1 << 64:
        raise InvalidParameterError("PBKDF2 needs 1 iteration or more")
    if not 0 < length <= LONGEST:
        raise InvalidParameterError(f"a derived key has 1 to {LONGEST} bytes, not {length}")
    name = prf.declaration.name
    if not prf.declaration.mac and kdf.knows(name):
        return kdf.pbkdf2(name, password, salt, iterations, length)
    with prf.create_hash(password) as start:
        derived = bytearray()
        while len(derived) < length:
            block = salt + (len(derived) // start.digest_length + 1).to_bytes(4, "big")
            total = 0
            for _ in range(iterations):
                with start.copy() as one:
                    one.update(block)
                    block = one.finish()
                total ^= int.from_bytes(block, "big")
            derived += total.to_bytes(start.digest_length, "big")
        return bytes(derived[:length])


def derive_capi(hash_object: Hash, target: AlgorithmProvider | None, length: int, flags: int) -> bytes:
    """Derive as CryptoAPI's CryptDeriveKey does; the hash object is finished afterwards. contract: rule-derive-capi.

    Raise InvalidParameterError for more than two digests and for no length.
    """
    size = hash_object.digest_length
    if check_dword("dwFlags", flags):
        raise InvalidParameterError(f"BCryptDeriveKeyCapi takes no flags, not 0x{flags:X}")
    if not 0 < length <= 2 * size:
        raise InvalidParameterError(f"BCryptDeriveKeyCapi gives 1 to {2 * size} bytes of this hash, not {length}")
    if size > _LONGEST_CAPI_DIGEST:
        raise NotSupportedError(f"BCryptDeriveKeyCapi takes digests of at most {_LONGEST_CAPI_DIGEST} bytes")
    name = hash_object.name
    digest = hash_object.finish_for_good()
    expand = target is not None and target.declaration.name == c.BCRYPT_AES_ALGORITHM and length == 16 <= size
    if length <= size and not expand:
        return digest[:length]
    return kdf.capi_expand(name, digest)[:length]
