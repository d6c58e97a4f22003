"""Inside sales and everybody else with tasks on one day: who is called, who answers, what comes of it.

Called by the simulation on business days. Tasks are worked as they stand in the list, whoever made them.
"""

from connector.sandbox.simulation.selling import STAGES, open_deal, plan_of
from connector.sandbox.simulation.workday import Row, Workday

INPUT, NEEDS = "失注情報の入力依頼", "ニーズ種別の確認"
_ANSWERS = 0.38
_REFUSES, _HAS_LEFT, _MEETS, _BUYS_ANEW = 0.02, 0.02, 0.2, 0.12
_OPEN_TASKS = (
    'SELECT * FROM "salesforce_Task" WHERE "OwnerId" = ? AND "IsClosed" = 0 AND "IsDeleted" = 0'
    ' AND "ActivityDate" <= ? ORDER BY "ActivityDate", "Id" LIMIT ?'
)
_TALKED = "【事実】ご担当者と通話。検討状況を伺った。\n【所感】前向きな印象。"
_TRIED = "【事実】不在のため折り返し依頼。"


def work_lists(day: Workday) -> None:
    """Inside sales goes through its lists in order; field sales looks at some tasks of its own."""
    for rep in day.staff("InsideSales"):
        for task in day.rows(_OPEN_TASKS, rep["Id"], day.day(), day.habits.tasks_a_rep):
            if day.happens(day.habits.is_diligence):
                _take_up(day, rep, task)
    for rep in day.staff("FieldSales", "CustomerSuccess"):
        for task in day.rows(_OPEN_TASKS, rep["Id"], day.day(), day.habits.tasks_a_rep):
            if day.happens(day.habits.fs_diligence):
                _take_up(day, rep, task)


def _take_up(day: Workday, rep: Row, task: Row) -> None:
    actor, task_id = rep["Id"], task["Id"]
    if day.happens(day.habits.closed_unread):
        day.do("close_task_not_needed", actor, task=task_id)
    elif day.happens(day.habits.closed_unread / 2):
        day.do("delete_task", actor, task=task_id)
    elif task["Subject"] == INPUT:
        _write_down(day, rep, task)
    elif task["WhoId"] is None and rep["role"] == "InsideSales" and day.happens(0.5):
        day.do("start_task", actor, task=task_id)  # whom to call has to be found out first
    else:
        _call(day, rep, task)


def _write_down(day: Workday, rep: Row, task: Row) -> None:
    """The owner says what he left out at the loss, and is done with it."""
    deal = _deal(day, task)
    if deal is not None:
        plan = plan_of(day, deal)
        values = {
            "Next_Approach_Date__c": plan["next_approach_date"],
            "Approach_Contact__c": plan["approach_contact"],
            "Approach_Hook__c": plan["hook"],
            "Lost_Reason__c": deal["Lost_Reason__c"] or "ペンディング",
        }
        known = {name: value for name, value in values.items() if value is not None and not deal[name]}
        if known:
            day.do("update", rep["Id"], object="Opportunity", id=deal["Id"], values=known)
    day.do("complete_task", rep["Id"], task=task["Id"], text=_written(task, "【事実】失注情報を入力した。"))


def _call(day: Workday, rep: Row, task: Row) -> None:
    """The result goes into the task; what the customer says may change more than that."""
    answered = day.happens(_ANSWERS)
    result: str | None = "接続" if answered else day.rng.choice(("不在", "不在", "留守電", "話中"))
    if day.happens(day.habits.wrong_disposition):
        result = day.rng.choice((None, "接続", "不在"))
    text = _written(task, _TALKED if answered else _TRIED)
    day.do("complete_task", rep["Id"], task=task["Id"], disposition=result, text=text)
    if answered:
        _hear(day, rep, task)


def _written(task: Row, words: str) -> str:
    """Below what stands there."""
    return f"{task['Description'] or ''}\n{words}".strip()[:32_000]


def _hear(day: Workday, rep: Row, task: Row) -> None:
    who, roll = str(task["WhoId"] or ""), day.rng.random()
    object_ = "Lead" if who.startswith("00Q") else "Contact"
    if who and roll < _REFUSES:
        values = {"DoNotCall": True} if object_ == "Lead" else {"Call_Consent__c": "不可"}
        day.do("update", rep["Id"], object=object_, id=who, values=values)
    elif object_ == "Contact" and who and roll < _REFUSES + _HAS_LEFT:
        day.do("update", rep["Id"], object="Contact", id=who, values={"Left_Company__c": True})
    elif roll < _REFUSES + _HAS_LEFT + _MEETS:
        _appointment(day, rep, task)
    if task["Subject"] == NEEDS and who:
        heard = {"Needs_Type__c": day.rng.choice(("個人興味", "個人ニーズ", "部署ニーズ")), "Heat__c": "中"}
        day.do("update", rep["Id"], object=object_, id=who, values=heard)


def _appointment(day: Workday, rep: Row, task: Row) -> None:
    """The owner visits within two weeks; a lost customer may begin anew, a stalled deal may move on."""
    deal, ahead = _deal(day, task), day.rng.randint(3, 14)
    owner = deal["OwnerId"] if deal and deal["owner_there"] else rep["Id"]
    parties: Row = {"opportunity": deal["Id"] if deal else None}
    parties["contact" if str(task["WhoId"] or "").startswith("003") else "lead"] = task["WhoId"]
    day.do("book_meeting", owner, at=f"{day.business_day(ahead)}T14:00:00+09:00", **parties)
    if deal is None:
        return
    if deal["IsClosed"] and not deal["IsWon"] and day.happens(_BUYS_ANEW / _MEETS):
        accounts = day.rows('SELECT * FROM "salesforce_Account" WHERE "Id" = ?', deal["AccountId"])
        if accounts:
            open_deal(day, accounts[0], owner, deal["ContactId"], deal["Product__c"])
    elif deal["StageName"] in STAGES[:-1] and day.happens(0.4):
        further = STAGES[STAGES.index(deal["StageName"]) + 1]
        day.do("set_stage", owner, opportunity=deal["Id"], stage=further)


def _deal(day: Workday, task: Row) -> Row | None:
    sql = (
        'SELECT o.*, u."IsActive" AS owner_there FROM "salesforce_Opportunity" o'
        ' JOIN "salesforce_User" u ON u."Id" = o."OwnerId" WHERE o."Id" = ? AND o."IsDeleted" = 0'
    )
    found = day.rows(sql, task["WhatId"])
    return found[0] if found else None
