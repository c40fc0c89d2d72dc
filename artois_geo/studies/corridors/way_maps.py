"""The maps of ways: missing links, crossings, the network by piece, conflicts of sites and corridors."""

import geopandas as gpd
import pandas as pd
import shapely

from artois_geo import corridors, meaning
from artois_geo.corridors.conflicts import CUTS, NEAR
from artois_geo.maps import Amount, Step
from artois_geo.maps.results.records import START
from artois_geo.measure import M2_PER_HA
from artois_geo.network import Network, components
from artois_geo.studies.corridors import features
from artois_geo.studies.result_map import ResultLayer, ResultMap
from artois_geo.studies.results import places, words
from artois_geo.studies.results.words import Texts
from artois_geo.studies.study_table import StudyTable

M_PER_KM = 1000
KM_DECIMALS = 2
LINK_FACTS = ("gain_p", "gain_per_km", "p_after", "largest_share_after", "railway_km", "closes")


def gap_map(
    ways: gpd.GeoDataFrame,
    network: Network,
    links: gpd.GeoDataFrame,
    joints: gpd.GeoDataFrame,
    study_table: StudyTable,
) -> ResultMap:
    """Draw the links in the order in which to make them, what is to verify, and the network by piece.

    Parameters
    ----------
    ways, network
        Lines, and the network built from them.
    links
        From ``corridors.gaps`` or ``corridors.shortcuts``.
    joints
        From ``corridors.crossings``.
    study_table
        The table that says it.
    """
    layers = [*_link_layers(links, ways), *_joint_layers(joints), *_pieces(ways, network)]
    count = len(links)
    if count:
        key = "links_one" if count == 1 else "links"
        title = words.phrase(f"ways.{key}", n=count, km=(_km(links), KM_DECIMALS))
    else:
        key = "joints" if len(joints) > 1 else "joints_one"
        sketched = "_sketched" if features.on_sketches(joints, ways).any() else ""
        title = words.phrase(f"ways.{key}{sketched}", n=len(joints))
    if not count and not len(joints):
        title = words.phrase("ways.no_link")
    return ResultMap(
        layers,
        title,
        words.phrase("ways.subtitle"),
        study_table.sources,
        convention=words.phrase("ways.convention"),
        notes=list(study_table.notes),
    )


def conflict_map(
    pairs: gpd.GeoDataFrame,
    sites: gpd.GeoDataFrame,
    ways: gpd.GeoDataFrame,
    study_table: StudyTable,
    *,
    band_m: float,
) -> ResultMap:
    """Draw the ground that sites and corridors both want, the most first.

    Parameters
    ----------
    pairs
        From ``corridors.conflicts``, with ``site_name``, ``corridor_name`` and ``schematic``.
    sites, ways
        Sites and corridors.
    study_table
        The table that says it.
    band_m
        Width of the band, in metres.
    """
    cut, near = (pairs[pairs["conflict"] == kind] for kind in (CUTS, NEAR))
    texts = {"ha": _united(pairs), "band": words.phrase("area.m", m=(band_m, 0))}
    title = words.phrase(
        "conflicts.title_one" if len(pairs) == 1 else "conflicts.title", n=len(pairs), **texts
    )
    if pairs.empty:
        title = words.phrase("conflicts.none", band=texts["band"])
    if sketched := int(pairs["schematic"].sum()):
        title = words.phrase("conflicts.sketched", title=title, n=sketched)
    layers = [
        *_conflict_layer(cut, sites, "conflit_coupe", "conflicts.cut"),
        *_conflict_layer(near, sites, "conflit_bande", "conflicts.near"),
        ResultLayer(places.named(sites), "perimetre_site", words.phrase("conflicts.sites")),
        ResultLayer(_named_ways(ways), "corridor_vert", words.phrase("conflicts.corridors")),
    ]
    return ResultMap(
        layers,
        title,
        words.phrase("conflicts.subtitle"),
        study_table.sources,
        convention=words.phrase("area.convention"),
        notes=list(study_table.notes),
    )


def _conflict_layer(
    pairs: gpd.GeoDataFrame, sites: gpd.GeoDataFrame, kind: str, key: str
) -> list[ResultLayer]:
    if pairs.empty:
        return []
    names = [f"{row.site_name} × {row.corridor_name}" for row in pairs.itertuples()]
    wanted = sites.loc[pairs["site"]].reset_index(drop=True)  # a site that two corridors want stands twice
    frame = places.named(wanted, pairs.geometry.to_numpy(), names=names)
    frame = meaning.mark_schematic(frame, pairs["schematic"].to_numpy(dtype=bool))
    amounts = [_conflict_amount(row) for _, row in pairs.iterrows()]
    title = words.phrase(f"{key}_one" if len(pairs) == 1 else key, n=len(pairs), ha=_united(pairs))
    return [ResultLayer(frame, kind, title, amounts)]


def _conflict_amount(row: pd.Series) -> Amount:
    """Write the part of the site within the band; what a point would cover is unknown."""
    band = words.hectares(float(row["band_ha"]))
    steps = [
        Step(
            words.phrase("conflicts.distance"), words.phrase("area.m", m=(float(row["distance_m"]), 0)), START
        )
    ]
    if row["cut_km"] > 0:
        km = words.phrase("area.km", km=(float(row["cut_km"]), KM_DECIMALS))
        steps.append(Step(words.phrase("conflicts.cut_km"), km, START))
    if row["cut_ha"] > 0:
        steps.append(Step(words.phrase("conflicts.cut_ha"), words.hectares(float(row["cut_ha"])), START))
    steps.append(Step(words.phrase("conflicts.band_ha"), band, START))
    if row["schematic"]:
        steps.append(Step(words.phrase("conflicts.drawing"), words.phrase("conflicts.schematic"), START))
    return Amount(band, order=float(row["band_ha"]) if pd.notna(row["band_ha"]) else -1.0, steps=steps)


def _united(pairs: gpd.GeoDataFrame) -> Texts:
    """Write the hectares in question, what several corridors want of a site counted once."""
    if pairs["band_ha"].isna().all() and len(pairs):
        return words.phrase("area.unknown")
    return words.hectares(shapely.union_all(pairs.geometry.to_numpy()).area / M2_PER_HA)


def _link_layers(links: gpd.GeoDataFrame, ways: gpd.GeoDataFrame) -> list[ResultLayer]:
    if links.empty:
        return []
    names = features.names(ways)
    length = "gap_km" if "gap_km" in links.columns else "straight_km"
    called = [words.phrase("ways.shortcut", n=position)["fr"] for position in range(1, len(links) + 1)]
    if "line_a" in links.columns:
        name_a, name_b = (names.reindex(links[side]).to_numpy() for side in ("line_a", "line_b"))
        called = [
            f"{rank}. {start} – {end}" for rank, start, end in zip(links["rank"], name_a, name_b, strict=True)
        ]
    frame = places.named(links, names=called)
    frame = frame.assign(**{name: links[name] for name in LINK_FACTS if name in links})
    amounts = [
        Amount(words.phrase("area.km", km=(float(km), KM_DECIMALS)), order=-float(position))
        for position, km in enumerate(links[length])
    ]
    title = words.phrase("ways.link_layer", km=(_km(links), KM_DECIMALS))
    return [ResultLayer(frame, "lien_manquant", title, amounts)]


def _joint_layers(joints: gpd.GeoDataFrame) -> list[ResultLayer]:
    if joints.empty:
        return []
    frame = joints.assign(**{places.NAME: [f"{number}" for number in range(1, len(joints) + 1)]})
    return [ResultLayer(frame, "croisement_a_verifier", words.phrase("ways.joint_layer", n=len(joints)))]


def _pieces(ways: gpd.GeoDataFrame, graph: Network) -> list[ResultLayer]:
    """Draw the network, its longest piece apart, with the kilometres of each."""
    order = corridors.by_component(graph)["component"].tolist()
    component = graph.edges["start"].map(dict(enumerate(components(graph)))).map(order.index) + 1
    lines = places.named(graph.edges, names=features.names(ways).reindex(graph.edges["line"]))
    lines = lines.assign(component=component, length_km=graph.edges["length_m"] / M_PER_KM)
    lines = meaning.mark_schematic(lines, (features.schematic_km(graph, ways) > 0).to_numpy())
    layers = []
    for part, kind, key in (
        (lines[component == 1], "reseau_principal", "ways.largest"),
        (lines[component > 1], "reseau_autre", "ways.others"),
    ):
        if len(part):
            amounts = [
                Amount(words.phrase("area.km", km=(float(km), KM_DECIMALS)), order=float(km))
                for km in part["length_km"]
            ]
            title = words.phrase(key, km=(float(part["length_km"].sum()), KM_DECIMALS))
            layers.append(ResultLayer(part, kind, title, amounts))
    return layers


def _named_ways(ways: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return ways.assign(corridor_nom=features.names(ways).astype(str))


def _km(links: gpd.GeoDataFrame) -> float:
    return float(links["gap_km" if "gap_km" in links.columns else "straight_km"].sum())


def network_map(ways: gpd.GeoDataFrame, network: Network, study_table: StudyTable) -> ResultMap:
    """Draw a network by piece, the longest apart.

    Parameters
    ----------
    ways, network
        Lines, and the network built from them.
    study_table
        The table that says it.
    """
    layers = _pieces(ways, network)
    pieces = len(corridors.by_component(network))
    total_m = network.edges["length_m"].sum()
    km = _kilometres(total_m / M_PER_KM, features.schematic_km(network, ways).sum())
    return ResultMap(
        layers,
        words.phrase("ways.network_one" if pieces == 1 else "ways.network", n=pieces, km=km),
        words.phrase("ways.network_subtitle"),
        study_table.sources,
        convention=words.phrase("ways.lengths"),
        notes=list(study_table.notes),
    )


def patch_map(patches: gpd.GeoDataFrame, study_table: StudyTable) -> ResultMap:
    """Draw patches by what the loss of each costs, the dearest first.

    Parameters
    ----------
    patches
        Polygons with ``dpc_share``, the share of the connectivity that goes with the patch, and ``dpc_rank``.
    study_table
        The table that says it.
    """
    column, rank = (name if name in patches else f"{name}_with" for name in ("dpc_share", "dpc_rank"))
    amounts = [
        Amount(
            words.phrase("ways.dpc", share=(100 * float(row[column]), 1)),
            order=-float(row[rank]) if pd.notna(row[rank]) else -1e9,
        )
        for _, row in patches.iterrows()
    ]
    total = words.hectares(shapely.union_all(patches.geometry.to_numpy()).area / M2_PER_HA, 1)
    sketched = int(meaning.schematic(patches).sum())
    if sketched:
        total = words.phrase("ways.patches_sketched", ha=total, n=sketched, all=len(patches))
    frame = places.named(patches, names=features.names(patches))
    layer = ResultLayer(frame, "tache", words.phrase("ways.patch_layer", ha=total), amounts)
    return ResultMap(
        [layer],
        words.phrase("ways.patches_one" if len(patches) == 1 else "ways.patches", n=len(patches), ha=total),
        words.phrase("ways.patch_subtitle"),
        study_table.sources,
        convention=words.phrase("area.convention"),
        notes=list(study_table.notes),
    )


def state_map(ways: gpd.GeoDataFrame, kilometres: pd.Series, study_table: StudyTable) -> ResultMap:
    """Draw ways by state, each state with its kilometres, the longest first.

    Parameters
    ----------
    ways
        Lines with ``state`` and ``length_km``, NaN where nobody measured or published it; one without a
        shape is listed, not drawn.
    kilometres
        By state, as the table counts them: a way drawn twice counts once.
    study_table
        The table that says it.

    Examples
    --------
    >>> from artois_geo import example
    >>> way = example.line((0, 0), (2, 0), nom="Voie", state="réalisé", length_km=2.0)
    >>> state_map(way, pd.Series({"réalisé": 2.0}), StudyTable(way)).title["fr"]
    '2,00 km de voies en 1 état'
    """
    layers = []
    for state, km in kilometres.sort_values(ascending=False).items():
        part = ways[ways["state"] == state]
        frame = places.named(part, names=features.names(part))
        label = words.phrase("ways.state", name=str(state), km=(float(km), KM_DECIMALS))
        layers.append(ResultLayer(frame, "voie_etat", label, [*map(_length, part["length_km"])]))
    count, total = len(kilometres), (float(kilometres.sum()), KM_DECIMALS)
    return ResultMap(
        layers,
        words.phrase("ways.states_one" if count == 1 else "ways.states", n=count, km=total),
        words.phrase("ways.states_subtitle"),
        study_table.sources,
        convention=words.phrase("ways.lengths"),
        notes=list(study_table.notes),
    )


def _kilometres(total: float, schematic: float) -> Texts:
    """Write kilometres of network, and how many of them only a sketch draws."""
    km, sketched = ((float(length), KM_DECIMALS) for length in (total, schematic))
    if not schematic:
        return words.phrase("area.km", km=km)
    if round(total - schematic, KM_DECIMALS) == 0:
        return words.phrase("ways.all_sketched", km=km)
    return words.phrase("ways.partly_sketched", km=km, sketched=sketched)


def _length(km: float) -> Amount:
    """Write the length of a way; one that nobody measured or published is unknown, not zero."""
    if pd.isna(km):
        return Amount(words.phrase("area.unknown"), order=-1.0)
    return Amount(words.phrase("area.km", km=(float(km), KM_DECIMALS)), order=float(km))
