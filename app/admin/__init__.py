"""Pages of administrators; they compose what other domains own."""
