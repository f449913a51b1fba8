"""Holds what the demo printed against what the README promises: `demo.py FILE`."""

import re
import sys

from checks import ENVIA_TOOLS, TOOLS, Checks

PROMISED = {
    "the tools of Tickiti are listed": [f"tickiti_{name.removeprefix('tickiti_')}" for name in TOOLS],
    "the tools of Envia are listed": [f"envia_{name}" for name in ENVIA_TOOLS],
    "a ticket is opened": ["tickiti_create_ticket", "marcus@trailblazers-club.example", "Sales"],
    "it is answered": ["tickiti_respond_to_ticket"],
    "it is found": ["tickiti_query_tickets"],
    "a report counts May by week": ["tickiti_run_report", "volumes", "2026-05-01", "2026-05-31", "week"],
    "a wrong call is refused and says why": ["mistakes in the arguments", "nothing was sent"],
    "a missing permission is named": ["tickets:write"],
    "the types of Envia's tickets are listed": ["envia_get_ticket_types", "use_case", "damaged"],
    "what a type needs is shown": ["amount_limit_mxn", "Delivered at Origin", "declared_value"],
    "a ticket of the shipment is looked for": ["envia_list_tickets", "TST0001112231"],
    "a ticket with two files is opened": ["envia_create_ticket", "files.example.test/9002", "files.example.test/9003"],
    "a blocked type is refused": ["blocked for agents"],
    "a wrong shipment status is refused by name": ["`shipment.status_id` is Created", "Delivered"],
    "a missing variable is refused in the same answer": ["2 rules are broken", "`variables.address_references` is missing"],
    "the ticket moves on": ["envia_update_ticket", "Claim In Review"],
    "a claim above the limit is left to a person": ["5000.01 MXN", "at most 5000 MXN", "hand over to a person"],
    "a resource is read": ["resources/read tickets://statuses", "Follow-up"],
    "the activity log is shown": ["success", "denied", "error"],
}


def main():
    checks = Checks("demo")
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    for what, parts in PROMISED.items():
        checks.contains(text, parts, what)
    numbers = re.findall(r"ticket_number\s+(\d+)", text)
    checks.that(numbers and text.count(numbers[0]) >= 3, "the new ticket's number is used for the answer and found", numbers)
    checks.that("\x1b" not in text, "no colours when nobody watches")
    checks.that("panicked" not in text, "nothing panicked")
    checks.finish()


main()
