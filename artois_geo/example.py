"""« Pays d'Exemple »: a wholly fictional territory, with every kind of layer that the toolkit knows.

It lies in the Atlantic, so that nobody takes it for ground. Every feature carries
``fictif`` = true. Same seed and sizes, same features, to the last digit. It is what
notebooks, documentation and tests use where open data may not be shipped.
"""

from collections.abc import Sequence
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from geopandas import GeoDataFrame
from numpy.random import Generator
from pandas import DataFrame

from artois_geo.errors import BadValue

NAME = "Pays d'Exemple"
ORIGIN = (150_000.0, 6_700_000.0)
EPCI = {"999000011": "CC de la Vallée d'Exemple", "999000029": "CA du Plateau d'Exemple"}
COMMUNE_M = 2_800.0

_DAY = "2026-01-15"
# cover and use found near a town centre, then further and further away, with their odds
_GROUND = (
    ("CS1.1.1.1", "US5", (0.30, 0.02, 0.005)),
    ("CS1.1.1.1", "US2", (0.08, 0.01, 0.0)),
    ("CS1.1.1.2", "US4.1.1", (0.14, 0.03, 0.015)),
    ("CS1.1.2.1", "US6.2", (0.02, 0.01, 0.0)),
    ("CS2.2.1", "US5", (0.25, 0.05, 0.01)),
    ("CS2.2.1", "US6.2", (0.03, 0.01, 0.0)),
    ("CS2.1.1.1", "US6.2", (0.02, 0.01, 0.0)),
    ("CS2.2.1", "US1.1", (0.08, 0.64, 0.67)),
    ("CS2.1.1.1", "US1.2", (0.05, 0.18, 0.25)),
    ("CS1.2.2", "US6.3", (0.03, 0.04, 0.05)),
)
_BUILT = (("CS1.1.1.1", "US5"), ("CS1.1.1.1", "US2"), ("CS1.1.1.2", "US4.2"), ("CS1.1.2.1", "US6.1"))
_USES = ("hab", "act", "mix", "rou", "fer", "inc")


def layers(*, communes: int = 12, ocsge: int = 2_000, sites: int = 12, seed: int = 1) -> dict[str, DataFrame]:
    """Every layer of the fictional territory, ready to be written or analysed.

    Parameters
    ----------
    communes
        Number of communes (4 at least).
    ocsge
        Number of land-cover polygons of the first photograph.
    sites
        Number of business sites; parcels, buildings and plots follow.
    seed
        Same seed, same territory.

    Returns
    -------
    dict
        By name: ``communes``, ``epci``, ``ocsge_2018``, ``ocsge_2021``, ``ocsge_diff``,
        ``consommation`` (a Cerema-like table, m², no geometry), ``documents``
        (communal documents), ``projets``, ``sites_eco``, ``terrains``, ``parcelles``,
        ``batiments``, ``friches``, ``contraintes``, ``zone_urba``, ``voies_vertes``,
        ``corridors``, ``canal``, ``quais``. Geometries in EPSG:2154.

    Raises
    ------
    BadValue
        A size too small to make a territory.

    Examples
    --------
    >>> made = layers(communes=4, ocsge=60, sites=3)
    >>> len(made["communes"]), bool(all(frame["fictif"].all() for frame in made.values()))
    (4, True)
    """
    if communes < 4 or ocsge < communes or sites < 1:
        raise BadValue("Le territoire d'exemple demande 4 communes, autant de polygones OCS GE, et un site.")
    side = float(np.rint(COMMUNE_M * np.sqrt(communes)))
    towns = _communes(communes, side, _dice(seed, 1))
    before, after, diff = _land_cover(towns, ocsge, side, _dice(seed, 2))
    business = _sites(towns, sites, _dice(seed, 3))
    plots = _terrains(business, _dice(seed, 4))
    made: dict[str, DataFrame] = {
        "communes": towns.drop(columns="centre"),
        "epci": _epci(towns),
        "ocsge_2018": before,
        "ocsge_2021": after,
        "ocsge_diff": diff,
        "consommation": _consumption(towns, _dice(seed, 5)),
        "documents": _documents(towns, _dice(seed, 6)),
        "projets": _projects(business, _dice(seed, 7)),
        "sites_eco": business,
        "terrains": plots,
        "parcelles": _parcels(plots),
        "batiments": _buildings(plots, _dice(seed, 8)),
        "friches": _brownfields(towns, side, _dice(seed, 9)),
        "zone_urba": _zoning(towns),
        **_networks(towns, side),
    }
    return {name: frame.assign(fictif=True) for name, frame in made.items()}


def _dice(seed: int, stream: int) -> Generator:
    # one stream per layer: another number of sites leaves the communes as they were
    return np.random.default_rng([seed, stream])


def _frame(shapes: Sequence[shapely.Geometry] | np.ndarray, **columns: object) -> GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=np.asarray(shapes, dtype=object), crs=2154)


def _cells(points: np.ndarray, side: float) -> np.ndarray:
    """Cells of a partition of the square, one per point, in the order of the points."""
    square = shapely.box(*ORIGIN, ORIGIN[0] + side, ORIGIN[1] + side)
    sites = shapely.points(points)
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=square))
    cells = shapely.intersection(cells, square)
    # corners on a grid of 10 cm: none so close that seven decimals of a degree would fold the edge
    cells = shapely.remove_repeated_points(shapely.transform(cells, lambda xy: np.round(xy, 1)), 0.05)
    owner, cell = shapely.STRtree(cells).query(sites, predicate="intersects")
    return cells[cell[np.argsort(owner, kind="stable")]]


def _spread(count: int, side: float, dice: Generator) -> np.ndarray:
    """Points of a shaken grid: never two in one place, no sliver."""
    rows = int(np.ceil(np.sqrt(count)))
    place = np.arange(count)
    wide = np.array([len(place[place // rows == row]) for row in range(rows)])
    row, column = place // rows, place % rows
    grid = np.column_stack([(column + 0.5) / wide[row], (row + 0.5) / (row.max() + 1)])
    shaken = grid + dice.uniform(-0.3, 0.3, (count, 2)) / rows
    return np.round(shaken.clip(0.001, 0.999) * side + ORIGIN, 1)


def _communes(count: int, side: float, dice: Generator) -> GeoDataFrame:
    points = _spread(count, side, dice)
    shapes = _cells(points, side)
    west = points[:, 0] < np.median(points[:, 0])
    siren = np.where(west, *list(EPCI))
    return _frame(
        shapes,
        comm_insee=[f"99{number:03d}" for number in range(1, count + 1)],
        comm_nom=[f"Exemple-{number:03d}" for number in range(1, count + 1)],
        epci_siren=siren,
        epci_nom=[EPCI[code] for code in siren],
        population=np.round(np.exp(dice.normal(7.3, 0.9, count))).astype(int),
        surface_ha=np.round(shapely.area(shapes) / 10_000, 4),
        centre=shapely.points(points),
    )


def _epci(towns: GeoDataFrame) -> GeoDataFrame:
    merged = towns.drop(columns="centre").dissolve(
        "epci_siren", aggfunc={"epci_nom": "first", "population": "sum"}
    )
    return merged.reset_index()


def _land_cover(
    towns: GeoDataFrame, count: int, side: float, dice: Generator
) -> tuple[GeoDataFrame, GeoDataFrame, GeoDataFrame]:
    points = _spread(count, side, dice)
    shapes = _cells(points, side)
    centres = shapely.STRtree(towns["centre"].to_numpy())
    near = centres.query_nearest(shapely.points(points), return_distance=True, all_matches=False)[1]
    ring = np.digitize(near, [350.0, 1000.0])
    odds = np.array([odds for *_, odds in _GROUND])
    odds = np.cumsum(odds / odds.sum(axis=0), axis=0)
    draw = dice.random(count)
    kind = np.array([np.searchsorted(odds[:, r], d) for r, d in zip(ring, draw, strict=True)])
    kind = kind.clip(max=len(_GROUND) - 1)
    pairs = np.array([(cs, us) for cs, us, _ in _GROUND], dtype=object)[kind]
    before = _cover(shapes, pairs, 2018)
    # most changes are fields near a town that are built on; a few built cells go back to grass
    fields = np.isin(kind, [7]) & (ring < 2)
    built = np.isin(kind, [1, 3])
    chance = dice.random(count)
    rows = np.flatnonzero((fields & (chance < 0.08)) | (built & (chance < 0.05)))
    old = pairs[rows]
    new = np.array([_BUILT[int(pick)] for pick in dice.integers(0, len(_BUILT), len(rows))], dtype=object)
    new = new.reshape(len(rows), 2)
    new[built[rows]] = ("CS2.2.1", "US6.3")
    changed, rest = _halves(shapes[rows])
    kept = np.delete(np.arange(count), rows)
    shapes_after = np.concatenate([shapes[kept], rest, changed])
    pairs_after = np.concatenate([pairs[kept], old, new])
    whole = ~shapely.is_empty(shapes_after)
    after = _cover(shapes_after[whole], pairs_after[whole], 2021)
    diff = _frame(changed, cs_avant=old[:, 0], us_avant=old[:, 1], cs_apres=new[:, 0], us_apres=new[:, 1])
    return before, after, diff


def _halves(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Each convex cell cut from corner to corner: no new corner, so no gap once coordinates are rounded."""
    changed, rest = np.empty(len(cells), dtype=object), np.empty(len(cells), dtype=object)
    for place, cell in enumerate(cells):
        ring = shapely.get_coordinates(cell)[:-1]
        if len(ring) < 4:
            changed[place], rest[place] = cell, shapely.Polygon()
            continue
        middle = len(ring) // 2
        changed[place] = shapely.Polygon(ring[: middle + 1])
        rest[place] = shapely.Polygon(np.concatenate([ring[middle:], ring[:1]]))
    return changed, rest


def _cover(shapes: np.ndarray, pairs: np.ndarray, vintage: int) -> GeoDataFrame:
    return _frame(shapes, code_cs=pairs[:, 0], code_us=pairs[:, 1], millesime=[vintage] * len(shapes))


def _consumption(towns: GeoDataFrame, dice: Generator) -> DataFrame:
    """A table like Cerema's: whole square metres, uses that add up, totals of the period."""
    area = np.rint(towns.area.to_numpy()).astype(int)
    table = DataFrame(
        {"idcom": towns["comm_insee"], "idcomtxt": towns["comm_nom"], "epci25": towns["epci_siren"]}
    )
    table["epci25txt"], table["scot"] = towns["epci_nom"], f"SCoT du {NAME}"
    total = np.zeros(len(towns), dtype=int)
    size = area * dice.uniform(0.0001, 0.0022, len(towns))
    columns: dict[str, np.ndarray] = {}
    for year in range(11, 25):
        pace = 1.0 if year < 21 else 0.75
        shares = dice.dirichlet([5, 3, 0.3, 0.8, 0.05, 0.1], len(towns))
        flow = size * pace * dice.gamma(2.0, 0.5, len(towns))
        parts = np.rint(shares * flow[:, None]).astype(int)
        columns[f"naf{year}art{year + 1}"] = parts.sum(axis=1)
        total += parts.sum(axis=1)
        for place, use in enumerate(_USES):
            columns[f"art{year}{use}{year + 1}"] = parts[:, place]
    columns |= {"naf11art25": total, "artcom1125": np.round(100 * total / area, 2)}
    columns |= {"pop22": towns["population"].to_numpy(), "surfcom2025": area}
    return pd.concat([table, DataFrame(columns)], axis=1)


def _documents(towns: GeoDataFrame, dice: Generator) -> DataFrame:
    known = dice.random(len(towns))
    return DataFrame(
        {
            "comm_insee": towns["comm_insee"],
            "document_date": np.where(known < 0.7, "2024-05-14", np.where(known < 0.85, "2026-10-01", "")),
            "justificatif": np.where(known < 0.85, "délibération fictive", ""),
        }
    )


def _sites(towns: GeoDataFrame, count: int, dice: Generator) -> GeoDataFrame:
    town = np.arange(count) % len(towns)
    turn = np.arange(count) // len(towns)
    centre = shapely.get_coordinates(towns["centre"].to_numpy())[town]
    width, depth = np.rint(dice.uniform(180, 420, count)), np.rint(dice.uniform(150, 360, count))
    # round the town, so that two sites of a commune do not meet
    angle = turn * 1.9
    reach = 250 + 480 * turn
    x, y = centre[:, 0] + np.cos(angle) * reach, centre[:, 1] + np.sin(angle) * reach
    shapes = shapely.box(x, y, x + width, y + depth)
    hectares = np.round(shapely.area(shapes) / 10_000, 4)
    insee = towns["comm_insee"].to_numpy()[town]
    kinds = ["industrielle", "entrepôts, logistique", "artisanale", "mixte", "tertiaire"]
    return _frame(
        shapes,
        site_id=[f"{code}_SITE-ECO_{number:04d}" for number, code in enumerate(insee, start=1)],
        site_nom=[f"Zone d'Exemple {number}" for number in range(1, count + 1)],
        site_type=["zone d'activité économique"] * count,
        site_vocadomi=[kinds[number % len(kinds)] for number in range(count)],
        site_etat=["existant et actif" if number % 4 else "en projet" for number in range(count)],
        site_surf_brute=hectares,
        site_surf_utile=np.round(hectares * 0.8, 4),
        site_identif_date=[_DAY] * count,
        site_actu_date=[_DAY] * count,
        site_comm_nom=towns["comm_nom"].to_numpy()[town],
        site_comm_insee=insee,
        site_epci_nom=towns["epci_nom"].to_numpy()[town],
        site_epci_siren=towns["epci_siren"].to_numpy()[town],
        site_moa_type=["epci"] * count,
    )


def _terrains(business: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    shapes: list[shapely.Geometry] = []
    rows: list[dict[str, object]] = []
    for _, site in business.iterrows():
        west, south, east, north = site.geometry.bounds
        for place in range(4):
            x = west + (east - west) * (place % 2) / 2
            y = south + (north - south) * (place // 2) / 2
            shapes.append(shapely.box(x, y, x + (east - west) / 2, y + (north - south) / 2))
            free = bool(dice.random() < 0.35)
            rows.append(
                {
                    "terr_id": f"{site.site_comm_insee}_TERRAIN-ECO_{len(rows) + 1:05d}",
                    "site_id": site.site_id,
                    "terr_surf_brute": round(shapes[-1].area / 10_000, 4),
                    "terr_utile": "oui",
                    "terr_identif_date": _DAY,
                    "terr_actu_date": _DAY,
                    "terr_maitrise_fonc": "commune",
                    "terr_stade_amngt": "viabilisé non aménagé" if free else "viabilisé et aménagé",
                    "terr_stade_comm": "en vente" if free else "vendu, commercialisation achevée",
                    "terr_etat_occup": "inoccupé" if free else "occupé",
                    "terr_usage": "bâti productif",
                }
            )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=2154)


def _parcels(plots: GeoDataFrame) -> GeoDataFrame:
    insee = plots["terr_id"].str[:5]
    number = range(1, len(plots) + 1)
    ids = [f"{code}000{chr(65 + n // 9999)}A{n % 9999:04d}" for code, n in zip(insee, number, strict=True)]
    return _frame(
        plots.geometry.to_numpy(),
        id=ids,
        commune=insee.to_numpy(),
        contenance=np.rint(plots.area.to_numpy()).astype(int),
        proprietaire=[f"P{n // 3}" for n in number],
    )


def _buildings(plots: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    used = plots[plots["terr_etat_occup"] == "occupé"]
    west, south, east, north = used.bounds.to_numpy().T
    share = np.sqrt(dice.uniform(0.05, 0.45, len(used)))
    x, y = (west + east) / 2, (south + north) / 2
    wide, deep = (east - west) * share / 2, (north - south) * share / 2
    return _frame(
        shapely.box(x - wide, y - deep, x + wide, y + deep),
        batiment_id=[f"B{number:05d}" for number in range(1, len(used) + 1)],
    )


def _projects(business: GeoDataFrame, dice: Generator) -> GeoDataFrame:
    accounts = ["local", "local", "recyclé", "PENE", "régional", "local", "exempté"]
    count = len(business)
    account = np.array([accounts[number % len(accounts)] for number in range(count)])
    start = dice.integers(2025, 2033, count)
    hectares = np.round(business.area.to_numpy() / 10_000 * dice.uniform(0.2, 0.6, count), 2)
    return _frame(
        business.geometry.to_numpy(),
        projet_id=[f"projet-{number:03d}" for number in range(1, count + 1)],
        projet_nom=[f"Projet d'exemple {number}" for number in range(1, count + 1)],
        comm_insee=business["site_comm_insee"].to_numpy(),
        epci=business["site_epci_siren"].to_numpy(),
        projet_nature=["activité"] * count,
        projet_etat=["étude"] * count,
        annee_debut=start,
        consommation_ha=np.where(account == "recyclé", 0.0, hectares),
        projet_compte=account,
        occupation_avant=np.where(account == "recyclé", "friche", "culture"),
        justificatif=np.where(account == "local", "", "pièce fictive"),
        source=[NAME] * count,
    )


def _brownfields(towns: GeoDataFrame, side: float, dice: Generator) -> GeoDataFrame:
    chosen = towns.iloc[:: max(1, len(towns) // 4)]
    point = shapely.get_coordinates(chosen["centre"].to_numpy()) - 300
    size = np.rint(dice.uniform(80, 200, len(chosen)))
    return _frame(
        shapely.box(point[:, 0] - size, point[:, 1] - size, point[:, 0], point[:, 1]),
        site_id=[f"friche-{code}" for code in chosen["comm_insee"]],
        site_nom=[f"Friche d'{name}" for name in chosen["comm_nom"]],
        site_type=["friche industrielle"] * len(chosen),
        site_statut=["friche sans projet"] * len(chosen),
        site_identif_date=[_DAY] * len(chosen),
        site_actu_date=[_DAY] * len(chosen),
        comm_nom=chosen["comm_nom"].to_numpy(),
        comm_insee=chosen["comm_insee"].to_numpy(),
        urba_zaer=["non"] * len(chosen),
        source_nom=[NAME] * len(chosen),
    )


def _zoning(towns: GeoDataFrame) -> GeoDataFrame:
    shapes: list[shapely.Geometry] = []
    rows: list[dict[str, object]] = []
    for _, town in towns.iterrows():
        inner, outer = (town["centre"].buffer(radius, quad_segs=4) for radius in (420, 560))
        ground = (
            town.geometry.intersection(inner),
            town.geometry.intersection(outer.difference(inner)),
            town.geometry.difference(outer),
        )
        for kind, shape in zip(("U", "AUc", "A"), ground, strict=True):
            for part in shapely.get_parts(shape):
                if part.geom_type == "Polygon" and part.area > 0:
                    shapes.append(part)
                    rows.append(
                        {
                            "LIBELLE": {"U": "UA", "AUc": "1AU", "A": "A"}[kind],
                            "TYPEZONE": kind,
                            "NOMFIC": "reglement_fictif.pdf",
                            "IDURBA": f"{town.comm_insee}_PLU_20240514",
                            "DATVALID": "20240514",
                        }
                    )
    return gpd.GeoDataFrame(rows, geometry=shapes, crs=2154)


def _networks(towns: GeoDataFrame, side: float) -> dict[str, DataFrame]:
    """Canal from west to east, its quays, greenways between towns, corridors, constraints."""
    x, y = ORIGIN
    steps = np.linspace(0, 1, 9)
    axis = shapely.LineString(
        np.column_stack([x + steps * side, y + side * (0.45 + 0.06 * np.sin(steps * 6))])
    )
    canal = _frame(
        [axis], ouvrage_id=["canal-d-exemple"], ouvrage_nom=["Canal d'Exemple"], ouvrage_type=["canal"]
    )
    quays = _frame(
        [shapely.line_interpolate_point(axis, share, normalized=True) for share in (0.25, 0.75)],
        quai_id=["quai-1", "quai-2"],
        quai_nom=["Quai d'Amont", "Quai d'Aval"],
        quai_statut=["en service", "en projet"],
    )
    centres = towns["centre"].to_numpy()
    order = np.argsort(shapely.get_x(centres), kind="stable")
    pairs = list(pairwise(order))
    ways = [shapely.LineString([centres[a], centres[b]]) for a, b in pairs]
    insee = towns["comm_insee"].to_numpy()
    greenways = _frame(
        ways,
        id_local=[f"VV{number:03d}" for number in range(1, len(ways) + 1)],
        code_com_d=[insee[a] for a, _ in pairs],
        code_com_g=[insee[b] for _, b in pairs],
        ame_d=["VOIE VERTE"] * len(ways),
        ame_g=["VOIE VERTE"] * len(ways),
        statut_d=["EN SERVICE" if number % 4 else "EN TRAVAUX" for number in range(len(ways))],
        statut_g=["EN SERVICE" if number % 4 else "EN TRAVAUX" for number in range(len(ways))],
    )
    corridors = _frame(
        [way.buffer(30, cap_style="flat") for way in ways[::2]],
        corridor_id=[f"C{number}" for number in range(1, len(ways[::2]) + 1)],
        corridor_etat=["fonctionnel"] * len(ways[::2]),
    )
    limits = _frame(
        [axis.buffer(120), *(centre.buffer(150) for centre in centres[::3])],
        contrainte_id=[f"K{number}" for number in range(1, len(centres[::3]) + 2)],
        contrainte_type=["zone inondable", *["périmètre de captage"] * len(centres[::3])],
        contrainte_effet=["interdit", *["conditionne"] * len(centres[::3])],
        source=[NAME] * (len(centres[::3]) + 1),
    )
    return {
        "voies_vertes": greenways,
        "corridors": corridors,
        "canal": canal,
        "quais": quays,
        "contraintes": limits,
    }
