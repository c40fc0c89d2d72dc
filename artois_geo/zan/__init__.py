"""The three ZAN accounts, which never mix.

*Consommation d'ENAF* (``consumed_ha``): gross flow, account of 2021-2030.
*Artificialisation nette* (``artificialised_ha``, ``renatured_ha``, ``net_artificialised_ha``):
OCS GE, account from 2031. *Imperméabilisation* (``sealed_ha``): indicator only.
"""

from artois_geo.arguments import guard
from artois_geo.deprecated import renamed
from artois_geo.measure import require_lambert93
from artois_geo.zan.cerema import USES, annual_years, cerema_edition, cerema_findings, cerema_flows
from artois_geo.zan.consumption import consumption, summary
from artois_geo.zan.dated import dated
from artois_geo.zan.deductions import DEDUCTIONS, examine_deductions
from artois_geo.zan.flows import group, merge_communes
from artois_geo.zan.land_cover.classification import (
    artificialised,
    classify,
    codes,
    exempt,
    land_cover_findings,
)
from artois_geo.zan.land_cover.flux import Coverage, flux, flux_by, flux_from_diff, flux_series, stock_gaps
from artois_geo.zan.land_cover.lazy_cover import (
    ClassifiedFile,
    LandCover,
    classify_file,
    comparable,
    file_columns,
)
from artois_geo.zan.land_cover.linear import narrow_effect_m2, narrow_strips
from artois_geo.zan.land_cover.stock import project_effect, stock, stock_by
from artois_geo.zan.land_cover.thresholds import sieve
from artois_geo.zan.mos import MosPeriod, disaggregate, mos_classes, mos_flows
from artois_geo.zan.offer import CRITERIA, offers_within_budget
from artois_geo.zan.own_table import YEAR_MARK, table_flows, year_columns
from artois_geo.zan.photovoltaics import PV_CRITERIA, examine_photovoltaics
from artois_geo.zan.rule_set import rules
from artois_geo.zan.scenario import ACCOUNTS, EXEMPT, LOCAL, phases, scenario
from artois_geo.zan.targets import NATIONAL, communal_floors, pressure, targets_in_force
from artois_geo.zan.trajectory import STATUSES, trajectory

__all__ = [
    "ACCOUNTS",
    "CRITERIA",
    "DEDUCTIONS",
    "EXEMPT",
    "LOCAL",
    "NATIONAL",
    "PV_CRITERIA",
    "STATUSES",
    "USES",
    "YEAR_MARK",
    "ClassifiedFile",
    "Coverage",
    "LandCover",
    "MosPeriod",
    "annual_years",
    "artificialised",
    "cerema_edition",
    "cerema_findings",
    "cerema_flows",
    "classify",
    "classify_file",
    "codes",
    "communal_floors",
    "comparable",
    "consumption",
    "dated",
    "disaggregate",
    "examine_deductions",
    "examine_photovoltaics",
    "exempt",
    "file_columns",
    "flux",
    "flux_by",
    "flux_from_diff",
    "flux_series",
    "group",
    "land_cover_findings",
    "merge_communes",
    "mos_classes",
    "mos_flows",
    "narrow_effect_m2",
    "narrow_strips",
    "offers_within_budget",
    "phases",
    "pressure",
    "project_effect",
    "rules",
    "scenario",
    "sieve",
    "stock",
    "stock_by",
    "stock_gaps",
    "summary",
    "table_flows",
    "targets_in_force",
    "trajectory",
    "year_columns",
]

__getattr__ = renamed(__name__, {"fitting": "offers_within_budget", "spread": "disaggregate"})


guard(__name__, shapes=require_lambert93)


def __dir__() -> list[str]:
    return sorted(__all__)
