"""Refuse a site whose pages would ask anything of another host."""

import re
import sys
from pathlib import Path

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)[^>]*\ssrc=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|<link[^>]*rel=["']?(?:stylesheet|preload|icon|preconnect)[^>]*href=["']?(?:https?:)?//[^"'\s>]+"""
    r"""|@import\s+["'(]*(?:https?:)?//[^"')]+"""
)


def requests(folder: Path) -> list[str]:
    """List what the pages of a folder would load from elsewhere."""
    texts = {page: page.read_text(encoding="utf-8") for page in sorted(folder.rglob("*.html"))}
    return [f"{page} : {match.group()}" for page, text in texts.items() for match in LOADED.finditer(text)]


if __name__ == "__main__":
    requests_found = requests(Path(sys.argv[1]))
    if requests_found:
        sys.exit("\n".join(["Le site demanderait :", *requests_found]))
