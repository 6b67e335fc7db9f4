"""All attacks."""

from tests.hostile import attacks_by_tokens as tokens
from tests.hostile import attacks_found_since as since
from tests.hostile import attacks_of_documents as documents
from tests.hostile import attacks_of_files as files
from tests.hostile import attacks_of_memory as memory
from tests.hostile import attacks_of_signatures as signatures
from tests.hostile import attacks_of_states as states
from tests.hostile import attacks_of_words as words

ATTACKS = [
    *documents.OFFERS,
    *documents.SLOTS,
    *documents.CONTRACTS,
    *documents.LOCKS,
    *documents.NAMES,
    *signatures.GATES,
    *signatures.KEYS,
    *signatures.SIGNOFFS,
    *signatures.REPLAY,
    *signatures.ORDERED,
    *files.RECORDS,
    *files.BASELINES,
    *files.ATTRIBUTES,
    *files.LINKS,
    *files.NAMES,
    *files.ORDERED,
    *files.INPUTS,
    *since.FOUND_SINCE,
    *states.STATES,
    *words.SPOKEN,
    *memory.REMEMBERED,
    *tokens.BY_TOKENS,
]
