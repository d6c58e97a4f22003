"""Many names compared at once are as alike as two by two."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from connector.identity.compare import likeness, similarity
from connector.identity.similarities import Names
from connector.mapping.identity import CompanyRules

RULES = CompanyRules()
TINY = 1e-6
NAME = st.text(st.sampled_from("アガカクグパバー工業商事精機abc12漢字"), max_size=8)


@given(st.lists(NAME, min_size=1, max_size=12))
@example(["アクメ", "アクメ精機", "アグメ", "", "ア"])
@example(["", ""])
@example(["虎屋", "トラヤ", "ACME", "桜商事", "サクラ商事", "山田工業"])
def test_many_are_compared_as_two_are(names: list[str]) -> None:
    """Every two of them, each way round; by rounding never less, so that none is overlooked."""
    places = [(one, two) for one in range(len(names)) for two in range(len(names))]
    left, right = (np.array([place[side] for place in places], np.int64) for side in (0, 1))
    every = Names(names)
    alike = np.array([similarity(names[one], names[two]) for one, two in places])
    more = every.similarities(left, right) - alike
    assert more.min() >= 0
    assert more.max() <= TINY
    weighed = every.likenesses(left, right, RULES) - [likeness(names[one], names[two], RULES) for one, two in places]
    assert weighed.min() > -TINY
    assert np.abs(weighed[np.abs(alike - RULES.similar_from) > TINY]).max(initial=0) < TINY
