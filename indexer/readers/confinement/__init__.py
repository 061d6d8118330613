"""What a process that opens hostile files gives up, on each platform."""
