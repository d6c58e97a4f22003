"""How alike very many names are, as `compare.similarity` and `likeness` tell it of two: a tenth of the time.

Used by gists. Knows texts, places among them and the rules' weights; no record.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler, LCSseq

from connector.identity.company import UNVOICED
from connector.identity.compare import OF_BEGINNING, OF_VOICE, OF_WITHIN
from connector.identity.name_scripts import uncomparable
from connector.mapping.identity import CompanyRules

_ROUNDING = 1e-9
"""Many are added up in another order than two."""

Places = NDArray[np.int64]
Shares = NDArray[np.float64]


class Names:
    """Some texts, of which any two can be compared by their places."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = _array(texts)
        self._unvoiced = np.full(len(texts), None, object)
        self._begins_in_kana = np.fromiter(("ァ" <= text[:1] <= "ヺ" for text in texts), bool, len(texts))
        self._is_ascii = np.fromiter(map(str.isascii, texts), bool, len(texts))

    def similarities(self, left: Places, right: Places) -> Shares:
        """0 to 1 for each two; by rounding up to a billionth more than of the two alone, never less."""
        ours, theirs = self._texts[left], self._texts[right]
        alike = np.maximum(
            _compared(LCSseq.normalized_similarity, ours, theirs),
            OF_BEGINNING * _compared(JaroWinkler.normalized_similarity, ours, theirs),
        )
        low = np.flatnonzero((alike < OF_VOICE) & ~(self._is_ascii[left] & self._is_ascii[right]))
        unvoiced = self._without_voice(left[low]), self._without_voice(right[low])
        alike[low] = np.maximum(alike[low], OF_VOICE * _compared(LCSseq.normalized_similarity, *unvoiced))
        pairs = enumerate(zip(ours.tolist(), theirs.tolist(), strict=True))
        held = [
            (place, min(len(one), len(two)) / max(len(one), len(two)))
            for place, (one, two) in pairs
            if (one in two or two in one) and len(one) > 1 and len(two) > 1
        ]
        for place, share in held:
            alike[place] = max(alike[place], OF_WITHIN + (1 - OF_WITHIN) * share)
        rounded: Shares = np.minimum(alike + _ROUNDING, 1)
        return rounded

    def _without_voice(self, places: Places) -> NDArray[np.object_]:
        """The texts there, カ for ガ: each made when it is first wanted, which most never are."""
        new = np.unique(places[self._unvoiced[places] == np.array(None)])
        self._unvoiced[new] = [text.translate(UNVOICED) for text in self._texts[new].tolist()]
        found: NDArray[np.object_] = self._unvoiced[places]
        return found

    def likenesses(self, left: Places, right: Places, rules: CompanyRules) -> Shares:
        """What each two weigh that agree in no other way, in bits; rounded up as well."""
        alike, weights = self.similarities(left, right), rules.weights
        with np.errstate(divide="ignore", invalid="ignore"):  # rules may ask for names that are the same
            share = (alike - rules.similar_from) / (1 - rules.similar_from)
        similar = weights.name_similar_least + share * (weights.name_similar_most - weights.name_similar_least)
        low = np.flatnonzero(alike < rules.similar_from + 2 * _ROUNDING)
        unlike = np.where(self._uncomparable(left[low], right[low]), weights.name_uncomparable, weights.name_differs)
        found: Shares = similar
        found[low] = np.where(alike[low] < rules.similar_from, unlike, np.maximum(similar[low], unlike))
        return found

    def _uncomparable(self, left: Places, right: Places) -> NDArray[np.bool_]:
        """Which two are in two scripts; of those that begin in one script none is."""
        found: NDArray[np.bool_] = self._is_ascii[left] != self._is_ascii[right]
        for place in np.flatnonzero(~found & (self._begins_in_kana[left] != self._begins_in_kana[right])).tolist():
            found[place] = uncomparable(self._texts[left[place]], self._texts[right[place]])
        return found


def _array(texts: Sequence[str]) -> NDArray[np.object_]:
    array = np.empty(len(texts), object)
    array[:] = texts
    return array


def _compared(scorer: Callable[..., float], ours: NDArray[np.object_], theirs: NDArray[np.object_]) -> Shares:
    found: Shares = process.cpdist(ours.tolist(), theirs.tolist(), scorer=scorer, dtype=np.float64)
    return found
