"""Words of the invented village: clubs, the habits that go with them, hamlets, first names. All made up."""

from __future__ import annotations

CLUBS: dict[str, tuple[str, ...]] = {
    "Choir": (
        "reads music", "sings in the shower", "owns a tuning fork", "went to a concert this year",
        "plays the piano", "hums while working", "collects records", "knows a psalm by heart",
        "likes harmony", "has a low voice", "has a high voice", "conducts with a pencil",
    ),
    "Football club": (
        "owns football boots", "watches every match", "has had a knee operation", "runs in the morning",
        "knows the offside rule", "wears the club scarf", "coaches children", "drives to away games",
        "collects stickers", "shouts at the television", "keeps goal", "likes mud",
    ),
    "Fire brigade": (
        "sleeps with a pager", "has a first-aid badge", "can drive a lorry", "climbs ladders",
        "tests smoke alarms", "owns a heavy torch", "knows all hydrants", "grills at the summer fair",
        "repairs engines", "is calm in emergencies", "wears work boots", "rings the siren",
    ),
    "Garden society": (
        "grows tomatoes", "keeps bees", "makes jam", "owns a greenhouse", "swaps seeds", "talks to plants",
        "composts", "prunes roses", "knows Latin plant names", "fights snails", "wears a straw hat",
        "sells at the market",
    ),
    "Chess circle": (
        "owns a chess clock", "solves puzzles at breakfast", "knows the Sicilian", "plays by post",
        "writes computer programs", "thinks for hours", "drinks black coffee", "reads tournament reports",
        "plays go as well", "forgets the time", "offers draws", "analyses lost games",
    ),
    "Theatre group": (
        "learns lines on the bus", "owns a wig", "paints scenery", "sews costumes", "speaks in verse",
        "imitates neighbours", "whispers prompts", "has stage fright", "reads plays", "loves applause",
        "builds props", "dances badly on purpose",
    ),
}  # fmt: skip
"""Club -> habits that its members tick more often than others."""

EVERYDAY = (
    "owns a dog", "owns a cat", "rides a bicycle", "takes the bus to town", "bakes bread", "reads the local paper",
    "has children", "grew up here", "moved here recently", "works in town", "works from home", "is retired",
    "goes to school", "likes cheese", "skips breakfast", "has a fireplace", "keeps chickens", "swims in the lake",
    "hikes on Sundays", "owns a tractor", "knits", "fishes", "gets up early", "stays up late",
)  # fmt: skip
"""Habits that have nothing to do with clubs."""

HAMLETS = ("Mill Lane", "Upper Field", "Church Hill", "Lakeside", "Old Forge")

FIRST_NAMES = (
    "Ada", "Ben", "Cora", "Dan", "Edda", "Finn", "Greta", "Hugo", "Ida", "Jon", "Kaja", "Leo", "Mara", "Nils", "Ona",
    "Pau", "Rosa", "Sven", "Tilda", "Ugo", "Vera", "Wim", "Xenia", "Yann", "Zora", "Arlo", "Britt", "Caio", "Dora",
    "Emil",
)  # fmt: skip
SURNAMES = (
    "Acker", "Brook", "Carver", "Dale", "Elder", "Fisher", "Grove", "Heath", "Ivers", "Jolly", "Kettle", "Lark",
)  # fmt: skip
