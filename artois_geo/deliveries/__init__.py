"""Turn the file of a partner into a layer: match its columns, find its coordinate system, report."""

from artois_geo.arguments import guard
from artois_geo.deliveries.completion import completer
from artois_geo.deliveries.delivery import Delivery, DeliveryOptions, read_delivery, receive

__all__ = ["Delivery", "DeliveryOptions", "completer", "read_delivery", "receive"]


guard(__name__)


def __dir__() -> list[str]:
    return sorted(__all__)
