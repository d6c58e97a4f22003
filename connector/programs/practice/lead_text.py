"""What a task or an alert about a lead says: the need, the form, where the person came from, each with its source.

The program of hand-overs asks here. It knows no rule.
"""

from connector.model.plan import Because
from connector.programs.practice.contracts import Contract
from connector.programs.practice.interest import Interest
from connector.programs.practice.leads import stated
from connector.programs.practice.task_text import Fact, quoted, whom


def lead_values(interest: Interest) -> dict[str, str]:
    """What texts are filled with: who, account, form, day, needs and heat, each harmless and never blank."""
    unknown = interest.practice.texts["unknown"]
    sent, account = interest.submission, interest.case.account
    needs, heat = stated(interest.case, "needs_type"), stated(interest.case, "heat")
    return {
        "who": whom(interest),
        "account": (quoted(account.name) if account else None) or unknown,
        "form": (quoted(sent.form) if sent else None) or unknown,
        "day": interest.practice.calendar.local_date(sent.at).isoformat() if sent else unknown,
        "needs": (quoted(needs[0]) if needs else None) or unknown,
        "heat": (quoted(heat[0]) if heat else None) or unknown,
    }


def lead_facts(interest: Interest, bought: Contract) -> tuple[Fact, ...]:
    """Need, heat, product, source and form, and what a customer has bought already."""
    texts, values = interest.practice.texts, lead_values(interest)
    found = []
    for name in ("needs_type", "heat", "product", "lead_source"):
        known = stated(interest.case, name)
        if known:
            found.append(Fact(texts[f"{interest.program}.fact_{name}"], quoted(known[0]) or "", known[1]))
    if interest.submission:
        found.append(Fact(texts[f"{interest.program}.fact_form"], f"{values['day']} {values['form']}"))
    if bought.is_current:
        won = (deal for deal in interest.case.deals if deal.is_won and not deal.deleted)
        products = dict.fromkeys(quoted(deal.product) or texts["unknown"] for deal in won)
        found.append(Fact(texts[f"{interest.program}.fact_customer"], "、".join(products) or texts["unknown"]))
    return tuple(found)


def because(interest: Interest, rule: str, text: str) -> tuple[Because, ...]:
    """The evidence, down to record and field: the form and the needs type, as far as there are any."""
    found = []
    sent, needs = interest.submission, stated(interest.case, "needs_type")
    if sent:
        found.append(
            Because(rule=rule, record=str(sent.record), field="form", value=quoted(sent.form), at=sent.at, text=text)
        )
    if needs:
        record, value = str(needs[1].ref), quoted(needs[0])
        found.append(Because(rule=rule, record=record, field="needs_type", value=value, text=text))
    return tuple(found)
