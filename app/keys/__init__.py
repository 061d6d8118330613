"""Keys and passwords, and the system's store for them."""
