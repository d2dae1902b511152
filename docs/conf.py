"""How is the documentation built? Sphinx reads Markdown, and a warning is an error."""

from importlib import metadata

project = "마당 Madang"
release = version = metadata.version("madang")
author = "Madang"
copyright = "Madang"  # noqa: A001 - Sphinx reads this name
extensions = ["myst_parser"]
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "마당 Madang"
html_static_path = ["_static"]
html_css_files = ["words.css"]
html_copy_source = False
html_show_sphinx = False
html_show_sourcelink = False
html_theme_options = {"sidebar_hide_name": False}
nitpicky = True
