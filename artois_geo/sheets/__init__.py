"""Pages and sheets: French HTML that opens from disk, prints, and asks the network for nothing."""

from artois_geo.sheets.charts import classed_map, flows_chart, trajectory_chart
from artois_geo.sheets.front import Figure, Link, Section, front_page
from artois_geo.sheets.report import LocalReport, local_report, local_report_docx, local_report_html

__all__ = [
    "Figure",
    "Link",
    "LocalReport",
    "Section",
    "classed_map",
    "flows_chart",
    "front_page",
    "local_report",
    "local_report_docx",
    "local_report_html",
    "trajectory_chart",
]
