"""Play the life of handles with hypothesis: a model and both APIs must agree.

Each rule makes one call with the flat API and the same call with the object API, on two twins with the same history.
Both must answer with one status, and with that of the model if it knows the answer. After every step as many handles
are open as the model counts. The flat API may only return a status, and the object API may only raise a CngError.

``python -m fuzz lives`` plays for a given time (:mod:`fuzz.player`); ``tests/fuzz`` plays a few lives in every run.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
)

import cngcore
from cngcore import bcrypt, registry
from cngcore.bcrypt import _handles as handles
from cngcore.blobs.dsa import DsaParameters
from cngcore.status import CngError, NTStatus
from fuzz.arguments import NOT_HANDLES
from fuzz.names import FORMS
from fuzz.samples import DSA_PARAMETERS, sample
from fuzz.statuses import DOCUMENTED

__all__ = ["Lives"]

OK = NTStatus.STATUS_SUCCESS
NO_HANDLE = NTStatus.STATUS_INVALID_HANDLE
WRONG = NTStatus.STATUS_INVALID_PARAMETER
UNSUPPORTED = NTStatus.STATUS_NOT_SUPPORTED
REFUSED = NTStatus.STATUS_INVALID_SIGNATURE

LENGTHS = {
    "RSA": 512, "ECDSA_P256": 256, "ECDH_P256": 256, "ECDSA": 0, "ECDH": 0, "DH": 512, "DSA": 512, "ML-KEM": 0,
    "ML-DSA": 0, "SHA256": None,
}  # fmt: skip
"""The algorithms, and the length of their keys; None for an algorithm without keys."""

SETTINGS = {
    "RSA": [("KeyLength", 512), ("KeyLength", 576), ("KeyLength", 513)],
    "DH": [("KeyLength", 512), ("KeyLength", 511)],
    "DSA": [("DSAParameters", DSA_PARAMETERS)],
    "ECDSA": [("ECCCurveName", "nistP256"), ("ECCCurveName", "brainpoolP256r1"), ("ECCCurveName", "curve25519")],
    "ECDH": [("ECCCurveName", "nistP256"), ("ECCCurveName", "curve25519"), ("ECCCurveName", "no such")],
    "ML-KEM": [("ParameterSetName", "512"), ("ParameterSetName", "44"), ("ParameterSetName", "768")],
    "ML-DSA": [("ParameterSetName", "44"), ("ParameterSetName", "")],
}
NEEDS = {"ECDSA": "ECCCurveName", "ECDH": "ECCCurveName", "ML-KEM": "ParameterSetName", "ML-DSA": "ParameterSetName"}
SIGNS = {"RSA", "ECDSA_P256", "ECDSA", "DSA", "ML-DSA"}
AGREES = {"ECDH_P256", "ECDH", "DH"}
PUBLIC = {
    "RSA": "RSAPUBLICBLOB", "DH": "DHPUBLICBLOB", "DSA": "DSAPUBLICBLOB", "ML-KEM": "MLKEMPUBLICBLOB",
    "ML-DSA": "PQDSAPUBLICBLOB",
}  # fmt: skip
READABLE = (
    "AlgorithmName", "KeyLength", "KeyStrength", "SignatureLength", "ECCCurveName", "ParameterSetName", "DHParameters",
    "PublicKeyLength", "nope",
)  # fmt: skip
BLOBS = {
    family: [kind for name, kind in forms if name == family or family.startswith("EC")]
    for family, forms in [
        *((algorithm, FORMS[family]) for family in FORMS for algorithm in sorted({name for name, _ in FORMS[family]})),
        *((name, FORMS["ecc"]) for name in ("ECDSA_P256", "ECDH_P256")),
    ]
}
PADDINGS = {
    "RSA": (bcrypt.BCRYPT_PKCS1_PADDING_INFO("SHA256"), 2, cngcore.Pkcs1("SHA256")),
}


@dataclass(eq=False)
class Twin:
    """One thing twice, as a handle and as an object, and what the model knows of it."""

    flat: int
    thing: Any
    algorithm: str
    state: str = "live"
    known: dict[str, Any] = field(default_factory=dict)
    private: bool = True
    made_of: Any = None
    spoilt: bool = False
    """Imported from a changed blob: FIPS 203 and 204 do not require that the halves of an expanded key are compared."""

    @property
    def public_type(self) -> str:
        return PUBLIC.get(self.algorithm, "ECCPUBLICBLOB")


def by_object(call: Callable[[], Any]) -> tuple[NTStatus, Any]:
    try:
        return OK, call()
    except CngError as error:
        return error.status, None


def by_flat(name: str, *arguments: Any) -> Any:
    answer = getattr(bcrypt, name)(*arguments)
    status = answer[0] if isinstance(answer, tuple) else answer
    assert isinstance(status, NTStatus)
    assert status in DOCUMENTED[name], f"{name} answers {status.name}"
    return answer


class Lives(RuleBasedStateMachine):
    """The model: what is open and what is dead, the state of each key, and a rule for each call."""

    algorithms = Bundle("algorithms")
    keys = Bundle("keys")
    secrets = Bundle("secrets")
    hashes = Bundle("hashes")
    dead = Bundle("dead")

    def __init__(self) -> None:
        super().__init__()
        self.live = 0
        self.before = handles.open_handles()
        self.made = 0
        self.tried = 0

    def now_and_then(self) -> bool:
        """Return True once in eight calls, to limit a rule."""
        self.tried += 1
        return self.tried % 8 == 1

    @invariant()
    def as_many_handles_as_the_model_counts(self) -> None:
        assert handles.open_handles() - self.before == self.live

    def teardown(self) -> None:
        for table, destroy in (
            (handles.keys, bcrypt.BCryptDestroyKey),
            (handles.symmetric_keys, bcrypt.BCryptDestroyKey),
            (handles.multi_hashes, bcrypt.BCryptDestroyHash),
            (handles.secrets, bcrypt.BCryptDestroySecret),
            (handles.hashes, bcrypt.BCryptDestroyHash),
            (handles.algorithms, bcrypt.BCryptCloseAlgorithmProvider),
        ):
            for handle in [one for one in list(table) if not one & 15]:
                assert destroy(handle) is OK
        assert handles.open_handles() == 0

    def twin(self, status: NTStatus, handle: int | None, found: tuple[NTStatus, Any], **known: Any) -> Any:
        """Check that both or neither succeeded, and return the new twin, or nothing."""
        assert status is found[0], f"flat {status.name}, object {found[0].name}"
        assert (handle is not None) == status.is_success
        if handle is None:
            return multiple()
        self.live += 1
        return Twin(handle, found[1], **known)

    # --- algorithms -------------------------------------------------------------------------------------

    @initialize(target=algorithms)
    def open_some(self) -> Any:
        return multiple(*(self.open(name) for name in LENGTHS))

    @rule(target=algorithms, name=st.sampled_from(list(LENGTHS)))
    def open(self, name: str) -> Any:
        status, handle = by_flat("BCryptOpenAlgorithmProvider", name)
        assert status is OK
        return self.twin(
            status, handle, by_object(lambda: registry.default().open_algorithm_provider(name)), algorithm=name
        )

    @precondition(now_and_then)
    @rule(name=st.sampled_from(["NOPE", "", "rsa", "RSA\0"]))
    def open_nothing(self, name: str) -> None:
        status, handle = by_flat("BCryptOpenAlgorithmProvider", name)
        assert (status, handle) == (NTStatus.STATUS_NOT_FOUND, None)
        assert by_object(lambda: registry.default().open_algorithm_provider(name))[0] is status

    @precondition(now_and_then)
    @rule(target=dead, twin=consumes(algorithms))
    def close(self, twin: Twin) -> Twin:
        assert by_flat("BCryptCloseAlgorithmProvider", twin.flat) is by_object(twin.thing.close)[0] is OK
        self.live -= 1
        twin.state = "closed"
        return twin

    # --- the life of a key ------------------------------------------------------------------------------

    @rule(
        target=keys,
        algorithm=algorithms,
        wrong=st.sampled_from([0, 0, 0, 1, 7, 2**31]),
        flags=st.sampled_from([0, 0, 0, 8, 64]),
    )
    def generate(self, algorithm: Twin, wrong: int, flags: int) -> Any:
        length = LENGTHS[algorithm.algorithm]
        bits = (length or 0) + wrong
        status, handle = by_flat("BCryptGenerateKeyPair", algorithm.flat, bits, flags)
        if length is None:
            assert status is UNSUPPORTED
        elif wrong:
            assert status is WRONG
        elif not flags:
            assert status is OK
        found = by_object(lambda: algorithm.thing.generate_key_pair(bits, flags))
        return self.twin(status, handle, found, algorithm=algorithm.algorithm, state="empty", known={"KeyLength": bits})

    @rule(key=keys, data=st.data())
    def set_property(self, key: Twin, data: st.DataObject) -> None:
        choices = [*SETTINGS.get(key.algorithm, []), ("KeyLength", 256), ("nope", 1), ("AlgorithmName", "x")]
        self.set_one(key, *data.draw(st.sampled_from(choices)))

    def set_one(self, key: Twin, name: str, value: Any) -> None:
        status = by_flat("BCryptSetProperty", key.flat, name, value)
        if name == "DSAParameters":
            value = DsaParameters.from_bytes(value)
        assert by_object(lambda: key.thing.set_property(name, value))[0] is status, (name, value)
        if key.state == "destroyed":
            assert status is NO_HANDLE
        elif status is OK and key.state == "empty":
            key.known[name] = value

    @rule(key=keys, flags=st.sampled_from([0, 0, 0, 0, 8, 5]))
    def finalize(self, key: Twin, flags: int) -> None:
        if key.state == "empty" and (self.made > 12 or (key.algorithm == "DSA" and "DSAParameters" not in key.known)):
            return  # it would take long
        self.made += 1
        status = by_flat("BCryptFinalizeKeyPair", key.flat, flags)
        assert by_object(lambda: key.thing.finalize(flags))[0] is status
        if key.state != "empty":
            assert status is NO_HANDLE
        elif flags == 5 or (key.algorithm in NEEDS and NEEDS[key.algorithm] not in key.known):
            assert status is WRONG
        else:
            assert status is OK
            key.state = "finalized"

    @rule(target=keys, algorithm=algorithms, data=st.data())
    def whole_birth(self, algorithm: Twin, data: st.DataObject) -> Any:
        """Generate and finalize in one step, so that most lives have keys to use."""
        name = algorithm.algorithm
        if LENGTHS[name] is None or self.made > 12:
            return multiple()
        key = self.generate(algorithm, 0, 0)
        right = {"ECCCurveName": "nistP256", "ParameterSetName": "44" if name == "ML-DSA" else "512"}
        for setting in [NEEDS[name]] if name in NEEDS else ["DSAParameters"] if name == "DSA" else []:
            self.set_one(key, setting, right.get(setting, DSA_PARAMETERS))
        self.finalize(key, 0)
        assert key.state == "finalized"
        return key

    @rule(target=dead, key=consumes(keys))
    def destroy(self, key: Twin) -> Twin:
        assert by_flat("BCryptDestroyKey", key.flat) is by_object(key.thing.destroy)[0] is OK
        key.state = "destroyed"
        self.live -= 1
        return key

    @rule(
        target=keys,
        algorithm=algorithms,
        number=st.integers(0, 60),
        own=st.sampled_from([True, True, True, False]),
        spoil=st.one_of(st.none(), st.none(), st.tuples(st.integers(0, 63), st.integers(0, 255))),
    )
    def import_key(self, algorithm: Twin, number: int, own: bool, spoil: tuple[int, int] | None) -> Any:
        blobs = [one for one in map(sample, range(61)) if one[0] in BLOBS.get(algorithm.algorithm, ())]
        kind, blob = blobs[number % len(blobs)] if own and blobs else sample(number)
        if spoil:
            changed = bytearray(blob)
            changed[spoil[0] % len(blob)] = spoil[1]
            blob = bytes(changed)
        status, handle = by_flat("BCryptImportKeyPair", algorithm.flat, None, kind, blob)
        found = by_object(lambda: algorithm.thing.import_key_pair(kind, blob))
        known = {"private": "PRIVATE" in kind, "state": "finalized", "made_of": (kind, blob), "spoilt": bool(spoil)}
        return self.twin(status, handle, found, algorithm=algorithm.algorithm, **known)

    @rule(target=keys, key=keys, algorithm=algorithms)
    def move(self, key: Twin, algorithm: Twin) -> Any:
        """Export the public half of a key from its handle and import it elsewhere in both APIs."""
        status, size = by_flat("BCryptExportKey", key.flat, None, key.public_type)
        assert by_object(lambda: key.thing.export(key.public_type))[0] is status
        assert status is (OK if key.state == "finalized" else NO_HANDLE)
        if status is not OK:
            return multiple()
        blob = bytearray(size)
        assert by_flat("BCryptExportKey", key.flat, None, key.public_type, blob) == (OK, size)
        status, handle = by_flat("BCryptImportKeyPair", algorithm.flat, None, key.public_type, blob)
        if algorithm.algorithm == key.algorithm and key.algorithm not in NEEDS:
            assert status is OK
        found = by_object(lambda: algorithm.thing.import_key_pair(key.public_type, blob))
        return self.twin(status, handle, found, algorithm=algorithm.algorithm, state="finalized", private=False)

    @rule(key=keys, name=st.sampled_from(READABLE))
    def get_property(self, key: Twin, name: str) -> None:
        status, size = by_flat("BCryptGetProperty", key.flat, name)
        assert by_object(lambda: key.thing.get_property(name))[0] is status, name
        if status is OK and size:
            short = bytearray(size - 1)
            assert by_flat("BCryptGetProperty", key.flat, name, short) == (NTStatus.STATUS_BUFFER_TOO_SMALL, size)
            assert short == bytes(size - 1)

    # --- use --------------------------------------------------------------------------------------------

    @rule(key=keys)
    def sign_and_verify(self, key: Twin) -> None:
        padding, flags, scheme = PADDINGS.get(key.algorithm, (None, 0, None))
        digest = bytes(20) if key.algorithm == "DSA" else bytes(range(32))
        signature = bytearray(8192)
        status, size = by_flat("BCryptSignHash", key.flat, padding, digest, signature, flags)
        found, made = by_object(lambda: key.thing.sign_hash(digest, scheme))
        assert found is status
        if key.state != "finalized":
            assert status is NO_HANDLE
        elif key.algorithm not in SIGNS:
            assert status is UNSUPPORTED
        elif key.private and key.made_of is None:
            assert status is OK, status.name
        if status is not OK or (key.spoilt and key.algorithm == "ML-DSA"):
            return
        signature = signature[:size]
        assert len(made) == size
        assert by_flat("BCryptVerifySignature", key.flat, padding, digest, signature, flags) is OK
        key.thing.verify_signature(digest, made, scheme)
        if key.made_of:  # both APIs have the same key, so each verifies the signature of the other
            key.thing.verify_signature(digest, signature, scheme)
            assert by_flat("BCryptVerifySignature", key.flat, padding, digest, made, flags) is OK
        signature[size // 2] ^= 1
        assert by_flat("BCryptVerifySignature", key.flat, padding, digest, signature, flags) is REFUSED
        changed = bytearray(made)  # of the same key: another RSA key's may be above the modulus, INVALID_PARAMETER
        changed[size // 2] ^= 1
        assert by_object(lambda: key.thing.verify_signature(digest, changed, scheme))[0] is REFUSED

    @rule(target=secrets, one=keys, other=keys)
    def agree(self, one: Twin, other: Twin) -> Any:
        status, handle = by_flat("BCryptSecretAgreement", one.flat, other.flat)
        found = by_object(lambda: one.thing.agree(other.thing))
        if one.state != "finalized" or other.state != "finalized":
            assert status is NO_HANDLE
        elif one.algorithm not in AGREES:
            assert status is UNSUPPORTED
        return self.twin(status, handle, found, algorithm=one.algorithm, known={"keys": (one, other)})

    @rule(secret=secrets, kdf=st.sampled_from(["HASH", "TRUNCATE", "HMAC", "nope", "HKDF", "TLS_PRF"]))
    def derive(self, secret: Twin, kdf: str) -> None:
        status, size = by_flat("BCryptDeriveKey", secret.flat, kdf)
        expected = by_object(lambda: secret.thing.derive(kdf))
        if kdf in ("HASH", "TRUNCATE", "nope"):
            assert status is expected[0] is (UNSUPPORTED if kdf == "nope" else OK)
        if kdf == "HASH":
            assert size == len(expected[1])

    @rule(target=dead, secret=consumes(secrets))
    def destroy_secret(self, secret: Twin) -> Twin:
        assert by_flat("BCryptDestroySecret", secret.flat) is by_object(secret.thing.destroy)[0] is OK
        self.live -= 1
        return secret

    @rule(key=keys)
    def encapsulate(self, key: Twin) -> None:
        secret, ciphertext = bytearray(64), bytearray(2048)
        status, cb_secret, cb_ciphertext = by_flat("BCryptEncapsulate", key.flat, secret, ciphertext)
        found, made = by_object(key.thing.encapsulate)
        assert found is status
        if key.state != "finalized":
            assert status is NO_HANDLE
        if status is not OK:
            return
        opened = bytearray(64)
        status, size = by_flat("BCryptDecapsulate", key.flat, ciphertext[:cb_ciphertext], opened)
        assert by_object(lambda: key.thing.decapsulate(made[1]))[0] is status is (OK if key.private else WRONG)
        if key.private and not key.spoilt:
            assert opened[:size] == secret[:cb_secret]
            assert key.thing.decapsulate(made[1]) == made[0]

    # --- hashes -----------------------------------------------------------------------------------------

    @rule(target=hashes, algorithm=algorithms, reusable=st.booleans())
    def create_hash(self, algorithm: Twin, reusable: bool) -> Any:
        flags = bcrypt.BCRYPT_HASH_REUSABLE_FLAG if reusable else 0
        status, handle = by_flat("BCryptCreateHash", algorithm.flat, None, flags)
        assert status is (OK if algorithm.algorithm == "SHA256" else UNSUPPORTED)
        found = by_object(lambda: algorithm.thing.create_hash(None, flags))
        return self.twin(status, handle, found, algorithm="SHA256", known={"data": b"", "reusable": reusable})

    @rule(hash=hashes, data=st.binary(max_size=70))
    def hash_data(self, hash: Twin, data: bytes) -> None:
        status = by_flat("BCryptHashData", hash.flat, data)
        assert by_object(lambda: hash.thing.update(data))[0] is status is (NO_HANDLE if hash.state == "spent" else OK)
        hash.known["data"] += data

    @rule(hash=hashes, wrong=st.booleans())
    def finish_hash(self, hash: Twin, wrong: bool) -> None:
        output = bytearray(32 - wrong)
        status = by_flat("BCryptFinishHash", hash.flat, output)
        found, digest = by_object(lambda: hash.thing.finish(32 - wrong))
        assert found is status is (NO_HANDLE if hash.state == "spent" else WRONG if wrong else OK)
        if status is OK:
            assert output == digest == hashlib.sha256(hash.known["data"]).digest()
            hash.known["data"] = b""
            hash.state = "live" if hash.known["reusable"] else "spent"

    @rule(target=hashes, hash=hashes)
    def duplicate_hash(self, hash: Twin) -> Any:
        status, handle = by_flat("BCryptDuplicateHash", hash.flat)
        assert status is (NO_HANDLE if hash.state == "spent" else OK)
        return self.twin(status, handle, by_object(hash.thing.copy), algorithm="SHA256", known=dict(hash.known))

    @rule(target=dead, hash=consumes(hashes))
    def destroy_hash(self, hash: Twin) -> Twin:
        assert by_flat("BCryptDestroyHash", hash.flat) is by_object(hash.thing.destroy)[0] is OK
        self.live -= 1
        return hash

    # --- what is not, or no longer, a handle --------------------------------------------------------------

    @rule(twin=dead, other=st.one_of(keys, secrets, hashes, algorithms))
    def the_dead_stay_dead(self, twin: Twin, other: Twin) -> None:
        self._nothing(twin.flat)
        for use in ("destroy", "close", "finalize", "generate_key_pair", "finish", "encapsulate", "copy"):
            method = getattr(twin.thing, use, None)
            if method is not None:
                assert by_object(method)[0] is NO_HANDLE, use
        if other.flat in handles.keys:
            assert by_flat("BCryptSecretAgreement", other.flat, twin.flat) == (NO_HANDLE, None)

    @precondition(now_and_then)
    @rule(handle=st.sampled_from([one for one in NOT_HANDLES if one != 0x331]))
    def what_is_no_handle(self, handle: Any) -> None:
        self._nothing(handle)

    @staticmethod
    def _nothing(handle: Any) -> None:
        assert by_flat("BCryptDestroyKey", handle) is NO_HANDLE
        assert by_flat("BCryptFinalizeKeyPair", handle) is NO_HANDLE
        assert by_flat("BCryptExportKey", handle, None, "RSAPUBLICBLOB") == (NO_HANDLE, None)
        assert by_flat("BCryptSignHash", handle, None, b"", None) == (NO_HANDLE, None)
        assert by_flat("BCryptDestroySecret", handle) is NO_HANDLE
        assert by_flat("BCryptDeriveKey", handle, "HASH") == (NO_HANDLE, None)
        assert by_flat("BCryptHashData", handle, b"") is NO_HANDLE
        assert by_flat("BCryptDestroyHash", handle) is WRONG
        assert by_flat("BCryptCloseAlgorithmProvider", handle) is NO_HANDLE
