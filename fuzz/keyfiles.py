"""Read key files with cngcore, with ``cryptography`` and with ``asn1crypto``: ``python -m fuzz keyfiles``.

Files of every form are made once, then changed: bytes, DER elements, PEM lines, JSON members. For each input:

- cngcore raises nothing but a documented CngError, whose message tells no part of the input;
- it takes at most :data:`MOST_SECONDS` and :data:`MOST_MEMORY`;
- what both cngcore and another reader read has the same numbers;
- what only one of them reads is one of the exceptions in :data:`STRICTER` and :data:`WIDER`.

While this runs, the work that a passphrase may ask for is limited further, because a legal file may take seconds.
"""

from __future__ import annotations

import base64
import json
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cngcore import formats
from cngcore.formats import _encryption as encryption
from cngcore.formats import _work as work
from cngcore.status import CngError
from fuzz.findings import Finding
from fuzz.statuses import PARSE

__all__ = ["MOST_MEMORY", "MOST_SECONDS", "PASSPHRASE", "STRICTER", "WIDER", "changed", "examine", "main", "seeds"]

MOST_SECONDS = 1.0
MOST_MEMORY = 64 << 20
PASSPHRASE = b"secret"
NAMES = ("RSA", "EC", "DSA", "DH", "X25519", "ML-KEM", "ML-DSA")

STRICTER = {
    r"not in the fewest bytes|trail|indefinite|too large": "DER: OpenSSL reads BER and ignores what follows",
    r"belongs? to another|belong together|not below|between 1 and|is 0\b|make a curve|to q-1|no prime factor|below 3"
    r"|larger than p|must have 20": "numbers: cryptography leaves some tests to the use of a key, and ignores a public "
    "key beside it",
    r"does not have|CNG has|no form for it|has no name here|has no other curves|inherits|unknown object": "what CNG "
    "does not have",
    r"PEM: |label": "PEM: cryptography reads the first block and ignores the others",
    r"not base64|no public key|cut off|two check numbers|padding is wrong": "OpenSSH: its parser ignores some fields",
    r"has \d+ bytes, not|key length of|whole blocks|is not the one of|magic of a private": "sizes: it ignores some",
    r"the header|BitLength|cbKey|blob": "a blob, with what cryptography reads behind it",
    r"too much work|out of range|more than|too many|is 0 or": "bounds",
    r"is negative|whole bytes|the version|is not an? |is not NULL|is missing|has no length|longer than|has content"
    r"|empty|of another|differs|begins with|none of the three forms|of a type that no key has": "structure: OpenSSL "
    "skips what it does not need",
    r"passphrase|only CBC|not supported|is encrypted|cannot be read|none of the formats|looks like|initial vector"
    r"|two numbers": "detection: cryptography was told what the file is",
}
"""What another reader takes and cngcore refuses: a pattern of the refusal, and the reason."""

WIDER = {
    "cng": "cryptography does not read blobs",
    "jwk": "cryptography does not read JSON Web Keys",
    "xml": "cryptography does not read XML",
    "raw": "cryptography does not read raw keys",
    "openssh": "lines with options, several lines, and DSA",
    "pkcs12": "several private keys, foreign certificates, BER",
    "x509": "only the key of a certificate is read, the rest is ignored",
    "pem": "sister labels, line ends, old encryptions, several blocks",
    "der": "RSA of unusual sizes and exponents, curves, expanded ML keys, DH and DSA groups, old encryptions",
}
"""What cngcore reads and cryptography refuses, by format or encoding: the reason."""

_VOCABULARY = re.compile(r"[A-Za-z0-9+/=_-]{12,}")


# --- the files -------------------------------------------------------------------------------------------


@cache
def seeds() -> tuple[tuple[str, bytes], ...]:
    """Return files of every form, each with the name of the form."""
    return tuple(_made())


def _made() -> Iterator[tuple[str, bytes]]:
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.asymmetric import dsa, ec, mldsa, mlkem, rsa, x25519
    from cryptography.hazmat.primitives.serialization import pkcs12

    import cngcore

    their_keys = [
        rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256R1()),
        ec.generate_private_key(ec.SECP521R1()), ec.generate_private_key(ec.BrainpoolP256R1()),
        dsa.generate_private_key(1024), x25519.X25519PrivateKey.generate(), mlkem.MLKEM768PrivateKey.generate(),
        mldsa.MLDSA44PrivateKey.generate(),
    ]  # fmt: skip
    for theirs in their_keys:
        der = theirs.private_bytes(s.Encoding.DER, s.PrivateFormat.PKCS8, s.NoEncryption())
        key = formats.decode(der)
        for format in formats.FORMATS.values():
            if not format.writes or key.family not in format.families or format.name == "raw":
                continue
            for encoding in format.encodings:
                for private in (True, False):
                    try:
                        written = formats.encode(key, format.name, encoding=encoding, private=private)
                    except CngError:
                        continue
                    yield f"{format.name} {encoding}", bytes(written)
    first, second = their_keys[0], their_keys[1]
    hidden = s.PrivateFormat.OpenSSH.encryption_builder().kdf_rounds(1).build(PASSPHRASE)
    yield "openssh encrypted", second.private_bytes(s.Encoding.PEM, s.PrivateFormat.OpenSSH, hidden)
    yield "pkcs12", pkcs12.serialize_key_and_certificates(b"a", first, None, None, s.NoEncryption())
    weak = s.PrivateFormat.PKCS12.encryption_builder().kdf_rounds(50).build(PASSPHRASE)
    yield "pkcs12 encrypted", pkcs12.serialize_key_and_certificates(b"a", second, None, None, weak)
    yield "jwk set", _set(first, second)
    yield "xml", _xml(first)
    yield from _of_openssl(first, second, s)
    line = bytes(formats.encode(formats.from_cryptography(first), "openssh", private=False)).strip()
    yield "authorized_keys", b'# keys\ncommand="a b",no-pty ' + line + b" a@b\nhost,1.2.3.4 " + line + b"\n"
    with cngcore.generate_key_pair("DH", 512) as pair:
        yield "dh", bytes(formats.encode(formats.from_key(pair), "pkcs8", encoding="der"))


def _set(*keys: Any) -> bytes:
    members = [json.loads(bytes(formats.encode(formats.from_cryptography(key), "jwk"))) for key in keys]
    return json.dumps({"keys": [*members, {"kty": "oct", "k": "AAAA"}]}).encode()


def _xml(key: Any) -> bytes:
    numbers = formats.from_cryptography(key).numbers
    names = {"Modulus": "n", "Exponent": "e", "P": "p", "Q": "q", "DP": "dp", "DQ": "dq", "InverseQ": "qinv", "D": "d"}
    text = "<RSAKeyValue>"
    for name, attribute in names.items():
        value = getattr(numbers, attribute)
        text += f"<{name}>{base64.b64encode(value.to_bytes((value.bit_length() + 7) // 8, 'big')).decode()}</{name}>"
    return (text + "</RSAKeyValue>").encode()


_OPENSSL = (
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES", "-iter", "50"),
    ("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-64", "-iter", "50"),
    ("pkcs8", "-topk8", "-v2", "des3", "-iter", "50"),
    ("pkcs8", "-topk8", "-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512", "-iter", "50"),
    ("pkcs8", "-topk8", "-v2", "camellia-128-cbc", "-iter", "50"),
    ("pkcs8", "-topk8", "-scrypt", "-scrypt_N", "16"),
    ("rsa", "-traditional", "-aes192"),
    ("rsa", "-traditional", "-des3"),
)


def _of_openssl(first: Any, second: Any, s: Any) -> Iterator[tuple[str, bytes]]:
    """Yield files that only the command openssl makes; none if it is not installed."""
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "key.pem"
        plain.write_bytes(first.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
        for command in _OPENSSL:
            legacy = ("-provider", "legacy", "-provider", "default")
            try:
                done = subprocess.run(
                    ["openssl", *command, "-in", str(plain), "-passout", "pass:secret", *legacy], capture_output=True
                )
            except FileNotFoundError:
                return
            if done.returncode == 0:
                yield "openssl " + " ".join(command[1:4]), done.stdout
        other = Path(folder) / "other.pem"
        other.write_bytes(second.private_bytes(s.Encoding.PEM, s.PrivateFormat.PKCS8, s.NoEncryption()))
        cert = Path(folder) / "cert.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-key", str(other), "-subj", "/CN=a", "-out", str(cert)], capture_output=True
        )
        for options in (("-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), ("-legacy", "-iter", "50"), ("-iter", "50")):
            done = subprocess.run(
                ["openssl", "pkcs12", "-export", "-inkey", str(other), "-in", str(cert), *options,
                 "-passout", "pass:secret"], capture_output=True,
            )  # fmt: skip
            if done.returncode == 0:
                yield "pkcs12 " + " ".join(options[:2]), done.stdout
        if cert.exists():
            yield "certificate", cert.read_bytes()
            yield "bundle", plain.read_bytes() + cert.read_bytes() + other.read_bytes()


# --- the changes -----------------------------------------------------------------------------------------


def changed(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """Return the content with one to three changes, of a kind that fits it."""
    for _ in range(source.choice((1, 1, 1, 2, 3))):
        kinds: list[Callable[[random.Random, bytes, list[bytes]], bytes]] = [_bytes]
        if b"-----BEGIN" in content:
            kinds += [_text, _text, _inside_pem, _inside_pem]
        elif content[:1] == b"\x30":
            kinds += [_element, _element, _element]
        elif content[:1] == b"{":
            kinds += [_members, _members, _text]
        content = source.choice(kinds)(source, content, others)
    return content


def _bytes(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    data = bytearray(content)
    at = source.randrange(len(data) + 1)
    match source.randrange(6):
        case 0 if data:
            data[at % len(data)] ^= 1 << source.randrange(8)
        case 1:
            del data[at:]
        case 2:
            data[at : at + source.randrange(9)] = b""
        case 3:
            data[at:at] = data[: source.randrange(64)]
        case 4:
            data += source.choice([b"\0", b"\n", b"\0" * 12, source.choice(others)[:200]])
        case _:
            data[at : at + 1] = source.randbytes(source.randrange(4))
    return bytes(data)


def _text(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    lines = content.splitlines(keepends=True)
    at = source.randrange(len(lines)) if lines else 0
    match source.randrange(10):
        case 0:
            return content.replace(b"\n", source.choice([b"\r\n", b"\r", b"", b" ", b"\\n", b"\n\n", b"\n  "]))
        case 1 if lines:
            lines[at] = lines[at].rstrip(b"\n")
        case 2 if lines:
            del lines[at]
        case 3 if lines:
            lines.insert(at, source.choice([b"\n", b"Comment: a\n", b"Proc-Type: 4,ENCRYPTED\n", b"a:\n", b"# b\n"]))
        case 4:
            old = source.choice([b"RSA ", b"EC ", b"ENCRYPTED ", b"PRIVATE", b"PUBLIC", b"CERTIFICATE", b"-----"])
            return content.replace(old, source.choice([b"", b"RSA ", b"EC ", b"PUBLIC", b"X509 ", b"DSA ", b"----"]))
        case 5:
            return content + source.choice(others)
        case 6:
            return content.decode("latin-1").encode("utf-16")
        case 7:
            return base64.b64encode(content)
        case 8:
            return b"\xef\xbb\xbf" + content
        case _ if lines:
            lines[at], lines[0] = lines[0], lines[at]
    return b"".join(lines)


_BODY = re.compile(rb"(-----BEGIN [^-]+-----\n)([A-Za-z0-9+/=\n]+)(-----END)")


def _inside_pem(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    blocks = list(_BODY.finditer(content))
    if not blocks:
        return _text(source, content, others)
    block = source.choice(blocks)
    try:
        inner = base64.b64decode(block[2])
    except ValueError:
        return content
    change = _element if inner[:1] == b"\x30" and source.random() < 0.8 else _bytes
    inner = change(source, inner, others)
    return content[: block.start(2)] + base64.encodebytes(inner) + content[block.end(2) :]


def _places(data: bytes) -> list[tuple[int, int, int]]:
    """Return (start, content, end) of the elements of DER, those inside others too."""
    found: list[tuple[int, int, int]] = []

    def walk(at: int, end: int, depth: int) -> bool:
        while at < end:
            if at + 2 > end:
                return False
            length, start = data[at + 1], at + 2
            if length & 0x80:
                width = length & 0x7F
                length = int.from_bytes(data[start : start + width], "big")
                start += width
            if not width_ok(start, length, end):
                return False
            found.append((at, start, start + length))
            if depth < 12 and (data[at] & 0x20 or (data[at] in (3, 4) and length > 4)):
                kept = len(found)
                skip = data[at] == 3
                if not walk(start + skip, start + length, depth + 1) and not data[at] & 0x20:
                    del found[kept:]
            at = start + length
        return True

    def width_ok(start: int, length: int, end: int) -> bool:
        return start + length <= end

    walk(0, len(data), 0)
    return found


def _element(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    """Change an element of DER and the lengths around it."""
    places = _places(content)
    if not places:
        return _bytes(source, content, others)
    start, inner, end = source.choice(places)
    old = content[inner:end]
    tag = content[start]
    match source.randrange(9):
        case 0:
            new = b""
        case 1:
            new = content[start:end] * 2
        case 2:
            new = _wrapped(tag, b"")
        case 3:
            new = _wrapped(source.choice([0x02, 0x03, 0x04, 0x05, 0x06, 0x30, 0xA0, 0xA1, 0x80, 0x81]), old)
        case 4:
            number = source.choice([b"\0", b"\1", b"\2", b"\3", b"\x7f", b"\xff", b"\x7f" * 4, b"\0\0", b"\x7f" * 300])
            new = _wrapped(tag, number if tag == 2 else number + old)
        case 5:
            new = _wrapped(tag, b"\0" + old)
        case 6:
            new = bytes([tag | 0x20, 0x80]) + (_wrapped(4, old) if tag == 4 else old) + b"\0\0"
        case 7:
            other = source.choice(places)
            new = content[other[0] : other[2]]
        case _:
            data = bytearray(old)
            if data:
                data[source.randrange(len(data))] ^= 1 << source.randrange(8)
            new = _wrapped(tag, bytes(data))
    around = [place for place in places if place[1] <= start and end <= place[2] and place[0] != start]
    data, low, high = new, start, end
    for outer in sorted(around, key=lambda place: place[0], reverse=True):
        data = _wrapped(content[outer[0]], content[outer[1] : low] + data + content[high : outer[2]])
        low, high = outer[0], outer[2]
    return content[:low] + data + content[high:]


def _wrapped(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    width = (size.bit_length() + 7) // 8
    return bytes([tag, 0x80 | width]) + size.to_bytes(width, "big") + content


def _members(source: random.Random, content: bytes, others: list[bytes]) -> bytes:
    try:
        value = json.loads(content)
    except ValueError:
        return _bytes(source, content, others)
    key = value
    if isinstance(value, dict) and isinstance(value.get("keys"), list) and value["keys"]:
        key = source.choice(value["keys"])
    if not isinstance(key, dict) or not key:
        return _bytes(source, content, others)
    name = source.choice(list(key))
    match source.randrange(8):
        case 0:
            del key[name]
        case 1:
            key[name] = None
        case 2:
            key[name] = source.choice([1, [], {}, "", "AAAA", "AA", "é", "RSA-HSM", "OKP", "Ed25519", 10**30])
        case 3:
            key[name] = "AA" + str(key[name])
        case 4:
            key[name] = str(key[name])[:-2]
        case 5:
            key[name] = key[source.choice(list(key))]
        case 6:
            return json.dumps({"keys": [value, *([key] * source.randrange(3))]}).encode()
        case _:
            text = str(key[name])
            at = source.randrange(len(text) + 1)
            key[name] = text[:at] + source.choice("AQg_-+=") + text[at + 1 :]
    return json.dumps(value).encode()


# --- the test of an input --------------------------------------------------------------------------------


def examine(data: bytes) -> str:
    """Read one file with all readers and return a word for the result. Raise Finding for a broken promise."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begun = time.process_time()
    found: formats.DecodedKeys | None = None
    refusal = ""
    passphrase: bytes | None = None
    try:
        for passphrase in (None, PASSPHRASE):
            try:
                found = formats.decode_all(data, passphrase=passphrase)
                break
            except CngError as error:
                if error.status not in PARSE:
                    raise Finding(f"{error.status.name} is not documented: {error.message}") from error
                _told_nothing(data, error.message)
                refusal = error.message
                if "give its passphrase" not in refusal:
                    break
    except Finding:
        raise
    except Exception as error:
        raise Finding(f"decode_all raised {type(error).__name__}: {error}") from error
    taken = time.process_time() - begun
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) << 10
    if taken > MOST_SECONDS or grown > MOST_MEMORY:
        raise Finding(f"{len(data)} bytes took {taken:.2f} s and {grown >> 20} MiB")
    for part in found.skipped if found is not None else ():
        _told_nothing(data, part.reason)
        _told_nothing(data, part.where)
    if "too much work" in refusal or "out of range" in refusal:
        return "refused, bounds"
    theirs = _theirs(data, passphrase)
    if found is None:
        if theirs is None:
            return "refused by both"
        reason = next((reason for pattern, reason in STRICTER.items() if re.search(pattern, refusal)), "")
        if not reason and data[:1] in (b"\x30", b"{", b"\xff") and b"-----BEGIN" in data:
            reason = "PEM: cryptography finds a block behind anything, DER and JSON included"
        if not reason:
            raise Finding(f"cryptography reads it, and we do not: {refusal}")
        return f"refused by us: {reason}"
    if theirs is None:
        one = found[0]
        if _by_asn1crypto(one) is False:
            raise Finding(f"asn1crypto reads other numbers than {one!r}")
        reason = WIDER.get(one.format) or WIDER.get(one.encoding)
        if not reason:
            raise Finding(f"we read {one!r}, and cryptography does not")
        return f"read by us: {reason}"
    if found[0].format == "cng" or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "read by both: what stands behind a blob, or between text in UTF-16, is another key"
    if not any(_same(one.key, theirs) for one in found):
        raise Finding(f"cryptography reads other numbers than {[one.key for one in found]}")
    return "read by both"


def _told_nothing(data: bytes, message: str) -> None:
    """Raise Finding if a message has a long word that stands in the input, in one of the usual spellings."""
    is_blob = formats.detect(data) == "cng"  # sizes in the header of a blob are told, and are no secret
    if not is_blob and re.search(r"(?<![\d.])\d{9,}(?![\d.])", message):
        raise Finding(f"an error tells a number of the input: {message}")
    text = data.decode("latin-1")
    spellings = [text, data.hex(), data.hex().upper(), base64.b64encode(data).decode()]
    for word in _VOCABULARY.findall(message):
        if any(word in spelling for spelling in spellings) and word not in _ours():
            raise Finding(f"an error tells a part of the input: {message}")


@cache
def _ours() -> str:
    """Return the source of the readers: a word in it is not from the input."""
    folder = Path(formats.__file__).parent
    return "\n".join(path.read_text() for path in folder.glob("*.py"))


def _theirs(data: bytes, passphrase: bytes | None) -> Any:
    """Return the key that ``cryptography`` reads, or None."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization as s
    from cryptography.hazmat.primitives.serialization import pkcs12

    def bundle(content: bytes) -> Any:
        loaded = pkcs12.load_pkcs12(content, passphrase)
        if loaded.key is not None:
            return loaded.key
        return loaded.cert.certificate.public_key() if loaded.cert else None

    loaders: list[Callable[[bytes], Any]] = [
        lambda content: s.load_pem_private_key(content, passphrase),
        lambda content: s.load_der_private_key(content, passphrase),
        s.load_pem_public_key,
        s.load_der_public_key,
        lambda content: s.load_ssh_private_key(content, passphrase),
        s.load_ssh_public_key,
        bundle,
        lambda content: x509.load_pem_x509_certificate(content).public_key(),
        lambda content: x509.load_der_x509_certificate(content).public_key(),
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for load in loaders:
            try:
                key = load(data)
            except (KeyboardInterrupt, TimeoutError):
                raise
            except BaseException:
                continue
            if key is not None:
                return key
    return None


def _same(ours: formats.Key, theirs: Any) -> bool:
    """Return whether two keys have the same numbers; a key that one of us cannot express counts as the same."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = formats.from_cryptography(theirs)
        except CngError:
            return True
    try:
        if formats.fingerprint(formats.complete(ours)) != formats.fingerprint(formats.complete(other)):
            return False
    except CngError:
        return True
    if not (ours.is_private and other.is_private):
        return True
    if ours.family == "RSA":  # either may have the primes in another order
        one, two = ({getattr(each.numbers, name) for name in "pqd"} for each in (ours, other))
        return one == two
    for name in ("d", "x", "seed", "expanded"):
        mine, yours = getattr(ours.numbers, name, None), getattr(other.numbers, name, None)
        if mine and yours and mine != yours:
            return False
    return True


def _by_asn1crypto(found: formats.Decoded) -> bool | None:
    """Return whether ``asn1crypto`` reads the same numbers; None if it is not installed or does not read it."""
    if found.key.family != "RSA" or found.format not in ("pkcs8", "pkcs1", "spki"):
        return None
    try:
        from asn1crypto import keys
    except ImportError:
        return None
    try:
        if found.format == "spki":
            numbers = keys.PublicKeyInfo.load(found.content, strict=True)["public_key"].parsed
        elif found.format == "pkcs8":
            numbers = keys.PrivateKeyInfo.load(found.content, strict=True)["private_key"].parsed
        elif found.key.is_private:
            numbers = keys.RSAPrivateKey.load(found.content, strict=True)
        else:
            numbers = keys.RSAPublicKey.load(found.content, strict=True)
        return bool(
            numbers["modulus"].native == found.key.numbers.n  # type: ignore[union-attr]
            and numbers["public_exponent"].native == found.key.numbers.e  # type: ignore[union-attr]
        )
    except (ValueError, TypeError, KeyError):
        return None


# --- the run ---------------------------------------------------------------------------------------------


def limit_work() -> None:
    """Limit the work of passphrases, so that MOST_SECONDS is a fair bound."""
    work.MOST_ITERATIONS = 100_000  # type: ignore[misc]
    work.MOST_TOTAL = 300_000  # type: ignore[misc]
    encryption.MOST_WORK = 1 << 15
    encryption.MOST_MEMORY = 1 << 24


def play(seconds: float, folder: Path, seed: int | None = None) -> dict[str, Any]:
    """Examine files until the time is over. Keep each input that broke a promise in ``folder``."""
    limit_work()
    source = random.Random(seed)
    files = seeds()
    contents = [content for _, content in files]
    results: Counter[str] = Counter()
    slowest = 0.0
    kept: set[str] = set()
    for form, content in files:
        word = examine(content)
        if word.startswith("refused") and not form.startswith("cng"):  # a short blob may not name its curve
            raise Finding(f"a file of the form {form} is not read: {word}")
    end = time.monotonic() + seconds
    inputs = 0
    while time.monotonic() < end:
        form, content = source.choice(files)
        data = changed(source, content, contents)[: 1 << 16]
        inputs += 1
        begun = time.process_time()
        signal.setitimer(signal.ITIMER_REAL, 60)
        try:
            results[examine(data) if data else "empty"] += 1
        except Finding as finding:
            results["FINDINGS"] += 1
            place = re.sub(r"[\d.]+", "#", str(finding))[:70]
            if place not in kept and len(kept) < 50:
                kept.add(place)
                name = f"{form.replace(' ', '-').replace('/', '')}-{inputs}"
                (folder / name).write_bytes(data)
                print(f"{name}: {finding}", file=sys.stderr, flush=True)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        slowest = max(slowest, time.process_time() - begun)
    return {
        "inputs": inputs,
        "forms": len(files),
        "slowest input with all readers, s": round(slowest, 2),
        "peak memory, MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "results": dict(results.most_common()),
    }


def main() -> None:
    """Run the process: ``python -m fuzz.keyfiles SECONDS FOLDER [SEED]``; the result is JSON on standard output."""
    seconds, folder = float(sys.argv[1]), Path(sys.argv[2])
    seed = int(sys.argv[3]) if len(sys.argv) > 3 and sys.argv[3].isdigit() else None
    print(json.dumps(play(seconds, folder, seed)))


if __name__ == "__main__":
    main()
