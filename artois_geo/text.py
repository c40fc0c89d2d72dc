"""How French writes what the code counts: the agreement of a noun with its number."""

THIN_SPACE = "\u202f"  # between thousands


def counted(number: int, noun: str, plural: str = "") -> str:
    """Write a count and its noun, which takes the plural from two on (0 ajouté, 1 ajouté, 2 ajoutés).

    Parameters
    ----------
    number
        How many.
    noun
        Noun, or noun and adjectives, in the singular.
    plural
        The plural, where an « s » after each word does not make it.

    Examples
    --------
    >>> counted(0, "ajouté"), counted(1, "vacance récente"), counted(1200, "vacance récente")
    ('0 ajouté', '1 vacance récente', '1\u202f200 vacances récentes')
    >>> counted(3, "objet sans géométrie", "objets sans géométrie")
    '3 objets sans géométrie'
    """
    several = plural or " ".join(f"{word}s" for word in noun.split(" "))
    words = noun if abs(number) < 2 else several
    return f"{number:,} {words}".replace(",", THIN_SPACE).replace("-", "−")
