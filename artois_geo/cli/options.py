"""Options and arguments that several commands share."""

import dataclasses
import functools
import inspect
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from artois_geo.cli import french

if TYPE_CHECKING:
    from artois_geo.layers import Catalogue, Layer

FORMATS = {  # format -> the suffix that a file of this format has
    "tableau": ".txt",
    "csv": ".csv",
    "csv-brut": ".csv",
    "json": ".json",
    "geojson": ".geojson",
    "xlsx": ".xlsx",
    "gpkg": ".gpkg",
    "shp": ".shp.zip",
    "parquet": ".parquet",
    "fgb": ".fgb",
    "gpx": ".gpx",
}

SITES = "sites_eco"  # the layer of sites when none is named
FOR_DESKTOP = ("gpkg", "shp", "parquet", "fgb", "gpx")  # formats of desktop GIS: they need a file
WITH_SHAPES = {"geojson", *FOR_DESKTOP}  # formats that keep what is drawn

DATE = "Date d'édition à imprimer ; les seuils et les objectifs sont ceux en vigueur ce jour-là."

_Function = TypeVar("_Function", bound=Callable[..., Any])
_CATALOGUE = f"{__name__}.catalogue"
_SHOWN = f"{__name__}.shown"
_NONE: Mapping[str, str] = MappingProxyType({})


def agree(
    *, needs: Mapping[str, str] = _NONE, excludes: Mapping[str, str] = _NONE
) -> Callable[[_Function], _Function]:
    """Refuse, before any work, an option that another would silence or that does nothing by itself.

    ``needs``: an option, and all those that it needs; ``--a|--b`` is either of two. ``excludes``:
    an option, and those that do nothing beside it. Only what the reader wrote counts, no default.
    """

    def decorate(function: _Function) -> _Function:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            options_written = given()
            for option in filter(options_written.__contains__, needs):
                for partner in needs[option].split():
                    if not options_written.intersection(partner.split("|")):
                        raise click.UsageError(f"{option} demande {partner.replace('|', ' ou ')}.")
            for option in filter(options_written.__contains__, excludes):
                for other in filter(options_written.__contains__, excludes[option].split()):
                    raise click.UsageError(f"{option} et {other} ne vont pas ensemble.")
            return function(*args, **kwargs)

        wrapper.agreed = [*getattr(function, "agreed", []), needs, excludes]  # type: ignore[attr-defined]
        return wrapper  # type: ignore[return-value]

    return decorate


def given() -> set[str]:
    """Return the options that the reader wrote, by every name that they have."""
    ctx = click.get_current_context()
    typed_sources = {ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT}
    params = [
        param for param in ctx.command.params if ctx.get_parameter_source(str(param.name)) in typed_sources
    ]
    return {name for param in params for name in param.opts}


def output(function: _Function) -> _Function:
    """Add ``--format`` and ``--sortie``; the command gets them as ``output``, for ``show.table``."""
    forms = dict.fromkeys({**{name: name for name in FORMATS}, "tableau": "txt", "csv-brut": "csv"}.values())

    @click.option(
        "--format",
        "chosen",
        type=french.Choice(list(FORMATS)),
        help="Forme du résultat : tableau à lire (par défaut), csv pour un tableur français, csv-brut pour "
        "un programme, json, geojson, xlsx ; avec une géométrie : gpkg, shp (.shp.zip), parquet, fgb, gpx. "
        "Sans --format, la fin du nom de --sortie décide.",
    )
    @click.option(
        "--sortie",
        type=OutputFile(*forms, bare=True),
        metavar="FICHIER",
        help="Écrit le résultat dans ce fichier au lieu de l'afficher. Un CSV a ses sources à côté, dans "
        "NOM.sources.csv.",
    )
    @click.option(
        "--afficher",
        metavar="COLONNES",
        help="Colonnes du tableau à lire, dans cet ordre, par leur intitulé ou leur nom : 'Site;Rang'.",
    )
    @functools.wraps(function)
    def wrapper(
        *args: Any, chosen: str | None, sortie: Path | None, afficher: str | None, **kwargs: Any
    ) -> Any:
        output = {"format": _format(chosen, sortie), "sortie": sortie}
        if afficher is not None and output["format"] != "tableau":
            raise click.UsageError("--afficher choisit les colonnes du tableau à lire, pas d'un fichier.")
        click.get_current_context().meta[_SHOWN] = [name.strip() for name in (afficher or "").split(";")]
        return function(*args, output=output, **kwargs)

    return wrapper  # type: ignore[return-value]


def shown_columns() -> list[str]:
    """Return the columns of ``--afficher``, in their order; none without it."""
    ctx = click.get_current_context(silent=True)
    return [name for name in (ctx.meta.get(_SHOWN, []) if ctx else []) if name]


def into(record: type, name: str = "request", *, settings: str = "") -> Callable[[_Function], _Function]:
    """Gather the options named like the fields of a record: the command gets them as one ``request``.

    An option without such a field, as ``output`` or ``step``, reaches the command by its own name. Where the
    record has a field for ``settings``, it holds by name what was given of all the options that the command
    does not take itself.
    """
    names = [field.name for field in dataclasses.fields(record)]

    def decorate(function: _Function) -> _Function:
        own_names = inspect.signature(function).parameters

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            fields = {key: kwargs.pop(key) for key in names if key in kwargs}
            if settings:
                other_options = {key: kwargs.pop(key) for key in list(kwargs) if key not in own_names}
                fields[settings] = {key: value for key, value in other_options.items() if value is not None}
            return function(*args, **{name: record(**fields)}, **kwargs)

        return wrapper  # type: ignore[return-value]

    return decorate


def waiting(function: _Function) -> _Function:
    """Add ``--progress``; the command gets ``step``, to say what it is doing and how far it is."""

    @click.option(
        "--progress/--no-progress",
        "progress",
        default=None,
        help="Montre l'avancement sur un terminal ; par défaut au bout de deux secondes.",
    )
    @functools.wraps(function)
    def wrapper(*args: Any, progress: bool | None, **kwargs: Any) -> Any:
        from artois_geo.cli import waiting

        with waiting.shown(progress) as step:
            return function(*args, step=step, **kwargs)

    return wrapper  # type: ignore[return-value]


cores = click.option(
    "--coeurs", "cores", type=click.IntRange(1), metavar="N", help="Cœurs à employer ; tous par défaut."
)


def theme(function: _Function) -> _Function:
    """Add ``--theme``: name, contact, colours and logo of who publishes."""
    option = click.option(
        "--theme",
        type=click.Path(path_type=Path),
        metavar="FICHIER.toml",
        help="Nom, contact, couleurs et logo de qui publie ; le fichier se fait par « theme creer ».",
    )
    return option(function)


def edition(function: _Function) -> _Function:
    """Add ``--adresse``, ``--theme`` and ``--date``: how sheets come out."""
    for option in (
        click.option("--date", "issued", type=day, help=DATE),
        theme,
        click.option(
            "--adresse",
            default="",
            metavar="MODÈLE",
            help="Où les fiches sont en ligne, avec {id} à la place de l'identifiant : le code QR y mène.",
        ),
    ):
        function = option(function)
    return function


def media(function: _Function) -> _Function:
    """Add ``--photos`` and ``--documents``: the folders of the files that the sites name."""
    for option in (
        click.option(
            "--documents",
            type=click.Path(path_type=Path),
            metavar="DOSSIER",
            help="PDF que nomme la colonne documents ; sinon le dossier documents des données.",
        ),
        click.option(
            "--photos",
            type=click.Path(path_type=Path),
            metavar="DOSSIER",
            help="Photos : ID.jpg, ID.png, ou la colonne photo ; sinon le dossier photos des données.",
        ),
    ):
        function = option(function)
    return function


def stand(function: _Function) -> _Function:
    """Add ``--kiosque``, ``--veille``, ``--visite``: the command gets ``stand``, for ``maps.build``."""

    @click.option(
        "--kiosque",
        is_flag=True,
        help="Page pour un stand : elle revient au départ, on ne peut pas en sortir.",
    )
    @click.option(
        "--veille",
        type=float,
        metavar="SECONDES",
        help="Avec --kiosque, temps sans toucher avant le retour au départ ; 90 sans cette option.",
    )
    @click.option(
        "--visite",
        metavar="SITE,SITE…",
        help="Sites de la visite guidée, par identifiant ou nom ; avec --kiosque seul, le foncier "
        "disponible, sinon les premiers de la liste.",
    )
    @agree(needs={"--veille": "--kiosque"})
    @functools.wraps(function)
    def wrapper(*args: Any, kiosque: bool, veille: float | None, visite: str | None, **kwargs: Any) -> Any:
        sites = None if visite is None else [site.strip() for site in visite.split(",") if site.strip()]
        if sites == []:
            raise click.UsageError("--visite : donner au moins un site.")
        return function(*args, stand={"kiosk": kiosque, "idle_s": veille, "tour": sites}, **kwargs)

    return wrapper  # type: ignore[return-value]


def embedded(function: _Function) -> _Function:
    """Add ``--fond-embarque`` and ``--zoom-max-fond``: a background that travels in the page."""
    for option in (
        agree(needs={"--zoom-max-fond": "--fond-embarque"}),
        click.option(
            "--zoom-max-fond",
            type=click.IntRange(6, 19),
            metavar="ZOOM",
            help="Zoom le plus fin pris dans --fond-embarque ; au-delà, la page agrandit.",
        ),
        click.option(
            "--fond-embarque",
            type=click.Path(path_type=Path),
            metavar="FICHIER",
            help="Extrait .mbtiles ou .pmtiles d'images (PNG, JPEG, WebP) à mettre dans la page.",
        ),
    ):
        function = option(function)
    return function


def refuse_existing(path: Path) -> None:
    """Refuse a file that is there already: what somebody filled in is not written over."""
    from artois_geo.errors import BadValue

    if path.exists():
        raise BadValue(f"{path} existe déjà : l'ouvrir pour le compléter, ou donner un autre nom à --sortie.")


def catalogue() -> "Catalogue":
    """Return the catalogue of ``--donnees`` with the shipped layers behind it, or of the shipped ones alone.

    It is read once for a command: what stands behind depends on where the own layers lie.
    """
    from artois_geo import layers

    meta = click.get_current_context().meta
    if _CATALOGUE not in meta:
        folder = workspace()
        meta[_CATALOGUE] = layers.read_catalogue(folder, shipped=not without_shipped())
    return meta[_CATALOGUE]


def rule_set(shipped: str) -> str:
    """Name the rule set of the workspace (``regles`` of its catalogue), else the shipped one."""
    return shipped if workspace() is None else catalogue().rule_set or shipped


def sites() -> str:
    """Name the layer of sites that a reader means without naming one: the own one, else the shipped one."""
    from artois_geo.studies.sites import deduced

    layer = deduced.sites_layer(catalogue())
    return SITES if layer is None else layer.name


class LayerFile(click.ParamType):
    """A layer: its name in the catalogue, or the path of a GeoJSON file."""

    name = "couche"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Layer | Path":
        if not isinstance(value, str):
            return value
        from artois_geo.studies import planner_files

        return planner_files.layer_or_path(value, catalogue())

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [CompletionItem(name) for name in catalogue() if name.startswith(incomplete)]


class TableOrLayer(LayerFile):
    """A table or a layer: the path of a file that is there, else the name of a layer in the catalogue."""

    name = "fichier"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> "Layer | Path":
        if isinstance(value, str) and Path(value).exists():
            return Path(value)
        return super().convert(value, param, ctx)


class TablePath(click.Path):
    """A table: the path of a file, or the name of a layer of the workspace, whose file it is."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(str(super().convert(value, param, ctx)))
        if path.exists() or workspace() is None:
            return path
        layer = catalogue().get(str(value))
        return path if layer is None else layer.path


class OutputFile(click.Path):
    """A file to write, refused before any work where the end of its name promises what we do not write.

    ``bare``: a name without an end is right too, for a table to read or a folder.
    """

    def __init__(self, *forms: str, advice: str = "", bare: bool = False) -> None:
        super().__init__(path_type=Path)
        self.forms, self.advice, self.bare = forms, advice, bare

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from artois_geo import suffixes

        path = Path(value)
        if not self.bare or (path.suffix and not path.is_dir()):
            suffixes.form_of(path, self.forms, advice=self.advice)
        return path


class OutputFolder(click.Path):
    """A folder to fill: a new one is not called as a file would be."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)
        self.name = "dossier"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        from artois_geo import suffixes
        from artois_geo.errors import BadValue

        path = Path(value)
        if suffixes.promises(path) and not path.is_dir():
            raise BadValue(
                f"« {path.name} » : c'est un dossier qui est rempli. Donner un nom sans {path.suffix}."
            )
        return path


class Day(click.ParamType):
    """A day, written AAAA-MM-JJ or JJ/MM/AAAA."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        for day_format in ("%Y-%m-%d", "%d/%m/%Y"):
            try:
                return datetime.strptime(value, day_format).date()
            except ValueError:
                continue
        self.fail(f"« {value} » n'est pas une date (AAAA-MM-JJ ou JJ/MM/AAAA).", param, ctx)


layer_file = LayerFile()
table_or_layer = TableOrLayer()
day = Day()
assumption_day = click.option(
    "--date",
    "day",
    type=day,
    default=lambda: date.today(),
    show_default="aujourd'hui",
    help="Jour pour lequel les hypothèses sont prises : refaire un ancien calcul avec ses hypothèses.",
)


def workspace() -> Path | None:
    """Return the folder of ``--donnees``, None where the reader gave none."""
    return click.get_current_context().find_root().params.get("donnees")


def without_shipped() -> bool:
    """Tell whether ``--sans-livrees`` is given; it is refused where there is no workspace."""
    leaves_out = bool(click.get_current_context().find_root().params.get("sans_livrees"))
    if leaves_out and workspace() is None:
        raise click.UsageError("--sans-livrees demande --donnees DOSSIER : sans lui, aucune couche ne reste.")
    return leaves_out


def _format(chosen: str | None, sortie: Path | None) -> str:
    name = sortie.name.lower() if sortie else ""
    if chosen is None:
        return next((form for form, end in FORMATS.items() if name.endswith(end)), "tableau")
    if chosen in {"xlsx", *FOR_DESKTOP} and sortie is None:
        raise click.UsageError(f"Le format {chosen} demande --sortie FICHIER.")
    if sortie is not None and sortie.suffix and not name.endswith(FORMATS[chosen]):
        raise contradiction(chosen, sortie)
    return chosen


def contradiction(chosen: str, sortie: Path | None) -> Exception:
    """Return the error of a ``--format`` and a name of ``--sortie`` that ask for two things."""
    from artois_geo.errors import BadValue

    return BadValue(f"--format {chosen} et --sortie {sortie} se contredisent : garder l'un des deux.")
