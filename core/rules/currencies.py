"""How sums of money are written."""

CODES = (
    r"(?-i:EUR|USD|GBP|CHF|NOK|SEK|DKK|ISK|PLN|CZK|HUF|RON|BGN|UAH|TRY|ILS|AED|SAR|EGP|ZAR|NGN|KES|INR|PKR|CNY|RMB|JPY"
    r"|KRW|TWD|HKD|SGD|MYR|THB|IDR|PHP|VND|AUD|NZD|CAD|MXN|BRL|ARS|CLP|COP|PEN)"
)
"""Codes of ISO 4217 for the currencies that most write-ups deal in, and what else is written for one of them."""

CURRENCY = rf"(?:{CODES}|[$€£])"
