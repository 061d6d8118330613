"""Which language a text is written in: by its script, and by its small words.

A detector with n-grams of a hundred languages takes longer for a small file than reading and
indexing it. The commonest words of a language, of which every fourth word of prose is one, take
some 10 microseconds; what they cannot decide (a list of names, a table) has no language here.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from itertools import chain, islice

SAMPLE = 500  # characters that decide
LANGUAGE_PAGES = 5  # that are looked at: a title page may be names and numbers alone
_WORD = re.compile(r"[^\W\d_]+")

# The commonest words by ISO 639-1 code. They say how something is asked, not what about, so in a
# question they are left out, too.
_SMALL_WORDS = {
    "en": "the of and to in is that for it was on are as with be at by this from have or an "
    "which not but his her they were what when where who how can you all has had their will would",
    "de": "der die das und ist in den von zu mit sich des auf für nicht ein eine dem als auch es "
    "an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum "
    "war haben nur oder aber vor zur bis mehr durch man sein wurde wann wer wo was warum welche "
    "welcher welches wieviel viele kann",
    "fr": "le la les de des du et est un une dans que qui pour pas sur avec au aux par il elle ce "
    "cette ces se sont plus ou mais son sa ses leur nous vous être été a en ne quel quelle quels "
    "quelles comment quand combien pourquoi où",
    "es": "el la los las de del que y en un una es por con para no se su al lo como más pero sus "
    "le ya o fue este esta ha sí porque son entre está cuando muy sin sobre también me hasta hay "
    "donde desde qué cuál cuáles cuándo cómo dónde quién cuánto cuántos cuántas",
    "it": "il lo la gli le di del della dei delle che e in un una è per con non si da al dal nel "
    "nella sono come anche più ma ha alla dalla questo questa quando dove chi quale quali quanto "
    "quanti perché cosa",
    "pt": "o a os as de do da dos das que e em um uma é por com para não se no na ao mais como mas "
    "foi ele ela seu sua ou quando muito nos já está eu também pelo pela até isso qual quais "
    "onde quem quanto quantos porque",
    "nl": "de het een en van in is dat op te zijn met voor niet die aan er om ook als dan maar bij "
    "nog uit wordt door naar heeft hij ze over worden werd deze wat wie waar wanneer hoe waarom "
    "welke hoeveel",
    "sv": "och att det i en som på är av för med till den har de inte om ett han men var jag sig "
    "från vi så kan när år under också efter eller nu vad vem hur varför vilken vilket hos",
    "da": "og i at det er en til af på de med den der for ikke et som har han var fra ved men om "
    "kan sig eller efter blev også hvad hvem hvor hvornår hvordan hvorfor hvilken hvilket",
    "no": "og i det er en til av på de med den som for ikke et har han var fra ved men om kan seg "
    "eller etter ble også hva hvem hvor når hvordan hvorfor hvilken hvilket",
    "fi": "ja on ei se että oli hän mutta joka ovat kuin tai niin myös sen kun mitä missä jos ole "
    "olla sekä jotka tämä voi mukaan kuka milloin miten miksi mikä kuinka",
    "hu": "a az és hogy nem is egy ez volt meg de van ha csak már még mint vagy azt el kell után "
    "lehet mi ki hol mikor hogyan miért melyik mennyi",
    "ro": "de și în a la pe cu că nu o un este din care pentru mai sau ca se au fost dar prin "
    "sunt cel cea ale după ce cine unde când cum care cât",
    "tr": "ve bir bu da de için ile olarak çok daha o gibi olan en ne kadar sonra var ise değil "
    "ama veya her kim nerede nasıl neden hangi kaç zaman",
    "pl": "i w na z do się nie że to jest o za po od jak ale jego dla przez był lub oraz są tym "
    "co ten tego który która które kto gdzie kiedy dlaczego ile",
    "cs": "a v se na je že s z do o i to ve k za po by ale jako pro jsou byl od která který které "
    "při nebo co kdo kde kdy jak proč kolik",
    "ca": "el la els les de del que i en un una és per amb no es al més com però són va seu seva "
    "quan on qui quin quina quants per què",
    "ru": "и в не на что с по как это он к но из у за от так же его для бы или до был о при "
    "которые когда где кто чем какой какая какие сколько почему они она были было есть",
    "uk": "і в не на що з до як це та у за від але його для або бути був при які коли де хто який "
    "яка скільки чому є",
    "bg": "и в не на че с по как това от за се да са е до или при които кога къде кой",
    "el": "και το η ο να του της την τα με για από στο στη είναι που δεν οι ένα μια των τι ποιος "
    "πότε πού πώς γιατί",
}
_SETS = {code: frozenset(words.split()) for code, words in _SMALL_WORDS.items()}
_OF_WORD: dict[str, tuple[str, ...]] = {
    word: tuple(code for code, words in _SETS.items() if word in words)
    for word in frozenset().union(*_SETS.values())
}
# Of these scripts one language is meant. Japanese stands before Chinese, whose signs it uses.
_SCRIPTS = {
    "ja": re.compile("[\u3040-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7af]"),
    "zh": re.compile("[\u3400-\u4dbf\u4e00-\u9fff]"),
    "ar": re.compile("[\u0600-\u06ff]"),
    "he": re.compile("[\u0590-\u05ff]"),
    "th": re.compile("[\u0e00-\u0e7f]"),
    "hi": re.compile("[\u0900-\u097f]"),
}
_OTHER_SCRIPT = re.compile("[\u0590-\uffdc]")
LANGUAGES = frozenset(_SETS) | frozenset(_SCRIPTS)
# Of the signs or words of a text, how many must speak for a language.
_LEAST_SIGNS = 0.2
_LEAST_KANA = 0.05
_LEAST_WORDS = 0.1


def recognise(text: str) -> str:
    """Return the ISO 639-1 code of the language that a text is written in; "" if none is clear."""
    sample = text[:SAMPLE].lower()
    if not sample.isascii() and _OTHER_SCRIPT.search(sample):
        signs = sum(map(str.isalpha, sample))
        for code, script in _SCRIPTS.items():
            least = _LEAST_KANA if code == "ja" else _LEAST_SIGNS
            if len(script.findall(sample)) > least * signs:
                return code
    words = _WORD.findall(sample)
    best = _spoken(words, LANGUAGES)
    # A single small word is one of several languages, or a name.
    return best[0] if best and best[1] >= max(2, _LEAST_WORDS * len(words)) else ""


def recognise_pages(texts: Iterable[str]) -> str:
    """Return the language of a document, by its first pages that have one."""
    for text in islice((text for text in texts if text), LANGUAGE_PAGES):
        if language := recognise(text) or recognise(text[len(text) // 2 :]):
            return language
    return ""


def asked_in(question: str, languages: Collection[str]) -> str:
    """Return which of some languages the small words of a question are of; "" if that is open."""
    best = _spoken(_WORD.findall(question.lower()), languages)
    return best[0] if best else ""


def _spoken(words: Collection[str], languages: Collection[str]) -> tuple[str, int] | None:
    """Return the one language of which most of the small words are, and how many."""
    # Without a loop of our own: this runs for each file that is read.
    counts = Counter(chain.from_iterable(filter(None, map(_OF_WORD.get, words))))
    order = [(code, count) for code, count in counts.most_common() if code in languages]
    if not order or (len(order) > 1 and order[0][1] == order[1][1]):
        return None
    return order[0]


def small_words(language: str) -> frozenset[str]:
    """Return the words that say nothing about a subject; none of a language that is not known."""
    return _SETS.get(language, frozenset())
