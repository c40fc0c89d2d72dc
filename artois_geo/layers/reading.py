"""One way to a layer, whatever its format: an analysis reads what the import reads, with the same checks."""

import logging
import re
from collections import Counter
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import meaning
from artois_geo.deliveries import delivery
from artois_geo.deliveries.delivery import findings_table
from artois_geo.errors import BadCRS, UnknownName, UnreadableFile
from artois_geo.formats.findings import Finding, count_and_first, table
from artois_geo.formats.geojson import geojson_reader
from artois_geo.formats.opening import Limits
from artois_geo.formats.raw_table import series
from artois_geo.formats.read import read_raw
from artois_geo.formats.tables.workbooks import UNCOMPUTED
from artois_geo.kinds.checks.attribute_checks import CODE_NAMES
from artois_geo.kinds.communes import commune_outlines
from artois_geo.kinds.names import cut_names
from artois_geo.kinds.names.current_names import with_current_names
from artois_geo.layers.catalogue import FREE_KIND, Catalogue, Layer, read_catalogue
from artois_geo.quantities.decimal_marks import Marks
from artois_geo.suffixes import FilePath
from artois_geo.text import LINE, counted

log = logging.getLogger("artois_geo.layers")
GEOJSON = frozenset({".geojson", ".json", ".geojsonl", ".geojsons", ".ndjson"})
CODE = re.compile(r"0\d")
TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx"})
OPTION = re.compile(r"(?<!\w)--[a-z]")
NAMES_THE_IMPORT = "artois-geo couches importer"
IN_FILE = "|layername="  # as QGIS names a layer inside a file


def read(layer: Layer | FilePath) -> gpd.GeoDataFrame:
    """Read the features of a layer, in Lambert-93.

    Parameters
    ----------
    layer
        A layer of the catalogue, the name of a shipped one, or the path of a file: GeoJSON in WGS 84, or
        any format that :func:`receive` takes. ``zones.gpkg|layername=zae`` names a layer of a file.

    Returns
    -------
    GeoDataFrame
        EPSG:2154. One row per feature, in the order of the file; the index of a GeoJSON is
        the feature ``id`` when every feature has its own. Integers beside nulls stay
        integers, texts stay texts. ``attrs`` keeps what a table has no cell for, so that
        ``write`` gives it back: ``members`` of the collection, ``feature_members`` and
        ``absent`` properties by label. In the other formats what has one answer is
        repaired, as by an import (:func:`read_checked` lists it).

    Raises
    ------
    UnreadableFile
        Absent, not what its name says, or with features that cannot be read.
    BadCRS
        Coordinates that fall nowhere near the territory.

    Examples
    --------
    >>> from artois_geo import layers
    >>> communes = layers.read("communes")
    >>> len(communes), communes.crs.to_epsg()
    (150, 2154)
    """
    return read_checked(layer)[0]


def read_checked(layer: Layer | FilePath) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read a layer, and give what was repaired or doubtful in it.

    Returns
    -------
    tuple
        Features as :func:`read` gives them, and a table of findings (``position``, ``field``,
        ``rule``, ``level``, ``message``…), empty for a GeoJSON, which is read as it is.

    Raises
    ------
    UnreadableFile, BadCRS
        As :func:`read`.

    Examples
    --------
    >>> from artois_geo.layers import read_checked
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("nom;lon;lat\\nLens;2,83;50,43\\n", encoding="utf-8")
    ...     quays, findings = read_checked(file)
    >>> quays["nom"].tolist(), quays.crs.to_epsg()
    (['Lens'], 2154)
    """
    layer = _shipped(layer) if isinstance(layer, str) else layer
    if isinstance(layer, Layer):
        return _of_catalogue(layer), pd.DataFrame()
    path, name = split_name(Path(layer))
    features, findings = _of_file(path, name)
    features, renamings = with_current_names(features)
    findings = with_renamings(findings, renamings)
    _note(path, findings)
    return features, findings


def _of_catalogue(layer: Layer) -> gpd.GeoDataFrame:
    """Read a layer of a catalogue."""
    try:
        return layer.read()
    except (UnreadableFile, BadCRS) as error:
        raise type(error)(_without_options(str(error), layer.path)) from error


def with_renamings(findings: pd.DataFrame, renamings: list[Finding]) -> pd.DataFrame:
    """Add to the findings of a file what was renamed in it; a name given back is no longer a cut one.

    Examples
    --------
    >>> cut = Finding(None, "SITEID", cut_names.RULE, "alerte", "SITEID", "nom sans doute tronqué")
    >>> with_renamings(table([cut]), cut_names.long_names({"SITEID": ["a"]}).findings)["level"].tolist()
    ['note']
    """
    if not renamings:
        return findings
    before = findings[findings["rule"] != cut_names.RULE] if len(findings) else findings
    return pd.concat([frame for frame in (before, table(renamings)) if len(frame)], ignore_index=True)


def _of_file(path: Path, name: str) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    """Read a layer of a file, its columns as they are written, and what was repaired or doubtful in it."""
    try:
        if path.suffix.lower() in GEOJSON and not name:
            return geojson_reader.read(path), pd.DataFrame()
        received = delivery.receive(path, FREE_KIND, layer=name)
    except (UnreadableFile, BadCRS) as error:
        raise type(error)(_without_options(str(error), path)) from error
    findings = findings_table(received)
    if received.outcome == "reject":
        errors = findings.loc[findings["level"] == "erreur", "message"]
        message = f"{path.name} : {count_and_first(errors)}"
        raise UnreadableFile(f"{message}\n{_advice(path)}")
    features = received.features
    if received.raw.lines:
        lines = [received.raw.lines[row] for row in features.index]
        features = features.set_axis(pd.Index(lines, name=LINE), axis="index")
    return (_typed(features) if received.format == "CSV" else features), findings


def _shipped(written: str) -> Layer | Path:
    """Return the shipped layer of that name, where no file bears it."""
    path = Path(written)
    if len(path.parts) != 1 or path.suffix or path.exists() or IN_FILE in written:
        return path
    try:
        return read_catalogue()[written]
    except UnknownName as error:
        raise UnreadableFile(
            f"Ni fichier ni couche livrée de ce nom. {error}\n"
            "Une couche d'un espace se lit par son catalogue : "
            "layers.read_catalogue(dossier).read(nom)."
        ) from error


def read_table(path: FilePath) -> pd.DataFrame:
    """Read the rows of a table in any format, with every column as the file has it.

    Parameters
    ----------
    path
        CSV or workbook, whose cells of coordinates stay columns; or a layer in any format that
        :func:`read` takes. ``comptes.xlsx|layername=2024`` names a sheet.

    Returns
    -------
    DataFrame
        Cells of a CSV are texts, empty ones null; the index holds the lines of the file, from 1,
        and bears the name :data:`artois_geo.text.LINE`. A layer is what :func:`read` gives.

    Raises
    ------
    UnreadableFile
        Absent, not what its name says, or with rows that cannot be read.

    Examples
    --------
    >>> from artois_geo.layers import read_table
    >>> from pathlib import Path
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder) / "quais.csv"
    ...     _ = file.write_text("nom;lon;lat\\nLens;2,83;50,43\\n", encoding="utf-8")
    ...     table = read_table(file)
    >>> table["lon"].tolist(), table.index.tolist()
    (['2,83'], [2])
    """
    file, name = split_name(Path(path))
    if file.suffix.lower() not in TABLES:
        return read(path)
    try:
        raw = read_raw(file, Limits(), layer=name, geometry_column=None)
    except UnreadableFile as error:
        raise UnreadableFile(_without_options(str(error), file)) from error
    findings = table(raw.findings)
    # an account does not add up cells that a workbook has not computed
    wrong = (findings["level"] == "erreur") | (findings["rule"] == UNCOMPUTED)
    if wrong.any():
        raise UnreadableFile(f"{file.name} : {count_and_first(findings.loc[wrong, 'message'])}")
    _note(file, findings)
    index = pd.Index(raw.lines, name=LINE)
    return pd.DataFrame({name: series(cells, index) for name, cells in raw.columns.items()}, index=index)


def _typed(features: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give numbers to the columns of a CSV that hold nothing else.

    A code stays text, by the name of its column or a zero in front, and so does a column whose
    comma nothing explains.
    """
    typed = features.copy()
    for name in features.columns.drop(features.geometry.name):
        cells = [cell.strip() for cell in features[name] if isinstance(cell, str) and cell.strip()]
        marks = Marks.of(cells)
        plain = {cell: marks.plain(cell, is_integer=False) for cell in set(cells)}
        doubtful = any(CODE.match(cell) or marks.supposes(cell) for cell in cells)
        doubtful = doubtful or CODE_NAMES.search(str(name)) is not None
        if not cells or not all(plain.values()) or doubtful:
            continue
        numbers = [plain.get(cell.strip()) if isinstance(cell, str) else cell for cell in features[name]]
        typed[name] = pd.to_numeric(pd.Series(numbers, index=features.index), errors="coerce")
    return typed


def _note(path: Path, findings: pd.DataFrame) -> None:
    """Say in the journal that an analysis works on what was repaired, or doubtful."""
    levels = Counter(findings["level"] if len(findings) else ())
    counts = [counted(levels[level], level) for level in ("réparation", "alerte") if level in levels]
    if counts:
        log.warning(
            "lecture de %s comme à l'import : %s ; détail : artois-geo couches valider %s",
            path.name,
            " et ".join(counts),
            path.name,
        )


def split_name(path: Path) -> tuple[Path, str]:
    """Split the path of a file from the name of the layer in it, empty where none is named.

    Examples
    --------
    >>> from artois_geo.layers import split_name
    >>> from pathlib import Path
    >>> split_name(Path("zones.gpkg|layername=zae"))[1], split_name(Path("zones.gpkg"))[1]
    ('zae', '')
    """
    text = str(path)
    if IN_FILE not in text or path.exists():
        return path, ""
    file, _, name = text.partition(IN_FILE)
    return Path(file), name


def _without_options(message: str, path: Path) -> str:
    """Tell where the options that a message names can be given: an analysis has none of them."""
    if OPTION.search(message) is None or NAMES_THE_IMPORT in message:
        return message
    advice = f"\nIci : {path.name}{IN_FILE}NOM." if "--couche-source" in message else ""
    return f"{message}{advice}\n{_advice(path)}"


def _advice(path: Path) -> str:
    return (
        "Ces réglages sont ceux de l'import : artois-geo --donnees DOSSIER couches importer "
        f"{path.name} --type libre, puis donner le nom de la couche.\n"
        f'En Python : layers.receive("{path.name}", "libre", crs=…, encoding=…, layer=…).features.'
    )


def known_communes(catalogue: Catalogue) -> gpd.GeoDataFrame | None:
    """Read the outlines of communes that a workspace holds; none where only points or schematic cells are.

    Examples
    --------
    >>> from artois_geo.layers import read_catalogue
    >>> known_communes(read_catalogue()) is None  # the shipped layers have no outlines
    True
    """
    for kind in meaning.OUTLINE_KINDS:
        for layer in catalogue.values():
            if layer.kind != kind:
                continue
            frame = geojson_reader.read(layer.path)
            outlined = (shapely.get_dimensions(frame.geometry.to_numpy()) == 2) & ~meaning.schematic(frame)
            if outlined.any():
                return commune_outlines(frame.loc[outlined])
    return None
