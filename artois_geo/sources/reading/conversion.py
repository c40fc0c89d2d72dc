"""What was received becomes a layer by the import of any delivery, a part at a time where it is large."""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from artois_geo.deliveries.delivery import Delivery, DeliveryOptions, receive
from artois_geo.deliveries.records import OUTCOMES
from artois_geo.deliveries.value_rules import ValueRules
from artois_geo.errors import SourceError
from artois_geo.kinds.schema import Schema, read_kind
from artois_geo.layers import store, workspace
from artois_geo.sources.definition import Source
from artois_geo.sources.protocols.shape import NO_LAYER
from artois_geo.sources.reading.collection import Collected, Selection, collect
from artois_geo.text import counted

_SUMS = ("features_in", "features_out", "set_aside", "ha_after")


@dataclass
class Converted:
    """The layer that the raw files gave, as a file; ``event`` is what its history tells of the import.

    Where nothing is published, there is no file and no event.
    """

    schema: Schema
    collected: Collected
    file: Path
    event: dict[str, Any] = field(default_factory=dict)
    outcome: str = next(iter(OUTCOMES))
    findings: int = 0

    @property
    def parts(self) -> int:
        """Count the parts in which it was converted; what is compared is compared within one."""
        return len(self.collected.files)


def convert(source: Source, selection: Selection, pages: list[Path], stem: Path) -> Converted:
    """Pass what was received through the import; no layer where nothing is published.

    Parameters
    ----------
    source, selection, pages
        As for :func:`artois_geo.sources.reading.collection.collect`.
    stem
        Path of the files to write on the way, without a suffix, in a folder of its own.

    Raises
    ------
    SourceError
        An object that the kind of the layer refuses, or two under one key.
    """
    collected = collect(source, selection, pages, stem)
    converted = Converted(read_kind(source.target.kind), collected, stem.with_name("couche.geojson"))
    if collected.objects:
        keys = _Keys(source, converted.schema.key)
        pieces = workspace.delivery_pieces(_deliveries(source, converted, keys))
        store.replace(converted.file, pieces, within=stem.parent)
        keys.require_unique()
        converted.event["ha_after"] = round(converted.event["ha_after"], 4)
    return converted


def _deliveries(source: Source, done: Converted, keys: "_Keys") -> Iterator[Delivery]:
    """Import the parts one after the other, and add up what the history tells of them."""
    reading, target = source.reading, source.target
    options = DeliveryOptions(  # nothing of the workspace, so that it changes no byte
        crs=reading.crs,
        columns=dict(target.columns),
        territory="france",
        incomplete=target.incomplete,
        blank_mandatory=target.incomplete,
        rules=ValueRules(constants=dict(target.constants), values=dict(target.values)),
    )
    outcomes = list(OUTCOMES)
    for file in done.collected.files:
        delivery = receive(file, done.schema, options)
        if delivery.outcome == "reject":
            errors = [finding.message for finding in delivery.findings if finding.level == "erreur"]
            raise SourceError(
                f"Objets refusés par les contrôles du type {target.kind} ({source.id}) : "
                f"{counted(len(errors), 'erreur')}, la première : {errors[0] if errors else '?'}\n{NO_LAYER}"
            )
        keys.add(delivery)
        _add(done.event, workspace.import_event(delivery, file))
        done.outcome = max(done.outcome, delivery.outcome, key=outcomes.index)
        done.findings += len(delivery.findings)
        file.unlink()
        yield delivery
        del delivery  # before the next part is read


def _add(event: dict[str, Any], part: dict[str, Any]) -> None:
    """Add to the line of the history what it tells of one more part."""
    if not event:
        event |= part
        return
    event |= {name: event[name] + part[name] for name in _SUMS}
    event["input_sha256"] = f"{event['input_sha256']} {part['input_sha256']}"
    if "blanked" in part:
        event["blanked"] = event.get("blanked", []) + part["blanked"]


class _Keys:
    """Remembers the keys of every part in eight bytes each; within a part the import compares them itself."""

    def __init__(self, source: Source, column: str) -> None:
        self.source, self.column, self.marks = source, column, array("Q")
        self.parts = 0

    def add(self, delivery: Delivery) -> None:
        """Remember the keys of a part."""
        self.parts += 1
        if self.column in delivery.features.columns:
            self.marks.extend(map(_mark, delivery.features[self.column].dropna()))

    def require_unique(self) -> None:
        """Refuse a key that two parts share."""
        if self.parts > 1 and len(np.unique(np.frombuffer(self.marks, np.uint64))) != len(self.marks):
            raise SourceError(
                f"Deux objets portent la même clé « {self.column} » ({self.source.id}). {NO_LAYER}"
            )


def _mark(key: Any) -> int:
    return int.from_bytes(blake2b(str(key).encode(), digest_size=8).digest())
