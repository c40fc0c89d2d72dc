"""The modules that build the site and its pictures, which are scripts and no part of the package."""

import sys
from pathlib import Path

SCRIPTS = Path(__file__).parents[1] / "scripts"
sys.path[:0] = [str(SCRIPTS), str(SCRIPTS / "site")]

import images  # noqa: E402
import no_request  # noqa: E402
import page_blocks  # noqa: E402
import site_markdown  # noqa: E402
import site_reference  # noqa: E402

__all__ = ["images", "no_request", "page_blocks", "site_markdown", "site_reference"]
