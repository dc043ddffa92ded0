"""Socket.IO: who may join which room, and the relay, which alone emits."""
