/**
 * What shoppers call products and colours: a general vocabulary, written by hand, for the captions that the built-in model
 * learns from. Runs in the training scripts only.
 */

/**
 * Names of a concept in the singular; the first is the everyday name. A trailing `*` marks a word without a separate
 * plural ("jeans*"). Names after `~` are wider than the concept ("footwear") and are used sparingly.
 */
const table: Readonly<Record<string, string>> = {
  // Fashion: article types
  Tshirts: 't-shirt, tee, tee shirt, tshirt, t shirt, crew neck tee ~ top',
  Shirts: 'shirt, button-down shirt, button-up shirt, buttoned shirt, collared shirt, dress shirt ~ top',
  'Casual Shoes': 'casual shoe, everyday shoe, sneaker, loafer, canvas shoe, plimsoll ~ shoe, footwear*',
  Tops: 'top, blouse, ladies top, womens top, tunic top',
  Kurtas: 'kurta, long kurta, indian tunic, ethnic tunic, ethnic shirt ~ ethnic wear*',
  'Sports Shoes':
    'sports shoe, sneaker, trainer, running shoe, athletic shoe, gym shoe, jogging shoe ~ shoe, footwear*',
  Watches: 'watch, wristwatch, wrist watch, timepiece, analogue watch',
  Handbags: 'handbag, hand bag, purse, shoulder bag, tote bag, ladies bag ~ bag',
  Sunglasses: 'sunglasses*, shades*, sun glasses*, pair of sunglasses, aviators* ~ eyewear*, glasses*',
  Heels: 'heels*, high heels*, high-heeled shoe, pumps*, stilettos* ~ shoe, footwear*',
  Sweaters: 'sweater, jumper, pullover, knitted sweater, jersey, cardigan, knitwear* ~ top',
  Wallets: 'wallet, billfold, purse, card holder, money wallet, leather wallet',
  'Flip Flops': 'flip flops*, flip-flops*, thongs*, beach slippers*, slippers*, rubber sandal ~ footwear*',
  Sandals: 'sandal, open-toe sandal, strappy sandal, summer sandal, floaters* ~ footwear*, shoe',
  Sweatshirts: 'sweatshirt, sweat shirt, hooded sweatshirt, hoodie, fleece top, sweat top ~ top',
  Belts: 'belt, leather belt, waist belt, buckle belt, trouser belt',
  'Formal Shoes':
    'formal shoe, dress shoe, oxford shoe, derby shoe, brogues*, office shoe, leather shoe ~ shoe, footwear*',
  Trousers: 'trousers*, pants*, formal trousers*, dress pants*, slacks*, chinos* ~ bottoms*',
  Jeans: 'jeans*, denims*, denim pants*, denim trousers*, blue jeans* ~ pants*, trousers*',
  Socks: 'socks*, pair of socks, ankle socks*, crew socks*, sock ~ hosiery*',
  Jackets: 'jacket, zip-up jacket, windcheater, coat, windbreaker, bomber jacket ~ outerwear*',
  Flats: 'flats*, flat shoe, ballet flats*, ballerinas*, flat sandal, pumps* ~ shoe, footwear*',
  Backpacks: 'backpack, rucksack, back pack, school bag, knapsack, day pack ~ bag',
  Briefs: 'briefs*, underpants*, underwear*, pants*, panties*, knickers* ~ innerwear*',
  'Innerwear Vests': 'innerwear vest, vest, undershirt, tank top, sleeveless vest, singlet ~ innerwear*, underwear*',
  Shorts: 'shorts*, short pants*, bermuda shorts*, bermudas*, pair of shorts ~ bottoms*',
  Caps: 'cap, baseball cap, peaked cap, sports cap ~ hat, headwear*',
  Ties: 'tie, necktie, neck tie, silk tie',
  'Track Pants':
    'track pants*, joggers*, jogging bottoms*, sweatpants*, tracksuit bottoms*, training pants* ~ pants*, trousers*',
  Kurtis: 'kurti, short kurta, ladies kurta, ethnic top, indian tunic ~ ethnic wear*, top',
  Clutches: 'clutch, clutch bag, evening bag, clutch purse ~ bag, purse',
  Mufflers: 'muffler, scarf, winter scarf, knitted scarf, woollen scarf',
  'Accessory Gift Set': 'accessory gift set, gift set, gift box, accessory set, wallet and belt set, present set',
  Dresses: 'dress, frock, gown, summer dress, party dress',
  Scarves: 'scarf, neck scarf, silk scarf, shawl, neckerchief',
  Trunk: 'trunk, boxer briefs*, boxer trunks*, trunks*, underpants* ~ underwear*, innerwear*',
  Cufflinks: 'cufflinks*, cuff links*, shirt cufflinks*, cufflink',
  Skirts: 'skirt, mini skirt, midi skirt, long skirt',
  Capris: 'capris*, capri pants*, three-quarter pants*, cropped trousers*, cropped pants* ~ pants*',
  'Laptop Bag': 'laptop bag, computer bag, notebook bag, office bag, briefcase ~ bag',
  'Perfume and Body Mist':
    'perfume, body mist, perfume and body mist*, fragrance, eau de toilette, body spray, cologne',
  Stockings: 'stockings*, tights*, hosiery*, nylons*, pantyhose*',
  Tunics: 'tunic, tunic top, long top, ladies tunic ~ top',
  Leggings: 'leggings*, tights*, stretch pants*, footless tights* ~ pants*',
  'Duffel Bag': 'duffel bag, duffle bag, gym bag, sports bag, holdall, travel bag, weekend bag ~ bag',
  Deodorant: 'deodorant, deo, body spray, antiperspirant, deodorant spray',
  'Mobile Pouch': 'mobile pouch, phone pouch, phone case, mobile phone case, phone cover, cell phone pouch',
  Tracksuits: 'tracksuit, track suit, jogging suit, training suit, sports suit',
  Bra: 'bra, brassiere, lingerie* ~ underwear*, innerwear*',
  'Fragrance Gift Set': 'fragrance gift set, perfume gift set, perfume set, perfume box ~ gift set',
  Gloves: 'gloves*, pair of gloves, mittens*, winter gloves*, hand gloves*',
  'Messenger Bag': 'messenger bag, shoulder bag, satchel, crossbody bag, courier bag ~ bag',
  'Sports Sandals': 'sports sandal, sport sandal, hiking sandal, trekking sandal, floaters* ~ sandal, footwear*',
  'Lounge Shorts': 'lounge shorts*, pyjama shorts*, sleep shorts*, pajama shorts* ~ shorts*, nightwear*',
  'Shoe Accessories': 'shoe accessory, shoe laces*, shoelaces*, shoe care*, insoles*',
  Umbrellas: 'umbrella, rain umbrella, folding umbrella, brolly, parasol',
  Churidar: 'churidar, churidar pants*, indian leggings*, ethnic leggings* ~ ethnic wear*',
  Dupatta: 'dupatta, indian scarf, ethnic stole, indian shawl ~ scarf',
  Stoles: 'stole, shawl, wrap, ladies stole ~ scarf',
  'Travel Accessory': 'travel accessory, travel pouch, travel kit, toiletry bag, travel organiser',
  'Lounge Pants': 'lounge pants*, pyjama bottoms*, pyjamas*, pajama pants* ~ nightwear*, pants*',
  Hat: 'hat, cap, beanie, sun hat, woolly hat ~ headwear*',
  Headband: 'headband, head band, hair band, sweatband ~ headwear*',
  'Waist Pouch': 'waist pouch, waist bag, bum bag, fanny pack, belt bag ~ bag',
  Boxers: 'boxers*, boxer shorts*, underpants* ~ underwear*, innerwear*',
  'Kurta Sets': 'kurta set, kurta and pyjama set, indian suit, salwar suit ~ ethnic wear*',
  Tights: 'tights*, leggings*, running tights*, stockings*',
  Waistcoat: 'waistcoat, vest, suit vest, gilet, sleeveless jacket',
  Bracelet: 'bracelet, bangle, wrist band, arm chain ~ jewellery*, jewelry*',
  Footballs: 'football, soccer ball, ball, leather ball',
  'Necklace and Chains': 'necklace, chain, neck chain, pendant ~ jewellery*, jewelry*',
  Rucksacks: 'rucksack, backpack, hiking backpack, trekking bag ~ bag',
  Sarees: 'saree, sari, indian dress, silk saree ~ ethnic wear*',
  Shrug: 'shrug, bolero, open cardigan, cropped jacket',

  // Clothing: labels of photos made at home
  'T-Shirt': 't-shirt, tee, tee shirt, tshirt, t shirt, short-sleeved shirt ~ top',
  Pants: 'pants*, trousers*, slacks*, pair of pants, pair of trousers ~ bottoms*, jeans*',
  Longsleeve:
    'longsleeve, long sleeve, long sleeve top, long-sleeved shirt, long sleeve t-shirt, long-sleeved top ~ top, sweater',
  Shoes: 'shoes*, pair of shoes, shoe ~ footwear*, sneakers*, boots*, trainers*',
  Shirt: 'shirt, button-down shirt, button-up shirt, collared shirt ~ top',
  Dress: 'dress, frock, gown, summer dress',
  Outwear: 'outerwear jacket, jacket, coat, outwear*, outerwear*, winter coat, parka, anorak, overcoat',
  Skirt: 'skirt, mini skirt, midi skirt, long skirt',
  Polo: 'polo shirt, polo, polo t-shirt, polo neck shirt, golf shirt ~ top',
  Undershirt: 'undershirt, vest, tank top, singlet, sleeveless shirt, camisole ~ underwear*, top',
  Blazer: 'blazer, suit jacket, sports jacket, sport coat, dinner jacket ~ jacket',
  Hoodie: 'hoodie, hooded sweatshirt, hoody, hooded jumper, zip hoodie ~ sweatshirt, top',
  Body: 'body, bodysuit, baby bodysuit, onesie, romper, baby grow, babygrow',
  Top: 'top, ladies top, sleeveless top, crop top',
  Blouse: 'blouse, ladies blouse, womens shirt, ladies shirt ~ top',

  // Grocery: fruit
  Satsumas: 'satsuma, satsumas*, mandarin, tangerine, clementine, mandarin orange ~ citrus fruit, fruit*',
  'Royal Gala': 'royal gala apple, royal gala, gala apple, red yellow apple ~ apple, fruit*',
  'Granny Smith': 'granny smith apple, granny smith, green apple, sour apple ~ apple, fruit*',
  'Pink Lady': 'pink lady apple, pink lady, pink apple ~ apple, fruit*',
  'Golden Delicious': 'golden delicious apple, golden delicious*, yellow apple, golden apple ~ apple, fruit*',
  'Red Delicious': 'red delicious apple, red delicious*, red apple, dark red apple ~ apple, fruit*',
  Orange: 'orange, navel orange, sweet orange ~ citrus fruit, fruit*',
  Watermelon: 'watermelon, water melon, green melon ~ melon, fruit*',
  Lemon: 'lemon, yellow lemon, yellow citrus fruit ~ citrus fruit, fruit*',
  Banana: 'banana, bunch of bananas, yellow banana ~ fruit*',
  Conference: 'conference pear, conference, long green pear, long pear ~ pear, fruit*',
  Anjou: 'anjou pear, anjou, green pear, round pear ~ pear, fruit*',
  Kaiser: 'kaiser pear, kaiser, brown pear, bosc pear ~ pear, fruit*',
  Avocado: 'avocado, avocado pear, alligator pear ~ fruit*',
  Peach: 'peach, fuzzy peach ~ stone fruit*, fruit*',
  Nectarine: 'nectarine, smooth peach ~ stone fruit*, fruit*',
  Plum: 'plum, purple plum ~ stone fruit*, fruit*',
  Cantaloupe: 'cantaloupe, cantaloupe melon, cantaloup, rockmelon, musk melon ~ melon, fruit*',
  'Galia Melon': 'galia melon, galia, netted melon ~ melon, fruit*',
  'Honeydew Melon': 'honeydew melon, honeydew, honey melon, yellow melon ~ melon, fruit*',
  Kiwi: 'kiwi, kiwi fruit*, kiwifruit* ~ fruit*',
  'Red Grapefruit': 'red grapefruit, grapefruit, pink grapefruit, ruby grapefruit ~ citrus fruit, fruit*',
  Lime: 'lime, green lime, green citrus fruit ~ citrus fruit, fruit*',
  Mango: 'mango, mango fruit* ~ tropical fruit*, fruit*',
  Pineapple: 'pineapple, ananas*, whole pineapple ~ tropical fruit*, fruit*',
  'Passion Fruit': 'passion fruit*, passionfruit*, maracuja ~ tropical fruit*, fruit*',
  Papaya: 'papaya, pawpaw, papaya fruit* ~ tropical fruit*, fruit*',
  Pomegranate: 'pomegranate, pomegranate fruit* ~ fruit*',

  // Grocery: vegetables
  Carrots: 'carrot, carrots*, bag of carrots, bunch of carrots ~ root vegetable, vegetable',
  'Vine Tomato': 'vine tomato, tomatoes on the vine*, vine-ripened tomato, cluster tomato ~ tomato, vegetable',
  'Regular Tomato': 'regular tomato, tomato, round tomato, plain tomato ~ vegetable',
  'Beef Tomato': 'beef tomato, beefsteak tomato, large tomato, big tomato ~ tomato, vegetable',
  'Brown Cap Mushroom':
    'brown cap mushroom, brown mushroom, chestnut mushroom, cremini mushroom, champignon ~ mushroom, vegetable',
  'Yellow Onion': 'yellow onion, onion, brown onion, cooking onion ~ vegetable',
  'Red Bell Pepper':
    'red bell pepper, red pepper, red capsicum, red paprika, sweet red pepper ~ bell pepper, vegetable',
  'Orange Bell Pepper': 'orange bell pepper, orange pepper, orange capsicum, orange paprika ~ bell pepper, vegetable',
  'Yellow Bell Pepper': 'yellow bell pepper, yellow pepper, yellow capsicum, yellow paprika ~ bell pepper, vegetable',
  'Green Bell Pepper': 'green bell pepper, green pepper, green capsicum, green paprika ~ bell pepper, vegetable',
  'Sweet Potato': 'sweet potato, yam, batata, orange potato ~ root vegetable, vegetable',
  'Solid Potato': 'solid potato, waxy potato, firm potato, boiling potato ~ potato, vegetable',
  'Floury Potato': 'floury potato, mealy potato, baking potato, starchy potato ~ potato, vegetable',
  Zucchini: 'zucchini, courgette, green squash, summer squash ~ vegetable',
  Cucumber: 'cucumber, salad cucumber, green cucumber ~ vegetable',
  Garlic: 'garlic*, garlic bulb, bulb of garlic, garlic clove ~ vegetable',
  Aubergine: 'aubergine, eggplant, egg plant, purple eggplant, brinjal ~ vegetable',
  Leek: 'leek, green leek, bunch of leeks ~ vegetable',
  'Red Beet': 'red beet, beetroot, beet, red beetroot ~ root vegetable, vegetable',
  Ginger: 'ginger*, ginger root, fresh ginger* ~ root vegetable, spice',
  Cabbage: 'cabbage, white cabbage, head of cabbage, green cabbage ~ vegetable',
  Asparagus: 'asparagus*, green asparagus*, bunch of asparagus, asparagus spears* ~ vegetable',

  // Grocery: packages. Brands stay words; a name without the brand follows.
  'Arla Natural Yoghurt': 'arla natural yoghurt, natural yoghurt, plain yoghurt, arla yoghurt ~ yoghurt, dairy*',
  'Arla Mild Vanilla Yoghurt':
    'arla mild vanilla yoghurt, mild vanilla yoghurt, vanilla yoghurt, arla vanilla yoghurt ~ yoghurt, dairy*',
  'Arla Natural Mild Low Fat Yoghurt':
    'arla natural mild low fat yoghurt, low fat yoghurt, natural low fat yoghurt, mild natural yoghurt, light yoghurt ~ yoghurt, dairy*',
  'Valio Vanilla Yoghurt': 'valio vanilla yoghurt, vanilla yoghurt, valio yoghurt ~ yoghurt, dairy*',
  'Yoggi Strawberry Yoghurt': 'yoggi strawberry yoghurt, strawberry yoghurt, yoggi strawberry* ~ yoghurt, dairy*',
  'Yoggi Vanilla Yoghurt': 'yoggi vanilla yoghurt, vanilla yoghurt, yoggi vanilla* ~ yoghurt, dairy*',
  'Oatly Natural Oatghurt': 'oatly natural oatghurt, oatghurt, oat yoghurt, oatly yoghurt, vegan yoghurt ~ yoghurt',
  'Alpro Blueberry Soyghurt':
    'alpro blueberry soyghurt, blueberry soyghurt, blueberry soy yoghurt, alpro blueberry* ~ yoghurt, soyghurt',
  'Alpro Vanilla Soyghurt':
    'alpro vanilla soyghurt, vanilla soyghurt, vanilla soy yoghurt, alpro vanilla* ~ yoghurt, soyghurt',
  'Arla Medium Fat Milk': 'arla medium fat milk*, medium fat milk*, semi-skimmed milk*, arla milk* ~ milk*, dairy*',
  'Arla Standard Milk':
    'arla standard milk*, standard milk*, whole milk*, full fat milk*, arla whole milk* ~ milk*, dairy*',
  'Arla Ecological Medium Fat Milk':
    'arla ecological medium fat milk*, arla organic milk*, organic medium fat milk*, organic semi-skimmed milk* ~ milk*, dairy*',
  'Arla Lactose Medium Fat Milk':
    'arla lactose medium fat milk*, lactose free milk*, arla lactose free milk*, lactose free medium fat milk* ~ milk*, dairy*',
  'Arla Sour Milk': 'arla sour milk*, sour milk*, soured milk*, filmjolk*, buttermilk* ~ milk*, dairy*',
  'Arla Sour Cream': 'arla sour cream*, sour cream*, soured cream*, creme fraiche* ~ cream*, dairy*',
  'Arla Ecological Sour Cream':
    'arla ecological sour cream*, organic sour cream*, arla organic sour cream* ~ sour cream*, dairy*',
  'Garant Ecological Medium Fat Milk':
    'garant ecological medium fat milk*, garant organic milk*, organic medium fat milk*, garant semi-skimmed milk* ~ milk*, dairy*',
  'Garant Ecological Standard Milk':
    'garant ecological standard milk*, garant organic whole milk*, organic standard milk*, organic whole milk* ~ milk*, dairy*',
  'Oatly Oat Milk': 'oatly oat milk*, oat milk*, oatly*, oat drink ~ plant milk*, milk*',
  'Alpro Shelf Soy Milk':
    'alpro shelf soy milk*, soy milk*, long life soy milk*, soya milk*, alpro soya drink ~ plant milk*, milk*',
  'Alpro Fresh Soy Milk':
    'alpro fresh soy milk*, fresh soy milk*, soya milk*, alpro soy milk*, chilled soy milk* ~ plant milk*, milk*',
  'Bravo Orange Juice': 'bravo orange juice, orange juice, bravo juice ~ juice, fruit juice',
  'Bravo Apple Juice': 'bravo apple juice, apple juice, bravo juice ~ juice, fruit juice',
  'God Morgon Orange Juice': 'god morgon orange juice, orange juice, god morgon juice ~ juice, fruit juice',
  'God Morgon Apple Juice': 'god morgon apple juice, apple juice, god morgon juice ~ juice, fruit juice',
  'God Morgon Red Grapefruit Juice':
    'god morgon red grapefruit juice, red grapefruit juice, grapefruit juice ~ juice, fruit juice',
  'God Morgon Orange Red Grapefruit Juice':
    'god morgon orange red grapefruit juice, orange red grapefruit juice, orange and grapefruit juice ~ juice, fruit juice',
  'Tropicana Apple Juice': 'tropicana apple juice, apple juice, tropicana juice ~ juice, fruit juice',
  'Tropicana Juice Smooth':
    'tropicana juice smooth*, tropicana orange juice, smooth orange juice, tropicana smooth* ~ juice, fruit juice',
  'Tropicana Golden Grapefruit':
    'tropicana golden grapefruit*, tropicana grapefruit juice, golden grapefruit juice, grapefruit juice ~ juice',
  'Tropicana Mandarin Morning':
    'tropicana mandarin morning*, tropicana mandarin juice, mandarin juice, mandarin morning* ~ juice',

  // Household things, toys and tools: ordinary words for drawn products and for other catalogues
  Mug: 'mug, cup, coffee mug, tea cup, coffee cup ~ drinkware*',
  Teapot: 'teapot, tea pot, tea kettle ~ kitchenware*',
  Kettle: 'kettle, water kettle, electric kettle ~ kitchenware*',
  Bottle: 'bottle, water bottle, drinking bottle, flask',
  Vase: 'vase, flower vase ~ decoration',
  Bowl: 'bowl, dish, salad bowl, soup bowl ~ tableware*',
  Plate: 'plate, dinner plate, dish ~ tableware*',
  Glass: 'glass, drinking glass, tumbler, wine glass ~ drinkware*',
  Jug: 'jug, pitcher, milk jug, carafe',
  Pan: 'pan, frying pan, skillet ~ cookware*',
  Pot: 'pot, cooking pot, saucepan, casserole ~ cookware*',
  Spoon: 'spoon, tablespoon ~ cutlery*',
  Fork: 'fork, table fork ~ cutlery*',
  Knife: 'knife, kitchen knife ~ cutlery*',
  Lamp: 'lamp, table lamp, desk lamp, light ~ lighting*',
  'Light Bulb': 'light bulb, lightbulb, bulb',
  Candle: 'candle, wax candle ~ decoration',
  Chair: 'chair, dining chair, seat ~ furniture*',
  Armchair: 'armchair, easy chair ~ furniture*',
  Stool: 'stool, bar stool ~ furniture*',
  Table: 'table, dining table, desk ~ furniture*',
  Sofa: 'sofa, couch, settee ~ furniture*',
  Bed: 'bed, double bed ~ furniture*',
  Shelf: 'shelf, bookshelf, bookcase ~ furniture*',
  Clock: 'clock, wall clock, alarm clock',
  Mirror: 'mirror, wall mirror, looking glass',
  Pillow: 'pillow, cushion, throw pillow',
  Blanket: 'blanket, throw, bedspread',
  Rug: 'rug, carpet, mat',
  Basket: 'basket, wicker basket, storage basket',
  Bucket: 'bucket, pail',
  Box: 'box, carton, storage box',
  Bag: 'bag, shopping bag, carrier bag',
  Suitcase: 'suitcase, trolley case, luggage*, travel case',
  Book: 'book, paperback, hardback',
  Notebook: 'notebook, note pad, exercise book ~ stationery*',
  Pencil: 'pencil, drawing pencil ~ stationery*',
  Pen: 'pen, ballpoint pen, biro ~ stationery*',
  Scissors: 'scissors*, pair of scissors, shears*',
  Hammer: 'hammer, claw hammer ~ tool',
  Screwdriver: 'screwdriver, screw driver ~ tool',
  Spanner: 'spanner, wrench ~ tool',
  Saw: 'saw, hand saw ~ tool',
  Brush: 'brush, paint brush, paintbrush',
  Toothbrush: 'toothbrush, tooth brush',
  Comb: 'comb, hair comb',
  Soap: 'soap, bar of soap, hand soap',
  Towel: 'towel, bath towel, hand towel',
  Key: 'key, door key',
  Padlock: 'padlock, lock',
  Ball: 'ball, beach ball, toy ball ~ toy',
  Kite: 'kite, flying kite ~ toy',
  'Teddy Bear': 'teddy bear, teddy, soft toy, plush bear ~ toy',
  'Toy Car': 'toy car, model car ~ toy',
  Balloon: 'balloon, party balloon',
  Guitar: 'guitar, acoustic guitar ~ musical instrument',
  Drum: 'drum, snare drum ~ musical instrument',
  Camera: 'camera, photo camera, digital camera',
  Phone: 'phone, mobile phone, smartphone, cell phone, telephone',
  Laptop: 'laptop, notebook computer ~ computer',
  Headphones: 'headphones*, headset, earphones*',
  Television: 'television, tv, tv set',
  Bicycle: 'bicycle, bike, push bike, cycle',
  Helmet: 'helmet, bike helmet, safety helmet',
  Ring: 'ring, finger ring ~ jewellery*, jewelry*',
  Earrings: 'earrings*, ear rings*, pair of earrings ~ jewellery*, jewelry*',
  Necklace: 'necklace, neck chain, pendant ~ jewellery*, jewelry*',
  Glasses: 'glasses*, spectacles*, eyeglasses* ~ eyewear*',
  Boot: 'boot, ankle boot, rubber boot, wellington boot ~ footwear*',
  Boots: 'boots*, ankle boots*, rubber boots*, wellingtons* ~ footwear*',
  Coat: 'coat, overcoat, winter coat ~ outerwear*',
  Umbrella: 'umbrella, rain umbrella, brolly, parasol',
  Watch: 'watch, wristwatch, wrist watch ~ timepiece',
  Backpack: 'backpack, rucksack, school bag ~ bag',
  Handbag: 'handbag, purse, shoulder bag ~ bag',
  Sock: 'socks*, pair of socks, sock',
  Shoe: 'shoe, pair of shoes, sneaker ~ footwear*',
  Sneaker: 'sneaker, trainer, sports shoe, running shoe ~ shoe, footwear*',
  Jacket: 'jacket, coat, windbreaker ~ outerwear*',
  Sweater: 'sweater, jumper, pullover ~ top',
  Cap: 'cap, baseball cap, peaked cap ~ hat',
  Tie: 'tie, necktie, neck tie',
  Belt: 'belt, leather belt, waist belt',
  Wallet: 'wallet, billfold, purse',
  Scarf: 'scarf, winter scarf, knitted scarf',
  Apple: 'apple, red apple ~ fruit*',
  Pear: 'pear, green pear ~ fruit*',
  Cherry: 'cherry, pair of cherries ~ fruit*',
  Strawberry: 'strawberry, fresh strawberry ~ fruit*, berry',
  Grapes: 'grapes*, bunch of grapes ~ fruit*',
  Bread: 'bread*, loaf of bread, loaf',
  Cheese: 'cheese, piece of cheese ~ dairy*',
  Egg: 'egg, hen egg',
  Cake: 'cake, birthday cake, tart',
  'Ice Cream': 'ice cream, ice-cream cone, gelato ~ dessert',
  Plant: 'plant, pot plant, potted plant, house plant',
  'Plant Pot': 'plant pot, flower pot, flowerpot, planter',
  Cactus: 'cactus, potted cactus ~ plant',
  Flower: 'flower, blossom, bunch of flowers ~ plant',
  'Watering Can': 'watering can, garden can',
}

/** What a concept is called: its everyday names (first the most common one) and wider words. Singular unless noted. */
export type ConceptNames = { readonly names: readonly Noun[]; readonly wider: readonly Noun[] }

/** A name in both numbers; they are equal where the language makes no difference. */
export type Noun = { readonly singular: string; readonly plural: string }

/** "pair of socks" -> "pairs of socks", "watch" -> "watches", "body" -> "bodies". */
export function pluralOf(singular: string): string {
  const group = /^(\w+)( of .*)$/.exec(singular)
  if (group) return pluralOf(group[1]!) + group[2]!
  if (/(?:[^aeiou])y$/.test(singular)) return `${singular.slice(0, -1)}ies`
  if (/(?:s|x|z|ch|sh)$/.test(singular)) return `${singular}es`
  if (/(?:shelf|scarf|loaf|knife)$/.test(singular)) return singular.replace(/fe?$/, 'ves')
  if (/(?:potato|tomato|mango)$/.test(singular)) return `${singular}es`
  return `${singular}s`
}

function parseNouns(list: string | undefined): Noun[] {
  if (list === undefined) return []
  return list.split(',').map((entry) => {
    const word = entry.trim()
    if (word.endsWith('*')) return { singular: word.slice(0, -1), plural: word.slice(0, -1) }
    return { singular: word, plural: pluralOf(word) }
  })
}

const parsed = new Map<string, ConceptNames>()
for (const [concept, entry] of Object.entries(table)) {
  const [names, wider] = entry.split('~')
  parsed.set(concept.toLowerCase(), { names: parseNouns(names), wider: parseNouns(wider) })
}

/** The names of a concept; a concept that the table does not know is its own name. */
export function namesOf(concept: string): ConceptNames {
  const key = concept.toLowerCase()
  return parsed.get(key) ?? parsed.get(pluralOf(key)) ?? { names: parseNouns(key), wider: [] }
}

/** Every concept in the table, as written there. */
export const knownConcepts: readonly string[] = Object.keys(table)

const colourTable: Readonly<Record<string, readonly string[]>> = {
  black: ['jet black', 'deep black'],
  white: ['pure white', 'snow white'],
  grey: ['gray', 'light grey', 'mid grey', 'silver grey'],
  blue: ['mid blue', 'royal blue', 'light blue'],
  'navy blue': ['navy', 'dark blue', 'midnight blue'],
  brown: ['dark brown', 'chestnut', 'chocolate brown'],
  red: ['bright red', 'scarlet', 'crimson'],
  green: ['bright green', 'dark green'],
  purple: ['violet', 'lilac', 'plum'],
  pink: ['rose', 'light pink', 'hot pink'],
  maroon: ['dark red', 'wine red', 'burgundy'],
  beige: ['sand', 'light brown', 'cream'],
  yellow: ['bright yellow', 'lemon yellow'],
  silver: ['silvery', 'silver-coloured', 'metallic'],
  steel: ['stainless steel', 'silver', 'metallic', 'steel grey'],
  olive: ['olive green', 'army green', 'khaki green'],
  cream: ['off-white', 'ivory', 'cream-coloured'],
  orange: ['bright orange', 'tangerine'],
  gold: ['golden', 'gold-coloured', 'gold-toned'],
  tan: ['light brown', 'camel', 'cognac'],
  multicoloured: ['multicolored', 'multi-coloured', 'colourful', 'multi', 'rainbow'],
  khaki: ['khaki green', 'sand-coloured', 'beige'],
  charcoal: ['charcoal grey', 'dark grey', 'anthracite'],
  magenta: ['bright pink', 'fuchsia', 'hot pink'],
  'off white': ['off-white', 'ivory', 'cream'],
  lavender: ['light purple', 'lilac', 'mauve'],
  peach: ['peach-coloured', 'apricot', 'light orange'],
  copper: ['copper-coloured', 'reddish brown'],
  'coffee brown': ['coffee', 'dark brown', 'brown'],
  teal: ['blue-green', 'petrol', 'dark turquoise'],
  'turquoise blue': ['turquoise', 'aqua', 'cyan'],
  turquoise: ['turquoise blue', 'aqua', 'cyan'],
  mustard: ['mustard yellow', 'dark yellow', 'ochre'],
  burgundy: ['wine red', 'dark red', 'maroon'],
  rust: ['rust-coloured', 'rusty orange', 'reddish brown'],
  taupe: ['grey-brown', 'mole'],
  bronze: ['bronze-coloured', 'metallic brown'],
  'fluorescent green': ['neon green', 'bright green', 'lime green'],
  'lime green': ['neon green', 'light green', 'lime'],
  skin: ['nude', 'skin-coloured', 'flesh-coloured'],
  'grey melange': ['heather grey', 'mottled grey', 'gray melange'],
  'sea green': ['aqua green', 'blue-green'],
  metallic: ['shiny', 'metal'],
  nude: ['skin-coloured', 'beige'],
  rose: ['pink', 'rosy'],
  mauve: ['light purple', 'lilac'],
}

/** Other words for a colour; empty for a colour that the table does not know. */
export function colourSynonyms(colour: string): readonly string[] {
  return colourTable[colour.toLowerCase()] ?? []
}

/** Every colour word in the table, synonyms included. */
export const knownColours: readonly string[] = [
  ...new Set(Object.entries(colourTable).flatMap(([colour, others]) => [colour, ...others])),
]

/** Other words for the values of product attributes, by attribute value. */
export const attributeWords: Readonly<Record<string, readonly string[]>> = {
  striped: ['striped', 'stripy', 'with stripes', 'stripe'],
  check: ['checked', 'check', 'checkered', 'plaid', 'tartan'],
  printed: ['printed', 'graphic', 'patterned', 'print'],
  solid: ['solid', 'plain', 'solid colour', 'unpatterned'],
  plain: ['plain', 'solid', 'simple'],
  washed: ['washed', 'stonewashed', 'faded'],
  floral: ['floral', 'flowered', 'flowery', 'flower print'],
  embroidered: ['embroidered', 'stitched'],
  dotted: ['dotted', 'polka dot', 'spotted', 'with dots'],
  leather: ['leather'],
  'faux leather': ['faux leather', 'imitation leather', 'leatherette'],
  knitted: ['knitted', 'knit', 'woollen'],
  cotton: ['cotton'],
  canvas: ['canvas'],
  denim: ['denim', 'jean'],
  polo: ['polo', 'polo neck', 'collared'],
  'slim fit': ['slim fit', 'slim', 'fitted'],
  analogue: ['analogue', 'analog'],
  running: ['running', 'jogging'],
  chronograph: ['chronograph'],
  sleeveless: ['sleeveless', 'without sleeves'],
  digital: ['digital'],
  hooded: ['hooded', 'with hood'],
  reversible: ['reversible'],
  'v-neck': ['v-neck', 'v neck'],
  'round neck': ['round neck', 'crew neck'],
  casual: ['casual', 'everyday', 'relaxed'],
  formal: ['formal', 'smart', 'business', 'office'],
  sports: ['sports', 'sporty', 'athletic', 'gym'],
  ethnic: ['ethnic', 'traditional', 'indian'],
  'smart casual': ['smart casual', 'smart'],
  travel: ['travel'],
}

/** Words for whom a product is made, as they stand before the noun, by the `audience` attribute. */
export const audienceWords: Readonly<Record<string, readonly string[]>> = {
  men: ["men's", 'mens', 'men', 'male', "gentlemen's", "man's"],
  women: ["women's", 'womens', 'women', 'ladies', 'female', "woman's"],
  'men and women': ['unisex', "men's and women's"],
  kids: ["kids'", 'kids', "children's", "child's"],
  boys: ["boys'", 'boys', "boy's"],
  girls: ["girls'", 'girls', "girl's"],
  adults: ['adult', "adults'"],
}
