"""Print the first TCP port from the one given on that nobody listens to."""

import socket
import sys

TRIES = 50


def is_free(port: int) -> bool:
    """Whether a server could listen on the port, on every address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


def main() -> None:
    """Exit with one clear line when a whole range is taken."""
    first = int(sys.argv[1])
    port = next((port for port in range(first, first + TRIES) if is_free(port)), None)
    if port is None:
        sys.exit(f"vez: no free port between {first} and {first + TRIES - 1}")
    print(port)


if __name__ == "__main__":
    main()
