"""The demo company: Meridian Works, a believable organization on six continents."""
