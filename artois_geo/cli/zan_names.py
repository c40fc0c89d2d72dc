"""Under which column a table or a layer names its communes and its EPCI."""

from typing import TYPE_CHECKING, Any

from artois_geo.errors import BadTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd


def commune_column(names: "Iterable[str]") -> str | None:
    """Column of the commune code, by the names of Cerema, of our layers, of IGN and of geo.api."""
    from artois_geo.kinds import column_names
    from artois_geo.layers import read_kind

    return column_names.first_named(
        names, ("idcom", *read_kind("commune_contour").names("comm_insee"), "commune")
    )


def with_usual_name(table: Any, par: str) -> Any:
    """The same table, where ``epci`` also finds the column that layers and public files call otherwise."""
    from artois_geo.kinds import column_names
    from artois_geo.layers import read_kind

    if par in table:
        return table
    others = read_kind("commune_contour").names("epci_siren") if par == "epci" else (f"{par}_siren",)
    column = column_names.first_named(map(str, table.columns), (par, *others))
    if column is None:
        return table
    if par == "epci":
        _refuse_several_epci(table[column])
    return table.assign(**{par: table[column]})


def _refuse_several_epci(codes: "pd.Series") -> None:
    several = codes[codes.astype(str).str.count(r"\d{9}") > 1]
    if len(several):
        raise BadTable(
            f"Une commune dans plusieurs EPCI ({codes.name} : {several.iloc[0]}) : ses hectares seraient "
            "comptés deux fois.\nNe garder qu'un SIREN par commune."
        )


def named_key(table: "pd.DataFrame", key: str, name: str) -> "pd.DataFrame":
    """The same table without shapes, whose code of the commune is called ``key`` and is text."""
    import pandas as pd

    names = [str(column) for column in table.columns]
    column = key if key in names else commune_column(names)
    if column is None:
        raise BadTable(
            f"{name} n'a pas de colonne de code de commune (comm_insee, insee, code_insee, INSEE_COM, code, "
            f"idcom…).\nColonnes lues : {', '.join(names[:12])}."
        )
    plain = pd.DataFrame(table.drop(columns="geometry", errors="ignore"))
    return plain.rename(columns={column: key}).astype({key: str})
