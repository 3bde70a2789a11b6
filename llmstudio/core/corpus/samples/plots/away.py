"""Plots about animals, strangers, fear, learning and going far. The notation is explained in ``plots``."""

from __future__ import annotations

RUNAWAY = """
PLOT runaway
STORY home|friends pet gone sad asked follow found rescue back glad moral?
# pet
{who} had {a:color} {pet} that [slept|played|waited] {spot} every [night|morning|day].
{time}, {who} took {her:who} {color} {pet} {to:place}.
{who}有一{m:pet}{color}的{pet}，它每天都在{spot}[睡觉|玩耍|等人]。
{time}，{who}带着{color}的{pet}来到{to:place}。
# gone
But {weather}, and the {pet} was so frightened that it ran away.
Then {a:beast} made a loud noise, and the {pet} [fled|disappeared|vanished].
可是外面{weather}，{pet}吓得跑掉了。
忽然一{m:beast}{beast}大叫一声，{pet}就[逃走|不见|消失]了。
# follow
They followed the [tracks|footprints|noise] {to:place2}.
{friend} and {who} {move} {to:place2} and called for the {pet}.
{a:job} had seen the {pet} running {to:place2}.
他们跟着[脚印|声音]来到{to:place2}。
{friend}和{who}{move}到{to:place2}，呼唤着{pet}。
# found
There sat the {pet} {spot2}, [trembling|wet|hungry] and alone.
{friend} heard a faint sound {spot2}, and it was the {pet}.
{pet}正在{spot2}[发抖|躲着|蹲着]。
{friend}听见{spot2}有轻轻的声音，原来是{pet}。
# rescue
{friend} {manner} lifted it up and gave it to {who}.
{friend} held out {a:food}, and the {pet} came closer.
{friend}{manner}把它抱起来，交给{who}。
{friend}拿出{food}，{pet}就走了过来。
# back
{who} [wrapped|carried|held] the {pet} in a [warm|dry|soft] blanket.
"Never run away again," {who} said {manner}.
{who}用[温暖|柔软|干]的毯子裹住{pet}。
{who}{manner}说：“再也不要跑了。”
# ask
Why did the {pet} run away? => Because {weather}.
Who found the {pet}? => {friend} found it.
Where was the {pet}? => It was {spot2}.
Whose {pet} was it? => It belonged to {who}.
What color was the {pet}? => It was {color}.
Where did the {pet} run? => It ran {to:place2}.
{pet}为什么跑掉了？ => 因为外面{weather}。
谁找到了{pet}？ => {friend}找到的。
{pet}在哪里？ => 在{spot2}。
{pet}是谁的？ => 是{who}的。
{pet}是什么颜色的？ => 是{color}的。
"""

WRONG_WAY = """
PLOT wrong_way
STORY home sky? leave lost_way dark sorry_alone meet guide arrive glad moral?
# leave
{time}, {who} {move} {to:outdoor} to {activity}.
{who} wanted to visit {friend}, who lived near the {outdoor}, and {move} off {time}.
{time}，{who}{move}到{to:outdoor}去{activity}。
{time}，{who}想去看望住在{outdoor}附近的{friend}。
# lost_way
But {she:who} took the wrong [path|turn|road] and was soon lost.
The [path|road|trail] ended in front of {a:tree}, and {who} was lost.
可是{she:who}走错了[路|方向]，很快就迷路了。
[小路|大路]在一{m:tree}{tree}前面断了，{who}迷路了。
# dark
It was getting dark, and {weather}.
The sun went down, and the [owls|wolves|shadows] came out.
天渐渐黑了，外面{weather}。
太阳下山了，[猫头鹰|狼|影子]都出来了。
# sorry_alone
{who} felt {sorry} and [did not know what to do|called for help|climbed onto a rock].
"I want to go home," {speech} {who}.
{who}觉得很{sorry}，[不知道怎么办|大声呼救|爬上一块岩石]。
{who}{speech}：“我想回家。”
# meet
Then {a:job} came along with {a:thing}.
Just then {a:color} light appeared, and it was {friend} with {a:thing}.
这时来了一位{job}，带着一{m:thing}{thing}。
这时出现了{color}的光，原来是{friend}带着{thing}来了。
# guide
"Follow me, I know the way," {speech} {friend}.
{friend} {manner} led {who} past the {outdoor2}.
{friend}{speech}：“跟我来，我认得路。”
{friend}{manner}带着{who}走过{outdoor2}。
# arrive
After {number} minutes they saw the lights of the village.
At home, {her:who} {kin} was waiting with {a:food}.
过了{number}分钟，他们看见了村子里的灯光。
家里，{kin}正端着{food}等着。
# ask
Where did {who} want to go? => {she:who} wanted to go {to:outdoor}.
Why was {who} {sorry}? => Because {she:who} was lost.
Who knew the way? => {friend} did.
What was the weather like? => {weather}.
What was waiting at home? => {a:food} was waiting.
{who}想去哪里？ => 想去{to:outdoor}。
{who}为什么{sorry}？ => 因为{she:who}迷路了。
谁认得路？ => 是{friend}。
那时天气怎么样？ => {weather}。
"""

RACE = """
PLOT race
STORY friends sky? start ahead fall stop_run bandage walk_on glad moral?
# start
{time}, {who} and {friend} ran a race {to:place}.
"The first one {at:place} gets my {thing}!" {speech} {friend} {time}.
{time}，{who}和{friend}比赛谁先到{to:place}。
{time}，{friend}{speech}：“谁先到{to:place}，谁就得到我的{thing}！”
# ahead
{who} was faster and ran far ahead.
At first {friend} was in front, but {who} [caught up|passed {obj:friend}|ran past {obj:friend}].
{who}更快，跑在了前面。
起初{friend}在前面，后来{who}[追了上来|跑到了前面]。
# fall
Then {who} stumbled over {a:tree} and hurt {her:who} {part}.
But {a:critter} crossed the road, and {who} fell and hurt {her:who} {part}.
后来{who}被一{m:tree}{tree}绊倒，{part}受了伤。
可是一{m:critter}{critter}跑过路面，{who}摔倒了，{part}受了伤。
# stop_run
{friend} could have won, but {she:friend} stopped and came back.
{friend} forgot the race and {manner} helped {who} up.
{friend}本来可以赢，可是{she:friend}停下来跑了回来。
{friend}顾不上比赛，{manner}扶起了{who}。
# bandage
{friend} tied {her:friend} {color} scarf around the {part}.
{friend} cleaned the {part} with water and said, "It is not so bad."
{friend}用{color}的围巾包住{part}。
{friend}用水洗了{part}，说：“不要紧的。”
# walk_on
They {manner} walked the rest of the way together.
Arm in arm they reached the {place}.
他们{manner}一起走完剩下的路。
他们手挽着手到了{to:place}。
# ask
Who was hurt? => {who} was.
What did {who} hurt? => {she:who} hurt {her:who} {part}.
Who stopped? => {friend} stopped.
Where did they run? => They ran {to:place}.
Why did {who} fall? => Because {a:critter} crossed the road.
What color was the scarf? => It was {color}.
谁受了伤？ => 是{who}。
{who}哪里受了伤？ => {part}受了伤。
谁停了下来？ => 是{friend}。
他们跑到了哪里？ => 跑到了{to:place}。
围巾是什么颜色的？ => 是{color}的。
"""

NOISE = """
PLOT noise
STORY home|friends night noise_heard scared light_on surprise laugh glad moral?
# night
One [night|winter night|summer night], {who} and {friend} slept {at:place}.
{time}, {who} stayed with {friend} {at:place}, and they went to bed late.
一个[夜里|冬夜|夏夜]，{who}和{friend}睡在{at:place}。
{time}，{who}和{friend}住在{at:place}，很晚才睡。
# noise_heard
Around midnight, a [scratching|rattling|knocking|squeaking] noise came from {spot}.
Suddenly, something moved {spot}.
半夜里，{spot}传来[沙沙|咚咚|吱吱]的声音。
忽然，{spot}有什么东西动了一下。
# scared
{who} was {sorry} and hid under the blanket.
"Is it a [ghost|monster|thief]?" {who} whispered.
{who}很{sorry}，躲进了被子里。
{who}小声问：“是[鬼|怪物|小偷]吗？”
# light_on
{friend} was {glad2} as always and lit a candle.
But {friend} {manner} took {a:thing} and went to look.
{friend}跟平时一样{glad2}，点亮了灯。
可是{friend}{manner}拿着一{m:thing}{thing}过去看。
# surprise
It was only {a:critter} that was looking for {a:food}!
There sat {a:trait} {critter} with {a:food} in front of it.
原来只是一{m:critter}{critter}在找{food}！
那里有一{m:critter}{trait}{critter}，面前放着{food}。
# laugh
They [laughed|giggled] until the sun came up.
"And I thought it was a giant!" {speech} {who}.
他们一直笑到太阳升起。
{who}{speech}：“我还以为是巨人呢！”
# ask
What made the noise? => {a:critter} made it.
Where did the noise come from? => It came from {spot}.
Who went to look? => {friend} did.
What was the {critter} looking for? => It was looking for {a:food}.
How did {who} feel at first? => {she:who} felt {sorry}.
是什么发出了声音？ => 是一{m:critter}{critter}。
声音从哪里来？ => 从{spot}来。
谁过去看了？ => 是{friend}。
{who}起初觉得怎么样？ => {she:who}觉得很{sorry}。
"""

NEWCOMER = """
PLOT newcomer
STORY moved alone look_on invite join proud_end glad moral?
# moved
{who} was new in the village and knew nobody.
In {month}, {who} moved into the [yellow|empty|corner] house near the {place} and knew nobody.
{who}刚搬到村里，谁也不认识。
{month}里，{who}搬进了{place}附近的[黄|空]房子，谁也不认识。
# alone
{time}, {she:who} sat alone {at:place} and felt {sorry}.
{time}，{she:who}一个人坐在{at:place}，觉得很{sorry}。
{who} watched the other children, but {she:who} was too {sorry} to speak.
{who}看着别的孩子，可是{sorry}得说不出话。
# look_on
Some children were {ing:activity} nearby.
Not far away, {friend} was {ing:activity} with {number} others.
几个孩子在附近{activity}。
不远处，{friend}正和{number}个孩子一起{activity}。
# invite
"Would you like to {activity} with us?" {friend} asked {manner}.
"Come and join us, there is room for one more," {speech} {friend}.
{friend}{manner}问：“你想和我们一起{activity}吗？”
{friend}{speech}：“来吧，我们还缺一个人。”
# join
{who} [blushed|nodded|smiled] and came along.
It turned out that {who} could {activity} better than anyone.
{who}[红着脸|点点头|微笑着]走了过来。
原来{who}最会{activity}了。
# proud_end
At the end of the day, {who} had {number2} new friends.
Later, {friend} gave {who} {a:thing} as a welcome.
一天过去，{who}有了{number2}个新朋友。
后来，{friend}送给{who}一{m:thing}{thing}表示欢迎。
# ask
Who was new in the village? => {who} was.
Who invited {who}? => {friend} did.
What were the children doing? => They were {ing:activity}.
Why was {who} {sorry}? => Because {she:who} knew nobody.
How many new friends did {who} have? => {she:who} had {number2} new friends.
谁刚搬到村里？ => 是{who}。
谁邀请了{who}？ => 是{friend}。
孩子们在做什么？ => 他们在{activity}。
{who}有了几个新朋友？ => 有了{number2}个新朋友。
"""

PRACTICE = """
PLOT practice
STORY home want_skill try_fail sad teach repeat succeed glad moral?
# want_skill
{who} wanted to {activity} as well as {friend}.
{who} dreamed of becoming {a:job} one day.
{who}想学{friend}那样{activity}。
{who}梦想有一天成为{job}。
# try_fail
{time}, {she:who} tried it {number} times and failed {number} times.
{time}, {she:who} tried it {at:place}, but everything went wrong.
{time}，{she:who}试了{number}次，失败了{number}次。
{time}，{she:who}在{at:place}试了试，可是什么都不顺利。
# teach
"Nobody is born {a:job}," {speech} {friend}.
{friend} {manner} showed {obj:who} how to do it.
{friend}{speech}：“没有人生来就是{job}。”
{friend}{manner}给{obj:who}做示范。
# repeat
So {who} practiced every [morning|afternoon|evening] from {month} to {month2}.
{who} went {to:place} every day and tried again {manner}.
于是{who}从{month}到{month2}每天[早上|下午|晚上]都练习。
{who}每天都去{to:place}，{manner}再试。
# succeed
And {time2}, it worked at last!
In the end, even {a:job2} [clapped|cheered|was amazed].
终于，{time2}，{she:who}成功了！
最后，连{job2}都[鼓掌|喝彩]了。
# ask
What did {who} want to do? => {she:who} wanted to {activity}.
What did {who} want to become? => {she:who} wanted to become {a:job}.
Who showed {obj:who} how to do it? => {friend} did.
How many times did {who} try? => {she:who} tried {number} times.
{who}想学什么？ => 想学{activity}。
{who}想成为什么？ => 想成为{job}。
谁给{who}做示范？ => 是{friend}。
{who}试了几次？ => 试了{number}次。
"""

TREASURE = """
PLOT treasure
STORY friends map_found set_off guard_met dig chest share_gold glad moral?
# map_found
{time}, {who} found an old map {spot}.
{her:who} {kin} gave {who} a map with a [red|black|golden] cross on it.
{time}，{who}在{spot}找到一张旧地图。
{kin}给了{who}一张画着[红|黑|金]十字的地图。
# set_off
With {a:thing} and {a:food}, {who} and {friend} {move} {to:outdoor}.
They packed {a:thing} and {a:thing2} and {move} {manner} {to:outdoor}.
{who}和{friend}带着{thing}和{food}{move}到{to:outdoor}。
他们带上{thing}和{thing2}，{manner}{move}到{to:outdoor}。
# guard_met
On the way, {number} {pl:beast} were sleeping on the path, so they went around them.
At the {outdoor}, {a:beast} guarded the entrance, but {friend} gave it {a:food}.
路上有{number}{m:beast}{beast}在睡觉，他们就绕了过去。
{at:outdoor}有一{m:beast}{beast}守着入口，{friend}给了它{food}。
# dig
They dug under {a:tree} for {number2} hours.
{friend} counted {number4} steps from the {tree} and began to dig.
他们在一{m:tree}{tree}下面挖了{number2}个小时。
{friend}从{tree}那里数了{number4}步，开始挖。
# chest
There lay a chest of {material} with {number3} coins and {a:quality} {thing3}.
The shovel hit something hard: a box full of {material}.
那里有一个{material}做的箱子，里面有{number3}枚硬币和一{m:thing3}{quality}{thing3}。
铲子碰到了硬东西：一个装满{material}的盒子。
# share_gold
They shared it {manner} and gave some of it to the poor.
{who} kept one half, and {friend} kept the other.
他们{manner}把它分了，还分给了穷人一些。
{who}拿一半，{friend}拿另一半。
# ask
Where did they go? => They went {to:outdoor}.
Where did {who} find the map? => {she:who} found it {spot}.
How many hours did they dig? => They dug for {number2} hours.
What was the chest made of? => It was made of {material}.
Under what did they dig? => They dug under {a:tree}.
他们去了哪里？ => 他们去了{outdoor}。
{who}在哪里找到了地图？ => 在{spot}找到的。
他们挖了几个小时？ => 挖了{number2}个小时。
箱子是什么做的？ => 是{material}做的。
"""

WOUNDED = """
PLOT wounded
STORY home|friends sky? see_beast hurt_how worry carry nurse_it free glad moral?
# see_beast
{time}, {who} saw {a:critter} lying {at:place}.
{time}, {a:trait} {critter} lay in front of {her:who} door.
{time}，{who}看见一{m:critter}{critter}躺在{at:place}。
{time}，一{m:critter}{trait}{critter}躺在{who}的门口。
# hurt_how
It was caught in {a:thing} and could not move.
It had not eaten for {number} days and was too weak to stand.
它被{thing}缠住，动不了了。
它{number}天没有吃东西，站也站不起来。
# worry
{who} was {sorry} and called {friend}.
"We must help it," {speech} {who} to {friend}.
{who}很{sorry}，叫来了{friend}。
{who}对{friend}说：“我们得帮帮它。”
# carry
{friend} {manner} freed it, and {who} fetched {a:food}.
They laid it in a basket and {move} with it to {a:job}.
{friend}{manner}把它放开，{who}拿来了{food}。
他们把它放进篮子，{move}到{job}那里。
# nurse_it
For {number2} weeks, {who} took care of the {critter}.
Every day the {critter} became a little [stronger|bigger|braver].
{who}照顾了{critter}{number2}个星期。
{critter}一天比一天[强壮|大|勇敢]。
# free
Then they let it go {at:place2}.
The {critter} looked back once and [disappeared|vanished] {manner}.
后来他们在{at:place2}放了它。
{critter}回头看了一眼，{manner}走了。
# ask
What did {who} see? => {she:who} saw {a:critter}.
Why could the {critter} not move? => Because it was caught in {a:thing}.
Who took care of the {critter}? => {who} did.
How many weeks did it take? => It took {number2} weeks.
Where did they let it go? => They let it go {at:place2}.
{who}看见了什么？ => 看见了一{m:critter}{critter}。
{critter}为什么动不了？ => 因为它被{thing}缠住了。
谁照顾了{critter}？ => 是{who}。
用了几个星期？ => 用了{number2}个星期。
他们在哪里放了它？ => 在{at:place2}。
"""

PLOTS = (RUNAWAY, WRONG_WAY, RACE, NOISE, NEWCOMER, PRACTICE, TREASURE, WOUNDED)
