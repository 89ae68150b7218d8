"""Ways in for what colleagues bring: clue sheets, JSON lines, ZIP files of screenshots; read here, appended by `humiao.ingest`."""
