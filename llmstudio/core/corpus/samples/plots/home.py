"""Plots about weather, food, presents, work and growing things. The notation is explained in ``plots``."""

from __future__ import annotations

WEATHER_DAY = """
PLOT weather_day
STORY friends|home plan storm sad idea inside later glad moral?
# plan
{time}, {who} wanted to {activity} {at:place}.
{who} had planned to go {to:place} and {activity} there.
{time}，{who}想在{at:place}{activity}。
{who}打算去{to:place}{activity}。
# storm
But {weather}, so {she:who} had to stay at home.
But when {she:who} opened the door, {weather}.
But {weather}, and {noun:weather} did not stop for {number} hours.
可是外面{weather}，{who}只好待在家里。
可是一打开门，外面{weather}。
可是外面{weather}，{number}个小时都没有停。
# idea
Then {friend} had an idea: "Why don't we {activity2}?"
"We can {activity2} instead," {speech} {friend}.
{friend} knocked at the door and suggested a [game|plan|change].
{friend}有了主意：“我们为什么不{activity2}呢？”
{friend}{speech}：“我们可以{activity2}。”
# inside
So the two friends {past:activity2} and forgot about {noun:weather}.
So {who} and {friend} {past:activity2} and drank {drink}.
They {past:activity2} until it was time for [dinner|supper|bed].
于是他们{activity2}，把{noun:weather}忘得一干二净。
于是{who}和{friend}{activity2}，还喝了{drink}。
他们{activity2}，一直到[吃晚饭|睡觉]的时候。
# later
By [evening|nightfall|sunset], {noun:weather} was over.
Outside, the [streets|fields|roofs] were [wet|white|empty], but inside it was warm.
到了[傍晚|天黑的时候]，{noun:weather}停了。
外面的[街道|田野|屋顶]又湿又冷，可是屋里很暖和。
# ask
Why did {who} stay at home? => Because {weather}.
What did {who} want to do? => {she:who} wanted to {activity}.
What did they do instead? => They {past:activity2}.
Who had an idea? => {friend} had an idea.
How did {who} feel at first? => {she:who} felt {sorry}.
{who}为什么待在家里？ => 因为外面{weather}。
{who}本来想做什么？ => {she:who}想{activity}。
他们后来做了什么？ => 他们{activity2}。
{who}起初觉得怎么样？ => {she:who}觉得很{sorry}。
"""

HUNGRY = """
PLOT hungry
STORY friends sky? walk hungry nothing share eat thanks glad moral?
# walk
{time}, {who} {move} {to:place} with {friend}.
{time}, {who} and {friend} {move} all the way {to:place}.
{time}，{who}和{friend}{move}到{to:place}。
{time}，{who}跟着{friend}一路{move}到{to:place}。
# hungry
They had eaten nothing for {number} hours, and {who} was {bodily} and [had to rest|sat down on the ground].
{who} had eaten nothing since [breakfast|lunch|midday] and felt {bodily}.
他们{number}个小时没吃东西了，{who}很{bodily}，[走不动了|想休息|坐在了地上]。
{who}从[早上|中午|昨天]起什么也没吃，觉得很{bodily}。
# nothing
{who} had forgotten {her:who} [lunch|basket|food] at home.
There was only {a:food2} left in {her:who} bag, and it was [dry|old|cold].
{who}把[午饭|篮子|吃的]忘在家里了。
{she:who}的包里只剩下一{m:food2}{food2}，而且已经[干|凉]了。
# share
{friend} had {a:food} and gave half of it to {who}.
"You may have my {food}," {speech} {friend}.
But {friend} opened {her:friend} bag, took out {a:food} and shared it.
{friend}有一{m:food}{food}，分了一半给{who}。
{friend}{speech}：“我的{food}给你吃。”
# eat
{who} ate it {manner} and soon felt better.
They sat in the [shade|grass|sun] and ate together.
{who}{manner}吃了，很快就好多了。
他们坐在[树荫|草地|阳光]下一起吃。
# ask
Who shared the {food}? => {friend} shared it.
What did {who} eat? => {she:who} ate {a:food}.
How did {who} feel? => {she:who} felt {bodily}.
Where did they go? => They went {to:place}.
Why was {who} {bodily}? => Because {she:who} had eaten nothing.
谁分享了{food}？ => 是{friend}。
{who}吃了什么？ => {she:who}吃了{food}。
{who}觉得怎么样？ => {she:who}觉得很{bodily}。
他们去了哪里？ => 他们去了{place}。
"""

BIRTHDAY = """
PLOT birthday
STORY friends birthday wonder buy party open_it glad2 moral?
# birthday
{time}, it was the birthday of {friend}.
{time}, {friend} turned {number} years old.
{time}是{friend}的生日。
{time}，{friend}满{number}岁了。
# wonder
{who} did not know what to give {obj:friend} and was {sorry}.
"What would {friend} like?" {who} asked {her:who} {kin}.
{who}不知道送什么好，心里很{sorry}。
{who}问{kin}：“{friend}会喜欢什么呢？”
# buy
{who} {move} {to:place} and bought {a:color} {thing} for {number2} coins.
In the end, {who} made {a:color} {thing} out of {material}.
{who}{move}到{to:place}，花{number2}枚硬币买了一{m:thing}{color}的{thing}。
最后，{who}用{material}做了一{m:thing}{color}的{thing}。
# party
At the party there was {a:food}, and everyone {past:activity}.
All the guests came {to:place2}, and {a:job} {past:activity} for them.
聚会上有{food}，大家一起{activity}。
客人们都来到{to:place2}，一位{job}为他们{activity}。
# open_it
{friend} opened the parcel and found the {thing}.
"A {color} {thing}!" {speech} {friend}.
{friend}打开包裹，看到了{thing}。
{friend}{speech}：“一{m:thing}{color}的{thing}！”
# glad2
{friend} was {glad} and put the {thing} {spot}.
"It is the best present of all," {speech} {friend}.
{friend}很{glad}，把{thing}放在{spot}。
{friend}{speech}：“这是最好的礼物。”
# ask
Whose birthday was it? => It was the birthday of {friend}.
Who gave {friend} {a:thing}? => {who} did.
What did {friend} get? => {she:friend} got {a:thing}.
What color was the {thing}? => It was {color}.
How did {friend} feel? => {she:friend} felt {glad}.
How many coins did the {thing} cost? => It cost {number2} coins.
那天是谁的生日？ => 是{friend}的生日。
谁送了{thing}？ => 是{who}送的。
{friend}收到了什么？ => {she:friend}收到了{thing}。
{thing}是什么颜色的？ => 是{color}的。
{thing}花了几枚硬币？ => 花了{number2}枚硬币。
"""

CHORE = """
PLOT chore
STORY home sky? order tired offer_help work done reward glad moral?
# order
{time}, {her:who} {kin} asked {who} to {chore}.
{time}, {who} had to {chore} and {chore2}.
"Could you {chore}, please?" {her:who} {kin} said {manner}.
{time}，{kin}叫{who}去{chore}。
{time}，{who}得先{chore}，再{chore2}。
# tired
It was hard work, and soon {she:who} was {bodily}.
After {number} minutes {who} was {bodily} and stopped.
这活很累，{who}很快就觉得{bodily}了。
过了{number}分钟，{who}觉得{bodily}，停了下来。
# offer_help
Just then {friend} came along.
"Two hands are good, but four are better," {speech} {friend}.
{friend} heard about it and came over {manner}.
就在这时，{friend}来了。
{friend}{speech}：“两只手好，四只手更好。”
# work
{friend} started to {chore} too.
Together they {past:chore} [in no time|before noon|without a break].
While {who} was {ing:chore}, {friend} {past:chore2}.
{friend}也开始{chore}。
他们一起{chore}，[一会儿就干完了|中午前就干完了|一刻也没歇]。
{who}{chore}的时候，{friend}去{chore2}。
# done
When everything was done, the {kin} was {glad}.
"Well done, you two!" {speech} the {kin}.
活都干完了，{kin}很{glad}。
{kin}{speech}：“你们两个干得真好！”
# reward
As a reward, both of them got {a:food}.
{her:who} {kin} gave each of them {a:food} and {number2} coins.
作为奖励，两个人都得到了{food}。
{kin}给了他们每人一{m:food}{food}和{number2}枚硬币。
# ask
Who had to {chore}? => {who} had to.
Who helped {who}? => {friend} helped {obj:who}.
What did {who} have to do? => {she:who} had to {chore}.
What did they get? => They got {a:food}.
Why did {who} stop? => Because {she:who} was {bodily}.
谁得去{chore}？ => 是{who}。
谁帮了{who}？ => 是{friend}。
{who}得做什么？ => {she:who}得{chore}。
他们得到了什么？ => 他们得到了{food}。
"""

GARDEN = """
PLOT garden
STORY home seed plant wait trouble advice grow show glad moral?
# seed
{time}, {who} found a [tiny|strange|brown|round] seed {spot}.
{time}, {her:who} {kin} gave {who} the seed of {a:flower}.
{time}，{who}在{spot}找到一颗[小小|奇怪|棕色|圆圆]的种子。
{time}，{kin}给了{who}一颗{flower}的种子。
# plant
{who} planted it {at:outdoor} and [watered|watched|measured] it every day.
{she:who} dug a hole {at:outdoor} and laid the seed into the [warm|dark|soft] earth.
{who}把它种在{at:outdoor}，每天都去[浇水|看看|量一量]。
{she:who}在{at:outdoor}挖了个洞，把种子埋进[温暖|松软]的泥土里。
# wait
{number} days passed, but nothing happened.
{number4} weeks went by, and {who} became {sorry}.
过了{number}天，什么也没有发生。
过了{number4}个星期，{who}变得很{sorry}。
# trouble
One night {a:critter} came and [dug|scratched|dived] into the soil.
The ground was too dry, for it had not rained since {month}.
一天夜里，一{m:critter}{critter}跑来[乱挖|乱刨]泥土。
地太干了，因为从{month}起就没有下过雨。
# advice
"Give it time and a little water," {speech} {friend}.
{friend} brought a bucket of water and built a fence of {material}.
{friend}{speech}：“给它一点时间，再浇一点水。”
{friend}提来一桶水，又用{material}围了一道篱笆。
# grow
Then a green [leaf|stem|shoot] appeared, and soon {a:flower} grew {at:outdoor}.
The next morning, the {flower} had {number2} [blossoms|buds|leaves].
后来长出了绿色的[叶子|嫩芽]，不久{at:outdoor}就长出了一{m:flower}{flower}。
第二天早上，{flower}长出了{number2}[个花苞|片叶子]。
# show
{who} {manner} showed the {flower} to everyone.
Even the {job} came to look at the {flower}.
{who}{manner}把{flower}给大家看。
连{job}也来看{flower}。
# ask
What grew {at:outdoor}? => {a:flower} grew there.
Who planted the seed? => {who} planted it.
Where did the {flower} grow? => It grew {at:outdoor}.
Who helped {who}? => {friend} did.
How many days passed? => {number} days passed.
{at:outdoor}长出了什么？ => 长出了{flower}。
谁种下了种子？ => 是{who}。
{flower}长在哪里？ => 长在{at:outdoor}。
谁帮了{who}？ => 是{friend}。
"""

MARKET = """
PLOT market
STORY home sky? need set_out sell price deal use glad moral?
# need
{time}, {who} needed {number} coins, because {she:who} wanted to buy {a:thing}.
{who} dreamed of {a:quality} {thing}, but it cost {number} coins.
{time}，{who}想买一{m:thing}{thing}，需要{number}枚硬币。
{who}一直想要一{m:thing}{quality}{thing}，可是要花{number}枚硬币。
# set_out
So {she:who} {move} to the market with a basket of {pl:food}.
So {she:who} filled a basket with {pl:food} and {move} to the market.
于是{she:who}提着一篮{food}{move}到市场。
于是{she:who}装满一篮{food}，{move}到市场。
# sell
{a:job} bought [some|most|half] of it, and {friend} bought the rest.
The first customer was {a:job}, and the second was {friend}.
一位{job}买了[一些|一大半|一半]，{friend}买了剩下的。
第一位客人是{job}，第二位是{friend}。
# price
"How much does this {thing} cost?" {who} asked the [merchant|trader|dealer].
"I will give you {number2} coins for it," {speech} {who}.
{who}问[商人|小贩|老板]：“这{m:thing}{thing}多少钱？”
{who}{speech}：“我出{number2}枚硬币。”
# deal
The [merchant|trader|dealer] [nodded|smiled|grinned] and handed {who} the {thing}.
They agreed on {number} coins, and {who} paid at once.
[商人|小贩|老板][点点头|笑了笑]，把{thing}递给了{who}。
他们谈好了{number}枚硬币，{who}马上付了钱。
# use
At home, {who} put the {thing} {spot}.
That evening, {who} showed the {thing} to {her:who} {kin}.
回到家，{who}把{thing}放在{spot}。
那天晚上，{who}把{thing}拿给{kin}看。
# ask
What did {who} want to buy? => {she:who} wanted to buy {a:thing}.
What did {who} sell? => {she:who} sold {pl:food}.
Who bought the rest? => {friend} did.
How many coins did {who} need? => {she:who} needed {number} coins.
{who}想买什么？ => {she:who}想买{thing}。
{who}卖了什么？ => {she:who}卖了{food}。
{who}需要几枚硬币？ => 需要{number}枚硬币。
"""

PLOTS = (WEATHER_DAY, HUNGRY, BIRTHDAY, CHORE, GARDEN, MARKET)
