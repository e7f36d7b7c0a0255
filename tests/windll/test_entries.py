"""The marshaller: what exists only at the level of C, and calls of every kind through ctypes."""

import ctypes
import gc
import os
import subprocess
import sys
from ctypes import addressof, byref, c_char, c_ubyte, c_uint, c_void_p, create_string_buffer, sizeof

import pytest
from windll.programs import Bcrypt, unsigned

from cngcore import bcrypt
from cngcore.bcrypt import *
from cngcore.windll import FUNCTIONS, Kind, windows
from cngcore.windll import _entries as entries
from cngcore.windll import _memory as memory
from cngcore.windll._dll import c_types
from cngcore.windll._structures import c_structure

with windows():
    from ctypes import windll

DLL = windll.bcrypt
OK = Bcrypt(DLL)
UNTOUCHED = 0x5A5A


def status(name, *arguments):
    return NTStatus(unsigned(getattr(DLL, name)(*arguments)))


@pytest.fixture(autouse=True)
def everything_is_closed():
    handles, blocks = bcrypt.open_handles(), memory.open_blocks()
    yield
    assert bcrypt.open_handles() == handles
    assert memory.open_blocks() == blocks


@pytest.fixture
def algorithm():
    handle = OK.open("ECDSA_P256")
    yield handle
    OK.BCryptCloseAlgorithmProvider(handle, 0)


@pytest.fixture
def key():
    handle = OK.pair("ECDSA_P256", 256)
    yield handle
    OK.BCryptDestroyKey(handle)


# --- NULL where an answer goes ------------------------------------------------------------------------

KEM = ("BCryptEncapsulate", "BCryptDecapsulate")
"""INVALID_PARAMETER for an invalid handle too (contract: rule-python-kem-handles)."""

NEEDED = [
    (name, index)
    for name, function in FUNCTIONS.items()
    for index, one in enumerate(function.parameters)
    if one.kind in (Kind.NEW_HANDLE, Kind.SIZE, Kind.LIST_SIZE, Kind.BOOLEAN)
    or (one.kind is Kind.LIST and name != "BCryptEnumRegisteredProviders")
]


def arguments_of(function, handle):
    """Arguments that are right as far as the kinds say, with one live handle for all."""
    buffer = create_string_buffer(64)
    made = []
    for one in function.parameters:
        if one.kind in (Kind.HANDLE,):
            made.append(handle)
        elif one.kind is Kind.TEXT:
            made.append(addressof(ctypes.create_unicode_buffer("SHA256")))
        elif one.kind in (Kind.NEW_HANDLE, Kind.SIZE, Kind.LIST, Kind.LIST_SIZE, Kind.BOOLEAN):
            made.append(addressof(buffer))
        else:
            made.append(0)
    return made


@pytest.mark.parametrize(("name", "index"), NEEDED, ids=lambda value: str(value))
def test_null_where_an_answer_goes(name, index, key):
    """contract: rule-size-result-null, rule-generate-null: INVALID_PARAMETER, after the handles.

    docs/decisions/windll.md has the functions that no source tells of.
    """
    function = FUNCTIONS[name]
    given = arguments_of(function, key.value)
    given[index] = 0
    pointer = getattr(DLL, name)
    pointer.argtypes = c_types(function)
    assert unsigned(pointer(*given)) == STATUS_INVALID_PARAMETER
    if any(one.kind is Kind.HANDLE for one in function.parameters) and name not in KEM:
        given = arguments_of(function, 0)
        given[index] = 0
        assert unsigned(pointer(*given)) == STATUS_INVALID_HANDLE
    pointer.argtypes = None


def test_a_failed_call_leaves_the_handle_untouched():
    """contract: rule-output-untouched."""
    handle = c_void_p(UNTOUCHED)
    assert status("BCryptOpenAlgorithmProvider", byref(handle), "NOTHING", None, 0) == STATUS_NOT_FOUND
    assert handle.value == UNTOUCHED
    opened = OK.open("ECDSA_P256")
    assert status("BCryptGenerateKeyPair", opened, byref(handle), 255, 0) == STATUS_INVALID_PARAMETER
    assert handle.value == UNTOUCHED
    OK.BCryptCloseAlgorithmProvider(opened, 0)


def test_null_text():
    handle = c_void_p(UNTOUCHED)
    assert status("BCryptOpenAlgorithmProvider", byref(handle), None, None, 0) == STATUS_INVALID_PARAMETER


def test_a_null_buffer_with_a_size(key):
    """Bytes that are not there are refused, and the handle is checked before them."""
    hash_, sha = c_void_p(), OK.open("SHA256")
    OK.BCryptCreateHash(sha, byref(hash_), None, 0, None, 0, 0)
    assert status("BCryptHashData", hash_, None, 5, 0) == STATUS_INVALID_PARAMETER
    assert status("BCryptHashData", None, None, 5, 0) == STATUS_INVALID_HANDLE
    OK.BCryptHashData(hash_, None, 0, 0)
    assert status("BCryptCreateHash", sha, byref(c_void_p()), None, 0, None, 5, 0) == STATUS_INVALID_PARAMETER
    OK.BCryptDestroyHash(hash_)
    OK.BCryptCloseAlgorithmProvider(sha, 0)
    assert status("BCryptVerifySignature", key, None, None, 32, b"x" * 64, 64, 0) == STATUS_INVALID_PARAMETER


def test_random_numbers():
    """contract: rule-random: the table of its answers."""
    buffer = create_string_buffer(16)
    for handle, address, size, flags, expected in (
        (None, buffer, 16, 0, STATUS_INVALID_HANDLE),
        (None, None, 0, 0, STATUS_INVALID_HANDLE),
        (None, buffer, 16, 2, STATUS_SUCCESS),
        (None, None, 16, 2, STATUS_INVALID_PARAMETER),
        (None, None, 0, 2, STATUS_SUCCESS),
        (None, buffer, 16, 3, STATUS_SUCCESS),
    ):
        assert status("BCryptGenRandom", handle, address, size, flags) == expected
    assert buffer.raw != bytes(16)


def test_fips_mode_is_one_byte():
    both = (c_ubyte * 2)(7, 7)
    OK.BCryptGetFipsAlgorithmMode(both)
    assert list(both) == [0, 7]


# --- strings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [2, 4])
@pytest.mark.parametrize("text", ["SHA256", "44", "ECDSA_P256", "x" * 300, "", "Ü€"])
def test_text_of_both_widths(width, text):
    block = create_string_buffer(memory.encode(text, width))
    assert memory.text(addressof(block)) == text


@pytest.mark.parametrize("behind", ["00000000", "ffffffff", "01000000", "e4220100", "78563412", "0a000000"])
def test_text_of_one_character(behind):
    """A 2-byte string of one character looks like one of 4 bytes a character; what stands behind it is not read."""
    block = create_string_buffer(memory.encode("x", 2) + bytes.fromhex(behind) + bytes(4))
    assert memory.text(addressof(block)) == "x"
    assert memory.narrow(addressof(block), 4) == memory.encode("x", 2)


def test_text_at_the_end_of_a_page():
    """Nothing is read behind the page in which the string ends."""
    import mmap

    page = mmap.mmap(-1, 2 * mmap.PAGESIZE)
    view = (c_char * len(page)).from_buffer(page)
    for width in (2, 4):
        data = memory.encode("ECDH_P384", width)
        start = mmap.PAGESIZE - len(data)
        page[start : mmap.PAGESIZE] = data
        assert memory.text(addressof(view) + start) == "ECDH_P384"
        page[mmap.PAGESIZE - 6 : mmap.PAGESIZE - 6 + len(data)] = data  # across the border
        assert memory.text(addressof(view) + mmap.PAGESIZE - 6) == "ECDH_P384"
    del view
    page.close()


@pytest.mark.parametrize("text", ["ChainingModeGCM", "nistP256", "44", "SHA256"])
def test_string_values_of_both_widths(text):
    """A program counts 2 bytes a character, with or without the NUL, also where its characters have 4."""
    expected, counted = memory.encode(text, 2), len(memory.encode(text, 2))
    for width in (2, 4):
        block = create_string_buffer(memory.encode(text, width))
        for size in {len(memory.encode(text, width)), counted}:
            assert memory.narrow(addressof(block), size) == expected
        assert memory.narrow(addressof(block), counted - 2) == expected[:-2]


@pytest.mark.parametrize("size", [0, 2, 8, 15, 30, 32, 64])
@pytest.mark.parametrize("width", [2, 4])
def test_the_count_of_the_chaining_mode_is_not_believed(width, size):
    """contract: rule-set-others, rule-symmetric-properties: it is read up to its NUL."""
    opened, mode = OK.open("AES"), create_string_buffer(memory.encode("ChainingModeGCM", width))
    OK.BCryptSetProperty(opened, "ChainingMode", mode, size, 0)
    assert OK.twice("BCryptGetProperty", opened, "ChainingMode", ..., 0)[:32] == memory.encode("ChainingModeGCM", 2)
    OK.BCryptCloseAlgorithmProvider(opened, 0)


@pytest.mark.parametrize("width", [2, 4])
def test_a_string_property_of_both_widths(width):
    opened, key = OK.open("ECDSA"), c_void_p()
    OK.BCryptGenerateKeyPair(opened, byref(key), 0, 0)
    value = memory.encode("nistP256", width)
    OK.BCryptSetProperty(key, "ECCCurveName", value, len(value), 0)
    OK.BCryptFinalizeKeyPair(key, 0)
    assert OK.twice("BCryptGetProperty", key, "ECCCurveName", ..., 0) == memory.encode("nistP256", 2)
    OK.BCryptDestroyKey(key)
    OK.BCryptCloseAlgorithmProvider(opened, 0)


# --- sizes ----------------------------------------------------------------------------------------------


def test_size_queries(key):
    """contract: rule-size-query."""
    size = c_uint(UNTOUCHED)
    OK.BCryptExportKey(key, None, "ECCPUBLICBLOB", None, 5, byref(size), 0)
    assert size.value == 72
    short = create_string_buffer(b"\xaa" * 71, 71)
    size.value = 0
    assert status("BCryptExportKey", key, None, "ECCPUBLICBLOB", short, 71, byref(size), 0) == STATUS_BUFFER_TOO_SMALL
    assert (size.value, short.raw) == (72, b"\xaa" * 71)
    assert status("BCryptSignHash", key, None, None, 32, None, 0, byref(size), 0) == STATUS_SUCCESS
    assert size.value == 64


def test_a_failed_call_leaves_the_size_untouched(key):
    size = c_uint(UNTOUCHED)
    assert status("BCryptGetProperty", key, "Nothing", None, 0, byref(size), 0) == STATUS_NOT_SUPPORTED
    assert size.value == UNTOUCHED


# --- keys of every family -------------------------------------------------------------------------------


def test_rsa_paddings():
    key, digest = OK.pair("RSA", 1024), bytes(32)
    pkcs1 = c_structure("BCRYPT_PKCS1_PADDING_INFO")
    pss = c_structure("BCRYPT_PSS_PADDING_INFO")
    name = ctypes.create_unicode_buffer("SHA256")
    for info, flags in ((pkcs1(addressof(name)), BCRYPT_PAD_PKCS1), (pss(addressof(name), 20), BCRYPT_PAD_PSS)):
        signature = OK.twice("BCryptSignHash", key, byref(info), digest, 32, ..., flags)

        def verify(info, digest, flags, signature=signature):
            return status("BCryptVerifySignature", key, info, digest, 32, signature, len(signature), flags)

        assert verify(byref(info), digest, flags) == STATUS_SUCCESS
        assert verify(byref(info), bytes(31) + b"x", flags) == STATUS_INVALID_SIGNATURE
        assert verify(None, digest, flags) == STATUS_INVALID_PARAMETER
        assert verify(byref(info), digest, 0) == STATUS_INVALID_PARAMETER
    label = create_string_buffer(b"label", 5)
    oaep = c_structure("BCRYPT_OAEP_PADDING_INFO")(addressof(name), addressof(label), 5)
    box = OK.twice("BCryptEncrypt", key, b"text", 4, byref(oaep), None, 0, ..., BCRYPT_PAD_OAEP)
    assert OK.twice("BCryptDecrypt", key, box, len(box), byref(oaep), None, 0, ..., BCRYPT_PAD_OAEP) == b"text"
    OK.BCryptDestroyKey(key)


def test_no_structure_is_read_for_an_invalid_handle():
    """A pointer that leads nowhere does not matter: the handle is refused first."""
    nowhere = c_void_p(8)
    for name, arguments in (
        ("BCryptSignHash", (None, nowhere, None, 0, None, 0, byref(c_uint()), BCRYPT_PAD_PSS)),
        ("BCryptEncrypt", (None, None, 0, nowhere, None, 0, None, 0, byref(c_uint()), BCRYPT_PAD_OAEP)),
        ("BCryptDeriveKey", (None, "HASH", nowhere, None, 0, byref(c_uint()), 0)),
        ("BCryptProcessMultiOperations", (None, 1, nowhere, 24, 0)),
    ):
        assert status(name, *arguments) == STATUS_INVALID_HANDLE


def test_a_cipher_without_authentication_does_not_read_the_structure():
    key = OK.symmetric("AES", bytes(16), "ChainingModeECB")
    size, out = c_uint(), create_string_buffer(16)
    OK.BCryptEncrypt(key, bytes(16), 16, c_void_p(8), None, 0, out, 16, byref(size), 0)
    assert out.raw.hex() == "66e94bd4ef8a2c3b884cfa59ca342b2e"  # AES-128 of zeros under a key of zeros
    OK.BCryptDestroyKey(key)


def test_agreement_and_derivation():
    mine, theirs = OK.pair("ECDH_P256", 256), OK.pair("ECDH_P256", 256)
    derived = []
    for private, public in ((mine, theirs), (theirs, mine)):
        secret = c_void_p()
        OK.BCryptSecretAgreement(private, public, byref(secret), 0)
        name, key = create_string_buffer("SHA256".encode("utf-16-le") + b"\0\0"), create_string_buffer(b"key", 3)
        buffer, description = c_structure("BCryptBuffer"), c_structure("BCryptBufferDesc")
        items = (buffer * 2)(
            buffer(14, KDF_HASH_ALGORITHM, addressof(name)), buffer(3, KDF_HMAC_KEY, addressof(key))
        )  # fmt: skip
        listed = description(9, 2, addressof(items))  # the version is not looked at (contract: rule-derive-null)
        derived.append(OK.twice("BCryptDeriveKey", secret, "HMAC", byref(listed), ..., 0))
        items[0] = buffer(14, KDF_HASH_ALGORITHM, 0)
        refused = status("BCryptDeriveKey", secret, "HMAC", byref(listed), None, 0, byref(c_uint()), 0)
        assert refused == STATUS_INVALID_PARAMETER
        OK.BCryptDestroySecret(secret)
    assert derived[0] == derived[1]
    assert len(derived[0]) == 32
    for one in (mine, theirs):
        OK.BCryptDestroyKey(one)


def test_encapsulation():
    opened, key = OK.open("ML-KEM"), c_void_p()
    OK.BCryptGenerateKeyPair(opened, byref(key), 0, 0)
    value = "768\0".encode("utf-16-le")
    OK.BCryptSetProperty(key, "ParameterSetName", value, len(value), 0)
    OK.BCryptFinalizeKeyPair(key, 0)
    sizes = c_uint(), c_uint()
    OK.BCryptEncapsulate(key, None, 0, byref(sizes[0]), None, 0, byref(sizes[1]), 0)
    assert [one.value for one in sizes] == [32, 1088]
    secret, box = create_string_buffer(32), create_string_buffer(1088)
    OK.BCryptEncapsulate(key, secret, 32, byref(sizes[0]), box, 1088, byref(sizes[1]), 0)
    assert OK.twice("BCryptDecapsulate", key, box, 1088, ..., 0) == secret.raw
    OK.BCryptDestroyKey(key)
    OK.BCryptCloseAlgorithmProvider(opened, 0)


def test_hashes_with_memory_for_the_object():
    """The object's memory is taken and not used (contract: rule-hash)."""
    opened, one, other = OK.open("SHA256"), c_void_p(), c_void_p()
    memory_, digest = create_string_buffer(b"\x11" * 300, 300), create_string_buffer(32)
    OK.BCryptCreateHash(opened, byref(one), memory_, 300, None, 0, 0)
    OK.BCryptHashData(one, b"ab", 2, 0)
    OK.BCryptDuplicateHash(one, byref(other), memory_, 300, 0)
    for handle in (one, other):
        OK.BCryptHashData(handle, b"c", 1, 0)
        OK.BCryptFinishHash(handle, digest, 32, 0)
        assert digest.raw.hex().startswith("ba7816bf")
        OK.BCryptDestroyHash(handle)
    assert memory_.raw == b"\x11" * 300
    OK.BCryptCloseAlgorithmProvider(opened, 0)


def test_multi_hash():
    opened, several = OK.open("SHA256", BCRYPT_MULTI_FLAG), c_void_p()
    OK.BCryptCreateMultiHash(opened, byref(several), 2, None, 0, None, 0, BCRYPT_HASH_REUSABLE_FLAG)
    step = c_structure("BCRYPT_MULTI_HASH_OPERATION")
    data, digests = create_string_buffer(b"abc", 3), [create_string_buffer(32) for _ in range(2)]
    steps = (step * 3)(
        step(0, 1, addressof(data), 3), step(0, 2, addressof(digests[0]), 32), step(1, 2, addressof(digests[1]), 32)
    )  # fmt: skip
    OK.BCryptProcessMultiOperations(several, 1, steps, sizeof(steps), 0)
    assert [one.raw.hex()[:8] for one in digests] == ["ba7816bf", "e3b0c442"]
    assert status("BCryptProcessMultiOperations", several, 1, steps, sizeof(steps) - 1, 0) == STATUS_INVALID_PARAMETER
    OK.BCryptDestroyHash(several)
    OK.BCryptCloseAlgorithmProvider(opened, 0)


def test_derivation_functions():
    """RFC 7914 section 11: PBKDF2 with HMAC-SHA256, 80000 rounds."""
    prf, out = OK.open("SHA256", BCRYPT_ALG_HANDLE_HMAC_FLAG), create_string_buffer(64)
    DLL.BCryptDeriveKeyPBKDF2.argtypes = c_types(FUNCTIONS["BCryptDeriveKeyPBKDF2"])
    password, salt = create_string_buffer(b"Password", 8), create_string_buffer(b"NaCl", 4)
    OK.BCryptDeriveKeyPBKDF2(prf.value, addressof(password), 8, addressof(salt), 4, 80000, addressof(out), 64, 0)
    assert out.raw.hex().startswith("4ddcd8f60b98be21")
    OK.BCryptCloseAlgorithmProvider(prf, 0)


# --- authenticated modes ---------------------------------------------------------------------------------

INFO = c_structure("BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO")


class Message:
    """One message of AES-GCM, with its memory."""

    def __init__(self, flags=0):
        self.nonce, self.aad = create_string_buffer(bytes(12), 12), create_string_buffer(b"header", 6)
        self.tag, self.context, self.iv = (create_string_buffer(16) for _ in range(3))
        self.flags = flags

    def info(self, **fields):
        made = INFO(
            cbSize=sizeof(INFO), dwInfoVersion=1, pbNonce=addressof(self.nonce), cbNonce=12,
            pbAuthData=addressof(self.aad), cbAuthData=6, pbTag=addressof(self.tag), cbTag=16,
            pbMacContext=addressof(self.context), cbMacContext=16, dwFlags=self.flags,
        )  # fmt: skip
        for name, value in fields.items():
            setattr(made, name, value)
        return made

    def call(self, name, key, data, info):
        out, size = create_string_buffer(max(len(data), 1)), c_uint()
        getattr(OK, name)(key, data, len(data), byref(info), self.iv, 16, out, len(data), byref(size), 0)
        return out.raw[: size.value]


@pytest.fixture
def gcm():
    handle = OK.symmetric("AES", bytes(16), "ChainingModeGCM")
    yield handle
    OK.BCryptDestroyKey(handle)


def test_gcm_in_one_call(gcm):
    message = Message()
    box = message.call("BCryptEncrypt", gcm, b"text", message.info())
    assert message.call("BCryptDecrypt", gcm, box, message.info()) == b"text"
    message.tag[0] = message.tag.raw[0] ^ 1
    size, out = c_uint(), create_string_buffer(4)
    refused = status("BCryptDecrypt", gcm, box, 4, byref(message.info()), None, 0, out, 4, byref(size), 0)
    assert refused == STATUS_AUTH_TAG_MISMATCH
    assert (size.value, out.raw) == (4, bytes(4))


@pytest.mark.parametrize("new_structure", [False, True])
def test_gcm_in_several_calls(gcm, new_structure):
    """The caller may use one structure, or make one for each call; what it keeps is the memory of the context."""
    plain, whole, chained = bytes(range(40)), Message(), Message()
    expected = whole.call("BCryptEncrypt", gcm, plain, whole.info())
    info = chained.info(dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG)
    made = chained.call("BCryptEncrypt", gcm, plain[:16], info)
    assert (info.cbAAD, info.cbData) == (6, 16)
    assert info.dwFlags == BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG | BCRYPT_AUTH_MODE_IN_PROGRESS_FLAG
    if new_structure:
        info = chained.info(cbAAD=info.cbAAD, cbData=info.cbData, dwFlags=info.dwFlags)
    made += chained.call("BCryptEncrypt", gcm, plain[16:32], info)
    info.dwFlags &= ~BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG
    made += chained.call("BCryptEncrypt", gcm, plain[32:], info)
    assert (made, chained.tag.raw) == (expected, whole.tag.raw)
    assert chained.context.raw == bytes(16)


def test_an_unfinished_message_ends_with_its_key():
    from cngcore.windll._structures import _chains

    key, message, before = OK.symmetric("AES", bytes(16), "ChainingModeGCM"), Message(), len(_chains)
    message.call("BCryptEncrypt", key, bytes(16), message.info(dwFlags=BCRYPT_AUTH_MODE_CHAIN_CALLS_FLAG))
    assert len(_chains) == before + 1
    OK.BCryptDestroyKey(key)
    assert len(_chains) == before


@pytest.mark.parametrize("fields", [{"cbSize": 80}, {"dwInfoVersion": 2}, {"pbNonce": 0}, {"pbTag": 0}])
def test_wrong_structures(gcm, fields):
    size = c_uint()
    info, out = Message().info(**fields), create_string_buffer(1)
    refused = status("BCryptEncrypt", gcm, b"x", 1, byref(info), None, 0, out, 1, byref(size), 0)
    assert refused == STATUS_INVALID_PARAMETER


def test_in_place_and_overlapping_buffers():
    """contract: rule-symmetric-encrypt: one buffer, or two that do not overlap."""
    key = OK.symmetric("AES", bytes(16), "ChainingModeECB")
    buffer, size = create_string_buffer(bytes(48), 48), c_uint()
    start = addressof(buffer)
    OK.BCryptEncrypt(key, c_void_p(start), 16, None, None, 0, c_void_p(start), 16, byref(size), 0)
    assert buffer.raw[:16].hex().startswith("66e94bd4")
    overlap = (key, c_void_p(start), 32, None, None, 0, c_void_p(start + 16), 32, byref(size), 0)
    assert status("BCryptEncrypt", *overlap) == STATUS_INVALID_PARAMETER
    OK.BCryptDestroyKey(key)


# --- lists -----------------------------------------------------------------------------------------------


def wide_at(address):
    return ctypes.wstring_at(address)


def test_lists_are_freed_by_the_caller():
    count, items = c_uint(), c_void_p()
    OK.BCryptEnumAlgorithms(BCRYPT_SIGNATURE_OPERATION, byref(count), byref(items), 0)
    found = (c_structure("BCRYPT_ALGORITHM_IDENTIFIER") * count.value).from_address(items.value)
    names = {wide_at(one.pszName): (one.dwClass, one.dwFlags) for one in found}
    assert names["ECDSA_P256"] == (BCRYPT_SIGNATURE_INTERFACE, 0)
    DLL.BCryptFreeBuffer(items)
    OK.BCryptEnumProviders("RSA", byref(count), byref(items), 0)
    found = (c_structure("BCRYPT_PROVIDER_NAME") * count.value).from_address(items.value)
    assert "cryptography" in [wide_at(one.pszProviderName) for one in found]
    DLL.BCryptFreeBuffer(items)
    DLL.BCryptFreeBuffer(None)


def test_registered_providers():
    """contract: rule-enum-registered: a query is BUFFER_TOO_SMALL; NULL allocates, else the buffer is filled."""
    size, found = c_uint(), c_void_p()
    assert status("BCryptEnumRegisteredProviders", byref(size), None) == STATUS_BUFFER_TOO_SMALL
    needed = size.value
    OK.BCryptEnumRegisteredProviders(byref(size), byref(found))
    first = names_at(found.value)
    DLL.BCryptFreeBuffer(found)
    own = create_string_buffer(needed)
    found.value, size.value = addressof(own), needed - 1
    assert status("BCryptEnumRegisteredProviders", byref(size), byref(found)) == STATUS_BUFFER_TOO_SMALL
    assert size.value == needed
    OK.BCryptEnumRegisteredProviders(byref(size), byref(found))
    assert names_at(addressof(own)) == first
    assert "cngcore-rsa" in first


def names_at(address):
    head = c_structure("CRYPT_PROVIDERS").from_address(address)
    return [wide_at(one) for one in (c_void_p * head.cProviders).from_address(head.rgpszProviders)]


def test_hash_oid_list():
    """BCRYPT_OID_LIST and BCRYPT_OID have 16 bytes each: a count, and a pointer at 8."""
    opened, size = OK.open("SHA256"), c_uint()
    OK.BCryptGetProperty(opened, "HashOIDList", None, 0, byref(size), 0)
    block = create_string_buffer(size.value)
    short = status("BCryptGetProperty", opened, "HashOIDList", block, size.value - 1, byref(size), 0)
    assert short == STATUS_BUFFER_TOO_SMALL
    OK.BCryptGetProperty(opened, "HashOIDList", block, size.value, byref(size), 0)
    words = (ctypes.c_uint64 * 4).from_buffer(block)
    assert words[0] >= 1
    assert words[1] == addressof(block) + 16
    assert ctypes.string_at(words[3], words[2]).hex() == "608648016503040201"  # 2.16.840.1.101.3.4.2.1
    OK.BCryptCloseAlgorithmProvider(opened, 0)


# --- exceptions -------------------------------------------------------------------------------------------


def test_an_interrupt_comes_out_in_python():
    """C cannot take an exception: the call answers, and the main thread is interrupted after it."""

    def interrupted(*arguments):
        raise KeyboardInterrupt

    def call():
        assert entries._guarded(interrupted)() == STATUS_INTERNAL_ERROR
        for _ in range(1000):
            pass

    with pytest.raises(KeyboardInterrupt):
        call()


def test_an_error_is_a_status():
    def failing(*arguments):
        raise RuntimeError("secret")

    assert entries._guarded(failing)() == STATUS_INTERNAL_ERROR


# --- the log ------------------------------------------------------------------------------------------------

LOGGED = """
import ctypes
from ctypes import byref, c_void_p, c_uint, create_string_buffer, windll
dll, algorithm, key, size = windll.bcrypt, c_void_p(), c_void_p(), c_uint()
dll.BCryptOpenAlgorithmProvider(byref(algorithm), "AES", None, 0)
secret = b"0123456789abcdef"
dll.BCryptGenerateSymmetricKey(algorithm, byref(key), None, 0, secret, 16, 0)
iv, out = create_string_buffer(16), create_string_buffer(16)
dll.BCryptEncrypt(key, b"plaintext_______", 16, None, iv, 16, out, 16, byref(size), 0)
dll.BCryptExportKey(key, None, "KeyDataBlob", None, 0, None, 0)
dll.BCryptGenerateKeyPair(algorithm, None, 256, 0)
dll.BCryptFreeBuffer(None)
dll.BCryptDestroyKey(key)
"""


def test_the_log_has_every_call_and_no_secret(tmp_path):
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(LOGGED)
    environment = {**os.environ, "CNGCORE_TRACE": str(log)}
    subprocess.run([sys.executable, "-m", "cngcore.windll", program], check=True, env=environment)
    first, *rest = log.read_text().splitlines()
    assert first.startswith("# process ")
    text = "\n".join(rest)
    lines = [line.split(None, 2)[2].rpartition(" (")[0] for line in rest]
    assert lines == [
        "BCryptOpenAlgorithmProvider(pszAlgId='AES', pszImplementation=NULL, dwFlags=0x0)"
        " -> STATUS_SUCCESS phAlgorithm=0x10000",
        "BCryptGenerateSymmetricKey(hAlgorithm=0x10000, pbKeyObject=NULL, pbSecret=<16 bytes>, dwFlags=0x0)"
        " -> STATUS_SUCCESS phKey=0x10010",
        "BCryptEncrypt(hKey=0x10010, pbInput=<16 bytes>, pPaddingInfo=NULL, pbIV=<16 bytes>, pbOutput=<16 bytes>,"
        " dwFlags=0x0) -> STATUS_SUCCESS pcbResult=16",
        "BCryptExportKey(hKey=0x10010, hExportKey=0x0, pszBlobType='KeyDataBlob', pbOutput=NULL, pcbResult=NULL,"
        " dwFlags=0x0) -> STATUS_INVALID_PARAMETER",
        "BCryptGenerateKeyPair(hAlgorithm=0x10000, phKey=NULL, dwLength=256, dwFlags=0x0) -> STATUS_INVALID_PARAMETER",
        "BCryptFreeBuffer()",
        "BCryptDestroyKey(hKey=0x10010) -> STATUS_SUCCESS",
    ]
    for secret in (b"0123456789abcdef", b"plaintext"):
        assert secret.decode() not in text
        assert secret.hex() not in text


REFUSED = """
from ctypes import byref, c_void_p, windll
dll, algorithm, key = windll.bcrypt, c_void_p(), c_void_p()
dll.BCryptOpenAlgorithmProvider(byref(algorithm), "AES", None, 0)
dll.BCryptSetProperty(algorithm, "ChainingMode", "ChainingModGCM", 30, 0)
dll.BCryptGenerateSymmetricKey(algorithm, byref(key), None, 0, b"0123456789", 10, 0)
dll.BCryptHashData(None, None, 5, 0)
"""


def test_the_log_has_the_reason(tmp_path):
    program, log = tmp_path / "program.py", tmp_path / "log"
    program.write_text(REFUSED)
    environment = {**os.environ, "CNGCORE_TRACE": str(log)}
    for _ in range(2):
        subprocess.run([sys.executable, "-m", "cngcore.windll", program], check=True, env=environment)
    lines = [line.rpartition(" (")[0].partition(" -> ")[2] for line in log.read_text().splitlines() if line[0] != "#"]
    assert lines[:4] == lines[4:]
    assert lines[0] == "STATUS_SUCCESS phAlgorithm=0x10000"
    assert lines[1].startswith("STATUS_NOT_SUPPORTED: ")
    assert "pbInput='ChainingModGCM' in 30 bytes" in log.read_text()
    assert lines[2].startswith("STATUS_INVALID_PARAMETER: ")
    assert "128 to 256 bits" in lines[2]
    assert lines[3].startswith("STATUS_INVALID_HANDLE: ")
    assert "0123456789" not in log.read_text()


def test_a_log_that_cannot_be_written(tmp_path):
    environment = {**os.environ, "CNGCORE_TRACE": str(tmp_path / "no" / "log")}
    program = "from cngcore.windll import _entries; _entries.entries(2)"
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert "CNGCORE_TRACE names" in done.stderr.splitlines()[-1]


def test_function_pointers_live_as_long_as_the_process():
    """A program may keep a pointer and drop the library."""
    with windows():
        from ctypes import WinDLL

        function = WinDLL("bcrypt").BCryptDestroyKey
    gc.collect()
    assert unsigned(function(None)) == STATUS_INVALID_HANDLE
