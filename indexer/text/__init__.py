"""Text, cut and weighed: words, sentences, titles, chunks. Pure."""
