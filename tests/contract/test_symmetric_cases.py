"""The cases of symmetric keys with known answers: what Wine's tests, go-crypto-winnative and SymCrypt have from CNG.

The numbers (C1, A4) are those of the page of cases. C15 is left out: no key, IV and text that the page gives make its
answer, neither here nor with other libraries.
"""

import pytest
from helpers import ok, refused

from cngcore import bcrypt
from cngcore.bcrypt import *

K0F = IV0F = D16 = bytes(range(16))
D17 = D16 + b"\x10"
D32 = D16 + b"\x10" * 16
ZERO = bytes(16)
PAD = BCRYPT_BLOCK_PADDING
CBC, ECB, CFB = BCRYPT_AES_CBC_ALG_HANDLE, BCRYPT_AES_ECB_ALG_HANDLE, BCRYPT_AES_CFB_ALG_HANDLE
GCM, CCM = BCRYPT_AES_GCM_ALG_HANDLE, BCRYPT_AES_CCM_ALG_HANDLE


@pytest.fixture
def make():
    """Make keys, and destroy them at the end."""
    made = []

    def key_of(algorithm, secret, flags=0):
        made.append(ok(BCryptGenerateSymmetricKey(algorithm, secret, flags)))
        return made[-1]

    yield key_of
    for handle in made:
        BCryptDestroyKey(handle)


def encrypted(key, data, iv=None, flags=0, function=BCryptEncrypt):
    size = ok(function(key, data, None, iv, None, flags))
    output = bytearray(size)
    used = ok(function(key, data, None, iv, output, flags))
    return bytes(output[:used])


def sealed(key, data, nonce, aad=None, tag=16):
    mark, output = bytearray(tag), bytearray(len(data or b""))
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=nonce, pbAuthData=aad, pbTag=mark)
    ok(BCryptEncrypt(key, data, info, None, output if data else None))
    return bytes(output), bytes(mark)


# --- C: known answers --------------------------------------------------------------------------------

AES_ANSWERS = [
    ("C1", CBC, K0F, IV0F, D16, 0, "c6a13b37878f5b826f4f8162a1c8d879"),
    ("C3", CBC, K0F, ZERO, D16, 0, "0a940bb5416ef045f1c39458c653ea5a"),
    ("C3 ECB", ECB, K0F, None, D16, 0, "0a940bb5416ef045f1c39458c653ea5a"),
    ("C4", CBC, K0F, IV0F, D17, PAD, "c6a13b37878f5b826f4f8162a1c8d87928733def848fb0a65d1a51b7ec8feae9"),
    ("C6", ECB, K0F, None, D17, PAD, "0a940bb5416ef045f1c39458c653ea5a840766b749c09b4974288c10b9c20970"),
    (
        "C7", ECB, K0F, None, D32, PAD,
        "0a940bb5416ef045f1c39458c653ea5a954f64f2e4e86e9eee82d20216684899954f64f2e4e86e9eee82d20216684899",
    ),
    ("C9", CFB, K0F, IV0F, D16, 0, "0a22f796e1b93e9032cff804838adfc3"),
    ("C10", CFB, K0F, ZERO, D16, 0, "c64137d86f65641d2ba0adee67ba9b5f"),
    (
        "C12", CFB, K0F, IV0F, D32, PAD,
        "0a22f796e1b93e9032cff804838adfc3a5e5cd2948373f926f09845ab888dafd6500209ac6dbfa82dbbcf4707d8886b5",
    ),
    (
        "C45", CFB, bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c"), IV0F,
        bytes.fromhex("6bc1bee22e409f96e93d7e117393172aae2d"), 0, "3b79424c9c0dd436bace9e0ed4586a4f32b9",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("algorithm", "secret", "iv", "data", "flags", "answer"), [row[1:] for row in AES_ANSWERS],
                         ids=[row[0] for row in AES_ANSWERS])  # fmt: skip
def test_aes_answers_as_windows(make, algorithm, secret, iv, data, flags, answer):
    """contract: rule-symmetric-encrypt, rule-cfb [wine-test]."""
    start = None if iv is None else bytearray(iv)
    assert encrypted(make(algorithm, secret), data, start, flags).hex() == answer
    start = None if iv is None else bytearray(iv)
    back = encrypted(make(algorithm, secret), bytes.fromhex(answer), start, flags, BCryptDecrypt)
    assert back == data


def test_the_iv_buffer_gets_the_register_c1_c9(make):
    """contract: rule-symmetric-register [wine-test, dotnet]."""
    for algorithm in (CBC, CFB):
        iv = bytearray(IV0F)
        ciphertext = encrypted(make(algorithm, K0F), D16, iv)
        assert bytes(iv) == ciphertext
        back = bytearray(IV0F)
        assert encrypted(make(algorithm, K0F), ciphertext, back, 0, BCryptDecrypt) == D16
        assert bytes(back) == ciphertext


def test_null_iv_continues_c2_c10(make):
    """contract: rule-symmetric-register: after a call with an IV, a call without one goes on [wine-test]."""
    key = make(CFB, K0F)
    encrypted(key, D16, bytearray(IV0F))
    assert encrypted(key, D16).hex() == "b59de78e0f8016c3f680adf8aceff99f"
    chained, whole = make(CBC, K0F), make(CBC, K0F)
    first = encrypted(chained, D16, bytearray(IV0F))
    assert first + encrypted(chained, D16) == encrypted(whole, D16 + D16, bytearray(IV0F))
    assert encrypted(make(CBC, K0F), D16) == encrypted(make(CBC, K0F), D16, bytearray(ZERO)), "zeros at first"
    reader = make(CBC, K0F)
    assert encrypted(reader, first, bytearray(IV0F), 0, BCryptDecrypt) == D16
    assert encrypted(reader, encrypted(chained, D16, bytearray(first)), None, 0, BCryptDecrypt) == D16


def test_an_iv_buffer_that_is_carried_over_c13(make):
    key, iv, text = make(CBC, bytes(range(1, 17))), bytearray(16), b"abcdefghijklmnop"
    assert encrypted(key, text, iv).hex() == "b0cbf580d4e355236e195bdbfee06cd3"
    assert encrypted(key, text, iv).hex() == "060c81abd4288042ce30561715009ec1"
    iv[0] = 1
    assert encrypted(key, text, iv).hex() == "3e99bf02f5d3b881914d93ead4929346"


def test_key_data_blob_c16(make):
    """contract: rule-symmetric-blobs [wine-test, header]."""
    key, blob = make(CBC, K0F), bytearray(28)
    assert ok(BCryptExportKey(key, None, BCRYPT_KEY_DATA_BLOB, blob)) == 28
    assert blob.hex() == "4b44424d0100000010000000000102030405060708090a0b0c0d0e0f"
    again = ok(BCryptImportKey(CBC, None, BCRYPT_KEY_DATA_BLOB, blob))
    assert encrypted(again, D16, bytearray(IV0F)) == encrypted(key, D16, bytearray(IV0F))
    ok(BCryptDestroyKey(again))


def test_key_wrap_c17(make):
    """contract: rule-symmetric-blobs: a key of 32 bytes becomes 40 [wine-test]."""
    kek, key = make(CBC, K0F), make(CBC, bytes(range(32)))
    assert ok(BCryptExportKey(key, kek, BCRYPT_AES_WRAP_KEY_BLOB)) == 40
    blob = bytearray(40)
    ok(BCryptExportKey(key, kek, BCRYPT_AES_WRAP_KEY_BLOB, blob))
    again = ok(BCryptImportKey(CBC, kek, BCRYPT_AES_WRAP_KEY_BLOB, blob))
    assert encrypted(again, D16, bytearray(IV0F)) == encrypted(key, D16, bytearray(IV0F))
    ok(BCryptDestroyKey(again))
    blob[3] ^= 1
    refused(BCryptImportKey(CBC, kek, BCRYPT_AES_WRAP_KEY_BLOB, blob), STATUS_INVALID_PARAMETER)


NONCE = bytes.fromhex("102030405060102030405060")
AAD = bytes.fromhex("605040302010605040302010")
GCM_TEXT = "e182c3c024fb8685f3f12b7d09b473678664c3fea30761f816c9787fe7b1c494"


def test_gcm_c18_to_c23(make):
    """contract: rule-authenticated [wine-test]."""
    key = make(GCM, K0F)
    assert tuple(part.hex() for part in sealed(key, D32, NONCE)) == (GCM_TEXT, "89b39200392009b46ad6afca4b5bfdd0")
    assert tuple(part.hex() for part in sealed(key, D32, NONCE, AAD)) == (GCM_TEXT, "179dc07af0cfaad51c11c44bd6a33e77")
    other_nonce, other_aad = b"\x11" + NONCE[1:], b"\x61" + AAD[1:]
    assert tuple(part.hex() for part in sealed(key, D32, other_nonce, other_aad)) == (
        "b2271909c789dc5224833a5534762cbf15a1cb407811babca476697c754f11ba", "efee7599b812e9f0b4cc651167602de6",
    )  # fmt: skip
    tag = bytearray(16)
    info = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbAuthData=AAD, pbTag=tag)
    assert ok(BCryptEncrypt(key, b"", info)) == 0
    assert not any(tag), "A20: a buffer of no bytes without an output is a size query"
    assert ok(BCryptEncrypt(key, None, info)) == 0
    assert tag.hex() == "4c42839e8d40f119d62b1c66032b3963"
    assert ok(BCryptDecrypt(key, None, info)) == 0
    ciphertext, mark = sealed(key, D32, NONCE, AAD)
    assert ciphertext[:24] == sealed(key, D32[:24], NONCE, AAD)[0], "C20"
    output = bytearray(32)
    wrong = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbAuthData=AAD, pbTag=bytes(16))
    iv = bytearray(b"\7" * 16)
    assert BCryptDecrypt(key, ciphertext, wrong, iv, output) == (STATUS_AUTH_TAG_MISMATCH, 32)
    assert not any(output), "nothing is released before the tag is compared"
    assert iv == b"\7" * 16
    right = BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbAuthData=AAD, pbTag=mark)
    assert ok(BCryptDecrypt(key, ciphertext, right, iv, output)) == 32
    assert output == D32


PBKDF2 = [
    ("C24", b"password", b"salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    ("C25", b"password", b"salt", 2, "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957"),
    (
        "C27", b"passwordPASSWORDpassword", b"saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096,
        "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
    ),
    ("C28", b"pass\0word", b"sa\0lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"),
]  # fmt: skip


@pytest.mark.parametrize(("password", "salt", "count", "answer"), [row[1:] for row in PBKDF2],
                         ids=[row[0] for row in PBKDF2])  # fmt: skip
def test_pbkdf2_of_rfc_6070(password, salt, count, answer):
    """contract: rule-kdf-pbkdf2-function [wine-test]."""
    derived = bytearray(len(answer) // 2)
    ok(BCryptDeriveKeyPBKDF2(BCRYPT_HMAC_SHA1_ALG_HANDLE, password, salt, count, derived))
    assert derived.hex() == answer


def derived(algorithm, secret, buffers, length):
    key = ok(BCryptGenerateSymmetricKey(algorithm, secret))
    output = bytearray(length)
    assert ok(BCryptKeyDerivation(key, buffers, output)) == length
    ok(BCryptDestroyKey(key))
    return output.hex()


def test_key_derivation_by_pbkdf2_c30_c31():
    """contract: rule-kdf-parameters [wine-test, symcrypt]."""
    buffers = [
        BCryptBuffer(KDF_HASH_ALGORITHM, "SHA1"),
        BCryptBuffer(KDF_SALT, b"cCxuHMEHLibcglJOG88dIw=="),
        BCryptBuffer(KDF_ITERATION_COUNT, (25).to_bytes(8, "little")),
    ]
    answer = "18f2580b926e6dfe55bb62875b1f61834d16e404cdab4377253e1db4955ff701"
    assert derived(BCRYPT_PBKDF2_ALG_HANDLE, b"test", buffers, 32) == answer
    buffers = [
        BCryptBuffer(KDF_HASH_ALGORITHM, "AES-CMAC"),
        BCryptBuffer(KDF_SALT, "TEST_KDF_SALT".encode("utf-16-le")),
        BCryptBuffer(KDF_ITERATION_COUNT, 128),
    ]
    secret = "TEST_KDF".encode("utf-16-le")
    assert derived(BCRYPT_PBKDF2_ALG_HANDLE, secret, buffers, 16) == "58d782b5d2639d423d7853f294189113"


def test_tls_prfs_c33_c34():
    """contract: rule-kdf-tls [symcrypt, go]."""
    secret = bytes.fromhex(
        "f8938ecc9edebc5030c0c6a441e213cd24e6f770a50dda07876f8d55da062bcadb386b411fd4fe4313a604fce6c17fbc"
    )
    seed = bytes.fromhex(
        "36c129d01a3200894b9179faac589d9835d58775f9b5ea3587cb8fd0364cae8c"
        "f6c9575ed7ddd73e1f7d16eca115415812a43c2b747daaaae043abfb50053fce"
    )
    buffers = [
        BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"),
        BCryptBuffer(KDF_TLS_PRF_LABEL, b"master secret"),
        BCryptBuffer(KDF_TLS_PRF_SEED, seed),
    ]
    assert derived(BCRYPT_TLS1_2_KDF_ALG_HANDLE, secret, buffers, 48) == (
        "202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d52a65e66125188bf"
    )
    secret, seed = (bytes.fromhex(text) for text in (
        "9bbe436ba940f017b17652849a71db35", "a0ba9f936cda311827a6f796ffd5198c",
    ))  # fmt: skip
    buffers = [BCryptBuffer(KDF_TLS_PRF_LABEL, b"test label"), BCryptBuffer(KDF_TLS_PRF_SEED, seed)]
    assert derived(BCRYPT_TLS1_1_KDF_ALG_HANDLE, secret, buffers, 8) == "661740e6f98bc901"
    buffers.insert(0, BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"))
    assert derived(BCRYPT_TLS1_2_KDF_ALG_HANDLE, secret, buffers, 16) == "e3f229ba727be17b8d122620557cd453"
    generic = [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"), BCryptBuffer(KDF_GENERIC_PARAMETER, b"test label" + seed)]
    assert derived(BCRYPT_TLS1_2_KDF_ALG_HANDLE, secret, generic, 16) == "e3f229ba727be17b8d122620557cd453"


HASHES_C36 = [
    ("MD2", None, b"test\0", "1bb33606ba908912a84221109d29cd7e"),
    ("MD4", None, b"test\0", "74b5db93c0b41e36ca7074338fc0b637"),
    ("MD2", b"key\0", b"test\0", "7f05b0638d77f4a27f3a9c4d353cd648"),
    ("MD4", b"key\0", b"test\0", "bc2e8ac4d8248ed21b8d26227a30ea3a"),
    ("MD5", b"key\0", b"test\0", "7bda029b93fa8d817fcc9e13d6bdf092"),
    ("SHA1", b"key\0", b"test\0", "2472cf65d0e090618d769d3e46f0d9446cf212da"),
    ("MD2", None, b"tset\0", "b9a6ad9323b17e2d0cd389dddd6ef78a"),
    ("MD4", None, b"tset\0", "a14a9ff2059a8c28f47b01e6bc48a1bf"),
]


@pytest.mark.parametrize(("name", "key", "data", "answer"), HASHES_C36)
def test_old_hashes_c36(name, key, data, answer):
    """contract: rule-mac-md [wine-test]."""
    algorithm = ok(BCryptOpenAlgorithmProvider(name, None, BCRYPT_ALG_HANDLE_HMAC_FLAG if key else 0))
    output = bytearray(len(answer) // 2)
    ok(BCryptHash(algorithm, key, data, output))
    assert output.hex() == answer
    ok(BCryptCloseAlgorithmProvider(algorithm))


def test_derive_key_capi_c37_a31():
    """contract: rule-derive-capi [wine-test]."""

    def hashed(data):
        handle = ok(BCryptCreateHash(BCRYPT_SHA1_ALG_HANDLE))
        ok(BCryptHashData(handle, data))
        return handle

    handle, key = hashed(b"test"), bytearray(40)
    refused(BCryptDeriveKeyCapi(handle, None, None), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyCapi(handle, None, bytearray(0)), STATUS_INVALID_PARAMETER)
    refused(BCryptDeriveKeyCapi(handle, None, bytearray(41)), STATUS_INVALID_PARAMETER)
    ok(BCryptDeriveKeyCapi(handle, None, key))
    assert key.hex() == "9b031741f47511acff22ee40bbe8f9741726b6f2f8c788029adc0dd78358ea652e8b85c6dbb7ed1c"
    refused(BCryptDeriveKeyCapi(handle, None, key), STATUS_INVALID_HANDLE)
    refused(BCryptHashData(handle, b"x"), STATUS_INVALID_HANDLE)
    ok(BCryptDestroyHash(handle))
    handle, key = hashed(b""), bytearray(20)
    ok(BCryptDeriveKeyCapi(handle, None, key))
    assert key.hex() == "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    ok(BCryptDestroyHash(handle))
    refused(BCryptDeriveKeyCapi(None, None, bytearray(20)), STATUS_INVALID_PARAMETER)


def extendable(algorithm, key, properties, data, length, flags=0):
    handle = ok(BCryptCreateHash(algorithm, key))
    for name, value in properties.items():
        ok(BCryptSetProperty(handle, name, value))
    ok(BCryptHashData(handle, data))
    output = bytearray(length)
    ok(BCryptFinishHash(handle, output, flags))
    ok(BCryptDestroyHash(handle))
    return output.hex()


def test_kmac_c39():
    """contract: rule-mac-kmac [symcrypt; NIST's samples]."""
    key, data, kmac = bytes(range(0x40, 0x50)), bytes(range(4)), BCRYPT_KMAC128_ALG_HANDLE
    plain = "f9d2e95f6bd65c2510b1c6613cb6bd3e9a9038b4b02b3ebf45cce82f137234ee"
    assert extendable(kmac, key, {}, data, 32) == plain
    tagged = {BCRYPT_CUSTOMIZATION_STRING: b"My Tagged Application"}
    answer = "c561be8a1da5cce7e7aba391f8c69a2db2be2ce8f732a0b6c9d9ea7daefc60f5"
    assert extendable(kmac, key, tagged, data, 32) == answer
    answer = "cd83740bbd92ccc8cf032b1481a0f4460e7ca9dd12b08a0c4031178bacd6ec35"
    squeezed = extendable(kmac, bytes(range(0x40, 0x60)), {}, data, 32, BCRYPT_HASH_DONT_RESET_FLAG)
    assert squeezed == answer


def test_cshake_c40():
    """contract: rule-mac-cshake [symcrypt, go]."""
    cshake = BCRYPT_CSHAKE128_ALG_HANDLE
    shake = "5881092dd818bf5cf8a3ddb793fbcba74097d5c526a6d35f97b83351940f2cc8"
    assert extendable(cshake, None, {}, b"abc", 32) == shake
    named = {BCRYPT_FUNCTION_NAME_STRING: b"abcdefg"}
    answer = "25e4b8ad6968a2977a3f036b1e1fd8d47a4c8f9e52a01a3943ef5b6ec11d3206"
    assert extendable(cshake, None, named, b"abc", 32) == answer


@pytest.mark.parametrize(
    ("key", "text", "answer"),
    [
        (b"Key", b"Plaintext", "bbf316e8d940af0ad3"),
        (b"Wiki", b"pedia", "1021bf0420"),
        (b"Secret", b"Attack at dawn", "45a01f645fc35b383552544b9bf5"),
    ],
)
def test_rc4_c42(make, key, text, answer):
    """contract: rule-cipher-rc4 [symcrypt]."""
    assert encrypted(make(BCRYPT_RC4_ALG_HANDLE, key), text).hex() == answer
    assert encrypted(make(BCRYPT_RC4_ALG_HANDLE, key), bytes.fromhex(answer), None, 0, BCryptDecrypt) == text


def test_rc4_goes_on_in_its_key_stream_c42(make):
    """contract: rule-cipher-rc4 [go]."""
    key = make(BCRYPT_RC4_ALG_HANDLE, bytes.fromhex("ef012345"))
    parts = [encrypted(key, bytes(size)) for size in (1, 4)]
    twin = ok(BCryptDuplicateKey(key))
    assert (b"".join(parts) + encrypted(key, bytes(5))).hex() == "d6a141a7ec3c38dfbd61"
    assert encrypted(twin, bytes(5), None, 0, BCryptDecrypt).hex() == "3c38dfbd61", "the copy goes on from its place"
    ok(BCryptDestroyKey(twin))


@pytest.mark.parametrize(
    ("key", "block", "answer"),
    [
        ("0000000000000000", "0000000000000000", "8ca64de9c1b123a7"),
        ("0123456789abcdef", "0123456789abcdef", "56cc09e7cfdc4cef"),
        ("0101010101010101", "95f8a5e5dd31d900", "8000000000000000"),
    ],
)
def test_des_ecb_c43(make, key, block, answer):
    """contract: rule-cipher-des [go, symcrypt]: weak keys are taken."""
    key = make(BCRYPT_DES_ECB_ALG_HANDLE, bytes.fromhex(key))
    assert encrypted(key, bytes.fromhex(block)).hex() == answer


def test_des_cbc_c43(make):
    key = make(BCRYPT_DES_CBC_ALG_HANDLE, bytes.fromhex("a11a8fbc02687f98"))
    iv = bytearray.fromhex("3f9f15202a358d51")
    assert encrypted(key, bytes.fromhex("704edab2e19d43b5"), iv).hex() == "87247c3d09a091a0"


def test_full_block_cfb_c45(make):
    """contract: rule-cfb: MessageBlockLength 16 on the key, or on the algorithm before it [symcrypt, dotnet]."""
    secret = bytes.fromhex("2b7e151628aed2a6abf7158809cf4f3c")
    blocks = bytes.fromhex(
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    )
    answer = (
        "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b"
        "26751f67a3cbb140b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6"
    )
    key = make(CFB, secret)
    ok(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, 16))
    assert encrypted(key, blocks, bytearray(IV0F)).hex() == answer
    aes = ok(BCryptOpenAlgorithmProvider("AES"))
    ok(BCryptSetProperty(aes, BCRYPT_CHAINING_MODE, BCRYPT_CHAIN_MODE_CFB))
    ok(BCryptSetProperty(aes, BCRYPT_MESSAGE_BLOCK_LENGTH, 16))
    assert encrypted(make(aes, secret), blocks, bytearray(IV0F)).hex() == answer
    ok(BCryptCloseAlgorithmProvider(aes))


@pytest.mark.parametrize(
    ("secret", "number", "octet", "answer"),
    [
        (bytes(32), 0, 0, "917cf69ebd68b2ec9b9fe9a3eadda692cd43d2f59598ed858c02c2652fbf922e"),
        (
            b"\x11" * 16 + b"\x22" * 16, 0x3333333333, 0x44,
            "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
        ),
    ],
    ids=["equal halves", "vector 2"],
)  # fmt: skip
def test_xts_c46(make, secret, number, octet, answer):
    """contract: rule-cipher-xts [symcrypt; IEEE 1619]."""
    key = make(BCRYPT_XTS_AES_ALG_HANDLE, secret)
    ok(BCryptSetProperty(key, BCRYPT_MESSAGE_BLOCK_LENGTH, 32))
    iv = number.to_bytes(8, "little")
    assert encrypted(key, bytes((octet,)) * 32, iv).hex() == answer
    assert encrypted(key, bytes.fromhex(answer), iv, 0, BCryptDecrypt) == bytes((octet,)) * 32


SUNSCREEN = (
    b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
    b"sunscreen would be it."
)


def test_chacha20_poly1305_c48(make):
    """contract: rule-cipher-chacha20 [symcrypt; RFC 8439 section 2.8.2]."""
    key = make(BCRYPT_CHACHA20_POLY1305_ALG_HANDLE, bytes(range(0x80, 0xA0)))
    nonce = bytes.fromhex("070000004041424344454647")
    ciphertext, tag = sealed(key, SUNSCREEN, nonce, bytes.fromhex("50515253c0c1c2c3c4c5c6c7"))
    assert ciphertext[:16].hex() == "d31a8d34648e60db7b86afbc53ef7ec2"
    assert tag.hex() == "1ae10b594f09e26a7e902ecbd0600691"


def test_hkdf_c49():
    """contract: rule-kdf-hkdf [symcrypt, go; RFC 5869 A.1]."""
    secret, salt, info = b"\x0b" * 22, bytes(range(13)), bytes(range(0xF0, 0xFA))
    key, output = ok(BCryptGenerateSymmetricKey(BCRYPT_HKDF_ALG_HANDLE, secret)), bytearray(42)
    buffers = [BCryptBuffer(KDF_HKDF_INFO, info)]
    refused(BCryptKeyDerivation(key, buffers, output), STATUS_INVALID_PARAMETER)
    refused(BCryptSetProperty(key, BCRYPT_HKDF_SALT_AND_FINALIZE, salt), STATUS_INVALID_PARAMETER)
    refused(BCryptExportKey(key, None, BCRYPT_KEY_DATA_BLOB), STATUS_INVALID_PARAMETER)
    ok(BCryptSetProperty(key, BCRYPT_HKDF_HASH_ALGORITHM, "SHA256"))
    ok(BCryptSetProperty(key, BCRYPT_HKDF_SALT_AND_FINALIZE, salt))
    refused(BCryptSetProperty(key, BCRYPT_HKDF_SALT_AND_FINALIZE, salt), STATUS_INVALID_PARAMETER)
    ok(BCryptKeyDerivation(key, buffers, output))
    okm = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    assert output.hex() == okm
    prk = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    blob = bytearray(ok(BCryptExportKey(key, None, BCRYPT_KEY_DATA_BLOB)))
    ok(BCryptExportKey(key, None, BCRYPT_KEY_DATA_BLOB, blob))
    size = int.from_bytes(blob[12:16], "big")
    assert blob[16 + size :].hex() == prk
    again = ok(BCryptImportKey(BCRYPT_HKDF_ALG_HANDLE, None, BCRYPT_KEY_DATA_BLOB, blob))
    twin, other = ok(BCryptDuplicateKey(again)), bytearray(42)
    ok(BCryptKeyDerivation(twin, buffers, other))
    assert other.hex() == okm
    raw = ok(BCryptGenerateSymmetricKey(BCRYPT_HKDF_ALG_HANDLE, bytes.fromhex(prk)))
    ok(BCryptSetProperty(raw, BCRYPT_HKDF_HASH_ALGORITHM, "SHA256"))
    ok(BCryptSetProperty(raw, BCRYPT_HKDF_PRK_AND_FINALIZE, None))
    ok(BCryptKeyDerivation(raw, buffers, other))
    assert other.hex() == okm
    for handle in (key, again, twin, raw):
        ok(BCryptDestroyKey(handle))


def test_concatenation_c51():
    """contract: rule-kdf-concat [symcrypt]."""
    secret = bytes.fromhex("7f4bc4a83fb2121f9b58ff199441a20ae43ff7b58d0a95db560e55b7")
    other = bytes.fromhex(
        "b3b4ee2c2dca0e47d07ef41b07091d510000080024517c12bc374cf46422ca09816597734916adcfa2a49419952c1335cca4c6997d36ef"
        "eb38833db2a6fe0f8a8ec0a2889cc8cca0dc803fdbbe921e19"
    )
    answer = "0fb15037585f555af3025c221dc093cc2574f36690c7d5a2e034a082165cf69f"
    generic = [BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"), BCryptBuffer(KDF_GENERIC_PARAMETER, other)]
    assert derived(BCRYPT_SP80056A_CONCAT_ALG_HANDLE, secret, generic, 32) == answer
    kinds = (KDF_ALGORITHMID, KDF_PARTYUINFO, KDF_PARTYVINFO, KDF_SUPPPUBINFO, KDF_SUPPPRIVINFO)
    parts = [other[:7], other[7:20], other[20:33], other[33:40], other[40:]]
    buffers = [BCryptBuffer(kind, part) for kind, part in zip(kinds, parts, strict=True)]
    buffers.append(BCryptBuffer(KDF_HASH_ALGORITHM, "SHA256"))
    assert derived(BCRYPT_SP80056A_CONCAT_ALG_HANDLE, secret, buffers, 32) == answer


def test_every_name_of_the_flat_api_is_there():
    for name in ("BCryptGenerateSymmetricKey", "BCryptImportKey", "BCryptKeyDerivation", "BCryptDeriveKeyPBKDF2",
                 "BCryptDeriveKeyCapi", "BCryptCreateMultiHash", "BCryptProcessMultiOperations"):  # fmt: skip
        assert callable(getattr(bcrypt, name))
