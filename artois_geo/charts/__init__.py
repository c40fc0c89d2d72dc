"""Charts as SVG, drawn without a library: they print, scale, run nothing and need no network.

Every text is escaped or goes in as text of an XML tree; the words of ours are in ``words.toml``.
"""

from artois_geo.arguments import guard
from artois_geo.charts.bars import BarColumns, bars
from artois_geo.charts.drawing import Drawing
from artois_geo.charts.waterfall import interval, profile, waterfall
from artois_geo.charts.words import escaped
from artois_geo.charts.zan import classed_map, flows_chart, trajectory_chart

__all__ = [
    "BarColumns",
    "Drawing",
    "bars",
    "classed_map",
    "escaped",
    "flows_chart",
    "interval",
    "profile",
    "trajectory_chart",
    "waterfall",
]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
