"""HTTP: parse, check who asks, call one use case, map its answer. No rule of the queue lives here."""
