"""Flows of consumption of a Cerema file or of one's own table, grouped as a planner asks."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from artois_geo import layers, meaning, zan
from artois_geo.errors import BadTable, BadValue, UnknownName
from artois_geo.measure import M2_PER_HA
from artois_geo.studies import data_warnings, planner_files
from artois_geo.studies.zan import territories
from artois_geo.studies.zan.requests import POLE, FlowsRequest, OpenCatalogue
from artois_geo.zan.flows import numbers

PUBLISHED = "consommation d'ENAF : surfaces des fichiers fonciers, telles que publiées"
GIVEN = "consommation d'ENAF : surfaces du tableau fourni, convention de mesure non précisée"
_CEREMA_FLOW = re.compile(r"naf\d\dart\d\d")
_MAX_ERRORS = 3  # anomalies that a refusal quotes
_TERRITORY = "_territoire"
_UNNAMED = "Territoire"  # a pole that nobody names


@dataclass(frozen=True)
class Flows:
    """Hold flows grouped as asked, area and population of each territory, and what to say of them.

    ``key``: column of the territory in ``frame`` (one row per territory and year) and in ``territories``
    (one row per territory, with its EPCI, SCoT and region where they are known).
    """

    frame: pd.DataFrame
    key: str
    area_ha: pd.Series | None
    population: pd.Series | None
    territories: pd.DataFrame
    notes: list[str]
    surface: str
    fictitious: bool = False


def read(request: FlowsRequest, catalogue: OpenCatalogue = layers.read_catalogue) -> Flows:
    """Read the flows of a Cerema file or of one's own table, grouped as asked.

    Parameters
    ----------
    request
        File, grouping, unit and columns.
    catalogue
        Gives the catalogue whose communes make the pole; called only for that grouping.

    Raises
    ------
    BadTable, BadValue
        Anomalies in the communes concerned, or a grouping or a unit that the file does not give.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp()) / "conso.csv"
    >>> _ = path.write_text("epci;2011;2012\\nA;1,5;2\\n")
    >>> flows = read(FlowsRequest(path, par="epci", cle="epci", unite="ha"))
    >>> flows.frame["consumed_ha"].tolist(), flows.notes
    ([1.5, 2.0], ['Flux : conso.csv, tableau fourni, en ha.'])
    """
    as_written = [request.cle, request.par, request.colonnes]
    text_columns = ["annee", *(name for name in (request.cle, request.par) if name)]
    records = planner_files.text_table(request.fichier, wanted=text_columns, as_written=as_written)
    return of_records(records, request, catalogue)


def of_records(
    records: pd.DataFrame, request: FlowsRequest, catalogue: OpenCatalogue = layers.read_catalogue
) -> Flows:
    """Group the flows of a table already read; everything else is as for :func:`read`.

    Examples
    --------
    >>> records = pd.DataFrame({"idcom": ["01001"], "naf19art20": ["15955"]})
    >>> of_records(records, FlowsRequest(Path("conso.csv"))).frame[["commune", "consumed_ha"]].values.tolist()
    [['01001', 1.5955]]
    """
    flows = (_of_cerema if is_cerema(records) else _of_own_table)(records, request, catalogue)
    if meaning.fictional(records).any():
        notes = [f"{data_warnings.MARK} : ce territoire n'existe pas.", *flows.notes]
        return replace(flows, notes=notes, fictitious=True)
    return flows


def is_cerema(records: pd.DataFrame) -> bool:
    """Tell whether a table is Cerema's, by its columns.

    Examples
    --------
    >>> is_cerema(pd.DataFrame(columns=["IDCOM", "naf19art20"]))
    True
    """
    names = {str(column).strip().lower() for column in records.columns}
    return "idcom" in names and any(_CEREMA_FLOW.fullmatch(name) for name in names)


def _of_cerema(records: pd.DataFrame, request: FlowsRequest, catalogue: OpenCatalogue) -> Flows:
    """Group the flows of Cerema's file; its edition is read in its columns unless it is given."""
    if request.colonnes:
        raise BadValue(
            f"--colonnes ne sert pas ici : {request.fichier.name} est le fichier du Cerema, ses flux sont "
            "connus (naf20art21…)."
        )
    records = records.rename(columns=lambda name: str(name).strip().lower())
    edition = request.edition or zan.cerema_edition(records)
    flows = zan.cerema_flows(records, edition=edition, unit="ha" if request.unite == "ha" else "m2")
    notes = [
        f"Flux : {request.fichier.name}, Cerema d'après les fichiers fonciers, "
        f"édition {edition}{'' if request.edition else ' (lue dans ses colonnes)'}. "
        f"Le flux {int(flows['year'].max())} est provisoire.",
        "Le fichier repose sur le cadastre : 4 à 5 % du territoire (routes, eau) n'y sont pas.",
    ]
    return replace(_grouped(flows, "idcom", records, request, catalogue), notes=notes)


def _of_own_table(records: pd.DataFrame, request: FlowsRequest, catalogue: OpenCatalogue) -> Flows:
    """Group the flows of one's own table, whose key and unit the reader gives."""
    name, edition = request.fichier.name, request.edition
    if request.cle is None or request.unite is None:
        raise BadValue(
            f"{name} n'est pas le fichier du Cerema (idcom, naf20art21…). "
            "Pour son propre tableau, dire\n"
            "--cle COLONNE (code du territoire) et --unite ha ou m2."
        )
    flows = zan.table_flows(
        records,
        key=request.cle,
        unit="ha" if request.unite == "ha" else "m2",
        source=edition,
        columns=request.colonnes,
    )
    printed = f", édition {edition}" if edition else ""
    notes = [f"Flux : {name}, tableau fourni{printed}, en {request.unite}."]
    _, unread = zan.year_columns(records.columns, columns=request.colonnes)
    if unread:
        notes.append(f"Colonnes datées qui ne sont pas lues comme de la consommation : {', '.join(unread)}.")
    return replace(_grouped(flows, request.cle, records, request, catalogue), notes=notes)


def _grouped(
    flows: pd.DataFrame, key: str, records: pd.DataFrame, request: FlowsRequest, catalogue: OpenCatalogue
) -> Flows:
    """Carry flows over to the communes of today, add them up by territory, and describe the territories."""
    par = request.par
    if request.fusions is not None:
        flows = zan.merge_communes(flows, planner_files.text_table(request.fusions), key=key)
    membership = _membership(flows, key, records, request, catalogue)
    column = _TERRITORY if par == "commune" != key else par
    if column == _TERRITORY:
        membership = membership.assign(**{_TERRITORY: membership[key]})
    membership = membership.assign(**{column: meaning.one_spelling(membership[column])})
    _refuse_errors(records, key, sorted(set(membership[key].astype(str))))
    frame = zan.group(flows, membership, by=column, key=key).rename(columns={column: par})
    described = membership.rename(columns={column: par}).drop_duplicates(par).reset_index(drop=True)
    area_ha, population = _sizes(membership, records, key, column)
    names = territories.names_by_code(membership, records, key=key, by=column, par=par)
    if names is not None and "nom" not in frame:
        frame.insert(1, "nom", frame[par].astype(str).map(names))
    described = territories.with_levels(described, membership, records, key=key, by=column)
    surface = PUBLISHED if is_cerema(records) else GIVEN
    return Flows(frame, par, area_ha, population, described, [], surface)


def _membership(
    flows: pd.DataFrame, key: str, records: pd.DataFrame, request: FlowsRequest, catalogue: OpenCatalogue
) -> pd.DataFrame:
    """Return the territory of each commune: of the given table, of the file itself, or of the pole."""
    par = request.par
    if request.territoires is not None:
        return _given_membership(request.territoires, key, par)
    if par in {"commune", key}:
        return flows[[key]].drop_duplicates()
    if par == POLE:
        catalogue_read = catalogue()
        communes = layers.read(catalogue_read["communes"])
        return communes.rename(columns={"comm_insee": key}).assign(pma=catalogue_read.territory or _UNNAMED)
    members = records.copy()
    columns = [str(name) for name in members.columns]
    if par == "epci":  # epci24, epci25: the membership of the edition
        dated = sorted(name for name in columns if name.startswith("epci") and name[4:].isdigit())
        if dated:
            members["epci"] = members[dated[-1]]
    if par not in members:
        raise BadTable(
            f"Pas de colonne « {par} » pour regrouper. Donner --territoires FICHIER, "
            "un tableau avec le code de chaque\ncommune et cette colonne."
        )
    members = members[members[par].astype(str).str.strip() != ""]
    return members.assign(**{key: members[key].astype(str).str.zfill(5)})


def _given_membership(path: Path, key: str, par: str) -> pd.DataFrame:
    """Read the table of the territories, which must have the grouping asked."""
    table = territories.with_commune_key(planner_files.text_table(path), key, path.name)
    table = territories.with_usual_name(table, par)
    if par == POLE and POLE not in table:
        table[POLE] = _UNNAMED
    if par not in {"commune", key, *table.columns}:
        raise UnknownName("regroupement", par, [str(name) for name in table.columns])
    return table


def _refuse_errors(records: pd.DataFrame, key: str, codes: list[str]) -> None:
    """Refuse a Cerema file that has anomalies in the communes concerned."""
    if key != "idcom" or not is_cerema(records):
        return
    is_concerned = records["idcom"].astype(str).str.zfill(5).isin(codes)
    findings = zan.cerema_findings(records[is_concerned])
    errors = findings[findings["level"] == "erreur"]
    if len(errors):
        quoted = "\n".join(
            f"- {row.feature} : {row.message}" for row in errors.head(_MAX_ERRORS).itertuples()
        )
        raise BadTable(
            f"Le fichier a {len(errors)} anomalies dans les communes demandées :\n{quoted}\n"
            "Les voir toutes avec « artois-geo zan controle FICHIER »."
        )


def _sizes(
    membership: pd.DataFrame, records: pd.DataFrame, key: str, column: str
) -> tuple[pd.Series | None, pd.Series | None]:
    """Return area and inhabitants by territory, where the files give them for every commune."""
    names = [str(name) for name in records.columns]
    areas = [name for name in names if name.startswith("surfcom")]
    stocks = sorted(
        name for name in names if name.startswith("pop") and name[3:].isdigit() and len(name) == 5
    )
    sizes: list[pd.Series | None] = []
    for given_column, file_columns, divisor in (
        ("surface_ha", areas[:1], M2_PER_HA),
        ("population", stocks[-1:], 1),
    ):
        if given_column in membership:
            figures = numbers(membership[given_column]).set_axis(membership[key])
        elif file_columns and key in records:
            codes = records[key].astype(str).str.zfill(5)
            figures = numbers(records[file_columns[0]]).set_axis(codes) / divisor
        else:
            sizes.append(None)
            continue
        of_communes = membership[key].map(figures[~figures.index.duplicated()])
        sums = of_communes.groupby(membership[column].astype(str)).sum(min_count=1)
        is_complete = not of_communes.isna().any() and bool((sums > 0).all())
        sizes.append(sums if is_complete else None)
    return sizes[0], sizes[1]
