"""What the owner's folders hold, and what changes there."""
