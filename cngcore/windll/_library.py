"""Build ``libbcrypt``: a shared library for C programs, whose functions call :mod:`cngcore.bcrypt` in a Python.

cffi writes the C code that calls Python, ``libbcrypt.c`` starts Python, and the C compiler of this Python makes a
library of both.
"""

from __future__ import annotations

import os
import shlex
import shutil
import site
import subprocess
import sys
import sysconfig
from importlib import import_module
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from cngcore._nearest import install
from cngcore.windll._embedded import fingerprint
from cngcore.windll._header import header
from cngcore.windll._table import FUNCTIONS, Function, Kind

if TYPE_CHECKING:
    from typing import Any

__all__ = ["BuildError", "build_library"]

_MODULE = "_cngcore_bcrypt"

_PREPARE = """\
import sys
try:
    import site
    for folder in {folders!r}:
        if folder not in sys.path:
            site.addsitedir(folder)
    import _cffi_backend
    from cngcore.windll._embedded import check
    check({fingerprint!r})
except BaseException as error:
    message = f"libbcrypt: {{type(error).__name__}}: {{error}}; every call returns STATUS_INTERNAL_ERROR"
    if isinstance(error, ImportError):
        message += (
            f". Python is {{sys.version.split()[0]}} in {{sys.prefix}}; the library was built by " + {python!r}
            + ". Install cngcore[capi] there, or set PYTHONPATH to the folders of cngcore and cffi, or build the "
            "library again: cng build-bcrypt DIR"
        )
    if sys.stderr is not None:
        print(message, file=sys.stderr, flush=True)
    raise
"""

_INIT = f"""\
from {_MODULE} import ffi
from cngcore.windll._embedded import define
define(ffi)
"""

_PKGCONFIG = """\
libdir=${{pcfiledir}}
includedir=${{pcfiledir}}

Name: bcrypt
Description: The key functions of Windows CNG by cngcore
Version: {version}
Cflags: -I${{includedir}}
Libs: -L${{libdir}} -Wl,-rpath,${{libdir}} -lbcrypt
"""


class BuildError(Exception):
    """The library cannot be built here. The message says what is missing and what to do."""


def build_library(directory: str | os.PathLike[str]) -> list[Path]:
    """Write ``libbcrypt.so`` (macOS: ``.dylib``), its headers and ``bcrypt.pc`` into a folder; return their paths.

    The headers are ``bcrypt.h``, and a ``windows.h`` with the little that programs for CNG use of it.

    The folder is created if necessary, and older files of these names are replaced. Raise BuildError if cffi, a C
    compiler, Python's headers or Python's shared library is missing.

        paths = cngcore.windll.build_library("build")

    A program is then compiled with ``cc program.c $(PKG_CONFIG_PATH=build pkg-config --cflags --libs bcrypt)``. The
    library works with the Python that built it: its version, its packages.
    """
    ffi, python, number = _cffi(), _shared_python(), version("cngcore")
    folder = Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    name = "libbcrypt.dylib" if sys.platform == "darwin" else "libbcrypt.so"
    with TemporaryDirectory(dir=folder, prefix=".build-") as temporary:
        build = Path(temporary)
        (build / "bcrypt.h").write_text(header(number), encoding="utf-8")
        (build / "windows.h").write_text(_packaged("windows.h"), encoding="utf-8")
        (build / "bcrypt.pc").write_text(_PKGCONFIG.format(version=number), encoding="utf-8")
        _write_source(ffi, build / "source.c")
        _compile(build, name, python)
        made = [folder / each for each in (name, "bcrypt.h", "windows.h", "bcrypt.pc")]
        for path in made:  # a running program keeps the old file
            (build / path.name).replace(path)
    return made


# --- what is needed --------------------------------------------------------------------------------------------------


def _cffi() -> Any:
    if sys.platform == "win32":
        raise BuildError("the library is for Linux and macOS; on Windows, link with the system's bcrypt.lib")
    if sys.implementation.name != "cpython":
        raise BuildError(f"the library needs CPython, and this is {sys.implementation.name}")
    try:
        return import_module("cffi").FFI()
    except ImportError:
        raise BuildError(f"the build needs cffi, which is not installed; {install('cngcore[capi]')}") from None


def _shared_python() -> tuple[Path, str]:
    """Return the folder and the name of Python's shared library. Raise BuildError if it or the headers are missing."""
    include = Path(sysconfig.get_path("include"))
    if not (include / "Python.h").is_file():
        raise BuildError(
            f"the headers of Python are missing: {include / 'Python.h'} does not exist; install the development "
            "package of this Python (python3-dev, python3-devel)"
        )
    name = f"python{sysconfig.get_config_var('LDVERSION') or sysconfig.get_python_version()}"
    libraries = Path(sysconfig.get_config_var("LIBDIR") or "")
    folders = [libraries, libraries / (sysconfig.get_config_var("MULTIARCH") or "")]
    folders.append(Path(sysconfig.get_config_var("LIBPL") or ""))
    for folder in folders:
        if any((folder / f"lib{name}{suffix}").is_file() for suffix in (".so", ".dylib")):
            return folder, name
    raise BuildError(
        f"this Python has no shared library lib{name} in {libraries}; install its development package (python3-dev, "
        "python3-devel), or use a Python that was built with --enable-shared"
    )


def _compiler() -> list[str]:
    """Return the command of the C compiler: CC, the one that built this Python, or ``cc``."""
    wanted = shlex.split(os.environ.get("CC", ""))
    if wanted and not shutil.which(wanted[0]):
        raise BuildError(f"CC names the compiler {wanted[0]!r}, which is not there; correct or unset CC")
    built = shlex.split(sysconfig.get_config_var("CC") or "")
    for words in (wanted, built, ["cc"], ["gcc"], ["clang"]):
        if words and shutil.which(words[0]):
            return words
    raise BuildError("no C compiler was found (cc, gcc or clang); install one, or set CC to its command")


# --- building --------------------------------------------------------------------------------------------------------


def _compile(build: Path, name: str, python: tuple[Path, str]) -> None:
    folder, library = python
    mac = sys.platform == "darwin"
    named = f"-Wl,-install_name,@rpath/{name}" if mac else f"-Wl,-soname,{name},-z,nodelete,-z,defs"
    command = [
        *_compiler(), "-O2", "-fPIC", "-fvisibility=hidden", "-pthread", "-dynamiclib" if mac else "-shared",
        f"-I{sysconfig.get_path('include')}", f"-I{sysconfig.get_path('platinclude')}", f"-I{build}",
        str(build / "source.c"), "-o", str(build / name),
        f"-L{folder}", f"-Wl,-rpath,{folder}", f"-l{library}", "-ldl", named,
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")  # noqa: S603 - the user's compiler
    if done.returncode:
        raise BuildError(f"the C compiler failed: {shlex.join(command)}\n{done.stderr or done.stdout}")


def _write_source(ffi: Any, path: Path) -> None:
    """Write the C code of the library: cffi's, that of ``libbcrypt.c``, and the functions of the table."""
    prepare = _PREPARE.format(folders=_site_folders(), fingerprint=fingerprint(), python=sys.executable)
    source = _packaged("libbcrypt.c")
    functions = FUNCTIONS.values()
    ffi.cdef("\n".join(f'extern "Python" {_declaration(function)};' for function in functions))
    ffi.embedding_api("")
    ffi.embedding_init_code(_INIT)
    parts = [
        '#include "bcrypt.h"',
        f"#define CNGCORE_PYTHON {_c_string(sys.executable)}",
        f"#define CNGCORE_PREPARE {_c_string(prepare)}",
        source,
        *(f"static {_declaration(function)};" for function in functions),
        *map(_definition, functions),
    ]
    ffi.set_source(_MODULE, "\n".join(parts), compiler_verbose=0)
    ffi.emit_c_code(str(path))


def _packaged(name: str) -> str:
    return files("cngcore.windll").joinpath(name).read_text(encoding="utf-8")


def _site_folders() -> list[str]:
    """Return the folders in which this Python's packages are installed."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    return list(dict.fromkeys(folders))


def _declaration(function: Function) -> str:
    """Return the C declaration of the function that calls Python: it takes numbers and addresses."""
    types = ["uint32_t" if one.is_number else "uint64_t" if one.kind is Kind.QWORD else "uintptr_t"
             for one in function.parameters]  # fmt: skip
    return f"{'void' if function.returns == 'VOID' else 'uint32_t'} python_{function.name}({', '.join(types)})"


def _definition(function: Function) -> str:
    """Return the exported function. The compiler compares it with its prototype in ``bcrypt.h``."""
    parameters = ", ".join(f"{one.type} {one.name}" for one in function.parameters)
    arguments = ", ".join(
        one.name if one.is_number or one.kind is Kind.QWORD else f"(uintptr_t){one.name}" for one in function.parameters
    )
    call = f"python_{function.name}({arguments})"
    if function.returns == "VOID":
        body = f"if (enter()) {{ {call}; leave(); }}"
    else:
        body = (
            "NTSTATUS status = STATUS_INTERNAL_ERROR; "
            f"if (enter()) {{ status = (NTSTATUS){call}; leave(); }} return status;"
        )
    return f"CFFI_DLLEXPORT {function.returns} WINAPI {function.name}({parameters})\n{{\n    {body}\n}}"


def _c_string(text: str) -> str:
    """Return a C literal of the UTF-8 bytes of a text."""
    plain = set(range(32, 127)) - set(b'"\\?')
    return (
        '"'
        + "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in text.encode(errors="surrogateescape"))
        + '"'
    )
