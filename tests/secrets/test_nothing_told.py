"""A whole verbose session over keys whose bytes are known: none of them is in anything that was printed.

Everything that prints is asked to: repr and str of every object, the log at DEBUG, tracebacks with the local variables
of our frames, refused pickles, key events, policies' warnings, ``cng inspect``, ``cng doctor``, provenance, the report
of the conformance kit. Then the private numbers, seeds, secrets and derived keys are looked for, raw, as Python prints
bytes, in hex, in base64 and in decimal.
"""

import base64
import contextlib
import copy
import dataclasses
import hashlib
import io
import json
import logging
import pickle
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conformance.workshop import BRIEF

import cngcore
from cngcore import bcrypt, formats
from cngcore.bcrypt import _handles as handles
from cngcore.formats import EcKey, MlKey
from cngcore.memory import LockedBuffer, SecretBytes
from cngcore.policy import Policy, Rule
from cngcore.provider import hookimpl

KINDS = {
    "RSA": ("RSA", {"length": 1024}),
    "RSA 512": ("RSA", {"length": 512}),
    "DSA": ("DSA", {"length": 512}),
    "DH": ("DH", {"length": 512}),
    "P-256": ("ECDSA_P256", {"length": 256}),
    "ECDH": ("ECDH_P384", {"length": 384}),
    "brainpool": ("ECDSA", {"curve": "brainpoolP256r1"}),
    "X25519": ("ECDH", {"curve": "curve25519"}),
    "ML-KEM": ("ML-KEM", {"parameter_set": "768"}),
    "ML-KEM 512": ("ML-KEM", {"parameter_set": "512"}),
    "ML-DSA": ("ML-DSA", {"parameter_set": "44"}),
}


def private_parts(key: formats.Key) -> list[bytes]:
    """What must not be told of a key."""
    numbers = key.numbers
    if isinstance(numbers, EcKey):
        return [numbers.d]
    if isinstance(numbers, MlKey):
        # behind the parts that the expanded forms share with the public key
        hidden = numbers.expanded[:64] if key.family == "ML-KEM" else numbers.expanded[128:256]
        return [part for part in (numbers.seed, hidden) if part]
    names = [
        name
        for name in ("d", "p", "q", "dp", "dq", "qinv", "x")
        if name in {f.name for f in dataclasses.fields(numbers)}
    ]
    whole = [getattr(numbers, name) for name in names]
    return [number.to_bytes((number.bit_length() + 7) // 8, "big") for number in whole if isinstance(number, int)]


def traces(secret: bytes) -> Iterator[str]:
    """The forms in which a secret could stand in a text: all of it as a number, and pieces of twelve bytes of it."""
    if len(secret) >= 16:
        yield str(int.from_bytes(secret, "big"))
        yield str(int.from_bytes(secret, "little"))
        yield f"{int.from_bytes(secret, 'big'):x}"[1:]
    for start in range(0, max(1, len(secret) - 12), 8):
        piece = secret[start : start + 12]
        if len(piece) < 12 or len(set(piece)) < 6:
            continue
        for order in (piece, piece[::-1]):
            yield order.hex()
            yield order.hex().upper()
            yield order.hex(":")
            yield order.hex(" ")
            yield repr(order)[2:-1]
            yield order.decode("latin-1")
            yield repr(order.decode("latin-1"))[1:-1]
            yield ", ".join(map(str, order))
            for shift in range(3):
                yield base64.b64encode(bytes(shift) + order)[4:-4].decode()
                yield base64.urlsafe_b64encode(bytes(shift) + order)[4:-4].decode()


class Told:
    """Everything that was printed, and whatever must not be among it."""

    def __init__(self) -> None:
        self.text = io.StringIO()
        self.secrets: dict[str, list[bytes]] = {}

    def say(self, *things: object) -> None:
        for thing in things:
            self.text.write(f"{thing}\n{thing!r}\n")

    def attempt(self, call: Callable[..., object], *arguments: object, **named: object) -> object:
        """Call; what is raised is printed with the local variables of every frame but those of the test."""
        try:
            answer = call(*arguments, **named)
        except Exception as error:
            self.say(error, error.args)
            told = traceback.TracebackException.from_exception(error, capture_locals=True)
            each: traceback.TracebackException | None = told
            while each is not None:
                each.stack = traceback.StackSummary.from_list(
                    [frame for frame in each.stack if Path(frame.filename).name != Path(__file__).name]
                )
                each = each.__cause__ or each.__context__
            self.text.writelines(told.format(chain=True))
            return None
        self.say(type(answer))
        return answer

    def found(self) -> list[str]:
        text = self.text.getvalue()
        lines = []
        for name, parts in self.secrets.items():
            for part in parts:
                for trace in traces(part):
                    at = text.find(trace)
                    if at >= 0:
                        lines.append(f"{name}: {text[max(0, at - 200) : at + 20]!r}")
                        break
        return lines


@pytest.fixture
def told() -> Iterator[Told]:
    found = Told()
    handler = logging.StreamHandler(found.text)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield found
    root.removeHandler(handler)
    root.setLevel(before)


def test_the_search_finds_what_is_there(told: Told) -> None:
    """Each form, planted in the text, is found: else the other tests would prove nothing."""
    secret = bytes(range(40, 80))
    told.secrets["planted"] = [secret]
    assert told.found() == []
    for form in (
        secret.hex(), repr(secret), base64.b64encode(b"xy" + secret).decode(), str(int.from_bytes(secret, "big")),
        secret.decode("latin-1"), secret.hex(":").upper().lower(), f"RsaKey(d={int.from_bytes(secret, 'big')})",
    ):  # fmt: skip
        told.text = io.StringIO()
        told.say(form)
        assert told.found(), form


class Listener:
    def __init__(self) -> None:
        self.events: list[object] = []

    @hookimpl
    def cngcore_key_event(self, event: object) -> None:
        self.events.append(event)


@pytest.mark.parametrize("kind", KINDS)
def test_a_session(kind: str, told: Told, tmp_path: Path) -> None:
    listener = Listener()
    own = cngcore.Registry(policies=[Policy("talkative", [Rule("warn", "*", reason="to be heard")])])
    own.register(listener)
    algorithm, options = KINDS[kind]
    with cngcore.registry.using(own):
        key = own.generate_key_pair(algorithm, **options)
        held = formats.from_key(key)
        told.secrets[kind] = private_parts(held)
        assert all(len(part) >= 16 for part in told.secrets[kind])
        told.say(key, key._material, key._owner, key._implementation, key.provenance, key.provenance.to_dict())
        told.say(held, held.numbers, held.public(), key.public(), own)
        told.say(vars(own), own.providers(), own.faults())
        _uses(told, key)
        _blobs(told, key, own)
        _outside(told, held, tmp_path)
        for refused in (pickle.dumps, copy.copy, copy.deepcopy):
            told.attempt(refused, key)
            told.attempt(refused, key._material)
            with pytest.raises(cngcore.InvalidParameterError):
                refused(held)
        key.destroy()
        told.say(key)
        told.attempt(key.export, "RSAPRIVATEBLOB")
    assert listener.events
    told.say(*listener.events)
    told.say(json.dumps([event.to_dict() for event in listener.events]))
    assert told.found() == []
    assert len(told.text.getvalue()) > 5_000


def _uses(told: Told, key: cngcore.KeyPair) -> None:
    """Every operation, rightly and wrongly, on the objects and through the flat API."""
    secret_text = b"a message nobody else is to read"
    for padding in (None, cngcore.Pkcs1("SHA256"), cngcore.Pss("SHA256", 9), cngcore.Oaep("SHA1"), cngcore.PqDsa(b"c")):
        for call in (key.sign_hash, key.encrypt, key.decrypt):
            told.attempt(call, secret_text, padding)
        told.attempt(key.verify_signature, secret_text, secret_text, padding)
        told.say(padding)
    shared = told.attempt(key.agree, key)
    if shared is not None:
        told.secrets["shared"] = [bytes(shared._z), shared.derive("HASH"), shared.derive("HMAC")]
        told.say(shared, shared._z)
        told.attempt(shared.derive, "NOPE")
        told.attempt(shared.derive, "HMAC", hash="NOPE", hmac_key=bytes(told.secrets["shared"][0]))
        told.attempt(shared.derive, "HKDF")
        told.attempt(pickle.dumps, shared)
        told.attempt(pickle.dumps, shared._z)
    made = told.attempt(key.encapsulate)
    if made is not None:
        secret, ciphertext = made
        told.secrets["encapsulated"] = [secret]
        told.attempt(key.decapsulate, ciphertext)
        told.attempt(key.decapsulate, ciphertext[:-1])
        told.attempt(key.public().decapsulate, ciphertext)
    handle = handles.new()
    handles.keys[handle] = key
    told.say(*bcrypt.BCryptSignHash(handle, None, secret_text, bytearray(9)))
    told.say(*bcrypt.BCryptExportKey(handle, None, "NOPE", bytearray(9)))
    told.say(*bcrypt.BCryptDecrypt(handle, secret_text, None, None, bytearray(9)))
    del handles.keys[handle]


def _blobs(told: Told, key: cngcore.KeyPair, own: cngcore.Registry) -> None:
    """Private blobs that are right, cut short, and changed in each of their first bytes."""
    provider = key._owner
    for name, declared in provider.declaration.blob_types.items():
        if not (declared.private and declared.exports and declared.imports):
            continue
        blob = told.attempt(key.export, name)
        if blob is None:
            continue
        told.attempt(provider.import_key_pair, name, blob)
        told.attempt(provider.import_key_pair, name, blob[:-1])
        told.attempt(provider.import_key_pair, "NOPE", blob)
        for at in range(0, 40, 3):
            changed = bytearray(blob)
            changed[at] ^= 0x41
            told.attempt(provider.import_key_pair, name, changed)
            told.attempt(provider.import_key_pair, name, memoryview(changed))
        told.attempt(own.open_algorithm_provider("SHA256").create_hash, blob)
        buffer, secret = LockedBuffer(len(blob), blob), SecretBytes(blob)
        told.say(buffer, secret)
        for refused in (pickle.dumps, copy.copy):
            told.attempt(refused, buffer)
            told.attempt(refused, secret)
        buffer.close()


def _outside(told: Told, held: formats.Key, folder: Path) -> None:
    """The key in files, right and wrong, and what the commands print of them by default."""
    for form, ending in (("pkcs8", "pem"), ("jwk", "jwk"), ("cng", "blob")):
        try:
            content = bytes(formats.encode(held, form))
        except cngcore.CngError as error:
            told.say(error)
            continue
        told.attempt(formats.decode, content)
        for cut in (1, len(content) // 2):
            told.attempt(formats.decode, content[:-cut])
        path = folder / f"key.{ending}"
        path.write_bytes(content)
        broken = folder / f"broken.{ending}"
        broken.write_bytes(content[:-9])
        for command in (["inspect", str(path)], ["inspect", "--json", str(path)], ["inspect", str(broken)]):
            told.say(printed(command))


def printed(command: list[str]) -> str:
    """What ``cng`` prints, on either stream."""
    from cngcore.cli import main

    output = io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output), contextlib.suppress(SystemExit):
        main(command)
    assert output.getvalue()
    return output.getvalue()


SYMMETRIC = (
    "AES",
    "XTS-AES",
    "CHACHA20_POLY1305",
    "3DES",
    "DESX",
    "RC2",
    "RC4",
    "PBKDF2",
    "HKDF",
    "SP800_108_CTR_HMAC",
)
PLAINTEXT = b"a message nobody else is to read, of 48 bytes..."
NONCE, IV, TAG = bytes(12), bytes(16), bytes(16)


@pytest.mark.parametrize("name", SYMMETRIC)
def test_a_session_of_a_symmetric_key(name: str, told: Told, tmp_path: Path) -> None:
    """Secrets, plaintexts and derived keys, rightly and wrongly used, by the objects, the flat API and the command."""
    listener = Listener()
    own = cngcore.Registry(policies=[Policy("talkative", [Rule("warn", "*", reason="to be heard")])])
    own.register(listener)
    rule = own.open_algorithm_provider(name).declaration.key_lengths
    length = min(32, rule.key_lengths().maximum // 8)
    secret = hashlib.sha512(name.encode()).digest()[:length]
    told.secrets[name], told.secrets["plaintext"] = [secret], [PLAINTEXT]
    with cngcore.registry.using(own):
        for mode in [one.name for one in own.open_algorithm_provider(name).declaration.modes] or [None]:
            with own.generate_symmetric_key(name, bytearray(secret), mode=mode) as key:
                told.say(key, key.cipher, key._owner, key._secret, key.provenance, key.provenance.to_dict())
                _symmetric_uses(told, key, own)
            told.say(key)
            told.attempt(key.encrypt, PLAINTEXT)
        _wrong_secrets(told, name, secret, own)
        path = tmp_path / "some.key"
        path.write_bytes(secret)
        for command in (
            ["encrypt", str(path), "--key", str(path), "--algorithm", "RSA"],
            ["encrypt", str(path), "--key", str(path), "--algorithm", name, "--mode", "OFB"],
            ["decrypt", str(path), "--key", str(path), "--algorithm", name, "--mode", "OFB"],
            ["derive", name, "--secret", str(path), "--hash", "NOPE"],
            ["inspect", str(path)],
        ):
            told.say(printed(command))
    assert listener.events
    told.say(*listener.events)
    assert told.found() == []
    assert len(told.text.getvalue()) > 5_000


def _symmetric_uses(told: Told, key: cngcore.SymmetricKey, own: cngcore.Registry) -> None:
    """Every operation, rightly and wrongly, and every export."""
    for data in (PLAINTEXT, PLAINTEXT[:-1], bytearray(PLAINTEXT), 7):
        for iv in (IV, IV[:8], None, b"x"):
            told.attempt(key.encrypt, data, iv)
            told.attempt(key.decrypt, data, iv, padding=True)
        told.attempt(key.encrypt_authenticated, data, key.cipher and NONCE, associated_data=PLAINTEXT)
        told.attempt(key.encrypt_authenticated, data, NONCE)
        told.attempt(key.decrypt_authenticated, data, NONCE, TAG, associated_data=PLAINTEXT)
    stream = told.attempt(key.authenticated_stream, NONCE[1:] + b"\1")
    if stream is not None:
        stream.update(PLAINTEXT[:5])
        told.say(stream, stream._chain)
        told.attempt(pickle.dumps, stream)
        told.attempt(stream.update, 7)
        told.say(stream.finish())
    derived = told.attempt(key.derive, hash="SHA256", salt=b"salt", iterations=2, label=b"label", length=32)
    if derived is not None:
        told.secrets["derived"] = [bytes(derived)]
    told.attempt(key.derive, hash=PLAINTEXT, length=32)
    told.attempt(key.derive, hash="SHA256", salt=7, length=-1)
    for blob_type in ("KeyDataBlob", "OpaqueKeyBlob", "Rfc3565KeyWrapBlob", "NOPE"):
        blob = told.attempt(key.export, blob_type)
        for content in () if blob is None else (blob, blob[:-1], b"\0" + blob[1:], blob + b"\0"):
            told.attempt(key._owner.import_key, blob_type, content)
    for refused in (pickle.dumps, copy.copy, copy.deepcopy):
        told.attempt(refused, key)
        told.attempt(refused, key.cipher)
    told.say(key.copy())
    handle = handles.new()
    handles.symmetric_keys[handle] = key
    info = bcrypt.BCRYPT_AUTHENTICATED_CIPHER_MODE_INFO(pbNonce=NONCE, pbAuthData=PLAINTEXT, pbTag=bytearray(16))
    told.say(info)
    for call in (bcrypt.BCryptEncrypt, bcrypt.BCryptDecrypt):
        told.say(*call(handle, PLAINTEXT, info, None, bytearray(48)), *call(handle, PLAINTEXT, None, IV, bytearray(9)))
    told.say(*bcrypt.BCryptExportKey(handle, None, "NOPE", bytearray(9)))
    del handles.symmetric_keys[handle]


def _wrong_secrets(told: Told, name: str, secret: bytes, own: cngcore.Registry) -> None:
    for wrong in (secret[:3], secret * 5, list(secret), secret.decode("latin-1")):
        told.attempt(own.generate_symmetric_key, name, wrong)
        told.attempt(own.open_algorithm_provider("AES-CMAC").create_hash, wrong)
        told.attempt(own.open_algorithm_provider("KMAC128").create_hash, wrong)
        told.attempt(cngcore.pbkdf2, "SHA256", wrong, b"salt", 0, 16)
        told.attempt(cngcore.pbkdf2, "NOPE", wrong, b"salt", 1, 16)


def test_doctor_and_the_kit(told: Told) -> None:
    """What they print says nothing of keys at all: every run of at least 40 hex or base64 digits is a public name."""
    for command in (["doctor"], ["algorithms"], ["providers"], ["explain", "RSA"]):
        told.say(printed(command))
    from cngcore import conformance

    report = conformance.run("cngcore-ec", algorithms=["ECDSA_P256"], checks=BRIEF)
    told.say(report, report.text(), json.dumps(report.to_dict(), default=str))
    digits = "0123456789abcdefABCDEF"
    words = told.text.getvalue().replace('"', " ").split()
    longest = max((word for word in words if set(word) <= set(digits)), key=len, default="")
    assert len(longest) < 40, longest


@pytest.mark.parametrize("value", [b"the key of an HMAC", bytearray(b"the key of an HMAC")])
def test_a_parameter_of_a_derivation_does_not_show_its_bytes(value: bytes) -> None:
    """KDF_HMAC_KEY and KDF_SUPPPRIVINFO are secrets, and a list of parameters is easily printed."""
    shown = f"{bcrypt.BCryptBuffer(bcrypt.KDF_HMAC_KEY, value)!r}"
    assert "HMAC" not in shown
    assert "BufferType=3" in shown
    assert "SHA256" in repr(bcrypt.BCryptBuffer(bcrypt.KDF_HASH_ALGORITHM, "SHA256"))


@pytest.mark.parametrize(
    ("algorithm", "blob_type"),
    [
        ("RSA", "RSAPRIVATEBLOB"), ("ECDSA_P256", "ECCPRIVATEBLOB"), ("DH", "DHPRIVATEBLOB"), ("DSA", "DSAPRIVATEBLOB"),
        ("ML-DSA", "PQDSAPRIVATEBLOB"), ("ML-KEM", "MLKEMPRIVATEBLOB"),
    ],
)  # fmt: skip
def test_a_raw_key_taken_for_a_blob_shows_none_of_its_bytes(algorithm: str, blob_type: str) -> None:
    """The first four bytes stand where a blob has its magic; only a magic that the header knows is told."""
    raw = bytes.fromhex("a1b2c3d4") * 30
    with cngcore.open_algorithm_provider(algorithm) as provider, pytest.raises(cngcore.CngError) as raised:
        provider.import_key_pair(blob_type, raw)
    told = str(raised.value).lower()
    assert not [shown for shown in ("d4c3b2a1", "a1b2c3d4", str(0xD4C3B2A1), str(0xA1B2C3D4)) if shown in told], told
