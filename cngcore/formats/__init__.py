"""Keys in and out of the forms that others use: CNG blobs, PKCS#8, SPKI, JWK, OpenSSH, objects of ``cryptography``.

::

    from cngcore import formats

    key = formats.decode(Path("key.pem").read_bytes())          # <Key EC nistP256, private>
    blob = formats.encode(key, "cng", blob_type="ECCPRIVATEBLOB")
    pair = formats.import_into(key)                             # a cngcore.KeyPair
    formats.encode(formats.from_key(pair), "pkcs8", passphrase="...")

What converts to what: :data:`FORMATS`, and docs/reference/formats.md. The core's own dependencies are enough for all
of it but encryption, OpenSSH, PKCS#12 and the objects of ``cryptography``; those want ``cngcore[formats]``.
"""

from cngcore.formats.bridge import from_key, import_into
from cngcore.formats.catalogue import FORMATS, Format
from cngcore.formats.derive import check, complete
from cngcore.formats.detection import LARGEST, detect
from cngcore.formats.files import Decoded, decode, decode_all, encode
from cngcore.formats.model import EcKey, Key, MlKey
from cngcore.formats.objects import from_cryptography, to_cryptography
from cngcore.formats.spki import fingerprint

__all__ = [
    "FORMATS",
    "LARGEST",
    "Decoded",
    "EcKey",
    "Format",
    "Key",
    "MlKey",
    "check",
    "complete",
    "decode",
    "decode_all",
    "detect",
    "encode",
    "fingerprint",
    "from_cryptography",
    "from_key",
    "import_into",
    "to_cryptography",
]
