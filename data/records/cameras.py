"""The camera record (一机一档): the one table behind import, template, export, table columns and edit form.

Value lists follow GB/T 28181-2022 and its one-device-one-file annex; what monitor classes need is `wanted_for`.
"""

from data.records.field import Choice, Field, Record, Shape

# Monitor classes, and 0 for cameras whose class is not written.
CLASSES = (1, 2, 3, 9, 0)
CLASSES_1_AND_2 = frozenset({1, 2})
CLASS_1 = frozenset({1})
NO_CLASS = frozenset({0})

RECORD_STATES = (
    Choice(value="in_use", zh="在用", en="In use", also=("1", "使用", "正常")),
    Choice(value="repair", zh="维修", en="In repair", also=("2", "检修")),
    Choice(value="dismantled", zh="拆除", en="Dismantled", also=("3", "停用")),
    Choice(value="planned", zh="规划", en="Planned", also=("拟建", "在建")),
)
MONITOR_CLASSES = (
    Choice(value=1, zh="一类", en="Class 1", also=("一类点", "一类视频监控点")),
    Choice(value=2, zh="二类", en="Class 2", also=("二类点", "二类视频监控点")),
    Choice(value=3, zh="三类", en="Class 3", also=("三类点", "三类视频监控点")),
    Choice(value=9, zh="其他", en="Other", also=("其他点",)),
)
PTZ_TYPES = (
    Choice(value=1, zh="球机", en="Dome", also=("dome", "ptz")),
    Choice(value=2, zh="半球", en="Half dome", also=("half-dome", "半球机")),
    Choice(value=3, zh="固定枪机", en="Fixed bullet", also=("fixed", "枪机")),
    Choice(value=4, zh="遥控枪机", en="PTZ bullet", also=("ptz bullet",)),
    Choice(value=5, zh="遥控半球", en="PTZ half dome", also=("ptz half-dome",)),
    Choice(value=6, zh="全景", en="Panorama", also=("panorama", "多目", "panning")),
    Choice(value=7, zh="分割通道", en="Split channel", also=("split",)),
)
DIRECTION_TYPES = tuple(
    Choice(value=number, zh=zh, en=en, also=(f"{zh}向", f"朝{zh}"))
    for number, zh, en in (
        (1, "东", "East"), (2, "西", "West"), (3, "南", "South"), (4, "北", "North"),
        (5, "东南", "Southeast"), (6, "东北", "Northeast"), (7, "西南", "Southwest"), (8, "西北", "Northwest"),
    )
)  # fmt: skip
# Words by the numbers of GB/T 28181, for the fields that hold other words too.
POSITIONS = {
    "1": "省际检查站", "2": "党政机关", "3": "车站码头", "4": "中心广场", "5": "体育场馆", "6": "商业中心",
    "8": "校园周边", "9": "治安复杂区域", "10": "交通干线",
}  # fmt: skip
LIGHTS = {"1": "无补光", "2": "红外补光", "3": "白光补光", "4": "激光补光", "9": "其他"}
NETWORKS = {"0": "公安视频传输网", "2": "行业专网", "3": "政法信息网", "4": "移动信息网", "5": "公安信息网",
            "6": "电子政务外网", "7": "互联网", "8": "专线"}  # fmt: skip
SECURITY_LEVELS = tuple(Choice(value=level, zh=f"{level}级", en=f"Level {level}") for level in "ABC")

_IDENTITY = (
    Field(name="code", zh=("设备编码", "编码", "国标编码", "摄像机编码"), en=("Code", "device id"), shape=Shape.CODE,
          group="identity", required=True, note="20位国标编码；来源没有编码时留空，系统按位置和名称生成"),
    Field(name="name", zh=("设备名称", "名称", "点位名称", "摄像机名称"), en=("Name", "camera name"), group="identity",
          required=True),
    Field(name="record_state", zh=("设备状态", "使用状态"), en=("State in use", "record state"), shape=Shape.CHOICE,
          group="identity", choices=RECORD_STATES, default="in_use"),
    Field(name="monitor_class", zh=("监控点位类型", "点位类别", "监控类别"), en=("Monitor class",), shape=Shape.CHOICE,
          group="identity", choices=MONITOR_CLASSES, wanted_for=NO_CLASS,
          note="一类、二类点须有经纬度；一类点须有安装时间、管理单位、值班电话和保存天数"),
    Field(name="division_code", zh=("行政区划代码", "行政区域", "区划代码"), en=("Division code", "civil code"),
          group="identity", pattern=r"\d{2}|\d{4}|\d{6}|\d{8}|\d{9}|\d{12}", example="510311 or 510311102204",
          note="2至12位行政区划代码"),
)  # fmt: skip
_PLACE = (
    Field(name="lng", zh=("经度",), en=("Longitude", "lon", "x"), shape=Shape.NUMBER, group="place", column=False,
          wanted_for=CLASSES_1_AND_2, note="坐标系在导入时选择，保存为WGS-84"),
    Field(name="lat", zh=("纬度",), en=("Latitude", "y"), shape=Shape.NUMBER, group="place", column=False),
    Field(name="address", zh=("安装地址", "地址", "安装位置"), en=("Address",), group="place"),
    Field(name="position_type", zh=("位置类型", "摄像机位置类型", "场所类型"), en=("Kind of position",), group="place",
          usual=POSITIONS),
    Field(name="indoor", zh=("室内外", "室内", "安装位置室内外"), en=("Indoors",), shape=Shape.FLAG, group="place",
          choices=(Choice(value=1, zh="室内", en="Indoors", also=("indoor",)),
                   Choice(value=0, zh="室外", en="Outdoors", also=("outdoor",)))),
    Field(name="pole", zh=("立杆编号", "杆号", "杆件编号"), en=("Pole", "pole number"), group="place"),
)  # fmt: skip
_POSE = (
    Field(name="bearing_deg", zh=("方位角", "朝向", "水平角度"),
          en=("Bearing", "azimuth", "azimuth deg", "camera direction", "direction"), shape=Shape.NUMBER, group="pose",
          low=0, below=360, note="默认为自正北顺时针的度数；其他约定在导入时选择"),
    Field(name="direction_type", zh=("监视方位", "监控方位", "朝向类型"), en=("DirectionType",), shape=Shape.CHOICE,
          group="pose", choices=DIRECTION_TYPES,
          note="1东 2西 3南 4北 5东南 6东北 7西南 8西北，有±22.5°的不确定；没有方位角时由它得出"),
    Field(name="bearing_doubt_deg", zh=("方位角误差",), en=("Bearing doubt",), shape=Shape.NUMBER, group="pose", low=0,
          high=180, default=0.0),
    Field(name="hfov_deg", zh=("水平视场角", "视场角"), en=("Horizontal angle", "hfov"), shape=Shape.NUMBER,
          group="pose", low=0.1, high=360),
    Field(name="vfov_deg", zh=("垂直视场角",), en=("Vertical angle", "vfov"), shape=Shape.NUMBER, group="pose",
          low=0.1, high=180),
    Field(name="tilt_deg", zh=("俯仰角", "俯角"), en=("Tilt",), shape=Shape.NUMBER, group="pose", low=-90, high=90,
          note="向下为正"),
    Field(name="height_m", zh=("安装高度", "架设高度", "离地高度"), en=("Install height", "height"), shape=Shape.NUMBER,
          group="pose", low=0, high=500, note="米"),
    Field(name="reach_m", zh=("最大可视距离", "可视距离"), en=("Max view distance", "reach"), shape=Shape.NUMBER,
          group="pose", low=1, high=5000, note="米"),
    Field(name="width_px", zh=("图像宽度", "分辨率宽"), en=("Picture width",), shape=Shape.WHOLE, group="pose", low=64,
          high=32768),
    Field(name="height_px", zh=("图像高度", "分辨率高"), en=("Picture height",), shape=Shape.WHOLE, group="pose",
          low=64, high=32768),
    Field(name="max_resolution", zh=("最大分辨率", "支持的最大分辨率"), en=("Highest resolution", "max resolution"),
          group="pose", pattern=r"\d{2,5}\s*[x×X*]\s*\d{2,5}", example="3840x2160"),
)  # fmt: skip
_REACH = (
    Field(name="rtsp_url", zh=("视频流地址", "RTSP地址", "取流地址"), en=("RTSP address", "stream url"),
          shape=Shape.URL, group="network", schemes=("rtsp", "rtsps"),
          note="不含用户名和密码；在录像机后面的可留空，由厂商、录像机和通道生成"),
    Field(name="onvif_url", zh=("ONVIF地址",), en=("ONVIF address",), shape=Shape.URL, group="network",
          schemes=("http", "https")),
    Field(name="username", zh=("登录用户名", "设备用户名"), en=("Device login", "username"), group="network"),
    Field(name="password", zh=("登录密码", "设备密码", "密码"), en=("Device password", "password"), shape=Shape.SECRET,
          group="network", column=False, exported=False, note="加密保存，从不导出"),
    Field(name="recorder", zh=("录像机地址", "NVR地址", "录像机"), en=("Recorder", "nvr"), group="network"),
    Field(name="recorder_channel", zh=("录像机通道", "通道号"), en=("Recorder channel", "channel"), shape=Shape.WHOLE,
          group="network", low=1, high=4096),
    Field(name="link", zh=("上联链路", "链路"), en=("Link",), group="network"),
    Field(name="probe_site", zh=("探测点",), en=("Probe site",), group="network", default="main"),
    Field(name="ipv4", zh=("IPv4地址", "IP地址"), en=("IPv4", "ip"), shape=Shape.IPV4,
          group="network"),
    Field(name="ipv6", zh=("IPv6地址",), en=("IPv6",), shape=Shape.IPV6, group="network"),
    Field(name="mac", zh=("MAC地址",), en=("MAC",), shape=Shape.MAC, group="network"),
    Field(name="network_kind", zh=("联网属性", "接入网络", "网络类型"), en=("Network",), group="network",
          usual=NETWORKS),
)  # fmt: skip
_DEVICE = (
    Field(name="vendor", zh=("设备厂商", "厂商", "品牌"), en=("Vendor", "manufacturer"), group="device"),
    Field(name="model", zh=("设备型号", "型号"), en=("Model",), group="device"),
    Field(name="firmware", zh=("固件版本", "软件版本"), en=("Firmware",), group="device"),
    Field(name="ptz_type", zh=("摄像机类型", "摄像机结构类型"), en=("PTZ type", "ptztype", "camera type"),
          shape=Shape.CHOICE, group="device", choices=PTZ_TYPES),
    Field(name="function", zh=("摄像机功能类型", "功能类型"), en=("Function",), group="device"),
    Field(name="codec", zh=("视频编码格式", "编码格式"), en=("Codec",), group="device"),
    Field(name="frame_rate", zh=("帧率", "视频帧率"), en=("Frame rate", "fps"), shape=Shape.NUMBER,
          group="device", low=1, high=240, note="主码流每秒帧数"),
    Field(name="bit_rate_kbps", zh=("码率", "码率上限", "视频码率"), en=("Bit rate",), shape=Shape.WHOLE,
          group="device", low=16, high=200_000, note="主码流码率上限，kbit/s"),
    Field(name="key_frame_every", zh=("I帧间隔", "关键帧间隔"), en=("Frames per key frame", "gop"), shape=Shape.WHOLE,
          group="device", low=1, high=1_000, note="帧"),
    Field(name="fill_light", zh=("补光属性", "补光"), en=("Fill light",), group="device", usual=LIGHTS),
    Field(name="power_source", zh=("取电方式", "供电方式"), en=("Power source",), group="device"),
    Field(name="power_duty_line", zh=("供电单位值班电话", "取电联系方式", "供电联系方式"), en=("Power duty line",),
          shape=Shape.DUTY_LINE, group="device", note="供电单位值班电话，不得填写个人手机"),
    Field(name="osd_name", zh=("OSD名称", "字幕名称"), en=("OSD name",), group="device"),
    Field(name="asset_number", zh=("资产编号",), en=("Asset number",), group="device"),
    Field(name="install_date", zh=("安装时间", "安装日期"), en=("Installed on", "install time"), shape=Shape.DATE,
          group="device", wanted_for=CLASS_1),
    Field(name="build_phase", zh=("建设期数", "建设批次"), en=("Build phase",), group="device"),
)  # fmt: skip
_DUTY = (
    Field(name="managing_unit", zh=("管理单位", "所属单位"), en=("Managing unit", "operator"), group="duty",
          wanted_for=CLASS_1),
    Field(name="managing_duty_line", zh=("管理单位值班电话", "管理单位联系方式", "管理单位电话"),
          en=("Managing duty line",), shape=Shape.DUTY_LINE, group="duty",
          wanted_for=CLASS_1, note="单位值班电话，不得填写个人手机"),
    Field(name="maintaining_unit", zh=("运维单位", "维护单位"), en=("Maintaining unit",), group="duty"),
    Field(name="maintaining_duty_line", zh=("运维单位值班电话", "运维单位联系方式", "运维单位电话"),
          en=("Maintaining duty line",), shape=Shape.DUTY_LINE, group="duty", note="单位值班电话，不得填写个人手机"),
    Field(name="retention_days", zh=("录像保存天数", "保存天数"), en=("Retention days",), shape=Shape.WHOLE,
          group="duty", low=0, high=3650, wanted_for=CLASS_1),
    Field(name="security_level", zh=("安全等级", "重要等级"), en=("Security level",), shape=Shape.CHOICE, group="duty",
          choices=SECURITY_LEVELS),
    Field(name="legal_basis", zh=("设置依据", "法律依据"), en=("Legal basis",), group="duty"),
    Field(name="signage_date", zh=("提示标识设置日期", "标识日期"), en=("Sign put up on",), shape=Shape.DATE,
          group="duty"),
    Field(name="filing_date", zh=("备案日期",), en=("Filed on",), shape=Shape.DATE, group="duty"),
)  # fmt: skip

CAMERAS = Record(
    kind="cameras",
    zh="摄像机",
    table="cameras",
    geometry="point",
    fields=(*_IDENTITY, *_PLACE, *_POSE, *_REACH, *_DEVICE, *_DUTY),
)
