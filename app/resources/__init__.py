"""Files and links that groups keep."""
