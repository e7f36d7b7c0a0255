"""A fresh SoftHSM token for a test run, in a folder of its own."""

import os
import shutil
import subprocess
from pathlib import Path

PIN = "848 275 ü"
LABEL = "cngcore test"
_PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib64/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
)


def library() -> str | None:
    """Return the path of SoftHSM's library, or None if it is not installed."""
    path = os.environ.get("CNGCORE_TEST_SOFTHSM")
    return next((place for place in ([path] if path else _PLACES) if Path(place).exists()), None)


MISSING = "SoftHSM2 is not installed (Debian: softhsm2), or set CNGCORE_TEST_SOFTHSM to its library"


def make_token(folder: Path, label: str = LABEL, pin: str = PIN) -> dict[str, str]:
    """Make a token and return the environment in which the provider uses it."""
    tool = shutil.which("softhsm2-util")
    assert tool is not None
    (folder / "tokens").mkdir(exist_ok=True)
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    environment = {"SOFTHSM2_CONF": str(config)}
    subprocess.run(
        [tool, "--init-token", "--free", "--label", label, "--pin", pin, "--so-pin", "12345678"],
        env={**os.environ, **environment}, check=True, capture_output=True,
    )  # fmt: skip
    return {
        **environment,
        "CNGCORE_PKCS11_MODULE": str(library()),
        "CNGCORE_PKCS11_TOKEN": label,
        "CNGCORE_PKCS11_PIN": pin,
    }
