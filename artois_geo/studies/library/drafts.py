"""The first zones of a territory that has none of its own: a national draft, imported and then mended."""

from pathlib import Path

from artois_geo.layers import Catalogue
from artois_geo.text import argument

DRAFT = "zones_activite"  # the layer of the source « bdtopo_activite »
OWN = "zae"


def advice(catalogue: Catalogue, folder: Path | None = None) -> list[str]:
    """Say how the zones of the BD TOPO become the first sites of a workspace; nothing where it has none.

    ``folder`` is the workspace as the reader wrote it.

    Examples
    --------
    >>> from artois_geo import layers
    >>> advice(layers.read_catalogue())
    []
    """
    folder = folder or catalogue.folder
    if DRAFT not in catalogue or folder is None:
        return []
    file = argument(folder / catalogue[DRAFT].path.name)
    return [
        "Sans zones à vous, partir de celles de la BD TOPO, à corriger : artois-geo --donnees "
        f"{argument(folder)} couches importer {file} --type site_eco "
        f"--vers {OWN} --correspondance site_nom=toponyme --completer --communes communes --incomplet "
        "--ecarter."
    ]
