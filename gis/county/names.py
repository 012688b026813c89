"""Invented names of a demonstration county; every list is fixed, so that the same seed names the same things."""

from itertools import product

import numpy as np

COUNTY = "示范县"
TOWNS = (
    "云岭", "石桥", "东坪", "白塔", "青溪", "柳林", "沙河口", "枫树湾", "大井", "高台", "南渡", "松岭", "茶亭",
    "双河口", "马鞍山", "黄泥坡", "新店", "古驿", "北山", "西坝", "桐子坪", "长滩", "木鱼", "三岔", "银杏",
    "红岩", "竹园", "清水塘", "莲溪", "望溪",
)  # fmt: skip
COMMUNITIES = (
    "人民路", "解放路", "北门", "南门", "滨河", "文化路", "东街", "西街", "车站", "新城", "朝阳", "广场",
    "翠屏", "江北", "城东", "城西", "建设路", "育才", "和平", "丰收",
)  # fmt: skip
STREETS = (
    "人民路", "解放路", "建设路", "文化路", "滨河路", "朝阳路", "和平街", "育才路", "新城大道", "青年路",
    "兴业路", "东风路", "北环路", "南环路", "迎宾路", "丰收街", "车站路", "翠屏路", "民主街", "团结路",
    "光明路", "胜利街",
)  # fmt: skip
DIRECTIONS = ("北", "东北", "东", "东南", "南", "西南", "西", "西北")
NUMBERS = "零一二三四五六七八九"

_FIRST = (
    "上", "下", "东", "西", "前", "后", "大", "小", "新", "老", "石", "柳", "杨柳", "梨", "茶", "竹", "枫",
    "桐", "樟", "沙", "青", "白", "黄", "红", "清", "双", "三", "五", "长", "高",
)  # fmt: skip
_SECOND = (
    "河", "坪", "湾", "沟", "坝", "桥", "塘", "岭", "坡", "井", "泉", "滩", "洞", "岩", "店", "寨", "窑", "庙",
    "林", "田", "园", "冲", "垭", "畈", "垱",
)  # fmt: skip


def villages(count: int, chance: np.random.Generator) -> list[str]:
    """Return `count` different village names."""
    names = ["".join(parts) for parts in product(_FIRST, _SECOND)]
    if count > len(names):
        names += [f"{name}{end}" for name, end in product(names, ("头", "口", "脚", "边", "尾", "沿"))]
    return [f"{names[row]}村" for row in chance.permutation(len(names))[:count]]


def town(row: int) -> str:
    """Return the name of a town; the first is the county seat."""
    if row == 0:
        return "城关镇"
    name = TOWNS[(row - 1) % len(TOWNS)]
    turn = (row - 1) // len(TOWNS)
    return f"{'' if turn == 0 else '东西南北新上下'[turn - 1]}{name}{'乡' if row % 5 == 4 else '镇'}"


def number(value: int) -> str:
    """Return a number below 100 in Chinese, such as 十二."""
    tens, ones = divmod(value, 10)
    if tens == 0:
        return NUMBERS[ones]
    return f"{'' if tens == 1 else NUMBERS[tens]}十{'' if ones == 0 else NUMBERS[ones]}"


def direction(bearing_deg: float) -> str:
    """Return the compass word of a bearing."""
    return DIRECTIONS[round(bearing_deg / 45) % 8]
