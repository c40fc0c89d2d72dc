"""``artois-geo carte``: layers on one offline page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo import languages
from artois_geo.cli import carte_themes, french, options, show, study_inputs, waiting

if TYPE_CHECKING:
    import geopandas as gpd

    from artois_geo.layers import Layer

INSTEAD = "Une image se demande par --image FICHIER.svg ou .png ; pour un PDF, imprimer la page."
FEW = 1_000  # sites whose cards say what their sheets say: more would be slow to measure one by one
OF_THE_PAGE = ("--fond", "--fond-embarque", "--kiosque", "--visite")  # a picture shows none of them
GROUND = ("commune", "commune_schema")  # kinds that give the map its towns and limits


@click.command(cls=french.Command)
@click.argument("couches", nargs=-1, type=options.layer_file, metavar="[COUCHE]…")
@click.option(
    "--sortie",
    type=options.OutputFile("html", advice=INSTEAD),
    metavar="FICHIER.html",
    help="Page à écrire ; carte.html sans --sortie ni --image.",
)
@click.option(
    "--image",
    type=options.OutputFile("svg", "png"),
    metavar="FICHIER.svg|.png",
    help="Image pour un rapport, avec légende, échelle, nord et sources ; sans --sortie, seule "
    "l'image est écrite.",
)
@click.option(
    "--langue",
    type=click.Choice(languages.LANGUAGES),
    default="fr",
    show_default=True,
    help="Langue à l'ouverture.",
)
@click.option("--titre", default="", help="Titre de la page.")
@click.option(
    "--fond",
    type=click.Choice(["plan-ign", "ortho-ign", "osm"]),
    help="Fond en ligne que le lecteur pourra afficher ; rien n'est demandé au réseau avant.",
)
@click.option(
    "--comparer",
    nargs=2,
    type=options.layer_file,
    metavar="AVANT APRES",
    help="Deux millésimes d'une couche, de part et d'autre d'une limite que le lecteur déplace.",
)
@click.option(
    "--sans-analyses",
    "bare",
    is_flag=True,
    help="Carte des seules couches : un site ne dit ni ses pertes, ni son rang, ni le canal, ni le ZAN.",
)
@options.stand
@click.option("--hors-ligne", is_flag=True, help="Refuse --fond : la page ne connaît aucune adresse.")
@options.embedded
@carte_themes.option
@options.agree(excludes={"--fond": "--hors-ligne", "--image": "--comparer"})
@options.waiting
def carte(
    couches: "tuple[Layer | Path, ...]",
    sortie: Path | None,
    image: Path | None,
    langue: str,
    titre: str,
    fond: str | None,
    comparer: "tuple[Layer | Path, Layer | Path] | None",
    bare: bool,
    stand: dict[str, Any],
    hors_ligne: bool,
    fond_embarque: Path | None,
    zoom_max_fond: int | None,
    asked: dict[str, Any],
    step: waiting.Step,
) -> None:
    """Carte de couches en un seul fichier HTML, lisible sans réseau.

    COUCHE est un nom du catalogue ou un fichier GeoJSON ; sans COUCHE ni --comparer, toutes celles du
    catalogue. Les communes sont ajoutées comme fond de carte.
    """
    if image is not None and sortie is None:
        for option in sorted(options.given().intersection(OF_THE_PAGE)):
            raise click.UsageError(f"{option} est pour la page : donner aussi --sortie avec --image.")
    from artois_geo import layers, maps, packs

    known = options.catalogue()
    sides = list(comparer or ())
    wanted = list(couches) or ([] if sides else list(known.values()))
    also = [known[name] for name in carte_themes.layer_names(asked) if name in known]
    ground = [layer for layer in known.values() if layer.kind in GROUND and layer not in [*wanted, *sides]]
    shown = _named([*ground, *also, *wanted, *sides])
    names = [name for side in sides for name, couche in shown.items() if couche == side]
    frames = {name: layers.read(couche) for name, couche in shown.items()}
    if not bare:
        frames = _with_what_sheets_say(frames, shown, step)
    described = {name: couche for name, couche in shown.items() if isinstance(couche, layers.Layer)}
    themes = carte_themes.themes(asked, frames)
    step("Dessin de la carte")
    drawn = maps.build(
        frames,
        layers=described,
        title=titre,
        basemap=fond,
        lang=langue,
        compare=(names[0], names[1]) if names else None,
        themes=themes,
        embedded=fond_embarque,
        embedded_zoom=zoom_max_fond,
        **stand,
    )
    if image is not None:
        show.save(_picture(drawn, image, langue), image)
        for line in packs.undrawn(drawn):
            click.echo(french.visible(line), err=True)
    if sortie is not None or image is None:
        step("Page hors ligne")
        show.save(maps.standalone(drawn).encode(), sortie or Path("carte.html"))
    for name in shown:
        for warning in show.warnings(frames[name]):
            click.echo(f"{french.visible(name)} : {warning}", err=True)


def _with_what_sheets_say(
    frames: "dict[str, gpd.GeoDataFrame]", shown: "dict[str, Layer | Path]", step: waiting.Step
) -> "dict[str, gpd.GeoDataFrame]":
    """Sites of the catalogue with the figures of their sheets, when they are shown and few.

    A layer that an analysis refuses is no reason to draw none: the map is that of the layers.
    """
    from artois_geo import packs
    from artois_geo.errors import ArtoisGeoError
    from artois_geo.studies.catalogue_data import SITE_KINDS

    known = options.catalogue()
    sites = [
        name
        for name, couche in shown.items()
        if name in known and known[name] == couche and known[name].kind in SITE_KINDS
    ]
    if not sites or sum(len(frames[name]) for name in sites) > FEW:
        return frames
    step("Analyses des sites")
    same = {name: frame for name, frame in frames.items() if name in known and shown[name] == known[name]}
    held = packs.read_catalogue_data(known, same)
    try:
        return packs.with_study(frames, held, study_inputs.plain(held))
    except ArtoisGeoError as error:
        click.echo(french.visible(f"Carte sans les analyses des sites : {error}"), err=True)
        return frames


def _picture(drawn: object, image: Path, lang: str) -> bytes:
    from artois_geo import packs

    return (
        packs.png(drawn, lang=lang)
        if image.suffix.lower() == ".png"
        else packs.svg(drawn, lang=lang).encode()
    )


def _named(couches: "list[Layer | Path]") -> "dict[str, Layer | Path]":
    """Layers by name, once each; two files of one name are told apart by their folders."""
    named: dict[str, Layer | Path] = {}
    taken: dict[str, Layer | Path] = {
        _name(couche): couche for couche in couches if not isinstance(couche, Path)
    }
    for couche in couches:
        name = _name(couche)
        if taken.setdefault(name, couche) != couche and isinstance(couche, Path):
            name = f"{couche.parent.name} {name}"
            name = name if taken.setdefault(name, couche) == couche else str(couche)
        named[name] = couche
    return named


def _name(couche: "Layer | Path") -> str:
    return couche.stem if isinstance(couche, Path) else couche.name
