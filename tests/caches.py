"""What the product keeps in memory once it is read: words, templates, styles."""

import sys

PRODUCT = "artois_geo"


def forget() -> None:
    """Empty every cache of the product, so that the next word comes from the catalogues of the moment."""
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == PRODUCT:
            for value in list(vars(module).values()):
                if callable(clear := getattr(value, "cache_clear", None)):
                    clear()
