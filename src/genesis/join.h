/* Join requests: how an agency asks to become a member. Made on the agency's machine, signed by its
 * chief key and its vote key, collated by the center. Form: docs/spec/genesis.md. */
#ifndef DIRCHAIN_GENESIS_JOIN_H
#define DIRCHAIN_GENESIS_JOIN_H

#include "base/doc.h"
#include "base/faults.h"
#include "base/keyfile.h"

/* Checks form, 统一社会信用代码, keys (valid, distinct, a chief among them) and both signatures;
 * all faults at once. ERR_JOIN in general, ERR_USCC_*, ERR_FIELD_*, ERR_SIGNATURE in particular. */
int join_verify(struct faults *faults, const struct doc *request);

/* Completes an unsigned request (all fields but the signatures) and signs it with the opened chief
 * and vote keys. Verifies its own result. */
int join_sign(struct doc *request, struct faults *faults, const struct keyfile *chief,
              const struct keyfile *vote);

#endif
