"""A push service that is trusted, and a house that writes to it alone."""

from __future__ import annotations

import pytest
from push_service import push_service

from server.push.post import Post


@pytest.fixture
def service(tmp_path, monkeypatch):
    """A push service that is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "push.pem"))
    with push_service(tmp_path) as running:
        yield running


@pytest.fixture
def post(service) -> Post:
    """A post that knows only that service."""
    return Post("secret", "https://vez.example", [service.address])


@pytest.fixture
def city(city, post):
    """The demo city on https."""
    city.house.post, city.house.public_url = post, "https://vez.example"
    return city
