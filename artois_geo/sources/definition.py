"""What an open source is: one TOML each, shipped or in the workspace, refused with what is wrong in it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from artois_geo.errors import UnknownName, UnreadableFile, read_toml
from artois_geo.kinds.schema import kinds

FOLDER = "sources"  # of a workspace: own definitions, and one folder of snapshots per source
SHIPPED, OWN = "livrée", "espace de travail"
PROTOCOLS = ("wfs", "datagouv", "rest_pages", "fichier", "atom", "arcgis")
FORMATS = ("geojson", "csv", "gpkg", "parquet")
STYLES = ("aucune", "page_1", "page_0", "depart", "suite")  # how a server numbers its pages
PLACEHOLDERS = {"millesime", "communes", "commune", "code", "dep", "zone", "boite"}
SCOPES = ("communes", "epci", "departement", "emprise", "france")
LICENCES = {
    "LO-2.0": "Licence Ouverte 2.0",
    "ODbL-1.0": "ODbL 1.0",
    "inconnue": "non indiquée",
}
NEVER = "jamais"
MIB = 1 << 20
_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_HOST = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?")
_PLACEHOLDER = re.compile(r"\{(\w*)\}")
_NO_TABLE: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Access:
    """Where a source is, and how it is read: ``filters`` is what cuts it, by scope.

    ``paths`` are addresses below ``url``, each asked for; ``delivery`` is the pattern of the title of a
    delivery, ``since`` and ``before`` bound its publication; ``overlapping`` says that two requests may bring
    the same object.
    """

    protocol: str
    host: str
    url: str
    redirections: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, str] = field(default_factory=dict)
    file: str = ""  # title of the file of a dataset, exact
    file_pattern: str = ""  # where the title carries a date
    sort: str = ""
    paths: tuple[str, ...] = ("",)
    delivery: str = ""
    since: date | None = None
    before: date | None = None
    overlapping: bool = False
    style: str = "aucune"
    page_name: str = "page"
    size_name: str = ""
    items: str = "features"
    total: str = ""
    next_name: str = "next"
    page_size: int = 1000
    most_objects: int = 100_000
    most_bytes: int = 512 * MIB
    per_second: float = 2.0

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return every host that may be called."""
        return (self.host, *self.redirections)


@dataclass(frozen=True)
class Reading:
    """How what was received is read; ``columns`` is what cuts a whole file, by scope."""

    format: str
    crs: str = ""
    encoding: str = "utf-8"
    separator: str = ""
    key: str = ""
    commune: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    identifier: str = ""  # property to write: the words of the key, else the rank in the commune
    counted: str = ""  # column whose values are counted in the provenance
    keep: Mapping[str, Any] = field(default_factory=dict)  # values of a column, the other objects go
    geometry: str = ""  # member of a record that is no feature; x and y where it has but two numbers
    x: str = ""
    y: str = ""


@dataclass(frozen=True)
class Target:
    """The layer that a source becomes."""

    kind: str
    layer: str
    columns: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    constants: Mapping[str, Any] = field(default_factory=dict)
    incomplete: bool = False


@dataclass(frozen=True)
class Source:
    """One open source. ``verified`` is the day on which it was called for real, None where it never was."""

    id: str
    title: str
    producer: str
    licence: str
    attribution: str
    page: str
    certainty: str
    access: Access
    reading: Reading
    target: Target
    family: str = ""
    vintage: str = ""
    valid_days: int = 0
    index: str = ""  # page that lists the editions
    pattern: str = ""  # of an edition in that page, the greatest is the last
    verified: date | None = None
    expected: tuple[str, ...] = ()
    least_per_commune: int = 0
    home: str = SHIPPED
    text: bytes = b""

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the TOML."""
        return hashlib.sha256(self.text).hexdigest()

    @property
    def verified_text(self) -> str:
        """Write the day of the last live check as a planner reads it."""
        return f"{self.verified:%d/%m/%Y}" if self.verified else NEVER

    @property
    def licence_text(self) -> str:
        """Write the licence in full."""
        return LICENCES[self.licence]

    @property
    def scopes(self) -> tuple[str, ...]:
        """List the ways in which a territory may be asked for."""
        return tuple(scope for scope in SCOPES if scope in {*self.access.filters, *self.reading.columns})

    def attributed(self, vintage: str) -> str:
        """Return the attribution of one vintage."""
        return self.attribution.replace("{millesime}", vintage or "de millésime inconnu")


@dataclass(frozen=True)
class _Key:
    """A key of the file: where it goes in its record, its type, whether it must be there."""

    name: str
    types: Any
    is_required: bool = False


_TEXT, _TEXTS, _TABLE = str, list, dict
_KEYS: Mapping[str, Mapping[str, _Key]] = {
    "": {
        "id": _Key("id", _TEXT, True),
        "titre": _Key("title", _TEXT, True),
        "producteur": _Key("producer", _TEXT, True),
        "licence": _Key("licence", _TEXT, True),
        "attribution": _Key("attribution", _TEXT, True),
        "page": _Key("page", _TEXT, True),
        "certitude": _Key("certainty", _TEXT, True),
        "verifie_le": _Key("verified", date),
        "famille": _Key("family", _TEXT),
    },
    "acces": {
        "protocole": _Key("protocol", _TEXT, True),
        "hote": _Key("host", _TEXT, True),
        "url": _Key("url", _TEXT, True),
        "redirections": _Key("redirections", _TEXTS),
        "parametres": _Key("parameters", _TABLE),
        "filtres": _Key("filters", _TABLE),
        "fichier": _Key("file", _TEXT),
        "fichier_motif": _Key("file_pattern", _TEXT),
        "tri": _Key("sort", _TEXT),
        "chemins": _Key("paths", _TEXTS),
        "livraison": _Key("delivery", _TEXT),
        "publiee_apres": _Key("since", date),
        "publiee_avant": _Key("before", date),
        "recouvrement": _Key("overlapping", bool),
    },
    "acces.pages": {
        "taille": _Key("page_size", int),
        "max_objets": _Key("most_objects", int),
        "style": _Key("style", _TEXT),
        "numero": _Key("page_name", _TEXT),
        "nombre": _Key("size_name", _TEXT),
        "objets": _Key("items", _TEXT),
        "total": _Key("total", _TEXT),
        "suite": _Key("next_name", _TEXT),
    },
    "acces.politesse": {
        "requetes_par_seconde": _Key("per_second", int | float),
        "taille_max_mio": _Key("most_mib", int),
    },
    "lecture": {
        "format": _Key("format", _TEXT, True),
        "crs": _Key("crs", _TEXT),
        "encodage": _Key("encoding", _TEXT),
        "separateur": _Key("separator", _TEXT),
        "cle": _Key("key", _TEXT),
        "identifiant": _Key("identifier", _TEXT),
        "commune": _Key("commune", _TEXT),
        "filtres": _Key("columns", _TABLE),
        "garder": _Key("keep", _TABLE),
        "compter": _Key("counted", _TEXT),
        "geometrie": _Key("geometry", _TEXT),
        "x": _Key("x", _TEXT),
        "y": _Key("y", _TEXT),
    },
    "couche": {
        "type": _Key("kind", _TEXT, True),
        "nom": _Key("layer", _TEXT),
        "champs": _Key("columns", _TABLE),
        "valeurs": _Key("values", _TABLE),
        "constantes": _Key("constants", _TABLE),
        "incomplet": _Key("incomplete", bool),
    },
    "millesime": {
        "valeur": _Key("vintage", _TEXT),
        "validite_jours": _Key("valid_days", int),
        "index": _Key("index", _TEXT),
        "motif": _Key("pattern", _TEXT),
    },
    "controle": {
        "colonnes_attendues": _Key("expected", _TEXTS),
        "minimum_objets_par_commune": _Key("least_per_commune", int),
    },
}
_SUBTABLES = {"acces": ("pages", "politesse")}
_TYPE_NAMES = {
    str: "un texte entre guillemets",
    list: "une liste de textes",
    dict: "une rubrique",
    int: "un nombre entier",
    bool: "true ou false",
    date: "une date AAAA-MM-JJ, sans guillemets",
}


def read_source(path: Path, home: str = SHIPPED) -> Source:
    """Read the definition of a source, or refuse it in French.

    Parameters
    ----------
    path
        TOML.
    home
        Whose it is: :data:`SHIPPED` or :data:`OWN`.

    Raises
    ------
    UnreadableFile
        Not TOML, a key that is missing, unknown or of another type, a value that makes no sense.

    Examples
    --------
    >>> from artois_geo.sources import read_source
    >>> from artois_geo.sources.definition import definitions_folder
    >>> read_source(definitions_folder() / "communes.toml").access.host
    'data.geopf.fr'
    """
    entry = read_toml(path, "Source illisible")
    texts = {table: _checked(path, entry, table) for table in _KEYS}
    most_mib = texts["acces.politesse"].pop("most_mib", None)
    access = texts["acces"] | texts["acces.pages"] | texts["acces.politesse"]
    target = texts["couche"]
    source = Source(
        **texts[""],
        **texts["millesime"],
        **texts["controle"],
        access=Access(**access, **({"most_bytes": most_mib * MIB} if most_mib else {})),
        reading=Reading(**texts["lecture"]),
        target=Target(**{"layer": texts[""]["id"], **target}),
        home=home,
        text=path.read_bytes(),
    )
    _require_sense(path, source)
    return source


def _checked(path: Path, entry: Mapping[str, Any], table: str) -> dict[str, Any]:
    """Check the keys of one table and name them as its record does."""
    content: Any = entry
    for part in filter(None, table.split(".")):
        content = content.get(part, _NO_TABLE) if isinstance(content, Mapping) else _NO_TABLE
    if not isinstance(content, Mapping):
        raise _refusal(path, table, "attend des clés, une par ligne")
    keys = _KEYS[table]
    below = _SUBTABLES.get(table, ()) if table else [name.split(".")[0] for name in _KEYS if name]
    for name in content:
        if name not in keys and name not in below:
            raise _refusal(path, table, f"« {name} » est une clé inconnue")
    checked = {}
    for name, key in keys.items():
        if name not in content:
            if key.is_required:
                raise _refusal(path, table, f"« {name} » manque")
            continue
        checked[key.name] = _typed(path, table, name, key, content[name])
    return checked


def _typed(path: Path, table: str, name: str, key: _Key, value: Any) -> Any:
    """Check the type of one value; a list becomes a tuple."""
    right = isinstance(value, key.types) and not (isinstance(value, bool) and key.types is not bool)
    if right and key.types is list:
        right = all(isinstance(element, str) for element in value)
    if right and key.name in {"filters", "parameters", "columns"}:
        right = all(isinstance(element, str) for element in value.values())
    if right and key.name == "keep":
        right = all(isinstance(element, list) for element in value.values())
    if not right:
        raise _refusal(path, table, f"« {name} » attend {_TYPE_NAMES.get(key.types, 'un nombre')}")
    return tuple(value) if isinstance(value, list) else value


def _require_sense(path: Path, source: Source) -> None:
    """Refuse what no type shows: an address elsewhere, an unknown protocol, a rate that is rude."""
    access, reading = source.access, source.reading
    address = urlsplit(access.url)
    scopes = {*access.filters, *reading.columns}
    templates = (access.url, access.delivery, *access.filters.values(), *access.parameters.values())
    placeholders = {name for text in templates for name in _PLACEHOLDER.findall(text) if not name.isdigit()}
    rules = (
        (_ID.fullmatch(source.id), "", f"« id » refusé : {source.id}"),
        (source.id == path.stem or path.stem == "source", "", f"« id » n'est pas {path.stem}"),
        (source.licence in LICENCES, "", f"« licence » n'est pas de la liste : {', '.join(LICENCES)}"),
        (
            access.protocol in PROTOCOLS,
            "acces",
            f"« protocole » attend : {_listed(PROTOCOLS)}",
        ),
        (all(map(_HOST.fullmatch, access.hosts)), "acces", "un hôte s'écrit sans https:// et sans chemin"),
        (address.scheme == "https", "acces", "« url » ne commence pas par https://"),
        (address.netloc == access.host, "acces", f"« url » n'est pas sur l'hôte {access.host}"),
        (reading.format in FORMATS, "lecture", f"« format » n'est pas de la liste : {_listed(FORMATS)}"),
        (source.target.kind in kinds(), "couche", f"« type » inconnu : {source.target.kind}"),
        (_ID.fullmatch(source.target.layer), "couche", f"« nom » refusé : {source.target.layer}"),
        (scopes <= set(SCOPES), "acces.filtres", f"une clé n'est pas de la liste : {_listed(SCOPES)}"),
        (scopes, "acces", "[acces.filtres] ou [lecture.filtres] doit dire comment découper"),
        (0 < access.per_second <= 2, "acces.politesse", "« requetes_par_seconde » va de 0 à 2"),
        (0 < access.page_size <= 5000, "acces.pages", "« taille » va de 1 à 5000"),
        (access.most_objects > 0 and access.most_bytes > 0, "acces.pages", "un plafond est plus grand que 0"),
        (
            access.protocol != "wfs" or access.sort,
            "acces",
            "« tri » manque : les pages se recouvriraient",
        ),
        (
            access.protocol != "datagouv" or bool(access.file) != bool(access.file_pattern),
            "acces",
            "« fichier », le titre exact, ou « fichier_motif » : il faut l'un des deux",
        ),
        (_is_pattern(access.file_pattern), "acces", "« fichier_motif » n'est pas une expression régulière"),
        (
            reading.key or access.protocol in {"fichier", "atom", "datagouv"},
            "lecture",
            "« cle » manque : un objet répété d'une page à l'autre ne se verrait pas",
        ),
        (access.style in STYLES, "acces.pages", f"« style » attend : {_listed(STYLES)}"),
        (_is_pattern(access.delivery), "acces", "« livraison » n'est pas une expression régulière"),
        (access.protocol != "atom" or access.delivery, "acces", "« livraison » manque : le titre attendu"),
        (_is_pattern(source.pattern), "millesime", "« motif » n'est pas une expression régulière"),
        (not source.index or source.pattern, "millesime", "« motif » manque à côté de « index »"),
        (
            not source.index
            or (urlsplit(source.index).scheme == "https" and urlsplit(source.index).netloc in access.hosts),
            "millesime",
            f"« index » n'est pas sur un hôte déclaré : {_listed(access.hosts)}",
        ),
        (
            placeholders <= PLACEHOLDERS,
            "acces",
            f"entre accolades, un mot n'est pas de la liste : {_listed(tuple(sorted(PLACEHOLDERS)))}",
        ),
    )
    for holds, table, sentence in rules:
        if not holds:
            raise _refusal(path, table, sentence)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return len(text) <= 200


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names)


def _refusal(path: Path, table: str, sentence: str) -> UnreadableFile:
    where = f", rubrique [{table}]" if table else ""
    return UnreadableFile(f"Source mal décrite : {path}{where} : {sentence}.")


def definitions_folder() -> Path:
    """Return the folder of the sources that come with the library.

    Examples
    --------
    >>> (definitions_folder() / "communes.toml").is_file()
    True
    """
    return Path(__file__).parent / "definitions"


def read_sources(folder: Path | None = None) -> dict[str, Source]:
    """Read every source, by its name; one of the workspace stands before the shipped one of that name.

    Parameters
    ----------
    folder
        Workspace, where there is one.

    Raises
    ------
    UnreadableFile
        A definition that cannot be used.

    Examples
    --------
    >>> from artois_geo.sources import read_sources
    >>> read_sources()["communes"].verified_text
    'jamais'
    """
    own = [] if folder is None else sorted((Path(folder) / FOLDER).glob("*.toml"))
    return dict(_shipped_sources()) | {path.stem: read_source(path, OWN) for path in own}


@cache
def _shipped_sources() -> Mapping[str, Source]:
    return {path.stem: read_source(path) for path in sorted(definitions_folder().glob("*.toml"))}


def sources_named(name: str, folder: Path | None = None) -> list[Source]:
    """Return the source of a name, or every source of the family of that name.

    Raises
    ------
    UnknownName
        Neither a source nor a family; the nearest are offered.

    Examples
    --------
    >>> from artois_geo.sources import sources_named
    >>> [source.id for source in sources_named("communes")]
    ['communes']
    """
    sources = read_sources(folder)
    family = [source for source in sources.values() if source.family == name and name not in sources]
    if name not in sources and not family:
        raise UnknownName(
            "source", name, {*sources, *filter(None, (each.family for each in sources.values()))}
        )
    return family or [sources[name]]


def source_named(name: str, folder: Path | None = None) -> Source:
    """Return one source.

    Raises
    ------
    UnknownName
        No source of that name; the nearest are offered.

    Examples
    --------
    >>> from artois_geo.sources import source_named
    >>> source_named("conso_enav")
    Traceback (most recent call last):
    artois_geo.errors.UnknownName: source inconnue : « conso_enav ». Noms proches : conso_enaf, bdtopo_eau.
    """
    sources = read_sources(folder)
    if name not in sources:
        raise UnknownName("source", name, sources)
    return sources[name]
