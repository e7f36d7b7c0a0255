"""Find the shared library of liboqs. The search starts no process, opens no connection and prints nothing.

The places and their order are those of liboqs-python: first the libraries of the system, then the folder that
``OQS_INSTALL_PATH`` names, or ``~/_oqs`` if the variable is not set.

On Windows and macOS :func:`ctypes.util.find_library` searches the system. Elsewhere it runs ldconfig, gcc and ld, so
the loader is asked for the names of the library instead.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterator

from cngcore.provider import ProviderUnavailableError

NAMES = ("liboqs", "oqs")
"""The names that liboqs-python passes to ``ctypes.util.find_library``, in its order."""

REMEDY = (
    "Install liboqs 0.16 or later as a shared library (Homebrew, Fedora, conda-forge and newer Debians have it), or "
    "set OQS_INSTALL_PATH to the folder that liboqs is installed in."
)

_NEEDED = ("OQS_version", "OQS_KEM_ml_kem_512_keypair_derand")
"""Functions that tell liboqs from another library and from a version that is too old."""

_SONAMES = ("liboqs.so", *(f"liboqs.so.{number}" for number in range(24, 4, -1)))
"""What the loader is asked for: the name for developers, then the numbered names, the newest first."""

_FILES = {"win32": ("bin/oqs.dll", "bin/liboqs.dll"), "darwin": ("lib/liboqs.dylib", "lib64/liboqs.dylib")}
_OTHER_FILES = ("lib/liboqs.so", "lib64/liboqs.so")


def find() -> str:
    """Return the path or the name by which the loader finds liboqs.

    Raise ProviderUnavailableError if no library is found, or if each one that is found lacks a function of ML-KEM.
    """
    reasons = []
    for path in _candidates():
        try:
            library = ctypes.CDLL(path)
        except OSError as error:
            if os.path.isabs(path):
                reasons.append(f"{path} cannot be loaded: {error}")
            continue
        missing = [name for name in _NEEDED if not hasattr(library, name)]
        if not missing:
            return path
        reasons.append(f"{path} lacks {missing[0]}: it is too old, or it is built without ML-KEM-512")
    raise ProviderUnavailableError("; ".join(reasons) or "the shared library of liboqs was not found", REMEDY)


def _candidates() -> Iterator[str]:
    """Yield the names and paths to try, in the order of liboqs-python."""
    if sys.platform in ("win32", "darwin"):
        from ctypes.util import find_library

        yield from filter(None, map(find_library, NAMES))
    else:
        yield from _SONAMES
    folder = os.environ.get("OQS_INSTALL_PATH") or os.path.join(os.path.expanduser("~"), "_oqs")
    for name in _FILES.get(sys.platform, _OTHER_FILES):
        path = os.path.abspath(os.path.join(folder, *name.split("/")))
        if os.path.exists(path):
            yield path
