"""Conversations: what is kept of an answer, shown again and exported."""
