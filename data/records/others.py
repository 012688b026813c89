"""The records of everything but cameras: areas with their posts, buttons, ground and incidents."""

from data.records.cameras import RECORD_STATES
from data.records.field import Choice, Field, Record, Shape

LEVELS = (
    Choice(value="province", zh="省", en="Province", also=("省级", "自治区", "直辖市")),
    Choice(value="city", zh="市", en="City", also=("市级", "地市", "州")),
    Choice(value="county", zh="县", en="County", also=("县级", "区县", "区")),
    Choice(value="town", zh="镇", en="Town", also=("乡镇", "街道", "乡", "乡镇级")),
    Choice(value="village", zh="村", en="Village", also=("社区", "村社区", "居委会", "村级")),
    Choice(value="cell", zh="网格", en="Cell", also=("单元网格", "grid")),
)
_LNG = Field(
    name="lng", zh=("经度",), en=("Longitude", "lon", "x"), shape=Shape.NUMBER, column=False, note="坐标系在导入时选择"
)
_LAT = Field(name="lat", zh=("纬度",), en=("Latitude", "y"), shape=Shape.NUMBER, column=False)

AREAS = Record(
    kind="areas",
    zh="区域",
    table="areas",
    geometry="polygon",
    fields=(
        Field(name="code", zh=("区域编码", "编码", "网格编码", "行政区划代码", "区划代码"), en=("Code", "adcode"),
              shape=Shape.CODE, required=True, note="行政区划12位，网格15位；来源没有编码时留空"),
        Field(name="name", zh=("区域名称", "名称", "网格名称"), en=("Name",), required=True),
        Field(name="level", zh=("级别", "层级"), en=("Level",), shape=Shape.CHOICE, choices=LEVELS,
              note="省、市、县、镇、村、网格；整个文件一样时可在导入时选择"),
        Field(name="parent", zh=("上级编码", "上级区域编码", "父级编码"), en=("Parent", "parent code"),
              shape=Shape.CODE, column=False),
        Field(name="post_name", zh=("岗位", "岗位名称"), en=("Post", "post name"), group="post", column=False,
              note="三定一包：岗位、职责、单位；不填写个人"),
        Field(name="unit", zh=("责任单位", "包保单位"), en=("Unit",), group="post", column=False),
        Field(name="duties", zh=("岗位职责", "职责"), en=("Duties",), shape=Shape.LIST, group="post", column=False,
              note="多项用顿号隔开"),
        Field(name="staffed", zh=("是否在岗", "在岗"), en=("Staffed",), shape=Shape.FLAG, group="post", column=False,
              choices=(Choice(value=1, zh="在岗", en="Staffed"),
                       Choice(value=0, zh="空缺", en="Vacant", also=("缺编",)))),
        Field(name="duty_line", zh=("值班电话",), en=("Duty line",), shape=Shape.DUTY_LINE, group="post", column=False,
              note="单位值班电话，不得填写个人手机"),
    ),
)  # fmt: skip
BUTTONS = Record(
    kind="buttons",
    zh="一键报警",
    table="buttons",
    geometry="point",
    fields=(
        Field(name="code", zh=("设备编码", "编码"), en=("Code",), shape=Shape.CODE, required=True),
        Field(name="name", zh=("设备名称", "名称"), en=("Name",), required=True),
        _LNG,
        _LAT,
        Field(name="record_state", zh=("设备状态", "使用状态"), en=("State in use", "record state"), shape=Shape.CHOICE,
              choices=RECORD_STATES, default="in_use"),
        Field(name="place", zh=("安装地点", "地点", "安装地址"), en=("Place",), default=""),
        Field(name="duty_line", zh=("值班电话",), en=("Duty line",), shape=Shape.DUTY_LINE, default="",
              note="单位值班电话，不得填写个人手机"),
        Field(name="heartbeat_s", zh=("心跳间隔", "心跳间隔秒"), en=("Heartbeat", "heartbeat s"), shape=Shape.NUMBER,
              low=1, high=86400, default=60.0, note="秒"),
    ),
)  # fmt: skip
BUILDINGS = Record(
    kind="buildings",
    zh="建筑物",
    table="buildings",
    geometry="polygon",
    fields=(
        Field(name="code", zh=("建筑编码", "编码"), en=("Code",), shape=Shape.CODE, required=True),
        Field(name="name", zh=("建筑名称", "名称"), en=("Name",), default=""),
        Field(name="height_m", zh=("高度", "建筑高度"), en=("Height",), shape=Shape.NUMBER, low=0, high=1500,
              lenient=True, note="米"),
        Field(name="levels", zh=("层数", "楼层数", "楼层"), en=("Levels", "floors", "floor"), shape=Shape.NUMBER,
              low=0, high=300, lenient=True),
    ),
)  # fmt: skip
ROADS = Record(
    kind="roads",
    zh="道路",
    table="roads",
    geometry="line",
    fields=(
        Field(name="code", zh=("道路编码", "编码"), en=("Code",), shape=Shape.CODE, required=True),
        Field(name="name", zh=("道路名称", "名称"), en=("Name",), default=""),
        Field(name="kind", zh=("道路类型", "类型", "等级"), en=("Kind", "highway", "class"), default=""),
    ),
)
PLACES = Record(
    kind="places",
    zh="场所",
    table="places",
    geometry="point",
    fields=(
        Field(name="code", zh=("场所编码", "编码"), en=("Code",), shape=Shape.CODE, required=True),
        Field(name="name", zh=("场所名称", "名称"), en=("Name",), required=True),
        Field(name="kind", zh=("场所类型", "类型"), en=("Kind", "amenity"), default=""),
        _LNG,
        _LAT,
    ),
)
INCIDENTS = Record(
    kind="incidents",
    zh="事件点",
    table="incidents",
    geometry="point",
    fields=(
        Field(name="code", zh=("事件编号", "编号", "编码"), en=("Code",), shape=Shape.CODE, required=True),
        Field(name="kind", zh=("事件类型", "类型", "类别"), en=("Kind", "category", "offense type", "offense"),
              required=True),
        Field(name="at", zh=("发生时间", "时间"), en=("Time", "at", "occurred", "date", "time local", "datetime"),
              shape=Shape.MOMENT, required=True, note="不带时区的时间按导入时选择的时区理解"),
        Field(name="place", zh=("发生地点", "地点"), en=("Place", "location"), default=""),
        _LNG,
        _LAT,
    ),
)  # fmt: skip
