"""The window: one file a view, over the same messages as the command line."""
