"""Providers of unusual shape that are right all the same: the kit passes them, and skips what is not there."""

import pytest
from conformance.deviations import DEVIATIONS
from conformance.workshop import BRIEF, importable, install
from helpers import representative

from cngcore.conformance import run

BLOBS = 'blob_types=["ECCPUBLICBLOB", "ECCPRIVATEBLOB"],\n        dispatch_level=True,'
IMPORT = "from cngcore.provider import (\n    Algorithm,\n"
GENERATE = "    def generate(self, request):\n        return self.material(ec.generate_private_key(ec.SECP256R1()))\n\n"
PUBLIC = "    def public(self):\n        return type(self)(None, self.public_key)\n\n"
LOAD = "    def load(self):\n"


def blobs(text):
    """The blob types of ECDSA_P256 declared otherwise; without dispatch_level, whose load() would use the others."""
    return [
        ("__init__.py", BLOBS, f"blob_types=[{text}],"),
        ("__init__.py", IMPORT, "from cngcore.provider import (\n    BlobType,\n    Algorithm,\n"),
    ]


ELSEWHERE = {"differential"}
"""Skipped always: it depends on what is installed."""

SHAPES = {
    # name: (changes, checks that are skipped besides)
    "no-private-blob": (
        blobs('"ECCPUBLICBLOB"'),
        {"private-range", "public-numbers", "secret-repr", "secret-logs", "secret-exceptions", "secret-reachable"},
    ),
    "private-blob-goes-out-only": (
        blobs('"ECCPUBLICBLOB", BlobType("ECCPRIVATEBLOB", imports=False)'), {"private-range", "public-numbers"}
    ),
    "private-blob-comes-in-only": (
        blobs('"ECCPUBLICBLOB", BlobType("ECCPRIVATEBLOB", exports=False)'),
        {
            "blob-point-computed", "private-range", "public-numbers", "secret-repr", "secret-logs", "secret-exceptions",
            "secret-reachable",
        },
    ),
    "no-public-half": ([("ec.py", PUBLIC, "")], {"public-half-lives"}),
    "one-thread-at-a-time": (
        [
            *DEVIATIONS["not-thread-safe"].changes,
            ("__init__.py", '"toy_cng.ec:EcdsaFactory",', '"toy_cng.ec:EcdsaFactory", concurrency="key",'),
        ],
        set(),
    ),
}  # fmt: skip


WHOLE = ("no-private-blob", "one-thread-at-a-time")
"""Of these shapes the exhaustive tests run the long checks too: those use the blobs of a key, and threads."""


@pytest.mark.parametrize(
    ("name", "checks"),
    [
        *representative([pytest.param(name, BRIEF, id=f"{name}-brief") for name in SHAPES], most=3),
        *(
            pytest.param(
                name, None, id=f"{name}-whole", marks=pytest.mark.exhaustive if name in WHOLE else pytest.mark.slow
            )
            for name in SHAPES
        ),
    ],
)
def test_an_unusual_provider_passes(tmp_path, name, checks):
    changes, skipped = SHAPES[name]
    if name.startswith("no-public"):
        changes = [*changes, ("ec.py", "key.public(), ", "")]
    package = install(tmp_path, name, changes)
    with importable(tmp_path, package):
        report = run(package, algorithms=["ECDSA_P256"], checks=checks)
    assert report.conforms, report.text()
    assert {one.check for one in report.outcomes if one.result == "skipped"} - ELSEWHERE == skipped


def test_no_blobs_at_all(tmp_path):
    """A key that cannot leave the device: it signs and verifies, and its public half comes from public()."""
    package = install(tmp_path, "no-blobs", blobs(""))
    with importable(tmp_path, package):
        report = run(package, algorithms=["ECDSA_P256"], checks=[*BRIEF, "threads"])
    assert report.conforms, report.text()
    passed = {one.check for one in report.outcomes if one.result == "passed"}
    assert passed >= {"sign-verify", "verify-refuses", "public-half", "keys-independent", "threads", "size-queries"}


def test_keys_that_are_imported_only(tmp_path):
    """A verifier that makes no keys: what needs a new key is skipped, and published vectors test the rest."""
    changes = [("ec.py", GENERATE, ""), ("__init__.py", BLOBS, 'blob_types=["ECCPUBLICBLOB", "ECCPRIVATEBLOB"],')]
    package = install(tmp_path, "imports-only", changes)
    with importable(tmp_path, package):
        report = run(package, algorithms=["ECDSA_P256"])
    assert report.conforms, report.text()
    skipped = [one for one in report.outcomes if one.result == "skipped" and one.check not in ELSEWHERE]
    assert skipped
    assert all(one.reason.startswith("it makes no key pairs") for one in skipped)
    (vectors,) = [one for one in report.outcomes if one.check == "vectors"]
    assert vectors.result == "passed"
    assert vectors.note.endswith("vectors")


def test_keys_longer_than_usual(tmp_path):
    """A modulus of more than 256 bytes, and one length only."""
    changes = [("__init__.py", "RSA_LENGTHS = KeyLengths(1024, 1088, 64)", "RSA_LENGTHS = KeyLengths(3072, 3072, 0)")]
    package = install(tmp_path, "long", changes)
    chosen = [
        "length-rule",
        "key-lengths",
        "length-honoured",
        "encrypt-decrypt",
        "encryption-bounds",
        "sign-verify",
        "vectors",
    ]
    with importable(tmp_path, package):
        report = run(package, algorithms=["RSA"], checks=chosen)
    assert report.conforms, report.text()
    assert {one.check: one.kind for one in report.outcomes}["encrypt-decrypt"] == "3072 bits"


SILENT = {
    # algorithm: (what it does not declare, how many vectors fewer it gets)
    "SHA256": (("__init__.py", "        keyed=True,\n", ""), 3),
    "ECDSA_P256": (("__init__.py", '            Property("ECCCurveName", str, ALWAYS, value="nistP256"),\n', ""), 0),
    "ECDH_P256": (
        ("__init__.py", 'LENGTH + [Property("ECCCurveName", str, ALWAYS, value="nistP256")]', "LENGTH"), 0
    ),
}  # fmt: skip


LACKING = {
    # what it answers NOT_SUPPORTED to: (algorithm, its change)
    "verifying with PSS": ("RSA", (
        "rsa.py", "        scheme, kind = self.scheme(digest, padding)\n        encodings.check_signature",
        "        if isinstance(padding, Pss):\n            raise NotSupportedError('no PSS here')\n"
        "        scheme, kind = self.scheme(digest, padding)\n        encodings.check_signature",
    )),
    "decrypting with OAEP": ("RSA", (
        "rsa.py", "        scheme = self.oaep(padding)\n        try:\n            return self.private_key.decrypt",
        "        raise NotSupportedError('no OAEP here')\n        scheme = self.oaep(padding)\n        try:\n"
        "            return self.private_key.decrypt",
    )),
}  # fmt: skip


@pytest.mark.parametrize("lack", LACKING)
def test_vectors_for_what_a_provider_lacks_are_left_out(tmp_path, lack):
    """A padding that a provider answers NOT_SUPPORTED to is no fault: its vectors are not for this provider."""
    algorithm, change = LACKING[lack]
    tried = []
    for slug, changes in (("whole", []), ("lacking", [change])):
        package = install(tmp_path, slug, changes)
        with importable(tmp_path, package):
            report = run(package, algorithms=[algorithm], checks=["vectors"])
        assert report.conforms, report.text()
        tried += [int(one.note.split()[0]) for one in report.outcomes if one.check == "vectors"]
    assert 0 < tried[1] < tried[0]


def test_vectors_of_another_curve_are_left_out(tmp_path):
    """An algorithm whose one curve is told by a property gets the vectors of this curve only; here the kit has none."""
    told = 'Property("ECCCurveName", str, ALWAYS, value="nistP256")'
    change = ("__init__.py", f"            {told},\n", f"            {told.replace('nistP256', 'nistP224')},\n")
    package = install(tmp_path, "another", [change])
    with importable(tmp_path, package):
        report = run(package, algorithms=["ECDSA_P256"], checks=["vectors"])
    assert [one.came for one in report.failed] == []


@pytest.mark.parametrize("algorithm", SILENT)
def test_vectors_for_what_a_declaration_does_not_say(tmp_path, algorithm):
    """An unkeyed hash is tested without the vectors of HMAC; a curve that no property names is found by its point."""
    change, fewer = SILENT[algorithm]
    tried = []
    for slug, changes in (("right", []), ("silent", [change])):
        package = install(tmp_path, slug, changes)
        with importable(tmp_path, package):
            report = run(package, algorithms=[algorithm], checks=["vectors"])
        assert report.conforms, report.text()
        tried += [int(one.note.split()[0]) for one in report.outcomes if one.check == "vectors"]
    assert len(tried) == 2
    assert tried[0] - tried[1] == fewer < tried[1]


def test_an_interrupt_in_a_provider_ends_the_kit(tmp_path):
    """Ctrl-C while the kit collects errors is the user's, and no error of the provider."""
    parse = "        parsed = ecc.parse(blob_type, blob, family=self.material.family)\n"
    change = ("ec.py", parse, f"        if len(blob) % 8:  # cut short\n            raise KeyboardInterrupt\n{parse}")
    package = install(tmp_path, "interrupted", [change])
    with importable(tmp_path, package), pytest.raises(KeyboardInterrupt):
        run(package, algorithms=["ECDSA_P256"], checks=["secret-exceptions"])
