"""``artois-geo couches``: see the layers, check a file, set published totals beside what is held."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo import meaning
from artois_geo.cli import (
    couches_export,
    couches_identity,
    couches_import,
    couches_versions,
    fictional_inputs,
    french,
    options,
    show,
    waiting,
)
from artois_geo.text import counted

if TYPE_CHECKING:
    from datetime import date

    import geopandas as gpd
    import pandas as pd

    from artois_geo.layers import Catalogue, Layer, Total

LABELS = {
    "name": "Nom",
    "title": "Titre",
    "kind": "Type",
    "group": "Groupe",
    "vintage": "Millésime",
    "licence": "Licence",
    "source": "Source",
    "geometry": "Géométries",
    "geometry_note": "Géométrie",
    "standard": "Standard",
    "column": "Colonne",
    "label": "Libellé",
    "unit": "Unité",
    "definition": "Définition",
    "feature": "Objet n°",
    "field": "Champ",
    "rule": "Règle",
    "level": "Niveau",
    "found": "Trouvé",
    "message": "Constat",
    "cause": "Ce qui explique l'écart",
    "total": "Total",
    "object": "Objet",
    "status": "Statut",
    "value": "Valeur",
    "reason": "Motif",
}
PUBLISHED = "surfaces et longueurs publiées par les sources, convention de mesure non précisée"


@click.group(cls=french.Group)
def couches() -> None:
    """Voir les couches, en vérifier une, la donner à un partenaire."""


@couches.command()
@options.output
def lister(output: dict[str, Any]) -> None:
    """Les couches du dossier de données : type, millésime, licence, géométrie."""
    import pandas as pd

    known = options.catalogue()
    columns = ["name", "title", "kind", "vintage", "licence", "geometry_note"]
    if output["format"] != "tableau":
        columns += ["group", "source", "description"]
    rows = [[getattr(layer, column) for column in columns] for layer in known.values()]
    fictional = [layer.name for layer in known.values() if meaning.fold(layer.vintage) == meaning.FICTIONAL]
    show.table(
        pd.DataFrame(rows, columns=columns),
        notes=[fictional_inputs.sentence(fictional)] if fictional else [],
        title="Couches",
        labels=LABELS,
        **output,
    )


@couches.command()
@options.output
def types(output: dict[str, Any]) -> None:
    """Les types de couches que « couches valider --type » connaît."""
    import pandas as pd

    from artois_geo import layers

    kinds = [layers.read_kind(name) for name in layers.kinds()]
    rows = [(kind.name, kind.title, ", ".join(kind.geometry), kind.standard) for kind in kinds]
    frame = pd.DataFrame(rows, columns=["name", "title", "geometry", "standard"])
    show.table(frame, title="Types de couches", labels=LABELS, **output)


@couches.command()
@click.argument("couche", type=options.layer_file)
@options.output
def infos(couche: "Layer | Path", output: dict[str, Any]) -> None:
    """Ce que contient COUCHE (un nom du catalogue ou un fichier GeoJSON), colonne par colonne."""
    from artois_geo import layers

    frame = layers.read(couche)
    table = layers.describe(frame, getattr(couche, "kind", ""))
    show.table(
        table,
        sources=[couche],
        notes=[*_told(couche), f"{len(frame)} objets, {_shapes(frame)}."],
        title=getattr(couche, "title", str(couche)),
        labels=LABELS,
        **output,
    )


@couches.command()
@click.argument("fichier", type=options.layer_file)
@click.option(
    "--type",
    "kind",
    metavar="TYPE",
    help="Type de couche attendu (voir « couches types »), ou chemin d'un fichier TOML qui le décrit. "
    "Par défaut le type du catalogue ; pour un autre fichier, la géométrie et les valeurs seulement.",
)
@click.option(
    "--territoire", type=options.layer_file, help="Couche de polygones hors de laquelle un objet est signalé."
)
@click.option(
    "--communes",
    type=options.layer_file,
    help="Contours des communes, pour contrôler le code INSEE ; sans elle, ceux du dossier de données.",
)
@couches_identity.tolerances
@click.option(
    "--couche-source",
    default="",
    metavar="NOM",
    help="Couche du GeoPackage, feuille du classeur ou fichier de l'archive.",
)
@click.option("--encodage", default="", metavar="NOM", help="Encodage des textes, par exemple cp1252.")
@click.option("--resume", is_flag=True, help="Une ligne par règle et par champ, avec le nombre de constats.")
@options.waiting
@options.output
def valider(
    fichier: "Layer | Path",
    kind: str | None,
    territoire: "Layer | Path | None",
    communes: "Layer | Path | None",
    commune_m: float | None,
    position_m: float | None,
    couche_source: str,
    encodage: str,
    resume: bool,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Vérifie FICHIER, de tout format lu, et rend la liste des constats.

    Code de sortie 1 dès qu'un constat est une erreur.
    """

    from artois_geo import layers

    path = fichier if isinstance(fichier, Path) else fichier.path
    expected = kind or getattr(fichier, "kind", "") or None
    where = layers.read(territoire) if territoire is not None else None
    features, structure = layers.read_any(path, layer=couche_source, encoding=encodage)
    step("Contrôle")
    outlines = layers.read(communes) if communes is not None else None
    home = options.catalogue().folder
    identity = couches_identity.checks(home, outlines, commune_m, position_m)
    rules = layers.validate(features, expected, territory=where, identity=identity)
    findings = _findings(structure, rules)
    show.table(
        _shown(findings, resume=resume, output=output),
        notes=[_verdict(path, expected, len(features), findings)],
        title=f"Vérification de {path.name}",
        labels=LABELS,
        **output,
    )
    if (findings["level"] == "erreur").any():
        click.get_current_context().exit(1)


@couches.command()
@click.argument("couche", type=options.layer_file)
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    required=True,
    help="La fin du nom décide : .geojson (WGS 84), .gpkg (Lambert-93), .csv ou .xlsx (sans géométrie). "
    "Avec --norme, le dossier où va la livraison.",
)
@click.option("--norme", metavar="NORME", help="Livraison conforme, par exemple cnig-sites-economiques.")
@click.option("--type", "asked", metavar="TYPE", help="Type de la couche, si le catalogue ne le dit pas.")
@click.option("--siren", metavar="SIREN", help="EPCI, pour le nom du fichier de la norme.")
@click.option("--document", metavar="CODE", help="INSEE ou SIREN du PLU, pour le nom du fichier de la norme.")
@click.option(
    "--date", "day", type=options.day, help="Date du nom de fichier de la norme ; aujourd'hui par défaut."
)
@click.option("--textes-bruts", is_flag=True, help="Avec --norme : ne désamorce pas les formules de tableur.")
def exporter(
    couche: "Layer | Path",
    sortie: Path,
    norme: str | None,
    asked: str | None,
    siren: str | None,
    document: str | None,
    day: "date | None",
    textes_bruts: bool,
) -> None:
    """Écrit COUCHE pour un partenaire, sans les champs que son type interdit de publier."""
    from artois_geo import layers, suffixes, tables
    from artois_geo.kinds import publication

    if norme is not None:
        names = {"siren": siren or "", "document": document or ""}
        folder = options.OutputFolder().convert(sortie, None, None)
        couches_export.conforming(
            couche, folder, norme, kind=asked, names=names, day=day, defuse=not textes_bruts
        )
        return
    if siren or document or day or textes_bruts:
        raise click.UsageError("--siren, --document, --date et --textes-bruts demandent --norme.")
    form = suffixes.form_of(sortie, ("geojson", "gpkg", "csv", "xlsx"))
    frame = layers.read(couche)
    kind = asked or ("" if isinstance(couche, Path) else couche.kind)
    withheld: list[str] = []
    hidden = 0
    if kind:
        frame, withheld, hidden = publication.public(frame, layers.read_kind(kind))
    origin: dict[str, Any] = {"sources": [couche], "surface": PUBLISHED}
    if form == "geojson":
        layers.write(frame, sortie)
        show.written(sortie)
    else:
        title = couche.title if form == "gpkg" and not isinstance(couche, Path) else sortie.stem
        show.table(frame, **origin, kind=kind, title=title, format=form, sortie=sortie)
    if form in options.WITH_SHAPES:
        for line in tables.source_lines(show.footer(frame, **origin)):
            click.echo(french.visible(line), err=True)
    else:
        click.echo("Le fichier ne contient pas la géométrie.", err=True)
    if withheld:
        click.echo(f"Champs non publiables laissés de côté : {', '.join(withheld)}.", err=True)
    if hidden:
        click.echo(f"{hidden} valeurs masquées (noms de personnes physiques).", err=True)
    couches_export.record_export(couche, sortie, "", len(frame))


@couches.command()
@click.option("--objets", metavar="TOTAL", help="Les objets d'un total, un par ligne (nom du total).")
@click.option("--affirmations", is_flag=True, help="Seulement les chiffres publiés que le calcul vérifie.")
@options.agree(excludes={"--objets": "--affirmations"})
@options.output
def controle(objets: str | None, affirmations: bool, output: dict[str, Any]) -> None:
    """Chaque total publié, ce que les couches contiennent, l'écart et ce qui l'explique.

    À lire (format tableau), les chiffres publiés que le calcul vérifie suivent : tient, ou ne tient pas.
    """
    from artois_geo import layers
    from artois_geo.layers import reconciliation

    known = options.catalogue()
    if affirmations:
        _show_claims(known, output)
        return
    frames = _frames_of_totals(known)
    if objets is not None:
        total = _total(known, objets)
        table = reconciliation.objects(total, frames).drop(columns="total")
        title = f"{total.title} : les objets"
        show.table(
            table, sources=[known[total.layer]], surface=PUBLISHED, title=title, labels=LABELS, **output
        )
        return
    table = layers.reconcile(known.totals, frames)
    if output["format"] == "tableau":
        columns = ["title", "unit", "declared", "held", "gap", "counted", "unmeasured", "set_aside", "cause"]
        mixed = dict.fromkeys(["declared", "held", "gap"], object)  # hectares, kilometres and people
        table = table[columns].astype(mixed)
    show.table(
        table,
        sources=[known[name] for name in frames],
        surface=PUBLISHED,
        title="Totaux publiés et contenu des couches",
        labels=LABELS,
        **output,
    )
    if output["format"] == "tableau" and output["sortie"] is None:
        _show_claims(known, output)


def _show_claims(known: "Catalogue", output: dict[str, Any]) -> None:
    from artois_geo import layers

    table = layers.check_claims(layers.read_claims(known.folder))
    failing = table.loc[table["verdict"] != "tient", "claim"].tolist()
    if output["format"] == "tableau":
        mixed = dict.fromkeys(["published", "computed", "gap"], object)  # seconds, projects and households
        table = table.drop(columns="source").astype(mixed)
    show.table(
        table,
        notes=[f"Ne tient pas : {claim}." for claim in failing],
        title="Chiffres publiés que le calcul vérifie",
        labels={**LABELS, "comment": "Remarque"},
        **output,
    )


def _frames_of_totals(known: "Catalogue") -> "dict[str, gpd.GeoDataFrame]":
    from artois_geo import layers

    names = dict.fromkeys(total.layer for total in known.totals if total.layer)
    return {name: layers.read(known[name]) for name in names}


def _total(known: "Catalogue", name: str) -> "Total":
    from artois_geo.errors import BadValue, UnknownName

    totals = {total.name: total for total in known.totals}
    if name not in totals:
        raise UnknownName("total", name, totals)
    if not totals[name].layer:
        raise BadValue(f"Total « {name} » : {totals[name].comment or 'aucune couche ne le contient'}.")
    return totals[name]


def _told(couche: "Layer | Path") -> list[str]:
    if isinstance(couche, Path):
        return []
    precision = f"Géométrie {couche.geometry_note}." if couche.geometry_note else ""
    return [text for text in (couche.description, precision) if text]


def _shapes(frame: "gpd.GeoDataFrame") -> str:
    counts = frame.geom_type.value_counts()
    said = [f"{count} {name}" for name, count in counts.items()]
    missing = int(frame.geometry.isna().sum())
    return ", ".join([*said, *([f"{missing} sans géométrie"] if missing else [])]) or "aucune géométrie"


def _findings(structure: "pd.DataFrame", rules: "pd.DataFrame") -> "pd.DataFrame":
    """Findings of a file and of its layer, the gravest first; a shape not read is not also absent."""
    import pandas as pd

    from artois_geo.kinds import readable_findings

    unread = structure.loc[structure["level"] == "erreur", "feature"].dropna()
    absent = (rules["rule"] == "géométrie absente") & rules["feature"].isin(unread)
    findings = pd.concat([structure, rules[~absent]], ignore_index=True)
    ordered = readable_findings.gravest_first(findings.to_dict("records"))
    return pd.DataFrame(ordered, columns=findings.columns).astype({"feature": "Int64"})


def _shown(findings: "pd.DataFrame", *, resume: bool, output: dict[str, Any]) -> "pd.DataFrame":
    """What is read on a terminal says once what many findings say; a file has them all."""
    import pandas as pd

    from artois_geo import layers
    from artois_geo.kinds import readable_findings

    if resume:
        return layers.summarise(findings)
    if output["format"] != "tableau":
        return findings
    lines = readable_findings.condensed(findings.to_dict("records"))
    return pd.DataFrame(lines, columns=["level", "field", "feature", "message", "found", "rule"])


def _verdict(path: Path, kind: str | None, count: int, findings: "pd.DataFrame") -> str:
    from artois_geo.formats.findings import LEVELS

    levels = findings["level"].value_counts()
    said = ", ".join(counted(number, level) for level in LEVELS if (number := int(levels.get(level, 0))))
    against = f"type {kind}" if kind else "sans type : géométrie et valeurs seulement"
    return f"{path.name}, {counted(count, 'objet')}, {against} : {said or 'rien à signaler'}."


for command in (
    couches_import.importer,
    couches_versions.reparer,
    couches_versions.historique,
    couches_versions.restaurer,
    couches_versions.comparer,
):
    couches.add_command(command)
