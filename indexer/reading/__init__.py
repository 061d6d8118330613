"""From a waiting file to its words: the pool of reader processes and what they send."""
