"""What was written, as a reader is told of it on the terminal."""

from pathlib import Path

from artois_geo import tables
from artois_geo.packs.front_pages import SHEETS
from artois_geo.packs.simi import WEB, Pack

SUBFOLDERS = (SHEETS, WEB, "documents")


def summary(pack: Pack) -> list[str]:
    """Sum up a folder in French: its offer, the findings on its layers, the published totals, its files.

    Examples
    --------
    >>> from pathlib import Path
    >>> from artois_geo.packs import Pack, summary
    >>> import pandas as pd
    >>> frame = pd.DataFrame({"site_count": [2], "offer_ha": [7.5], "unmeasured": [1]})
    >>> checks = pd.DataFrame({"erreur": [0], "alerte": [1]})
    >>> pack = Pack(Path("simi"), (), frame, pd.DataFrame(), pd.DataFrame(), checks)
    >>> summary(pack)[0]
    '2 sites nommés, 8 ha publiés (1 sites sans surface publiée)'
    """
    offer_sums = pack.offer[["site_count", "offer_ha", "unmeasured"]].sum()
    faults = pack.checks[["erreur", "alerte"]].sum()
    totals = tables.texts(pack.totals.astype(object))  # each total has its own unit
    names = {
        path: name
        for path in sorted(pack.files)
        if (name := _short(path, pack.folder)) and not path.stem.endswith(".en")
    }
    width = max(map(len, names.values()), default=0)
    inside = {folder: [path for path in pack.files if path.parent.name == folder] for folder in SUBFOLDERS}
    return [
        f"{offer_sums['site_count']:.0f} sites nommés, {tables.number(offer_sums['offer_ha'])} ha publiés "
        f"({offer_sums['unmeasured']:.0f} sites sans surface publiée)",
        f"{len(pack.checks)} couches vérifiées : {faults['erreur']} erreur(s), {faults['alerte']} alerte(s)",
        *(
            f"{row['title']} : publié {row['declared']} {row['unit']}, dans les couches {row['held']}"
            for _, row in totals.iterrows()
        ),
        "",
        f"Dossier : {pack.folder}",
        *(f"  {name:<{width}}  {_size(path)}" for path, name in names.items()),
        *(["  Les pages sont aussi en anglais : .en.html."] if len(names) < len(_at_the_top(pack)) else []),
        *(
            f"  {folder + '/':<{width}}  {len(files)} fichiers, {_size(*files)}"
            for folder, files in inside.items()
            if files
        ),
    ]


def _at_the_top(pack: Pack) -> list[Path]:
    return [path for path in pack.files if _short(path, pack.folder)]


def _short(path: Path, folder: Path) -> str:
    """Return the name of a file that stands in the folder itself, or beside it."""
    return path.name if path.parent.name not in SUBFOLDERS or path.parent == folder else ""


def _size(*paths: Path) -> str:
    kilobytes = sum(path.stat().st_size for path in paths) / 1000
    return f"{max(1, round(kilobytes)):,} ko".replace(",", "\u202f")
