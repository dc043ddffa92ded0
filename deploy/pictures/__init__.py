"""What `make pictures` photographs: an album, and a module for each screen."""
