"""From a question to passages and the sentences that answer."""
