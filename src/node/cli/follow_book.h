/* What a light client has verified so far, on disk: it goes on there, and what it has seen it can
 * prove. Two files:
 *
 *   PATH          {"format":"dirchain-follow/2","genesis","first","height","hash","headers",
 *                  "history":[…],"nodes":[{"url","height"}]}, replaced atomically after each step.
 *                 "first" is the first height kept: 1, or that of a trusted checkpoint with the
 *                 validator history before it; "headers" is SHA-256 of every byte of the other file
 *                 but the lengths, record by record (the digest of those before ‖ the record, from
 *                 zeros); "nodes" is the highest block that each node has ever shown.
 *   PATH.headers  every certified header from "first" on, appended and synced before PATH says so:
 *                 u32 length ‖ header ‖ certificate ‖ (validator set, where the header names
 *                 another one). Whatever lies beyond PATH's height is cut off.
 *
 * Opening reads all headers, follows their hashes and sets, and compares all with PATH. A PATH of
 * form dirchain-follow/1, which had no "headers", is taken and written anew in this form.
 * Signatures were verified before a header came in; they are verified again where they are used as
 * evidence. The lock on PATH.headers keeps a second process out. */
#ifndef DIRCHAIN_NODE_CLI_FOLLOW_BOOK_H
#define DIRCHAIN_NODE_CLI_FOLLOW_BOOK_H

#include "chain/light.h"

struct follow_book;

/* Opens or begins; leaves nothing behind where it refuses. ERR_FOLLOW_FORM (no state file),
 * ERR_FOLLOW_GENESIS (another chain's), ERR_FOLLOW_STATE (one of the two is damaged or missing),
 * ERR_BUSY, ERR_IO and the like. Faults name the file. */
int follow_book_open(struct follow_book **out, struct faults *faults, const char *path,
                     const struct doc *genesis, const struct hash *genesis_hash);
void follow_book_close(struct follow_book **book);

const struct light *follow_book_light(const struct follow_book *book);
uint64_t follow_book_height(const struct follow_book *book); /* 0: nothing yet */
uint64_t follow_book_first(const struct follow_book *book);  /* lowest height kept */
/* Steps to other sets up to the newest height. */
const struct doc *follow_book_history(const struct follow_book *book);

/* An empty book begins at a trusted block: `light` stands there, `history` leads to it. */
int follow_book_begin_at(struct follow_book *book, const struct light *light,
                         const struct light_item *item, const struct doc *history);
/* Verified headers that follow; `light` stands at the last. ERR_IO, ERR_DISK_FULL. */
int follow_book_append(struct follow_book *book, const struct light_item *items, size_t count,
                       const struct light *light);
/* A header kept. ERR_NOT_FOUND, ERR_FOLLOW_STATE, ERR_IO. */
int follow_book_read(struct light_item *out, const struct follow_book *book, uint64_t height);

uint64_t follow_book_node(const struct follow_book *book, const char *url); /* 0: never seen */
void follow_book_set_node(struct follow_book *book, const char *url, uint64_t height);
/* Replaces PATH if anything has changed. */
int follow_book_save(struct follow_book *book);

#endif
