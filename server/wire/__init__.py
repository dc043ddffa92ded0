"""Everything that goes over the wire: requests (unknown fields refused), views, events split by audience.

Imports only ``server.domain`` and pydantic.
"""
