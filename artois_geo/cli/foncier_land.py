"""``foncier disponible`` and ``foncier pertes``: what land is left, and what each constraint costs."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import foncier_notes, foncier_words, french, options, show, waiting
from artois_geo.studies import planner_files

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo import land
    from artois_geo.constants import Constant
    from artois_geo.layers import Layer

NAMES = ("site_nom", "nom", "foncier_nom", "site_id", "id", "zae_nom")
FILE = click.Path(path_type=Path, dir_okay=False)

rules_option = click.option(
    "--regles",
    type=FILE,
    required=True,
    metavar="FICHIER",
    help="Table des contraintes (contraintes.toml, .csv) ou résultat d'un calcul passé (.json, .geojson).",
)


@dataclass(frozen=True)
class Ground:
    """Rules with the layers they name, read once."""

    rules: "list[land.Rule]"
    options: "land.Options"
    constraints: "gpd.GeoDataFrame"
    chosen: "dict[str, gpd.GeoDataFrame | None]"
    sources: "list[Layer | Path]"
    record: dict[str, Any]
    notes: list[str]


@click.command(cls=french.Command)
@click.argument("sites", type=options.layer_file)
@rules_option
@click.option("--inscrits", is_flag=True, help="Mesure aussi le rectangle et le cercle inscrits (plus lent).")
@click.option(
    "--sol",
    metavar="COUCHE",
    help="Occupation du sol, zonage ou friches : dit ce que le disponible est déjà (friche, artificialisé, "
    "urbanisé, ENAF).",
)
@click.option(
    "--nature", metavar="COLONNE", default="nature", show_default=True, help="Colonne de --sol qui le dit."
)
@click.option(
    "--nature-de",
    "natures",
    multiple=True,
    metavar="VALEUR=NATURE",
    help="Sens d'une valeur de cette colonne, par exemple U=urbanisé ou A=ENAF ; à répéter.",
)
@click.option(
    "--enveloppe",
    type=FILE,
    metavar="FICHIER",
    help="Ce qui reste à consommer par territoire (colonne left_ha, de « zan trajectoire »).",
)
@click.option(
    "--territoire",
    "key",
    metavar="COLONNE",
    default="comm_insee",
    show_default=True,
    help="Colonne commune aux sites et à --enveloppe.",
)
@click.option(
    "--etats",
    type=options.OutputFile("geojson"),
    metavar="FICHIER.geojson",
    help="Écrit disponible, inconnu et exclu.",
)
@click.option(
    "--carte",
    type=options.OutputFile("html"),
    metavar="FICHIER.html",
    help="Carte hors ligne des trois états.",
)
@options.agree(
    needs={
        "--nature": "--sol",
        "--nature-de": "--sol",
        "--enveloppe": "--sol",
        "--territoire": "--enveloppe",
    }
)
@options.waiting
@options.cores
@options.output
def disponible(
    sites: "Layer | Path",
    regles: Path,
    inscrits: bool,
    sol: str | None,
    nature: str,
    natures: tuple[str, ...],
    enveloppe: Path | None,
    key: str,
    etats: Path | None,
    carte: Path | None,
    step: waiting.Step,
    cores: int | None,
    output: dict[str, Any],
) -> None:
    """Ce qui reste de chaque site une fois les contraintes et leurs reculs ôtés.

    SITES est une couche de polygones (nom du catalogue ou fichier). Le sol qu'une couche de contrainte ne
    couvre pas est compté à part : inconnu, ni libre ni perdu. Un site schématique (colonne geometrie) n'est
    pas mesuré : un intervalle dit ce qu'il peut en rester à precision_m près.
    """
    from artois_geo import land, layers

    natures_of = _pairs(natures)
    features, unmeasured = _measurable(layers.read(sites))
    ground = _ground(regles)
    convention = _convention()
    demands = _demands(ground) | {"by": "constraint", "coverage": ground.chosen["coverage"]}
    left = land.available(
        features,
        ground.constraints,
        inscribed=inscrits,
        moves=land.read_moves(convention.value),
        cores=cores,
        progress=step("Foncier disponible"),
        **demands,
    )
    sources = [sites, *ground.sources]
    if sol:
        cover, source = planner_files.layer(sol, options.catalogue())
        left = land.soil(left, cover, by=nature, natures=natures_of)
        sources.append(source)
    if enveloppe:
        from artois_geo.studies.zan import trajectory

        budgets = _as_text(planner_files.table(enveloppe), key)
        left = land.drawn(left, budgets, key=key)
        sources.append(enveloppe)
        unmeasured = [*unmeasured, trajectory.day_of(budgets)]
    if etats or carte:
        doubtful = left["unknown_ha"].gt(0).any()
        unknown = land.unknown(features, ground.constraints, **demands) if doubtful else None
        states = land.states(features, left, unknown=unknown)
        if etats:
            layers.write(states, etats)
            show.written(etats)
        if carte:
            show.save(_map(foncier_words.with_ranges(states, left), ground).encode(), carte)
    show.table(
        foncier_words.brief(left, NAMES) if output["format"] == "tableau" else left,
        sources=sources,
        constants=[convention] if foncier_words.has_interval(left) else [],
        surface="lambert93",
        notes=[
            *foncier_words.doubts(left),
            *unmeasured,
            *ground.notes,
            foncier_notes.of_pieces(ground.options),
            *foncier_words.total(land.totals(features, left)),
            *foncier_words.made_up(features),
        ],
        kind=getattr(sites, "kind", ""),
        title="Foncier disponible",
        members=ground.record,
        **output,
    )


@click.command(cls=french.Command)
@click.argument("sites", type=options.layer_file)
@rules_option
@click.option("--site", metavar="NOM", help="Un seul site, par son nom ou son identifiant.")
@click.option("--phrases", is_flag=True, help="Une phrase par site au lieu du tableau.")
@click.option(
    "--graphique",
    type=options.OutputFile("svg"),
    metavar="FICHIER.svg",
    help="Dessine la cascade (avec --site).",
)
@options.agree(needs={"--graphique": "--site"})
@options.waiting
@options.cores
@options.output
def pertes(
    sites: "Layer | Path",
    regles: Path,
    site: str | None,
    phrases: bool,
    graphique: Path | None,
    step: waiting.Step,
    cores: int | None,
    output: dict[str, Any],
) -> None:
    """Ce que chaque contrainte coûte à chaque site : seule, exclusivement, et dans l'ordre déclaré."""
    import pandas as pd

    from artois_geo import land, layers
    from artois_geo.studies import site_land

    features, unmeasured = _measurable(layers.read(sites))
    names = _names(features)
    if site is not None:
        features, names = _only(features, names, site)
    ground = _ground(regles)
    convention = _convention()
    constraints = site_land.Constraints(
        ground.constraints, _demands(ground) | {"coverage": ground.chosen["coverage"]}
    )
    step("Pertes par contrainte")
    moves = land.read_moves(convention.value)
    left, waterfall = site_land.waterfalls(features, constraints, moves=moves, cores=cores)
    if graphique:
        row, rows = left.iloc[0], waterfall.droplevel(0)
        show.save(site_land.chart(row, rows, title=str(names.iloc[0])).encode(), graphique)
    frame: pd.DataFrame
    if phrases:
        named: dict[Any, str] = dict(zip(features.index, names.astype(str), strict=True))
        sentences = [
            land.sentence(rows, site_name=named[label], left=left.loc[label])
            for label, rows in waterfall.groupby(level=0, sort=False)
        ]
        frame = pd.DataFrame({"site": names.to_numpy(), "sentence": sentences})
    else:
        frame = foncier_words.loss_rows(waterfall, left, readable=output["format"] == "tableau")
        frame.insert(0, "site", names.reindex(frame.index).to_numpy())
        frame = frame.reset_index(drop=True)
    pieces = foncier_notes.of_pieces(ground.options)
    notes = [
        *foncier_words.doubts(left),
        *unmeasured,
        *ground.notes,
        pieces,
        *foncier_words.made_up(features),
    ]
    alone = waterfall["alone_ha"].groupby(level=0).sum().reindex(left.index[~left["schematic"]])
    if untouched := int((alone <= 0).sum()):
        notes.append(f"{foncier_words.counted(untouched)} qu'aucune contrainte n'atteint.")
    show.table(
        frame,
        sources=[sites, *ground.sources],
        constants=[convention] if foncier_words.has_interval(left) else [],
        surface="lambert93",
        notes=notes,
        title="Pertes par contrainte",
        labels={"site": "Site", "constraint": "Contrainte", "sentence": "Phrase"},
        members=ground.record,
        **output,
    )


def _convention() -> "Constant":
    """How the interval of a schematic site is read, as agreed today."""
    from artois_geo import constants, land

    return constants.get(land.MOVES, on=date.today())


def _ground(path: Path) -> Ground:
    """Every layer that the rules name, read once, with what a later run needs to be the same."""
    import pandas as pd

    from artois_geo import land

    rules, settings, fingerprints = planner_files.rules(path)
    chosen = {"only_where": settings.only_where, "force_keep": settings.force_keep, "roads": settings.roads}
    wanted = [rule.layer for rule in rules] + [rule.coverage for rule in rules if rule.coverage]
    wanted += [selection.layer for selection in chosen.values() if selection is not None]
    read = {
        name: planner_files.layer(name, options.catalogue(), beside=path.parent)
        for name in dict.fromkeys(wanted)
    }
    frames = {name: frame for name, (frame, _) in read.items()}
    sums = {name: planner_files.fingerprint(source) for name, (_, source) in read.items()}
    notes = [
        f"La couche « {name} » a changé depuis le calcul d'origine."
        for name, before in fingerprints.items()
        if sums.get(name, before) != before
    ]
    covered = [frames[rule.coverage].assign(constraint=rule.name) for rule in rules if rule.coverage]
    selected = {
        name: None
        if selection is None
        else land.select(frames[selection.layer], selection.where, name=selection.layer)
        for name, selection in chosen.items()
    }
    selected["coverage"] = pd.concat(covered, ignore_index=True) if covered else None
    return Ground(
        rules,
        settings,
        land.table(rules, frames),
        selected,
        [source for _, source in read.values()],
        {"regles": land.as_record(rules, settings), "entrees": sums},
        [*notes, *foncier_notes.of_rules(rules, settings)],
    )


def _map(states: "gpd.GeoDataFrame", ground: Ground) -> str:
    """Known, unknown and excluded ground in three colours, in one page."""
    from types import SimpleNamespace

    from artois_geo import maps

    kinds = {"disponible": "foncier_libre", "inconnu": "foncier_inconnu", "exclu": "foncier_exclu"}
    titles = {"disponible": "Foncier disponible", "inconnu": "Foncier inconnu", "exclu": "Foncier exclu"}
    sources = " ; ".join(f"{rule.name} : {rule.source}" for rule in ground.rules if rule.source)
    frames = {titles[state]: part.reset_index(drop=True) for state, part in states.groupby("state")}
    described: dict[str, Any] = {
        titles[state]: SimpleNamespace(
            title=titles[state], kind=kind, group="offre", source=sources, licence="", vintage=""
        )
        for state, kind in kinds.items()
        if titles[state] in frames
    }
    return maps.standalone(maps.build(frames, layers=described, title="Foncier disponible"))


def _demands(ground: Ground) -> dict[str, Any]:
    from dataclasses import fields

    settings = {field.name: getattr(ground.options, field.name) for field in fields(ground.options)}
    return settings | {name: ground.chosen[name] for name in ("only_where", "force_keep", "roads")}


def _measurable(features: "gpd.GeoDataFrame") -> "tuple[gpd.GeoDataFrame, list[str]]":
    """Sites drawn as polygons, and a sentence that names those that are not: a point has no hectares."""
    from artois_geo.errors import BadTable

    drawn = features.geom_type.isin(["Polygon", "MultiPolygon"])
    if drawn.all():
        return features, []
    if not drawn.any():
        raise BadTable("Aucun site n'est dessiné en polygone : il n'y a pas de surface à mesurer.")
    left_out = _names(features)[~drawn].astype(str).tolist()
    named = ", ".join(left_out[:5]) + (" …" if len(left_out) > 5 else "")
    count = foncier_words.counted(len(left_out))
    plural = "s" if len(left_out) > 1 else ""
    return features[drawn], [f"{count} sans contour, non mesuré{plural} : {named}."]


def _names(features: "gpd.GeoDataFrame") -> "pd.Series":
    column = next((name for name in NAMES if name in features.columns), None)
    return features[column] if column else features.index.to_series()


def _only(
    features: "gpd.GeoDataFrame", names: "pd.Series", site: str
) -> "tuple[gpd.GeoDataFrame, pd.Series]":
    from artois_geo.errors import UnknownName

    chosen = names.astype(str) == site
    chosen |= features.index.to_series().astype(str) == site
    if not chosen.any():
        raise UnknownName("site", site, names.astype(str))
    return features[chosen], names[chosen]


def _pairs(natures: tuple[str, ...]) -> dict[str, str] | None:
    if not natures:
        return None
    pairs = dict(pair.split("=", 1) for pair in natures if "=" in pair)
    if len(pairs) != len(natures):
        raise click.UsageError("--nature-de s'écrit VALEUR=NATURE, par exemple U=urbanisé.")
    return pairs


def _as_text(table: "pd.DataFrame", key: str) -> "pd.DataFrame":
    """A code read as a number from a spreadsheet is text again."""
    if key in table.columns and table[key].dtype.kind in "if":
        return table.assign(**{key: table[key].astype(int).astype(str).str.zfill(5)})
    return table
