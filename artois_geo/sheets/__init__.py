"""Pages and sheets: French HTML that opens from disk, prints, and asks the network for nothing."""

from artois_geo.sheets.charts import bars, waterfall
from artois_geo.sheets.front import Figure, Link, Section, front_page
from artois_geo.sheets.pictures import png
from artois_geo.sheets.report import LocalReport, local_report, local_report_docx, local_report_html
from artois_geo.sheets.zan_charts import classed_map, flows_chart, trajectory_chart

__all__ = [
    "Figure",
    "Link",
    "LocalReport",
    "Section",
    "bars",
    "classed_map",
    "flows_chart",
    "front_page",
    "local_report",
    "local_report_docx",
    "local_report_html",
    "png",
    "trajectory_chart",
    "waterfall",
]
