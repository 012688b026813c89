# ruff: noqa: E501  one phrase, one line
"""What an import says of a file, in Chinese. Reasons are English sentences with values; each has its pattern here.

The command line and programs keep the English; a reason without a pattern is shown as it is.
"""

import re
from functools import cache

# {} stands for a value and is carried over in order.
PHRASES = {
    "It lies outside the areas granted to you. Leave it out, or ask an administrator for the area.": "位置不在您的授权区域内。请去掉这一行，或请管理员授权。",
    "The code {} is in use outside the areas granted to you.": "编码 {} 已被您授权区域以外的数据使用。",
    "The code {} stands in row {} already. Codes are given once.": "编码 {} 已在第 {} 行出现。编码不能重复。",
    "It lies in no area; it is kept and listed as belonging to none.": "不在任何区域内；仍会保留，并列为不属于任何区域。",
    "{} of {} rows lie in no area; they are kept.": "{} 行（共 {} 行）不在任何区域内，仍会保留。",
    "The file has no codes; they are made from place and name and stay the same.": "文件没有编码；将按位置和名称生成，重复导入时保持不变。",
    "{} of {} rows have no code; it is made from place and name.": "{} 行（共 {} 行）没有编码；将按位置和名称生成。",
    "{} of {} rows have no name; their code stands in.": "{} 行（共 {} 行）没有名称；以编码代替。",
    "The row has no name; its code stands in.": "这一行没有名称；以编码代替。",
    "The row has no {}.": "这一行没有{}。",
    "The code {} says type {}; cameras are 131 or 132.": "编码 {} 的类型码是 {}；摄像机应为 131 或 132。",
    "{} has {} digits; a device code has 20.": "{} 有 {} 位；设备编码应为 20 位。",
    "A device code has digits only; {} has something else.": "设备编码只能是数字；{} 含有其他字符。",
    "{} begins with {}, which is no province. Compare it with the official list.": "{} 以 {} 开头，没有这个省级代码。请对照行政区划代码表。",
    "Type {} stands for a user account, not a device. A network camera is 132.": "类型码 {} 表示用户而不是设备。网络摄像机为 132。",
    "Type {} is no device type; they run from 111. A network camera is 132, a button 134.": "没有类型码 {}，类型码从 111 起。网络摄像机为 132，一键报警为 134。",
    "Network {} is not in use; write 0 to 8.": "网络标识 {} 未使用，请填写 0 至 8。",
    "{} of {} rows lack {}, which their class needs.": "{} 行（共 {} 行）缺少其类别要求的{}。",
    "It shares {} with camera {}. If it is the same camera, give it that code.": "与已有摄像机的{}相同：{}。如果是同一台，请使用该编码。",
    "It shares {} with row {}. Is it the same camera twice?": "{}与第 {} 行相同。是否同一台摄像机填了两次？",
    "the stream": "视频流地址",
    "the recorder's channel": "录像机通道",
    "the IP address": "IP 地址",
    "the MAC address": "MAC 地址",
    "place and direction": "位置和朝向",
    "{} rows may repeat another camera; the list of duplicates has them.": "{} 行可能与其他摄像机重复；请查看重复列表。",
    "{} cannot be used here. Write it as {}.": "{} 不可用。请写成 {}。",
    "{} is no IP address of this kind. Write it as {}.": "{} 不是这种 IP 地址。请写成 {}。",
    "{} is no MAC address. Write it as {}.": "{} 不是 MAC 地址。请写成 {}。",
    "A bearing of {} is more than a full turn. Write degrees from 0 to 360.": "方位角 {} 超过一整圈。请填写 0 至 360 度。",
    "{}, {} is no longitude and latitude.": "{}, {} 不是经纬度。",
    "{}, {} lies nowhere on Earth in {}. Longitude comes first; is the system right?": "{}, {} 不在地球上（{}）。应先经度后纬度；请检查坐标系。",
    "The row has no code. Give it one, or let codes be made with --code-from geometry.": "这一行没有编码。请补充，或选择按位置和名称生成。",
    "No column is recognised as the code. Name it with --map code=COLUMN.": "没有识别出编码列。请指定哪一列是编码。",
    "{} is empty; every row needs it.": "{} 为空；每一行都必须填写。",
    "Class {} wants {}.": "{} 类点应填写：{}。",
    "The column {} would hold {}. This system manages places, equipment and events, never people: remove the column and import again.": "列 {} 会包含个人信息（{}）。本系统只管理地点、设备和事件，从不管理个人：请删除该列后重新导入。",
    "The text holds {}. This system keeps no data of persons: remove it.": "文字中含有个人号码（{}）。本系统不保存个人信息：请删除。",
    "The file has no column {}. Its columns: {}.": "文件没有列 {}。现有的列：{}。",
    "{} is not a number.{}": "{} 不是数字。{}",
    "{} is out of range.{}": "{} 超出范围。{}",
    "{} is not a whole number.{}": "{} 不是整数。{}",
    "{} is none of the allowed values: {}.": "{} 不是允许的值。可填：{}。",
    "{} is not a date. Write it as 2025-04-01.": "{} 不是日期。请写成 2025-04-01。",
    "{} is not a time. Write it as 2025-04-01 08:30:00.": "{} 不是时间。请写成 2025-04-01 08:30:00。",
    "{} is neither yes nor no. Write 是 or 否.": "{} 既不是“是”也不是“否”。请填写 是 或 否。",
    "{} is not a duty line. Write digits and dashes, as in 0813-3901110.": "{} 不是值班电话。请写数字和横线，如 0813-3901110。",
    "A duty line is a unit's landline or short number, not a personal mobile. Write the unit's line.": "值班电话应为单位座机或短号，不是个人手机。请填写单位电话。",
    "The address is not usable. Write one that begins with {} and names a host.": "地址不可用。请以 {} 开头并写明主机。",
    "The address holds a login. Put user name and password into their own columns.": "地址里含有登录信息。请把用户名和密码放到各自的列。",
    "The code {} cannot be used. Write at most 64 characters without blanks or / ? # %.": "编码 {} 不可用。最多 64 个字符，不含空格和 / ? # %。",
    "The camera has no coordinates, so no map shows it.{}": "摄像机没有坐标，地图上不会显示。{}",
    "The button has no coordinates, so an alarm from it has no place.{}": "一键报警没有坐标，报警时无法定位。{}",
    "The incident has no coordinates, so it counts in no cell.{}": "事件没有坐标，不计入任何网格。{}",
    "{} of {} areas have no boundary; nothing can lie in them.": "{} 个区域（共 {} 个）没有边界，不会有任何点落入其中。",
    "The row has no place on the map; {} need one.": "这一行没有地图位置，而它必须有。（{}）",
    "The row is a {}; {} are {}s.": "这一行的几何类型是 {}；{} 应为 {}。",
    "The ring crosses itself ({}); it was mended.": "边界线自相交（{}），已自动修复。",
    "The ring cannot be mended ({}). Draw it again.": "边界线无法修复（{}）。请重新绘制。",
    "There is no area with the code {}. Import the parents first.": "没有编码为 {} 的区域。请先导入上级区域。",
    "There is no area with the code {}. Import it first.": "没有编码为 {} 的区域。请先导入。",
    "A {} cannot hang under {}, which is a {}.": "{} 不能挂在 {} 之下，后者是 {}。",
    "The row has no level. Write one of {}.": "这一行没有级别。可填：{}。",
    "The file does not say which level its areas are. Name it: {}.": "文件没有说明区域的级别。请选择：{}。",
    "The row has no boundary, so no parent can be found by geometry. Name it.": "这一行没有边界，无法按位置判定上级。请填写上级编码。",
    "No area above these {}s lies here. Import the parents first.": "这里没有更高一级的区域（{}）。请先导入上级区域。",
    "{} lies across {}: {} of it in the first, beyond it {} m², about {} m wide. {}": "{} 横跨 {}：只有 {} 在第一个之内，其外 {} 平方米，约宽 {} 米。{}",
    "{} sticks out of {} by {} m², about {} m wide. {}": "{} 超出 {} 达 {} 平方米，约宽 {} 米。{}",
    "{} and {} overlap: {} m², about {} m wide. {}": "{} 与 {} 重叠 {} 平方米，约宽 {} 米。{}",
    "No area covers a gap beside {}: {} m², about {} m wide. {}": "{} 旁有未覆盖的空隙 {} 平方米，约宽 {} 米。{}",
    "{} lies in none of the parents. {}": "{} 不在任何上级区域内。{}",
    "The direction {} cannot be read; it is left open.": "朝向 {} 无法识别，按未知处理。",
    "{} names several directions; the first is taken.": "{} 写了多个朝向，取第一个。",
    "The bearing {} is not a number. Name the convention with --bearing, or osm for free text.": "方位角 {} 不是数字。请选择方位角约定，自由文字选 OSM 写法。",
    "DirectionType {} is not in use. Write 1 to 8.": "监视方位 {} 无效。请填写 1 至 8。",
    "No stream template for the vendor {}; the camera has no stream address. Add a template or write the address.": "没有厂商 {} 的取流模板，摄像机没有视频流地址。请添加模板或填写地址。",
    "The recorder is no address. Write a name or IP, as in 10.1.2.3:554.": "录像机不是可用的地址。请写主机名或 IP，如 10.1.2.3:554。",
    "{} does not say its coordinate system. Give one: {}": "{} 没有说明坐标系。请选择一个。（{}）",
    " Write a number from {} to {}.": "请填写 {} 至 {} 之间的数字。",
    " Write a number from {} to {}. It is left empty.": "应为 {} 至 {} 之间的数字；该项留空。",
    " Classes 1 and 2 require them.": "一类、二类点必须有坐标。",
    "Look at {}, {}.": "位置：{}, {}。",
    "0, 0 is taken as no place at all.": "0, 0 视为没有位置。",
    "The text is {}, its columns are separated by {}.": "文字编码为 {}，列分隔符为 {}。",
    "The coordinates are in {}, as the file says.": "坐标系为 {}（文件注明）。",
    "The coordinates are in {}, as told.": "坐标系为 {}（按选择）。",
}  # fmt: skip


def in_chinese(reason: str) -> str:
    """Return a reason in Chinese, or as it is when it has no phrase."""
    for pattern, chinese in _patterns():
        found = pattern.fullmatch(reason)
        if found:
            return chinese.format(*map(in_chinese, found.groups()))
    return reason


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    # The phrase with most words of its own first: a value must not swallow half a sentence.
    by_length = sorted(PHRASES.items(), key=lambda pair: -len(pair[0]))
    return tuple(
        (re.compile(re.escape(english).replace(r"\{\}", "(.*?)"), re.DOTALL), chinese) for english, chinese in by_length
    )
