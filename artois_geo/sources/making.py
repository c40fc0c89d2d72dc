"""From raw files to a frozen snapshot, then to the layer; or again from a snapshot, without the network."""

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from artois_geo import __version__
from artois_geo.errors import ArtoisGeoError, BadValue, SourceError
from artois_geo.layers import history, store, workspace
from artois_geo.layers.catalogue import CATALOGUE_FILE, read_catalogue
from artois_geo.sources import contours as outlines
from artois_geo.sources import snapshot as frozen
from artois_geo.sources.contours import Contours
from artois_geo.sources.definition import FOLDER, Source, read_source
from artois_geo.sources.protocols.shape import BOX
from artois_geo.sources.reading.collection import Selection
from artois_geo.sources.reading.conversion import Converted, convert
from artois_geo.sources.scope import FRANCE, Scope
from artois_geo.sources.snapshot import Snapshot

BY_HAND, BY_NETWORK = "à la main", "par le réseau"
_MARK = "source ouverte"


@dataclass(frozen=True)
class Taken:
    """What taking or replaying a source gave; ``version`` is that of the layer, 0 where there is none."""

    snapshot: Snapshot
    layer: str = ""
    version: int = 0
    requests: int = 0
    received_bytes: int = 0
    resumed_pages: int = 0
    is_reused: bool = False
    is_same: bool = True  # the layer has the bytes of the snapshot


@dataclass(frozen=True)
class Errand:
    """A source to take for a territory, the communes of it where they are needed, and the layer to write."""

    source: Source
    scope: Scope
    folder: Path
    layer: str
    step: Callable[[str], Any]
    contours: Contours | None = None
    obtained: str = BY_NETWORK

    @property
    def selection(self) -> Selection:
        """Say which objects are wanted, and whether the producer cut them already."""
        source, contours = self.source, self.contours
        if self.obtained == BY_HAND:
            adapted = _by_hand(source, self.scope, contours)
            is_cut = False
        else:
            adapted = outlines.adapted(source, self.scope, contours)
            is_cut = adapted.kind in source.access.filters
        by_code = adapted.kind == outlines.COMMUNES and BOX not in source.access.filters.get(adapted.kind, "")
        if by_code and self.scope.kind != "emprise":  # codes are exact, drawings of two producers are not
            contours = None
        return Selection(adapted, is_cut, self.scope, contours)


def _by_hand(source: Source, scope: Scope, contours: Contours | None) -> Scope:
    """Return the territory by which a whole file is cut: by its columns where it has them."""
    if contours is None:
        return scope
    if outlines.COMMUNES in source.reading.columns:
        return Scope(outlines.COMMUNES, contours.codes)
    return Scope(FRANCE)


def freshly(errand: Errand, described: dict[str, Any], bring: Callable[[Path], dict[str, Any]]) -> Taken:
    """Read again the snapshot of the same plan made today, else bring one; then put the layer in its place.

    Parameters
    ----------
    errand
        What is taken.
    described
        The plan, which names the snapshot.
    bring
        Called with the folder of the snapshot: puts raw files there and says what is known of them.
    """
    source, folder = errand.source, errand.folder
    with writing(folder, source):
        earlier = frozen.same_day(folder, source.id, described, date.today())
        if earlier is not None:
            return replace(again(earlier, folder, errand.layer, errand.step), is_reused=True)
        home = frozen.open_folder(folder, source.id, described, date.today())
        return _made(home, errand, _facts(errand) | bring(home))


def again(snapshot: Snapshot, folder: Path, layer: str, step: Callable[[str], Any]) -> Taken:
    """Convert the raw files of a snapshot once more, and put its layer in its place."""
    damages = snapshot.damages()
    if damages:
        raise SourceError(
            f"Instantané {snapshot.name} abîmé : {' ; '.join(damages)}. Le reprendre d'une sauvegarde."
        )
    facts = snapshot.facts
    source = read_source(snapshot.folder / frozen.DEFINITION)
    layer = layer or source.target.layer
    contours = None
    if facts.get("contours"):
        contours = outlines.read(snapshot.folder / frozen.CONTOURS, facts["contours"]["instantane"])
    errand = Errand(
        source, scope_of_facts(facts["territoire"]), folder, layer, step, contours, facts["obtenu"]
    )
    with tempfile.TemporaryDirectory() as temporary:
        step(f"{source.title} : conversion")
        stem = Path(temporary) / f"{source.id}-{snapshot.folder.name}"
        return _saved(snapshot, convert(source, errand.selection, snapshot.pages, stem), errand)


def _made(home: Path, errand: Errand, facts: dict[str, Any]) -> Taken:
    """Convert what was received, freeze it, put the layer in its place; what is not whole goes."""
    source = errand.source
    store.replace(home / frozen.DEFINITION, source.text, within=home)
    if errand.contours is not None:
        store.replace(home / frozen.CONTOURS, errand.contours.written(), within=home)
        digest = history.checksum(home / frozen.CONTOURS)
        facts["contours"] = {"instantane": errand.contours.origin, "sha256": digest}
    pages = [home / frozen.PAGES / page["fichier"] for page in facts["pages"]]
    with tempfile.TemporaryDirectory() as temporary:
        errand.step(f"{source.title} : conversion")
        try:
            layer = convert(source, errand.selection, pages, Path(temporary) / f"{source.id}-{home.name}")
        except ArtoisGeoError:
            shutil.rmtree(home, ignore_errors=True)
            raise
        collected = layer.collected
        facts |= {"objets": collected.objects, "objets_hors_territoire": collected.outside}
        facts["communes_sans_objet"] = list(collected.absent)
        if source.reading.counted:
            facts["valeurs"] = collected.values
        for page in facts["pages"]:
            if page["fichier"] in collected.per_page:
                page["objets"] = collected.per_page[page["fichier"]]
        if layer.event:
            store.replace(home / frozen.LAYER, history.read_pieces(layer.file), within=home)
            facts |= {"bilan": layer.outcome, "constats": layer.findings}
            facts |= {"lots": layer.parts} if layer.parts > 1 else {}
            facts["couche_sha256"] = history.checksum(home / frozen.LAYER)
        return _saved(frozen.freeze(home, facts), layer, errand)


def _saved(snapshot: Snapshot, layer: Converted, errand: Errand) -> Taken:
    """Put the layer in its place, with its history; where nothing is published, the present one stays."""
    facts, source, name = snapshot.facts, errand.source, errand.layer
    if not layer.event:
        return Taken(snapshot, "")
    require_free(errand.folder, name, source)
    errand.step(f"{source.title} : écriture de la couche « {name} »")
    about = workspace.LayerDescription(
        source.title, origin(facts), source.licence_text, facts["millesime"], renews=True
    )
    pieces = history.read_pieces(layer.file)
    event = workspace.save_written(pieces, layer.event, errand.folder, name, layer.schema, about)
    is_same = history.checksum(history.layer_path(errand.folder, name)) == facts["couche_sha256"]
    return Taken(snapshot, name, event["version"], is_same=is_same)


def scope_of_facts(facts: Mapping[str, Any]) -> Scope:
    """Read the territory of a provenance."""
    box = facts["emprise"]
    return Scope(facts["type"], tuple(facts["codes"]), (box[0], box[1], box[2], box[3]) if box else None)


def origin(facts: dict[str, Any]) -> str:
    """Write where a layer comes from, for the footer of every table made from it.

    Examples
    --------
    >>> origin({"attribution": "IGN", "source": "communes", "pris_le": "2026-12-01T10:00:00+00:00",
    ...         "obtenu": "par le réseau", "verifiee_le": "jamais"})
    'IGN ; source ouverte « communes » prise le 01/12/2026, vérifiée le : jamais'
    """
    when = datetime.fromisoformat(facts["pris_le"])
    by_hand = ", obtenue à la main (adresse et millésime déclarés)" if facts["obtenu"] == BY_HAND else ""
    return (
        f"{facts['attribution']} ; {_MARK} « {facts['source']} » prise le {when:%d/%m/%Y}{by_hand}, "
        f"vérifiée le : {facts['verifiee_le']}"
    )


def _facts(errand: Errand) -> dict[str, Any]:
    """Say all that is known before anything came."""
    source, scope = errand.source, errand.scope
    return {
        "source": source.id,
        "titre": source.title,
        "producteur": source.producer,
        "licence": source.licence,
        "attribution": source.attributed(source.vintage),
        "millesime": source.vintage,
        "certitude": source.certainty,
        "verifiee_le": source.verified.isoformat() if source.verified else source.verified_text,
        "obtenu": errand.obtained,
        "pris_le": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": f"artois_geo {__version__}",
        "toml_sha256": source.digest,
        "territoire": {"type": scope.kind, "codes": scope.codes, "emprise": scope.box, "texte": scope.text()},
    }


def require_free(folder: Path, layer: str, source: Source) -> None:
    """Refuse to replace a layer that does not come from this source.

    Raises
    ------
    BadValue
        A layer of that name is there, from elsewhere.
    """
    history.layer_path(folder, layer)
    listed = read_catalogue(folder) if (Path(folder) / CATALOGUE_FILE).is_file() else {}
    present = listed.get(layer)
    foreign = present is not None and f"{_MARK} « {source.id} »" not in present.source
    if foreign or (present is None and history.layer_path(folder, layer).exists()):
        raise BadValue(
            f"L'espace a déjà une couche « {layer} », d'une autre origine : elle n'est pas remplacée.\n"
            "Donner un autre nom : --vers NOM."
        )


def writing(folder: Path, source: Source) -> Any:
    """Hold the lock of one source, so that two commands do not fetch the same thing."""
    home = store.make_folder(Path(folder) / FOLDER / source.id)
    return store.lock(home, command=f"sources prendre {source.id}")
