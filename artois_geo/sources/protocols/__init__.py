"""The ways in which producers answer: one small module each, all of one shape.

``queries`` says what will be asked, without the network; ``announced`` asks how much it is; ``fetch``
brings it, one page in memory at a time, and refuses what is not whole.
"""

from types import ModuleType

from artois_geo.sources.protocols import arcgis, atom, datagouv, fichier, rest_pages, wfs

BY_NAME: dict[str, ModuleType] = {
    "arcgis": arcgis,
    "atom": atom,
    "datagouv": datagouv,
    "fichier": fichier,
    "rest_pages": rest_pages,
    "wfs": wfs,
}
