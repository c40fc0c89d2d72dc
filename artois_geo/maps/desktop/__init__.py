"""How a layer is drawn outside our own pages: the colours of ``style.toml`` for desktop GIS."""
