"""Compiles the tree when it is installed editable, as pip compiles what it installs regularly.

Without it an editable installation starts twice as slowly wherever PYTHONDONTWRITEBYTECODE is set: every process would
compile every module anew.
"""

from compileall import compile_dir
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileTree(BuildHookInterface):  # type: ignore[misc, type-arg]
    """The core and, beside it in the same tree, the providers."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            root = Path(self.root)
            for folder in (root / "cngcore", *sorted(root.glob("providers/*/src"))):
                compile_dir(folder, quiet=2, workers=1)
