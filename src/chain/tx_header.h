/* The protected header of a transaction, and the forms of the names it is made of. Shared by the
 * files that read and write transactions. */
#ifndef DIRCHAIN_CHAIN_TX_HEADER_H
#define DIRCHAIN_CHAIN_TX_HEADER_H

#include "base/bytes.h"
#include "base/faults.h"
#include "base/limits.h"

#include <stdbool.h>

#define TX_ALG "ES256K"
#define TX_TYP "dirchain-tx+json"

struct tx_header {
    char member[MEMBER_ID_CHARS + 1];
    char key_name[KEY_NAME_CHARS_MAX + 1];
};

/* Reads {"alg","kid","typ"} in any order, and nothing else. ERR_JSON_*, ERR_TX_HEADER (a member
 * too many or missing), ERR_TX_ALG, ERR_TX_TYP, ERR_TX_KID, ERR_USCC_*; all of them as faults. */
int tx_header_parse(struct tx_header *out, struct faults *faults, struct view json);

bool tx_key_name_valid(struct view name); /* [a-z0-9-]{1,32} */
int tx_nonce_check(const char *nonce);    /* [A-Za-z0-9_-]{8,64}: ERR_FIELD_LENGTH, _FORMAT */

#endif
