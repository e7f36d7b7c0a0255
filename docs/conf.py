"""Sphinx configuration: Markdown pages, and reference pages from docstrings and from declarations."""

import sys
from pathlib import Path

here = Path(__file__).parent
root = here.parent
sys.path[:0] = [str(here / "_ext"), str(root), *(str(path) for path in sorted(root.glob("providers/*/src")))]

project = "cngcore"
copyright = "the cngcore developers"
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "sphinx_copybutton",
    "declarations",
    "compatibility",
]
exclude_patterns = ["_build", "_ext"]
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = "cngcore"
html_static_path = ["_static"]
html_css_files = ["cngcore.css"]
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0b5d7a", "color-brand-content": "#0b5d7a"},
    "dark_css_variables": {"color-brand-primary": "#6cc4e0", "color-brand-content": "#6cc4e0"},
}
pygments_style = "friendly"
pygments_dark_style = "native"
