"""A few everyday sentences in each of the languages whose files are older than UTF-8, as a measure of what is likely.

Written for this program. They need not say much, only hold the small words and the letters that every page of the language
holds: `plausibility` counts which letter follows which. Keys are ISO 639-1 codes.
"""

from __future__ import annotations

TEXTS = {
    "en": """The man and his son went to the river in the morning because they wanted to see the boats. It was a cold
day and there was nobody on the bridge. What do you think about that, she asked, and he said that he would have
to wait for another year. This is how it should be: you can have the house if you will take care of the garden,
the dog and all the other things which were left here before the war. Most people know that there are only three
ways out of the city, but few could say where they begin or who built them. Some of our friends came with their
children and stayed until late at night; we had never been so happy. After that we were told to write down every
question, number by number, and give the paper back without any name on it.""",
    "de": """Der Mann und seine Frau gehen früh am Morgen über die Brücke, weil sie auf dem Markt Äpfel, Käse und
Brötchen kaufen möchten. Es war schön, daß wir uns wiedergesehen haben; für die Kinder gab es später noch Kuchen
mit süßer Sahne. Natürlich können Sie das Gerät zurückgeben, wenn es Ihnen nicht gefällt, müssen aber die Gebühr
dafür selbst tragen. Ich weiß nicht, ob er heute noch kommt, denn die Straße ist geschlossen und der Schnee
liegt höher als vor zwei Jahren. Während die Großmutter erzählte, hörten alle zu, und niemand dachte an die Uhr.
Öffnen dürfen wir erst, wenn das Gespräch zu Ende ist. Übrigens wäre mir lieber, du würdest die Tür schließen.
Das Mädchen fährt jeden Tag mit dem grünen Fahrrad zur Schule und läßt es vor dem Gebäude stehen.""",
    "fr": """La mère et son fils étaient déjà partis à la gare quand le téléphone a sonné. Il ne faut pas oublier que
les élèves de cette école ont préparé la fête pendant des années, sans être aidés par personne. Où est-ce que
vous avez trouvé cette boîte ? Je l'ai reçue de mon frère, qui l'avait achetée très chère à Noël. Le garçon
espère qu'il fera bientôt plus chaud et qu'on pourra aller à la plage, même si l'été n'est pas encore là. Ça me
plaît, répondit-elle, mais c'est trop tard : les fenêtres sont fermées et la clé a été jetée à la rivière. Après
le dîner, ils se sont assis près du feu et le père a raconté une histoire drôle où un château disparaît dans la
forêt. À côté de l'église, on voit des maisons très âgées. Le cœur et la sœur. Peut-être sûr, voilà.""",
    "es": """El niño y su mamá salieron temprano porque querían ver el río y comer algo en la montaña. ¿Dónde está la
estación? preguntó el señor; mañana habrá más gente que ayer, pero también más autobuses. Aquí nunca pasa nada,
dijo él, aunque la situación económica del país cambió mucho después de la última elección. Yo no sé qué día
empezó, sólo que hacía frío y que los árboles ya no tenían hojas. Había una canción que todos conocían y la
cantaban así, sin música, en el jardín del tío José. ¡Qué alegría! Según la información que tenemos, la pequeña
compañía vendió además su fábrica y sus máquinas. Tú eres el único que podría ayudarnos, le escribió en español.
El corazón, el avión, la lección y el español difícil. Los años pasan rápido, pensó, y cerró la puerta.""",
    "pt": """A mãe não sabia que o irmão já tinha chegado à estação, pois ninguém lhe telefonou de manhã. Então é
preciso esperar até às três horas, disse ele, porque não há mais pão nem açúcar. As crianças estão na praça e
brincam com o cão do avô. Você também não conhece a história do rei que só comia maçãs? Depois da reunião, a
situação ficou difícil e os números já não são os mesmos. No verão vamos à praia, no inverno às montanhas; são
férias que nós nunca esquecemos. Está bem, respondeu a irmã, mas a próxima lição será sobre as regiões do país e
a população. Esse é o coração da questão: os órgãos públicos têm razão? O médico português pôs o café sobre a
mesa e lê as notícias. À noite, põe-se o sol atrás do monte. Avó, água, céu, três, lâmpada, você, também, até.""",
    "it": """Perché non vieni con noi al mare, se domani è una bella giornata? Il ragazzo è già andato via e nessuno
sa più dove sia la città da cui veniva. È vero che così non si può vivere, però c'è ancora un po' di libertà. La
verità è che la società cambierà solo quando l'università sarà aperta a tutti. Lunedì e martedì il caffè è
chiuso, ma giovedì ci sarà una festa di età per il papà. Ho detto di sì perché lui mi piaceva, e poi siamo
andati a mangiare nella casa che era stata di sua nonna. Chi ha più tempo lo dà agli altri; ciò che resta è il
ricordo. Non c'è difficoltà, ché tutti possono andare lì o là: più in giù, però, finché è giorno.""",
    "nl": """De man en zijn vrouw hebben het huis gekocht dat naast de kerk staat, omdat zij daar als kind hebben
gewoond. Het is niet waar dat er geen mensen meer zijn die één en ander weten van die tijd. Wij gaan met de
fiets naar het strand als het mooi weer is, en anders blijven we thuis bij de kachel. Wat wil je drinken, vroeg
hij, koffie of thee? Zij heeft het ons vóór de vergadering verteld: België is met twee stemmen gekozen, Italië
en Australië niet. De financiële crisis, de reünie, het café, een coördinator. Dit jaar zullen ze ook geen ruzie
maken over geld, al zou dat wel eens kunnen. Hé, zei ze, hoeveel ideeën heb jij nog?""",
    "sv": """På morgonen gick mannen över bron för att köpa bröd, ägg och mjölk, men affären var stängd. Jag vet inte
om hon kommer hit på söndag eller om vi måste åka själva. Det är så att många människor tycker om att bo på
landet där det finns skogar och sjöar. När barnen blev äldre fick de läsa böcker som handlade om världen utanför
Sverige. Också här höll man på att bygga ett nytt hus åt skolan, fast ingen hade frågat varför. Åren går och ån
rinner förbi, sade gamla fröken Öberg, och alla skrattade åt henne. Först därefter kunde något ändras: två av
tre röster behövdes för förslaget, och det är ännu långt kvar. Även små saker gör oss glada.""",
    "da": """På vej hjem fra skolen så børnene en stor, grå fugl, der sad på taget af det gamle hus ved søen. Det er
ikke sådan, at vi må gøre, hvad vi vil; først skal vi spørge, om der er råd til det. Hun sagde, at året havde
været hårdt, og at de næppe kunne få både mælk og brød på bordet hver dag. Når sommeren er forbi, går mange
mennesker en tur langs åen og ser på de røde æbler. Også i år blev der bygget nye veje, selv om nogen syntes,
det var for dyrt. Jeg har lært meget af min bror, som er læge på en ø uden for København. Æg, øl og å er små
ord, men også dem må man øve sig på. Måske er døren åben for dig i morgen.""",
    "no": """Da vi kom hjem fra fjellet, var døra låst og ingen visste hvor nøkkelen lå. Jeg tror ikke at det blir noe
bedre vær før på lørdag, men vi får se. Hun hadde lært å gå på ski før hun begynte på skolen, og nå går hun hver
søndag gjennom skogen. Også de små barna må få være med når vi drar på fisketur ved sjøen. Etter møtet sa han at
både språk og kultur er viktig for landet vårt. Hvorfor må dere kjøre så fort på veien, spurte den gamle mannen,
det er jo is på broen. Året etter ble det bygd et nytt hus av tre på øya. Vi spiste brød med brunost, drakk
kaffe og så på båtene. Ærlig talt, jeg skjønner ikke hva du mener. Å nei, sa hun.""",
    "fi": """Mies ja hänen vaimonsa lähtivät aamulla järvelle, koska sää oli kaunis eikä tuullut lainkaan. En tiedä,
mitä hän siitä ajattelee, mutta minä olen sitä mieltä, että työ pitää tehdä ensin. Kun lapset olivat vielä
pieniä, he asuivat maalla ja kävivät koulua kylässä. Tämä kirja kertoo siitä, miten elämä muuttui sodan jälkeen
ja miksi niin moni muutti kaupunkiin. Äiti sanoi, ettei yöllä saa pitää ääntä, ja sammutti valon. Nyt täällä on
enää vain vähän ihmisiä, jotka tietävät, missä vanha tie menee. Hän löysi pöydältä päivän lehden, söi leipää ja
lähti töihin. Myös nämä sanat täytyy näyttää: hyvää päivää, kiitos, näkemiin, älä, öljy.""",
    "is": """Á morgun förum við niður að sjó til þess að skoða bátana sem komu í gær. Það er ekki satt að hann hafi
aldrei séð fjöllin, því að hann ólst upp í sveit. Húsið þeirra stendur við veginn og þar býr líka gömul kona sem
á þrjá ketti. Ég veit ekki hvað þú vilt, sagði hún, en við verðum að bíða þangað til fólkið kemur aftur. Þegar
börnin voru lítil lásu þau sögur um álfa og tröll á hverju kvöldi. Á Íslandi er stundum kalt en sumarið er bjart
og nóttin stutt. Þau hafa búið hér í mörg ár og eru ánægð. Við ætlum að kaupa mjólk, brauð og ost, síðan förum
við heim til ömmu. Öll þessi orð þýða það sama. Æ, já, þú ert góður.""",
    "ca": """L'home i la seva germana van anar a la muntanya perquè volien veure el sol. No sé què passa, però això és
molt difícil d'explicar a la gent que no hi era. Aquesta cançó l'hem après a l'escola quan érem petits; també
n'hi havia d'altres més llargues. Després del sopar el pare llegeix les notícies i la mare parla amb l'àvia.
Quin dia és avui? És l'últim dia de l'any i fa fred. La llengua catalana té molts accents: així, només, camí,
força, plaça, món, gràcies, número. A la població hi ha col·legis, botigues i una fàbrica. El govern ha dit que
la situació econòmica millorarà, però encara caldrà esperar. Tot això és veritat o no ho és?""",
    "cs": """Muž a jeho žena šli ráno přes most, protože chtěli koupit chléb, mléko a jablka. Nevím, jestli už přišel,
ale myslím, že bude ještě dnes doma. Když byly děti malé, bydleli jsme na vesnici u řeky a každý večer jsme si
četli knížky. Je třeba říci, že to není tak jednoduché, jak se zdá; všechny věci mají své důvody. Žádný člověk
neví, co přinese příští rok. Také bych chtěl vědět, kde začíná ta stará cesta a kdo ji před lety postavil. Řekla
mu, že může zůstat, pokud něco udělá pro ostatní. Bylo už příliš pozdě a světlo v okně zhaslo. Ať je to cokoli,
nemůžeme čekat déle. Šťastný nový rok! Její dům stojí vpravo vedle kostela, kůň, úkol, ďábel, loď, teď,
důležitý, více, být, první, několik, také, během, mezi, však, až, při, čas, život, zpět.""",
    "sk": """Muž a jeho žena išli ráno cez most, pretože chceli kúpiť chlieb, mlieko a jablká. Neviem, či už prišiel,
ale myslím si, že bude ešte dnes doma. Keď boli deti malé, bývali sme na dedine pri rieke a každý večer sme
čítali knihy. Treba povedať, že to nie je také jednoduché, ako sa zdá; všetky veci majú svoje dôvody. Žiadny
človek nevie, čo prinesie budúci rok. Tiež by som chcel vedieť, kde sa začína tá stará cesta a kto ju pred rokmi
postavil. Môžeš zostať, ak niečo urobíš pre ľudí. Bolo už príliš neskoro a svetlo v okne zhaslo. Nech je to
čokoľvek, nemôžeme dlhšie čakať. Šťastný nový rok! Dĺžka, vŕba, kôň, päť, mäso, ťažký, vlastný, môj, tvoj,
veľmi, medzi, však, až, pri, deň, účet, ďakujem, ktorý, niekoľko, ľahký, štát, život, späť.""",
    "pl": """Mężczyzna i jego żona poszli rano przez most, ponieważ chcieli kupić chleb, mleko i jabłka. Nie wiem, czy
już przyszedł, ale myślę, że będzie jeszcze dziś w domu. Kiedy dzieci były małe, mieszkaliśmy na wsi nad rzeką i
każdego wieczoru czytaliśmy książki. Trzeba powiedzieć, że to nie jest takie proste, jak się wydaje; wszystkie
rzeczy mają swoje przyczyny. Żaden człowiek nie wie, co przyniesie następny rok. Chciałbym też wiedzieć, gdzie
zaczyna się ta stara droga i kto ją zbudował przed laty. Powiedziała mu, że może zostać, jeśli zrobi coś dla
innych. Było już późno i światło w oknie zgasło. Cokolwiek to jest, nie możemy dłużej czekać. Ósma godzina,
później, również, źle, ćwiczyć, więc, są, śnieg, łódź, został, życie, dzień, pięć, być, między, także, dwóch,
część.""",
    "hu": """A férfi és a felesége reggel átmentek a hídon, mert kenyeret, tejet és almát akartak venni. Nem tudom,
hogy megjött-e már, de azt hiszem, hogy ma még otthon lesz. Amikor a gyerekek kicsik voltak, egy folyó melletti
faluban laktunk, és minden este könyveket olvastunk. Meg kell mondani, hogy ez nem olyan egyszerű, mint
amilyennek látszik; minden dolognak megvan az oka. Senki sem tudja, mit hoz a jövő év. Azt is szeretném tudni,
hol kezdődik az a régi út, és ki építette évekkel ezelőtt. Azt mondta neki, hogy maradhat, ha tesz valamit a
többiekért. Már túl késő volt, és a fény kialudt az ablakban. Bármi is az, nem várhatunk tovább. Őszi idő, hűvös
szél, fűtés, tűz, gyűlés, először, később, nő, felnőtt, erdő, között, után, csak, így, úgy, több, kérdés,
gyönyörű, ő, köszönöm, szükséges, először, született, működik, üzlet, ötödik, jól, ország, világ, első, idő, ők,
két.""",
    "sl": """Mož in njegova žena sta šla zjutraj čez most, ker sta hotela kupiti kruh, mleko in jabolka. Ne vem, ali
je že prišel, vendar mislim, da bo danes še doma. Ko so bili otroci majhni, smo živeli na vasi ob reki in vsak
večer smo brali knjige. Treba je reči, da to ni tako preprosto, kot se zdi; vse stvari imajo svoje razloge.
Noben človek ne ve, kaj bo prineslo naslednje leto. Rad bi tudi vedel, kje se začne tista stara pot in kdo jo je
pred leti zgradil. Rekla mu je, da lahko ostane, če bo kaj naredil za druge. Bilo je že pozno in luč v oknu je
ugasnila. Karkoli že je, ne moremo več čakati. Življenje, čas, država, šola, človek, še, če, že, več.""",
    "hr": """Muž i njegova žena išli su ujutro preko mosta jer su htjeli kupiti kruh, mlijeko i jabuke. Ne znam je li
već došao, ali mislim da će danas još biti kod kuće. Kad su djeca bila mala, živjeli smo na selu uz rijeku i
svake večeri čitali smo knjige. Treba reći da to nije tako jednostavno kao što se čini; sve stvari imaju svoje
razloge. Nijedan čovjek ne zna što će donijeti sljedeća godina. Htio bih znati i gdje počinje taj stari put i
tko ga je prije mnogo godina sagradio. Rekla mu je da može ostati ako učini nešto za druge. Bilo je već kasno i
svjetlo na prozoru se ugasilo. Što god bilo, ne možemo više čekati. Između, također, ljudi, riječ, žao mi je,
čak, još, sljedeći, rođen, građanin, kuća, noć, veći, đak, budući, možda, država.""",
    "ro": """Bărbatul şi soţia lui au trecut dimineaţa podul, pentru că voiau să cumpere pâine, lapte şi mere. Nu ştiu
dacă a venit deja, dar cred că va fi astăzi acasă. Când copiii erau mici, locuiam la ţară, lângă râu, şi în
fiecare seară citeam cărţi. Trebuie să spunem că nu este atât de simplu cum pare; toate lucrurile îşi au rostul
lor. Niciun om nu ştie ce va aduce anul viitor. Aş vrea să ştiu şi unde începe drumul acela vechi şi cine l-a
făcut în urmă cu ani. I-a spus că poate să rămână dacă face ceva pentru ceilalţi. Era deja târziu şi lumina de
la fereastră s-a stins. Orice ar fi, nu mai putem aştepta. Înainte, după, între, până, către, mână, viaţă,
oraşul, ţară, însă, români, fără, două, şapte, îmi place, aceşti, naţional, situaţia, preşedinte, bună ziua,
mulţumesc.""",
    "tr": """Adam ve karısı sabah köprüden geçtiler, çünkü ekmek, süt ve elma almak istiyorlardı. Gelip gelmediğini
bilmiyorum ama bugün evde olacağını düşünüyorum. Çocuklar küçükken nehir kıyısındaki bir köyde oturuyorduk ve
her akşam kitap okuyorduk. Söylemek gerekir ki bu iş göründüğü kadar kolay değil; her şeyin bir nedeni vardır.
Gelecek yılın ne getireceğini hiç kimse bilmiyor. O eski yolun nerede başladığını ve onu yıllar önce kimin
yaptığını da öğrenmek isterdim. Başkaları için bir şey yaparsa kalabileceğini söyledi. Vakit çok geç olmuştu ve
penceredeki ışık söndü. Ne olursa olsun daha fazla bekleyemeyiz. İstanbul, İzmir, şimdi, için, çok, değil,
güzel, ülke, dünya, büyük, işte, kadın, ağaç, doğru, yağmur, günaydın, teşekkür, üç, dört, altı, şehir, ılık,
öğretmen, İyi.""",
    "lt": """Vyras ir jo žmona rytą ėjo per tiltą, nes norėjo nusipirkti duonos, pieno ir obuolių. Nežinau, ar jis jau
atėjo, bet manau, kad šiandien dar bus namuose. Kai vaikai buvo maži, gyvenome kaime prie upės ir kiekvieną
vakarą skaitėme knygas. Reikia pasakyti, kad tai nėra taip paprasta, kaip atrodo; visi dalykai turi savo
priežastis. Joks žmogus nežino, ką atneš kiti metai. Taip pat norėčiau žinoti, kur prasideda tas senas kelias ir
kas jį nutiesė prieš daugelį metų. Ji jam pasakė, kad gali likti, jeigu ką nors padarys kitiems. Buvo jau vėlu
ir šviesa lange užgeso. Kad ir kas būtų, negalime ilgiau laukti. Žmonės, šalis, įstatymas, ąžuolas, tačiau, už,
iš, į, apie, čia, ačiū, gražus, būti, mūsų, jūs, ėmė, dėl, vėliau, dažnai, žodžių, šimtą, trečią, miestų,
Lietuvą.""",
    "lv": """Vīrs un viņa sieva no rīta gāja pāri tiltam, jo gribēja nopirkt maizi, pienu un ābolus. Es nezinu, vai
viņš jau ir atnācis, bet domāju, ka šodien vēl būs mājās. Kad bērni bija mazi, mēs dzīvojām laukos pie upes un
katru vakaru lasījām grāmatas. Jāsaka, ka tas nav tik vienkārši, kā šķiet; visām lietām ir savi iemesli. Neviens
cilvēks nezina, ko nesīs nākamais gads. Es arī gribētu zināt, kur sākas tas vecais ceļš un kas to pirms gadiem
uzbūvēja. Viņa teica, ka viņš var palikt, ja kaut ko izdarīs citu labā. Bija jau vēls, un gaisma logā nodzisa.
Lai kas tas būtu, mēs nevaram ilgāk gaidīt. Latvija, Rīga, šī, tā, pēc, līdz, arī, ļoti, dažādi, ģimene,
ķieģelis, ņemt, žēl, jūra, kā, nē, tāpēc, tādēļ, valstī, gadā, kļūt, mūsu, viņi, brālis, māsa, vārds, zeme,
šogad, čūska.""",
    "et": """Mees ja tema naine läksid hommikul üle silla, sest nad tahtsid osta leiba, piima ja õunu. Ma ei tea, kas
ta juba tuli, aga ma arvan, et ta on täna veel kodus. Kui lapsed olid väikesed, elasime maal jõe ääres ja
lugesime igal õhtul raamatuid. Peab ütlema, et see ei ole nii lihtne, kui näib; kõigil asjadel on oma põhjused.
Ükski inimene ei tea, mida toob järgmine aasta. Tahaksin ka teada, kus algab see vana tee ja kes selle aastaid
tagasi ehitas. Ta ütles, et ta võib jääda, kui teeb midagi teiste heaks. Oli juba hilja ja tuli aknas kustus.
Mis see ka poleks, me ei saa kauem oodata. Õpetaja, öö, üks, päev, võimalik, mõte, töö, küsimus, hästi, käsi,
jää, šokolaad, žanr, tõesti, või, pärast, väga, külm, sõber, lähme, tänan, kõik, Jõgeva, põld, mäng, rõõm, süda.""",
    "sq": """Burri dhe gruaja e tij kaluan në mëngjes urën, sepse donin të blinin bukë, qumësht dhe mollë. Nuk e di
nëse ka ardhur, por mendoj se sot do të jetë ende në shtëpi. Kur fëmijët ishin të vegjël, jetonim në fshat pranë
lumit dhe çdo mbrëmje lexonim libra. Duhet thënë se kjo nuk është aq e thjeshtë sa duket; të gjitha gjërat kanë
arsyet e tyre. Çfarë do të sjellë viti që vjen, askush nuk e di. Do të doja të dija edhe ku fillon ajo rrugë e
vjetër. Është bërë vonë dhe drita në dritare u shua. Për, që, një, më, ç'është.""",
    "eo": """La viro kaj lia edzino iris matene trans la ponton, ĉar ili volis aĉeti panon, lakton kaj pomojn. Mi ne
scias, ĉu li jam venis, sed mi pensas, ke hodiaŭ li ankoraŭ estos hejme. Kiam la infanoj estis malgrandaj, ni
loĝis en vilaĝo apud la rivero kaj ĉiun vesperon ni legis librojn. Ŝi diris al li, ke li povas resti, se li
faros ion por aliaj. Antaŭ jaroj iu konstruis tiun vojon. Ĝi estas ĝis nun ĉiam la plej bela; ĥoro, ĵurnalo,
ĵus, preskaŭ, eĉ, kaŭze, aŭtuno, ŝanĝi, Eŭropo, ĉi tie, ĝardeno, neniaĵo, ĵaŭdo, laŭ.""",
    "mt": """Ir-raġel u martu qasmu l-pont filgħodu għax riedu jixtru ħobż, ħalib u tuffieħ. Ma nafx jekk ġiex, imma
naħseb li llum għadu d-dar. Meta t-tfal kienu żgħar, konna noqogħdu f'raħal ħdejn ix-xmara u kull filgħaxija
konna naqraw il-kotba. Għandna ngħidu li dan mhux faċli daqs kemm jidher; kull ħaġa għandha r-raġuni tagħha.
Ċertament ħadd ma jaf x'se ġġib is-sena d-dieħla. Żmien, ċavetta.""",
    "cy": """Aeth y dyn a'i wraig dros y bont yn y bore am eu bod am brynu bara, llaeth ac afalau. Nid wyf yn gwybod a
yw wedi dod eto, ond rwy'n meddwl y bydd gartref heddiw. Pan oedd y plant yn fach roeddem yn byw mewn pentref
ger yr afon. Mae'r tŷ ar y dŵr ac mae'r gŵr yn canu cân. Sŵn y môr a'r tân, dŵr glân, tŷ mawr, ŷd, ŵyn, llên,
gêm, pêl, ffŵl, cŵn, tîm, hŷn, ŵy, ysgrifennodd dros Gymru.""",
    "vi": """Người đàn ông và vợ đi qua cầu vào buổi sáng vì họ muốn mua bánh mì, sữa và táo. Tôi không biết anh ấy đã
đến chưa, nhưng tôi nghĩ rằng hôm nay anh ấy sẽ ở nhà. Khi các con còn nhỏ, chúng tôi sống ở một làng bên sông
và mỗi tối chúng tôi đọc sách. Phải nói rằng điều này không đơn giản như người ta tưởng; mọi việc đều có lý do
của nó. Không ai biết năm tới sẽ mang lại những gì. Tôi cũng muốn biết con đường cũ ấy bắt đầu từ đâu và ai đã
xây dựng nó nhiều năm trước. Cô nói với anh rằng anh có thể ở lại nếu làm được một việc gì đó cho những người
khác. Trời đã muộn và ánh đèn trong cửa sổ đã tắt. Việt Nam, Hà Nội, của, được, trong, để, cũng, thì, đó.""",
    "ru": """Мужчина и его жена утром перешли через мост, потому что хотели купить хлеб, молоко и яблоки. Я не знаю,
пришёл ли он уже, но думаю, что сегодня он ещё будет дома. Когда дети были маленькими, мы жили в деревне у реки
и каждый вечер читали книги. Надо сказать, что это не так просто, как кажется; у всех вещей есть свои причины.
Ни один человек не знает, что принесёт следующий год. Мне также хотелось бы знать, где начинается эта старая
дорога и кто её построил много лет назад. Она сказала ему, что он может остаться, если сделает что-нибудь для
других. Было уже слишком поздно, и свет в окне погас. Что бы это ни было, мы не можем больше ждать. Объявление,
подъезд, вообще, чтобы, жизнь, день, люди, его, этого, был, очень, себя, эти, щёки, цвет, фильм, хорошо, юг.""",
    "uk": """Чоловік і його дружина вранці перейшли через міст, бо хотіли купити хліб, молоко та яблука. Я не знаю, чи
він уже прийшов, але думаю, що сьогодні він ще буде вдома. Коли діти були маленькими, ми жили в селі біля річки
й щовечора читали книжки. Треба сказати, що це не так просто, як здається; усі речі мають свої причини. Жодна
людина не знає, що принесе наступний рік. Мені також хотілося б знати, де починається ця стара дорога і хто її
побудував багато років тому. Вона сказала йому, що він може залишитися, якщо зробить щось для інших. Було вже
пізно, і світло у вікні згасло. Хоч би що це було, ми не можемо більше чекати. Є, її, їхній, Україна, ґанок,
п'ять, життя, цього, під, між, він, як, також, після, щодня, людей, ще, є, європейський, об'єкт, ґрунт, який,
дуже, вже.""",
    "be": """Мужчына і яго жонка раніцай перайшлі праз мост, бо хацелі купіць хлеб, малако і яблыкі. Я не ведаю, ці ён
ужо прыйшоў, але думаю, што сёння ён яшчэ будзе дома. Калі дзеці былі маленькія, мы жылі ў вёсцы каля ракі і
кожны вечар чыталі кнігі. Трэба сказаць, што гэта не так проста, як здаецца; усе рэчы маюць свае прычыны.
Ніводны чалавек не ведае, што прынясе наступны год. Было ўжо позна, і святло ў акне згасла. Беларусь, моўны,
воўк, людзі, гэты, ён, яшчэ, толькі, каб, пра, свой, ў, былі, жыццё, дзень, аўторак, праўда.""",
    "bg": """Мъжът и жена му минаха сутринта по моста, защото искаха да купят хляб, мляко и ябълки. Не зная дали вече
е дошъл, но мисля, че днес още ще си бъде вкъщи. Когато децата бяха малки, живеехме на село край реката и всяка
вечер четяхме книги. Трябва да се каже, че това не е толкова просто, колкото изглежда; всички неща си имат
причини. Никой човек не знае какво ще донесе следващата година. Бих искал също да зная къде започва онзи стар
път и кой го е построил преди години. Тя му каза, че може да остане, ако направи нещо за другите. Беше вече
късно и светлината в прозореца угасна. Каквото и да е, не можем да чакаме повече. Също, към, съм, след, били,
България, щастие, през, който, България, град, хора, живот, ден, между, защо, нея, ѝ.""",
    "sr": """Човек и његова жена ишли су ујутру преко моста јер су хтели да купе хлеб, млеко и јабуке. Не знам да ли
је већ дошао, али мислим да ће данас још бити код куће. Кад су деца била мала, живели смо на селу поред реке и
сваке вечери читали смо књиге. Треба рећи да то није тако једноставно као што изгледа; све ствари имају своје
разлоге. Ниједан човек не зна шта ће донети следећа година. Рекла му је да може остати ако учини нешто за друге.
Било је већ касно и светло на прозору се угасило. Људи, ђак, џеп, између, њихов, ноћ, љубав, још, већ, између,
рођен, Београд, Србија, питање, живот, џак, свет, жеља, чаша, ћерка, њега, хвала, фабрика, цео, због.""",
    "mk": """Човекот и неговата жена утрото го поминаа мостот, затоа што сакаа да купат леб, млеко и јаболка. Не знам
дали веќе дошол, но мислам дека денес уште ќе биде дома. Кога децата беа мали, живеевме во село покрај реката и
секоја вечер читавме книги. Треба да се каже дека тоа не е толку едноставно како што изгледа; сите нешта си
имаат причини. Никој не знае што ќе донесе следната година. Беше веќе доцна. Луѓе, ќерка, ноќ, ѕвезда, ѓавол,
љубов, њива, џеб, меѓу, исто така, ќе, Македонија, денес, прашање, живот, куќа, ѕид.""",
    "el": """Ο άντρας και η γυναίκα του πέρασαν το πρωί τη γέφυρα, γιατί ήθελαν να αγοράσουν ψωμί, γάλα και μήλα. Δεν
ξέρω αν έχει ήδη έρθει, αλλά νομίζω ότι σήμερα θα είναι ακόμη στο σπίτι. Όταν τα παιδιά ήταν μικρά, ζούσαμε σε
ένα χωριό κοντά στο ποτάμι και κάθε βράδυ διαβάζαμε βιβλία. Πρέπει να πούμε ότι αυτό δεν είναι τόσο απλό όσο
φαίνεται· όλα τα πράγματα έχουν τους λόγους τους. Κανένας άνθρωπος δεν ξέρει τι θα φέρει ο επόμενος χρόνος. Θα
ήθελα επίσης να μάθω πού αρχίζει αυτός ο παλιός δρόμος και ποιος τον έχτισε πριν από χρόνια. Του είπε ότι μπορεί
να μείνει, αν κάνει κάτι για τους άλλους. Ήταν πια αργά και το φως στο παράθυρο έσβησε. Ό,τι κι αν είναι, δεν
μπορούμε να περιμένουμε άλλο. Ελλάδα, Αθήνα, ζωή, ώρα, μέρα, εδώ, όπως, ύστερα, προϊόν, πολύ, ψυχή, ξανά,
Έλληνες, Άγιος.""",
    "he": """האיש ואשתו עברו בבוקר את הגשר, כי הם רצו לקנות לחם, חלב ותפוחים. אני לא יודע אם הוא כבר הגיע, אבל אני
חושב שהיום הוא עוד יהיה בבית. כאשר הילדים היו קטנים גרנו בכפר ליד הנהר ובכל ערב קראנו ספרים. צריך לומר שזה לא כל
כך פשוט כמו שזה נראה; לכל הדברים יש סיבות משלהם. אף אדם אינו יודע מה תביא השנה הבאה. הייתי רוצה לדעת גם היכן
מתחילה הדרך הישנה הזאת ומי בנה אותה לפני שנים רבות. היא אמרה לו שהוא יכול להישאר אם יעשה משהו למען אחרים. כבר
היה מאוחר והאור בחלון כבה. יהיה אשר יהיה, לא נוכל לחכות עוד. שלום, תודה, ארץ, עם, של, על.""",
    "ar": """عبر الرجل وزوجته الجسر في الصباح لأنهما أرادا شراء الخبز والحليب والتفاح. لا أعرف هل جاء بعد، ولكنني أظن
أنه سيكون اليوم في البيت. عندما كان الأطفال صغارا كنا نعيش في قرية قرب النهر وكنا نقرأ الكتب كل مساء. يجب أن
نقول إن هذا ليس سهلا كما يبدو؛ فكل الأشياء لها أسبابها. لا أحد يعرف ماذا ستحمل السنة القادمة. أود أيضا أن أعرف
أين يبدأ ذلك الطريق القديم ومن الذي بناه قبل سنوات طويلة. قالت له إنه يستطيع أن يبقى إذا فعل شيئا من أجل
الآخرين. كان الوقت قد تأخر وانطفأ الضوء في النافذة. مهما كان الأمر فلا يمكننا أن ننتظر أكثر. إلى، على، هذه،
التي، بين، ثم، شكرا، مسؤول، ضد، ظل، غدا.""",
    "fa": """مرد و همسرش صبح از پل گذشتند، چون مي‌خواستند نان، شير و سيب بخرند. نمي‌دانم آيا او آمده است، ولي گمان
مي‌کنم امروز هنوز در خانه باشد. وقتي بچه‌ها کوچک بودند در روستايي کنار رودخانه زندگي مي‌کرديم و هر شب کتاب
مي‌خوانديم. بايد گفت که اين کار آن‌قدر هم که به نظر مي‌رسد ساده نيست. هيچ‌کس نمي‌داند سال آينده چه خواهد آورد.
پدر، چهار، گفتگو، ژاله، پيش، پرسش، چگونه، اگر، ديگر، بزرگ، ايران، گربه.""",
    "th": """ชายคนหนึ่งกับภรรยาของเขาเดินข้ามสะพานในตอนเช้า เพราะพวกเขาต้องการซื้อขนมปัง นม และแอปเปิล
ฉันไม่รู้ว่าเขามาแล้วหรือยัง แต่ฉันคิดว่า วันนี้เขายังอยู่ที่บ้าน เมื่อเด็กๆ ยังเล็ก
เราอาศัยอยู่ในหมู่บ้านริมแม่น้ำ และทุกเย็นเราอ่านหนังสือ ต้องบอกว่าเรื่องนี้ไม่ง่ายอย่างที่เห็น
ทุกสิ่งมีเหตุผลของมัน ไม่มีใครรู้ว่าปีหน้าจะเป็นอย่างไร
ฉันอยากรู้ด้วยว่าถนนเก่าสายนั้นเริ่มต้นที่ไหนและใครเป็นผู้สร้างไว้เมื่อหลายปีก่อน
เธอบอกเขาว่าเขาอยู่ต่อได้ถ้าทำอะไรเพื่อคนอื่น ตอนนั้นดึกมากแล้วและแสงไฟที่หน้าต่างก็ดับลง ประเทศไทย กรุงเทพ
จังหวัด ซึ่ง โดย ให้ การ ความ""",
}
