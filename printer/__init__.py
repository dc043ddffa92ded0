"""The printer agent: takes print jobs from the server over HTTP and puts tickets on paper, telling the
truth about it.

It knows only the wire (docs/protocol.md) and never imports the server or a screen. It runs with `click` and
the `printer` extra of pyproject.toml alone, so that a print box installs no web framework and no database
driver.
"""
