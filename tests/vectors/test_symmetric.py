"""AES, triple DES, ChaCha20-Poly1305, MACs, key wrap and PBKDF2 against Wycheproof, ACVP and CAVP.

Every case of every file is put to the library, or counted with the reason why not; the counts are asserted.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from vectorfiles import load_json, load_rsp, path, thinned
from vectorsupport import Listed, Tally, cases_of, status

import cngcore
from cngcore.blobs.symmetric import unwrap, wrap
from cngcore.status import NTStatus

NO_NONCE = "CNG takes a nonce of 12 bytes for GCM and ChaCha20-Poly1305, and of 7 to 13 for CCM"
NO_TAG = "CNG takes tags of 12 to 16 bytes for GCM, and of 4, 6 ... 16 for CCM"
NO_KEY = "the algorithm has no key of this length"
NO_STEALING = "the data is no whole number of blocks: CNG has no ciphertext stealing"
NO_TWEAK = "the tweak is no number of 64 bits, which is all that CNG takes"
CUT_TAG = "a tag that was cut: CNG compares MACs in the caller's code"
NO_HASH = "CNG has no such hash"
FIXED_DATA = "CNG puts a counter of 32 bits before the fixed data and the length behind it, which these do not"


def hexes(record: dict[str, Any], *names: str) -> list[bytes]:
    return [bytes.fromhex(record[name]) for name in names]


def key_of(algorithm: str, secret: bytes, mode: str | None = None, **settings: Any) -> Any:
    with cngcore.open_algorithm_provider(algorithm, mode=mode, **settings) as provider:
        lengths = provider.get_property("KeyLengths")
        step = lengths.step or 1
        if not lengths.minimum <= 8 * len(secret) <= lengths.maximum or (8 * len(secret) - lengths.minimum) % step:
            raise Listed(NO_KEY)
        return provider.generate_symmetric_key(secret)


def both_ways(key: Any, plain: bytes, cipher: bytes, iv: bytes | None, *, padding: bool = False) -> None:
    assert key.encrypt(plain, iv, padding=padding) == cipher
    assert key.decrypt(cipher, iv, padding=padding) == plain


# --- Wycheproof -----------------------------------------------------------------------------------------


def wycheproof(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in load_json(f"wycheproof/{name}_test.json")["testGroups"]:
        for test in group["tests"]:
            yield group, test


def judged(name: str, run: Callable[[dict[str, Any], dict[str, Any]], None], listed: dict[str, int]) -> None:
    tally = Tally()
    for group, test in wycheproof(name):
        with tally.case(f"{name} {test['tcId']}"):
            run(group, test)
    file = load_json(f"wycheproof/{name}_test.json")
    tally.check(file["numberOfTests"] if "_split" not in file else cases_of(file), (cases_of(file), listed))


def test_cbc_with_padding() -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, iv, message, cipher = hexes(test, "key", "iv", "msg", "ct")
        key = key_of("AES", secret)
        if test["result"] == "valid":
            both_ways(key, message, cipher, iv, padding=True)
            return
        expected = (NTStatus.STATUS_DATA_ERROR, NTStatus.STATUS_INVALID_BUFFER_SIZE)
        assert status(key.decrypt, cipher, iv, padding=True) in expected

    judged("aes_cbc_pkcs5", run, {})


def aead(algorithm: str, mode: str | None) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, nonce, aad, message, cipher, tag = hexes(test, "key", "iv", "aad", "msg", "ct", "tag")
        key = key_of(algorithm, secret, mode)
        sealed = status(key.encrypt_authenticated, message, nonce, associated_data=aad, tag_length=len(tag))
        opened = status(key.decrypt_authenticated, cipher, nonce, tag, associated_data=aad)
        low, high = (7, 13) if mode == "CCM" else (12, 12)
        tags = range(4, 17, 2) if mode == "CCM" else range(12, 17) if mode == "GCM" else (16,)
        if not low <= len(nonce) <= high or len(tag) not in tags:
            assert sealed == opened == NTStatus.STATUS_INVALID_PARAMETER
            raise Listed(NO_TAG if low <= len(nonce) <= high else NO_NONCE)
        if test["result"] == "valid":
            fresh = key_of(algorithm, secret, mode)  # a copy is the same key, which refuses the nonce
            assert fresh.encrypt_authenticated(message, nonce, associated_data=aad, tag_length=len(tag)) == (
                cipher,
                tag,
            )
            assert key.decrypt_authenticated(cipher, nonce, tag, associated_data=aad) == message
        else:
            assert opened == NTStatus.STATUS_AUTH_TAG_MISMATCH

    return run


def test_gcm() -> None:
    judged("aes_gcm", aead("AES", "GCM"), {NO_NONCE: 33})


def test_ccm() -> None:
    judged("aes_ccm", aead("AES", "CCM"), {NO_NONCE: 12, NO_TAG: 9})


def test_chacha20_poly1305() -> None:
    judged("chacha20_poly1305", aead("CHACHA20_POLY1305", None), {NO_NONCE: 3})


def test_xts() -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, iv, message, cipher = hexes(test, "key", "iv", "msg", "ct")
        if len(secret) == 48:
            raise Listed(NO_KEY)
        if len(message) % 16:
            raise Listed(NO_STEALING)
        if len(iv) > 8:
            raise Listed(NO_TWEAK)
        key = key_of("XTS-AES", secret, message_block_length=len(message))
        both_ways(key, message, cipher, iv.ljust(8, b"\0"))

    judged("aes_xts", run, {NO_KEY: 2, NO_STEALING: 2, NO_TWEAK: 2})


def test_key_wrap() -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, message, cipher = hexes(test, "key", "msg", "ct")
        kek = key_of("AES", secret)
        if test["result"] == "valid":
            assert wrap(kek.block(encrypting=True), message) == cipher
            assert unwrap(kek.block(encrypting=False), cipher) == message
            if len(message) in (16, 24, 32):
                with cngcore.open_algorithm_provider("AES") as aes:
                    again = aes.import_key("Rfc3565KeyWrapBlob", cipher, kek=kek)
                assert again.export("Rfc3565KeyWrapBlob", kek=kek) == cipher
        else:
            refused = status(unwrap, kek.block(encrypting=False), cipher)
            assert refused == NTStatus.STATUS_INVALID_PARAMETER
            if test["flags"] in (["WrongDataSize"], ["ShortKey"], ["EmptyKey"]):
                assert status(wrap, kek.block(encrypting=True), message) == NTStatus.STATUS_INVALID_PARAMETER

    judged("aes_wrap", run, {})


def mac(algorithm: str, flags: int = 0, extendable: bool = False) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def run(group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, message, tag = hexes(test, "key", "msg", "tag")
        with cngcore.open_algorithm_provider(algorithm, flags=flags) as provider:
            if status(provider.create_hash, secret) != NTStatus.STATUS_SUCCESS:
                assert test["result"] == "invalid"
                raise Listed(NO_KEY)
            with provider.create_hash(secret, iv=bytes.fromhex(test["iv"]) if "iv" in test else None) as state:
                state.update(message)
                made = state.finish(len(tag)) if extendable else state.finish()
        right = made[: len(tag)] == tag
        assert right is (test["result"] == "valid")
        if not extendable and len(made) != len(tag):
            raise Listed(CUT_TAG)

    return run


def test_cmac() -> None:
    judged("aes_cmac", mac("AES-CMAC"), {NO_KEY: 2})


def test_gmac() -> None:
    def run(group: dict[str, Any], test: dict[str, Any]) -> None:
        if group["ivSize"] != 96:
            raise Listed(NO_NONCE)
        mac("AES-GMAC")(group, test)

    judged("aes_gmac", run, {NO_NONCE: 10})


@pytest.mark.parametrize("bits", [128, 256])
def test_kmac(bits: int) -> None:
    judged(f"kmac{bits}_no_customization", mac(f"KMAC{bits}", extendable=True), {})


@pytest.mark.parametrize("name", ["SHA1", "SHA256", "SHA384", "SHA512"])
def test_hmac(name: str) -> None:
    cut = sum(group["tagSize"] != group_tag(name) for group, _ in wycheproof(f"hmac_{name.lower()}"))
    judged(f"hmac_{name.lower()}", mac(name, flags=8), {CUT_TAG: cut} if cut else {})


def group_tag(name: str) -> int:
    return {"SHA1": 160, "SHA256": 256, "SHA384": 384, "SHA512": 512}[name]


@pytest.mark.parametrize("name", ["SHA1", "SHA256", "SHA384", "SHA512"])
def test_pbkdf2(name: str) -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        password, salt, answer = hexes(test, "password", "salt", "dk")
        assert cngcore.pbkdf2(name, password, salt, test["iterationCount"], test["dkLen"]) == answer
        if test["iterationCount"] < 5000:
            with cngcore.open_algorithm_provider("PBKDF2") as kdf, kdf.generate_symmetric_key(password) as key:
                given = {"hash": name, "salt": salt, "iterations": test["iterationCount"]}
                assert key.derive(test["dkLen"], **given) == answer

    judged(f"pbkdf2_hmac{name.lower()}", run, {})


# --- ACVP -----------------------------------------------------------------------------------------------


def acvp(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in load_json(f"acvp/{name}.json")["testGroups"]:
        for test in group["tests"]:
            yield group, test


def acvp_judged(name: str, run: Callable[[dict[str, Any], dict[str, Any]], None], listed: dict[str, int]) -> None:
    tally, file = Tally(), load_json(f"acvp/{name}.json")
    for group, test in acvp(name):
        with tally.case(f"{name} {test['tcId']}"):
            run(group, test)
    tally.check(cases_of(file), (cases_of(file), listed))


@pytest.mark.parametrize(("mode", "feedback"), [("CBC", None), ("ECB", None), ("CFB8", 1), ("CFB128", 16)])
def test_acvp_modes(mode: str, feedback: int | None) -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, plain, cipher = hexes(test, "key", "pt", "ct")
        key = key_of("AES", secret, mode[:3], message_block_length=feedback)
        both_ways(key, plain, cipher, bytes.fromhex(test["iv"]) if "iv" in test else None)

    acvp_judged(f"ACVP-AES-{mode}-1.0", run, {})


def sealed_acvp(mode: str) -> Callable[[dict[str, Any], dict[str, Any]], None]:
    def run(group: dict[str, Any], test: dict[str, Any]) -> None:
        key = key_of("AES", bytes.fromhex(test["key"]), mode)
        nonce, aad, size = bytes.fromhex(test["iv"]), bytes.fromhex(test["aad"]), group["tagLen"] // 8
        cipher = bytes.fromhex(test["ct"])
        tag = bytes.fromhex(test["tag"]) if "tag" in test else cipher[len(cipher) - size :]
        cipher = cipher if "tag" in test else cipher[: len(cipher) - size]
        opened = status(key.decrypt_authenticated, cipher, nonce, tag, associated_data=aad)
        if opened == NTStatus.STATUS_INVALID_PARAMETER:
            legal = (mode == "CCM" and 7 <= len(nonce) <= 13) or len(nonce) == 12
            assert not legal or not (12 <= size <= 16 if mode == "GCM" else size % 2 == 0)
            raise Listed(NO_TAG if legal else NO_NONCE)
        if not test.get("testPassed", True):
            assert opened == NTStatus.STATUS_AUTH_TAG_MISMATCH
            return
        plain = bytes.fromhex(test["pt"])
        assert key.decrypt_authenticated(cipher, nonce, tag, associated_data=aad) == plain
        made = key.encrypt_authenticated(plain, nonce, associated_data=aad, tag_length=size)
        assert made == (cipher, tag)

    return run


def test_acvp_ccm() -> None:
    acvp_judged("ACVP-AES-CCM-1.0", sealed_acvp("CCM"), {})


def test_acvp_gcm() -> None:
    acvp_judged("ACVP-AES-GCM-1.0", sealed_acvp("GCM"), {NO_NONCE: 3})


def test_acvp_gmac() -> None:
    acvp_judged("ACVP-AES-GMAC-1.0", sealed_acvp("GCM"), {NO_NONCE: 3, NO_TAG: 1})


def test_acvp_key_wrap() -> None:
    def run(group: dict[str, Any], test: dict[str, Any]) -> None:
        if group["kwCipher"] != "cipher":
            raise Listed("key wrap with the inverse cipher, which RFC 3394 does not use")
        kek = key_of("AES", bytes.fromhex(test["key"]))
        cipher = bytes.fromhex(test["ct"])
        if test.get("testPassed", True):
            plain = bytes.fromhex(test["pt"])
            assert wrap(kek.block(encrypting=True), plain) == cipher
            assert unwrap(kek.block(encrypting=False), cipher) == plain
        else:
            assert status(unwrap, kek.block(encrypting=False), cipher) == NTStatus.STATUS_INVALID_PARAMETER

    acvp_judged("ACVP-AES-KW-1.0", run, {"key wrap with the inverse cipher, which RFC 3394 does not use": 54})


def test_acvp_xts() -> None:
    def run(_group: dict[str, Any], test: dict[str, Any]) -> None:
        if test["payloadLen"] % 128 or test["dataUnitLen"] % 128:
            raise Listed(NO_STEALING)
        raise AssertionError("a case that can be put to the library")

    acvp_judged("ACVP-AES-XTS-2.0", run, {NO_STEALING: 16})


def test_acvp_cmac() -> None:
    def run(group: dict[str, Any], test: dict[str, Any]) -> None:
        secret, message, tag = hexes(test, "key", "message", "mac")
        with cngcore.open_algorithm_provider("AES-CMAC") as cmac, cmac.create_hash(secret) as state:
            state.update(message)
            assert (state.finish()[: len(tag)] == tag) is test.get("testPassed", True)

    acvp_judged("CMAC-AES-1.0", run, {})


def test_acvp_pbkdf2_and_sp800_108() -> None:
    def refuses(_group: dict[str, Any], test: dict[str, Any]) -> None:
        assert status(cngcore.pbkdf2, "SHA224", test["password"].encode(), b"", 1, 1) == NTStatus.STATUS_NOT_FOUND
        raise Listed(NO_HASH)

    acvp_judged("PBKDF-1.0", refuses, {NO_HASH: 1})

    def fixed(_group: dict[str, Any], _test: dict[str, Any]) -> None:
        raise Listed(FIXED_DATA)

    acvp_judged("KDF-1.0", fixed, {FIXED_DATA: 1012})


# --- CAVP, from cryptography-vectors ----------------------------------------------------------------------

CIPHERS = "cryptography-vectors/ciphers"


def rsp_files(folder: str) -> list[str]:
    return sorted(f"{CIPHERS}/{folder}/{file.name}" for file in path(f"{CIPHERS}/{folder}").glob("*.rsp"))


def records(file: str) -> Iterator[dict[str, str]]:
    for section, record in load_rsp(file):
        yield {**section, **record}


@pytest.mark.parametrize(("mode", "feedback"), [("CBC", None), ("ECB", None), ("CFB8", 1), ("CFB128", 16)])
def test_cavp_aes(mode: str, feedback: int | None) -> None:
    seen = 0
    for file in rsp_files(f"AES/{mode[:3]}"):
        if not Path(file).name.startswith(mode) or "MCT" in file:
            continue
        for record in records(file):
            if "KEY" not in record:
                continue
            key = key_of("AES", bytes.fromhex(record["KEY"]), mode[:3], message_block_length=feedback)
            plain, cipher = hexes(record, "PLAINTEXT", "CIPHERTEXT")
            both_ways(key, plain, cipher, bytes.fromhex(record["IV"]) if "IV" in record else None)
            seen += 1
    assert seen > 800, seen


@pytest.mark.parametrize(("mode", "feedback"), [("CBC", None), ("ECB", None), ("CFB8", 1), ("CFB64", 8)])
def test_cavp_triple_des(mode: str, feedback: int | None) -> None:
    seen = 0
    for file in rsp_files(f"3DES/{mode[:3]}"):
        name = Path(file).name
        if not name.startswith(f"T{mode}") or name.startswith("TCBCI"):  # interleaved CBC is another mode
            continue
        for record in records(file):
            secret = "".join(record.get(part, record.get("KEYs", "")) for part in ("KEY1", "KEY2", "KEY3"))
            plain = record.get("PLAINTEXT", record.get("PT"))
            cipher = record.get("CIPHERTEXT", record.get("CT"))
            if plain is None or cipher is None or len(secret) != 48:
                continue
            iv = record.get("IV", record.get("IV1"))
            key = key_of("3DES", bytes.fromhex(secret), mode[:3], message_block_length=feedback)
            both_ways(key, bytes.fromhex(plain), bytes.fromhex(cipher), None if iv is None else bytes.fromhex(iv))
            seen += 1
    assert seen > 100, seen


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_cavp_gcm(bits: int) -> None:
    counted = {"right": 0, NO_NONCE: 0, NO_TAG: 0}
    for kind in ("Decrypt", "EncryptExtIV"):
        for record in thinned(records(f"{CIPHERS}/AES/GCM/gcm{kind}{bits}.rsp"), 25):
            if "Key" not in record:
                continue
            secret, nonce, aad, cipher, tag = hexes(record, "Key", "IV", "AAD", "CT", "Tag")
            key = key_of("AES", secret, "GCM")
            opened = status(key.decrypt_authenticated, cipher, nonce, tag, associated_data=aad)
            if len(nonce) != 12 or not 12 <= len(tag) <= 16:
                assert opened == NTStatus.STATUS_INVALID_PARAMETER
                counted[NO_NONCE if len(nonce) != 12 else NO_TAG] += 1
            elif "PT" in record:
                plain = bytes.fromhex(record["PT"])
                assert key.decrypt_authenticated(cipher, nonce, tag, associated_data=aad) == plain
                made = key.encrypt_authenticated(plain, nonce, associated_data=aad, tag_length=len(tag))
                assert made == (cipher, tag)
                counted["right"] += 1
            else:
                assert opened == NTStatus.STATUS_AUTH_TAG_MISMATCH
                counted["right"] += 1
    assert min(counted.values()) > 50, counted


@pytest.mark.parametrize("bits", [128, 256])
def test_cavp_xts(bits: int) -> None:
    right = 0
    for record in records(f"{CIPHERS}/AES/XTS/tweak-dataunitseqno/XTSGenAES{bits}.rsp"):
        if "PT" in record and int(record["DataUnitLen"]) % 128 == 0:
            secret, plain, cipher = hexes(record, "Key", "PT", "CT")
            key = key_of("XTS-AES", secret, message_block_length=len(plain))
            both_ways(key, plain, cipher, int(record["DataUnitSeqNumber"]).to_bytes(8, "little"))
            right += 1
    assert right > 100, right


@pytest.mark.parametrize("bits", [128, 192, 256])
def test_cavp_ccm(bits: int) -> None:
    right = 0
    for name in ("VADT", "VNT", "VPT", "VTT"):
        shared: dict[str, str] = {}  # what the records of a file share: a key, a nonce, lengths
        for record in records(f"{CIPHERS}/AES/CCM/{name}{bits}.rsp"):
            whole = {**shared, **record}
            if "CT" not in whole or "Nonce" not in whole or "Key" not in whole:
                shared.update(record)
                continue
            secret, nonce, aad, cipher, plain = hexes(whole, "Key", "Nonce", "Adata", "CT", "Payload")
            aad, plain = aad[: int(whole.get("Alen", len(aad)))], plain[: int(whole.get("Plen", len(plain)))]
            tag = cipher[len(plain) :]
            key = key_of("AES", secret, "CCM")
            made = key.encrypt_authenticated(plain, nonce, associated_data=aad, tag_length=len(tag))
            assert made == (cipher[: len(plain)], tag)
            assert key.decrypt_authenticated(cipher[: len(plain)], nonce, tag, associated_data=aad) == plain
            right += 1
    assert right > 100, right
