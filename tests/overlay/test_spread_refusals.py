"""What does not compute on a cluster says so in French, with what to write."""

from functools import cache
from typing import Any

import pandas as pd
import plain
import pytest

from artois_geo import canal, corridors, land, measure, shapes, zan
from artois_geo.errors import BadTable

SITE = plain.square(x_km=0, y_km=0, side_km=1, code_cs="CS1.1.1.1", code_us="US2", nature="ENAF")
MATRIX = pd.DataFrame({"code_cs": ["CS1.1.1.1"], "code_us": ["US2"], "artificial": [1]})
NAMES = pd.DataFrame({"code": ["CS1.1.1.1"], "sealed": ["1"]})


@cache
def spread() -> Any:
    """Spread the site; the import is here because every process collects this file, and one runs it."""
    return pytest.importorskip("dask_geopandas").from_geopandas(SITE, npartitions=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: land.losses(spread(), {"Crue": SITE}),
        lambda: land.losses(SITE, {"Crue": spread()}),
        lambda: land.unknown(spread(), SITE),
        lambda: land.soil(SITE, spread(), by="nature"),
        lambda: zan.classify(spread(), MATRIX, NAMES),
        lambda: zan.stock(SITE.assign(insee="1"), spread(), key="insee"),
        lambda: measure.area_ha(spread()),
        lambda: shapes.require_valid(sites=spread()),
        lambda: corridors.balance(spread(), SITE.assign(insee="1"), key="insee", state="nature", snap_m=5),
        lambda: canal.access(spread(), SITE, family="nature"),
    ],
)
def test_a_frame_on_a_cluster_is_refused_with_what_to_write(call) -> None:
    with pytest.raises(BadTable, match=r"(?s)réparti sur Dask.*\.compute\(\)"):
        call()
