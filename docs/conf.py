"""Sphinx configuration: Markdown pages, and reference pages from docstrings."""

import sys
from pathlib import Path

root = Path(__file__).parent.parent
sys.path[:0] = [str(root), *(str(path) for path in sorted(root.glob("providers/*/src")))]

project = "cngcore"
copyright = "the cngcore developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "cngcore"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nitpicky = False
