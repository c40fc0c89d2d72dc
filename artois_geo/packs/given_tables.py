"""Tables that a reader adds to sheets: which rows go to which sheet, and which go to none."""

import pandas as pd

from artois_geo import meaning
from artois_geo.errors import BadTable
from artois_geo.studies.sites.catalogue_data import SITES, CatalogueData, codes_as_text

KEYS = ("site_id", "comm_insee", "epci_sigle", "epci_siren")


def by_thing(table: pd.DataFrame, name: str) -> dict[str, pd.DataFrame]:
    """Split a table by the site, commune or EPCI of its rows, which stay in order.

    Parameters
    ----------
    table
        Any table with one of the columns ``site_id``, ``comm_insee``, ``epci_sigle``,
        ``epci_siren``, which leaves the pieces.
    name
        How to call the table in a message.

    Raises
    ------
    BadTable
        None of these columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from artois_geo.packs import by_thing
    >>> losses = pd.DataFrame({"site_id": ["a", "b", "a"], "marginal_ha": [1.0, 2.0, 3.0]})
    >>> by_thing(losses, "pertes")["a"]["marginal_ha"].tolist()
    [1.0, 3.0]
    """
    key = next((column for column in KEYS if column in table), None)
    if key is None:
        raise BadTable(f"{name} : aucune colonne {', '.join(KEYS)} ne dit de quelle fiche sont les lignes.")
    rest = table.drop(columns=key)
    codes = codes_as_text(table)[key].map(str, na_action="ignore")
    return {str(code): rest[codes == code].reset_index(drop=True) for code in codes.dropna().unique()}


def things(holdings: CatalogueData) -> set[str]:
    """Return the identifiers by which a table may name a sheet: of sites, communes and EPCI.

    Examples
    --------
    >>> from artois_geo.packs import things
    >>> from artois_geo import layers
    >>> from artois_geo.studies.sites import catalogue_data as holdings
    >>> {"port-de-harnes", "62498", "CALL"} <= things(holdings.read(layers.read_catalogue()))
    True
    """
    kinds = (SITES, *meaning.TOWN_KINDS)
    frames = [frame for frame in map(holdings.kind, kinds) if frame is not None]
    return {str(name) for frame in frames for key in KEYS if key in frame for name in frame[key].dropna()}
