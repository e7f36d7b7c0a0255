"""Key derivation by the library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore import constants as c
from cngcore.bcrypt import BCryptBuffer
from cngcore.provider import KdfFactory
from cngcore.status import CngError, NotSupportedError
from cngcore_windows import library
from cngcore_windows.library import Handle, call

if TYPE_CHECKING:
    from collections.abc import Mapping

    Parameters = Mapping[str, bytes | str | int]


class Derivations(KdfFactory):
    """Derives keys by one algorithm."""

    def back_end_version(self) -> str:
        return library.version() or super().back_end_version()

    def load(self) -> None:
        """Open the algorithm."""
        library.algorithm(self.algorithm.name)

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        buffers = [BCryptBuffer(getattr(c, name), value) for name, value in parameters.items()]
        return self._derived(self._key(secret), buffers, length, flags)

    def _key(self, secret: bytes) -> Handle:
        number = call("BCryptGenerateSymmetricKey", library.algorithm(self.algorithm.name), secret, 0)
        return Handle(number, "BCryptDestroyKey")

    @staticmethod
    def _derived(key: Handle, buffers: list[BCryptBuffer], length: int, flags: int) -> bytes:
        output = bytearray(length)
        call("BCryptKeyDerivation", key.number, buffers, output, flags)
        return bytes(output)


class Hkdf(Derivations):
    """HKDF. The library gives no pseudorandom key, so it is made by its HMAC (RFC 5869 section 2.2)."""

    def extract(self, secret: bytes, hash_id: str, salt: bytes | None) -> bytes:
        try:
            hashing = library.algorithm(hash_id, c.BCRYPT_ALG_HANDLE_HMAC_FLAG)
            size = bytearray(4)
            call("BCryptGetProperty", hashing, c.BCRYPT_HASH_LENGTH, size)
        except CngError as error:
            raise NotSupportedError(f"HKDF does not support the hash {hash_id!r:.40}") from error
        output = bytearray(int.from_bytes(size, "little"))
        call("BCryptHash", hashing, salt or b"", secret, output)
        return bytes(output)

    def derive(self, secret: bytes, parameters: Parameters, length: int, flags: int) -> bytes:
        key = self._key(secret)
        call("BCryptSetProperty", key.number, c.BCRYPT_HKDF_HASH_ALGORITHM, parameters["KDF_HASH_ALGORITHM"])
        call("BCryptSetProperty", key.number, c.BCRYPT_HKDF_PRK_AND_FINALIZE, None)
        info = parameters.get("KDF_HKDF_INFO")
        buffers = [] if info is None else [BCryptBuffer(c.KDF_HKDF_INFO, info)]
        return self._derived(key, buffers, length, flags)
