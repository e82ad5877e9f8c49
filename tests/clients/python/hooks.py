"""What Schemathesis holds every answer to: no fault of the server, and no word of another tenant's rows."""

import json
import os

import schemathesis
from hypothesis import strategies as st

FOREIGN = [word for word in os.environ.get("FOREIGN_WORDS", "").split(",") if word]

schemathesis.graphql.scalar(
    "Money", st.integers(0, 10**7).map(lambda cents: schemathesis.graphql.nodes.String(f"{cents // 100}.{cents % 100:02}"))
)


@schemathesis.check
def answers_as_documented(ctx, response, case):
    """A status that clients know, JSON, and errors that carry a code which is not INTERNAL."""
    assert response.status_code in (200, 400, 413, 422), f"status {response.status_code}: {response.text[:500]}"
    for error in json.loads(response.text).get("errors", []):
        code = error.get("extensions", {}).get("code")
        assert code and code != "INTERNAL", f"{error}"


@schemathesis.check
def tells_nothing_of_others(ctx, response, case):
    """No word that only another tenant may read; what the question says itself comes back in errors."""
    asked = case.body if isinstance(case.body, str) else json.dumps(case.body)
    for word in FOREIGN:
        assert word not in response.text or word in asked, f"{word} in {response.text[:500]}"
