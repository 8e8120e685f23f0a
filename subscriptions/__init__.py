"""What keeps happening: the event feed, its fan-out, one file a stream."""
