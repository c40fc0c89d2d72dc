"""Site of artois_geo. Built by scripts/docs, which lays its sources first."""

import os

from sphinx.application import Sphinx
from sphinx.search.fr import SearchFrench

import artois_geo
from artois_geo import meaning

project = "artois_geo"
author = "Les auteurs d'artois_geo"
copyright = "les auteurs d'artois_geo, licence MIT"  # Sphinx asks for this name
version = release = artois_geo.__version__
language = "fr"
extensions = ["myst_nb", "sphinx_design", "sphinx_copybutton"]
exclude_patterns = ["images/LISEZMOI.md"]
html_theme = "pydata_sphinx_theme"
html_title = "artois_geo"
html_theme_options = {
    "show_toc_level": 2,
    "navigation_with_keys": False,
    "secondary_sidebar_items": {"*": ["page-toc"], "reference/**": ["page-toc"], "donnees/*": ["page-toc"]},
    "navbar_end": [],
    "navbar_persistent": ["search-button"],
    "footer_end": [],
    "header_links_before_dropdown": 9,
    "search_bar_text": "Chercher…",
}
ALONE = ("index", "demarrer", "methodes", "reproduire", "search")  # pages of no section
html_sidebars: dict[str, list[str]] = {page: [] for page in ALONE}
html_context = {"default_mode": "light"}  # maps, charts and tables are drawn on white
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_show_sphinx = False
html_show_search_summary = False  # a page opened from a disk may not read another
html_copy_source = False
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
nb_execution_mode = "force"
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
suppress_warnings = ["mystnb.unknown_mime_type", "config.cache"]
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
os.environ.update({"TERM": "dumb", "COLUMNS": "92", "NO_COLOR": "1"})


class SearchWithoutAccents(SearchFrench):
    """Find « économique » by « economique »: the index and the query lose their accents alike."""

    js_splitter_code = """
window.Stemmer = function () {
    const french = new FrenchStemmer();
    const bare = (stem) => stem.normalize("NFD").replace(/[\\u0300-\\u036f]/g, "").replace(/œ/g, "oe");
    this.stemWord = (word) => bare(french.stemWord(word));
};
"""

    def stem(self, word: str) -> str:
        """Return the French stem of a word, without accents."""
        return meaning.fold(super().stem(word))


def setup(app: Sphinx) -> None:
    """Take the search above for that of French."""
    app.add_search_language(SearchWithoutAccents)
