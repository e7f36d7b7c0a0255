"""Read and write keys in the formats of other programs: CNG blobs, PKCS#8, SPKI, JWK, OpenSSH, ``cryptography``
objects.

::

    from cngcore import formats

    key = formats.decode(Path("key.pem").read_bytes())          # <Key EC nistP256, private>
    blob = formats.encode(key, "cng", blob_type="ECCPRIVATEBLOB")
    pair = formats.import_into(key)                             # a cngcore.KeyPair
    formats.encode(pair, "pkcs8", passphrase="...")
    pair = cngcore.load_key("key.pem")                          # decode and import_into in one step

:data:`FORMATS` lists the formats; the reference page "Formats" shows which converts to which. Encryption, OpenSSH,
PKCS#12 and objects of ``cryptography`` need the extra ``cngcore[formats]``. Everything else needs only the core.
"""

from __future__ import annotations

from cngcore.formats._catalogue import FORMATS, Format
from cngcore.formats._cng import (
    BLOB_TYPES,
    algorithm_of,
    blob_type_of,
    blob_types,
    clamped,
    holds_private,
    is_private_type,
)
from cngcore.formats._complete import check, complete
from cngcore.formats._cryptography_objects import from_cryptography, to_cryptography
from cngcore.formats._decode import Decoded, DecodedKeys, SkippedPart, decode, decode_all
from cngcore.formats._detection import LARGEST, detect, outermost
from cngcore.formats._encode import encode, writable
from cngcore.formats._export import from_key
from cngcore.formats._fields import Field, blob_fields, fields
from cngcore.formats._files import NewFile, check_regular, read_file
from cngcore.formats._import import import_into, load_key, save_key
from cngcore.formats._jwk import other_members
from cngcore.formats._library import PassphraseNeededError
from cngcore.formats._model import FAMILIES, EcKey, Key, MlKey, family_of
from cngcore.formats._pkcs8 import ML_FORMS
from cngcore.formats._signatures import signature_from_der, signature_to_der
from cngcore.formats._spki import fingerprint
from cngcore.formats._written import check_written

__all__ = [
    "BLOB_TYPES",
    "FAMILIES",
    "FORMATS",
    "LARGEST",
    "ML_FORMS",
    "Decoded",
    "DecodedKeys",
    "EcKey",
    "Field",
    "Format",
    "Key",
    "MlKey",
    "NewFile",
    "PassphraseNeededError",
    "SkippedPart",
    "algorithm_of",
    "blob_fields",
    "blob_type_of",
    "blob_types",
    "check",
    "check_regular",
    "check_written",
    "clamped",
    "complete",
    "decode",
    "decode_all",
    "detect",
    "encode",
    "family_of",
    "fields",
    "fingerprint",
    "from_cryptography",
    "from_key",
    "holds_private",
    "import_into",
    "is_private_type",
    "load_key",
    "other_members",
    "outermost",
    "read_file",
    "save_key",
    "signature_from_der",
    "signature_to_der",
    "to_cryptography",
    "writable",
]


def __dir__() -> list[str]:
    return sorted(__all__)
