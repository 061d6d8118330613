"""Which words of a question are too common to be looked for by themselves. Pure functions.

To score a passage that one word finds takes a microsecond, so that six words of which each is in
every sixteenth passage take half a second among a million. Where rarer words are asked for as well,
a passage has to hold one of these; the common ones still count in its score.
"""

from __future__ import annotations

from collections.abc import Mapping

# Passages that the words which decide may find together; the rarest word decides in any case. Among
# a million, six common words take 222 ms instead of 506 by that, with 50,000 137; but at that share
# Cranfield falls from 0.414 to 0.343 by words, at the share of 150,000 to 0.400, and SciFact not.
MOST_PASSAGES = 150_000


def too_common(frequencies: Mapping[str, int], most: int = MOST_PASSAGES) -> set[str]:
    """Return the words that only rank what others have found, of words with their passages.

    Rarer words decide before more common ones, as long as all of them find at most `most`.
    """
    common = set()
    found = 0
    for word in sorted(frequencies, key=frequencies.__getitem__):
        if found and found + frequencies[word] > most:
            common.add(word)
        else:
            found += frequencies[word]
    return common
