"""Published test vectors as cases that any provider can be asked: read from our own files, or from Wycheproof's.

A case is a dict of strings and bools, as it stands in JSON; bytes are hexadecimal. ``does`` says what it asks:

==============  ===================================================================================================
``verify``      ``key``, ``data``, ``signature``, ``padding``; ``valid`` whether it verifies
``sign``        ``key``, ``data``, ``padding``, ``signature``: signing gives this signature, where nothing is random
``decrypt``     ``key``, ``ciphertext``, ``padding``, ``plaintext``; ``valid`` whether it decrypts
``agree``       ``key``, ``peer``, ``secret``; ``valid`` whether there is one
``decapsulate`` ``key``, ``ciphertext``, ``secret``; ``valid`` whether the ciphertext has its length
``public``      ``key``, ``blob_type``, ``blob``: exporting the key gives the blob
``import``      ``key``; ``valid`` whether it is one
``digest``      ``hash``, ``data``, ``digest``; with ``secret`` an HMAC
``encrypt``     ``algorithm``, ``secret``, ``mode``, ``plaintext``, ``ciphertext``; ``iv``, ``padded``,
                ``message_block`` and ``effective_bits`` if they are used; ``valid`` whether it decrypts
``seal``        ``algorithm``, ``secret``, ``mode``, ``nonce``, ``aad``, ``plaintext``, ``ciphertext``, ``tag``;
                ``valid`` whether it decrypts
``wrap``        ``algorithm``, ``kek``, ``secret``, ``wrapped``; ``valid`` whether it unwraps
``mac``         ``algorithm``, ``secret``, ``data``, ``tag``, which may be the beginning of the MAC; ``options`` (of the
                hash object), ``continued`` (with BCRYPT_HASH_DONT_RESET_FLAG); ``valid`` whether it is the tag
``derive``      ``algorithm``, ``secret``, ``parameters`` (by the header's names), ``output``
==============  ===================================================================================================

A ``key`` is a blob (``blob_type``, ``blob``) or a point of a curve (``curve``, ``x``, ``y``, ``d`` in a private one),
because the magic of an ECC blob depends on the algorithm that reads it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cngcore.blobs import dsa, pq, rsa
from cngcore.padding import ExternalMu, Oaep, Padding, Pkcs1, PqDsa, Pss
from cngcore.status import CngError

__all__ = ["FORMAT", "built_in", "cases_in", "from_wycheproof", "padding_of", "read", "unread"]

FORMAT = "cngcore-vectors"

Case = dict[str, Any]

_CURVES = {
    "secp256r1": "nistP256", "secp384r1": "nistP384", "secp521r1": "nistP521", "secp256k1": "secP256k1",
    "brainpoolP256r1": "brainpoolP256r1", "brainpoolP384r1": "brainpoolP384r1", "brainpoolP512r1": "brainpoolP512r1",
    "curve25519": "curve25519",
}  # fmt: skip
"""CNG's name of each curve, by Wycheproof's name."""


def built_in() -> list[Case]:
    """Return the cases that come with the kit."""
    return [case for path in sorted((Path(__file__).parent / "vectors").glob("*.json")) for case in read(path)]


def cases_in(path: str) -> list[Case]:
    """Return every case of a file, or of all JSON files below a folder.

    Raise FileNotFoundError if there is no such path; ignore files of other formats.
    """
    root = Path(path)
    if not root.exists():
        raise FileNotFoundError(f"there are no vectors at {path}: no such file or folder")
    files = sorted(root.rglob("*.json")) if root.is_dir() else [root]
    return [case for file in files for case in read(file)]


def read(path: Path) -> list[Case]:
    """Return the cases of one file; none if its format is unknown."""
    try:
        content = _content(path)
    except (ValueError, RecursionError):
        return []
    if not isinstance(content, dict):
        return []
    if content.get("format") == FORMAT:
        return list(content["cases"])
    if "testGroups" in content and "schema" in content:
        return list(from_wycheproof(path.stem, content))
    return []


def _content(path: Path) -> Any:
    """Return the content of a JSON file. Raise ValueError, or RecursionError if nested too deeply, for another."""
    return json.loads(path.read_text(encoding="utf-8"))


def unread(path: str) -> list[str]:
    """Return why files of a path give no case, one reason for each file: another format, or groups of no CNG blob."""
    root, found = Path(path), []
    for file in sorted(root.rglob("*.json")) if root.is_dir() else [root]:
        try:
            content = _content(file)
        except (ValueError, RecursionError):
            found.append(f"{file.name} is not JSON")
            continue
        wycheproof = isinstance(content, dict) and "testGroups" in content and "schema" in content
        if read(file):
            continue
        if wycheproof:
            groups = {
                " on ".join(part for part in (str(one.get("type", "")), str(one.get("curve", ""))) if part)
                for one in content["testGroups"]
            }
            found.append(f"{file.name} has groups that no blob of bcrypt.h holds ({', '.join(sorted(groups))})")
        elif isinstance(content, dict) and content.get("format") == FORMAT:
            found.append(f"{file.name} has no cases")
        else:
            found.append(f"{file.name} has neither the kit's format nor Wycheproof's")
    return found


def padding_of(description: dict[str, Any] | None) -> Padding | None:
    """Return the padding that a case describes."""
    if description is None:
        return None
    if description["type"] == "Pkcs1":
        return Pkcs1(description.get("hash"))
    if description["type"] == "Pss":
        return Pss(description["hash"], description["salt_length"])
    if description["type"] == "Oaep":
        return Oaep(description["hash"], bytes.fromhex(description.get("label", "")))
    if description["type"] == "ExternalMu":
        return ExternalMu()
    return PqDsa(bytes.fromhex(description.get("context", "")), description.get("prehash"))


def from_wycheproof(name: str, content: dict[str, Any]) -> Iterator[Case]:
    """Yield the cases of a Wycheproof file that CNG functions can answer, without the ``acceptable`` ones."""
    for group in content["testGroups"]:
        convert = _CONVERTERS.get(group.get("type", ""))
        if convert is None:
            continue
        for test in group["tests"]:
            if test["result"] == "acceptable":
                continue
            try:
                for case in convert(group, test, content):
                    yield {"id": f"wycheproof {name} {test['tcId']}", "valid": test["result"] == "valid", **case}
            except (CngError, _UnusableError):
                continue


class _UnusableError(Exception):
    """The case cannot be expressed in CNG."""


def _hash(name: str) -> tuple[str, str]:
    """Return CNG's and hashlib's name for a name of Wycheproof."""
    known = {
        "SHA-1": ("SHA1", "sha1"), "SHA-256": ("SHA256", "sha256"), "SHA-384": ("SHA384", "sha384"),
        "SHA-512": ("SHA512", "sha512"),
    }  # fmt: skip
    if name not in known:
        raise _UnusableError
    return known[name]


def _digest(group: dict[str, Any], test: dict[str, Any]) -> str:
    return hashlib.new(_hash(group["sha"])[1], bytes.fromhex(test["msg"])).hexdigest()


def _number(text: str) -> int:
    return int(text, 16)


def _blob(kind: str, data: bytes | bytearray) -> dict[str, str]:
    return {"blob_type": kind, "blob": data.hex()}


def _ecdsa(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    public = group["publicKey"]
    if public["curve"] not in _CURVES:
        raise _UnusableError
    point = public["uncompressed"][2:]
    half = len(point) // 2
    key = {"curve": _CURVES[public["curve"]], "x": point[:half], "y": point[half:]}
    yield {"does": "verify", "key": key, "data": _digest(group, test), "signature": test["sig"], "padding": None}


def _ecdh(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    public = test["public"]
    if group.get("encoding") != "ecpoint" or not public.startswith("04") or group["curve"] not in _CURVES:
        raise _UnusableError
    width = {"nistP256": 64, "nistP384": 96, "nistP521": 132}.get(_CURVES[group["curve"]])
    if width is None or len(public) != 2 + 2 * width:
        raise _UnusableError
    curve = _CURVES[group["curve"]]
    private = test["private"][-width:].rjust(width, "0")
    zero = "00" * (width // 2)
    yield {
        "does": "agree", "key": {"curve": curve, "x": zero, "y": zero, "d": private},
        "peer": {"curve": curve, "x": public[2 : 2 + width], "y": public[2 + width :]}, "secret": test["shared"],
    }  # fmt: skip


def _x25519(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    if group.get("curve") != "curve25519":
        raise _UnusableError
    private = bytearray.fromhex(test["private"])
    private[0] &= 248
    private[31] = (
        private[31] & 127 | 64
    )  # X25519 clamps, and CNG imports only clamped numbers (contract: rule-import-x25519-clamp)
    zero = "00" * 32
    yield {
        "does": "agree", "key": {"curve": "curve25519", "x": zero, "y": zero, "d": private.hex()},
        "peer": {"curve": "curve25519", "x": test["public"], "y": zero}, "secret": test["shared"],
    }  # fmt: skip


def _rsa_public(group: dict[str, Any]) -> dict[str, str]:
    public = group["publicKey"]
    key = rsa.RsaKey(_number(public["modulus"]), _number(public["publicExponent"]))
    return _blob("RSAPUBLICBLOB", rsa.build("RSAPUBLICBLOB", key))


def _rsa_private(group: dict[str, Any]) -> dict[str, str]:
    own = group["privateKey"]
    if "prime1" not in own:
        raise _UnusableError
    numbers = [_number(own[name]) for name in ("modulus", "publicExponent", "prime1", "prime2")]
    return _blob("RSAPRIVATEBLOB", rsa.build("RSAPRIVATEBLOB", rsa.RsaKey(*numbers)))


def _pkcs1(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    if "MissingNull" in test["flags"]:
        return  # valid in CNG and not in Wycheproof: see the check signature-without-null
    yield {
        "does": "verify", "key": _rsa_public(group), "data": _digest(group, test), "signature": test["sig"],
        "padding": {"type": "Pkcs1", "hash": _hash(group["sha"])[0]},
    }  # fmt: skip


def _pss(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    if group["mgfSha"] != group["sha"]:
        raise _UnusableError
    yield {
        "does": "verify", "key": _rsa_public(group), "data": _digest(group, test), "signature": test["sig"],
        "padding": {"type": "Pss", "hash": _hash(group["sha"])[0], "salt_length": group["sLen"]},
    }  # fmt: skip


def _oaep(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    if group["mgfSha"] != group["sha"]:
        raise _UnusableError
    padding = {"type": "Oaep", "hash": _hash(group["sha"])[0], "label": test.get("label", "")}
    yield {
        "does": "decrypt",
        "key": _rsa_private(group),
        "ciphertext": test["ct"],
        "plaintext": test["msg"],
        "padding": padding,
    }


def _pkcs1_encryption(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    padding = {"type": "Pkcs1"}
    yield {
        "does": "decrypt",
        "key": _rsa_private(group),
        "ciphertext": test["ct"],
        "plaintext": test["msg"],
        "padding": padding,
    }


def _dsa(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    public = group["publicKey"]
    parameters = dsa.DsaParameters(p=_number(public["p"]), q=_number(public["q"]), g=_number(public["g"]))
    data = _digest(group, test)
    if len(data) != 2 * parameters.group_bytes:
        raise _UnusableError  # CNG takes only digests as long as q
    blob = dsa.build("DSAPUBLICBLOB", dsa.DsaKey(parameters, _number(public["y"])))
    yield {
        "does": "verify",
        "key": _blob("DSAPUBLICBLOB", blob),
        "data": data,
        "signature": test["sig"],
        "padding": None,
    }


def _kem_set(group: dict[str, Any]) -> str:
    return str(group["parameterSet"]).removeprefix("ML-KEM-")


def _kem(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    seed = _blob("MLKEMPRIVATESEEDBLOB", pq.build("MLKEMPRIVATESEEDBLOB", _kem_set(group), bytes.fromhex(test["seed"])))
    if test["result"] == "valid":
        public = pq.build("MLKEMPUBLICBLOB", _kem_set(group), bytes.fromhex(test["ek"]))
        yield {"does": "public", "key": seed, "blob_type": "MLKEMPUBLICBLOB", "blob": public.hex()}
    yield {"does": "decapsulate", "key": seed, "ciphertext": test["c"], "secret": test["K"]}


def _kem_keys(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    seed = _blob("MLKEMPRIVATESEEDBLOB", pq.build("MLKEMPRIVATESEEDBLOB", _kem_set(group), bytes.fromhex(test["seed"])))
    for name, field in (("MLKEMPUBLICBLOB", "ek"), ("MLKEMPRIVATEBLOB", "dk")):
        blob = pq.build(name, _kem_set(group), bytes.fromhex(test[field]))
        yield {"does": "public", "key": seed, "blob_type": name, "blob": blob.hex()}


def _kem_public(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    blob = pq.build("MLKEMPUBLICBLOB", _kem_set(group), bytes.fromhex(test["ek"]))
    yield {"does": "import", "key": _blob("MLKEMPUBLICBLOB", blob)}


def _dsa_set(content: object) -> str:
    return str(content["algorithm"]).removeprefix("ML-DSA-")  # type: ignore[index]


def _mldsa(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    if "msg" not in test:
        raise _UnusableError
    public = pq.build("PQDSAPUBLICBLOB", _dsa_set(content), bytes.fromhex(group["publicKey"]))
    padding = {"type": "PqDsa", "context": test["ctx"]} if test.get("ctx") else None
    yield {
        "does": "verify",
        "key": _blob("PQDSAPUBLICBLOB", public),
        "data": test["msg"],
        "signature": test["sig"],
        "padding": padding,
    }


def _mldsa_sign(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    if test["result"] != "valid" or "privateSeed" not in group:
        raise _UnusableError
    seed = pq.build("PQDSAPRIVATESEEDBLOB", _dsa_set(content), bytes.fromhex(group["privateSeed"]))
    public = pq.build("PQDSAPUBLICBLOB", _dsa_set(content), bytes.fromhex(group["publicKey"]))
    yield {
        "does": "public",
        "key": _blob("PQDSAPRIVATESEEDBLOB", seed),
        "blob_type": "PQDSAPUBLICBLOB",
        "blob": public.hex(),
    }


_HASHES = {"SHA1": "SHA1", "SHA-1": "SHA1", "SHA256": "SHA256", "SHA-256": "SHA256", "SHA384": "SHA384"}
_HASHES |= {"SHA-384": "SHA384", "SHA512": "SHA512", "SHA-512": "SHA512"}


def _encryption(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    algorithm = content["algorithm"]  # type: ignore[index]
    case = {
        "does": "encrypt",
        "secret": test["key"],
        "iv": test["iv"],
        "plaintext": test["msg"],
        "ciphertext": test["ct"],
    }
    if algorithm == "AES-CBC-PKCS5":
        yield {**case, "algorithm": "AES", "mode": "CBC", "padded": True}
    elif algorithm == "AES-XTS":
        size = len(test["msg"]) // 2
        if size % 16 or not size or len(test["iv"]) != 16:
            raise _UnusableError  # CNG has whole blocks only, and a number of 8 bytes
        yield {**case, "algorithm": "XTS-AES", "mode": "N/A", "message_block": size}


_SEALED = {"AES-GCM": ("AES", "GCM"), "AES-CCM": ("AES", "CCM"), "CHACHA20-POLY1305": ("CHACHA20_POLY1305", "N/A")}


def _sealed(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    name = content["algorithm"]  # type: ignore[index]
    if name not in _SEALED:
        raise _UnusableError
    algorithm, mode = _SEALED[name]
    yield {
        "does": "seal", "algorithm": algorithm, "mode": mode, "secret": test["key"], "nonce": test["iv"],
        "aad": test["aad"], "plaintext": test["msg"], "ciphertext": test["ct"], "tag": test["tag"],
    }  # fmt: skip


def _mac(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    name = content["algorithm"]  # type: ignore[index]
    name = name.removeprefix("HMAC") if name.startswith("HMACSHA") else name
    if name.startswith("KMAC") and 8 * len(test["tag"]) // 2 != group["tagSize"]:
        raise _UnusableError
    options = {"IV": test["iv"]} if "iv" in test else {}
    case = {"does": "mac", "algorithm": name, "secret": test["key"], "data": test["msg"], "tag": test["tag"]}
    yield {**case, "options": options}


def _key_wrap(group: dict[str, Any], test: dict[str, Any], _: object) -> Iterator[Case]:
    yield {"does": "wrap", "algorithm": "AES", "kek": test["key"], "secret": test["msg"], "wrapped": test["ct"]}


def _hkdf(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    hash_id = _HASHES.get(content["algorithm"].removeprefix("HKDF-"))  # type: ignore[index]
    if hash_id is None or test["result"] != "valid":
        raise _UnusableError
    parameters = {"KDF_HASH_ALGORITHM": hash_id, "KDF_SALT": test["salt"], "KDF_HKDF_INFO": test["info"]}
    case = {"does": "derive", "algorithm": "HKDF", "secret": test["ikm"], "parameters": parameters}
    yield {**case, "output": test["okm"]}


def _pbkdf(group: dict[str, Any], test: dict[str, Any], content: object) -> Iterator[Case]:
    hash_id = _HASHES.get(content["algorithm"].removeprefix("PBKDF2-HMAC"))  # type: ignore[index]
    if hash_id is None or test["result"] != "valid" or test["iterationCount"] > _MANY:
        raise _UnusableError
    parameters = {
        "KDF_HASH_ALGORITHM": hash_id, "KDF_SALT": test["salt"], "KDF_ITERATION_COUNT": test["iterationCount"],
    }  # fmt: skip
    case = {"does": "derive", "algorithm": "PBKDF2", "secret": test["password"], "parameters": parameters}
    yield {**case, "output": test["dk"]}


_MANY = 100_000
"""Iterations of PBKDF2 above which a vector is left out, because it takes seconds."""

_CONVERTERS = {
    "IndCpaTest": _encryption,
    "AeadTest": _sealed,
    "MacTest": _mac,
    "MacWithIvTest": _mac,
    "KeywrapTest": _key_wrap,
    "HkdfTest": _hkdf,
    "PbkdfTest": _pbkdf,
    "EcdsaP1363Verify": _ecdsa,
    "EcdhEcpointTest": _ecdh,
    "XdhComp": _x25519,
    "RsassaPkcs1Verify": _pkcs1,
    "RsassaPssVerify": _pss,
    "RsaesOaepDecrypt": _oaep,
    "RsaesPkcs1Decrypt": _pkcs1_encryption,
    "DsaP1363Verify": _dsa,
    "MLKEMTest": _kem,
    "MLKEMKeyGen": _kem_keys,
    "MLKEMEncapsTest": _kem_public,
    "MlDsaVerify": _mldsa,
    "MlDsaSign": _mldsa_sign,
}
