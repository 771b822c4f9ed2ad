/* What a configuration must hold besides keys and types. Every fault's field is "LINE: KEY", or
 * "LINE: KEY: what is expected or was found". */
#ifndef DIRCHAIN_NODE_CONFIG_CHECK_H
#define DIRCHAIN_NODE_CONFIG_CHECK_H

#include "base/faults.h"
#include "node/config.h"

/* Plain text in UTF-8 and one document: what follows it would be read by nobody.
 * ERR_CONFIG_ENCODING, ERR_CONFIG_DOCUMENTS. */
int config_check_documents(struct faults *faults, struct view text);
/* Fills the numbers, judges the values; `text` is the file, for the lines. The first error. */
int config_check_values(struct faults *faults, struct config *config, struct view text);

#endif
