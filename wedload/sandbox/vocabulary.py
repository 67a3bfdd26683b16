"""The words the generated catalogue is made of. No supplier named here exists.

The cities are real, so that distances look right; everything placed in them is generated.
"""

from __future__ import annotations

CITIES: tuple[tuple[str, float, float], ...] = (
    ("London", 51.507, -0.128),
    ("Birmingham", 52.480, -1.903),
    ("Manchester", 53.481, -2.242),
    ("Leeds", 53.801, -1.549),
    ("Glasgow", 55.864, -4.252),
    ("Edinburgh", 55.953, -3.188),
    ("Liverpool", 53.408, -2.991),
    ("Bristol", 51.455, -2.588),
    ("Sheffield", 53.381, -1.470),
    ("Cardiff", 51.481, -3.179),
    ("Belfast", 54.597, -5.930),
    ("Leicester", 52.637, -1.140),
    ("Nottingham", 52.955, -1.158),
    ("Newcastle", 54.978, -1.618),
    ("Brighton", 50.823, -0.137),
    ("Plymouth", 50.376, -4.143),
    ("Southampton", 50.910, -1.404),
    ("Norwich", 52.631, 1.297),
    ("Oxford", 51.752, -1.258),
    ("Cambridge", 52.205, 0.122),
    ("York", 53.960, -1.087),
    ("Bath", 51.376, -2.360),
    ("Exeter", 50.718, -3.534),
    ("Aberdeen", 57.149, -2.094),
    ("Inverness", 57.478, -4.225),
    ("Swansea", 51.621, -3.944),
    ("Chester", 53.193, -2.893),
    ("Canterbury", 51.280, 1.079),
    ("Dublin", 53.350, -6.260),
    ("Cork", 51.897, -8.470),
    ("Galway", 53.271, -9.049),
    ("Paris", 48.857, 2.352),
    ("Amsterdam", 52.368, 4.904),
    ("Brussels", 50.850, 4.352),
    ("Berlin", 52.520, 13.405),
    ("Vienna", 48.208, 16.373),
    ("Lisbon", 38.722, -9.139),
    ("Barcelona", 41.385, 2.173),
    ("Florence", 43.770, 11.256),
    ("Copenhagen", 55.676, 12.568),
)

CATEGORIES = (
    "venue",
    "photography",
    "videography",
    "catering",
    "florist",
    "music",
    "cake",
    "dress",
    "hair-and-make-up",
    "planner",
    "stationery",
    "transport",
)

STYLES = (
    "classic",
    "rustic",
    "modern",
    "bohemian",
    "vintage",
    "romantic",
    "glamorous",
    "minimalist",
    "documentary",
    "fine-art",
    "garden",
    "coastal",
)

FIRST_NAMES = (
    "Willow",
    "Juniper",
    "Ivory",
    "Clover",
    "Amber",
    "Linden",
    "Poppy",
    "Hazel",
    "Fern",
    "Marigold",
    "Rowan",
    "Heather",
    "Primrose",
    "Bramble",
    "Copper",
    "Meadow",
    "Saffron",
    "Thistle",
    "Velvet",
    "Wren",
)

SECOND_NAMES = (
    "Finch",
    "Lantern",
    "Oak",
    "Bloom",
    "Feather",
    "Harbour",
    "Lace",
    "Moon",
    "Orchard",
    "Pearl",
    "Ribbon",
    "Sparrow",
    "Stone",
    "Tide",
    "Vale",
    "Wick",
)

TRADES = {
    "venue": "Barn",
    "photography": "Photography",
    "videography": "Films",
    "catering": "Kitchen",
    "florist": "Flowers",
    "music": "Quartet",
    "cake": "Bakery",
    "dress": "Bridal",
    "hair-and-make-up": "Beauty",
    "planner": "Events",
    "stationery": "Press",
    "transport": "Carriages",
}

PRAISE = (
    "award winning",
    "family run",
    "relaxed and unobtrusive",
    "friendly and experienced",
    "handmade with care",
    "locally sourced",
    "loved for natural light",
    "known for calm planning",
)

OFFERS = (
    "intimate ceremonies",
    "large receptions",
    "outdoor weddings",
    "winter celebrations",
    "multi day festivals",
    "vegan menus",
    "candlelit evenings",
    "seaside parties",
    "city elopements",
    "countryside weekends",
)

PACKAGES = ("Essential", "Signature", "Complete")

# What a supplier of the category asks for its smallest package, roughly, in whole pounds.
TYPICAL_PRICE = {
    "venue": 4_000,
    "photography": 1_200,
    "videography": 1_300,
    "catering": 2_500,
    "florist": 700,
    "music": 800,
    "cake": 350,
    "dress": 1_100,
    "hair-and-make-up": 300,
    "planner": 1_800,
    "stationery": 250,
    "transport": 450,
}
