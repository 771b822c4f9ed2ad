/* What the files of dcat share with each other; others include dcat.h. */
#ifndef DIRCHAIN_EXCHANGE_DCAT_PARTS_H
#define DIRCHAIN_EXCHANGE_DCAT_PARTS_H

#include "exchange/dcat.h"

/* Everything that DCAT's own words say of a dataset, as an entry; faults and what was adapted go to
 * the draft. The caller owns the result. */
struct doc *dcat_derive(struct dcat_draft *draft, const struct doc *dataset);

void dcat_adapt(struct dcat_draft *draft, const char *field, const char *from, const char *to);
/* A property that must be a text if it is there; NULL if it is not, or is empty. */
const char *dcat_text_of(struct dcat_draft *draft, const struct doc *dataset, const char *name);
void dcat_set_text(struct doc *object, const char *name, const char *text); /* NULL: nothing */

#endif
