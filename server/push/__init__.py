"""Messages to a telephone's browser while its screen is dark: Web Push (RFC 8030, 8291, 8292). Knows no queue."""
