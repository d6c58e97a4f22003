"""What `okoshi match merge` tells before it asks; the merge itself is tried against the vendors' sandbox."""

import io
from collections.abc import Iterable
from typing import Any, cast

from match_base import AT, KABU, OSAKA, Base
from rich.console import Console

from connector.cli.match_losses import losses_document, losses_of, show_losses
from connector.cli.match_words import Words
from connector.clients.hubspot import HubSpotClient
from connector.mapping import load_mappings
from connector.model.records import Ref, User
from connector.store import mirror

KEEP, DROP = (Ref.parse(ref) for ref in (KABU, OSAKA))


ROWS = {
    KEEP.id: {"hubspot_owner_id": "10", "stage": "lead"},
    DROP.id: {"hubspot_owner_id": "15", "stage": "customer", "city": "大阪市"},
}


class TwoCompanies:
    """HubSpot, as far as it is asked before a merge."""

    def properties(self, _object: str) -> dict[str, dict[str, Any]]:
        """One of each make."""
        options = [{"value": "lead", "label": "リード"}, {"value": "customer", "label": "顧客"}]
        return {
            "hubspot_owner_id": {"label": "担当者", "referencedObjectType": "OWNER", "options": []},
            "stage": {"label": "ステージ", "options": options},
            "city": {"label": "市区町村"},
        }

    def batch_read(self, _object: str, ids: Iterable[str], _names: Iterable[str]) -> list[dict[str, Any]]:
        """Both."""
        return [{"id": one, "properties": ROWS[one]} for one in ids]

    def associations(self, _object: str, _other: str, ids: Iterable[str]) -> dict[str, list[str]]:
        """Nothing hangs on them."""
        return {one: [] for one in ids}


def test_people_and_options_are_told_by_name_and_blanks_with_what_fills_them(base: Base) -> None:
    """On the screen; machines get the values as HubSpot has them."""
    owners = {"10": "鈴木 誠", "15": "山田 花子"}
    users = [User(ref=Ref("hubspot", "owners", one), modified_at=AT, name=name) for one, name in owners.items()]
    with base.store.begin() as tx:
        mirror.save(tx, users)
    client = cast("HubSpotClient", TwoCompanies())
    mappings = load_mappings(None)
    losses = losses_of(base.store, client, mappings, KEEP, DROP)
    page = io.StringIO()
    show_losses(Console(file=page, width=100), Words(mappings.texts["ja"], "Asia/Tokyo"), losses)
    for part in ("鈴木", "山田", "顧", "リード", "- 市区町村: 大阪市"):
        assert part in page.getvalue()
    assert losses_document(losses)["lost"]["hubspot_owner_id"] == {"kept": "10", "lost": "15"}
    assert losses_document(losses)["gained"] == {"city": "大阪市"}


def test_a_setting_that_is_missing_is_told_before_anything_is_shown(base: Base) -> None:
    """Nobody reads a comparison first that leads nowhere."""
    told = base.match("merge", KABU, OSAKA, exit_code=2)
    assert "設定" in told
    assert "さくら商事" not in told
