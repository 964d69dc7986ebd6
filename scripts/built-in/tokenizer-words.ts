/** Ordinary English words of shops and catalogues, so that the vocabulary knows more than the training captions say. */
const text = `
a an the and or of in on at for with without from to by near under over behind between into this that these those it is are
small large big tiny huge medium mini long short tall wide narrow thin thick round square oval flat deep shallow heavy light
new old used vintage modern classic retro trendy cheap expensive premium luxury basic simple fancy elegant cute pretty nice beautiful
soft hard rough smooth shiny matte glossy transparent clear dark bright pale neon pastel metallic colourful colorful
cotton wool silk linen polyester nylon leather suede denim velvet satin lace fleece fur canvas rubber plastic metal steel iron
wood wooden bamboo glass ceramic porcelain paper cardboard stone marble gold silver copper brass bronze
striped checked plaid dotted floral printed plain patterned embroidered quilted pleated ribbed knitted woven camouflage tartan logo stripes dots
red green blue yellow orange purple pink brown black white grey gray beige navy maroon olive teal turquoise magenta violet lilac
cream ivory khaki tan camel burgundy crimson scarlet indigo cyan aqua mint lime peach coral salmon mustard rust charcoal
men women man woman boy girl boys girls kids kid children child baby babies toddler adult adults unisex ladies gentlemen teen
shirt shirts dress dresses skirt skirts trousers pants jeans shorts jacket jackets coat coats sweater sweaters jumper jumpers hoodie
hoodies cardigan cardigans vest vests suit suits blazer blazers blouse blouses top tops tee tees shoe shoes boot boots sneaker
sneakers trainer trainers sandal sandals slipper slippers heel heels loafer loafers sock socks hat hats cap caps beanie scarf scarves
glove gloves belt belts tie ties bag bags handbag handbags backpack backpacks rucksack purse purses wallet wallets watch watches
ring rings necklace necklaces bracelet bracelets earring earrings glasses sunglasses umbrella umbrellas pyjamas swimsuit bikini robe
apron uniform costume underwear bra sleeve sleeves collar collared pocket pockets button buttons zip zipper hood lace laces sole buckle strap
handle lid rim spout lens dial pattern print design style fit size colour color fabric material brand label price sale pack set pair piece
mug cup cups teapot kettle bottle bottles vase vases bowl bowls plate plates jug pitcher pan pot pots spoon fork knife knives cutlery
lamp lamps candle candles chair chairs table tables sofa couch bed shelf shelves cabinet wardrobe desk stool bench clock mirror
pillow cushion blanket towel rug carpet curtain basket bucket box boxes bin tray rack hook frame picture poster painting
book books notebook pencil pencils pen pens crayon ruler scissors stapler paper envelope calendar hammer screwdriver wrench spanner saw drill
nail screw ladder shovel rake hose brush broom mop sponge soap shampoo toothbrush toothpaste comb razor perfume deodorant cream lipstick
key keys lock padlock ball balls doll robot kite puzzle dice balloon teddy bear toy toys train car truck bus plane boat rocket bicycle bike
scooter helmet skateboard racket bat football basketball tennis guitar drum piano violin trumpet flute camera phone tablet laptop computer
keyboard mouse screen television speaker headphones charger cable battery plug bulb torch fan heater oven fridge toaster blender mixer iron
apple apples pear pears orange oranges lemon lemons lime limes banana bananas grape grapes cherry cherries strawberry strawberries
blueberry raspberry melon watermelon peach plum mango papaya pineapple kiwi avocado coconut fig date apricot grapefruit mandarin tangerine
clementine satsuma pomegranate carrot carrots potato potatoes tomato tomatoes onion onions garlic ginger leek cabbage lettuce spinach
broccoli cauliflower celery cucumber zucchini courgette aubergine eggplant pumpkin squash pepper peppers mushroom mushrooms corn pea peas bean
beans beet beetroot radish turnip asparagus artichoke herb basil parsley mint rice pasta noodles flour sugar salt oil vinegar honey
jam sauce soup bread rolls cake cakes biscuit cookies chocolate candy ice snack crisps nuts egg eggs cheese butter milk yoghurt yogurt
sour juice water tea coffee soda beer wine oat soy almond vanilla natural organic ecological fresh frozen ripe raw dried canned
carton tin jar can tube bunch slice half whole loose fruit fruits vegetable vegetables dairy drink drinks food grocery meat fish chicken
video clip film scene shot photo picture image close up front back side top view rotating spinning turning moving falling opening closing
hand hands person people model wearing holding using showing standing sitting walking running pouring cutting lying hanging table floor wall
background indoors outdoors kitchen bathroom bedroom office garden street beach shop store supermarket market studio home summer winter spring
autumn rain snow sun sport sports casual formal party wedding work travel school gym yoga hiking camping outdoor everyday
looking find search show want need like please something anything item items product products thing things gift present
inspired collection series edition line range original special limited popular best seller quality comfortable warm cool cosy waterproof foldable
portable adjustable reusable washable stretch slim regular loose fitted oversized cropped sleeveless hooded high low mid waist ankle knee neck crew
plant plants cactus flower flowers rose tulip tree leaf leaves cat dog bird rabbit elephant lion star heart moon sun cloud rainbow
stationery furniture jewellery jewelry clothing clothes footwear headwear eyewear accessories accessory tableware cookware drinkware bedding lighting
`

export const catalogueWords: readonly string[] = [...new Set(text.trim().split(/\s+/))]
