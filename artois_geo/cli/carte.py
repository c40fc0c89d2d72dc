"""``artois-geo carte``: layers on one offline page."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import carte_themes, french, options, show

if TYPE_CHECKING:
    from artois_geo.layers import Layer

IMAGES = (".svg", ".png")
GROUND = ("commune", "commune_schema")  # kinds that give the map its towns and limits


@click.command(cls=french.Command)
@click.argument("couches", nargs=-1, type=options.layer_file, metavar="[COUCHE]…")
@click.option(
    "--sortie",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Page à écrire ; carte.html sans --sortie ni --image.",
)
@click.option(
    "--image",
    type=click.Path(path_type=Path),
    metavar="FICHIER",
    help="Image .svg ou .png pour un rapport, avec légende, échelle, nord et sources ; sans --sortie, seule "
    "l'image est écrite.",
)
@click.option(
    "--langue", type=click.Choice(["fr", "en"]), default="fr", show_default=True, help="Langue à l'ouverture."
)
@click.option("--titre", default="", help="Titre de la page.")
@click.option(
    "--fond",
    type=click.Choice(["plan-ign", "ortho-ign", "osm"]),
    help="Fond en ligne que le lecteur pourra afficher ; rien n'est demandé au réseau avant.",
)
@click.option("--hors-ligne", is_flag=True, help="Refuse --fond : la page ne connaît aucune adresse.")
@options.embedded
@carte_themes.option
def carte(
    couches: "tuple[Layer | Path, ...]",
    sortie: Path | None,
    image: Path | None,
    langue: str,
    titre: str,
    fond: str | None,
    hors_ligne: bool,
    fond_embarque: Path | None,
    zoom_max_fond: int | None,
    asked: dict[str, Any],
) -> None:
    """Carte de couches en un seul fichier HTML, lisible sans réseau.

    COUCHE est un nom du catalogue ou un fichier GeoJSON ; sans COUCHE, toutes celles du catalogue. Les
    communes sont ajoutées comme fond de carte.
    """
    if fond and hors_ligne:
        raise click.UsageError("--fond et --hors-ligne se contredisent.")
    if image is not None and image.suffix.lower() not in IMAGES:
        raise click.UsageError(f"--image {image} : donner un fichier .svg ou .png.")
    from artois_geo import layers, maps

    known = options.catalogue()
    wanted = list(couches) or list(known.values())
    also = [known[name] for name in carte_themes.layer_names(asked) if name in known]
    ground = [layer for layer in known.values() if layer.kind in GROUND and layer not in wanted]
    shown = {_name(couche): couche for couche in [*ground, *also, *wanted]}
    frames = {name: layers.read(couche) for name, couche in shown.items()}
    described = {name: couche for name, couche in shown.items() if isinstance(couche, layers.Layer)}
    if zoom_max_fond is not None and fond_embarque is None:
        raise click.UsageError("--zoom-max-fond demande --fond-embarque.")
    themes = carte_themes.themes(asked, frames)
    drawn = maps.build(
        frames,
        layers=described,
        title=titre,
        basemap=fond,
        lang=langue,
        themes=themes,
        embedded=fond_embarque,
        embedded_zoom=zoom_max_fond,
    )
    if image is not None:
        show.save(_picture(drawn, image, langue), image)
    if sortie is not None or image is None:
        show.save(maps.standalone(drawn).encode(), sortie or Path("carte.html"))
    for name in shown:
        for warning in show.warnings(frames[name]):
            click.echo(f"{french.visible(name)} : {warning}", err=True)


def _picture(drawn: object, image: Path, lang: str) -> bytes:
    from artois_geo import packs

    return (
        packs.png(drawn, lang=lang)
        if image.suffix.lower() == ".png"
        else packs.svg(drawn, lang=lang).encode()
    )


def _name(couche: "Layer | Path") -> str:
    return couche.stem if isinstance(couche, Path) else couche.name
