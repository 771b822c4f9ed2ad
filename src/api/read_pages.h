/* Pages of the read model's file, each with a checksum. */
#ifndef DIRCHAIN_API_READ_PAGES_H
#define DIRCHAIN_API_READ_PAGES_H

/* The name of a file system for SQLite whose main files have a checksum at the end of each page. */
const char *read_pages_system(void);

struct sqlite3;
/* Leaves room for it; before the first page of a new file is written. Returns what SQLite says. */
int read_pages_reserve(struct sqlite3 *db);

#endif
