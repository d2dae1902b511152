"""The core of the house: what every system needs and none owns. Knows no Django and no system."""
