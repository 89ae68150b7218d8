"""The crawl stage against real forum and blog software that runs on this machine."""
