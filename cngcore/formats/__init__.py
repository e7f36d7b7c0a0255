"""Read and write keys in the formats of other programs: CNG blobs, PKCS#8, SPKI, JWK, OpenSSH, ``cryptography``
objects.

::

    from cngcore import formats

    key = formats.decode(Path("key.pem").read_bytes())          # <Key EC nistP256, private>
    blob = formats.encode(key, "cng", blob_type="ECCPRIVATEBLOB")
    pair = formats.import_into(key)                             # a cngcore.KeyPair
    formats.encode(formats.from_key(pair), "pkcs8", passphrase="...")

:data:`FORMATS` lists the formats; the reference page "Formats" shows which converts to which. Encryption, OpenSSH,
PKCS#12 and objects of ``cryptography`` need the extra ``cngcore[formats]``. Everything else needs only the core.
"""

from cngcore.formats._catalogue import FORMATS, Format
from cngcore.formats._codec import Decoded, decode, decode_all, encode
from cngcore.formats._complete import check, complete
from cngcore.formats._cryptography_objects import from_cryptography, to_cryptography
from cngcore.formats._detection import LARGEST, detect
from cngcore.formats._keypairs import from_key, import_into
from cngcore.formats._model import EcKey, Key, MlKey
from cngcore.formats._spki import fingerprint

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
