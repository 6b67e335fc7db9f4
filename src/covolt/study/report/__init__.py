"""The report: one page that an engineer, a director and an approval officer each find their answer in."""
