"""Indonesian, English or neither, from the same n-grams that everything else is read from.

The column of weights is trained (in `train`) on the languages that the data sets state: Indonesian with some
Javanese and Sundanese against English. It knows no third language written in Latin letters; a text whose n-grams
say little either way is called `und`.
"""

import numpy as np
from numpy.typing import NDArray

SURE = 1.0  # logit, either way, below which a language is not named: odds of about 3 to 1
UNDETERMINED = "und"


def codes_of(logits: NDArray[np.float64], foreign: NDArray[np.int64], letters: NDArray[np.int64]) -> list[str]:
    """Code of each text's language.

    logits: above 0 for Indonesian, below for English. foreign: letters of scripts other than Latin. letters: all
    letters. A text mostly in another script, or without two letters, is undetermined.
    """
    named = np.where(logits > SURE, "id", np.where(logits < -SURE, "en", UNDETERMINED))
    other = (foreign * 2 > letters) | (letters < 2)
    return [str(code) for code in np.where(other, UNDETERMINED, named)]
