"""The core of the house: what every system needs and none owns. Knows neither Django nor any system."""
