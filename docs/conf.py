"""Sphinx configuration: Markdown pages, and reference pages from docstrings and from declarations."""

import re
import sys
from pathlib import Path

here = Path(__file__).parent
root = here.parent
sys.path[:0] = [str(here / "_ext"), str(root), *(str(path) for path in sorted(root.glob("providers/*/src")))]

project = "cngcore"
copyright = "the cngcore developers"
release = version = re.search(r'__version__ = "(.+)"', (root / "cngcore" / "__init__.py").read_text())[1]
extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.intersphinx",
    "sphinx.ext.viewcode",
    "sphinx_design",
    "sphinx_copybutton",
    "declarations",
    "hidden",
    "inventory",
    "commands",
    "compatibility",
    "shortnames",
    "speed",
]
exclude_patterns = ["_build", "_ext"]
add_module_names = False
toc_object_entries_show_parents = "hide"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_default_options = {"members": True}
myst_enable_extensions = ["colon_fence", "deflist", "attrs_block"]
myst_heading_anchors = 3
myst_html_meta = {
    "description": "Keys as Windows CNG has them, in Python, on any operating system, with exchangeable back ends.",
}
copybutton_prompt_text = r"\$ |>>> |\.\.\. "
copybutton_prompt_is_regexp = True

nitpicky = True
nitpick_ignore_regex = [
    # Types of the standard library, of pluggy, and of stubs.
    ("py:.*", r"(collections\.abc|ctypes|hashlib|os|secrets|typing)(\..*)?|(_thread\.)?RLock|PluginManager|Any"),
    ("py:.*", r"T|_F|Executor"),
    ("py:.*", r"(Readable|Writeable)Buffer"),
    # What signatures name and no page is about.
    ("py:class", r"(cngcore\.[\w.]+\.)?(Watch|KdfParameters|PlugIn|ProviderLock|Settings|Padding|Progress|Owner)"),
    ("py:class", r"NumberProperty|TextProperty|PublicBlob|PrivateBlob|KdfName|HashName|KeyKind|Meant|Range"),
    ("py:class", r"Mapping\[str|(.*\.)?ForeignKey"),
    ("py:class", r"(cngcore\.families\.seeded\.)?_P(rivate|ublic)"),
]

html_theme = "furo"
html_title = f"cngcore {release}"
html_static_path = ["_static"]
html_css_files = ["cngcore.css"]
html_copy_source = True
html_show_sourcelink = True
html_theme_options = {
    name: {"color-brand-primary": brand, "color-brand-content": brand, "color-code-background": code}
    for name, brand, code in (
        ("light_css_variables", "#0b5d7a", "#f4f6f8"),
        ("dark_css_variables", "#6cc4e0", "#202327"),
    )
}
man_pages = [("reference/command", "cng", "make and use the keys of Windows CNG", "the cngcore developers", 1)]

pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
