"""Play bytes as calls with symmetric keys: the family ``symmetric``.

The first byte chooses. Calls of the block modes are compared with :class:`fuzz.symmetric_model.Player`. Messages of
several calls in GCM must answer with a documented status; what a whole message gives must be what one call gives. Blobs
must be refused with a documented status, or give a key that exports what it was made of.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cngcore import bcrypt
from fuzz import calls
from fuzz.findings import Finding
from fuzz.symmetric_model import Player

__all__ = ["examine"]

STEPS = 300
"""The most calls of one input."""

SUCCESS = bcrypt.STATUS_SUCCESS
REFUSALS = {
    bcrypt.STATUS_INVALID_PARAMETER,
    bcrypt.STATUS_INVALID_BUFFER_SIZE,
    bcrypt.STATUS_BUFFER_TOO_SMALL,
    bcrypt.STATUS_NOT_SUPPORTED,
    bcrypt.STATUS_AUTH_TAG_MISMATCH,
    bcrypt.STATUS_DATA_ERROR,
}
BLOB_TYPES = (bcrypt.BCRYPT_KEY_DATA_BLOB, bcrypt.BCRYPT_OPAQUE_KEY_BLOB, bcrypt.BCRYPT_AES_WRAP_KEY_BLOB)
CIPHERS = (
    bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, bcrypt.BCRYPT_AES_CFB_ALG_HANDLE, bcrypt.BCRYPT_XTS_AES_ALG_HANDLE,
    bcrypt.BCRYPT_RC2_CBC_ALG_HANDLE, bcrypt.BCRYPT_RC4_ALG_HANDLE, bcrypt.BCRYPT_3DES_CBC_ALG_HANDLE,
    bcrypt.BCRYPT_HKDF_ALG_HANDLE,
)  # fmt: skip


class Tape(calls.Tape):
    """A tape as a source of choices, with the methods of ``random.Random`` that the player uses."""

    def random(self) -> float:
        return self.byte() / 256

    def choice(self, things: Sequence[Any]) -> Any:
        return self.pick(things)

    def randrange(self, stop: int) -> int:
        return (self.byte() << 8 | self.byte()) % stop

    def randbytes(self, size: int) -> bytes:
        return bytes(self.byte() for _ in range(size))


def examine(data: bytes) -> str:
    """Play one input and return a word for it. Raise :class:`Finding` for a broken promise."""
    if not data:
        return "empty"
    tape = Tape(data[1:])
    kind = data[0] % 4
    if kind < 2:
        return _modes(tape)
    return _messages(tape) if kind == 2 else _blob(tape, data[3:])


def _modes(tape: Tape) -> str:
    player = Player(tape)
    try:
        for _ in range(STEPS):
            if not tape.left:
                break
            player.play()
    except AssertionError as error:
        raise Finding(f"another answer than the model's: {str(error)[:300]}") from error
    finally:
        player.end()
    return "as the model"


def _messages(tape: Tape) -> str:
    """Encrypt in pieces with right and wrong calls in between; a message that succeeds equals one call."""
    secret, nonce, aad = tape.randbytes(16), tape.randbytes(12), tape.randbytes(tape.randrange(20))
    _, key = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_GCM_ALG_HANDLE, secret)
    assert key is not None
    tag, whole, made = bytearray(16), b"", b""
    info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(
        pbNonce=nonce, pbAuthData=aad, pbTag=tag, pbMacContext=bytearray(16)
    )
    ended = False
    try:
        for _ in range(STEPS):
            if ended or not tape.left:
                break
            piece = tape.randbytes(tape.choice((0, 1, 16, 16, 32, 33)))
            flags = tape.choice((0, 1, 1, 1, 1, 2, 3, 4))
            info.dwFlags = flags | info.dwFlags & 2
            iv = tape.choice((bytearray(16), bytearray(16), bytearray(16), None, bytes(16), bytearray(8)))
            output = tape.choice(
                (bytearray(len(piece)), bytearray(len(piece)), None, bytearray(max(0, len(piece) - 1)))
            )
            began = info.chain is not None
            status, size = bcrypt.BCryptEncrypt(key, piece, info, iv, output, 0)
            if status not in REFUSALS | {SUCCESS}:
                raise Finding(f"a chained call answers {status.name}")
            if status == SUCCESS and output is not None:
                if size != len(piece):
                    raise Finding(f"{size} bytes for a piece of {len(piece)}")
                if not began and info.chain is None:  # a message in one call
                    continue
                whole, made = whole + piece, made + bytes(output)
                ended = info.chain is None
        if ended:
            expected, mark = bytearray(len(whole)), bytearray(16)
            once = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=nonce, pbAuthData=aad, pbTag=mark)
            status, _ = bcrypt.BCryptEncrypt(key, whole, once, None, expected)
            if status != SUCCESS or bytes(expected) != made or mark != tag:
                raise Finding("the pieces give another message than one call")
    finally:
        bcrypt.BCryptDestroyKey(key)
    return "a whole message" if ended else "no whole message"


def _blob(tape: Tape, content: bytes) -> str:
    handle, kind = tape.choice(CIPHERS), tape.choice(BLOB_TYPES)
    kek = None
    if kind == bcrypt.BCRYPT_AES_WRAP_KEY_BLOB:
        _, kek = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, bytes(16))
        if content[:1] == b"\1":  # a blob that belongs to the key, with one change
            _, inner = bcrypt.BCryptGenerateSymmetricKey(bcrypt.BCRYPT_AES_CBC_ALG_HANDLE, bytes(range(32)))
            wrapped = bytearray(40)
            bcrypt.BCryptExportKey(inner, kek, kind, wrapped)
            bcrypt.BCryptDestroyKey(inner)
            wrapped[content[1] % 40 if len(content) > 1 else 0] ^= content[2] if len(content) > 2 else 0
            content = bytes(wrapped)
    try:
        status, key = bcrypt.BCryptImportKey(handle, kek, kind, content)
        if status not in REFUSALS | {SUCCESS} or (key is None) == status.is_success:
            raise Finding(f"an import of {kind} answers {status.name}, {key}")
        if key is None:
            return status.name
        try:
            return _exported(handle, kek, kind, key)
        finally:
            bcrypt.BCryptDestroyKey(key)
    finally:
        if kek is not None:
            bcrypt.BCryptDestroyKey(kek)


def _exported(handle: int, kek: int | None, kind: str, key: int) -> str:
    """Export an imported key, import that, and compare."""
    status, size = bcrypt.BCryptExportKey(key, kek, kind)
    if status == bcrypt.STATUS_NOT_SUPPORTED or status == bcrypt.STATUS_INVALID_PARAMETER:
        return "imported, not exported"
    if size is None:
        raise Finding(f"an export of {kind} answers {status.name} without a size")
    blob, other = bytearray(size), bytearray(size)
    bcrypt.BCryptExportKey(key, kek, kind, blob)
    status, again = bcrypt.BCryptImportKey(handle, kek, kind, blob)
    if again is None:
        raise Finding(f"an exported {kind} is refused: {status.name}")
    bcrypt.BCryptExportKey(again, kek, kind, other)
    bcrypt.BCryptDestroyKey(again)
    if blob != other:
        raise Finding(f"a key changes when it is exported as {kind} and imported")
    return "imported"
