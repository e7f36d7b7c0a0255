"""The ``openssl`` command as an independent reader and writer, and the files of ``ssh-keygen``."""

import re

import pytest
from formats.samples import KINDS, key, run, tool

import cngcore
from cngcore import formats

DSA1024 = ("-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:1024", "-pkeyopt", "dsa_paramgen_q_bits:160")
DSA2048 = ("-algorithm", "DSA", "-pkeyopt", "dsa_paramgen_bits:2048", "-pkeyopt", "dsa_paramgen_q_bits:256")
MAKERS = {
    "RSA 1024": ("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"),
    "RSA 3072, e = 17": (
        "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:3072", "-pkeyopt", "rsa_keygen_pubexp:17",
    ),
    "DSA 1024": DSA1024,
    "DSA 2048": DSA2048,
    **{
        f"EC {curve}": ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")
        for curve in (
            "prime192v1", "secp224r1", "P-256", "P-384", "P-521", "secp256k1", "brainpoolP256r1", "brainpoolP384r1",
            "brainpoolP512r1",
        )
    },
    "X25519": ("-algorithm", "X25519"),
}  # fmt: skip
TRADITIONAL = {"RSA": "pkcs1", "EC": "sec1", "DSA": "openssl-dsa"}
OPENSSL_READS = [kind for kind in KINDS if not kind.startswith("ML")]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Kind: the file that openssl made, PKCS#8 in PEM."""
    folder, files = tmp_path_factory.mktemp("openssl"), {}

    def make(kind):
        if kind not in files:
            path, options = folder / f"{len(files)}.pem", MAKERS[kind]
            if kind.startswith("DSA"):
                run("openssl", "genpkey", "-genparam", *options, "-out", folder / "parameters.pem")
                options = ("-paramfile", folder / "parameters.pem")
            run("openssl", "genpkey", *options, "-out", path)
            files[kind] = path
        return files[kind]

    return make


@pytest.mark.parametrize("kind", MAKERS)
def test_what_openssl_writes_we_read_and_write_alike(made, kind):
    path = made(kind)
    for encoding in ("pem", "der"):
        outputs = {
            "pkcs8": run("openssl", "pkcs8", "-topk8", "-nocrypt", "-in", path, "-outform", encoding.upper()),
            "spki": run("openssl", "pkey", "-in", path, "-pubout", "-outform", encoding.upper()),
        }
        if kind.split()[0] in TRADITIONAL and encoding == "pem":
            outputs[TRADITIONAL[kind.split()[0]]] = run("openssl", "pkey", "-in", path, "-traditional")
        for format, theirs in outputs.items():
            [found] = formats.decode_all(theirs)
            assert (found.format, found.encoding) == (format, encoding)
            formats.check(found.key)
            assert formats.encode(found.key, format, encoding=encoding) == theirs


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind.startswith("EC")])
@pytest.mark.parametrize("form", ["compressed", "hybrid", "uncompressed"])
def test_points_in_every_form(made, kind, form):
    theirs = run("openssl", "pkey", "-in", made(kind), "-pubout", "-ec_conv_form", form)
    plain = run("openssl", "pkey", "-in", made(kind), "-pubout")
    assert formats.encode(formats.decode(theirs), "spki") == plain


@pytest.mark.parametrize("kind", [kind for kind in MAKERS if kind.startswith("EC")])
def test_a_named_curve_told_by_its_numbers(made, kind):
    theirs = run("openssl", "ec", "-in", made(kind), "-param_enc", "explicit")
    assert len(theirs) > len(run("openssl", "ec", "-in", made(kind)))
    assert formats.encode(formats.decode(theirs), "sec1") == run("openssl", "ec", "-in", made(kind))


@pytest.mark.parametrize("curve", ["secp160r1", "prime239v1", "brainpoolP320r1", "brainpoolP256t1"])
def test_a_rare_curve_goes_by_its_name(curve):
    theirs = run("openssl", "ecparam", "-name", curve, "-genkey", "-noout")
    found = formats.decode(theirs)
    assert found.curve.lower().replace("x962p", "prime") == curve.lower()
    assert formats.encode(found, "sec1") == theirs
    assert (
        formats.encode(formats.decode(formats.encode(found, "cng", blob_type="ECCFULLPRIVATEBLOB")), "sec1") == theirs
    )


@pytest.mark.parametrize("curve", ["secp112r1", "secp128r1", "secp128r2", "wap-wsg-idm-ecid-wtls8"])
def test_a_curve_without_a_name_here_goes_by_its_numbers(curve, tmp_path):
    theirs = run("openssl", "ecparam", "-name", curve, "-genkey", "-param_enc", "explicit", "-noout")
    found = formats.decode(theirs)
    assert repr(found.numbers) == f"<EcKey explicit curve of {found.bits} bits, private>"
    assert formats.encode(found, "sec1") == theirs
    blob = formats.encode(found, "cng", blob_type="ECCFULLPRIVATEBLOB")
    back = formats.decode(blob)
    assert formats.encode(back, "sec1") == theirs
    path = tmp_path / "key.pem"
    path.write_bytes(formats.encode(back, "pkcs8"))
    run("openssl", "pkey", "-in", path, "-check", "-noout")
    named = run("openssl", "ecparam", "-name", curve, "-genkey", "-noout")
    with pytest.raises(cngcore.NotSupportedError, match="has no name here"):
        formats.decode(named)


@pytest.mark.parametrize("kind", OPENSSL_READS)
def test_what_we_write_openssl_reads(kind, tmp_path):
    path = tmp_path / "key"
    path.write_bytes(formats.encode(key(kind), "pkcs8"))
    theirs = run("openssl", "pkey", "-in", path, "-pubout", "-outform", "DER")
    ours = formats.encode(key(kind), "spki", encoding="der")
    if key(kind).family == "DH":  # openssl adds the length of the private number, or q, to the group
        assert formats.decode(theirs).numbers == key(kind).public().numbers
        path.write_bytes(ours)
        run("openssl", "pkey", "-pubin", "-inform", "DER", "-in", path, "-noout")
    else:
        assert theirs == ours


@pytest.mark.parametrize("options", [
    ("-v2", "aes-256-cbc"), ("-v2", "aes-128-cbc"), ("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"),
    ("-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"), ("-v2", "aes-192-cbc", "-iter", "100000"), ("-scrypt",),
    ("-v1", "PBE-SHA1-3DES"), ("-v2", "des3"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["RSA 1024", "EC P-256", "X25519"])
def test_what_openssl_encrypts_we_read(made, kind, options):
    theirs = run("openssl", "pkcs8", "-topk8", "-in", made(kind), "-passout", "pass:secret", *options)
    found = formats.decode(theirs, passphrase="secret")
    assert formats.encode(found, "pkcs8") == made(kind).read_bytes()
    with pytest.raises(cngcore.InvalidParameterError, match="the passphrase is wrong"):
        formats.decode(theirs, passphrase="Secret")


@pytest.mark.parametrize("kind", ["RSA 2048", "ECDSA P-521", "X25519"])
def test_what_we_encrypt_openssl_reads(kind, tmp_path):
    path = tmp_path / "key"
    path.write_bytes(formats.encode(key(kind), "pkcs8", passphrase="secret"))
    theirs = run("openssl", "pkey", "-in", path, "-passin", "pass:secret", "-outform", "DER")
    assert formats.complete(formats.decode(theirs)).numbers == formats.complete(
        formats.decode(formats.encode(key(kind), "pkcs8"))
    ).numbers  # fmt: skip


@pytest.mark.parametrize("kind", ["RSA 1024", "DSA 1024", "EC P-256"])
def test_traditional_pem_under_a_passphrase(made, kind):
    theirs = run("openssl", "pkey", "-in", made(kind), "-traditional", "-aes256", "-passout", "pass:secret")
    assert b"Proc-Type: 4,ENCRYPTED" in theirs
    [found] = formats.decode_all(theirs, passphrase="secret")
    assert found.encrypted
    assert formats.encode(found.key, "pkcs8") == made(kind).read_bytes()
    for passphrase in (None, "wrong"):
        with pytest.raises(cngcore.InvalidParameterError, match="passphrase"):
            formats.decode(theirs, passphrase=passphrase)


@pytest.mark.parametrize("kind", ["RSA 1024", "EC P-384", "DSA 1024"])
def test_certificates_and_bundles(made, kind, tmp_path):
    certificate, bundle = tmp_path / "c.pem", tmp_path / "b.p12"
    run("openssl", "req", "-x509", "-new", "-key", made(kind), "-subj", "/CN=test", "-out", certificate)
    spki = run("openssl", "pkey", "-in", made(kind), "-pubout")
    assert formats.encode(formats.decode(certificate.read_bytes()), "spki") == spki
    whole = formats.decode_all(certificate.read_bytes() + made(kind).read_bytes())
    assert [found.format for found in whole] == ["x509", "pkcs8"]
    assert len({formats.fingerprint(formats.complete(found.key)) for found in whole}) == 1
    run("openssl", "pkcs12", "-export", "-inkey", made(kind), "-in", certificate, "-out", bundle, "-passout", "pass:x")
    assert formats.encode(formats.decode(bundle.read_bytes(), passphrase="x"), "pkcs8") == made(kind).read_bytes()
    with pytest.raises(cngcore.InvalidParameterError, match="passphrase"):
        formats.decode(bundle.read_bytes(), passphrase="y")


def test_what_cng_does_not_have(tmp_path):
    for options, why in (
        (("-algorithm", "ED25519"), "Ed25519, which CNG does not have"),
        (("-algorithm", "X448"), "X448"),
        (("-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:1024"), "RSASSA-PSS: a key bound to one padding"),
    ):
        with pytest.raises(cngcore.NotSupportedError, match=why):
            formats.decode(run("openssl", "genpkey", *options))
    theirs = run("openssl", "genrsa", "-primes", "3", "-traditional", "1536")
    with pytest.raises(cngcore.NotSupportedError, match="more than two primes"):
        formats.decode(theirs)


@pytest.mark.parametrize("kind", ["rsa:1024", "rsa:2048", "ecdsa:256", "ecdsa:384", "ecdsa:521"])
@pytest.mark.parametrize("form", ["RFC4716", "PKCS8", "PEM"])
def test_the_files_of_ssh_keygen(kind, form, tmp_path):
    algorithm, bits = kind.split(":")
    path = tmp_path / "id"
    options = ("-q", "-t", algorithm, "-b", bits, "-N", "", "-C", "a comment", "-m", form, "-f", path)
    run("ssh-keygen", *options)
    [found] = formats.decode_all(path.read_bytes())
    line = (tmp_path / "id.pub").read_bytes()
    public = formats.decode(line)
    assert public.numbers == found.key.public().numbers
    assert formats.encode(found.key, "openssh", private=False).split() == line.split()[:2]
    if found.encoding == "pem":
        assert formats.encode(found.key, found.format) == path.read_bytes()
    again = tmp_path / "again"
    again.write_bytes(formats.encode(found.key, "openssh"))
    again.chmod(0o600)
    assert run("ssh-keygen", "-y", "-f", again).split() == line.split()[:2]


def test_the_openssl_that_answered():
    assert re.match(rb"OpenSSL \d|LibreSSL \d", run("openssl", "version"))
    assert tool("openssl")
