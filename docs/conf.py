"""How Sphinx builds these pages: ``make guide`` writes them to out/guide."""

import geoplan

project = "geoplan"
author = "the geoplan contributors"
copyright = f"2026, {author}"  # noqa: A001 - Sphinx has this name
release = version = geoplan.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
exclude_patterns = ["pictures"]

# Docstrings are numpydoc; types stand in the signatures.
napoleon_google_docstring = False
napoleon_use_rtype = False
napoleon_preprocess_types = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
python_use_unqualified_type_names = True

html_theme = "furo"
html_title = "geoplan"
html_show_sphinx = False
html_show_search_summary = False  # it fetches pages, which browsers refuse on a disk
html_copy_source = False
html_show_sourcelink = False
