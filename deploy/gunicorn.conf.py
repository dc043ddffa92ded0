"""gunicorn's configuration for the units: exactly what `vez serve` uses, taken from the same settings (VEZ_*)."""

from server.config import load_settings
from server.serving import options

globals().update(options(load_settings()))
