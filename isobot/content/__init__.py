"""The texts that patients read, as data: topics, sources, countries, and what each text must satisfy."""
