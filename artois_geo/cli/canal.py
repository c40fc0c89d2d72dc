"""``artois-geo canal``: what the canal is worth to a site, freight, and the fluvial scheme."""

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import canal_inputs, drawn, french, options, show
from artois_geo.cli.canal_desserte import desserte
from artois_geo.studies import Assumptions, planner_files

if TYPE_CHECKING:
    import pandas as pd

    from artois_geo.layers import Layer

ONE_FLOW = "--tonnes --route-km --eau-km --acheminement-km --manutentions --bateau"
NO_SECTOR = "Pilier 2 vide : donner les filières avec --filieres (aucune base publiée n'est inventée)."


@click.group(cls=french.Group)
def canal() -> None:
    """Le canal : berge, quais, fret, qui décide."""


canal.add_command(desserte)


@canal.command()
@click.option(
    "--flux",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV : tonnes, road_km, water_km, haul_km, handlings, boat.",
)
@click.option(
    "--filieres",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières : sector, base, base_unit, ratio_t, river_share, hinterland_share, "
    "competitive_share.",
)
@click.option(
    "--bases-melangees", is_flag=True, help="Accepte des filières comptées sur des unités différentes."
)
@click.option("--entonnoir", is_flag=True, help="L'entonnoir publié des conteneurs.")
@click.option("--tonnes", type=click.FloatRange(0), help="Tonnage d'un flux donné en ligne.")
@click.option("--route-km", type=click.FloatRange(0), help="Trajet par la route seule.")
@click.option("--eau-km", type=click.FloatRange(0), help="Trajet par l'eau.")
@click.option(
    "--acheminement-km",
    type=click.FloatRange(0),
    default=0.0,
    show_default=True,
    help="Pré et post-acheminement.",
)
@click.option(
    "--manutentions", type=click.IntRange(0), default=2, show_default=True, help="Nombre de transbordements."
)
@click.option(
    "--bateau", default="convoi", show_default=True, help="Bateau (voir « constantes », freight_factors)."
)
@click.option("--camion", type=float, help="Chargement d'un camion, en t.")
@click.option(
    "--resume", is_flag=True, help="Une ligne par flux : la fourchette de tous les jeux de facteurs."
)
@options.assumption_day
@options.agree(
    needs={"--bases-melangees": "--filieres"},
    excludes={
        "--entonnoir": f"--filieres --flux --resume --camion {ONE_FLOW}",
        "--filieres": f"--flux --resume {ONE_FLOW}",
        "--flux": ONE_FLOW,
    },
)
@options.output
def fret(
    flux: Path | None,
    filieres: Path | None,
    bases_melangees: bool,
    entonnoir: bool,
    tonnes: float | None,
    route_km: float | None,
    eau_km: float | None,
    acheminement_km: float,
    manutentions: int,
    bateau: str,
    camion: float | None,
    resume: bool,
    day: date,
    output: dict[str, Any],
) -> None:
    """Potentiel par filière, ou camions et CO2e évités par un flux, toujours avec leur fourchette.

    Un résultat négatif est écrit négatif : la route fait mieux. Pas d'option --ajout ici : un flux est une
    ligne de tableau, non un objet de carte ; comparer deux fichiers --flux ou --filieres.
    """
    import pandas as pd

    from artois_geo import canal as room
    from artois_geo import constants

    assumptions = Assumptions(day)
    if entonnoir:
        published = dict(assumptions.value("funnel_evp"))
        table = room.funnel(published.pop("identifiés"), published)
        show.table(table, constants=assumptions.used, title="Entonnoir publié (EVP)", **output)
        return
    truck_t = assumptions.value("truck_load_t", camion)
    opening = canal_inputs.opening(assumptions)
    if filieres is not None:
        table = _potential(filieres, assumptions, truck_t, bases_melangees)
        show.table(
            table,
            constants=assumptions.used,
            notes=_mixed(table),
            title="Potentiel fluvial par filière",
            **output,
        )
        return
    if flux is not None:
        flows = planner_files.table(flux).reset_index(drop=True)
    elif tonnes is None or route_km is None or eau_km is None:
        raise click.UsageError("Donner --flux, --filieres, --entonnoir, ou --tonnes, --route-km et --eau-km.")
    else:
        flows = pd.DataFrame(
            {
                "tonnes": [tonnes],
                "road_km": [route_km],
                "water_km": [eau_km],
                "haul_km": [acheminement_km],
                "handlings": [manutentions],
                "boat": [bateau],
            }
        )
    factors = constants.table("freight_factors")
    table = room.emissions(flows, factors, truck_t=truck_t)
    whole = room.overall(table)
    show.table(
        whole if resume else table,
        constants=assumptions.used,
        notes=[*_verdicts(whole), *_factors(factors, flows), opening],
        title="CO2e et camions évités",
        **output,
    )


@canal.command()
@click.argument("sites", type=options.layer_file, default="sites_eco")
@click.option("--dossier", type=options.OutputFolder(), required=True, help="Dossier à écrire.")
@click.option(
    "--filieres",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="CSV des filières, comme pour « canal fret ».",
)
@click.option("--colonne-filiere", metavar="COLONNE", help="Colonne des sites qui nomme leur filière.")
@click.option(
    "--bases-melangees", is_flag=True, help="Accepte des filières comptées sur des unités différentes."
)
@canal_inputs.ways
@canal_inputs.stops
@canal_inputs.precisions
@options.assumption_day
@options.agree(needs={"--bases-melangees": "--filieres"})
def schema(
    sites: "Layer | Path",
    dossier: Path,
    filieres: Path | None,
    colonne_filiere: str | None,
    bases_melangees: bool,
    voies: "tuple[Layer | Path, ...]",
    lieux: "tuple[Layer | Path, ...]",
    declared: canal_inputs.Declared,
    day: date,
) -> None:
    """Le schéma fluvial en un dossier : trois tableaux liés, un classeur, une couche, une carte hors ligne.

    1. Foncier et infrastructures. 2. Potentiel par filière. 3. Gouvernance : l'inconnu reste inconnu.

    Ce que changerait un quai, une route ou une voie d'eau se lit avec « canal desserte --ajout ».
    """
    import pandas as pd

    from artois_geo import canal as room
    from artois_geo import fluvial, layers, tables

    assumptions = Assumptions(day)
    lands = layers.read(sites)
    places = canal_inputs.places(lieux)
    reach = canal_inputs.reach(lands, places, declared)
    front = canal_inputs.front(lands, voies, reach, declared, assumptions).assign(nom=room.names(lands))
    quays = places[places["famille"].isin(room.LOADING)]
    land = fluvial.land_table(
        front, quays, name="nom", sector=colonne_filiere, quay_name="nom", family="famille"
    )
    land["operateur"] = [
        *canal_inputs.column(lands, "operateur"),
        *canal_inputs.column(quays, "gestionnaire"),
    ]
    land["dit"] = [*canal_inputs.column(lands, "note"), *canal_inputs.column(quays, "attributs")]
    source = {"source": "source"} if "source" in land.columns else {}
    governance = fluvial.who(land, columns={"name": "name", "manager": "operateur", "text": "dit", **source})
    truck_t = assumptions.value("truck_load_t")
    potential = (
        _potential(filieres, assumptions, truck_t, bases_melangees)
        if filieres
        else pd.DataFrame(columns=["sector"])
    )
    notes = [
        *canal_inputs.told(lands, places, None, assumptions),
        *declared.notes(),
        *canal_inputs.doubts(front),
    ]
    notes += [] if filieres else [NO_SECTOR]
    footer = show.footer(
        land, sources=canal_inputs.given(sites, *voies, *lieux), constants=assumptions.used, notes=notes
    )
    known = options.catalogue()
    ground = {name: layers.read(known[name]) for name in ("communes_schema", "communes") if name in known}
    done = fluvial.write(
        dossier,
        land=land,
        potential=potential,
        governance=governance,
        footer=footer,
        background={"Voies d'eau": canal_inputs.whole(voies), **ground},
        described={
            **{title: drawn.record(title, kind, "schéma fluvial") for title, kind in fluvial.DRAWN.items()},
            **{name: known[name] for name in ground},
        },
        labels=canal_inputs.COLUMNS,
    )
    for path in done.files:
        show.written(path)
    unknown = int((governance["decides"] == room.UNKNOWN).sum())
    click.echo(f"{len(land)} objets ; on ne sait pas qui décide pour {unknown} d'entre eux.", err=True)
    for line in tables.source_lines(footer):
        click.echo(french.visible(line), err=True)


def _potential(path: Path, assumptions: Assumptions, truck_t: float, mixed: bool) -> "pd.DataFrame":
    from artois_geo import canal as room

    capture = assumptions.value("capture_share")
    return room.potential(planner_files.table(path), capture=capture, truck_t=truck_t, mixed_bases=mixed)


def _verdicts(whole: "pd.DataFrame") -> list[str]:
    from artois_geo import tables

    low, high = (
        [tables.number(100 * share) for share in whole[f"avoided_share_{end}"]] for end in ("low", "high")
    )
    return [
        f"Flux {flow} : {verdict}, {one} à {other} % évités selon le jeu de facteurs."
        for flow, verdict, one, other in zip(whole["flow"], whole["verdict"], low, high, strict=True)
    ]


def _factors(factors: "pd.DataFrame", flows: "pd.DataFrame") -> list[str]:
    used = factors[factors["boat"].isin(set(flows["boat"]))]
    return [f"{row.factor_set}, {row.boat_title} : {row.source}." for row in used.itertuples()]


def _mixed(table: "pd.DataFrame") -> list[str]:
    units = sorted(table["base_unit"].dropna().astype(str).unique())
    return [f"Filières comptées sur des unités différentes : {', '.join(units)}."] if len(units) > 1 else []
