"""The crawl stage: public pages in, posts out."""
