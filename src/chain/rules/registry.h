/* The list of all transaction types. Each rules file defines its types as tables; registry.c puts
 * them in one array, in byte order of their names, so that schema_find can search by halves. */
#ifndef DIRCHAIN_CHAIN_RULES_REGISTRY_H
#define DIRCHAIN_CHAIN_RULES_REGISTRY_H

#include "chain/schema.h"

extern const struct tx_type *const rules_types[]; /* strictly ascending by name */
extern const size_t rules_type_count;

#endif
