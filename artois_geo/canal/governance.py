"""Who owns, who runs, who decides: third pillar of the fluvial scheme. Unknown stays unknown."""

from collections.abc import Mapping

import pandas as pd

from artois_geo.errors import BadTable

UNKNOWN = "inconnu"
OWNED = r"propriété (?:de la |de l['’]|du |des |de )?(.+?)(?:;|$)"
CONCEDED = r"concession(?: |=)(.+?)(?:;|$)"


def governance(
    objects: Mapping[str, pd.DataFrame], *, columns: Mapping[str, Mapping[str, str]]
) -> pd.DataFrame:
    """Tell who owns and who manages each quay and plot, as the layers say it.

    Parameters
    ----------
    objects
        Tables by what they hold (« quai », « foncier »).
    columns
        For each table, the columns that play the parts ``name``, ``owner``, ``manager``, ``source`` or
        ``text``. A text such as « propriété de la CABBALR » or « concession=CCI / VNF » gives the owner
        or the manager where no column does. A part that no column plays is unknown.

    Returns
    -------
    DataFrame
        One row per object: ``object_kind``, ``object`` (index), ``name``, ``owner``, ``manager``,
        ``decides`` (owner and manager where both are known, the known one otherwise, « inconnu »
        where neither is), ``source``.

    Raises
    ------
    BadTable
        A column named in ``columns`` is absent.

    Examples
    --------
    >>> from artois_geo.canal import governance
    >>> from artois_geo import example
    >>> quays = example.point(x_km=0, y_km=0, nom="Port", dit="concession=CCI / VNF;quais_m=450")
    >>> governance({"quai": quays}, columns={"quai": {"name": "nom", "text": "dit"}})[
    ...     ["name", "owner", "manager", "decides"]].values.tolist()
    [['Port', 'inconnu', 'CCI / VNF', 'CCI / VNF']]
    """
    pieces = []
    for kind, table in objects.items():
        parts = columns.get(kind, {})
        absent = [name for name in parts.values() if name not in table.columns]
        if absent:
            raise BadTable(f"Colonnes absentes de « {kind} » : {', '.join(absent)}.")
        text = _declared(table, parts.get("text"))
        owner = _declared(table, parts.get("owner")).fillna(text.str.extract(OWNED, expand=False).str.strip())
        manager = _declared(table, parts.get("manager")).fillna(
            text.str.extract(CONCEDED, expand=False).str.strip()
        )
        deciders = pd.concat([owner, manager], axis=1).apply(
            lambda row: " et ".join(dict.fromkeys(row.dropna())) or UNKNOWN, axis=1, result_type="reduce"
        )
        pieces.append(
            pd.DataFrame(
                {
                    "object_kind": kind,
                    "object": table.index,
                    "name": _declared(table, parts.get("name")).fillna(UNKNOWN).to_numpy(),
                    "owner": owner.fillna(UNKNOWN).to_numpy(),
                    "manager": manager.fillna(UNKNOWN).to_numpy(),
                    "decides": deciders.to_numpy() if len(table) else [],
                    "source": _declared(table, parts.get("source")).fillna(UNKNOWN).to_numpy(),
                }
            )
        )
    return pd.concat(pieces, ignore_index=True)


def _declared(table: pd.DataFrame, column: str | None) -> pd.Series:
    if column is None:
        return pd.Series(None, index=table.index, dtype="string")
    texts = table[column].astype("string").str.strip()
    return texts.mask(texts == "")
