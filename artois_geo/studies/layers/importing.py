"""A partner's file becomes a layer of the workspace: read, match, place, repair, check, save."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artois_geo import suffixes
from artois_geo.deliveries import completion, delivery, proposal, recipe, steps
from artois_geo.deliveries.delivery import Delivery, DeliveryOptions
from artois_geo.deliveries.recipe import Recipe
from artois_geo.errors import BadOptions, UnknownName, UnreadableFile
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import ABSENT
from artois_geo.kinds.schema import Schema, read_kind
from artois_geo.kinds.table_schema import read_table_schema
from artois_geo.layers import history, read, read_catalogue, recipes, workspace
from artois_geo.layers.catalogue import CATALOGUE_FILE
from artois_geo.meaning import is_missing
from artois_geo.studies.layers import identity
from artois_geo.studies.layers.requests import ImportRequest
from artois_geo.text import UNSAID, UNSAID_FEMININE, digits

if TYPE_CHECKING:
    import geopandas as gpd

_DEFAULTS = Recipe()
EXAMPLES = 3  # objects of a trial shown before and after


@dataclass(frozen=True)
class Imported:
    """Hold what an import gave: the delivery, the event of the history, and the recipe it was read with."""

    delivery: Delivery
    layer: str
    event: dict[str, Any]
    recipe: Recipe
    recognised: str = ""  # recipe of the workspace that was followed without being named
    recipe_path: Path | None = None  # recipe written for the reader
    layer_path: Path | None = None
    follows_recipe: bool = False

    def examples(self, count: int = EXAMPLES) -> dict[str, list[tuple[str, str, str, str]]]:
        """Return some objects, by name: column, cell of the file, field, value of the layer if it differs.

        The column is empty where the file has none.
        """
        received = self.delivery
        frame, original = received.features, received.raw.original
        sources = {match.field: match.source for match in received.matches}
        names = [str(name) for name in frame.columns if received.schema.field(str(name)) is not None]
        copies = {(row.feature or 0) - 1 for row in received.findings if row.rule == "objet en double"}
        dropped = copies | set(received.aside) if len(frame) < received.counted else set()
        positions = [row for row in range(received.counted) if row not in dropped]
        examples = {}
        for number, position in enumerate(positions[:count]):
            pairs = []
            for name in names:
                column = sources.get(name, "")
                cell = _cell_text(original[column][position]) if column else ""
                imported = _cell_text(frame[name].iloc[number])
                if cell != imported:
                    pairs.append((column, cell, name, imported))
            if pairs:
                examples[received.labels[position]] = pairs
        return examples


@dataclass(frozen=True)
class Proposed:
    """Hold the text of a proposed recipe, and what it counts."""

    text: str
    matched: int
    doubtful: int


def study(file: Path, request: ImportRequest, folder: Path, step: Callable[[str], Any] = len) -> Imported:
    """Import a file into a workspace, by a recipe if there is one.

    Parameters
    ----------
    file
        The delivery, of any format.
    request
        What the reader asks; it replaces what the recipe says.
    folder
        The workspace.
    step
        Called with the French name of each long step.

    Raises
    ------
    UnreadableFile, BadCRS
        A file, or a recipe, that cannot be read.
    BadOptions
        No kind is given and no recipe of the workspace fits.

    Examples
    --------
    >>> import tempfile
    >>> home = Path(tempfile.mkdtemp())
    >>> file = home / "quais.csv"
    >>> _ = file.write_text("quai_id;quai_nom;quai_statut;lon;lat\\n1;Lens;en service;2,83;50,43\\n")
    >>> answer = study(file, ImportRequest({"kind": "quai"}, trial=True), home)
    >>> answer.delivery.outcome, answer.layer, answer.event
    ('accept', 'quai', {})
    """
    settings, recognised = _recipe(file, request, folder)
    schema = _schema(settings)
    layer = settings.layer or schema.name.lower().replace("-", "_")
    history.layer_path(folder, layer)  # refuses a name that is none
    step(f"Lecture et contrôle de {file.name}")
    with steps.opened(file, schema, _reading(settings, folder)) as (stage, opened_file):
        if not recognised and request.may_find_recipe:
            path = recipes.of_columns(recipes.of_workspace(folder, schema.name), stage.raw.columns)
            if path is not None:
                settings, recognised = _merged(recipes.read_recipe(path), request), path.name
                layer = settings.layer or layer
        options = _options(schema, settings, layer, folder)
        received = delivery.follow(replace(stage, options=options), opened_file)
    follows = bool(recognised) or (request.recipe is not None and request.recipe.is_file())
    settings = replace(settings, layer=layer, file=file.name, signature=tuple(received.raw.original))
    return _saved(
        Imported(received, layer, {}, settings, recognised, follows_recipe=follows),
        file,
        request,
        folder,
        step,
    )


def propose(file: Path, request: ImportRequest, folder: Path | None = None) -> Proposed:
    """Propose a recipe for a file, as TOML with comments in French; nothing is written.

    Parameters
    ----------
    file
        The delivery.
    request
        Kind of the layer, and every option that the recipe must carry.
    folder
        The workspace, where there is one.

    Raises
    ------
    UnreadableFile
        The file cannot be read.
    BadOptions
        No kind is given.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "zae.csv"
    >>> _ = file.write_text("NOM_ZAE;VOCATION;lon;lat\\nLens;INDUSTRIE;2,83;50,43\\n")
    >>> "INDUSTRIE = \\"industrielle\\"" in propose(file, ImportRequest({"kind": "site_eco"})).text
    True
    """
    settings = _merged(_DEFAULTS, request)
    schema = _schema(settings)
    stage = steps.read(file, schema, _reading(settings, folder))
    settings = replace(settings, layer=settings.layer or schema.name, file=file.name)
    proposed, notes = proposal.propose(stage.raw, schema, settings)
    text = recipe.text_of(proposed, notes)
    doubtful = sum(proposal.TO_CONFIRM in comment for comment in notes.keys.values())
    return Proposed(text, len(proposed.columns), doubtful)


def _recipe(file: Path, request: ImportRequest, folder: Path) -> tuple[Recipe, str]:
    """Return the recipe given, else the one that the workspace made for a file of that name."""
    if request.recipe is not None and request.recipe.is_file():
        named_recipe = _merged(recipes.read_recipe(request.recipe), request)
        recipe.require_fitting(
            named_recipe, _schema(named_recipe), request.recipe.name, request.recipe.read_text("utf-8-sig")
        )
        return named_recipe, ""
    if request.recipe is not None:
        suffixes.form_of(request.recipe, ("toml",))
    if request.may_find_recipe:
        recipe_of_path = recipes.of_workspace(folder, request.settings.get("kind", ""))
        path = recipes.of_file_name(recipe_of_path, file.name)
        layer = request.settings.get("layer")
        if path is not None and (not layer or recipe_of_path[path].layer == layer):
            return _merged(recipe_of_path[path], request), path.name
    return _merged(_DEFAULTS, request), ""


def _merged(base: Recipe, request: ImportRequest) -> Recipe:
    """Put what the reader asks over what a recipe says."""
    return replace(base, **request.settings, columns={**base.columns, **_pairs(request.pairs)})


def _pairs(texts: tuple[str, ...]) -> dict[str, str]:
    """Read the pairs CHAMP=COLONNE of the command line."""
    pairs = {}
    for pair in texts:
        field, equal, column = pair.partition("=")
        if not equal or not field or not column:
            raise BadOptions(f"--correspondance attend CHAMP=COLONNE, reçu « {pair} ».")
        pairs[field] = column
    return pairs


def _reading(settings: Recipe, folder: Path | None) -> DeliveryOptions:
    """Return what opening the file takes."""
    limits = Limits()
    if settings.file_mib:
        limits = replace(limits, file_mib=settings.file_mib, unpacked_mib=settings.file_mib)
    return DeliveryOptions(
        layer=settings.source_layer,
        encoding=settings.encoding,
        separator=settings.separator,
        geometry_column=settings.geometry_column,
        folder=folder,
        limits=replace(limits, ratio=settings.ratio) if settings.ratio else limits,
    )


def _options(schema: Schema, settings: Recipe, layer: str, folder: Path) -> DeliveryOptions:
    """Return all the options of a delivery, communes and earlier states read."""
    communes = _communes(settings, folder) if settings.communes else None
    complete = None
    current = history.layer_path(folder, layer)
    if settings.complete:
        earlier = history.earlier_states(folder, layer, schema.name)
        complete = completion.completer(schema, communes, earlier, code=settings.code)
    return replace(
        _reading(settings, folder),
        crs=settings.crs,
        columns=settings.columns,
        territory=settings.territory,
        mend=not settings.unrepaired,
        set_aside=settings.set_aside,
        incomplete=settings.incomplete,
        complete=complete,
        rules=settings.rules,
        code=settings.code,
        state=read(current) if schema.key and schema.geometry and current.is_file() else None,
        identity=identity.checks(folder, communes, settings.commune_m, settings.position_m),
    )


def _communes(settings: Recipe, folder: Path) -> "gpd.GeoDataFrame":
    """Read the outlines that a recipe names: a file, or a layer of the workspace."""
    path = Path(settings.communes)
    if path.exists():
        return read(path)
    is_workspace = not path.suffix and (folder / CATALOGUE_FILE).is_file()
    catalogue = read_catalogue(folder) if is_workspace else {}
    if settings.communes in catalogue:
        return read(catalogue[settings.communes])
    if catalogue:
        raise UnknownName("couche", settings.communes, catalogue)
    raise UnreadableFile(
        f"Contours des communes introuvables : {path}. Donner le fichier par --communes, "
        "ou le nom d'une couche du dossier de données."
    )


def _schema(settings: Recipe) -> Schema:
    if settings.table_schema and not settings.kind:
        return read_table_schema(Path(settings.table_schema))
    if not settings.kind:
        raise BadOptions("Indiquer --type TYPE (voir « couches types »), --schema ou une --recette.")
    return read_kind(settings.kind)


def _saved(
    answer: Imported, file: Path, request: ImportRequest, folder: Path, step: Callable[[str], Any]
) -> Imported:
    """Write the recipe that the reader wants, even for a refusal, then the layer and its history."""
    if request.recipe is not None and not request.recipe.is_file() and not request.trial:
        recipes.write_recipe(request.recipe, _with_matches(answer))
        answer = replace(answer, recipe_path=request.recipe)
    if answer.delivery.outcome == "reject" or request.trial:
        return answer
    step(f"Écriture de la couche « {answer.layer} »")
    settings = answer.recipe
    event = workspace.save_delivery(
        answer.delivery,
        file,
        folder,
        answer.layer,
        description=workspace.LayerDescription(
            settings.title,
            settings.origin or UNSAID_FEMININE,
            settings.licence or UNSAID_FEMININE,
            settings.vintage or UNSAID,
        ),
        recipe=_recipe_to_keep(answer, request),
    )
    return replace(answer, event=event, layer_path=history.layer_path(folder, answer.layer))


def _with_matches(answer: Imported) -> Recipe:
    """Return the recipe with every matched column named, however it was matched."""
    matched = {match.field: match.source for match in answer.delivery.matches}
    return replace(answer.recipe, columns={**matched, **answer.recipe.columns})


def _recipe_to_keep(answer: Imported, request: ImportRequest) -> tuple[str, bytes] | None:
    """Return the recipe that the workspace keeps: its own text if nothing in it changed; None without one."""
    plain = replace(answer.recipe, kind="", layer="", file="", signature=())
    if plain == _DEFAULTS and request.recipe is None:
        return None
    content = recipe.text_of(_with_matches(answer)).encode()
    if request.recipe is not None and answer.recipe_path is None:
        original = recipes.read_recipe(request.recipe)
        if replace(answer.recipe, file=original.file, layer=original.layer) == original:
            content = request.recipe.read_bytes()
    return f"{answer.layer}.toml", content


def _cell_text(cell: Any) -> str:
    return (
        "" if cell is ABSENT or is_missing(cell) else digits(cell) if isinstance(cell, float) else str(cell)
    )
