"""A short and a longer text in each of many languages, and the pages that files of these languages are written in."""

from __future__ import annotations

import unicodedata

TEXTS = {
    "cs": (
        "Dobrý večer, přišel jsem pěšky.",
        "Vlak měl zpoždění a čekárna byla plná.\n"
        "Někdo otevřel okno, venku zpíval kos.\n"
        "Řidič řekl, že příště pojede rychleji.\n",
    ),
    "sk": (
        "Prečo si neprišiel včera?",
        "Ľudia stáli v rade pred pekárňou.\n"
        "Starký rozprával príbeh o vlkovi, ktorý sa bál ohňa.\n"
        "Čerešne dozreli začiatkom júna.\n",
    ),
    "pl": (
        "Wczoraj było zimno, dziś świeci słońce.",
        "Pociąg spóźnił się o godzinę.\n"
        "Żaba siedziała na liściu i słuchała deszczu.\n"
        "Babcia upiekła ciasto ze śliwkami, a dzieci zjadły je w ogrodzie.\n",
    ),
    "hu": (
        "Holnap későn jövök haza.",
        "A vonat késett, és a váróterem tele volt.\n"
        "Ő nyitotta ki az ablakot; kint énekelt a rigó.\n"
        "Az idős nő fűszeres süteményt sütött a gyerekeknek.\n",
    ),
    "sl": (
        "Včeraj je deževalo ves dan.",
        "Vlak je imel zamudo in čakalnica je bila polna.\n"
        "Nekdo je odprl okno, zunaj je žvižgal kos.\n"
        "Šofer je rekel, da bo drugič hitrejši.\n",
    ),
    "hr": (
        "Jučer je cijeli dan padala kiša.",
        "Vlak je kasnio i čekaonica je bila puna.\n"
        "Netko je otvorio prozor, vani je pjevao kos.\n"
        "Vozač je rekao da će sljedeći put voziti brže, a žena se nasmiješila.\n",
    ),
    "ro": (
        "Mâine dimineaţă plec la ţară.",
        "Trenul avea întârziere şi sala de aşteptare era plină.\n"
        "Cineva a deschis fereastra, afară cânta o mierlă.\n"
        "Şoferul a spus că data viitoare va merge mai repede.\n",
    ),
    "tr": (
        "Yarın sabah erken kalkacağız.",
        "Tren gecikti ve bekleme salonu doluydu.\n"
        "Biri pencereyi açtı, dışarıda bir kuş ötüyordu.\n"
        "Şoför gelecek sefer daha hızlı gideceğini söyledi.\n",
    ),
    "lt": (
        "Rytoj anksti kelsimės į mišką.",
        "Traukinys vėlavo, laukimo salė buvo pilna žmonių.\n"
        "Kažkas atidarė langą, lauke giedojo strazdas.\n"
        "Vairuotojas pažadėjo, kad kitą kartą važiuos greičiau.\n",
    ),
    "lv": (
        "Rīt agri celsimies un iesim uz mežu.",
        "Vilciens kavējās, un uzgaidāmā telpa bija pilna.\n"
        "Kāds atvēra logu, ārā dziedāja strazds.\n"
        "Šoferis solīja, ka nākamreiz brauks ātrāk.\n",
    ),
    "et": (
        "Homme tõuseme vara üles.",
        "Rong jäi hiljaks ja ootesaal oli täis.\n"
        "Keegi avas akna, väljas laulis rästas.\n"
        "Juht lubas, et järgmisel korral sõidab ta kiiremini.\n",
    ),
    "vi": (
        "Ngày mai tôi về quê.",
        "Chuyến tàu đến muộn và phòng chờ đông người.\n"
        "Ai đó mở cửa sổ, ngoài kia có tiếng chim hót.\n"
        "Bác tài hứa lần sau sẽ chạy nhanh hơn.\n",
    ),
    "de": (
        "Müde, aber glücklich.",
        "Der Zug hatte Verspätung und der Wartesaal war überfüllt.\n"
        "Jemand öffnete das Fenster, draußen sang eine Amsel.\n"
        "Nächstes Mal fährt er schneller, versprach der Fahrer.\n",
    ),
    "fr": (
        "Le café était fermé.",
        "Le train avait du retard et la salle d'attente était bondée.\n"
        "Quelqu'un ouvrit la fenêtre ; dehors, un merle sifflait.\n"
        "Le chauffeur a promis d'aller plus vite la prochaine fois, hélas.\n",
    ),
    "es": (
        "¿Cuándo vuelves, niña?",
        "El tren venía con retraso y la sala estaba llena.\n"
        "Alguien abrió la ventana; fuera cantaba un pájaro.\n"
        "El conductor prometió que la próxima vez iría más rápido.\n",
    ),
    "pt": (
        "Amanhã não há comboio.",
        "O comboio vinha atrasado e a sala de espera estava cheia.\n"
        "Alguém abriu a janela; lá fora cantava um pássaro.\n"
        "O condutor prometeu que da próxima vez iria mais rápido, como é óbvio.\n",
    ),
    "it": (
        "Perché è già così tardi?",
        "Il treno era in ritardo e la sala d'attesa piena.\n"
        "Qualcuno aprì la finestra; fuori cantava un merlo.\n"
        "L'autista promise che la prossima volta andrà più veloce, chissà.\n",
    ),
    "sv": (
        "Tåget är försenat igen.",
        "Tåget var försenat och väntsalen var full.\n"
        "Någon öppnade fönstret, utanför sjöng en koltrast.\n"
        "Föraren lovade att köra fortare nästa gång.\n",
    ),
    "da": (
        "Toget er forsinket på søndag.",
        "Toget var forsinket, og ventesalen var fuld.\n"
        "Nogen åbnede vinduet, udenfor sang en solsort.\n"
        "Føreren lovede at køre hurtigere næste gang.\n",
    ),
    "fi": (
        "Juna on myöhässä tänäänkin.",
        "Juna oli myöhässä ja odotussali täynnä väkeä.\n"
        "Joku avasi ikkunan, ulkona lauloi mustarastas.\n"
        "Kuljettaja lupasi ajaa ensi kerralla nopeammin.\n",
    ),
    "is": (
        "Lestin er sein í kvöld.",
        "Rútan var sein og biðsalurinn fullur af fólki.\n"
        "Einhver opnaði gluggann og úti söng þröstur.\n"
        "Bílstjórinn lofaði að aka hraðar næst.\n",
    ),
    "ru": (
        "Завтра поедем на дачу.",
        "Поезд опаздывал, и зал ожидания был полон.\n"
        "Кто-то открыл окно, на улице пел дрозд.\n"
        "Водитель обещал, что в следующий раз поедет быстрее.\n",
    ),
    "uk": (
        "Завтра поїдемо до міста.",
        "Потяг запізнювався, і зала очікування була повна.\n"
        "Хтось відчинив вікно, надворі співав дрізд.\n"
        "Водій обіцяв, що наступного разу їхатиме швидше.\n",
    ),
    "bg": (
        "Утре ще пътуваме към морето.",
        "Влакът закъсняваше и чакалнята беше пълна.\n"
        "Някой отвори прозореца, навън пееше кос.\n"
        "Шофьорът обеща следващия път да кара по-бързо.\n",
    ),
    "sr": (
        "Сутра путујемо на море.",
        "Воз је каснио и чекаоница је била пуна.\n"
        "Неко је отворио прозор, напољу је певао кос.\n"
        "Возач је рекао да ће следећи пут возити брже.\n",
    ),
    "el": (
        "Αύριο θα πάμε στη θάλασσα.",
        "Το τρένο είχε καθυστέρηση και η αίθουσα ήταν γεμάτη.\n"
        "Κάποιος άνοιξε το παράθυρο, έξω τραγουδούσε ένα πουλί.\n"
        "Ο οδηγός υποσχέθηκε να πάει πιο γρήγορα την επόμενη φορά.\n",
    ),
    "he": (
        "מחר ניסע לים.",
        "הרכבת איחרה ואולם ההמתנה היה מלא.\nמישהו פתח חלון, ובחוץ שרה ציפור.\nהנהג הבטיח שבפעם הבאה ייסע מהר יותר.\n",
    ),
    "ar": (
        "غدا نسافر إلى البحر.",
        "تأخر القطار وكانت قاعة الانتظار مليئة بالناس.\n"
        "فتح أحدهم النافذة وكان عصفور يغرد في الخارج.\n"
        "وعد السائق بأن يسير أسرع في المرة القادمة.\n",
    ),
    "fa": (
        "فردا به دريا مي رويم.",
        "قطار دير رسيد و سالن پر از مردم بود.\n"
        "کسي پنجره را باز کرد و پرنده اي بيرون مي خواند.\n"
        "راننده گفت که بار ديگر تندتر خواهد رفت.\n",
    ),
    "th": (
        "พรุ่งนี้เราจะไปทะเล",
        "รถไฟมาช้าและห้องพักผู้โดยสารเต็มไปด้วยคน\nมีคนเปิดหน้าต่าง ข้างนอกนกกำลังร้องเพลง\nคนขับสัญญาว่าคราวหน้าจะขับเร็วกว่านี้\n",
    ),
    "zh": (
        "明天我们去海边。",
        "火车晚点了，候车室里挤满了人。\n有人打开窗户，外面有一只鸟在唱歌。\n司机答应下次会开得快一些。\n",
    ),
    "tw": (
        "明天我們去海邊。",
        "火車誤點了，候車室裡擠滿了人。\n有人打開窗戶，外面有一隻鳥在唱歌。\n司機答應下次會開得快一些。\n",
    ),
    "ja": (
        "明日は海へ行きます。",
        "電車が遅れて、待合室は人でいっぱいだった。\n"
        "誰かが窓を開けると、外で鳥が鳴いていた。\n"
        "運転手は次はもっと速く走ると約束した。\n",
    ),
    "ko": (
        "내일 바다에 갑니다.",
        "기차가 늦어서 대합실은 사람들로 가득했다.\n"
        "누군가 창문을 열자 밖에서 새가 울고 있었다.\n"
        "기사는 다음에는 더 빨리 가겠다고 약속했다.\n",
    ),
    "en": (
        "The naïve café — it’s “closed”.",
        "The train was late and the waiting room was full.\n"
        "Somebody opened the window — outside, a bird sang “tuit”.\n"
        "The driver’s promise: next time he’d be faster…\n",
    ),
}

_PAGES = {
    "cs": "cp1250 iso8859_2 cp852 mac_latin2",
    "sk": "cp1250 iso8859_2",
    "pl": "cp1250 iso8859_2 cp852",
    "hu": "cp1250 iso8859_2 cp852",
    "sl": "cp1250",
    "hr": "cp1250 iso8859_2",
    "ro": "cp1250 iso8859_2",
    "tr": "cp1254 iso8859_9 cp857",
    "lt": "cp1257 iso8859_13",
    "lv": "cp1257 cp775",
    "et": "cp1257 iso8859_15",
    "vi": "cp1258",
    "de": "cp1252 cp850 mac_roman",
    "fr": "cp1252 cp850 mac_roman",
    "es": "latin_1 cp437 mac_roman",
    "pt": "cp1252 cp850",
    "it": "cp1252 mac_roman",
    "sv": "latin_1 cp437",
    "da": "cp1252 cp865",
    "fi": "latin_1 cp850",
    "is": "cp1252",
    "en": "cp1252 mac_roman",
    "ru": "cp1251 koi8_r cp866 iso8859_5 mac_cyrillic utf_16_le",
    "uk": "cp1251 koi8_u",
    "bg": "cp1251",
    "sr": "cp1251 cp855",
    "el": "cp1253 iso8859_7 cp737 mac_greek",
    "he": "cp1255 iso8859_8 cp862",
    "ar": "cp1256 iso8859_6 cp720",
    "fa": "cp1256",
    "th": "cp874 tis_620 utf_16_le",
    "zh": "gb18030 gb2312 utf_16_be",
    "tw": "big5",
    "ja": "shift_jis euc_jp iso2022_jp",
    "ko": "euc_kr cp949",
}
PAGES = [(language, page) for language, pages in _PAGES.items() for page in pages.split()]


def tones_apart(text: str) -> str:
    """Vietnamese as Windows-1258 spells it: circumflex, breve and horn are part of a letter, tones stand behind it."""
    spelled = []
    for sign in text:
        base, *marks = unicodedata.normalize("NFD", sign)
        kept = "".join(mark for mark in marks if mark in "\u0302\u0306\u031b")
        spelled.append(unicodedata.normalize("NFC", base + kept) + "".join(mark for mark in marks if mark not in kept))
    return "".join(spelled)
