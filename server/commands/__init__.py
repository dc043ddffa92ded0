"""What `vez` can do, one file per family of commands."""
