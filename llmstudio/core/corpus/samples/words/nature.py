"""Animals, plants, places, hiding places, weather, days: where the people of this world live.

A line a word: English, Chinese, then what the kind needs (a measure word, a preposition, a Chinese locative).
"""

from __future__ import annotations

# Small and friendly enough to live with a person, ...
PETS = """
cat 猫 只
dog 狗 只
duck 鸭子 只
goat 山羊 只
hamster 仓鼠 只
hen 母鸡 只
horse 马 匹
kitten 小猫 只
lamb 羊羔 只
mouse/mice 老鼠 只
parrot 鹦鹉 只
pig 猪 头
pony/ponies 小马 匹
puppy/puppies 小狗 只
rabbit 兔子 只
rooster 公鸡 只
sheep/sheep 绵羊 只
turtle 乌龟 只
cow 奶牛 头
donkey 驴 头
goose/geese 鹅 只
owl 猫头鹰 只
fox/foxes 狐狸 只
"""

# ... small and wild, ...
CRITTERS = """
ant 蚂蚁 只
bat 蝙蝠 只
beetle 甲虫 只
bird 小鸟 只
butterfly/butterflies 蝴蝶 只
crab 螃蟹 只
crow 乌鸦 只
dove 鸽子 只
dragonfly/dragonflies 蜻蜓 只
frog 青蛙 只
hedgehog 刺猬 只
ladybug 瓢虫 只
lizard 蜥蜴 只
mole 鼹鼠 只
otter 水獭 只
raccoon 浣熊 只
robin 知更鸟 只
snail 蜗牛 只
sparrow 麻雀 只
spider 蜘蛛 只
squirrel 松鼠 只
toad 蟾蜍 只
"""

# ... or big and wild.
BEASTS = """
bear 熊 头
bull 公牛 头
camel 骆驼 头
deer/deer 鹿 头
eagle 老鹰 只
elephant 大象 头
leopard 豹子 只
lion 狮子 头
monkey 猴子 只
ostrich/ostriches 鸵鸟 只
panda 熊猫 只
peacock 孔雀 只
penguin 企鹅 只
seal 海豹 只
swan 天鹅 只
tiger 老虎 只
wolf/wolves 狼 只
zebra 斑马 匹
"""

FLOWERS = """
bean 豆苗 棵
cabbage 卷心菜 棵
daffodil 水仙花 朵
fern 蕨草 棵
lilac 丁香花 朵
lily/lilies 百合花 朵
orchid 兰花 朵
poppy/poppies 罂粟花 朵
rose 玫瑰 朵
marigold 金盏花 朵
sunflower 向日葵 朵
tulip 郁金香 朵
violet 紫罗兰 朵
"""

TREES = """
birch/birches 桦树 棵
bush/bushes 灌木 丛
cactus/cactuses 仙人掌 棵
chestnut 栗树 棵
elm 榆树 棵
maple 枫树 棵
oak 橡树 棵
palm 棕榈树 棵
pine 松树 棵
poplar 杨树 棵
willow 柳树 棵
"""

# Preposition, and the Chinese locative that says the same.
OUTDOORS = """
beach 海滩 on 上
bridge 桥 on 上
desert 沙漠 in 里
farm 农场 on 里
field 田野 in 里
forest 森林 in 里
garden 花园 in 里
harbor 港口 at 里
hill 小山 on 上
island 小岛 on 上
lake 湖 at 边
meadow 草地 in 上
mountain 山 on 上
orchard 果园 in 里
park 公园 in 里
playground 操场 on 上
pond 池塘 at 边
river 河 at 边
square 广场 on 上
street 街道 on 上
valley 山谷 in 里
village 村子 in 里
yard 院子 in 里
"""

INDOORS = """
airport 机场 at 里
attic 阁楼 in 上
bakery 面包店 at 里
bank 银行 at 里
barn 谷仓 in 里
boat 船 on 上
castle 城堡 in 里
cave 山洞 in 里
cellar 地窖 in 里
church 教堂 in 里
cinema 电影院 at 里
circus 马戏团 at 里
classroom 教室 in 里
factory 工厂 at 里
fountain 喷泉 at 边
hall 大厅 in 里
hospital 医院 at 里
hotel 旅馆 at 里
kitchen 厨房 in 里
library 图书馆 in 里
lighthouse 灯塔 in 里
market 市场 at 里
mill 磨坊 at 里
museum 博物馆 in 里
office 办公室 in 里
palace 宫殿 in 里
roof 屋顶 on 上
school 学校 at 里
shop 商店 at 里
stable 马厩 in 里
station 车站 at 里
theater 剧院 at 里
tower 塔楼 in 里
workshop 作坊 in 里
zoo 动物园 at 里
"""

SPOTS = """
behind_the_bookcase 书柜后面
behind_the_curtain 窗帘后面
behind_the_door 门后面
behind_the_sofa 沙发后面
behind_the_stove 炉子后面
beside_the_fireplace 壁炉旁边
beside_the_fence 篱笆旁边
beside_the_well 水井旁边
between_two_rocks 两块岩石之间
in_a_hollow_log 空心木头里
in_a_pile_of_leaves 落叶堆里
in_the_bushes 灌木丛里
in_the_cupboard 橱柜里
in_the_drawer 抽屉里
in_the_hay 干草堆里
in_the_mud 泥巴里
in_the_sand 沙子里
in_the_snow 雪里
in_the_tall_grass 高高的草丛里
near_the_gate 大门附近
on_the_bench 长椅上
on_the_shelf 书架上
on_the_windowsill 窗台上
under_an_old_trunk 旧箱子下面
under_the_bed 床下面
under_the_carpet 地毯下面
under_the_stairs 楼梯下面
under_the_steps 台阶下面
under_the_table 桌子下面
under_the_desk 书桌下面
"""

# What it did, what it was called, and what a day of it was like.
WEATHER = """
it_was_raining 正在下雨 the_rain 雨 rainy 下雨
it_was_snowing 正在下雪 the_snow 雪 snowy 下雪
it_was_foggy 起了雾 the_fog 雾 foggy 有雾
a_storm_was_raging 正刮着暴风雨 the_storm 暴风雨 stormy 有暴风雨
a_cold_wind_was_blowing 正刮着冷风 the_wind 风 windy 刮风
it_was_freezing 天寒地冻 the_frost 寒霜 frosty 寒冷
it_was_hailing 正在下冰雹 the_hail 冰雹 dreary 阴沉
"""

TIMES = """
one_morning 一天早上
one_afternoon 一天下午
one_evening 一天傍晚
one_day 有一天
on_Monday 星期一
on_Tuesday 星期二
on_Wednesday 星期三
on_Thursday 星期四
on_Friday 星期五
on_Saturday 星期六
on_Sunday 星期天
early_in_the_morning 一大早
late_in_the_afternoon 傍晚时分
at_noon 中午
after_breakfast 早饭后
after_lunch 午饭后
after_school 放学后
before_dinner 晚饭前
last_week 上个星期
last_month 上个月
yesterday 昨天
in_January 一月里
in_February 二月里
in_March 三月里
in_April 四月里
in_May 五月里
in_June 六月里
in_July 七月里
in_August 八月里
in_September 九月里
in_October 十月里
in_November 十一月里
in_December 十二月里
in_spring 春天里
in_summer 夏天里
in_autumn 秋天里
in_winter 冬天里
during_the_holidays 假期里
"""
