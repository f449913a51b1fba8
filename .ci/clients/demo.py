"""Holds what the demo printed against what the README promises: `demo.py FILE`."""

import re
import sys

from checks import TOOLS, Checks

PROMISED = {
    "the tools are listed": TOOLS,
    "a ticket is opened": ["create_ticket", "marcus@trailblazers-club.example", "Sales"],
    "it is answered": ["respond_to_ticket"],
    "it is found": ["query_tickets"],
    "a report counts May by week": ["run_report", "volumes", "2026-05-01", "2026-05-31", "week"],
    "a wrong call is refused and says why": ["mistakes in the arguments", "nothing was sent"],
    "a missing permission is named": ["tickets:write"],
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
