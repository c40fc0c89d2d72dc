"""How many examples a property draws: by default, quickly, and in the long runs."""

import os

from hypothesis import HealthCheck, settings

USUAL, QUICK, LONG = 25, 5, 1_000


def register() -> None:
    """Make the profiles known; a slow machine is no fault of a rule, so that none is timed.

    Where many build (``CI``) the examples are the same each time; at home there are new ones.
    """
    common = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
    is_ci = bool(os.environ.get("CI"))
    for name, count in (("usual", USUAL), ("quick", QUICK), ("long", LONG)):
        settings.register_profile(name, max_examples=count, derandomize=is_ci, **common)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "usual"))


def few(count: int) -> int:
    """Return how many examples a dear property draws: in proportion to those of the profile."""
    return max(1, count * settings().max_examples // USUAL)
