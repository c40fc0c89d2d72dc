"""The catalogue: ``catalogue.toml`` describes every layer file that lies beside it."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import geopandas as gpd
import pandas as pd

import artois_geo
from artois_geo import meaning, tables
from artois_geo.errors import BadValue, UnknownName, UnreadableFile, UnwritableFile, read_toml
from artois_geo.formats.geojson import geojson_reader
from artois_geo.kinds.former_kinds import converted, current_kind, former_kinds
from artois_geo.kinds.names.current_names import with_current_names
from artois_geo.kinds.schema import with_empty_figures
from artois_geo.layers import shipped as behind
from artois_geo.suffixes import FilePath
from artois_geo.tables.layer_labels import LABELS
from artois_geo.text import UNSAID, UNSAID_FEMININE, visible

CATALOGUE_FILE = "catalogue.toml"
NOT_LAYERS = (".rejets.geojson", behind.TERRITORY_FILE)  # what an import set aside; where to expect features
REQUIRED_KEYS = ("file", "kind", "title", "source", "licence", "vintage")
ABOUT = ("territoire", "region", "regles")  # keys that tell of the territory, not of a layer
NAME = re.compile(r"\w(?:[\w .'’-]{0,62}\w)?")  # of a layer; files are named after it
OPTIONAL_KEYS = ("description", "group", "geometry_note", "title_en", "reference")
LISTED = (
    "name",
    "title",
    "kind",
    "home",
    "vintage",
    "licence",
    "geometry_note",
)  # where there is little room
SHIPPED_TITLE = "Couches livrées avec l'outil"
COLUMNS = (*LISTED, "group", "source", "description")
SHIPPED, OWN = "livrée avec l'outil", "espace de travail"  # where a layer comes from
FREE_KIND = "libre"  # any columns


@dataclass(frozen=True, repr=False)
class Layer:
    """One layer of the catalogue: its file, its kind, and what must be said wherever it is shown.

    ``former_kind`` is the kind of version 0.1.0 that the catalogue says, where another replaced it:
    the file still has its columns. ``home`` is :data:`SHIPPED` or :data:`OWN`, empty for a layer that
    no catalogue holds. A shipped layer that is a ``reference`` may stand behind the layers of a workspace.
    """

    name: str
    path: Path
    kind: str
    title: str
    source: str
    licence: str
    vintage: str
    description: str = ""
    group: str = ""
    geometry_note: str = ""
    title_en: str = ""
    former_kind: str = ""
    home: str = ""
    reference: bool = False

    def __repr__(self) -> str:
        details = [self.kind, self.vintage and f"millésime {self.vintage}", self.licence, self.home]
        return visible(f"<Layer {self.name} : {self.title} ({', '.join(filter(None, details))})>")

    def _repr_html_(self) -> str:
        """Return what a notebook shows: each thing that is said of the layer."""
        rows = [(LABELS[column], getattr(self, column)) for column in COLUMNS[1:]]
        table = pd.DataFrame([row for row in rows if row[1]], columns=["field", "value"])
        return tables.ShownTable(table, labels=LABELS, title=self.name)._repr_html_()

    def read(self) -> gpd.GeoDataFrame:
        """Read its features, see :func:`artois_geo.layers.read`; without a kind, columns say what it is."""
        if self.home != SHIPPED or not self.path.is_file():
            return _features(self)
        file = self.path.stat()
        return _shipped_features(self, file.st_mtime_ns, file.st_size).copy()


def _features(layer: Layer) -> gpd.GeoDataFrame:
    read = geojson_reader.read(layer.path)
    features = converted(read, layer.former_kind)
    if layer.kind in ("", FREE_KIND):
        features = with_current_names(features)[0]
    else:
        features = with_empty_figures(features, layer.kind)
    features.attrs = read.attrs  # pandas 2.2 loses on the way what the file has beside its features
    return features


@lru_cache(maxsize=32)
def _shipped_features(layer: Layer, modified_ns: int, size: int) -> gpd.GeoDataFrame:
    """Read a shipped layer once in a process: a notebook or a folder for a fair asks for it again."""
    return _features(layer)


@dataclass(frozen=True)
class Total:
    """A total that somebody published, to set beside what the layers hold.

    ``measure`` is ``count``, ``sum`` (of ``column``) or ``length`` (km of the
    geometry); ``where`` keeps the rows whose columns have the given values. An
    empty ``layer`` means that no layer of the catalogue holds the matter. ``…_en`` say
    the same in English.
    """

    name: str
    title: str
    value: float
    unit: str
    source: str
    layer: str = ""
    measure: str = "count"
    column: str = ""
    where: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    comment: str = ""
    title_en: str = ""
    unit_en: str = ""
    comment_en: str = ""


class Catalogue(dict[str, Layer]):
    """Layers by name; an unknown name is an error that offers the nearest ones.

    ``left_out`` tells why, by name, a shipped layer does not stand behind those of a workspace;
    ``territory``, ``region`` and ``rule_set`` are what ``catalogue.toml`` says of the territory: its name
    (``territoire``), the INSEE code of its region (``region``), the rules of its accounts (``regles``: a
    shipped set, or a TOML of the folder); empty where it says nothing.
    It shows itself: :attr:`table`, and the layers that are left out.
    """

    def __init__(
        self,
        folder: Path,
        layers: Mapping[str, Layer],
        totals: tuple[Total, ...] = (),
        left_out: Mapping[str, str] = MappingProxyType({}),
        about: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(layers)
        self.folder = folder
        self.totals = totals
        self.left_out = left_out
        self.territory = about.get("territoire", "")
        self.region = about.get("region", "")
        self.rule_set = about.get("regles", "")

    @property
    def table(self) -> pd.DataFrame:
        """Return one row per layer: its name, title, kind, where it comes from, vintage, licence…"""
        rows = [[getattr(layer, column) for column in COLUMNS] for layer in self.values()]
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def read(self, name: str) -> gpd.GeoDataFrame:
        """Read the features of a layer by its name, see :func:`artois_geo.layers.read`.

        Raises
        ------
        UnknownName
            No such layer; the message offers the nearest names.

        Examples
        --------
        >>> from artois_geo.layers import read_catalogue
        >>> read_catalogue().read("communes").crs.to_epsg()
        2154
        """
        return self[name].read()

    def __repr__(self) -> str:
        return str(self._shown())

    def _repr_html_(self) -> str:
        """Return what a notebook shows."""
        return self._shown()._repr_html_()

    def _shown(self) -> tables.ShownTable:
        footer = tables.Footer(notes=tuple(left_out_sentences(self.left_out)))
        title = SHIPPED_TITLE if self.folder == shipped_folder() else f"Couches de {self.folder.name}"
        return tables.ShownTable(self.table[list(LISTED)], footer, LABELS, title)

    def __missing__(self, name: str) -> Layer:
        if name in self.left_out:
            raise BadValue(
                f"Couche livrée « {name} » laissée de côté : {self.left_out[name]}.\n"
                f"Pour la prendre quand même : couches copier {name} ; en Python, "
                f'layers.read("{name}").'
            )
        raise UnknownName("couche", name, self)


def left_out_sentences(reasons: Mapping[str, str]) -> list[str]:
    """Say which shipped layers a workspace does without, reason by reason.

    Parameters
    ----------
    reasons
        By name of layer, as ``Catalogue.left_out`` holds them.

    Examples
    --------
    >>> left_out_sentences({"communes": "même nom", "logistique": "même nom"})
    ['Couches livrées laissées de côté (même nom) : communes, logistique.']
    """
    names: dict[str, list[str]] = {}
    for name, reason in reasons.items():
        names.setdefault(reason, []).append(name)
    return [f"Couches livrées laissées de côté ({reason}) : {', '.join(names[reason])}." for reason in names]


def shipped_folder() -> Path:
    """Return the folder of the layers that come with the library, installed or not.

    Examples
    --------
    >>> from artois_geo.layers import shipped_folder
    >>> (shipped_folder() / "catalogue.toml").is_file()
    True
    """
    package = Path(artois_geo.__file__).parent
    installed = package / "donnees"  # data/geojson of the repository, see setup.cfg
    return installed if installed.is_dir() else package.parent / "data" / "geojson"


def read_catalogue(folder: FilePath | None = None, *, shipped: bool = False) -> Catalogue:
    """Read the layers of a folder, described by its ``catalogue.toml``.

    Parameters
    ----------
    folder
        Folder that holds ``catalogue.toml``; by default the shipped layers. A
        folder without one is a catalogue too: each ``*.geojson`` is a layer
        whose kind, source and vintage are not said.
    shipped
        Put shipped layers behind those of the folder, as the command line does: those
        marked ``reference`` whose kind the folder lacks and that touch its territory;
        named sites and published offer only for the same ground, and where the folder
        has none of its own. ``.left_out`` says why the others are not there.

    Returns
    -------
    Catalogue
        ``dict`` of name to Layer, own layers first, in the order of the file, with
        ``.totals``, and the shipped totals of the shipped layers that are there.

    Raises
    ------
    UnreadableFile
        No such folder, no layer in it, or a catalogue that lacks a key.

    Examples
    --------
    >>> from artois_geo.layers import read_catalogue
    >>> from pathlib import Path
    >>> read_catalogue()["communes"].kind
    'commune'
    >>> read_catalogue()["comunes"]
    Traceback (most recent call last):
    artois_geo.errors.UnknownName: couche inconnue : « comunes ». Noms proches : communes, communes_schema.

    A workspace with one layer of quays, alone and with the shipped layers behind it:

    >>> import tempfile
    >>> from artois_geo import example, layers
    >>> folder = Path(tempfile.mkdtemp())
    >>> layers.write(example.point(x_km=0, y_km=0, quai_nom="Quai"), folder / "quais.geojson")
    >>> list(read_catalogue(folder)), "logistique" in read_catalogue(folder, shipped=True)
    (['quais'], True)
    """
    home = shipped_folder()
    if folder is None or Path(folder).resolve() == home.resolve():
        return _read(home, SHIPPED)
    own = _read(Path(folder), OWN)
    return _with_shipped(own, _read(home, SHIPPED)) if shipped else own


def _read(folder: Path, home: str) -> Catalogue:
    """Read the catalogue of one folder."""
    if not folder.is_dir():
        raise UnreadableFile(
            f"Dossier de données introuvable : {folder}. "
            "Vérifier --donnees (en Python : le dossier donné à read_catalogue)."
        )
    file = folder / CATALOGUE_FILE
    if not file.is_file():
        return _undescribed(folder)
    entries = read_toml(file, "Catalogue illisible")
    totals = entries.pop("totals", [])
    entries.pop("claims", None)
    layers = {
        name: replace(_layer(name, entry, folder), home=home)
        for name, entry in entries.items()
        if isinstance(entry, dict)
    }
    renamed_totals = tuple(_renamed(_total(entry, file), layers) for entry in totals)
    return Catalogue(folder, layers, renamed_totals, about=_about(entries, folder))


def _about(entries: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """Read what a catalogue says of its territory; rules in a file are those of a file of its folder."""
    about = {key: str(entries[key]) for key in ABOUT if key in entries}
    rules = about.get("regles", "")
    if rules.endswith(".toml"):
        path = (folder / rules).resolve()
        if not path.is_relative_to(folder.resolve()):
            raise UnreadableFile(
                f"{folder / CATALOGUE_FILE} : « regles » désigne un fichier hors du dossier de données."
            )
        about["regles"] = str(path)
    return about


def _renamed(total: Total, layers: Mapping[str, Layer]) -> Total:
    """Name the columns of a total as its layer has them now."""
    layer = layers.get(total.layer)
    if layer is None or not layer.former_kind:
        return total
    names = former_kinds()[layer.former_kind].columns
    where = {names.get(column, column): value for column, value in total.where.items()}
    return replace(total, column=names.get(total.column, total.column), where=where)


def _with_shipped(own: Catalogue, shipped: Catalogue) -> Catalogue:
    """Put behind the layers of a workspace the shipped ones that mislead nobody there."""
    kinds = {name: layer.kind for name, layer in own.items()}
    territory = behind.territory(own.folder, [(layer.kind, layer.path) for layer in own.values()])
    ground = [layer.path for layer in shipped.values() if layer.kind in meaning.GROUND_KINDS]
    is_elsewhere = territory is not None and not behind.is_same_ground(ground, territory)
    reasons = {
        name: _misleads(layer, kinds, territory if is_elsewhere else None) for name, layer in shipped.items()
    }
    left_out = {name: reason for name, reason in reasons.items() if reason}
    added = {name: layer for name, layer in shipped.items() if name not in left_out}
    totals = tuple(total for total in shipped.totals if total.layer in added)
    about = {"territoire": own.territory, "region": own.region, "regles": own.rule_set}
    return Catalogue(own.folder, {**own, **added}, (*own.totals, *totals), left_out, about)


def _misleads(layer: Layer, own_kinds: Mapping[str, str], elsewhere: Any) -> str:
    """Say why a shipped layer would mislead in a workspace; empty where it would not.

    ``own_kinds`` is the kind of each own layer, ``elsewhere`` the territory of a workspace on other ground.
    """
    if layer.name in own_kinds:
        return "même nom"
    if reason := behind.in_its_room(layer.kind, own_kinds):
        return reason
    if elsewhere is not None and not (layer.reference and behind.touches(layer.path, elsewhere)):
        return behind.ELSEWHERE
    if not layer.reference and layer.kind not in behind.TOTALLED:
        return "elle n'est pas une couche de référence"
    return ""


def _layer(name: str, entry: dict[str, Any], folder: Path) -> Layer:
    """Build a layer from its entry; refuse a name, a missing key or a file that leaves the folder."""
    if not NAME.fullmatch(name):
        raise UnreadableFile(
            f"{folder / CATALOGUE_FILE} : nom de couche refusé : « {name} ».\n"
            "Un nom n'a que des lettres, des chiffres, des espaces et les signes - . _ ' à l'intérieur."
        )
    missing = [key for key in REQUIRED_KEYS if key not in entry]
    if missing:
        raise UnreadableFile(
            f"{folder / CATALOGUE_FILE} : la couche « {name} » n'indique pas {', '.join(missing)}."
        )
    path = (folder / entry["file"]).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise UnreadableFile(
            f"{folder / CATALOGUE_FILE} : le fichier de la couche « {name} » sort du dossier de données."
        )
    optional: dict[str, Any] = {key: entry[key] for key in OPTIONAL_KEYS if key in entry}
    required: dict[str, Any] = {key: str(entry[key]) for key in REQUIRED_KEYS if key != "file"}
    if required["kind"] in former_kinds():
        optional["former_kind"] = required["kind"]
        required["kind"] = current_kind(required["kind"])
    return Layer(name=name, path=path, **required, **optional)


def _total(entry: dict[str, Any], file: Path) -> Total:
    names = {item.name for item in fields(Total)}
    unknown = sorted(set(entry) - names)
    missing = sorted({"name", "title", "value", "unit", "source"} - set(entry))
    if unknown or missing:
        raise UnreadableFile(
            f"{file} : total « {entry.get('name', '?')} » mal décrit"
            + (f", clés inconnues : {', '.join(unknown)}" if unknown else "")
            + (f", clés absentes : {', '.join(missing)}" if missing else "")
            + "."
        )
    return Total(**entry)


def _undescribed(folder: Path) -> Catalogue:
    paths = sorted(path for path in folder.glob("*.geojson") if not path.name.endswith(NOT_LAYERS))
    if not paths:
        raise UnreadableFile(f"Aucune couche dans {folder} : ni {CATALOGUE_FILE}, ni fichier .geojson.")
    unsaid = (UNSAID_FEMININE, UNSAID_FEMININE, UNSAID)
    layers = {path.stem: Layer(path.stem, path.resolve(), "", path.stem, *unsaid, home=OWN) for path in paths}
    return Catalogue(folder, layers)


def with_entry(folder: Path, layer: Layer, *, renew: bool = False) -> bytes | None:
    """Return what ``catalogue.toml`` must become for a layer to be in it; ``None`` when it already is.

    The entries that are there are left as they are written, but for the source, the licence and the
    vintage of this one with ``renew``; a folder that had no catalogue gets one that also names its
    other layers.
    """
    file = folder / CATALOGUE_FILE
    undescribed: list[Layer] = []
    text = ""
    if file.is_file():
        text = file.read_text(encoding="utf-8").rstrip("\n") + "\n"
        present = read_catalogue(folder).get(layer.name)
        if present is not None:
            return _renewed(text, present, layer, file).encode() if renew else None
    else:
        paths = [path for path in folder.glob("*.geojson") if not path.name.endswith(NOT_LAYERS)]
        undescribed = list(_undescribed(folder).values()) if paths else []
    added = [*(entry for entry in undescribed if entry.name != layer.name), layer]
    return (text + "".join(_entry(entry) for entry in added)).encode()


def _renewed(text: str, present: Layer, layer: Layer, file: Path) -> str:
    """Write the source, the licence and the vintage of an entry anew, and nothing else."""
    lines = text.splitlines()
    header = re.compile(rf"\s*\[\s*(?:{re.escape(layer.name)}|{re.escape(quoted(layer.name))})\s*\]")
    start = next((number for number, line in enumerate(lines) if header.match(line)), len(lines))
    for key in ("source", "licence", "vintage"):
        for number in range(start + 1, len(lines)):
            if lines[number].lstrip().startswith("["):
                break
            if re.match(rf"\s*{key}\s*=", lines[number]):
                lines[number] = f"{key} = {quoted(getattr(layer, key))}"
    renewed = "\n".join(lines) + "\n"
    try:
        entry = tomllib.loads(renewed)[present.name]
    except (tomllib.TOMLDecodeError, KeyError):
        entry = {}
    if any(entry.get(key) != getattr(layer, key) for key in ("source", "licence", "vintage")):
        raise UnwritableFile(
            f"{file} : l'entrée [{layer.name}] est écrite d'une façon qui ne se met pas à jour.\n"
            "Mettre source, licence et vintage sur une ligne chacun, puis relancer."
        )
    return renewed


def _entry(layer: Layer) -> str:
    keys = {"file": layer.path.name} | {
        key: getattr(layer, key) for key in ("kind", "title", "source", "licence", "vintage")
    }
    lines = [f"{key} = {quoted(value)}" for key, value in keys.items()]
    texts = (key for key in OPTIONAL_KEYS if key != "reference" and getattr(layer, key))
    lines += [f"{key} = {quoted(getattr(layer, key))}" for key in texts]
    return f"\n[{layer.name}]\n" + "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Write a text as TOML does, between quotes.

    Examples
    --------
    >>> quoted('Le « Parc "A" »')
    '"Le « Parc \\\\"A\\\\" »"'
    """
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
