/* All transaction types, in byte order of their names. */
#include "chain/rules/registry.h"

const struct tx_type *const rules_types[] = {NULL};
const size_t rules_type_count = 0;
