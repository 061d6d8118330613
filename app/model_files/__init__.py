"""The models on this machine: which there are, and how they come here."""
