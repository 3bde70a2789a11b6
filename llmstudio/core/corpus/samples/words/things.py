"""Things one can hold, wear, eat or give away, and what they are like.

A line a word: English, Chinese, Chinese measure word. A plural that is not regular follows a slash; ``/-`` marks what
is not counted ("some bread").
"""

from __future__ import annotations

THINGS = """
ball 球 个
basket 篮子 个
bell 铃铛 个
blanket 毯子 条
book 书 本
bottle 瓶子 个
box 盒子 个
bracelet 手镯 个
brush/brushes 刷子 把
bucket 水桶 个
button 纽扣 颗
camera 相机 台
candle 蜡烛 根
card 卡片 张
chair 椅子 把
clock 时钟 个
coat 外套 件
coin 硬币 枚
comb 梳子 把
compass/compasses 指南针 个
crown 王冠 顶
cup 杯子 个
cushion 垫子 个
diary/diaries 日记本 本
doll 娃娃 个
dress/dresses 裙子 条
drum 鼓 面
envelope 信封 个
fan 扇子 把
feather 羽毛 根
flag 旗子 面
flute 笛子 支
fork 叉子 把
glove 手套 只
guitar 吉他 把
hammer 锤子 把
hat 帽子 顶
helmet 头盔 个
jacket 夹克 件
jar 罐子 个
jug 水壶 把
key 钥匙 把
kite 风筝 只
ladder 梯子 架
lamp 台灯 盏
lantern 灯笼 盏
letter 信 封
magnet 磁铁 块
map 地图 张
marble 弹珠 颗
mask 面具 个
mirror 镜子 面
mug 马克杯 个
necklace 项链 条
needle 针 根
net 网 张
newspaper 报纸 份
notebook 笔记本 本
paintbrush/paintbrushes 画笔 支
pen 钢笔 支
pencil 铅笔 支
photograph 照片 张
pillow 枕头 个
plate 盘子 个
pot 锅 口
present 礼物 份
puppet 木偶 个
purse 钱包 个
puzzle 拼图 幅
radio 收音机 台
ribbon 丝带 条
ring 戒指 枚
robot 机器人 个
rope 绳子 根
ruler 尺子 把
sack 袋子 个
saw 锯子 把
scarf/scarves 围巾 条
shell 贝壳 个
shirt 衬衫 件
shoe 鞋子 只
shovel 铲子 把
sled 雪橇 架
spoon 勺子 把
stamp 邮票 张
stone 石头 块
stool 凳子 个
suitcase 手提箱 个
sweater 毛衣 件
sword 剑 把
teapot 茶壶 把
telescope 望远镜 架
tent 帐篷 顶
ticket 票 张
torch/torches 手电筒 个
towel 毛巾 条
toy 玩具 个
trumpet 小号 把
umbrella 雨伞 把
vase 花瓶 个
violin 小提琴 把
watch/watches 手表 块
wheel 轮子 个
whistle 哨子 个
"""

FOODS = """
apple 苹果 个
banana 香蕉 根
biscuit 饼干 块
bread/- 面包 块
bun 小圆面包 个
cake 蛋糕 块
carrot 胡萝卜 根
cheese/- 奶酪 块
cherry/cherries 樱桃 颗
chocolate/- 巧克力 块
coconut 椰子 个
corn/- 玉米 根
dumpling 饺子 个
egg 鸡蛋 个
fig 无花果 个
grape 葡萄 颗
honey/- 蜂蜜 罐
ice_cream/- 冰淇淋 个
jam/- 果酱 罐
lemon 柠檬 个
melon 甜瓜 个
muffin 松饼 个
mushroom 蘑菇 个
nut 坚果 颗
onion 洋葱 个
orange 橙子 个
pancake 煎饼 张
peach/peaches 桃子 个
pear 梨 个
pepper 辣椒 个
pie 馅饼 个
pizza 披萨 张
plum 李子 个
popcorn/- 爆米花 份
potato/potatoes 土豆 个
pretzel 椒盐卷饼 个
pudding/- 布丁 份
pumpkin 南瓜 个
rice/- 米饭 碗
salad/- 沙拉 份
sandwich/sandwiches 三明治 个
sausage 香肠 根
soup/- 汤 碗
strawberry/strawberries 草莓 颗
toast/- 吐司 片
tomato/tomatoes 番茄 个
turnip 萝卜 个
walnut 核桃 个
waffle 华夫饼 个
yogurt/- 酸奶 杯
"""

DRINKS = """
cider/- 苹果酒 杯
cocoa/- 可可 杯
coffee/- 咖啡 杯
juice/- 果汁 杯
lemonade/- 柠檬水 杯
milk/- 牛奶 杯
tea/- 茶 杯
water/- 水 杯
"""

COLORS = """
black 黑色
blue 蓝色
brown 棕色
golden 金色
gray 灰色
green 绿色
pink 粉色
purple 紫色
red 红色
silver 银色
white 白色
yellow 黄色
"""

# What a thing may be like. The Chinese stands before the noun as it is.
QUALITIES = """
big 大
bright 明亮的
broken 破
cheap 便宜的
clean 干净的
cute 可爱的
delicate 精巧的
dirty 脏
dusty 落满灰的
elegant 优雅的
expensive 贵重的
famous 有名的
fancy 华丽的
funny 有趣的
heavy 沉重的
huge 巨大的
light 轻轻的
lovely 好看的
magic 有魔力的
narrow 窄窄的
new 新
odd 古怪的
old 旧
plain 朴素的
pretty 漂亮的
rare 稀有的
round 圆圆的
shiny 闪亮的
simple 简单的
small 小
smooth 光滑的
soft 柔软的
special 特别的
strange 奇怪的
strong 结实的
tiny 小小的
useful 有用的
wide 宽宽的
wonderful 奇妙的
"""

# What a living creature may be like.
TRAITS = """
big 大
brown 棕色的
fat 胖胖的
gray 灰色的
hungry 饿着肚子的
little 小小的
lost 迷路的
muddy 沾满泥巴的
old 老
sleepy 困倦的
strange 奇怪的
thin 瘦瘦的
thirsty 口渴的
white 白色的
wild 野生的
young 年轻的
"""

MATERIALS = """
bamboo 竹子
brass 黄铜
clay 黏土
cloth 布
copper 铜
glass 玻璃
gold 金子
iron 铁
leather 皮革
paper 纸
plastic 塑料
rubber 橡胶
silk 丝绸
silver 银子
steel 钢
wax 蜡
wood 木头
wool 羊毛
"""

NUMBERS = """
two 两
three 三
four 四
five 五
six 六
seven 七
eight 八
nine 九
ten 十
eleven 十一
twelve 十二
thirteen 十三
fourteen 十四
fifteen 十五
sixteen 十六
seventeen 十七
eighteen 十八
nineteen 十九
twenty 二十
"""
