"""The demo: settings and data, made only through services. Nothing below knows of it."""
