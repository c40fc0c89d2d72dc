"""Where layers, constants and analyses meet: a command, a sheet, a map card and a notebook ask here.

A study takes layers of a catalogue or files of a planner and a day, and gives a :class:`StudyTable`
(table, notes, sources, constants) or, for the sites of a catalogue, a
:class:`~artois_geo.studies.sites.all_analyses.Study`. It prints nothing and writes nothing.
"""

from artois_geo.studies.assumptions import Assumptions
from artois_geo.studies.study_table import StudyTable

__all__ = ["Assumptions", "StudyTable"]


def __dir__() -> list[str]:
    return sorted(__all__)
