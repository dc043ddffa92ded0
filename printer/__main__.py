"""`python -m printer`: the printer commands where the `vez` command (and its server) is not installed."""

from printer.cli import printer

if __name__ == "__main__":
    printer(prog_name="python -m printer")
