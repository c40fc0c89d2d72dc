"""What the ``zan`` commands read: flows, groupings, rules, land cover."""

import re
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo import meaning
from artois_geo.cli import inputs, zan_names, zan_places
from artois_geo.errors import BadTable, BadValue

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo.constants.rules import RuleSet
    from artois_geo.layers import Layer

POLE = "pma"
PUBLISHED = "consommation d'ENAF : surfaces des fichiers fonciers, telles que publiées"
GIVEN = "consommation d'ENAF : surfaces du tableau fourni, convention de mesure non précisée"
_CEREMA_FLOW = re.compile(r"naf\d\dart\d\d")
_SHOWN = 3


@dataclass(frozen=True)
class Flows:
    """Flows grouped as asked, with the area and population of each territory, and what to say of them."""

    frame: "pd.DataFrame"
    key: str
    area_ha: "pd.Series | None"
    population: "pd.Series | None"
    places: "pd.DataFrame"
    notes: list[str]
    surface: str
    fictitious: bool = False


def options_of_flows(function: Any) -> Any:
    """Arguments and options that every command on consumption shares."""
    for option in reversed(
        [
            click.argument("fichier", type=click.Path(path_type=Path)),
            click.option(
                "--par",
                default="commune",
                show_default=True,
                metavar="COLONNE",
                help="Regroupement : commune, epci, scot, pma, ou une colonne de --territoires.",
            ),
            click.option(
                "--territoires",
                type=click.Path(path_type=Path),
                metavar="FICHIER",
                help="Tableau ou couche : le code de chaque commune et ses regroupements.",
            ),
            click.option(
                "--fusions",
                type=click.Path(path_type=Path),
                metavar="CSV",
                help="Communes fusionnées : colonnes ancien, nouveau (et part).",
            ),
            click.option("--edition", default="", help="Édition du fichier, à écrire sous les chiffres."),
            click.option(
                "--unite",
                type=click.Choice(["m2", "ha"]),
                help="Unité des flux. Fichier du Cerema : m2 ; à dire pour son propre tableau.",
            ),
            click.option("--cle", metavar="COLONNE", help="Code du territoire dans son propre tableau."),
            click.option(
                "--colonnes",
                default="",
                metavar="MODÈLE",
                help="Flux de son propre tableau, si leur nom ne dit pas « conso » : enaf_{annee} pour une "
                "colonne par année, ou le nom de l'unique colonne à côté d'une colonne annee.",
            ),
            click.option(
                "--regles", "rules_name", default="loi-2023-630", show_default=True, metavar="JEU|TOML"
            ),
        ]
    ):
        function = option(function)
    return function


def read_flows(
    fichier: Path,
    *,
    par: str,
    territoires: Path | None,
    fusions: Path | None,
    edition: str,
    unite: str | None,
    cle: str | None,
    colonnes: str,
) -> Flows:
    """Flows of a Cerema file or of one's own table, grouped as asked.

    Anomalies in the communes concerned stop the account: see ``--controle``.
    """
    records = read_table(fichier)
    flows = read_flows_of(records, fichier, par, territoires, fusions, edition, unite, cle, colonnes)
    if is_fictitious(records):
        notes = ["Données fictives : ce territoire n'existe pas.", *flows.notes]
        return replace(flows, notes=notes, fictitious=True)
    return flows


def is_fictitious(frame: "pd.DataFrame") -> bool:
    """Whether a table says that its rows are made up."""
    return bool(meaning.fictional(frame).any())


def read_flows_of(
    records: "pd.DataFrame",
    fichier: Path,
    par: str,
    territoires: Path | None,
    fusions: Path | None,
    edition: str,
    unite: str | None,
    cle: str | None,
    colonnes: str = "",
) -> Flows:
    """As :func:`read_flows`, from a table already read."""
    from artois_geo import zan

    if is_cerema(records):
        if colonnes:
            raise BadValue(
                f"--colonnes ne sert pas ici : {fichier.name} est le fichier du Cerema, ses flux sont connus "
                "(naf20art21…)."
            )
        return _cerema(records, fichier, par, territoires, fusions, edition, unite or "m2")
    if cle is None or unite is None:
        raise BadValue(
            f"{fichier.name} n'est pas le fichier du Cerema (idcom, naf20art21…). "
            "Pour son propre tableau, dire\n"
            "--cle COLONNE (code du territoire) et --unite ha ou m2."
        )
    own = zan.table_flows(
        records, key=cle, unit="ha" if unite == "ha" else "m2", source=edition, columns=colonnes
    )
    notes = [f"Flux : {fichier.name}, tableau fourni{f', édition {edition}' if edition else ''}, en {unite}."]
    _, others = zan.year_columns(records.columns, columns=colonnes)
    if others:
        notes.append(f"Colonnes datées qui ne sont pas lues comme de la consommation : {', '.join(others)}.")
    return _grouped(own, cle, records, par, territoires, fusions, notes)


def is_cerema(records: "pd.DataFrame") -> bool:
    """Whether a table is Cerema's, by its columns."""
    names = {str(column).strip().lower() for column in records.columns}
    return "idcom" in names and any(_CEREMA_FLOW.fullmatch(name) for name in names)


def read_table(path: Path) -> "pd.DataFrame":
    """Rows of a table or of a layer in any format, with codes kept as text."""
    import geopandas as gpd

    frame = inputs.raw_table(path)
    if isinstance(frame, gpd.GeoDataFrame) or inputs.is_json(path):
        return frame
    return frame.map(_as_text)


def _as_text(cell: Any) -> str:
    if meaning.is_missing(cell):
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def read_layer(layer: "Layer | Path", *, name: str = "") -> "gpd.GeoDataFrame":
    """A layer of the catalogue or a file in any format, in Lambert-93; ``name`` is a layer inside it."""
    from artois_geo import layers

    if name and isinstance(layer, Path):
        layer = Path(f"{layer}{layers.IN_FILE}{name}")
    return layers.read(layer)


def read_rules(name: str) -> "tuple[RuleSet, list[str]]":
    """A rule set and the sentence that names it under a table."""
    from artois_geo.constants import rules

    held = rules.read(name)
    said = f"Règles : {held.name} (valeurs au {held.on:%d/%m/%Y})."
    if held.changed:
        said += f" Valeurs changées : {', '.join(held.changed)} (base {held.base})."
    return held, [said]


def doubts(rules: "RuleSet", *used: str) -> list[str]:
    """What to say of the constants used that are not certain."""
    return [
        f"Valeur incertaine : {rules.constants[name].title}. {rules.constants[name].note}".strip()
        for name in used
        if name in rules.constants and rules.constants[name].certainty == "incertain"
    ]


def decades(rules: "RuleSet") -> tuple[tuple[int, int], tuple[int, int]]:
    """Reference and budget decades of a rule set."""
    held = rules.constants
    return (
        (held["reference_first_year"].value, held["reference_last_year"].value),
        (held["budget_first_year"].value, held["budget_last_year"].value),
    )


def today() -> date:
    """The day of the account."""
    return date.today()


def _cerema(
    records: "pd.DataFrame",
    path: Path,
    par: str,
    territoires: Path | None,
    fusions: Path | None,
    edition: str,
    unit: str,
) -> Flows:
    from artois_geo import zan

    records = records.rename(columns=lambda name: str(name).strip().lower())
    printed = edition or zan.cerema_edition(records)
    flows = zan.cerema_flows(records, edition=printed, unit="ha" if unit == "ha" else "m2")
    last = int(flows["year"].max())
    notes = [
        f"Flux : {path.name}, Cerema d'après les fichiers fonciers, "
        f"édition {printed}{'' if edition else ' (lue dans ses colonnes)'}. "
        f"Le flux {last} est provisoire.",
        "Le fichier repose sur le cadastre : 4 à 5 % du territoire (routes, eau) n'y sont pas.",
    ]
    return _grouped(flows, "idcom", records, par, territoires, fusions, notes)


def _grouped(
    flows: "pd.DataFrame",
    key: str,
    records: "pd.DataFrame",
    par: str,
    territoires: Path | None,
    fusions: Path | None,
    notes: list[str],
) -> Flows:
    from artois_geo import zan

    if fusions is not None:
        flows = zan.merge_communes(flows, read_table(fusions), key=key)
    membership = _membership(flows, key, records, par, territoires)
    column = "_territoire" if par == "commune" != key else par
    if column == "_territoire":
        membership = membership.assign(_territoire=membership[key])
    chosen = sorted(set(membership[key].astype(str)))
    _refuse_errors(records, key, chosen)
    frame = zan.group(flows, membership, by=column, key=key).rename(columns={column: par})
    places = membership.rename(columns={column: par}).drop_duplicates(par).reset_index(drop=True)
    area, people = _sizes(membership, records, key, column)
    names = zan_places.names(membership, records, key=key, by=column, par=par)
    if names is not None and "nom" not in frame:
        frame.insert(1, "nom", frame[par].astype(str).map(names))
    places = zan_places.with_levels(places, membership, records, key=key, by=column)
    surface = PUBLISHED if is_cerema(records) else GIVEN
    return Flows(frame, par, area, people, places, notes, surface)


def _membership(
    flows: "pd.DataFrame", key: str, records: "pd.DataFrame", par: str, territoires: Path | None
) -> "pd.DataFrame":
    if territoires is not None:
        table = zan_names.named_key(read_table(territoires), key, territoires.name)
        table = zan_names.with_usual_name(table, par)
        if par == POLE and POLE not in table:
            table[POLE] = "Territoire"
        if par not in {"commune", key, *table.columns}:
            from artois_geo.errors import UnknownName

            raise UnknownName("regroupement", par, [str(name) for name in table.columns])
        return table
    if par in {"commune", key}:
        return flows[[key]].drop_duplicates()
    own = records.copy()
    columns = [str(name) for name in own.columns]
    if par == "epci":  # epci24, epci25: the membership of the edition
        dated = sorted(name for name in columns if name.startswith("epci") and name[4:].isdigit())
        if dated:
            own["epci"] = own[dated[-1]]
    if par == POLE:
        return _pole(key)
    if par not in own:
        raise BadTable(
            f"Pas de colonne « {par} » pour regrouper. Donner --territoires FICHIER, "
            "un tableau avec le code de chaque\ncommune et cette colonne."
        )
    own = own[own[par].astype(str).str.strip() != ""]
    return own.assign(**{key: own[key].astype(str).str.zfill(5)})


def _pole(key: str) -> "pd.DataFrame":
    from artois_geo.cli import options

    communes = read_layer(options.catalogue()["communes"])
    return communes.rename(columns={"comm_insee": key}).assign(pma="Pôle métropolitain de l'Artois")


def _refuse_errors(records: "pd.DataFrame", key: str, chosen: list[str]) -> None:
    from artois_geo import zan

    if key != "idcom" or not is_cerema(records):
        return
    codes = records["idcom"].astype(str).str.zfill(5)
    findings = zan.cerema_findings(records[codes.isin(chosen)])
    errors = findings[findings["level"] == "erreur"]
    if len(errors):
        shown = "\n".join(f"- {row.feature} : {row.message}" for row in errors.head(_SHOWN).itertuples())
        raise BadTable(
            f"Le fichier a {len(errors)} anomalies dans les communes demandées :\n{shown}\n"
            "Les voir toutes avec « artois-geo zan controle FICHIER »."
        )


def _sizes(
    membership: "pd.DataFrame", records: "pd.DataFrame", key: str, column: str
) -> "tuple[pd.Series | None, pd.Series | None]":
    """Area and inhabitants by territory, where the files give them for every commune."""
    from artois_geo.measure import M2_PER_HA
    from artois_geo.zan.flows import numbers

    found: list[Any] = []
    names = [str(name) for name in records.columns]
    areas = [name for name in names if name.startswith("surfcom")]
    stocks = sorted(
        name for name in names if name.startswith("pop") and name[3:].isdigit() and len(name) == 5
    )
    for own, theirs, divisor in (("surface_ha", areas[:1], M2_PER_HA), ("population", stocks[-1:], 1)):
        if own in membership:
            values = numbers(membership[own]).set_axis(membership[key])
        elif theirs and key in records:
            values = numbers(records[theirs[0]]).set_axis(records[key].astype(str).str.zfill(5)) / divisor
        else:
            found.append(None)
            continue
        each = membership[key].map(values[~values.index.duplicated()])
        sums = each.groupby(membership[column].astype(str)).sum(min_count=1)
        complete = not each.isna().any() and bool((sums > 0).all())
        found.append(sums if complete else None)
    return found[0], found[1]
