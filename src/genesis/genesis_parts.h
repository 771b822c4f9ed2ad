/* What making and verifying a genesis share. Only genesis*.c include this. */
#ifndef DIRCHAIN_GENESIS_GENESIS_PARTS_H
#define DIRCHAIN_GENESIS_GENESIS_PARTS_H

#include "base/doc.h"

#define GENESIS_FORMAT "dirchain-genesis/1"
#define GENESIS_CALENDARS_MAX 64

/* The join request of a member, or NULL. */
const struct doc *genesis_find_member(const struct doc *members, const char *id);
/* The center's admin key that a key id names; NULL if the id names no such key. */
const struct doc *genesis_find_admin(const struct doc *genesis, const char *kid);

#endif
