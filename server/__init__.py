"""The Vez server. Floors, from the top: cli, app, web and live, usecases, store and wire, domain."""

__version__ = "0.1.0"
