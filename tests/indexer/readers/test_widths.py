"""Punctuation that OCR read in the width that a reader of Chinese expects, and nothing else."""

from __future__ import annotations

import pytest

from indexer.readers.ocr.layout import Recognised, to_page
from indexer.readers.ocr.widths import with_widths

CHINESE = [
    # Between signs, and where one neighbour is a digit or a word.
    ("他问:“谁去?”没有人说话!", "他问：“谁去？”没有人说话！"),
    (
        "占比达到118%,部分线路超过130%!因此,应当扩建",
        "占比达到118%，部分线路超过130%！因此，应当扩建",
    ),
    ("若返回码为500,则重试;若为404,说明没有找到", "若返回码为500，则重试；若为404，说明没有找到"),
    ("系统支持Windows,但不支持其他系统", "系统支持Windows，但不支持其他系统"),
    # The gap of a narrow mark is a part of the wide one.
    ("时间: 明天; 地点: 学校 (东门)", "时间：明天；地点：学校（东门）"),
    # Numbers, times, addresses and what stands inside of a Latin run.
    ("上午9:30开会,预算为1,268万元", "上午9:30开会，预算为1,268万元"),
    ("请访问http://localhost:8080/index.html页面", "请访问http://localhost:8080/index.html页面"),
    ("调用get_user(id, name)时传入两个参数", "调用get_user(id, name)时传入两个参数"),
    ('返回值为{"id": 7, "name": "Li"}的一段文字', '返回值为{"id": 7, "name": "Li"}的一段文字'),
    # Brackets go by pairs.
    ("《哈姆雷特》(Hamlet)是一部戏剧", "《哈姆雷特》（Hamlet）是一部戏剧"),
    ("有效率为83.3%(25/30),显著高于对照组", "有效率为83.3%（25/30），显著高于对照组"),
    ("世卫组织WHO(世界卫生组织)的报告", "世卫组织WHO（世界卫生组织）的报告"),
    ("上年同期（2,910万元),增长较快", "上年同期（2,910万元），增长较快"),
    ("(1)地质风险;(2)拆迁风险", "（1）地质风险；（2）拆迁风险"),
    ("1)先关闭电源", "1）先关闭电源"),
    ("増加した(前年比)。本当ですか?はい", "増加した（前年比）。本当ですか？はい"),
    ("２０２３年ＡＢＣ公司", "2023年ABC公司"),
]


@pytest.mark.parametrize(("read", "expected"), CHINESE)
def test_punctuation_is_as_wide_as_the_signs_beside_it(read: str, expected: str) -> None:
    """What is right already stays as it is."""
    assert with_widths([read]) == [expected]
    assert with_widths([expected]) == [expected]


@pytest.mark.parametrize(
    "line",
    [
        "Was the footbridge (1.40 m) open, or closed? At 9:30; no!",
        "The city of Beijing (北京), the capital, has (as of 2020) many people",
        "서울(Seoul)은 수도이다, 그렇지?",
        "",
    ],
)
def test_other_languages_are_left_alone(line: str) -> None:
    """Be it that a Chinese name stands in them."""
    assert with_widths([line]) == [line]


def test_a_line_may_go_on_below() -> None:
    """A mark at its end, and brackets that are parted; what no line goes on from stays."""
    lines = ["其中财政拨款占40,", "银行贷款占一半(利率", "为3%),期限25年", "详见附表A:", "London,"]
    wide = [
        "其中财政拨款占40，",
        "银行贷款占一半（利率",
        "为3%），期限25年",
        "详见附表A:",
        "London,",
    ]
    assert with_widths(lines) == wide


def test_many_brackets_take_a_moment() -> None:
    """Be they opened and never closed; far ones are no pair."""
    assert with_widths(["(" * 20_000 + "字" + ")" * 20_000])
    far = with_widths(["f(x", "y" * 200, "字 )字"])
    assert far == ["f(x", "y" * 200, "字 ）字"]


def test_places_follow_what_was_exchanged() -> None:
    """A line of a page ends where its text does."""
    page = to_page(
        [Recognised("时间: 明天", 0, 0, 100, 20), Recognised("地点(东门)", 0, 60, 100, 80)],
        200,
        200,
        1,
    )
    assert page.text == "时间：明天\n\n地点（东门）"
    assert [page.text[line.start : line.end] for line in page.lines] == [
        "时间：明天",
        "地点（东门）",
    ]
