"""All of SQLAlchemy: tables, the unit of work with its lock, and one module of queries for each kind of row.

Imports only ``server.domain``. Nothing here decides: it loads what a decision needs and stores what was decided.
"""
