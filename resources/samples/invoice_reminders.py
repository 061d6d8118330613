"""Work out which invoices are overdue, and what the reminder costs.

Part of the bookkeeping scripts of Harbour Street Architects.
"""

from dataclasses import dataclass
from datetime import date, timedelta

PAYMENT_TERM_DAYS = 21  # as printed on every invoice since 2024
REMINDER_FEE = 7.50  # euros, from the second reminder on
VAT_RATE = 0.19


@dataclass(frozen=True)
class Invoice:
    """An invoice that we sent."""

    number: str
    sent: date
    net: float  # euros
    reminders: int = 0

    @property
    def gross(self) -> float:
        """The amount with VAT, in euros."""
        return round(self.net * (1 + VAT_RATE), 2)


def due_date(invoice: Invoice) -> date:
    """Return the last day on which the invoice can be paid in time."""
    return invoice.sent + timedelta(days=PAYMENT_TERM_DAYS)


def amount_owed(invoice: Invoice, today: date) -> float:
    """Return what must be paid today; the first reminder is free of charge."""
    if today <= due_date(invoice) or invoice.reminders < 2:
        return invoice.gross
    return round(invoice.gross + (invoice.reminders - 1) * REMINDER_FEE, 2)
