"""What keeps the processes going: the broker and its wake-ups, the supervisor, heartbeats, logs and the web server."""
