"""Whatever a page says in English, it can say in Chinese."""

import re
from importlib.resources import files

from console.web.templating import words

# What templates say by literal: t("…") and t('…').
_SAID = re.compile(r"""\bt\(\s*(?:"((?:[^"\\]|\\.)+)"|'((?:[^'\\]|\\.)+)')""")


def test_every_word_of_the_templates_has_its_chinese() -> None:
    chinese = words("zh")
    said = {
        found[1] or found[2]
        for template in files("console.web").joinpath("templates").iterdir()
        for found in _SAID.finditer(template.read_text(encoding="utf-8"))
    }
    assert len(said) > 100
    assert sorted(said - set(chinese)) == []


def test_the_values_that_a_sentence_has_are_the_same_in_both() -> None:
    def values(text: str) -> set[str]:
        return set(re.findall(r"\{(\w+)\}", text))

    assert {english for english, chinese in words("zh").items() if values(english) != values(chinese)} == set()
