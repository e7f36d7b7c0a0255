"""What pages and messages say to install, and the messages that "Troubleshooting" explains, are true."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import cngcore
from cngcore import CngError
from cngcore.formats import decode_all, encode

ROOT = Path(__file__).parents[2]
TROUBLESHOOTING = (ROOT / "docs" / "howto" / "troubleshooting.md").read_text()


# --- installation -------------------------------------------------------------------------------------


def texts():
    """Every page, and every source whose strings people read."""
    pages = [page for page in (ROOT / "docs").rglob("*.md") if not {"_build", "generated"} & {*page.parts}]
    yield from (*pages, *ROOT.glob("*.md"), *ROOT.glob("providers/*/README.md"))
    for folder in ("cngcore", *(f"providers/{path.name}/src" for path in (ROOT / "providers").iterdir())):
        yield from (ROOT / folder).rglob("*.py")


def test_nothing_promises_a_package_index_that_does_not_have_this_project():
    """``--no-index`` and a folder of the source are true; the name of a distribution alone is not."""
    wrong = [
        f"{path.relative_to(ROOT)}: {command}"
        for path in texts()
        for command in re.findall(r"(?:pip|pipx|uv tool) install[^\n#]*", path.read_text(encoding="utf-8"))
        if "--no-index" not in command and re.search(r"(?<![\w/-])cngcore(?![\w]*\.toml)", command)
    ]
    assert wrong == []


def needs(path):
    """The names of what a project depends on, without this project."""
    project = tomllib.loads((ROOT / path / "pyproject.toml").read_text())["project"]
    return project["dependencies"], project.get("optional-dependencies", {})


def names(requirements):
    return {re.match(r"[\w-]+", one)[0] for one in requirements} - {"cngcore"}


def test_the_table_of_the_page_install_names_what_each_part_needs():
    shown = {}
    for row in re.findall(r"^\| (`\..*) \| .* \| (.*) \|$", (ROOT / "docs/howto/install.md").read_text(), re.MULTILINE):
        libraries = set(re.findall(r"[a-z][\w-]+", row[1])) & {
            "pluggy", "importlib-metadata", "click", "rich", "cffi", "cryptography", "bcrypt", "joserfc", "pytest",
            "pqcrypto", "dilithium-py", "kyber-py", "ecdsa", "liboqs-python", "python-pkcs11", "pycryptodomex",
        }  # fmt: skip
        for part in re.findall(r"`(.*?)`", row[0]):
            shown[part.removeprefix("./providers/")] = libraries
    core, extras = needs(".")
    ssh = {"bcrypt"}  # of cryptography[ssh]
    true = {".": names(core), ".[formats]": names(extras["formats"]) | ssh}
    true |= {f".[{name}]": names(extras[name]) for name in ("capi", "cli", "bulk", "conformance")}
    true |= {path.name: names(needs(f"providers/{path.name}")[0]) for path in (ROOT / "providers").iterdir()}
    assert shown == true


# --- troubleshooting ----------------------------------------------------------------------------------


def of_command(*arguments, without=""):
    program = f"import sys; sys.modules[{without!r}] = None; from cngcore.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True).stderr


def verify_der():
    key = cngcore.generate_key_pair("ECDSA_P256")
    message = b"message"
    while len(signature := key.sign(message, encoding="der")) != 71:
        message += b"."
    key.verify(message, signature)


def two_keys():
    pem = b"".join(cngcore.generate_key_pair("ECDSA_P256").to_pem() for _ in range(2))
    assert len(decode_all(pem)) == 2
    cngcore.load_key(pem)


def blob_without_curve():
    cngcore.load_key(encode(cngcore.generate_key_pair("ECDSA", curve="brainpoolP256r1"), "cng"))


def twice(path):
    for _ in range(2):
        cngcore.generate_key_pair("ECDSA_P256").save(path)


def agree_with_ecdsa():
    key = cngcore.generate_key_pair("ECDSA_P256")
    key.agree(key)


MESSAGES = {
    "no installed provider serves 'RSA'": lambda _: cngcore.Registry(plugins=[]).generate_key_pair("RSA"),
    "names are exact; did you mean 'ECDSA_P256'?": lambda _: cngcore.generate_key_pair("ecdsa_p256"),
    "CNG has no Ed25519": lambda _: cngcore.generate_key_pair("Ed25519"),
    "33 bytes are no digest: no hash is that long": lambda _: cngcore.generate_key_pair("ECDSA_P256").sign_hash(
        bytes(33)
    ),
    "the signature does not verify under this key, hash and padding": lambda _: cngcore.generate_key_pair(
        "ECDSA_P256"
    ).verify(b"message", bytes(31) + b"\1" + bytes(31) + b"\1"),
    "the signature has 71 bytes; one of the ECDSA_P256 key has 64": lambda _: verify_der(),
    "ECDSA_P256 does not support 'agree'; it supports sign": lambda _: agree_with_ecdsa(),
    "the blob has a generic magic and does not name its curve": lambda _: blob_without_curve(),
    "raw RSA needs a block of exactly 384 bytes": lambda _: cngcore.generate_key_pair("RSA").encrypt(b"secret"),
    "the file exists and is unchanged": lambda folder: twice(folder / "key.pem"),
    "the key is encrypted; give its passphrase": lambda _: cngcore.load_key(
        cngcore.generate_key_pair("ECDSA_P256").to_pem(passphrase="secret")
    ),
    "there are 2 keys": lambda _: two_keys(),
    "STATUS_INVALID_HANDLE: the RSA key is not finalized yet": lambda _: (
        cngcore.open_algorithm_provider("RSA").generate_key_pair(2048).export("RSAPUBLICBLOB")
    ),
    "RSA has no keys of 1000 bits": lambda _: cngcore.generate_key_pair("RSA", 1000),
    "this provider has no ECCCurveName 'P-256'": lambda _: cngcore.generate_key_pair("ECDSA", curve="P-256"),
    "cng: the command needs click, which is not installed": lambda _: of_command("tour", without="click"),
}
ELSEWHERE = {"STATUS_ACCESS_DENIED: ... policy", "... skipped at lock", "zsh: no matches found: .[cli]",
             "the shared library of liboqs was not found"}  # fmt: skip
"""Headings whose message needs a policy, a lock, another shell or a machine without a library."""


def test_every_heading_with_a_message_is_tried():
    assert set(re.findall(r"^## `(.*)`$", TROUBLESHOOTING, re.MULTILINE)) == MESSAGES.keys() | ELSEWHERE


@pytest.mark.parametrize("heading", MESSAGES)
def test_a_heading_is_a_message(heading, tmp_path):
    try:
        said = MESSAGES[heading](tmp_path)
    except (CngError, OSError) as error:
        said = str(error)
    assert heading in (said or "")
