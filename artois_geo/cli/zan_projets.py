"""``artois-geo zan effet`` and ``mos``: projects over a land cover, consumption from a land-use map."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from artois_geo.cli import french, options, show, waiting, zan_cover, zan_inputs, zan_sol

if TYPE_CHECKING:
    from artois_geo.layers import Layer


@click.command(cls=french.Command)
@click.argument("projets", type=options.layer_file)
@click.argument("ocsge", type=options.layer_file)
@click.option(
    "--cle", default="projet_id", show_default=True, metavar="COLONNE", help="Nom de chaque projet."
)
@click.option(
    "--par", type=click.Choice(list(zan_sol.CLASSES)), help="Détail par couverture, usage ou catégorie."
)
@click.option("--regles", "rules_name", default="loi-2023-630", show_default=True, metavar="JEU|TOML")
@zan_cover.treatment
@options.waiting
@options.output
def effet(
    projets: "Layer | Path",
    ocsge: "Layer | Path",
    cle: str,
    par: str | None,
    rules_name: str,
    asked: zan_cover.Treatment,
    step: waiting.Step,
    output: dict[str, Any],
) -> None:
    """Ce que bâtir l'emprise de chaque projet ajouterait à l'artificialisation.

    Une friche ne consomme pas d'ENAF ; ce qui y a poussé peut pourtant devenir artificialisé.
    """
    from artois_geo import zan

    rules, notes = zan_inputs.read_rules(rules_name)
    drawn = zan_inputs.read_layer(projets)
    cover, said = zan_cover.classified(ocsge, rules, asked, step=step)
    counted = {"key": cle, "cores": asked.cores, "progress": step("Effet des projets")}
    if par:
        table = zan.stock_by(drawn, cover, by=zan_sol.CLASSES[par], **counted)  # type: ignore[arg-type]
    else:
        table = zan.project_effect(drawn, cover, **counted)  # type: ignore[arg-type]
    show.table(
        table,
        sources=[projets, ocsge],
        constants=zan_cover.used(rules, asked),
        surface="lambert93",
        notes=[*notes, *said, *show.warnings(drawn)],
        labels=zan_sol.LABELS | {cle: "Projet"},
        title="Effet des projets sur l'artificialisation",
        **output,
    )


@click.command(cls=french.Command)
@click.argument("couche", type=options.layer_file)
@click.option("--avant", required=True, metavar="COLONNE", help="Classe à la première date.")
@click.option("--apres", required=True, metavar="COLONNE", help="Classe à la seconde date.")
@click.option(
    "--passages",
    required=True,
    type=click.Path(path_type=Path),
    metavar="CSV",
    help="Matrice : avant, apres, compte (consommation, renaturation, aucun, indéterminé).",
)
@click.option("--de", "first", type=int, required=True, metavar="ANNÉE", help="Premier flux annuel compris.")
@click.option("--a", "last", type=int, required=True, metavar="ANNÉE", help="Dernier flux annuel compris.")
@click.option(
    "--zones", type=options.layer_file, required=True, metavar="COUCHE", help="Territoires : polygones."
)
@click.option("--cle", required=True, metavar="COLONNE", help="Colonne qui nomme chaque zone.")
@options.waiting
@options.cores
@options.output
def mos(
    couche: "Layer | Path",
    avant: str,
    apres: str,
    passages: Path,
    first: int,
    last: int,
    zones: "Layer | Path",
    cle: str,
    step: waiting.Step,
    cores: int | None,
    output: dict[str, Any],
) -> None:
    """Consommation d'ENAF d'après un MOS (OCS2D…), avec sa propre matrice de passage."""
    from artois_geo import zan

    if avant == apres:
        raise click.UsageError(
            f"--avant et --apres nomment la même colonne « {avant} » : une classe par date."
        )
    places, features = zan_inputs.read_layer(zones), zan_inputs.read_layer(couche)
    table = zan.mos_flows(
        features,
        zan_inputs.read_table(passages),
        zones=places,
        key=cle,
        before=avant,
        after=apres,
        years=(first, last),
        cores=cores,
        progress=step("Passages du MOS"),
    )
    show.table(
        table,
        sources=[couche, zones],
        surface="lambert93",
        notes=[
            f"Matrice de passage : {passages.name}, donnée par l'utilisateur.",
            "Un MOS et le fichier du Cerema ne se mélangent pas dans une même série.",
            *show.warnings(features),
        ],
        labels={cle: "Zone"},
        title=f"Consommation d'ENAF d'après un MOS, flux {first} à {last}",
        **output,
    )
