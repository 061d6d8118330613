"""How well a library finds, measured on its own documents."""
