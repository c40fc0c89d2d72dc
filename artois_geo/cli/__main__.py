"""``python -m artois_geo.cli`` is ``artois-geo``."""

from artois_geo.cli import main

if __name__ == "__main__":
    main()
