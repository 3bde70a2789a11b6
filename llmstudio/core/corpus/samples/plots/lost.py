"""Plots about losing, breaking, borrowing, and getting things back. The notation is explained in ``plots``."""

from __future__ import annotations

SHARED = """
# friends
{who} and {friend} were good friends.
{who} and {friend} had known each other for {number} years.
{friend} was the best friend {who} had.
{who} and {friend} lived in the same [street|house|village|town].
{who} liked to spend the day with {friend}.
{who}和{friend}是好朋友。
{who}和{friend}认识{number}年了。
{friend}是{who}最好的朋友。
{who}和{friend}住在同一[条街上|个村子里|座城里]。
# home
{who} lived in [a small|an old|a narrow] house with {her:who} {kin}.
{who} lived with {her:who} {kin} and {number} {pl:pet}.
{her:who} {kin} always said that {who} was a [clever|gentle|lively|polite|helpful] {girl:who}.
There was once a [clever|gentle|lively|polite|helpful] {girl:who} called {who}.
{who}和{kin}住在一间[小|旧|窄窄的]房子里。
{kin}总说{who}是个[聪明|温和|活泼|有礼貌|乐于助人]的{girl:who}。
从前有个[聪明|温和|活泼|有礼貌|乐于助人]的{girl:who}，名叫{who}。
# sky
The sun was shining and the sky was clear.
The sky was [gray|blue|dark|clear] and the air was [fresh|chilly|mild|still].
A few [white|thin|fluffy] clouds drifted over the [rooftops|treetops|hills].
It was a [quiet|lovely|sunny|busy|mild] {daytime}.
阳光明媚，天空晴朗。
天空[灰蒙蒙|蓝蓝|清清]的，空气很[清新|凉爽|温和]。
几朵[白|薄薄的]云飘过[屋顶|树梢|山头]。
那是一个[安静|美好|晴朗|忙碌|温暖]的{daytime}。
# sad
{who} felt {sorry}.
{who} was very {sorry} and [began to cry|did not want to talk|sat down on a bench|stared at the ground].
Poor {who} was [so|terribly|quite] {sorry}.
Tears ran down the cheeks of {who}, because {she:who} was {sorry}.
{who}感到很{sorry}。
{who}很{sorry}，[哭了起来|不想说话|坐在长椅上|盯着地面]。
可怜的{who}[非常|十分]{sorry}。
# asked
"What is the matter?" asked {friend}.
"Why are you so {sorry}?" {friend} asked {manner}.
{friend} came by and asked what was wrong.
{friend} saw {obj:who} and sat down beside {obj:who}.
“怎么了？”{friend}问。
{friend}{manner}问：“你为什么这么{sorry}？”
{friend}路过，问出了什么事。
{friend}看见了，在{who}身边坐下。
# offer
"Do not worry, I will help you," {speech} {friend}.
"Let us do it together," {speech} {friend}.
{friend} promised to help at once.
{friend} {manner} took {her:who} hand and said, "Come with me."
{friend}{speech}：“别担心，我来帮你。”
{friend}{speech}：“我们一起来吧。”
{friend}马上答应帮忙。
# thanks
"Thank you so much!" {speech} {who}.
{who} thanked {friend} and gave {obj:friend} a [big|warm|long] hug.
"You are a true friend," {who} said {manner}.
{who} smiled and thanked {friend} with all {her:who} heart.
{who}{speech}：“太谢谢你了！”
{who}感谢{friend}，给了{obj:friend}一个[大大的|温暖的]拥抱。
{who}{manner}说：“你真是我的好朋友。”
# glad
Now {who} was {glad} again.
In the end, both of them were {glad}.
{who} felt {glad} and [went home|began to sing|laughed out loud|danced around the room].
{who} and {friend} were {glad} for the rest of the day.
That [night|evening], {who} told {her:who} {kin} [everything|all about it|the whole story] and felt {glad}.
现在{who}又{glad}了。
最后，两个人都很{glad}。
{who}觉得很{glad}，[回家去了|唱起歌来|哈哈大笑]。
{who}和{friend}一整天都很{glad}。
那天[夜里|晚上]，{who}把一切都告诉了{kin}，心里很{glad}。
# moral
A friend in need is a friend indeed.
From that day on, they were closer than ever.
Small kindnesses are never forgotten.
What a [good|strange|long|marvelous] day it had been!
It is better to share than to keep everything for yourself.
Sometimes the simplest answer is the best one.
Patience is worth more than [hurry|luck|gold].
{who} never forgot that {daytime}.
患难见真情。
从那天起，他们更加亲密了。
小小的善意永远不会被忘记。
这真是[美好|奇怪|漫长|奇妙]的一天！
分享总比独占好。
有时候最简单的办法就是最好的办法。
耐心比[匆忙|运气|黄金]更可贵。
{who}永远忘不了那个{daytime}。
"""

LOST = """
PLOT lost
STORY friends|home sky? own lose sad asked tell offer search find thanks glad moral?
# own
{time}, {who} took {her:who} {color} {thing} {to:place}.
{time}, {who} went {to:place} with {her:who} {color} {thing}.
{who} had {a:color} {thing}, and {time} {she:who} [carried|brought] it {to:place}.
{time}，{who}带着{color}的{thing}来到{to:place}。
{who}有一{m:thing}{color}的{thing}，{time}{she:who}把它带到了{to:place}。
# lose
But on the way home, {who} noticed that the {thing} was gone.
Suddenly the {thing} was nowhere to be seen.
When {she:who} looked into {her:who} [bag|pocket|backpack], the {thing} was missing.
可是回家的路上，{who}发现{thing}不见了。
{who}往[包|口袋|背包]里一看，{thing}没有了。
# tell
"I have lost my {thing}," {speech} {who}.
"My {color} {thing} is gone," {speech} {who}.
{who} told {friend} about the lost {thing}.
{who}{speech}：“我的{thing}丢了。”
{who}{speech}：“我那{m:thing}{color}的{thing}不见了。”
# search
They [looked|searched|hunted] everywhere {at:place}.
They {manner} looked behind every [bench|stone|corner] and under every [table|leaf|cart].
For {number} minutes they searched, but they found only {a:thing2}.
They asked {a:job}, but the {job} had seen nothing.
他们在{at:place}到处找。
他们{manner}找遍了每个角落。
他们找了{number}分钟，却只找到一{m:thing2}{thing2}。
他们问了一位{job}，可是{job}什么也没看见。
# find
At last, {friend} found the {thing} {spot}.
Then {friend} looked {spot}, and there was the {thing}!
"Here it is!" {speech} {friend}, for the {thing} was lying {spot}.
最后，{friend}在{spot}找到了{thing}。
{friend}往{spot}一看，{thing}就在那里！
# ask
Who found the {thing}? => {friend} found it.
Who lost {a:thing}? => {who} did.
Where was the {thing}? => It was {spot}.
What did {who} lose? => {she:who} lost the {thing}.
What color was the {thing}? => It was {color}.
Why was {who} {sorry}? => Because {she:who} had lost the {thing}.
Where did {who} take the {thing}? => {she:who} took it {to:place}.
谁找到了{thing}？ => {friend}找到的。
谁丢了{thing}？ => 是{who}。
{thing}在哪里？ => 在{spot}。
{who}丢了什么？ => {she:who}丢了{thing}。
{thing}是什么颜色的？ => 是{color}的。
{who}为什么{sorry}？ => 因为{she:who}丢了{thing}。
{who}把{thing}带到了哪里？ => 带到了{to:place}。
"""

BROKEN = """
PLOT broken
STORY home sky? have drop sad asked confess mender mend glad moral?
# have
{who} was very fond of the old {material} {thing} that {her:who} {kin} had given {obj:who}.
The {material} {thing} of {her:who} {kin} stood {spot}, and {who} loved to look at it.
{who}非常喜欢{kin}送的那{m:thing}{material}做的旧{thing}。
{kin}那{m:thing}{material}做的{thing}放在{spot}，{who}很爱看它。
# drop
{time}, {who} tripped over {a:pet}, and the {thing} fell and broke.
{time}, {who} dropped the {thing}, and it broke into {number} pieces.
{time}，{who}被一{m:pet}{pet}绊了一下，{thing}掉下来摔坏了。
{time}，{who}失手把{thing}摔成了{number}块。
# confess
"I have broken the {thing}," {speech} {who}.
{who} told the truth about the {thing}.
{who} {manner} showed {friend} the broken pieces.
{who}{speech}：“我把{thing}摔坏了。”
{who}{manner}把碎片拿给{friend}看。
# mender
{friend} knew {a:job} who could mend almost anything.
"Let us ask the {job} {at:place}," {speech} {friend}.
They carried the pieces to the {job}, who worked {at:place}.
{friend}认识一位什么都会修的{job}。
{friend}{speech}：“我们去{to:place}找{job}吧。”
他们带着碎片去找{at:place}的{job}。
# mend
The {job} mended it with [glue|wire|nails|thread|tape] and asked for nothing in return.
The {job} worked for {number} hours, and then the {thing} was as good as new.
{job}用[胶水|铁丝|钉子|细线|胶带]把它修好了，一分钱也没要。
{job}干了{number}个小时，{thing}就跟新的一样了。
# ask
Who broke the {thing}? => {who} broke it.
What did {who} break? => {she:who} broke the {thing}.
Who mended the {thing}? => The {job} did.
Why was {who} {sorry}? => Because the {thing} was broken.
What was the {thing} made of? => It was made of {material}.
谁把{thing}弄坏了？ => 是{who}。
{who}弄坏了什么？ => {she:who}弄坏了{thing}。
谁修好了{thing}？ => 是{job}。
{who}为什么{sorry}？ => 因为{thing}坏了。
{thing}是什么做的？ => 是{material}做的。
"""

BORROWED = """
PLOT borrowed
STORY friends borrow forget miss remember return forgive glad moral?
# borrow
{time}, {who} borrowed {a:quality} {thing} from {friend}.
"May I borrow your {quality} {thing}?" {who} asked {friend} {time}.
{time}，{who}向{friend}借了一{m:thing}{quality}{thing}。
{time}，{who}问{friend}：“我可以借你那{m:thing}{quality}{thing}吗？”
# forget
{who} used the {thing} {at:place} and then forgot all about it.
{who} promised to return it soon, but the {thing} stayed {spot} for {number} days.
{who}在{at:place}用过{thing}，后来就把它忘了。
{who}答应很快归还，可是{thing}在{spot}放了{number}天。
# miss
{friend} needed the {thing}, and {she:friend} became {sorry}.
After a while, {friend} was {sorry} without the {thing}.
{friend}要用{thing}，变得很{sorry}。
没有{thing}，{friend}很{sorry}。
# remember
Then {who} saw the {thing} {spot} and remembered.
"Oh no, I still have the {thing}!" {speech} {who}.
{who}在{spot}看见{thing}，才想了起来。
{who}{speech}：“糟了，{thing}还在我这里！”
# return
{who} {move} to the house of {friend} and gave the {thing} back.
{who} cleaned the {thing} and returned it with {a:food}.
{who}{move}到{friend}家，把{thing}还了回去。
{who}把{thing}擦干净，带着一{m:food}{food}还给了{friend}。
# forgive
"I am sorry," {speech} {who}, and {friend} forgave {obj:who}.
"That is all right," {speech} {friend}.
{who}{speech}：“对不起。”
{friend}{speech}：“没关系。”
# ask
Who borrowed the {thing}? => {who} borrowed it.
What did {who} borrow? => {she:who} borrowed {a:thing}.
Whose {thing} was it? => It belonged to {friend}.
Why was {friend} {sorry}? => Because {she:friend} missed the {thing}.
谁借了{thing}？ => 是{who}借的。
{who}借了什么？ => {she:who}借了一{m:thing}{thing}。
{thing}是谁的？ => 是{friend}的。
{friend}为什么{sorry}？ => 因为{thing}不在身边。
"""

SWAP = """
PLOT swap
STORY friends|home sky? have want offer_swap agree swap glad moral?
# have
{who} had {a:color} {thing}, and {friend} had {a:color2} {thing2}.
{time}, {who} found {a:color} {thing} {spot}, while {friend} bought {a:color2} {thing2}.
{who}有一{m:thing}{color}的{thing}，{friend}有一{m:thing2}{color2}的{thing2}。
{time}，{who}在{spot}找到一{m:thing}{color}的{thing}，{friend}买了一{m:thing2}{color2}的{thing2}。
# want
But {who} was {sorry}, because {she:who} wanted {a:thing2} and not {a:thing}.
"I would rather have {a:thing2}," {who} said to {friend}.
可是{who}很{sorry}，因为{she:who}想要的是{thing2}，不是{thing}。
{who}对{friend}说：“我更想要一{m:thing2}{thing2}。”
# offer_swap
"Shall we swap?" asked {friend}.
"If you give me the {thing}, you may have the {thing2}," {speech} {friend}.
{friend}问：“我们换一换好吗？”
{friend}{speech}：“你把{thing}给我，{thing2}就归你。”
# agree
{who} agreed {manner}.
"That is a fair deal," {speech} {who}.
{who}{manner}答应了。
{who}{speech}：“这样很公平。”
# swap
So {friend} took the {thing}, and {who} took the {thing2}.
From then on, {who} had the {thing2} and {friend} had the {thing}.
于是{friend}拿走了{thing}，{who}拿走了{thing2}。
从此，{thing2}归{who}，{thing}归{friend}。
# ask
Who has the {thing} now? => {friend} has it.
Who has the {thing2} now? => {who} has it.
What does {who} have now? => {she:who} has the {thing2}.
What does {friend} have now? => {she:friend} has the {thing}.
What color is the {thing}? => It is {color}.
现在{thing}在谁那里？ => 在{friend}那里。
现在{thing2}在谁那里？ => 在{who}那里。
{who}现在有什么？ => {she:who}有{thing2}。
{friend}现在有什么？ => {she:friend}有{thing}。
{thing}是什么颜色的？ => 是{color}的。
"""

PLOTS = (LOST, BROKEN, BORROWED, SWAP)
