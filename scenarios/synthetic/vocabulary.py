"""The words that fill a synthetic company's tables, with how often and how much."""

from __future__ import annotations

from itertools import combinations

INDUSTRIES = (
    "software", "manufacturing", "healthcare", "finance", "retail", "logistics", "energy",
    "education", "public sector", "telecom",
)  # fmt: skip
INDUSTRY_SHARES = (0.17, 0.14, 0.12, 0.12, 0.11, 0.09, 0.08, 0.06, 0.06, 0.05)

PRODUCTS = ("analytics", "platform", "security", "integration", "mobile", "services")
PRODUCT_SHARES = (0.22, 0.24, 0.16, 0.14, 0.14, 0.10)
PRODUCT_AMOUNTS = (14_000.0, 26_000.0, 19_000.0, 11_000.0, 6_000.0, 8_000.0)
"""Median amount of a grade B deal, in the currency."""

SKILLS = (
    "enterprise", "technical", "security", "migration", "compliance", "partner", "tender",
    "renewal",
)  # fmt: skip
NEEDS: tuple[tuple[int, ...], ...] = (
    (),
    *((skill,) for skill in range(len(SKILLS))),
    *combinations(range(len(SKILLS)), 2),
)
"""Every list of skills that a lead may ask for, as indexes; it asks for two at most."""

GRADES = ("A", "B", "C")
GRADE_SHARES = (0.15, 0.35, 0.50)
GRADE_LEVELS = (3, 2, 0)
"""Least level of the rep for each grade; the policy's rule `level` says the same."""
GRADE_AMOUNTS = (2.6, 1.0, 0.45)
GRADE_EFFORTS = (1.5, 1.1, 0.8)
GRADE_WIN_CHANCES = (1.3, 1.0, 0.75)

STAGES = ("new", "contacted", "qualified", "proposal", "negotiation")
STAGE_SHARES = (0.30, 0.27, 0.21, 0.14, 0.08)
STAGE_EFFORTS = (0.7, 0.85, 1.0, 1.35, 1.6)
STAGE_WIN_CHANCES = (0.10, 0.16, 0.27, 0.42, 0.60)

SOURCES = ("website", "referral", "event", "outbound", "partner", "advertising")
SOURCE_SHARES = (0.30, 0.14, 0.14, 0.22, 0.10, 0.10)

FIXED_REASONS = ("named account", "asked for by the customer", "renewal under way")
FORBIDDEN_REASONS = ("conflict of interest", "customer complaint", "former employer")

FIRST_NAMES = (
    "Ada", "Amir", "Anna", "Ben", "Carla", "Chen", "Clara", "Daniel", "Elif", "Emma", "Erik",
    "Fatima", "Felix", "Grace", "Hana", "Hugo", "Ines", "Ivan", "Jonas", "Julia", "Kenji", "Lena",
    "Liam", "Lucia", "Maria", "Mateo", "Mei", "Mila", "Nadia", "Nils", "Nora", "Olga", "Omar",
    "Paul", "Priya", "Rosa", "Sam", "Sofia", "Tariq", "Tom", "Vera", "Yara", "Zoe",
)  # fmt: skip
LAST_NAMES = (
    "Andersen", "Bauer", "Brown", "Costa", "Dubois", "Evans", "Fischer", "Garcia", "Haas", "Ito",
    "Jansen", "Kaya", "Khan", "Kim", "Kumar", "Laine", "Lopez", "Martin", "Meyer", "Moreau",
    "Murphy", "Nguyen", "Nowak", "Okafor", "Olsen", "Patel", "Pereira", "Reed", "Ricci", "Rossi",
    "Sato", "Schmid", "Silva", "Singh", "Smith", "Svensson", "Tanaka", "Torres", "Virtanen",
    "Wang", "Weber", "Wright", "Young",
)  # fmt: skip

COMPANY_FIRST_WORDS = (
    "Alder", "Amber", "Arrow", "Atlas", "Beacon", "Birch", "Blue", "Bright", "Canyon", "Cedar",
    "Clear", "Cobalt", "Copper", "Coral", "Crane", "Crest", "Delta", "Eagle", "East", "Ember",
    "Falcon", "Fern", "First", "Forest", "Garnet", "Golden", "Granite", "Green", "Grove", "Hazel",
    "Heron", "High", "Iron", "Ivory", "Jade", "Juniper", "Lake", "Lark", "Linden", "Lunar",
    "Maple", "Marble", "Meadow", "Mill", "Noble", "North", "Oak", "Ocean", "Olive", "Onyx",
    "Orchid", "Pearl", "Pine", "Polar", "Prime", "Quartz", "Raven", "Red", "River", "Sage",
    "Silver", "Solar", "South", "Spruce", "Stone", "Summit", "Swift", "Terra", "Vale", "West",
    "Willow",
)  # fmt: skip
COMPANY_SECOND_WORDS = (
    "bay", "bridge", "brook", "cliff", "coast", "cove", "creek", "dale", "dock", "edge", "field",
    "ford", "gate", "glen", "harbor", "haven", "hill", "hollow", "house", "isle", "land", "leaf",
    "light", "line", "mark", "mont", "moor", "mount", "park", "path", "peak", "point", "pond",
    "port", "quay", "reach", "ridge", "rock", "root", "sand", "shore", "side", "spring", "star",
    "stead", "stream", "tide", "tower", "trail", "view", "ville", "wall", "water", "way", "well",
    "wind", "wold", "wood", "works",
)  # fmt: skip
COMPANY_LAST_WORDS = (
    "Analytics", "Capital", "Care", "Foods", "Group", "Health", "Industries", "Labs", "Logistics",
    "Media", "Partners", "Power", "Retail", "Systems", "Technologies", "Trading", "Works",
)  # fmt: skip
