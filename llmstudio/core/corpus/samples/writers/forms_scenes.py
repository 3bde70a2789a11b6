"""Scenes: who has, is, does, feels what at this moment; how one asks for it. The notation is explained in ``scenes``."""

from __future__ import annotations

OPENINGS = """
# opening
It is {number} o'clock.
Today is a [quiet|sunny|windy|cold|warm] day.
Look at the people in this [street|village|picture|family]!
Everybody is [busy|awake|outside|here] today.
Some friends have met {at:place}.
This is what happened {time}.
现在是{number}点钟。
今天是个[安静|晴朗|刮风|寒冷|暖和]的日子。
看看这[条街上|个村子里|幅画上]的人吧！
今天大家都[很忙|起床了|在外面]。
几个朋友在{at:place}见了面。
# between
Nobody is in a hurry.
Somewhere a [bell|dog|baby|radio] can be heard.
The [wind|sun|clock|grass] does not care.
In the distance, {a:beast} is [sleeping|eating|waiting].
Above them, {number} [birds|clouds|balloons] are floating.
谁也不着急。
不知哪里传来[铃声|狗叫声|收音机的声音]。
远处有一{m:beast}{beast}在[睡觉|吃东西|等着]。
天上飘着{number}[朵云|个气球]。
"""

# KIND, then the roles that make up a value (the first is what is split and asked for), then say, what, who.
KINDS = (
    """
KIND thing thing color
# say
{who} has {a:color} {thing}.
{who} is [holding|carrying] {a:color} {thing}.
The {color} {thing} belongs to {who}.
In {her:who} hand, {who} has {a:color} {thing}.
{who}有一{m:thing}{color}的{thing}。
{who}手里拿着一{m:thing}{color}的{thing}。
那{m:thing}{color}的{thing}是{who}的。
# what
What does {who} have? => {she:who} has {a:color} {thing}.
What is in the hand of {who}? => {a:color} {thing}.
{who}有什么？ => {she:who}有一{m:thing}{color}的{thing}。
{who}手里有什么？ => 一{m:thing}{color}的{thing}。
# who
Who has {a:color} {thing}? => {who} has it.
To whom does the {thing} belong? => It belongs to {who}.
谁有{thing}？ => {who}有。
{color}的{thing}是谁的？ => 是{who}的。
# more
What color is the {thing} of {who}? => It is {color}.
Does {who} have {a:thing}? => Yes, {she:who} does.
Does {who} have {a:thing2}? => No, {she:who} has {a:thing}.
{who}的{thing}是什么颜色的？ => 是{color}的。
{who}有{thing}吗？ => 有。
{who}有{thing2}吗？ => 没有，{she:who}有{thing}。
""",
    """
KIND place place
# say
{who} is {at:place}.
{who} is [waiting|standing|resting] {at:place}.
One can find {who} {at:place}.
{who}在{at:place}。
{who}正在{at:place}[等人|站着|休息]。
# what
Where is {who}? => {she:who} is {at:place}.
Where can I find {who}? => {at:place}.
{who}在哪里？ => {she:who}在{at:place}。
在哪里能找到{who}？ => 在{at:place}。
# who
Who is {at:place}? => {who} is there.
Whom can I meet {at:place}? => You can meet {who} there.
谁在{at:place}？ => {who}在那里。
在{at:place}能见到谁？ => 能见到{who}。
# more
Is {who} {at:place}? => Yes, {she:who} is.
Is {who} {at:place2}? => No, {she:who} is {at:place}.
{who}在{at:place}吗？ => 是的，{she:who}在。
{who}在{at:place2}吗？ => 不，{she:who}在{at:place}。
""",
    """
KIND mood mood
# say
{who} is {mood}.
{who} feels {mood} [today|again|at the moment].
{who} looks rather {mood}.
{who}很{mood}。
{who}[今天|现在]觉得很{mood}。
{who}看上去很{mood}。
# what
How does {who} feel? => {she:who} feels {mood}.
How is {who}? => {she:who} is {mood}.
{who}觉得怎么样？ => {she:who}觉得很{mood}。
{who}怎么样？ => {she:who}很{mood}。
# who
Who is {mood}? => {who} is.
Who looks {mood}? => {who} does.
谁很{mood}？ => {who}。
谁看上去很{mood}？ => 是{who}。
# more
Is {who} {mood}? => Yes, {she:who} is.
Is {who} {mood2}? => No, {she:who} is {mood}.
{who}{mood}吗？ => 是的。
{who}{mood2}吗？ => 不，{she:who}很{mood}。
""",
    """
KIND pet pet
# say
{who} has {a:pet}.
{a:pet} [lives with|follows|runs after] {who}.
{who} is [brushing|feeding|petting] {a:pet}.
{who}养了一{m:pet}{pet}。
一{m:pet}{pet}[跟着|追着]{who}。
{who}正在[喂|抚摸]一{m:pet}{pet}。
# what
Which animal is with {who}? => {a:pet} is with {obj:who}.
What kind of animal does {who} have? => {she:who} has {a:pet}.
{who}身边有什么动物？ => 有一{m:pet}{pet}。
{who}养了什么动物？ => {she:who}养了一{m:pet}{pet}。
# who
Who has {a:pet}? => {who} has one.
Who is with the {pet}? => {who} is.
谁有{pet}？ => {who}有一{m:pet}。
{pet}和谁在一起？ => 和{who}在一起。
""",
    """
KIND food food
# say
{who} is eating {a:food}.
{who} has just [bought|found|cooked|tasted] {a:food}.
For {who}, there is {a:food} on the table.
{who}正在吃一{m:food}{food}。
{who}刚刚[买了|做了|尝了]一{m:food}{food}。
桌上有{who}的一{m:food}{food}。
# what
What can {who} eat? => {she:who} can eat {a:food}.
What food does {who} have? => {she:who} has {a:food}.
{who}吃什么？ => {she:who}吃{food}。
{who}有什么吃的？ => {she:who}有{food}。
# who
Who has {a:food}? => {who} has.
Who can eat {a:food}? => {who} can.
{food}是谁的？ => 是{who}的。
谁吃{food}？ => {who}吃。
""",
    """
KIND job job
# say
{who} is {a:job}.
{who} works as {a:job}.
People know {who} as a good {job}.
{who}是一位{job}。
{who}当了{job}。
大家都知道{who}是个好{job}。
# what
What is the job of {who}? => {she:who} is {a:job}.
What does {who} do for a living? => {she:who} works as {a:job}.
{who}的工作是什么？ => {she:who}是{job}。
{who}是做什么的？ => {she:who}当{job}。
# who
Who is the {job}? => {who} is.
Who works as {a:job}? => {who} does.
谁是{job}？ => {who}是。
谁当了{job}？ => 是{who}。
""",
    """
KIND activity activity
# say
{who} is {ing:activity}.
{who} likes {ing:activity}.
{who} would like to {activity}.
{who}在{activity}。
{who}喜欢{activity}。
{who}很想{activity}。
# what
What does {who} enjoy? => {she:who} enjoys {ing:activity}.
{who}爱做什么？ => {she:who}爱{activity}。
# who
Who enjoys {ing:activity}? => {who} does.
谁爱{activity}？ => {who}爱。
""",
    """
KIND reason thing sorry
# say
{who} is {sorry}, because {she:who} has lost {a:thing}.
{who} has lost {a:thing} and is {sorry}.
{who}很{sorry}，因为{she:who}丢了一{m:thing}{thing}。
{who}丢了一{m:thing}{thing}，所以很{sorry}。
# what
Why is {who} {sorry}? => Because {she:who} has lost {a:thing}.
What has {who} lost? => {she:who} has lost {a:thing}.
{who}为什么{sorry}？ => 因为{she:who}丢了一{m:thing}{thing}。
{who}丢了什么？ => {she:who}丢了一{m:thing}{thing}。
# who
Who has lost {a:thing}? => {who} has lost it.
Who is looking for {a:thing}? => {who} is.
谁丢了{thing}？ => 是{who}丢的。
谁在找{thing}？ => {who}在找。
""",
    """
KIND count number critter
# say
{who} sees {number} {pl:critter}.
{who} has counted {number} {pl:critter}.
{who}看见{number}{m:critter}{critter}。
{who}数到了{number}{m:critter}{critter}。
# what
How many {pl:critter} does {who} see? => {she:who} sees {number}.
{who}看见几{m:critter}{critter}？ => {she:who}看见{number}{m:critter}。
# who
Who sees {number} {pl:critter}? => {who} does.
谁看见了{critter}？ => {who}看见了。
""",
    """
KIND age number
# say
{who} is {number} years old.
{who} will soon be {number} years old.
{who}{number}岁。
{who}快{number}岁了。
# what
How old is {who}? => About {number}.
{who}几岁？ => {number}岁左右。
# who
Whose age is about {number}? => It is the age of {who}.
谁差不多{number}岁？ => {who}。
""",
)

# What may happen after a scene of things: the thing changes hands.
EVENTS = """
# give
Then {who} gave the {thing} to {friend}.
Then {who} sold the {thing} to {friend} for {number} coins.
Later, {friend} took the {thing} from {who}.
A little later, {who} lent {friend} the {thing}.
后来{who}把{thing}给了{friend}。
后来{who}收了{number}枚硬币，把{thing}卖给了{friend}。
过了一会儿，{who}把{thing}借给了{friend}。
# move
Then {who} {move} {to:place}.
Now {who} has gone {to:place}.
后来{who}{move}到{to:place}。
现在{who}到{to:place}去了。
# now_thing
Who has the {thing} now? => {who} has it now.
现在{thing}在谁手里？ => 现在在{who}手里。
# now_place
Where is {who} now? => Now {she:who} is {at:place}.
{who}现在在哪里？ => {she:who}现在在{at:place}。
"""
