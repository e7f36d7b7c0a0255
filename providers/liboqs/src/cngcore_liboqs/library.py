"""liboqs by way of liboqs-python (``import oqs``): the loaded library, its version, its algorithms, its functions.

If the shared library is missing, importing ``oqs`` prints, waits five seconds, clones and builds liboqs with git and
cmake, and ends the process if that fails. :func:`wrapper` therefore imports it only after :mod:`cngcore_liboqs.search`
has loaded the shared library, and keeps the import quiet:

* its search is answered with the path that was found, because its own search runs ldconfig, gcc and ld;
* ``PYOQS_VERSION`` is "off" for that moment, so that its installer raises ValueError before it does anything;
* its logger, which prints to standard output, is disabled for that moment, and its warnings are ignored;
* SystemExit becomes ProviderUnavailableError.

liboqs-python provides the loaded library (``oqs.native``), the version and the list of enabled mechanisms. The
operations call these C functions with prototypes of our own, for the reasons given:

* ``OQS_KEM_*_keypair_derand``: the wrapper keeps the private key on an object that threads cannot share, and exports it
  as ``bytes``, which cannot be wiped.
* ``OQS_KEM_*_encaps`` and ``_decaps``: the wrapper pads a short key or ciphertext with zeros and goes on.
* ``OQS_SIG_*_keypair``, ``_sign_with_ctx_str`` and ``_verify_with_ctx_str``: the wrapper pads a short key with zeros
  and keeps the private key as above.
* ``OQS_SIG_*_extmu_sign`` and ``_extmu_verify``: the wrapper's "extmu" mechanisms pad keys in the same way.

The callers check every length before a call, because the C functions take pointers without lengths.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import cache
from threading import RLock
from typing import Any

from cngcore.families.seeded import SeededFactory
from cngcore.provider import ProviderUnavailableError
from cngcore_liboqs import MLDSA, MLKEM
from cngcore_liboqs.search import NAMES, REMEDY, find

_Function = Callable[..., int]

_importing = RLock()
"""Held while liboqs-python is imported. It can be taken again, because a module named oqs may be any program."""

if hasattr(os, "register_at_fork"):  # a forked child must not wait for a thread that it does not have
    os.register_at_fork(after_in_child=lambda: _importing._at_fork_reinit())  # type: ignore[attr-defined]


def wrapper() -> Any:
    """Return the module of liboqs-python, imported once a process.

    Raise ProviderUnavailableError if the shared library is not found or does not work with liboqs-python.
    """
    with _importing:
        return _import()


@cache
def _import() -> Any:
    path = "" if "oqs" in sys.modules else find()
    try:
        with _quiet(path) if path else nullcontext():
            import oqs  # type: ignore[import-untyped]

            oqs.native()
    except ModuleNotFoundError as error:
        raise ProviderUnavailableError(
            f"the shared library of liboqs is there, but the Python module {error.name} is missing",
            "Install liboqs-python: pip install liboqs-python",
        ) from error
    except (ImportError, AttributeError, OSError, RuntimeError, ValueError, SystemExit) as error:
        raise ProviderUnavailableError(
            f"liboqs-python cannot use the shared library {path}: {type(error).__name__}: {error}", REMEDY
        ) from error
    return oqs


@contextmanager
def _quiet(path: str) -> Iterator[None]:
    """Let the import of liboqs-python load ``path``, and keep it from searching, building, printing and warning.

    It builds a library if it can load none. So ``path`` is loaded here first, which raises OSError if that fails.
    """
    import logging  # imported late: they are needed only if the library is there
    import warnings

    ctypes.CDLL(path)
    logger, search = logging.getLogger("oqs.oqs"), ctypes.util.find_library
    disabled = logger.disabled
    logger.disabled = True
    ctypes.util.find_library = lambda name: path if name in NAMES else search(name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.disabled = disabled
        ctypes.util.find_library = search


def load() -> ctypes.CDLL:
    """Return the loaded library. Raise ProviderUnavailableError if it cannot be used."""
    library: ctypes.CDLL = wrapper().native()
    return library


def version() -> str:
    """Return the version of the library, for example ``"0.16.0"``."""
    return str(wrapper().oqs_version())


def served(algorithm: str) -> tuple[str, ...]:
    """Return the parameter sets of ``"ML-KEM"`` or ``"ML-DSA"`` that the library is built with."""
    oqs = wrapper()
    enabled = {*oqs.get_enabled_kem_mechanisms(), *oqs.get_enabled_sig_mechanisms()}
    known = {"ML-KEM": MLKEM, "ML-DSA": MLDSA}[algorithm]
    return tuple(one.name for one in known if f"{algorithm}-{one.name}" in enabled)


def probe_mlkem() -> None:
    """Raise ProviderUnavailableError if the library is missing or lacks a parameter set of ML-KEM."""
    _require("ML-KEM", [one.name for one in MLKEM])


def probe_mldsa() -> None:
    """Raise ProviderUnavailableError if the library is missing or lacks a parameter set of ML-DSA."""
    _require("ML-DSA", [one.name for one in MLDSA])


def _require(algorithm: str, wanted: list[str]) -> None:
    found = served(algorithm)
    missing = [f"{algorithm}-{name}" for name in wanted if name not in found]
    if missing:
        raise ProviderUnavailableError(
            f"liboqs {version()} is built without {', '.join(missing)}",
            "Install a build of liboqs that has them; OQS_MINIMAL_BUILD, if it is set for the build, must name them.",
        )


class LiboqsFactory(SeededFactory):
    """The part that both factories share: they report the version of the library."""

    def back_end_version(self) -> str:
        return version()


def function(name: str, *types: type) -> _Function:
    """Return a C function that answers 0 for success, with the types of its arguments; ``bytes`` means a pointer.

    The function object is a new one, so that a prototype set here does not change calls of liboqs-python.
    """
    found = load()[name]
    found.argtypes = [ctypes.c_char_p if kind is bytes else kind for kind in types]
    found.restype = ctypes.c_int
    return found


def has(name: str) -> bool:
    """Return whether the library has a function of that name."""
    return hasattr(load(), name)


def array_type(size: int) -> type[ctypes.Array[ctypes.c_char]]:
    """Return the type of a C array of ``size`` bytes.

    ``array_type(n)()`` is new memory of zeros. ``array_type(n).from_buffer(memory)`` is a view of a bytearray and keeps
    it alive; its memory is wiped by the bytearray's own class.
    """
    return ctypes.c_char * size


def expect_success(status: int, name: str) -> None:
    """Raise RuntimeError unless a function answered 0. The core reports that as STATUS_INTERNAL_ERROR."""
    if status != 0:
        raise RuntimeError(f"{name} of liboqs failed with {status}")
