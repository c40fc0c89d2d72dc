"""Pages and sheets: French HTML that opens from disk, prints, and asks the network for nothing."""

from artois_geo.sheets.charts import bars, waterfall
from artois_geo.sheets.front import Figure, Link, Section, front_page

__all__ = ["Figure", "Link", "Section", "bars", "front_page", "waterfall"]
