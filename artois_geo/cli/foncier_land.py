"""``foncier disponible`` and ``foncier pertes``: what land is left, and what each constraint costs."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import foncier_notes, french, inputs, options, show, waiting, zan_budget

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from artois_geo import land
    from artois_geo.layers import Layer

NAMES = ("site_nom", "nom", "site_id", "id", "zae_nom")
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
    couvre pas est compté à part : inconnu, ni libre ni perdu.
    """
    from artois_geo import land, layers

    meaning = _pairs(natures)
    features, unmeasured = _measurable(layers.read(sites))
    ground = _ground(regles)
    left = land.available(
        features,
        ground.constraints,
        by="constraint",
        inscribed=inscrits,
        coverage=ground.chosen["coverage"],
        cores=cores,
        progress=step("Foncier disponible"),
        **_demands(ground),
    )
    sources = [sites, *ground.sources]
    if sol:
        cover, source = inputs.layer(sol)
        left = land.soil(left, cover, by=nature, natures=meaning)
        sources.append(source)
    if enveloppe:
        budgets = _as_text(inputs.table(enveloppe), key)
        left = land.drawn(left, budgets, key=key)
        sources.append(enveloppe)
        unmeasured = [*unmeasured, zan_budget.day_of(budgets)]
    if etats:
        layers.write(land.states(features, left), etats)
        show.written(etats)
    if carte:
        show.save(_map(features, left, ground).encode(), carte)
    shown = left.drop(columns="unknown_geometry")
    show.table(
        _brief(shown) if output["format"] == "tableau" else shown,
        sources=sources,
        surface="lambert93",
        notes=[
            *unmeasured,
            *ground.notes,
            foncier_notes.of_pieces(ground.options),
            *_warned(left),
            *show.warnings(features),
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

    features, unmeasured = _measurable(layers.read(sites))
    names = _names(features)
    if site is not None:
        features, names = _only(features, names, site)
    ground = _ground(regles)
    demands = _demands(ground)
    step("Pertes par contrainte")
    waterfall = land.losses(
        features,
        ground.constraints,
        by="constraint",
        cores=cores,
        **{key: demands[key] for key in ("combine", "only_where", "force_keep")},
    )
    if graphique:
        _draw(graphique, features, ground, waterfall, title=str(names.iloc[0]))
    frame: pd.DataFrame
    if phrases:
        named: dict[Any, str] = dict(zip(features.index, names.astype(str), strict=True))
        said = [
            land.sentence(rows, site_name=named[at]) for at, rows in waterfall.groupby(level=0, sort=False)
        ]
        frame = pd.DataFrame({"site": names.to_numpy(), "sentence": said})
    else:
        frame = waterfall.reset_index(level=1)
        frame = frame[frame["alone_ha"] > 0]
        frame.insert(0, "site", names.reindex(frame.index).to_numpy())
        frame = frame.reset_index(drop=True)
    untouched = len(features) - int((waterfall["alone_ha"].groupby(level=0).sum() > 0).sum())
    aside = foncier_notes.left_aside(ground.rules, ground.options)
    notes = [*unmeasured, *ground.notes, *aside, *show.warnings(features)]
    if untouched:
        notes.append(f"{untouched} site(s) qu'aucune contrainte n'atteint.")
    show.table(
        frame,
        sources=[sites, *ground.sources],
        surface="lambert93",
        notes=notes,
        title="Pertes par contrainte",
        labels={"site": "Site", "constraint": "Contrainte", "sentence": "Phrase"},
        members=ground.record,
        **output,
    )


def _ground(path: Path) -> Ground:
    """Every layer that the rules name, read once, with what a later run needs to be the same."""
    import pandas as pd

    from artois_geo import land

    rules, settings, fingerprints = inputs.rules(path)
    chosen = {"only_where": settings.only_where, "force_keep": settings.force_keep, "roads": settings.roads}
    wanted = [rule.layer for rule in rules] + [rule.coverage for rule in rules if rule.coverage]
    wanted += [selection.layer for selection in chosen.values() if selection is not None]
    read = {name: inputs.layer(name, beside=path.parent) for name in dict.fromkeys(wanted)}
    frames = {name: frame for name, (frame, _) in read.items()}
    sums = {name: inputs.fingerprint(source) for name, (_, source) in read.items()}
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


def _map(features: "gpd.GeoDataFrame", left: "gpd.GeoDataFrame", ground: Ground) -> str:
    """Known, unknown and excluded ground in three colours, in one page."""
    from types import SimpleNamespace

    from artois_geo import land, maps

    states = land.states(features, left)
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


def _warned(left: "gpd.GeoDataFrame") -> list[str]:
    said = []
    total = left[["gross_ha", "available_ha", "unknown_ha"]].sum()
    said.append(
        f"Total : {_ha(total['gross_ha'])} ha bruts, {_ha(total['available_ha'])} disponibles,"
        f" {_ha(total['unknown_ha'])} inconnus."
    )
    shared = left["shared_ha"].sum() / 2
    if shared > 0.001:
        said.append(f"Des sites se recouvrent sur {_ha(shared)} ha : le total les compte deux fois.")
    count = int(left["schematic"].sum())
    if count:
        said.append(f"Tracé schématique pour {count} site(s) sur {len(left)} : ordres de grandeur seulement.")
    return said


def _brief(left: "gpd.GeoDataFrame") -> "pd.DataFrame":
    """What fits a terminal: the name of the site, and the figures."""
    columns = ["gross_ha", "available_ha", "unknown_ha", "lost_ha", "net_ha", "high_ha"]
    columns += ["available_share", "pieces", "largest_ha", "rectangle_ha", "circle_m", "friche_ha"]
    columns += ["artificialised_ha", "urbanised_ha", "enaf_ha", "soil_unknown_ha", "draw_ha", "fits_budget"]
    if not left["unknown_ha"].any():
        columns = [column for column in columns if column not in ("unknown_ha", "high_ha")]
    named = next((name for name in NAMES if name in left.columns), None)
    kept = [named] if named else []
    return left[[*kept, *(column for column in columns if column in left.columns), "schematic"]]


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
    return features[drawn], [f"{len(left_out)} site(s) sans contour, non mesuré(s) : {named}."]


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


def _draw(
    path: Path, features: "gpd.GeoDataFrame", ground: Ground, waterfall: "pd.DataFrame", *, title: str
) -> None:
    from artois_geo import charts, land

    left = land.available(
        features,
        ground.constraints,
        by="constraint",
        coverage=ground.chosen["coverage"],
        **_demands(ground),
    ).iloc[0]
    rows = waterfall.loc[features.index[0]]
    steps = [(str(name), float(value)) for name, value in rows["marginal_ha"].items()]
    steps.append(("Forme inutilisable", float(left["shape_lost_ha"])))
    drawn = charts.waterfall(
        float(left["gross_ha"]), steps, unknown_ha=float(left["unknown_ha"]), title=title
    )
    show.save(drawn.encode(), path)


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


def _ha(value: float) -> str:
    return f"{value:,.1f}".replace(",", "\u202f").replace(".", ",")
