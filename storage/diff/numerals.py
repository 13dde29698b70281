"""Numbers as clauses print them: 八, 四十一, 一百零三, 41. Pure."""

from typing import Final

_DIGITS: Final = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS: Final = {"十": 10, "百": 100, "千": 1000}


def value_of(numeral: str) -> int | None:
    """The number that `numeral` prints, in Arabic or Chinese digits; None where it is none."""
    if numeral.isascii() and numeral.isdigit():
        return int(numeral)
    if not numeral or not all(char in _DIGITS or char in _UNITS for char in numeral):
        return None
    if not any(char in _UNITS for char in numeral):  # 二〇二六
        return int("".join(str(_DIGITS[char]) for char in numeral))
    total, digit = 0, 0
    for char in numeral:
        if char in _UNITS:
            total += (digit or 1) * _UNITS[char]
            digit = 0
        else:
            digit = _DIGITS[char]
    return total + digit


def chinese(number: int) -> str:
    """`number` (1 to 999) as a clause prints it."""
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += f"{digits[tens]}十" if tens > 1 or hundreds else "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")
