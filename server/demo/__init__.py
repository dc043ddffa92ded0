"""The demonstration city: data files and their checked reading. Stdlib and `server.domain` only."""
