"""The site of the documentation. Its source is the whole repository: README, decisions and tutorial are pages as they are, no text stands twice."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "IDCBrowser")]

import IDCBrowserLib  # noqa: E402

project = "IDC Browser"
author = "The IDC Browser contributors"
copyright = author
release = IDCBrowserLib.__version__
version = release

extensions = ["generated", "myst_parser", "sphinx.ext.autodoc", "sphinxarg.ext"]
root_doc = "docs/index"
include_patterns = ["*.md", "docs/**.md", "Resources/Decisions/*.md", "Resources/Tutorial/*.md", "Resources/Desktop/*.md"]
exclude_patterns = [".*", "build", "IDCBrowser", "Testing", "typings", "*-output"]

myst_enable_extensions = ["html_image"]
# Links to "#heading" are checked against the headings of the page, as GitHub names them.
myst_heading_anchors = 4
# Code blocks without a language are commands.
highlight_language = "text"
# The module file imports Slicer.
autodoc_mock_imports = ["ctk", "qt", "slicer", "vtk"]
autodoc_member_order = "bysource"
# Types of the library are named, but not described: only the four methods are promised.
nitpick_ignore_regex = [("py:class", ".*")]

html_theme = "furo"
html_title = f"IDC Browser {release}"
html_favicon = "../IDCBrowser.png"
html_logo = "../IDCBrowser.png"
html_copy_source = False
html_show_copyright = False
# No font, script or counter of another site is loaded.
html_theme_options = {"sidebar_hide_name": False}
