"""The rules of BCryptEncrypt and BCryptDecrypt for modes without authentication: sizes, padding, the chain register.

contract: rule-symmetric-encrypt, rule-symmetric-register, rule-symmetric-decrypt, rule-cfb.
"""

from __future__ import annotations

from hmac import compare_digest
from typing import TYPE_CHECKING

from cngcore.status import (
    BufferTooSmallError,
    DataError,
    InvalidBufferSizeError,
    InvalidParameterError,
    with_size,
)

if TYPE_CHECKING:
    from cngcore.objects._cipher_key import CipherKey


def output_size(key: CipherKey, length: int, padding: bool, encrypting: bool, query: bool) -> int:
    """Return how many bytes the output of ``length`` bytes has, as far as that is known before a decryption.

    ``query`` is true if the caller asks for the size only: CFB with whole blocks then takes any length. Raise
    InvalidBufferSizeError, with the length as its size, for data that is no whole number of blocks or data units.
    """
    mode, block, kind = key.current_mode, key.block_length, key.kind
    if kind in ("stream", "units"):
        if padding:
            raise InvalidParameterError(f"{key.name} has no block padding (BCRYPT_BLOCK_PADDING)")
        whole = 1 if kind == "stream" else key.message_block_length
    elif padding:
        if encrypting:
            return length - length % block + block
        if length and length % block == 0:
            return length
        whole = block
    elif mode.name == "CFB":
        whole = 1 if query else key.message_block_length
    else:
        whole = block
    if length % whole or (padding and not length):
        advice = ""
        if encrypting and kind not in ("stream", "units"):
            advice = "; pass padding=True (BCRYPT_BLOCK_PADDING) to pad it"
        raise with_size(
            InvalidBufferSizeError(
                f"{key.name} in mode {mode.name} takes a multiple of {whole} bytes, not {length}{advice}"
            ),
            length,
        )
    return length


def crypt(
    key: CipherKey, data: bytes, iv: bytes | None, padding: bool, encrypting: bool, room: int | None = None
) -> tuple[bytes, bytes | None]:
    """Encrypt or decrypt; return the output, and the register after it for a mode that has one.

    ``iv`` None continues from the register of the key. ``room`` is the size of the caller's buffer, or None if there is
    no limit. A call that fails changes nothing.
    """
    length, block, kind = len(data), key.block_length, key.kind
    if kind == "register" and iv is not None and not padding and length and (room is None or room >= length):
        whole = key.message_block_length if key.current_mode.name == "CFB" else block
        if not length % whole and len(iv) == block:  # nothing is wrong: 0.5 us less than the checks below
            output, register = _chain(key, iv, data, encrypting)
            key.register = register
            return output, register
    size = output_size(key, length, padding, encrypting, query=False)
    if room is not None and room < (length - block if padding and not encrypting else size):
        raise with_size(BufferTooSmallError(f"the output has {size} bytes and the buffer {room}"), size)
    if kind == "register":
        if iv is not None and len(iv) != block:
            raise with_size(InvalidParameterError(f"an IV of {key.name} has {block} bytes, not {len(iv)}"), size)
        if not data and not padding:
            return b"", None
        if encrypting and padding:
            data += bytes((size - length,)) * (size - length)
        if iv is not None:
            output, register = _chain(key, iv, data, encrypting)
            output = _unpadded(key, output, room, length) if padding and not encrypting else output
            key.register = register
            return output, register
        with key.lock:
            output, register = _chain(key, key.register, data, encrypting)
            output = _unpadded(key, output, room, length) if padding and not encrypting else output
            key.register = register
            return output, register
    if kind == "units":
        if iv is None or len(iv) != key.current_mode.iv_length:
            raise with_size(
                InvalidParameterError(
                    f"{key.name} needs the number of the first data unit as an IV of {key.current_mode.iv_length} bytes"
                ),
                size,
            )
        number = int.from_bytes(iv, "little")
        material = key.material()
        return key.checked(
            "sectors", key.call(material.sectors, number, key.message_block_length, data, encrypting), length
        ), None
    if iv is not None and kind == "blocks":
        raise with_size(InvalidParameterError(f"{key.name} in mode ECB takes no IV; pass iv=None"), size)
    if not data and not padding:
        return b"", None
    material = key.material()
    if kind == "stream":
        with key.lock:
            return key.checked("stream", key.call(material.stream, data), length), None
    if encrypting:
        if padding:
            data += bytes((size - length,)) * (size - length)
        return key.checked("encrypt_blocks", key.call(material.encrypt_blocks, data), size), None
    output = key.checked("decrypt_blocks", key.call(material.decrypt_blocks, data), length)
    return _unpadded(key, output, room, length) if padding else output, None


def _chain(key: CipherKey, iv: bytes, data: bytes, encrypting: bool) -> tuple[bytes, bytes]:
    """Call the provider's mode and check its answer."""
    material, name, feedback = key.cipher or key.material(), key.current_mode.name, key.message_block_length
    answer: object
    if key.serialized:
        answer = key.call(material.chain, name, iv, data, encrypting, feedback)
    else:
        try:
            answer = material.chain(name, iv, data, encrypting, feedback)
        except BaseException as error:
            data = b""
            key.implementation.raise_provider_error("chain", error)
    if type(answer) is tuple and len(answer) == 2:
        output, register = answer
        if type(output) is type(register) is bytes and len(output) == len(data) and len(register) == key.block_length:
            return answer
        key.checked("chain", output, len(data))
        key.checked("chain", register, key.block_length)
    raise key.implementation.invalid_answer("chain", type(answer).__name__)


def _unpadded(key: CipherKey, plain: bytes, room: int | None, length: int) -> bytes:
    """Return the data without its PKCS #7 padding. RFC 5652 section 6.3.

    Raise DataError for a wrong padding, and BufferTooSmallError, with the true size, if the caller's buffer is too
    short for what is left. The comparison takes the same time for every padding of the right length.
    """
    block = key.block_length
    last = plain[-1]
    count = last if 1 <= last <= block else block
    tail = plain[-block:]
    if not compare_digest(tail, tail[: block - count] + bytes((last,)) * count) or count != last:
        raise DataError(f"{key.name}: the decrypted data has no valid padding; the key, IV or data is wrong")
    size = length - count
    if room is not None and room < size:
        raise with_size(BufferTooSmallError(f"the plaintext has {size} bytes and the buffer {room}"), size)
    return plain[:size]
