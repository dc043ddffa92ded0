"""For a gunicorn of your own: ``gunicorn -c deploy/gunicorn.conf.py server.wsgi:app``. Settings come from VEZ_*."""

from server.config import load_settings
from server.serving import load

app = load(load_settings())
