"""Symmetric keys against a model (:mod:`fuzz.symmetric_model`) and against PyCryptodome.

4,000 calls against the model in every run, 100,000 with ``-m slow``.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from Cryptodome.Cipher import AES, ARC4, ChaCha20_Poly1305

from cngcore import bcrypt
from cngcore.bcrypt import *
from fuzz.symmetric_model import Player

SUCCESS, SMALL, SIZE, PARAMETER, DATA, TAG = (
    STATUS_SUCCESS,
    STATUS_BUFFER_TOO_SMALL,
    STATUS_INVALID_BUFFER_SIZE,
    STATUS_INVALID_PARAMETER,
    STATUS_DATA_ERROR,
    STATUS_AUTH_TAG_MISMATCH,
)


@pytest.mark.parametrize(("seed", "calls"), [(0, 2000), (1, 2000), pytest.param(2, 100_000, marks=pytest.mark.slow)])
def test_block_modes_answer_as_the_model(seed: int, calls: int) -> None:
    player = Player(random.Random(f"symmetric {seed}"))
    try:
        for _ in range(calls):
            player.play()
    finally:
        player.end()
    for mode in ("CBC", "ECB", "CFB"):
        for status in (SUCCESS, SMALL, SIZE, PARAMETER):
            assert (mode, status) in player.reached
        assert (mode, DATA) in player.reached


def sealed_elsewhere(name: str, secret: bytes, nonce: bytes, aad: bytes, data: bytes, tag: int) -> tuple[bytes, bytes]:
    if name == "CHACHA20_POLY1305":
        cipher: Any = ChaCha20_Poly1305.new(key=secret, nonce=nonce)
    elif name == "AES_GCM":
        cipher = AES.new(secret, AES.MODE_GCM, nonce=nonce, mac_len=tag)
    else:
        cipher = AES.new(secret, AES.MODE_CCM, nonce=nonce, mac_len=tag)
    cipher.update(aad)
    made: tuple[bytes, bytes] = cipher.encrypt_and_digest(data)
    return made


@pytest.mark.parametrize(("seed", "calls"), [(0, 500), pytest.param(1, 20_000, marks=pytest.mark.slow)])
def test_authenticated_modes_answer_as_pycryptodome(seed: int, calls: int) -> None:
    """One-shot and chained, both ways, with a change somewhere in half of the decryptions."""
    rng = random.Random(f"authenticated {seed}")
    for _ in range(calls):
        name = rng.choice(["AES_GCM", "AES_GCM", "AES_CCM", "CHACHA20_POLY1305"])
        secret = rng.randbytes(32 if name == "CHACHA20_POLY1305" else rng.choice([16, 24, 32]))
        nonce = rng.randbytes(rng.randrange(7, 14) if name == "AES_CCM" else 12)
        tag = {"AES_GCM": rng.randrange(12, 17), "AES_CCM": rng.randrange(4, 17, 2), "CHACHA20_POLY1305": 16}[name]
        aad, data = rng.randbytes(rng.choice([0, 1, 16, 40])), rng.randbytes(rng.choice([0, 1, 15, 16, 33, 100, 300]))
        expected = sealed_elsewhere(name, secret, nonce, aad, data, tag)
        status, key = BCryptGenerateSymmetricKey(getattr(bcrypt, f"BCRYPT_{name}_ALG_HANDLE"), secret)
        assert status == SUCCESS
        for chained in (False, True) if name == "AES_GCM" else (False,):
            mark, output = bytearray(tag), bytearray(len(data))
            assert called(BCryptEncrypt, key, nonce, aad, mark, data, output, chained, rng) == (SUCCESS, len(data))
            assert (bytes(output), bytes(mark)) == expected
            parts = [bytearray(expected[0]), bytearray(nonce), bytearray(aad), bytearray(expected[1])]
            changed = rng.choice([part for part in parts if part]) if rng.random() < 0.5 else None
            if changed is not None:
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
            plain = bytearray(b"\xaa" * len(data))
            cipher, start, header, mark = parts
            answer = called(BCryptDecrypt, key, bytes(start), bytes(header), mark, bytes(cipher), plain, chained, rng)
            if changed is None:
                assert answer == (SUCCESS, len(data))
                assert plain == data
            else:
                assert answer[0] == TAG
                assert chained or plain == b"\xaa" * len(data), "released before the tag was compared"
        assert BCryptDestroyKey(key) == SUCCESS


def called(
    function: Any, key: int, nonce: bytes, aad: bytes, tag: bytearray, data: bytes, output: bytearray, chained: bool,
    rng: random.Random,
) -> tuple[Any, int | None]:  # fmt: skip
    """Call once, or in pieces of whole blocks; return the last status and the whole size."""
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=nonce, pbAuthData=aad, pbTag=tag)
    if not chained:
        return function(key, data, info, None, output)  # type: ignore[no-any-return]
    info.pbMacContext, iv, at = bytearray(16), bytearray(16), 0
    while len(data) - at > 16 and rng.random() < 0.7:
        size = 16 * rng.randrange(1, (len(data) - at) // 16 + 1)
        info.dwFlags |= BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
        piece = bytearray(size)
        assert function(key, data[at : at + size], info, iv, piece) == (SUCCESS, size)
        output[at : at + size] = piece
        at += size
    info.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    last = bytearray(len(data) - at)
    status, _ = function(key, data[at:], info, iv, last)
    if status == SUCCESS:
        output[at:] = last
    return status, len(data)


def test_rc4_answers_as_pycryptodome() -> None:
    rng = random.Random("rc4")
    for _ in range(60):
        secret = rng.randbytes(rng.randrange(5, 65))
        status, key = BCryptGenerateSymmetricKey(BCRYPT_RC4_ALG_HANDLE, secret)
        assert status == SUCCESS
        other = ARC4.new(secret)
        for _ in range(6):
            data = rng.randbytes(rng.randrange(60))
            output = bytearray(len(data))
            function = rng.choice([BCryptEncrypt, BCryptDecrypt])
            assert function(key, data, None, None, output) == (SUCCESS, len(data))
            assert output == other.encrypt(data)
        assert BCryptDestroyKey(key) == SUCCESS
