"""People: names, family, work, feelings. A line a word: English, Chinese, and what the kind needs besides.

An underscore stands for a space inside an English word.
"""

from __future__ import annotations

WOMEN = """
Alice 爱丽丝
Amy 艾米
Anna 安娜
Bella 贝拉
Clara 克拉拉
Cora 科拉
Daisy 黛西
Ella 艾拉
Emma 艾玛
Eva 伊娃
Fiona 菲奥娜
Gina 吉娜
Grace 格蕾丝
Hanna 汉娜
Iris 艾丽斯
Ivy 艾薇
Jane 珍妮
Judy 朱迪
Julia 茱莉亚
Karen 凯伦
Kate 凯特
Laura 劳拉
Lily 莉莉
Lucy 露西
Maria 玛丽亚
Mia 米娅
Molly 莫莉
Nina 妮娜
Nora 诺拉
Olive 奥莉芙
Paula 葆拉
Rosa 罗莎
Ruby 露比
Sara 萨拉
Sofia 索菲亚
Tess 苔丝
Tina 蒂娜
Vera 薇拉
Wendy 温迪
Zoe 佐伊
"""

MEN = """
Adam 亚当
Alex 亚历克斯
Ben 阿本
Bob 鲍勃
Carl 卡尔
Daniel 丹尼尔
David 大卫
Eric 埃里克
Felix 菲利克斯
Frank 弗兰克
George 乔治
Henry 亨利
Hugo 雨果
Ivan 伊万
Jack 杰克
James 詹姆斯
John 约翰
Kevin 凯文
Leo 里奥
Louis 路易斯
Lucas 卢卡斯
Mark 马克
Martin 马丁
Max 马克斯
Nick 尼克
Noah 诺亚
Oliver 奥利弗
Oscar 奥斯卡
Paul 保罗
Peter 彼得
Robert 罗伯特
Sam 山姆
Simon 西蒙
Theo 西奥
Thomas 托马斯
Tom 汤姆
Tony 托尼
Victor 维克多
Walter 沃尔特
William 威廉
"""

# A person known by what he or she is to somebody; never asked about, so without a part of the split.
KIN = """
mother 妈妈
father 爸爸
sister 姐姐
brother 哥哥
grandmother 奶奶
grandfather 爷爷
aunt 姑姑
uncle 叔叔
cousin 表哥
stepmother 继母
stepfather 继父
godmother 教母
godfather 教父
"""

JOBS = """
actor 演员
astronomer 天文学家
baker 面包师
barber 理发师
blacksmith 铁匠
builder 建筑工人
captain 船长
carpenter 木匠
clown 小丑
cook 厨师
dancer 舞蹈家
dentist 牙医
doctor 医生
driver 司机
engineer 工程师
explorer 探险家
farmer 农夫
firefighter 消防员
fisherman/fishermen 渔夫
gardener 园丁
guard 守卫
hunter 猎人
judge 法官
knight 骑士
lawyer 律师
librarian 图书管理员
magician 魔术师
mechanic 修理工
miller 磨坊主
musician 音乐家
nurse 护士
painter 画家
photographer 摄影师
pilot 飞行员
plumber 水管工
poet 诗人
police_officer 警察
postman/postmen 邮递员
potter 陶匠
sailor 水手
scientist 科学家
shepherd 牧羊人
shopkeeper 店主
singer 歌手
soldier 士兵
student 学生
tailor 裁缝
vet 兽医
weaver 织布工
writer 作家
"""

# Feelings by what brings them about: luck, trouble, the body, or nothing at all.
GLAD = """
calm 平静
cheerful 愉快
content 满足
delighted 欣喜
excited 激动
glad 开心
grateful 感激
happy 高兴
hopeful 乐观
joyful 欢喜
merry 快活
peaceful 安宁
pleased 满意
proud 自豪
relaxed 轻松
relieved 欣慰
"""

SORRY = """
afraid 害怕
angry 生气
anxious 焦虑
ashamed 羞愧
disappointed 失望
gloomy 忧郁
lonely 孤单
miserable 痛苦
nervous 紧张
sad 难过
scared 恐惧
unhappy 不高兴
upset 伤心
worried 担心
"""

BODILY = """
cold 冷
dizzy 晕
hungry 饿
sick 不舒服
sleepy 困
thirsty 渴
tired 累
weak 虚弱
weary 疲惫
"""

# Moods that need no cause.
MOODS = """
bored 无聊
brave 勇敢
busy 忙碌
confused 困惑
curious 好奇
eager 急切
friendly 友善
grumpy 暴躁
homesick 想家
jealous 嫉妒
lazy 懒散
restless 烦躁
serious 严肃
shy 害羞
patient 耐心
"""

BODY_PARTS = """
ankle 脚踝
arm 胳膊
back 后背
chin 下巴
elbow 胳膊肘
finger 手指
foot 脚
hand 手
head 头
knee 膝盖
leg 腿
nose 鼻子
shoulder 肩膀
thumb 拇指
toe 脚趾
wrist 手腕
"""
