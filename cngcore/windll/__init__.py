"""bcrypt.h's C signatures as one table: Windows programs call it through ctypes, cffi or C without a change.

In Python, a program that is imported inside the scope finds ``ctypes.windll.bcrypt``:

>>> import cngcore.windll
>>> with cngcore.windll.windows():
...     from ctypes import c_void_p, byref, windll
>>> algorithm = c_void_p()
>>> windll.bcrypt.BCryptOpenAlgorithmProvider(byref(algorithm), "SHA256", None, 0)
0
>>> windll.bcrypt.BCryptCloseAlgorithmProvider(algorithm, 0)
0

From the command line, ``python -m cngcore.windll program.py`` runs a whole program so, and ``pytest --cng-windll`` runs
its tests.

:class:`Library` reads the table in the other direction: it calls a real bcrypt.dll, or a library like it, in the shape
of :mod:`cngcore.bcrypt`.

For a C program, ``cng build-bcrypt DIR`` or :func:`build_library` writes a shared library and its header.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cngcore._imports import lazy_names
from cngcore.windll._table import FUNCTIONS as FUNCTIONS
from cngcore.windll._table import STRUCTURES as STRUCTURES
from cngcore.windll._table import Function as Function
from cngcore.windll._table import Kind as Kind
from cngcore.windll._table import Parameter as Parameter
from cngcore.windll._table import Structure as Structure

if TYPE_CHECKING:
    from cngcore.windll._client import Library as Library
    from cngcore.windll._library import BuildError as BuildError
    from cngcore.windll._library import build_library as build_library
    from cngcore.windll._scope import windows as windows

__all__ = [
    "FUNCTIONS", "STRUCTURES", "BuildError", "Function", "Kind", "Library", "Parameter", "Structure", "build_library",
    "windows",
]  # fmt: skip

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "BuildError": "cngcore.windll._library",
        "Library": "cngcore.windll._client",
        "build_library": "cngcore.windll._library",
        "windows": "cngcore.windll._scope",
    },
)
"""What a C program does not need is imported on first use, because its first call imports this package."""
