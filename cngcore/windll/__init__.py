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
"""

from __future__ import annotations

from cngcore.windll._scope import windows as windows
from cngcore.windll._table import FUNCTIONS as FUNCTIONS
from cngcore.windll._table import STRUCTURES as STRUCTURES
from cngcore.windll._table import Function as Function
from cngcore.windll._table import Kind as Kind
from cngcore.windll._table import Parameter as Parameter
from cngcore.windll._table import Structure as Structure

__all__ = ["FUNCTIONS", "STRUCTURES", "Function", "Kind", "Parameter", "Structure", "windows"]
