"""The ways in which producers answer: one small module each, all of one shape.

``queries`` says what will be asked, without the network; ``announced`` asks how much it is; ``fetch``
brings it, one page in memory at a time, and refuses what is not whole.
"""

from types import ModuleType

from artois_geo.sources.protocols import datagouv, wfs

BY_NAME: dict[str, ModuleType] = {"datagouv": datagouv, "wfs": wfs}
