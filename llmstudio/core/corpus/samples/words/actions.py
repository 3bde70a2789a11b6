"""What people do, how they do it, and how they say it.

Underscores stand for spaces. ACTIVITIES and CHORES: bare form, past, -ing form, Chinese. They are written out,
never derived: English has too many exceptions for a rule to be worth its lines.
"""

from __future__ import annotations

# What one does for fun, with nobody's help.
ACTIVITIES = """
bake_a_cake baked_a_cake baking_a_cake 烤蛋糕
blow_bubbles blew_bubbles blowing_bubbles 吹泡泡
build_a_sandcastle built_a_sandcastle building_a_sandcastle 堆沙堡
catch_butterflies caught_butterflies catching_butterflies 捉蝴蝶
chase_the_waves chased_the_waves chasing_the_waves 追浪花
climb_trees climbed_trees climbing_trees 爬树
collect_shells collected_shells collecting_shells 捡贝壳
count_the_clouds counted_the_clouds counting_the_clouds 数云朵
dance danced dancing 跳舞
dig_a_hole dug_a_hole digging_a_hole 挖洞
draw_a_picture drew_a_picture drawing_a_picture 画一幅画
feed_the_birds fed_the_birds feeding_the_birds 喂小鸟
fish_for_trout fished_for_trout fishing_for_trout 钓鳟鱼
fold_paper_planes folded_paper_planes folding_paper_planes 折纸飞机
gather_chestnuts gathered_chestnuts gathering_chestnuts 捡栗子
hum_a_tune hummed_a_tune humming_a_tune 哼小曲
jump_over_puddles jumped_over_puddles jumping_over_puddles 跳水坑
juggle juggled juggling 玩杂耍
knit_a_hat knitted_a_hat knitting_a_hat 织帽子
learn_a_poem learned_a_poem learning_a_poem 背一首诗
listen_to_music listened_to_music listening_to_music 听音乐
look_at_the_stars looked_at_the_stars looking_at_the_stars 看星星
make_a_snowman made_a_snowman making_a_snowman 堆雪人
paint_a_fence painted_a_fence painting_a_fence 刷篱笆
pick_berries picked_berries picking_berries 摘浆果
plant_seeds planted_seeds planting_seeds 种种子
play_cards played_cards playing_cards 打牌
play_checkers played_checkers playing_checkers 下跳棋
play_chess played_chess playing_chess 下象棋
play_football played_football playing_football 踢足球
play_tennis played_tennis playing_tennis 打网球
practice_the_piano practiced_the_piano practicing_the_piano 练钢琴
read_a_comic read_a_comic reading_a_comic 看漫画
ride_a_bicycle rode_a_bicycle riding_a_bicycle 骑自行车
roll_down_the_slope rolled_down_the_slope rolling_down_the_slope 滚下坡
row_a_canoe rowed_a_canoe rowing_a_canoe 划独木舟
sew_a_pocket sewed_a_pocket sewing_a_pocket 缝口袋
sing_a_song sang_a_song singing_a_song 唱歌
skate_on_the_ice skated_on_the_ice skating_on_the_ice 滑冰
skip_stones skipped_stones skipping_stones 打水漂
solve_riddles solved_riddles solving_riddles 猜谜语
swim swam swimming 游泳
swing_on_a_branch swung_on_a_branch swinging_on_a_branch 荡树枝
take_photos took_photos taking_photos 拍照片
tell_stories told_stories telling_stories 讲故事
throw_snowballs threw_snowballs throwing_snowballs 扔雪球
watch_the_sunset watched_the_sunset watching_the_sunset 看日落
whistle whistled whistling 吹口哨
write_a_postcard wrote_a_postcard writing_a_postcard 写明信片
"""

# What one has to do, and where a helping hand is welcome.
CHORES = """
carry_the_firewood carried_the_firewood carrying_the_firewood 搬木柴
chop_the_vegetables chopped_the_vegetables chopping_the_vegetables 切菜
clean_the_windows cleaned_the_windows cleaning_the_windows 擦窗户
dust_the_shelves dusted_the_shelves dusting_the_shelves 掸架子
empty_the_bin emptied_the_bin emptying_the_bin 倒垃圾
fetch_the_eggs fetched_the_eggs fetching_the_eggs 取鸡蛋
fix_the_roof fixed_the_roof fixing_the_roof 修屋顶
fold_the_laundry folded_the_laundry folding_the_laundry 叠衣服
hang_the_curtains hung_the_curtains hanging_the_curtains 挂窗帘
iron_the_shirts ironed_the_shirts ironing_the_shirts 熨衬衫
knead_the_dough kneaded_the_dough kneading_the_dough 揉面团
lay_the_bricks laid_the_bricks laying_the_bricks 砌砖
light_the_stove lit_the_stove lighting_the_stove 生炉子
load_the_cart loaded_the_cart loading_the_cart 装车
mend_the_nets mended_the_nets mending_the_nets 补渔网
milk_the_cows milked_the_cows milking_the_cows 挤牛奶
mop_the_floor mopped_the_floor mopping_the_floor 拖地
mow_the_lawn mowed_the_lawn mowing_the_lawn 割草坪
pack_the_boxes packed_the_boxes packing_the_boxes 装箱子
peel_the_onions peeled_the_onions peeling_the_onions 剥洋葱
polish_the_boots polished_the_boots polishing_the_boots 擦靴子
pull_the_weeds pulled_the_weeds pulling_the_weeds 拔野草
push_the_wheelbarrow pushed_the_wheelbarrow pushing_the_wheelbarrow 推独轮车
rake_the_leaves raked_the_leaves raking_the_leaves 耙落叶
repair_the_gate repaired_the_gate repairing_the_gate 修大门
scrub_the_pans scrubbed_the_pans scrubbing_the_pans 刷锅
set_the_table set_the_table setting_the_table 摆桌子
shake_the_rugs shook_the_rugs shaking_the_rugs 抖地毯
sharpen_the_knives sharpened_the_knives sharpening_the_knives 磨刀
shovel_the_path shoveled_the_path shoveling_the_path 铲小路
sort_the_socks sorted_the_socks sorting_the_socks 分袜子
stack_the_logs stacked_the_logs stacking_the_logs 堆木头
stir_the_porridge stirred_the_porridge stirring_the_porridge 搅粥
sweep_the_porch swept_the_porch sweeping_the_porch 扫门廊
tidy_the_bedroom tidied_the_bedroom tidying_the_bedroom 整理卧室
trim_the_hedge trimmed_the_hedge trimming_the_hedge 修剪树篱
unload_the_wagon unloaded_the_wagon unloading_the_wagon 卸货车
wash_the_dishes washed_the_dishes washing_the_dishes 洗碗
water_the_plants watered_the_plants watering_the_plants 浇花
wind_the_wool wound_the_wool winding_the_wool 绕毛线
"""

# Ways of going somewhere: past, bare, Chinese.
MOVES = """
cycled cycle 骑车
drove drive 开车
hurried hurry 赶
marched march 大步走
raced race 飞奔
ran run 跑
rode ride 骑马
rushed rush 冲
sailed sail 坐船
sneaked sneak 悄悄溜
strolled stroll 散步
tiptoed tiptoe 踮着脚走
traveled travel 旅行
walked walk 走
wandered wander 闲逛
went go 来
"""

# Adverbs of manner, that suit going, looking and working alike.
MANNERS = """
boldly 大胆地
bravely 勇敢地
briskly 轻快地
calmly 平静地
carefully 小心地
cautiously 谨慎地
cheerfully 愉快地
eagerly 急切地
gently 轻轻地
gladly 乐意地
happily 高兴地
hastily 匆忙地
kindly 友好地
patiently 耐心地
politely 礼貌地
proudly 自豪地
quickly 很快地
quietly 静静地
silently 默默地
slowly 慢慢地
softly 温柔地
steadily 稳稳地
swiftly 迅速地
warmly 热情地
"""

SPEECH = """
said 说
whispered 小声说
cried 喊道
called 叫道
shouted 大声说
answered 回答说
replied 答道
exclaimed 惊叫道
declared 宣布说
murmured 轻声说
laughed 笑着说
sighed 叹着气说
"""
