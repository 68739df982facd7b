"""How Sphinx makes the docs: all on this machine, with every reference and every example checked."""

from __future__ import annotations

from doctest import DONT_ACCEPT_TRUE_FOR_1, ELLIPSIS
from importlib.metadata import version as version_of

from docutils import nodes
from sphinx.application import Sphinx

project = "kmsmodel"
author = "The kmsmodel contributors"
version = release = version_of("kmsmodel")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.doctest", "sphinxcontrib.mermaid"]
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "kmsmodel"
smartquotes = False  # AWS's sentences are quoted letter by letter.

myst_enable_extensions = ["attrs_inline", "colon_fence", "deflist"]
myst_fence_as_directive = ["mermaid"]
myst_heading_anchors = 3

doctest_default_flags = ELLIPSIS | DONT_ACCEPT_TRUE_FOR_1  # the text of an error is an answer too

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}

# Other projects' pages would have to be fetched, so their names are not links; nor are type variables.
# Sphinx takes `Annotated` for a name of the module of what is annotated.
nitpick_ignore_regex = [
    (
        "py:.*",
        r"(attr|attrs|collections|cryptography|datetime|enum|http|hypothesis|rpds|ssl|typing)\..*",
    ),
    ("py:.*", r"(datetime|timedelta|timezone|Attribute|HashTrieMap)"),
    ("py:class", r"(kmsmodel\..*\.)?(K|K_contra|T|V|ResponseT|ResponseT_co|StructureT)"),
    ("py:class", r"kmsmodel\.words\.enumerations\.Annotated.*"),
    (
        "py:class",
        r"(kmsmodel\.policy\..*\.)?(Answer|Conditions|Decision|Document|OneOrMore|Policies|Policy|Template|Value)|_Of|pathlib\..*",
    ),
    ("py:class", r"tuple\[.*"),  # a type in quotation marks is taken apart at its commas
]


def run_console_examples(_app: Sphinx, document: nodes.document) -> None:
    """Make a doctest of each ``pycon`` block, which any Markdown reader shows as what it is."""
    for block in document.findall(nodes.literal_block):
        if block.get("language") == "pycon" and "testnodetype" not in block:
            block["testnodetype"], block["groups"], block["options"] = "doctest", ["default"], {}


def setup(app: Sphinx) -> None:
    app.connect("doctree-read", run_console_examples)
